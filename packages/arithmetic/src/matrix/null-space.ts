import { pivotsModulo, residuesModulo } from '../modular/elimination.ts'
import { primeBelow } from '../modular/prime-field.ts'
import { transpose } from './integer-matrix.ts'
import { type ExactMatrix, toIntegerMatrix } from './limb-matrix.ts'
import { freeColumns, nullVectorsFrom } from './solve.ts'

/**
 * The null space of a matrix: primitive integer vectors, one for each column without a pivot, positive there and zero at
 * the other columns without a pivot; they are a basis. The minor on pivot rows and columns is non-zero.
 */
export interface NullSpace {
  readonly rank: number
  readonly pivotRows: readonly number[]
  readonly pivotColumns: readonly number[]
  readonly basis: readonly (readonly bigint[])[]
}

/** Rank and null space of an integer matrix. Exact: the minor bounds the rank from below, the null vectors from above. */
export function nullSpace(matrix: ExactMatrix): NullSpace {
  for (let prime = primeBelow(2 ** 22); ; prime = primeBelow(prime)) {
    const pivots = pivotsModulo(residuesModulo(matrix, prime), matrix.rows, matrix.columns, prime)
    const basis = nullVectorsFrom(matrix, pivots, freeColumns(pivots, matrix.columns))
    if (basis) return { ...pivots, basis }
  }
}

/** Rank of an integer matrix over the rationals. Exact. */
export function rankOf(matrix: ExactMatrix): number {
  return nullSpace(matrix.columns <= matrix.rows ? matrix : transpose(toIntegerMatrix(matrix))).rank
}
