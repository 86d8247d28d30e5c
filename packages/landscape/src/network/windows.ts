import { type Layer, type Network, shapesThrough } from './network.ts'

/** [channels, height, width]; a list of k numbers counts as k channels of height and width 1. */
export type ImageShape = readonly [number, number, number]

export type WindowLayer = Extract<Layer, { kind: 'conv' | 'average-pool' | 'max-pool' }>

export const asImage = (shape: readonly number[]): ImageShape =>
  shape.length === 3 ? (shape as unknown as ImageShape) : [shape.reduce((a, b) => a * b, 1), 1, 1]

export const positionsOf = ([, height, width]: ImageShape): number => height * width

/** The shape of what every layer is applied to, and of the outputs, as images. @throws Error where layers do not fit */
export const imageShapes = (network: Network): readonly ImageShape[] =>
  [network.inputs, ...shapesThrough(network)].map(asImage)

/** For every output position, row by row, the input position of every tap of the window; -1 in the padding. */
export function windowsOf(layer: WindowLayer, before: ImageShape, after: ImageShape): readonly (readonly number[])[] {
  const [, height, width] = before
  const [top, left] = layer.kind === 'conv' ? layer.padding : [0, 0]
  const windows: number[][] = []
  for (let y = 0; y < after[1]; y++)
    for (let x = 0; x < after[2]; x++) {
      const window: number[] = []
      for (let a = 0; a < layer.size[0]; a++)
        for (let b = 0; b < layer.size[1]; b++) {
          const row = y * layer.stride[0] + a - top
          const column = x * layer.stride[1] + b - left
          const isInside = row >= 0 && row < height && column >= 0 && column < width
          window.push(isInside ? row * width + column : -1)
        }
      windows.push(window)
    }
  return windows
}
