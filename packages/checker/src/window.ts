import { type Budget, hold } from './budget.ts'
import type { AveragePool, Conv, Layer, MaxPool, Network } from './problem.ts'

/** Channels times height times width numbers, channel by channel and row by row; a list of k numbers has shape k, 1, 1. */
export type Shape = { readonly channels: number; readonly height: number; readonly width: number }

export const positionsOf = (shape: Shape): number => shape.height * shape.width
export const sizeOf = (shape: Shape): number => shape.channels * positionsOf(shape)

type WindowLayer = Conv | AveragePool | MaxPool

const paddingOf = (layer: WindowLayer): Conv['padding'] => (layer.kind === 'conv' ? layer.padding : [0, 0, 0, 0])

const steps = (length: number, size: number, stride: number): number => Math.floor((length - size) / stride) + 1

/** The shape of what a layer gives; undefined when its window is larger than the padded image. */
export const shapeAfter = (layer: Layer, shape: Shape): Shape | undefined => {
  switch (layer.kind) {
    case 'two-slope':
    case 'quadratic':
    case 'smooth':
      return shape
    case 'dense':
      return { channels: layer.outputs, height: 1, width: 1 }
    case 'flatten':
      return { channels: sizeOf(shape), height: 1, width: 1 }
    case 'conv':
    case 'average-pool':
    case 'max-pool': {
      const [top, left, bottom, right] = paddingOf(layer)
      const height = steps(shape.height + top + bottom, layer.size[0], layer.stride[0])
      const width = steps(shape.width + left + right, layer.size[1], layer.stride[1])
      if (height < 1 || width < 1) return undefined
      return { channels: layer.kind === 'conv' ? layer.outputs : shape.channels, height, width }
    }
  }
}

/** The shape of what every layer is applied to, layer by layer; then that of the outputs. */
export const shapesThrough = (network: Network): readonly Shape[] => {
  const shapes = [network.image ?? { channels: network.inputs, height: 1, width: 1 }]
  for (const layer of network.layers) {
    const before = shapes[shapes.length - 1]
    // Reading a network has made sure that every window fits.
    shapes.push(shapeAfter(layer, before) ?? before)
  }
  return shapes
}

/** For every output position, from top left to bottom right, and every tap of the window the input position; -1 in the padding. */
export type Windows = readonly (readonly number[])[]

export const windowsOf = (layer: WindowLayer, shape: Shape, after: Shape, budget: Budget): Windows => {
  hold(budget, [after.height, after.width, ...layer.size], 32)
  const [top, left] = paddingOf(layer)
  const [rows, columns] = layer.size
  return Array.from({ length: positionsOf(after) }, (_, position) => {
    const y = Math.floor(position / after.width) * layer.stride[0] - top
    const x = (position % after.width) * layer.stride[1] - left
    return Array.from({ length: rows * columns }, (_, tap) => {
      const row = y + Math.floor(tap / columns)
      const column = x + (tap % columns)
      const inside = row >= 0 && row < shape.height && column >= 0 && column < shape.width
      return inside ? row * shape.width + column : -1
    })
  })
}

/** What a convolution sees at every output position: channel by channel, tap by tap. */
export const patchesOf = <Entry>(
  row: readonly Entry[],
  windows: Windows,
  shape: Shape,
  outside: Entry
): readonly (readonly Entry[])[] => {
  const positions = positionsOf(shape)
  return windows.map((window) =>
    Array.from({ length: shape.channels }, (_, channel) =>
      window.map((position) => (position < 0 ? outside : row[channel * positions + position]))
    ).flat()
  )
}

/** Values given position by position, then channel by channel, in the order channel by channel, then position by position. */
export const byChannel = <Entry>(byPosition: readonly (readonly Entry[])[]): readonly Entry[] =>
  byPosition[0].flatMap((_, channel) => byPosition.map((values) => values[channel]))
