import type { Rational } from '@nadir/arithmetic'
import { type ExactLoss, exactLoss } from '../loss/exact-loss.ts'
import { type ExactRows, evaluateThrough, exactRows } from '../network/evaluate-exact.ts'
import type { ExactPoint } from '../point.ts'
import type { Problem } from '../problem.ts'

/** All that a network of any depth does on the data at a point. Exact. */
export interface ExactEvaluation extends ExactLoss {
  readonly problem: Problem
  readonly point: ExactPoint
  /** values[l] is what layer l is applied to, one row for each sample; the last are the outputs. */
  readonly values: readonly ExactRows[]
}

/** Exact. @throws RangeError where the network or the loss leaves the rationals */
export function evaluateExactly(problem: Problem, point: ExactPoint): ExactEvaluation {
  const { network, data } = problem
  const values = evaluateThrough(network, point, exactRows(data.inputs, data.inputCount))
  return { problem, point, values, ...exactLoss(problem, values.at(-1)!) }
}

/** The loss alone. */
export const lossExactly = (problem: Problem, point: ExactPoint): Rational => evaluateExactly(problem, point).loss
