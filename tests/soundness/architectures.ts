import type { Value } from '../corpus/digests.ts'
import { type Fraction, fraction, text } from '../corpus/fraction.ts'
import type { Parameters, ProblemJson } from '../corpus/naive.ts'

type Below = (count: number) => number
type Network = ProblemJson['network']
type Layer = Network['layers'][number]

const slopePairs = [
  ['1', '0'],
  ['1', '0'],
  ['1', '1/4'],
  ['1', '-1'],
  ['2', '-1/3']
] as const

const dense = (outputs: number): Layer => ({ kind: 'dense', outputs, bias: true })

const twoSlope = (below: Below): Layer => {
  const [positive, negative] = slopePairs[below(slopePairs.length)]
  return { kind: 'two-slope', positive, negative }
}

/** A small network with rational values that ends in a dense layer: dense, convolutional, pooled or quadratic. */
export const randomNetwork = (below: Below, outputs: number): Network => {
  const hidden = (): readonly Layer[] => [dense(1 + below(2)), twoSlope(below)]
  switch (below(5)) {
    case 0:
      return { inputs: 1 + below(2), layers: [...hidden(), dense(outputs)] }
    case 1:
      return { inputs: 1 + below(2), layers: [...hidden(), ...hidden(), dense(outputs)] }
    case 2:
      return { inputs: 1 + below(2), layers: [dense(1 + below(2)), { kind: 'quadratic' }, dense(outputs)] }
    default: {
      const pool = below(3)
      const pooled: readonly Layer[] =
        pool === 0 ? [] : [{ kind: pool === 1 ? 'average-pool' : 'max-pool', size: [1, 2], stride: [1, 1] }]
      return {
        inputs: [1, 1, 3],
        layers: [
          { kind: 'conv', outputs: 1 + below(2), size: [1, 2], stride: [1, 1], padding: [0, 0, 0, 0], bias: true },
          twoSlope(below),
          ...pooled,
          { kind: 'flatten' },
          dense(outputs)
        ]
      }
    }
  }
}

export const inputsOf = ({ inputs }: Network): number =>
  typeof inputs === 'number' ? inputs : inputs[0] * inputs[1] * inputs[2]

/** How many numbers every tensor of parameters has. */
export const tensorLengths = ({ inputs, layers }: Network): readonly number[] => {
  const lengths: number[] = []
  let [channels, height, width] = typeof inputs === 'number' ? [inputs, 1, 1] : inputs
  for (const layer of layers) {
    if (layer.kind === 'dense') {
      lengths.push(layer.outputs * channels * height * width, ...(layer.bias ? [layer.outputs] : []))
      ;[channels, height, width] = [layer.outputs, 1, 1]
    } else if (layer.kind === 'conv' || layer.kind === 'average-pool' || layer.kind === 'max-pool') {
      if (layer.kind === 'conv') {
        lengths.push(layer.outputs * channels * layer.size[0] * layer.size[1], ...(layer.bias ? [layer.outputs] : []))
        channels = layer.outputs
      }
      height = Math.floor((height - layer.size[0]) / layer.stride[0]) + 1
      width = Math.floor((width - layer.size[1]) / layer.stride[1]) + 1
    }
  }
  return lengths
}

/** Integers from -most to most. */
export const integers = (below: Below, count: number, most: number): readonly Fraction[] =>
  Array.from({ length: count }, () => fraction(below(2 * most + 1) - most))

export const randomParameters = (below: Below, network: Network, most = 2): Parameters =>
  tensorLengths(network).map((length) => integers(below, length, most))

export const randomRows = (below: Below, network: Network, count: number): readonly (readonly Fraction[])[] =>
  Array.from({ length: count }, () => integers(below, inputsOf(network), 3))

export const problemOf = (
  network: Network,
  loss: ProblemJson['loss'],
  inputs: readonly (readonly Fraction[])[],
  targets: readonly (readonly Fraction[])[],
  decay?: ProblemJson['decay']
): Value =>
  ({
    format: 'nadir-problem/1',
    network,
    loss,
    data: { inputs: inputs.map((row) => row.map(text)), targets: targets.map((row) => row.map(text)) },
    ...(decay && { decay })
  }) as unknown as Value

/** What kind of network it is, for the table of verdicts. */
export const kindOf = ({ layers }: Network): string => {
  const kinds = new Set(layers.map(({ kind }) => kind))
  const pool = kinds.has('average-pool') ? ' and average pooling' : kinds.has('max-pool') ? ' and max pooling' : ''
  if (kinds.has('conv')) return `convolution${pool}`
  if (kinds.has('quadratic')) return 'quadratic'
  if (kinds.has('smooth')) return 'smooth'
  if (!kinds.has('two-slope')) return 'linear'
  return layers.length > 3 ? 'deep' : 'one hidden layer'
}
