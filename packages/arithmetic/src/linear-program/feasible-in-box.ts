import type { IntegerMatrix } from '../matrix/integer-matrix.ts'
import { primitive } from '../matrix/square-solution.ts'
import { type RationalVector, reduceVector } from '../rational-vector.ts'
import { liesInPolytope, provesEmpty } from './box-program.ts'
import { exactSimplex } from './exact-simplex.ts'

export type BoxAnswer =
  | ({ readonly kind: 'feasible' } & RationalVector)
  | { readonly kind: 'infeasible'; readonly certificate: readonly bigint[] }

/**
 * A rational m with A m = b and lower <= m <= upper, or a primitive integer vector y such that the maximum of
 * y.(A m - b) over all lower <= m <= upper is negative, which proves that there is none. Either answer is checked by
 * multiplying out. Exact. Undefined bounds are absent. @throws RangeError when a lower bound lies above its upper bound
 */
export function feasibleInBox(
  matrix: IntegerMatrix,
  b: readonly bigint[],
  lower: readonly (bigint | undefined)[],
  upper: readonly (bigint | undefined)[]
): BoxAnswer {
  const program = { matrix, b, lower, upper }
  const outcome = exactSimplex(program, undefined)
  if (outcome.kind === 'infeasible') {
    if (!provesEmpty(program, outcome.y)) throw new Error('feasibleInBox: the certificate of emptiness is wrong')
    return { kind: 'infeasible', certificate: primitive(outcome.y) }
  }
  if (!liesInPolytope(program, outcome.point)) throw new Error('feasibleInBox: the point is not in the polytope')
  return { kind: 'feasible', ...reduceVector(outcome.point) }
}
