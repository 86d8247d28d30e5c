import type { Budget } from '../budget.ts'
import { type Evaluation, evaluate } from '../evaluate.ts'
import { reject } from '../outcome.ts'
import { type Point, requireShape } from '../point.ts'
import type { Problem } from '../problem.ts'
import { compare, type Rational } from '../rational.ts'
import type { Samples } from '../samples.ts'

/** Rejects unless R(point) is the claimed loss. Every other rule begins with this one; it gives the forward pass. */
export const requireLoss = (
  problem: Problem,
  samples: Samples,
  point: Point,
  loss: Rational,
  step: string,
  budget: Budget
): Evaluation => {
  requireShape(problem.network, point, step)
  const evaluation = evaluate(problem, samples, point, budget)
  if (compare(evaluation.loss, loss) !== 0) reject(step, 'the loss is not the one that is claimed')
  return evaluation
}
