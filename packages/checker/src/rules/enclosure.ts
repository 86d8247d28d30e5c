import type { Budget } from '../budget.ts'
import { enclosedLoss } from '../enclosed-loss.ts'
import { reject } from '../outcome.ts'
import { type Point, requireShape } from '../point.ts'
import type { Problem } from '../problem.ts'
import { compare, type Rational } from '../rational.ts'
import type { Samples } from '../samples.ts'

/** Rejects unless the loss at a point is proved to be at most the claimed number. */
export const requireLossAtMost = (
  problem: Problem,
  samples: Samples,
  point: Point,
  most: Rational,
  step: string,
  budget: Budget
): void => {
  requireShape(problem.network, point, step)
  const { upper } = enclosedLoss(problem, samples, point, budget)
  if (compare(upper, most) > 0) reject(step, 'the loss there is not proved to be at most the claimed number')
}

/** Rejects unless the loss at a point is proved to lie between the claimed numbers. */
export const requireBounds = (
  problem: Problem,
  samples: Samples,
  { point, lower: least, loss: most }: { readonly point: Point; readonly lower: Rational; readonly loss: Rational },
  budget: Budget
): void => {
  requireShape(problem.network, point, 'enclosure')
  const { lower, upper } = enclosedLoss(problem, samples, point, budget)
  if (compare(lower, least) < 0) reject('enclosure', 'the loss is not proved to be at least the claimed number')
  if (compare(upper, most) > 0) reject('enclosure', 'the loss is not proved to be at most the claimed number')
}
