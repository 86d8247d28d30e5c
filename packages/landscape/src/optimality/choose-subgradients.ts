import { feasibleInBox, integerMatrix } from '@nadir/arithmetic'
import type { ExactEvaluation } from '../cells/exact-evaluation.ts'
import { type Failed, pathSpaces } from './path-span.ts'

/**
 * The evaluation with subgradients at the ties of the absolute or hinge loss for which the residuals are orthogonal to the path spaces of all samples,
 * or why there are none. Without ties the evaluation as it is. Exact.
 */
export function chooseSubgradients(evaluation: ExactEvaluation): ExactEvaluation | Failed {
  const { values, residuals, ties } = evaluation
  if (ties.length === 0) return evaluation
  const spaces = pathSpaces(
    evaluation,
    residuals.rows.map((_, i) => i)
  )
  if (spaces.kind === 'failed') return spaces
  const { classes, bases, biases } = spaces
  const classOf = new Map(classes.flatMap((members, c) => members.map((i) => [i, c] as const)))
  const inputs = values[0]!
  // Unknowns: residuals of the ties as multiples of 1/denominator; all intervals have end points 0, +-denominator or -y.
  const { denominator } = residuals
  const tied = new Set(ties)
  const rows: bigint[][] = []
  const right: bigint[] = []
  const ask = (weight: (i: number) => bigint): void => {
    rows.push(ties.map(weight))
    right.push(-residuals.rows.reduce((sum, [r], i) => (tied.has(i) ? sum : sum + r! * weight(i)), 0n))
  }
  for (const { basis } of biases) for (const { entries } of basis.vectors) ask((i) => entries[classOf.get(i)!]!)
  for (const { entries } of bases.at(-1)!.vectors)
    for (let e = 0; e < inputs.rows[0]!.length; e++) ask((i) => entries[classOf.get(i)!]! * inputs.rows[i]![e]!)
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
