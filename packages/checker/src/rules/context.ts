import type { Budget } from '../budget.ts'
import type { Evaluation } from '../evaluate.ts'
import type { Point } from '../point.ts'
import type { Problem } from '../problem.ts'
import type { Samples } from '../samples.ts'

/** What the rules work on: a problem, and the point of the claim, whose loss has been checked. */
export type Context = {
  readonly problem: Problem
  readonly samples: Samples
  readonly point: Point
  readonly evaluation: Evaluation
  readonly budget: Budget
}
