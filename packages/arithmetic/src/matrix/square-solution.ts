import { absolute, gcd } from '../integer.ts'
import type { RationalVector } from '../rational-vector.ts'
import { type IntegerMatrix, timesVector } from './integer-matrix.ts'

/**
 * The answer to a square system K X = B. Solved: X[i][j] = numerators[i * columns of B + j] / denominator, in lowest
 * terms with positive denominator. Singular: a non-zero integer vector with K v = 0, which proves it. Exact.
 */
export type SquareSolution =
  | ({ readonly kind: 'solved' } & RationalVector)
  | { readonly kind: 'singular'; readonly nullVector: readonly bigint[] }

/** Whether K X = denominator * B holds, by multiplying out. Exact. */
export function solves(
  matrix: IntegerMatrix,
  numerators: readonly bigint[],
  denominator: bigint,
  rhs: IntegerMatrix
): boolean {
  for (let column = 0; column < rhs.columns; column++) {
    const x = Array.from({ length: matrix.columns }, (_, j) => numerators[j * rhs.columns + column]!)
    const product = timesVector(matrix, x)
    if (product.some((value, i) => value !== denominator * rhs.entries[i * rhs.columns + column]!)) return false
  }
  return true
}

/** The integer vector divided by the greatest common divisor of its entries. */
export function primitive(vector: readonly bigint[]): bigint[] {
  let divisor = 0n
  for (const v of vector) {
    divisor = divisor === 0n ? absolute(v) : gcd(divisor, v)
    if (divisor === 1n) return [...vector]
  }
  return divisor === 0n ? [...vector] : vector.map((v) => v / divisor)
}

/** @throws RangeError when the matrix is not square or the right-hand sides do not have as many rows */
export function requireSquareSystem(matrix: { rows: number; columns: number }, rhs: IntegerMatrix): void {
  if (matrix.rows !== matrix.columns) throw new RangeError(`square system: ${matrix.rows} x ${matrix.columns} matrix`)
  if (rhs.rows !== matrix.rows) throw new RangeError(`square system: ${rhs.rows} right-hand rows for ${matrix.rows}`)
}
