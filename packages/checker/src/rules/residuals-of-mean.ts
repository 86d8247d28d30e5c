import { reject } from '../outcome.ts'
import type { Problem } from '../problem.ts'
import { compare, type Rational } from '../rational.ts'
import type { Samples, Scaled } from '../samples.ts'

/**
 * n (mean(y) - y_i) for every sample of a problem with one output, over the denominator of the targets. Rejects a loss that is not that
 * of the mean of the targets, F times half the sum of squares.
 */
export const residualsOfMean = ({ loss: { reduction } }: Problem, { targets }: Samples, loss: Rational) => {
  const count = BigInt(targets.rows.length)
  const total = targets.rows.reduce((sum, [value]) => sum + value, 0n)
  const residuals = targets.rows.map(([value]) => total - count * value)
  const squares = residuals.reduce((sum, residual) => sum + residual * residual, 0n)
  const scale = count * targets.denominator
  const shares = reduction === 'mean' ? count : 1n
  if (compare(loss, { numerator: squares, denominator: 2n * scale * scale * shares }) !== 0) {
    reject('evaluation', 'the loss is not that of the mean of the targets')
  }
  return residuals
}

/** sum over the samples of the residual times one entry of the inputs, up to the denominators. */
export const momentOf = (residuals: readonly bigint[], inputs: Scaled, entry: number): bigint =>
  inputs.rows.reduce((sum, row, sample) => sum + residuals[sample] * row[entry], 0n)
