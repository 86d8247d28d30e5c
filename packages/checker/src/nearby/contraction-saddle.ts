import { type Budget, spend } from '../budget.ts'
import type { NearbyClaim } from '../claim.ts'
import { addedDecay } from '../decay.ts'
import { enclosedLoss } from '../enclosed-loss.ts'
import { combination, enclose, type Interval, one, precision } from '../enclosure.ts'
import { greatestBitLength, magnitude as size } from '../integers.ts'
import { reject } from '../outcome.ts'
import { overOneDenominator } from '../parameters.ts'
import { type Point, requireShape, type Vector } from '../point.ts'
import type { Problem } from '../problem.ts'
import { compare } from '../rational.ts'
import type { Samples } from '../samples.ts'
import { freeParameters, type Sleeper } from './asleep.ts'
import { type Box, boxAround, enclosedCurvature } from './curvature.ts'
import { distanceToSigns, frameOf, transposedTimes, turned } from './frame.ts'
import { magnitude, nothing } from './intervals.ts'
import { wordBits } from './slopes.ts'

/** A matrix that turns the Hessian by the free parameters into signs, the negative ones first; where there are none, a direction of all parameters along which the loss falls. */
export type SaddleEvidence = {
  readonly asleep: readonly Sleeper[]
  readonly frame: readonly Vector[]
  readonly negative: number
  readonly direction: Point | undefined
}

/** Whether e^T M e < 0 for all symmetric matrices M with this lower triangle, in any positive units. */
const isNegativeAlong = (triangle: readonly (readonly Interval[])[], direction: readonly bigint[]): boolean => {
  const images = triangle.map((row, a) =>
    combination(
      row.map((_, b) => (a === b ? direction[b] : 2n * direction[b])),
      row,
      1n
    )
  )
  return combination(direction, images, 1n).high < 0n
}

const requireFall = (
  { network }: Problem,
  hessian: readonly (readonly Interval[])[],
  direction: Point | undefined,
  budget: Budget
): void => {
  if (direction === undefined) {
    reject('direction', 'without negative signs a direction is needed')
    return
  }
  requireShape(network, direction, 'direction')
  const entries = overOneDenominator(direction).numerators.flat()
  spend(budget, [2, hessian.length, hessian.length], wordBits, 2 * greatestBitLength([entries]))
  if (!isNegativeAlong(hessian, entries)) reject('direction', 'the Hessian is not proved to be negative along it')
}

/** Rejects unless there is a saddle in the box of the claim, with a loss between its bounds, and of its index where it has one. */
export const requireSaddle = (
  problem: Problem,
  samples: Samples,
  claim: NearbyClaim,
  { asleep, frame: rows, negative, direction }: SaddleEvidence,
  budget: Budget
): void => {
  const { point } = claim
  requireShape(problem.network, point, 'point')
  if (claim.radius.numerator <= 0n) reject('radius', 'the radius is not positive')
  const isFree = freeParameters(problem, point, asleep)
  const places = isFree.flatMap((free, k) => (free ? [k] : []))
  const count = places.length
  const frame = frameOf(rows, count, 'frame', budget)
  if (negative >= count) reject('frame', 'no sign is positive')
  if (negative > 0 && direction !== undefined) reject('direction', 'with negative signs no direction is asked for')
  if (claim.index !== undefined && (asleep.length > 0 || claim.index !== negative)) {
    reject('index', `the evidence does not show ${claim.index} negative eigenvalues`)
  }
  spend(budget, [4, count, count, count], wordBits, greatestBitLength(frame.rows))

  const around = boxAround(point, enclose(claim.radius.numerator, claim.radius.denominator))
  const still = boxAround(point, nothing)
  const box: Box = around.map((range, k) => (isFree[k] ? range : still[k]))
  const { hessian } = enclosedCurvature(problem, samples, box, 2, budget)
  const own = places.map((a) => places.map((b) => (a >= b ? hessian[a][b] : hessian[b][a])))
  const worst = distanceToSigns(turned(frame, own), negative)
  if (worst >= one) reject('curvature', 'the Hessian over the box is not near enough to the signs in the frame')
  if (negative === 0) requireFall(problem, hessian, direction, budget)

  const { gradient } = enclosedCurvature(problem, samples, still, 1, budget)
  const slopes = transposedTimes(
    frame,
    places.map((k) => gradient[k])
  ).map(magnitude)
  const steepest = slopes.reduce((a, b) => (b > a ? b : a))
  // rho = radius / longest, in units of 2^-precision, rounded down.
  const longest = frame.rows.reduce((most, row) => {
    const sum = row.reduce((total, entry) => total + size(entry), 0n)
    return sum > most ? sum : most
  }, 1n)
  const rho = (claim.radius.numerator * frame.denominator * one) / (claim.radius.denominator * longest)
  if (steepest * one >= (one - worst) * rho) reject('gradient', 'the gradient at the point is too large for the box')

  const data = enclosedLoss(problem, samples, point, budget)
  const upper = addedDecay(problem, point, data.upper, budget)
  const lower = addedDecay(problem, point, data.lower, budget)
  // Slopes and rho in units of 2^-precision, rho rounded up.
  const reach = (rho + 1n) * slopes.reduce((a, b) => a + b) + BigInt(count) * (rho + 1n) * (rho + 1n)
  const squared = one << precision
  const between = ({ numerator, denominator }: typeof upper, by: bigint) => ({
    numerator: numerator * squared + by * denominator,
    denominator: denominator * squared
  })
  if (compare(between(upper, reach), claim.loss) > 0) {
    reject('loss', 'the loss there is not proved to be at most the claimed number')
  }
  if (compare(between(lower, -reach), claim.lower) < 0) {
    reject('lower', 'the loss is not proved to be at least the claimed number')
  }
}
