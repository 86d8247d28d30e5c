import { feasibleInBox, integerMatrix } from '@nadir/arithmetic'
import type { ExactEvaluation } from '../cells/exact-evaluation.ts'
import { type Failed, pathConditions, pathSpaces, sampleOrder } from './path-span.ts'

/**
 * The evaluation with subgradients at the ties of the absolute or hinge loss for which the residuals are orthogonal to the path spaces of all samples,
 * or why there are none. Without ties the evaluation as it is. Exact.
 */
export function chooseSubgradients(evaluation: ExactEvaluation): ExactEvaluation | Failed {
  const { residuals, ties } = evaluation
  if (ties.length === 0) return evaluation
  const spaces = pathSpaces(
    evaluation,
    residuals.rows.map((_, i) => i)
  )
  if (spaces.kind === 'failed') return spaces
  // Unknowns: residuals of the ties as multiples of 1/denominator; all intervals have end points 0, +-denominator or -y.
  const { denominator } = residuals
  const order = sampleOrder(spaces)
  const tied = new Set(ties)
  const place = new Map(order.map((i, k) => [i, k]))
  const rows: bigint[][] = []
  const right: bigint[] = []
  for (const { weights } of pathConditions(spaces, evaluation)) {
    rows.push(ties.map((i) => weights[place.get(i)!]!))
    right.push(
      -weights.reduce((sum, w, k) => (tied.has(order[k]!) ? sum : sum + w * residuals.rows[order[k]!]![0]!), 0n)
    )
  }
  const bounds = ties.map((i) => tieInterval(evaluation, i))
  const answer = feasibleInBox(
    integerMatrix(rows.length, ties.length, rows.flat()),
    right,
    bounds.map(([low]) => low),
    bounds.map(([, high]) => high)
  )
  if (answer.kind === 'infeasible')
    return {
      kind: 'failed',
      reason: 'no choice of subgradients is orthogonal to all that the network can become nearby'
    }
  const chosen = new Map(ties.map((i, k) => [i, answer.numerators[k]!]))
  return {
    ...evaluation,
    residuals: {
      denominator: denominator * answer.denominator,
      rows: residuals.rows.map(([r], i) => [chosen.get(i) ?? r! * answer.denominator])
    }
  }
}

/** The subdifferential at a tie, over the denominator of the residuals. */
function tieInterval({ problem, residuals }: ExactEvaluation, i: number): readonly [bigint, bigint] {
  if (problem.loss === 'absolute') return [-residuals.denominator, residuals.denominator]
  const { targets } = problem.data
  const slope = -targets.numerators[i]! * (residuals.denominator / targets.denominator)
  return slope < 0n ? [slope, 0n] : [0n, slope]
}
