import { type Budget, hold, spend } from '../budget.ts'
import type { NearbyClaim } from '../claim.ts'
import { addedDecay } from '../decay.ts'
import { enclosedLoss } from '../enclosed-loss.ts'
import { combination, enclose, type Interval, one, plus, precision } from '../enclosure.ts'
import { bitLength, greatestBitLength } from '../integers.ts'
import { reject } from '../outcome.ts'
import { requireShape, type Vector } from '../point.ts'
import type { Problem } from '../problem.ts'
import { compare } from '../rational.ts'
import type { Samples } from '../samples.ts'
import { boxAround, enclosedCurvature } from './curvature.ts'
import { magnitude, nothing } from './intervals.ts'
import { wordBits } from './slopes.ts'

/** A lower triangular matrix over one denominator, row by row. */
type Factor = { readonly denominator: bigint; readonly rows: readonly (readonly bigint[])[] }

const factorOf = (rows: readonly Vector[], count: number, budget: Budget): Factor => {
  if (rows.length !== count) reject('factor', `${rows.length} rows for ${count} parameters`)
  const denominator = rows[0].denominator
  for (const [k, row] of rows.entries()) {
    if (row.numerators.length !== k + 1) reject('factor', `row ${k} has not ${k + 1} entries`)
    if (row.denominator !== denominator) reject('factor', 'the rows have not one denominator')
    if (row.numerators[k] <= 0n) reject('factor', `the entry ${k} of the diagonal is not positive`)
  }
  hold(budget, [count, count], bitLength(denominator))
  return { denominator, rows: rows.map(({ numerators }) => numerators) }
}

/** L^T v, an entry for each column. */
const transposedTimes = ({ rows, denominator }: Factor, v: readonly Interval[]): readonly Interval[] =>
  rows.map((_, column) => {
    const below = rows.slice(column)
    return combination(
      below.map((row) => row[column]),
      v.slice(column),
      denominator
    )
  })

const absolute = (a: bigint): bigint => (a < 0n ? -a : a)

/** Rejects unless there is a local minimum in the box of the claim, with a loss between its bounds. */
export const requireContraction = (
  problem: Problem,
  samples: Samples,
  claim: NearbyClaim,
  factorRows: readonly Vector[],
  budget: Budget
): void => {
  const { network } = problem
  requireShape(network, claim.point, 'point')
  if (claim.radius.numerator <= 0n) reject('radius', 'the radius is not positive')
  const count = claim.point.reduce((sum, { numerators }) => sum + numerators.length, 0)
  const factor = factorOf(factorRows, count, budget)
  const factorBits = greatestBitLength(factor.rows)
  spend(budget, [4, count, count, count], wordBits, factorBits)

  const radius = enclose(claim.radius.numerator, claim.radius.denominator)
  const { hessian } = enclosedCurvature(problem, samples, boxAround(claim.point, radius), 2, budget)
  // Row a of H L, then L^T (H L), whose distance to the identity is measured row by row.
  const columns = factor.rows.map((_, column) => {
    const below = factor.rows.slice(column).map((row) => row[column])
    const image = factor.rows.map((_, a) =>
      combination(
        below,
        below.map((_, k) => {
          const b = column + k
          return a >= b ? hessian[a][b] : hessian[b][a]
        }),
        factor.denominator
      )
    )
    return transposedTimes(factor, image)
  })
  let worst = 0n
  for (let row = 0; row < count; row += 1) {
    let sum = 0n
    for (const [column, entries] of columns.entries()) {
      sum += magnitude(row === column ? plus(entries[row], { low: -one, high: -one }) : entries[row])
    }
    if (sum > worst) worst = sum
  }
  if (worst >= one) reject('curvature', 'the Hessian over the box is not near enough to the inverse of the factors')

  const { gradient } = enclosedCurvature(problem, samples, boxAround(claim.point, nothing), 1, budget)
  const slopes = transposedTimes(factor, gradient).map(magnitude)
  const steepest = slopes.reduce((a, b) => (b > a ? b : a))
  // rho = radius / longest, in units of 2^-precision, rounded down.
  const longest = factor.rows.reduce((most, row) => {
    const sum = row.reduce((total, entry) => total + absolute(entry), 0n)
    return sum > most ? sum : most
  }, 0n)
  const rho = (claim.radius.numerator * factor.denominator * one) / (claim.radius.denominator * longest)
  if (steepest * one >= (one - worst) * rho) reject('gradient', 'the gradient at the point is too large for the box')

  const data = enclosedLoss(problem, samples, claim.point, budget)
  const upper = addedDecay(problem, claim.point, data.upper, budget)
  const lower = addedDecay(problem, claim.point, data.lower, budget)
  if (compare(upper, claim.loss) > 0) reject('loss', 'the loss there is not proved to be at most the claimed number')
  const total = slopes.reduce((a, b) => a + b)
  // lower - rho total, rho and total in units of 2^-precision and rho rounded up.
  const squared = one << precision
  const least = {
    numerator: lower.numerator * squared - (rho + 1n) * total * lower.denominator,
    denominator: lower.denominator * squared
  }
  if (compare(least, claim.lower) < 0) reject('lower', 'the loss is not proved to be at least the claimed number')
}
