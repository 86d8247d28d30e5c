import type { Budget } from '../budget.ts'
import type { BoundedClaim } from '../claim.ts'
import { addedDecay, decayingTensors } from '../decay.ts'
import { enclosedLoss } from '../enclosed-loss.ts'
import { enclosedSlope } from '../enclosed-slope.ts'
import { combination, enclose, type Interval, plus } from '../enclosure.ts'
import { nothing, times } from '../nearby/intervals.ts'
import { reject } from '../outcome.ts'
import { type Point, requireShape } from '../point.ts'
import type { Problem } from '../problem.ts'
import { compare } from '../rational.ts'
import type { Samples } from '../samples.ts'

/** Rejects unless the loss at the point, weight decay included, is proved to lie between the claimed numbers. */
export const requireLossBetween = (
  problem: Problem,
  samples: Samples,
  { point, lower, loss }: Pick<BoundedClaim, 'point' | 'lower' | 'loss'>,
  budget: Budget
): void => {
  requireShape(problem.network, point, 'enclosure')
  const data = enclosedLoss(problem, samples, point, budget)
  if (compare(addedDecay(problem, point, data.lower, budget), lower) < 0) {
    reject('enclosure', 'the loss is not proved to be at least the claimed number')
  }
  if (compare(addedDecay(problem, point, data.upper, budget), loss) > 0) {
    reject('enclosure', 'the loss is not proved to be at most the claimed number')
  }
}

/** The derivative of the weight decay, times `shares`. */
const decaySlope = (problem: Problem, point: Point, direction: Point, shares: bigint): Interval => {
  const { decay } = problem
  if (decay === undefined) return nothing
  const decays = decayingTensors(problem)
  const products = point.flatMap((tensor, t) =>
    decays[t]
      ? tensor.numerators.map((entry, k) =>
          times(enclose(entry, tensor.denominator), enclose(direction[t].numerators[k], direction[t].denominator))
        )
      : []
  )
  return combination([decay.factor.numerator * shares], [products.reduce(plus, nothing)], decay.factor.denominator)
}

/** Rejects unless the loss at the point lies between the claimed numbers and falls along the direction. */
export const requireEnclosedSlope = (
  problem: Problem,
  samples: Samples,
  claim: BoundedClaim,
  direction: Point,
  budget: Budget
): void => {
  requireLossBetween(problem, samples, claim, budget)
  requireShape(problem.network, direction, 'direction')
  const { network, loss } = problem
  const shares = loss.reduction === 'mean' ? BigInt(samples.inputs.rows.length) : 1n
  const data = enclosedSlope(network, loss, samples, claim.point, direction, budget)
  const { high } = plus(data, decaySlope(problem, claim.point, direction, shares))
  if (high >= 0n) reject('direction', 'the loss is not proved to fall along the direction')
}
