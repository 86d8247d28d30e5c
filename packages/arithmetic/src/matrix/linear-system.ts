import { pivotsModulo, residuesModulo } from '../modular/elimination.ts'
import { primeBelow } from '../modular/prime-field.ts'
import type { RationalVector } from '../rational-vector.ts'
import { columnMatrix, dot, type IntegerMatrix, timesVector, transpose } from './integer-matrix.ts'
import { submatrix } from './limb-matrix.ts'
import { solveExactly } from './solve.ts'
import { primitive, solves } from './square-solution.ts'

/** A solution x of A x = b, or a primitive integer vector y with y A = 0 and y.b > 0, which proves that there is none. */
export type LinearAnswer =
  | ({ readonly kind: 'solved' } & RationalVector)
  | { readonly kind: 'inconsistent'; readonly certificate: readonly bigint[] }

/**
 * One solution of the integer system A x = b of any shape, or the proof that it has none. Exact; checked by multiplying
 * out. The solution is basic: zero outside the leftmost independent columns.
 */
export function solveLinear(matrix: IntegerMatrix, b: readonly bigint[]): LinearAnswer {
  if (b.length !== matrix.rows)
    throw new RangeError(`solveLinear: ${b.length} right-hand sides for ${matrix.rows} rows`)
  for (let prime = primeBelow(2 ** 22); ; prime = primeBelow(prime)) {
    const answer = solveModuloGuided(matrix, b, prime)
    if (answer) return answer
  }
}

/** The answer that follows from the pivots modulo the prime; undefined when they do not give the rational rank. */
function solveModuloGuided(matrix: IntegerMatrix, b: readonly bigint[], prime: number): LinearAnswer | undefined {
  const residues = residuesModulo(matrix, prime)
  const { pivotRows, pivotColumns } = pivotsModulo(residues, matrix.rows, matrix.columns, prime)
  const minor = submatrix(matrix, pivotRows, pivotColumns)
  const basic = solvePivots(minor, columnMatrix(pivotRows.map((i) => b[i]!)))
  const numerators = new Array<bigint>(matrix.columns).fill(0n)
  for (const [k, column] of pivotColumns.entries()) numerators[column] = basic.numerators[k]!
  if (solves(matrix, numerators, basic.denominator, columnMatrix(b))) return { kind: 'solved', ...basic, numerators }
  const failing = timesVector(matrix, numerators).findIndex((value, i) => value !== basic.denominator * b[i]!)
  // Row `failing` is the combination w of the pivot rows on the pivot columns; on b it is not.
  const w = solvePivots(transpose(minor), transpose(submatrix(matrix, [failing], pivotColumns)))
  const y = new Array<bigint>(matrix.rows).fill(0n)
  for (const [k, row] of pivotRows.entries()) y[row] = -w.numerators[k]!
  y[failing] = w.denominator
  if (timesVector(transpose(matrix), y).some((v) => v !== 0n)) return undefined
  return { kind: 'inconsistent', certificate: primitive(dot(y, b) < 0n ? y.map((v) => -v) : y) }
}

function solvePivots(minor: IntegerMatrix, rhs: IntegerMatrix): RationalVector {
  const x = solveExactly(minor, rhs)
  if (x.kind === 'singular') throw new Error('solveLinear: a minor that is non-zero modulo a prime is singular')
  return x
}
