import { subtract, toNumber } from '@nadir/arithmetic'
import { isAnalyticLoss } from '../loss/loss.ts'
import { inputCount } from '../network/network.ts'
import { imageShapes, positionsOf, windowsOf } from '../network/windows.ts'
import type { Problem } from '../problem.ts'
import type { Obstacle } from '../traits.ts'
import { inDoubles, type KinkLayer, type KinkNetwork } from './kink-network.ts'

const obstacle = (reason: string, tryNext: string): Obstacle => ({ kind: 'obstacle', reason, tryNext })

/** What each entry is a mean of: entries below the layer with parameters, or terms of it; all lists are of one length. */
interface Block {
  readonly means: readonly (readonly number[])[]
  readonly layer?: Pick<KinkLayer, 'channels' | 'row' | 'weightAt' | 'biasAt'> & {
    readonly terms: readonly { readonly entry: number; readonly parameter: number }[]
    readonly perEntry: number
  }
}

const throughWindows = (
  means: Block['means'],
  windows: readonly (readonly number[])[],
  channels: number,
  area: number
): Block['means'] =>
  Array.from({ length: channels }, (_, c) =>
    windows.map((window) => window.flatMap((position) => means[c * area + position]!))
  ).flat()

/**
 * The view of a problem with convolution and average pooling that kinks can be solved on: one dense or convolution layer before every two-slope activation and one at the end, average pooling anywhere; or what stands in
 * the way.
 */
export function asSharedNetwork(problem: Problem): KinkNetwork | Obstacle {
  const { network, loss } = problem
  if (!isAnalyticLoss(loss))
    return obstacle(
      `minima on kinks are proved for the squared and logistic loss and cross-entropy, not for ${loss}`,
      'use the squared loss'
    )
  const shapes = imageShapes(network)
  const layers: KinkLayer[] = []
  let inputs = inputCount(network)
  const entriesAlone = (count: number): Block => ({ means: Array.from({ length: count }, (_, k) => [k]) })
  let block = entriesAlone(inputs)
  let at = 0
  const close = (positive: number, negative: number): void => {
    const { means, layer } = block
    if (!layer) return
    const { terms, perEntry, ...rest } = layer
    const outputs = means.length
    const isPlain =
      rest.channels === outputs &&
      rest.row === inputs &&
      perEntry === inputs &&
      terms.every(({ entry }, k) => entry === k % inputs)
    const count = means[0]!.length * perEntry
    const reads = {
      given: new Int32Array(outputs * count),
      entries: new Int32Array(outputs * count),
      parameters: new Int32Array(outputs * count),
      divisor: means[0]!.length * (perEntry / rest.row)
    }
    let k = 0
    for (const [u, given] of means.entries())
      for (const g of given)
        for (let t = g * perEntry; t < (g + 1) * perEntry; t++) {
          const term = terms[t]!
          if (term.entry < 0) continue
          reads.given[k] = u
          reads.entries[k] = term.entry
          reads.parameters[k++] = term.parameter
        }
    const trimmed = {
      ...reads,
      given: reads.given.slice(0, k),
      entries: reads.entries.slice(0, k),
      parameters: reads.parameters.slice(0, k)
    }
    layers.push({ inputs, outputs, ...rest, positive, negative, ...(isPlain ? {} : { reads: trimmed }) })
    inputs = outputs
    block = entriesAlone(outputs)
  }
  for (const [l, layer] of network.layers.entries()) {
    const shape = shapes[l]!
    const [channels] = shape
    const area = positionsOf(shape)
    if (layer.kind === 'flatten') continue
    if (layer.kind === 'activation') {
      const { activation } = layer
      if (activation.kind !== 'two-slope' || subtract(activation.positive, activation.negative).numerator === 0n)
        return obstacle('minima on kinks are proved for two-slope activations', 'use relu, leaky-relu or abs')
      if (!block.layer)
        return obstacle(
          `layer ${l} is an activation without a dense or convolution layer before it`,
          'leave it out or put a layer before it'
        )
      close(toNumber(activation.positive), toNumber(activation.negative))
    } else if (layer.kind === 'dense' || layer.kind === 'conv') {
      if (block.layer)
        return obstacle(
          `layer ${l} follows a dense or convolution layer without an activation between`,
          'make one layer of the two'
        )
      const taps =
        layer.kind === 'conv'
          ? windowsOf(layer, shape, shapes[l + 1]!).map((window) =>
              Array.from({ length: channels }, (_, c) => window.map((p) => (p < 0 ? -1 : c * area + p))).flat()
            )
          : [Array.from({ length: channels * area }, (_, k) => k)]
      const row = taps[0]!.length
      const weightAt = at
      const { means } = block
      const mean = means[0]!.length
      const terms: { entry: number; parameter: number }[] = []
      for (let o = 0; o < layer.outputs; o++)
        for (const window of taps)
          for (const [r, e] of window.entries())
            for (let m = 0; m < mean; m++)
              terms.push({ entry: e < 0 ? -1 : means[e]![m]!, parameter: weightAt + o * row + r })
      const given = layer.outputs * taps.length
      const biasAt = layer.bias ? weightAt + row * layer.outputs : -1
      block = {
        means: Array.from({ length: given }, (_, k) => [k]),
        layer: { channels: layer.outputs, row, weightAt, biasAt, terms, perEntry: row * mean }
      }
      at += layer.outputs * (row + (layer.bias ? 1 : 0))
    } else {
      if (layer.kind === 'max-pool')
        return obstacle('minima on kinks are proved without max pooling', 'use average pooling')
      const windows = windowsOf(layer, shape, shapes[l + 1]!)
      block = { ...block, means: throughWindows(block.means, windows, channels, area) }
    }
  }
  close(1, 1)
  if (layers.length < 2)
    return obstacle('the network has no hidden layer', 'deep linear networks are decided by exact arithmetic')
  return inDoubles({ ...problem, loss }, layers, at)
}
