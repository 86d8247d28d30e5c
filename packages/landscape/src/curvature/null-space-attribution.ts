import { type Cause, type CauseCandidates, causes } from './null-candidates.ts'
import type { NullDirections } from './null-directions.ts'

/** How many dimensions of a null space each cause accounts for. */
export type NamedDimensions = Readonly<Record<Cause, number>>
export type Attribution = NamedDimensions & { readonly remaining: number }

export const noDirections: NamedDimensions = Object.fromEntries(causes.map((cause) => [cause, 0])) as Record<
  Cause,
  number
>

/**
 * In the order of the causes, the growth of the null directions in the span of the candidates so far. A direction is named after the first
 * cause that, with the earlier ones, contains it; the order affects the names, not the total.
 */
export function nameDirections<S>(
  candidates: readonly CauseCandidates<S>[],
  directions: NullDirections<S>
): NamedDimensions {
  const counts = { ...noDirections }
  for (const { cause, vectors } of candidates) {
    const before = directions.dimension()
    directions.add(vectors)
    counts[cause] = directions.dimension() - before
  }
  return counts
}

/** What the rule for the remainder asks about the problem. */
export interface RemainderFacts {
  readonly nullity: number
  readonly parameters: number
  /** Distinct inputs times outputs: no more directions than these can change the outputs on the data. */
  readonly distinctOutputs: number
  /** Squared loss, all outputs equal to their targets, no weight decay: the Hessian is F J^T J. */
  readonly zeroMisfit: boolean
}

/** What has no name yet: at zero misfit, too few data as far as P exceeds the number of distinct outputs; the rest remains. */
export function withRemainder(named: NamedDimensions, facts: RemainderFacts): Attribution {
  const total = causes.reduce((sum, cause) => sum + named[cause], 0)
  const rest = facts.nullity - total
  const missing = facts.zeroMisfit ? Math.max(0, Math.min(rest, facts.parameters - facts.distinctOutputs - total)) : 0
  return { ...named, 'too-few-data': named['too-few-data'] + missing, remaining: rest - missing }
}

/** The number of different rows of a row-major matrix. */
export function distinctRows(matrix: ArrayLike<number | bigint>, columns: number): number {
  const rows = new Set<string>()
  for (let i = 0; i < matrix.length; i += columns)
    rows.add(Array.from({ length: columns }, (_, k) => matrix[i + k]!.toString()).join(' '))
  return rows.size
}
