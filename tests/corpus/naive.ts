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

export type ProblemJson = {
  readonly format: string
  readonly network: { readonly inputs: number; readonly layers: readonly Layer[] }
  readonly loss: { readonly kind: 'squared' | 'absolute' | 'hinge'; readonly reduction: 'sum' | 'mean' }
  readonly data: { readonly inputs: readonly (readonly string[])[]; readonly targets: readonly (readonly string[])[] }
}

export type PointJson = readonly { readonly denominator: string; readonly numerators: readonly string[] }[]

/** One list of fractions for each parameter tensor. */
export type Parameters = readonly (readonly Fraction[])[]

export const parametersOf = (point: Value): Parameters =>
  (point as PointJson).map(({ denominator, numerators }) =>
    numerators.map((numerator) => over(BigInt(numerator), BigInt(denominator)))
  )

export const output = (
  problem: ProblemJson,
  parameters: Parameters,
  input: readonly Fraction[]
): readonly Fraction[] => {
  let values = input
  let tensor = 0
  for (const layer of problem.network.layers) {
    if (layer.kind === 'dense') {
      const weight = parameters[tensor]
      const width = values.length
      const bias = layer.bias ? parameters[tensor + 1] : undefined
      tensor += layer.bias ? 2 : 1
      const before = values
      values = Array.from({ length: layer.outputs }, (_, k) =>
        add(inner(weight.slice(k * width, (k + 1) * width), before), bias?.[k] ?? none)
      )
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
  if (kind === 'absolute') {
    const error = subtract(f[0], y[0])
    return sign(error) < 0 ? negate(error) : error
  }
  const margin = subtract(one, multiply(y[0], f[0]))
  return isLess(none, margin) ? margin : none
}

/** The loss, exactly. */
export const lossAt = (problem: Value, parameters: Parameters): Fraction => {
  const { loss, data } = problem as ProblemJson
  const total = sum(
    data.inputs.map((input, i) =>
      sampleLoss(
        loss.kind,
        output(problem as ProblemJson, parameters, input.map(fraction)),
        data.targets[i].map(fraction)
      )
    )
  )
  return loss.reduction === 'mean' ? multiply(total, over(1n, BigInt(data.inputs.length))) : total
}

/** The parameters moved by a multiple of a direction. */
export const moved = (parameters: Parameters, direction: Parameters, by: Fraction): Parameters =>
  parameters.map((tensor, k) => tensor.map((entry, index) => add(entry, multiply(by, direction[k][index]))))
