import { integerMatrix, type Rational, type RationalVector, rational } from '@nadir/arithmetic'
import type { Dataset } from '../data/dataset.ts'
import type { Activation } from '../network/activation.ts'

/** The sign of the second derivative of an activation at a rational point; 0 where it vanishes or is not known. */
export function curvatureSign(activation: Activation, at: Rational): -1 | 0 | 1 {
  if (activation.kind !== 'smooth') return 0
  const { numerator } = at
  switch (activation.name) {
    case 'quadratic':
    case 'softplus':
      return 1
    case 'sigmoid':
    case 'tanh':
    case 'arctan':
      return numerator < 0n ? 1 : numerator > 0n ? -1 : 0
    case 'elu':
    case 'selu':
      return numerator < 0n ? 1 : 0
    default:
      return 0
  }
}

/** The residuals mean(y) - y_i of one output, as integers over one denominator. Exact. */
export function residualsOfMean({ targets, samples }: Dataset): RationalVector {
  const total = targets.numerators.reduce((a, b) => a + b, 0n)
  return {
    denominator: targets.denominator * BigInt(samples),
    numerators: targets.numerators.map((y) => total - BigInt(samples) * y)
  }
}

/** sum_i r_i x_i, times the denominators. Exact. */
export function residualMoment({ inputs, inputCount: d }: Dataset, r: RationalVector): readonly bigint[] {
  const sums = new Array<bigint>(d).fill(0n)
  for (const [i, a] of r.numerators.entries()) for (let k = 0; k < d; k++) sums[k]! += a * inputs.numerators[i * d + k]!
  return sums
}

/** sum_i weights_i x_i x_i^T, times the denominators, as a symmetric integer matrix. Exact. */
export function secondMoments({ inputs, inputCount: d }: Dataset, weights: readonly bigint[]) {
  const sums = new Array<bigint>(d * d).fill(0n)
  for (const [i, w] of weights.entries())
    for (let a = 0; a < d; a++)
      for (let b = 0; b < d; b++) sums[a * d + b]! += w * inputs.numerators[i * d + a]! * inputs.numerators[i * d + b]!
  return integerMatrix(d, d, sums)
}

/** n (x_i - mean): inputs about their mean. Exact. */
export function centredInputs(data: Dataset): Dataset {
  const { inputs, inputCount: d, samples } = data
  const totals = new Array<bigint>(d).fill(0n)
  for (let i = 0; i < samples; i++) for (let k = 0; k < d; k++) totals[k]! += inputs.numerators[i * d + k]!
  const numerators = inputs.numerators.map((x, k) => BigInt(samples) * x - totals[k % d]!)
  return { ...data, inputs: { denominator: inputs.denominator * BigInt(samples), numerators } }
}

/** 1/2 sum r_i^2 of the residuals of the mean. Exact. */
export const lossOfMean = (data: Dataset, reduction: 'sum' | 'mean'): Rational => {
  const { denominator, numerators } = residualsOfMean(data)
  const squares = numerators.reduce((sum, a) => sum + a * a, 0n)
  return rational(squares, 2n * denominator * denominator * (reduction === 'mean' ? BigInt(data.samples) : 1n))
}
