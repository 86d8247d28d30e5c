import { dot } from '../matrix/integer-matrix.ts'
import { primitive } from '../matrix/square-solution.ts'
import { type Rational, rational } from '../rational.ts'
import { type RationalVector, reduceVector } from '../rational-vector.ts'
import { type BoxProgram, liesInPolytope, provesEmpty, provesMinimum, provesUnbounded } from './box-program.ts'
import { exactSimplex } from './exact-simplex.ts'

/**
 * Optimal: the least value of cost.m, a vertex where it is taken, its basic columns, and multipliers y of the equations:
 * cost - A^T y is positive only where the vertex is at a lower bound and negative only where it is at an upper bound.
 * Unbounded: a point of the polytope and a primitive integer ray along which the cost falls for ever. Infeasible: as in
 * `feasibleInBox`.
 */
export type MinimumAnswer =
  | {
      readonly kind: 'optimal'
      readonly value: Rational
      readonly point: RationalVector
      readonly multipliers: RationalVector
      readonly basis: readonly number[]
    }
  | { readonly kind: 'unbounded'; readonly point: RationalVector; readonly ray: readonly bigint[] }
  | { readonly kind: 'infeasible'; readonly certificate: readonly bigint[] }

/** The minimum of cost.m over all m with A m = b, lower <= m <= upper. Exact; every answer is checked by multiplying out. */
export function minimizeInBox(program: BoxProgram, cost: readonly bigint[]): MinimumAnswer {
  if (cost.length !== program.matrix.columns) throw new RangeError(`minimizeInBox: ${cost.length} costs`)
  const outcome = exactSimplex(program, cost)
  switch (outcome.kind) {
    case 'infeasible':
      if (!provesEmpty(program, outcome.y)) throw new Error('minimizeInBox: the certificate of emptiness is wrong')
      return { kind: 'infeasible', certificate: primitive(outcome.y) }
    case 'unbounded':
      if (!liesInPolytope(program, outcome.point) || !provesUnbounded(program, cost, outcome.ray)) {
        throw new Error('minimizeInBox: the ray is wrong')
      }
      return { kind: 'unbounded', point: reduceVector(outcome.point), ray: primitive(outcome.ray) }
    case 'optimal': {
      const { point, y, basis } = outcome
      if (!provesMinimum(program, cost, point, y)) throw new Error('minimizeInBox: the multipliers are wrong')
      const value = rational(dot(point.numerators, cost), point.denominator)
      return { kind: 'optimal', value, point: reduceVector(point), multipliers: reduceVector(y), basis }
    }
  }
}
