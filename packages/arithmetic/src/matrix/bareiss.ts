import { reduceVector } from '../rational-vector.ts'
import type { IntegerMatrix } from './integer-matrix.ts'
import { primitive, requireSquareSystem, type SquareSolution } from './square-solution.ts'

/**
 * The solution of the square system K X = B by fraction-free elimination. Exact. Every intermediate number is a minor of
 * (K | B). Cheapest for small systems. Reference: Bareiss 1968.
 */
export function bareissSolve(matrix: IntegerMatrix, rhs: IntegerMatrix): SquareSolution {
  requireSquareSystem(matrix, rhs)
  const n = matrix.rows
  const width = n + rhs.columns
  const rows = Array.from({ length: n }, (_, i) => [
    ...matrix.entries.slice(i * n, (i + 1) * n),
    ...rhs.entries.slice(i * rhs.columns, (i + 1) * rhs.columns)
  ])
  let previous = 1n
  for (let k = 0; k < n; k++) {
    const found = rows.findIndex((row, i) => i >= k && row[k] !== 0n)
    if (found < 0) return { kind: 'singular', nullVector: nullVectorAt(rows, k, n) }
    ;[rows[k], rows[found]] = [rows[found]!, rows[k]!]
    const pivotRow = rows[k]!
    const pivot = pivotRow[k]!
    for (let i = k + 1; i < n; i++) {
      const row = rows[i]!
      const factor = row[k]!
      for (let j = k + 1; j < width; j++) row[j] = (pivot * row[j]! - factor * pivotRow[j]!) / previous
    }
    previous = pivot
  }
  // The last pivot is the determinant up to sign; times it, the solution is integral (Cramer).
  const numerators = new Array<bigint>(n * rhs.columns).fill(0n)
  for (let column = 0; column < rhs.columns; column++) {
    const x = backSubstitute(rows, n, n + column, previous)
    for (let i = 0; i < n; i++) numerators[i * rhs.columns + column] = x[i]!
  }
  const positive =
    previous < 0n
      ? { denominator: -previous, numerators: numerators.map((x) => -x) }
      : { denominator: previous, numerators }
  return { kind: 'solved', ...reduceVector(positive) }
}

/** A null vector when columns 0, ..., k - 1 are in echelon form and column k depends on them. */
function nullVectorAt(rows: readonly (readonly bigint[])[], k: number, n: number): bigint[] {
  const determinant = k === 0 ? 1n : rows[k - 1]![k - 1]!
  const x = backSubstitute(rows, k, k, determinant)
  return primitive([...x.map((v) => -v), determinant, ...new Array<bigint>(n - k - 1).fill(0n)])
}

/** determinant * U^-1 c for the leading k x k triangle U and the column c; integral by Cramer's rule. */
function backSubstitute(
  rows: readonly (readonly bigint[])[],
  k: number,
  column: number,
  determinant: bigint
): bigint[] {
  const x = new Array<bigint>(k).fill(0n)
  for (let i = k - 1; i >= 0; i--) {
    let sum = determinant * rows[i]![column]!
    for (let j = i + 1; j < k; j++) sum -= rows[i]![j]! * x[j]!
    x[i] = sum / rows[i]![i]!
  }
  return x
}
