import { type ModularPivots, pivotsModulo, residuesModulo } from '../modular/elimination.ts'
import { primeBelow } from '../modular/prime-field.ts'
import { bareissSolve } from './bareiss.ts'
import { dixonSolve } from './dixon.ts'
import { type IntegerMatrix, timesVector } from './integer-matrix.ts'
import { type ExactMatrix, submatrix, toIntegerMatrix } from './limb-matrix.ts'
import { primitive, requireSquareSystem, type SquareSolution } from './square-solution.ts'

/** Below this size fraction-free elimination is faster than lifting. */
const liftingPays = 20

/**
 * The exact solution of the square integer system K X = B, or an integer null vector of K that proves it singular.
 * Lifting for large systems, fraction-free elimination for small ones; the answers are the same.
 */
export function solveExactly(matrix: ExactMatrix, rhs: IntegerMatrix): SquareSolution {
  requireSquareSystem(matrix, rhs)
  if (matrix.rows < liftingPays) return bareissSolve(toIntegerMatrix(matrix), rhs)
  // Only finitely many primes divide a non-zero determinant or lower the rank: one of the two answers comes.
  for (let prime = primeBelow(2 ** 22); ; prime = primeBelow(prime)) {
    const solution = dixonSolve(matrix, rhs, prime)
    if (solution) return { kind: 'solved', ...solution }
    const pivots = pivotsModulo(residuesModulo(matrix, prime), matrix.rows, matrix.columns, prime)
    const nullVectors = nullVectorsFrom(matrix, pivots, freeColumns(pivots, matrix.columns).slice(0, 1))
    if (nullVectors) return { kind: 'singular', nullVector: nullVectors[0]! }
  }
}

/** The columns without a pivot. */
export function freeColumns(pivots: ModularPivots, columns: number): number[] {
  const pivotColumns = new Set(pivots.pivotColumns)
  return Array.from({ length: columns }, (_, j) => j).filter((j) => !pivotColumns.has(j))
}

/**
 * For each of these free columns the primitive integer null vector that is positive there and zero at the other free
 * columns; undefined when one of them does not exist, the rank over the rationals being higher than the pivots say.
 * Exact: proved by multiplying out.
 */
export function nullVectorsFrom(
  matrix: ExactMatrix,
  pivots: ModularPivots,
  free: readonly number[]
): bigint[][] | undefined {
  const { pivotRows, pivotColumns } = pivots
  const minor = submatrix(matrix, pivotRows, pivotColumns)
  const x = solveExactly(minor, toIntegerMatrix(submatrix(matrix, pivotRows, free)))
  if (x.kind === 'singular') throw new Error('nullVectorsFrom: a minor that is non-zero modulo a prime is singular')
  const integers = toIntegerMatrix(matrix)
  const vectors: bigint[][] = []
  for (const [at, column] of free.entries()) {
    const vector = new Array<bigint>(matrix.columns).fill(0n)
    for (const [k, pivot] of pivotColumns.entries()) vector[pivot] = -x.numerators[k * free.length + at]!
    vector[column] = x.denominator
    if (timesVector(integers, vector).some((v) => v !== 0n)) return undefined
    vectors.push(primitive(vector))
  }
  return vectors
}
