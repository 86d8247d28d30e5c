import {
  absolute,
  definiteness,
  entry,
  integerMatrix,
  type Rational,
  type RationalVector,
  rational,
  sign
} from '@nadir/arithmetic'
import type { Dataset } from '../data/dataset.ts'
import type { Activation } from '../network/activation.ts'

const signOf = (a: bigint): -1 | 0 | 1 => (a > 0n ? 1 : a < 0n ? -1 : 0)

const piScale = 10n ** 20n
const piLow = 314159265358979323846n
const piHigh = piLow + 1n

/** The sign of sin(p/q) for p >= 0; 0 where twenty digits of pi do not tell. */
function signOfSine(p: bigint, q: bigint): -1 | 0 | 1 {
  const k = (p * piScale) / (q * piHigh)
  const isInside = k * piHigh * q < p * piScale && p * piScale < (k + 1n) * piLow * q
  return isInside ? (k % 2n === 0n ? 1 : -1) : 0
}

/** The sign of the second derivative of an activation at a rational point; 0 where it vanishes or is not known. */
export function curvatureSign(activation: Activation, at: Rational): -1 | 0 | 1 {
  if (activation.kind !== 'smooth') return 0
  const { numerator, denominator } = at
  switch (activation.name) {
    case 'quadratic':
    case 'softplus':
      return 1
    case 'sigmoid':
    case 'tanh':
    case 'arctan':
      return signOf(-numerator)
    case 'elu':
    case 'selu':
      return numerator < 0n ? 1 : 0
    case 'gelu':
      return signOf(2n * denominator * denominator - numerator * numerator)
    case 'silu':
      // 2 - t tanh(t/2) changes its sign at |t| = 2.39935...
      return absolute(numerator) * 10000n < 23993n * denominator
        ? 1
        : absolute(numerator) * 10000n > 23994n * denominator
          ? -1
          : 0
    case 'sine':
      return (-signOf(numerator) * signOfSine(absolute(numerator), denominator)) as -1 | 0 | 1
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

/** Hidden units with weight zero on all data: their arguments are their biases. Exact. */
export interface ConstantUnits {
  readonly arguments: RationalVector
  readonly outer: RationalVector
}

/**
 * Whether hidden units with these constant arguments are a local minimum of a network with one hidden smooth layer, one output with a balanced bias, squared
 * loss: the residuals mean(y) - y are orthogonal to the inputs and v sigma'' times their second moments is definite on all directions in which the inputs
 * vary. Otherwise what fails. Exact. Reference: the rule constant-output of the specification.
 */
export function constantOutputMinimum(
  data: Dataset,
  activation: Activation,
  units: ConstantUnits
): { readonly kind: 'local-minimum' } | { readonly kind: 'failed'; readonly reason: string } {
  const failed = (reason: string) => ({ kind: 'failed' as const, reason })
  const residuals = residualsOfMean(data)
  const correlated = residualMoment(data, residuals).findIndex((a) => a !== 0n)
  if (correlated >= 0) return failed(`the targets are correlated with input ${correlated + 1}`)
  const signs = units.outer.numerators.map(
    (_, j) => sign(entry(units.outer, j)) * curvatureSign(activation, entry(units.arguments, j))
  )
  const flat = signs.indexOf(0)
  if (flat >= 0) return failed(`the sign of v sigma'' of unit ${flat + 1} is 0 or not known`)
  const spread = semidefiniteRank(
    secondMoments(
      centredInputs(data),
      residuals.numerators.map(() => 1n)
    )
  )
  for (const side of new Set(signs)) {
    const moments = secondMoments(
      data,
      residuals.numerators.map((r) => BigInt(side) * r)
    )
    const rank = semidefiniteRank(moments)
    if (rank === undefined) return failed('the second moments of the residuals have both signs')
    if (rank !== spread)
      return failed(`the second moments of the residuals have rank ${rank}, those of the inputs ${spread}`)
  }
  return { kind: 'local-minimum' }
}

function semidefiniteRank(matrix: ReturnType<typeof secondMoments>): number | undefined {
  const answer = definiteness(matrix)
  if (answer.kind === 'not-positive-semidefinite') return undefined
  return answer.kind === 'positive-definite' ? matrix.rows : answer.rank
}
