import { pivotsModulo, residuesModulo } from '../modular/elimination.ts'
import { primeBelow } from '../modular/prime-field.ts'
import { bareissSolve } from './bareiss.ts'
import { dixonSolve } from './dixon.ts'
import { type IntegerMatrix, timesVector } from './integer-matrix.ts'
import { type ExactMatrix, submatrix, toIntegerMatrix } from './limb-matrix.ts'
import { primitive, requireSquareSystem, type SquareSolution } from './square-solution.ts'

/** Below this size fraction-free elimination is faster than lifting. */
const liftingPays = 16

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
    const nullVector = nullVectorFrom(matrix, prime)
    if (nullVector) return { kind: 'singular', nullVector }
  }
}

/** A null vector of a matrix that is singular modulo the prime; undefined when this prime is not telling the truth. */
function nullVectorFrom(matrix: ExactMatrix, prime: number): bigint[] | undefined {
  const n = matrix.columns
  const { pivotRows, pivotColumns } = pivotsModulo(residuesModulo(matrix, prime), matrix.rows, n, prime)
  const pivots = new Set(pivotColumns)
  let free = 0
  while (pivots.has(free)) free++
  const minor = submatrix(matrix, pivotRows, pivotColumns)
  const x = solveExactly(minor, toIntegerMatrix(submatrix(matrix, pivotRows, [free])))
  if (x.kind !== 'solved') throw new Error('solveExactly: a minor that is non-zero modulo a prime was found singular')
  const vector = new Array<bigint>(n).fill(0n)
  for (const [k, column] of pivotColumns.entries()) vector[column] = -x.numerators[k]!
  vector[free] = x.denominator
  return timesVector(toIntegerMatrix(matrix), vector).every((v) => v === 0n) ? primitive(vector) : undefined
}
