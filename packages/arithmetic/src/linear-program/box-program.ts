import { dot, type IntegerMatrix, timesVector, transpose } from '../matrix/integer-matrix.ts'
import type { RationalVector } from '../rational-vector.ts'

/**
 * The polytope of all m with A m = b and lower <= m <= upper, over the rationals. All data are integers: scale rows and
 * columns of rational data first. An undefined bound is absent.
 */
export interface BoxProgram {
  readonly matrix: IntegerMatrix
  readonly b: readonly bigint[]
  readonly lower: readonly (bigint | undefined)[]
  readonly upper: readonly (bigint | undefined)[]
}

/** @throws RangeError when sizes differ or a lower bound lies above its upper bound */
export function requireBoxProgram({ matrix, b, lower, upper }: BoxProgram): void {
  if (b.length !== matrix.rows) throw new RangeError(`box program: ${b.length} right-hand sides, ${matrix.rows} rows`)
  if (lower.length !== matrix.columns || upper.length !== matrix.columns) {
    throw new RangeError(`box program: ${lower.length} and ${upper.length} bounds for ${matrix.columns} columns`)
  }
  for (const [j, l] of lower.entries()) {
    const u = upper[j]
    if (l !== undefined && u !== undefined && l > u) throw new RangeError(`box program: ${l} <= m[${j}] <= ${u}`)
  }
}

/** Whether the point lies in the polytope. Exact. */
export function liesInPolytope({ matrix, b, lower, upper }: BoxProgram, point: RationalVector): boolean {
  const { denominator, numerators } = point
  return (
    numerators.every((v, j) => {
      const [l, u] = [lower[j], upper[j]]
      return (l === undefined || l * denominator <= v) && (u === undefined || v <= u * denominator)
    }) && timesVector(matrix, numerators).every((value, i) => value === b[i]! * denominator)
  )
}

/**
 * Whether the integer vector y proves the polytope empty: the maximum of y.(A m - b) over the box lower <= m <= upper is
 * negative, while it is zero at every m with A m = b. Exact. Reference: Farkas' lemma.
 */
export function provesEmpty({ matrix, b, lower, upper }: BoxProgram, y: readonly bigint[]): boolean {
  let maximum = -dot(y, b)
  for (const [j, slope] of timesVector(transpose(matrix), y).entries()) {
    if (slope === 0n) continue
    const bound = slope > 0n ? upper[j] : lower[j]
    if (bound === undefined) return false
    maximum += slope * bound
  }
  return maximum < 0n
}

/**
 * Whether the multipliers y prove the point a minimum of cost.m over the polytope: the point lies in it and
 * reduced cost c - A^T y is positive only where m is at its lower bound, negative only where it is at its upper. Exact.
 */
export function provesMinimum(
  program: BoxProgram,
  cost: readonly bigint[],
  point: RationalVector,
  y: RationalVector
): boolean {
  const slopes = timesVector(transpose(program.matrix), y.numerators)
  return (
    liesInPolytope(program, point) &&
    slopes.every((slope, j) => {
      const reduced = cost[j]! * y.denominator - slope
      if (reduced === 0n) return true
      const bound = reduced > 0n ? program.lower[j] : program.upper[j]
      return bound !== undefined && point.numerators[j] === bound * point.denominator
    })
  )
}

/** Whether the integer ray keeps to the polytope from any of its points for ever while cost.m falls. Exact. */
export function provesUnbounded(program: BoxProgram, cost: readonly bigint[], ray: readonly bigint[]): boolean {
  for (const [j, v] of ray.entries()) {
    if ((v > 0n && program.upper[j] !== undefined) || (v < 0n && program.lower[j] !== undefined)) return false
  }
  return dot(ray, cost) < 0n && timesVector(program.matrix, ray).every((value) => value === 0n)
}
