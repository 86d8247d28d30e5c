import type { Value } from './digests.ts'
import {
  add,
  type Fraction,
  fraction,
  inner,
  isLess,
  multiply,
  negate,
  none,
  one,
  over,
  sign,
  subtract,
  sum
} from './fraction.ts'

/*
 * The semantics once more, in the plainest way: one sample, one layer and one fraction at a time. It shares nothing
 * with the checkers, so it may be used against them.
 */

type Layer =
  | { readonly kind: 'dense'; readonly outputs: number; readonly bias: boolean }
  | { readonly kind: 'two-slope'; readonly positive: string; readonly negative: string }
  | { readonly kind: 'flatten' }
  | { readonly kind: 'quadratic' }
  | { readonly kind: 'smooth'; readonly name: string }
  | { readonly kind: 'average-pool'; readonly size: Pair; readonly stride: Pair }
  | { readonly kind: 'max-pool'; readonly size: Pair; readonly stride: Pair }
  | {
      readonly kind: 'conv'
      readonly outputs: number
      readonly size: Pair
      readonly stride: Pair
      readonly padding: readonly [number, number, number, number]
      readonly bias: boolean
    }

type Pair = readonly [number, number]
type Image = readonly [number, number, number]

export type ProblemJson = {
  readonly format: string
  readonly network: { readonly inputs: number | Image; readonly layers: readonly Layer[] }
  readonly loss: {
    readonly kind: 'squared' | 'absolute' | 'hinge' | 'huber' | 'logistic' | 'cross-entropy'
    readonly reduction: 'sum' | 'mean'
  }
  readonly decay?: { readonly factor: string; readonly biases: boolean }
  readonly data: { readonly inputs: readonly (readonly string[])[]; readonly targets: readonly (readonly string[])[] }
}

export type PointJson = readonly { readonly denominator: string; readonly numerators: readonly string[] }[]

/** One list of fractions for each parameter tensor. */
export type Parameters = readonly (readonly Fraction[])[]

export const parametersOf = (point: Value): Parameters =>
  (point as PointJson).map(({ denominator, numerators }) =>
    numerators.map((numerator) => over(BigInt(numerator), BigInt(denominator)))
  )

const product = (counts: readonly number[]): number => counts.reduce((a, b) => a * b, 1)

/** How many numbers a sample has. */
export const inputCount = ({ network }: ProblemJson): number =>
  typeof network.inputs === 'number' ? network.inputs : product(network.inputs)

/** The entry of an image at a channel, row and column; 0 outside. */
const pixel = (values: readonly Fraction[], [, height, width]: Image, c: number, y: number, x: number): Fraction =>
  y < 0 || x < 0 || y >= height || x >= width ? none : values[(c * height + y) * width + x]

const range = (length: number): readonly number[] => Array.from({ length }, (_, k) => k)

const windowSteps = (length: number, size: number, stride: number): number => Math.floor((length - size) / stride) + 1

export const output = (
  problem: ProblemJson,
  parameters: Parameters,
  input: readonly Fraction[]
): readonly Fraction[] => {
  const { inputs } = problem.network
  let values = input
  let image: Image = typeof inputs === 'number' ? [inputs, 1, 1] : inputs
  let tensor = 0
  for (const layer of problem.network.layers) {
    if (layer.kind === 'conv' || layer.kind === 'average-pool' || layer.kind === 'max-pool') {
      const [channels, height, width] = image
      const [h, w] = layer.size
      const [top, left, bottom, right] = layer.kind === 'conv' ? layer.padding : [0, 0, 0, 0]
      const rows = windowSteps(height + top + bottom, h, layer.stride[0])
      const columns = windowSteps(width + left + right, w, layer.stride[1])
      const outputs = layer.kind === 'conv' ? layer.outputs : channels
      const from = values
      const shape = image
      const seen = (c: number, y: number, x: number): readonly Fraction[] =>
        range(h).flatMap((i) =>
          range(w).map((j) => pixel(from, shape, c, y * layer.stride[0] + i - top, x * layer.stride[1] + j - left))
        )
      const entry = (o: number, y: number, x: number): Fraction => {
        if (layer.kind === 'max-pool') return seen(o, y, x).reduce((most, a) => (isLess(most, a) ? a : most))
        if (layer.kind === 'average-pool') return multiply(sum(seen(o, y, x)), over(1n, BigInt(h * w)))
        const weight = parameters[tensor].slice(o * channels * h * w, (o + 1) * channels * h * w)
        const patch = range(channels).flatMap((c) => seen(c, y, x))
        return add(inner(weight, patch), layer.bias ? parameters[tensor + 1][o] : none)
      }
      values = range(outputs).flatMap((o) => range(rows).flatMap((y) => range(columns).map((x) => entry(o, y, x))))
      image = [outputs, rows, columns]
      if (layer.kind === 'conv') tensor += layer.bias ? 2 : 1
      continue
    }
    if (layer.kind === 'quadratic') {
      values = values.map((z) => multiply(z, z))
      continue
    }
    if (layer.kind === 'flatten') {
      image = [values.length, 1, 1]
      continue
    }
    if (layer.kind === 'dense') {
      const weight = parameters[tensor]
      const width = values.length
      const bias = layer.bias ? parameters[tensor + 1] : undefined
      tensor += layer.bias ? 2 : 1
      const before = values
      values = Array.from({ length: layer.outputs }, (_, k) =>
        add(inner(weight.slice(k * width, (k + 1) * width), before), bias?.[k] ?? none)
      )
      image = [layer.outputs, 1, 1]
    } else if (layer.kind === 'smooth') {
      throw new Error(`the values of ${layer.name} are irrational`)
    } else {
      values = values.map((z) => multiply(z, fraction(sign(z) >= 0 ? layer.positive : layer.negative)))
    }
  }
  return values
}

const sampleLoss = (kind: ProblemJson['loss']['kind'], f: readonly Fraction[], y: readonly Fraction[]): Fraction => {
  if (kind === 'squared') {
    const errors = f.map((value, k) => subtract(value, y[k]))
    return multiply(fraction('1/2'), inner(errors, errors))
  }
  if (kind === 'huber') {
    return sum(
      f.map((value, k) => {
        const e = subtract(value, y[k])
        const size = sign(e) < 0 ? negate(e) : e
        return isLess(one, size) ? subtract(size, over(1n, 2n)) : multiply(over(1n, 2n), multiply(e, e))
      })
    )
  }
  if (kind === 'logistic' || kind === 'cross-entropy') throw new Error(`the values of ${kind} are irrational`)
  if (kind === 'absolute') {
    const error = subtract(f[0], y[0])
    return sign(error) < 0 ? negate(error) : error
  }
  const margin = subtract(one, multiply(y[0], f[0]))
  return isLess(none, margin) ? margin : none
}

/** The loss, exactly. */
export const lossAt = (problem: Value, parameters: Parameters): Fraction => {
  const { loss, data, decay, network } = problem as ProblemJson
  const total = sum(
    data.inputs.map((input, i) =>
      sampleLoss(
        loss.kind,
        output(problem as ProblemJson, parameters, input.map(fraction)),
        data.targets[i].map(fraction)
      )
    )
  )
  const dataLoss = loss.reduction === 'mean' ? multiply(total, over(1n, BigInt(data.inputs.length))) : total
  if (!decay) return dataLoss
  const decays = network.layers.flatMap((layer) =>
    layer.kind !== 'dense' && layer.kind !== 'conv' ? [] : layer.bias ? [true, decay.biases] : [true]
  )
  const squares = sum(parameters.map((tensor, k) => (decays[k] ? inner(tensor, tensor) : none)))
  return add(dataLoss, multiply(multiply(fraction('1/2'), fraction(decay.factor)), squares))
}

/** The parameters moved by a multiple of a direction. */
export const moved = (parameters: Parameters, direction: Parameters, by: Fraction): Parameters =>
  parameters.map((tensor, k) => tensor.map((entry, index) => add(entry, multiply(by, direction[k][index]))))
