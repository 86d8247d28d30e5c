import type { IntegerMatrix } from './integer-matrix.ts'
import { fromLimbs, toLimbs } from './limbs.ts'

/** Bits of one limb. With primes below 2^22 it keeps dot products of up to 2^11 limbs and residues exact in doubles. */
export const limbBits = 22

/**
 * An integer matrix as planes of limbs: entry (i, j) is the sum over l of planes[l][i * columns + j] * 2^(22 l), each
 * limb an integer of magnitude at most 2^21. Exact: doubles that hold integers.
 */
export interface LimbMatrix {
  readonly rows: number
  readonly columns: number
  readonly limbBits: 22
  readonly planes: readonly Float64Array[]
}

/** An integer matrix in either form. */
export type ExactMatrix = IntegerMatrix | LimbMatrix

/** The same matrix in limb planes. Exact. */
export const toLimbMatrix = (a: ExactMatrix): LimbMatrix =>
  'planes' in a ? a : { rows: a.rows, columns: a.columns, limbBits, planes: toLimbs(a.entries, limbBits) }

/** The same matrix with BigInt entries. Exact. */
export const toIntegerMatrix = (a: ExactMatrix): IntegerMatrix =>
  'planes' in a ? { rows: a.rows, columns: a.columns, entries: fromLimbs(a.planes, limbBits, a.rows * a.columns) } : a

/** The entries in these rows and these columns, in that order. */
export function submatrix(a: IntegerMatrix, rows: readonly number[], columns: readonly number[]): IntegerMatrix
export function submatrix(a: ExactMatrix, rows: readonly number[], columns: readonly number[]): ExactMatrix
export function submatrix(a: ExactMatrix, rows: readonly number[], columns: readonly number[]): ExactMatrix {
  const places = rows.flatMap((i) => columns.map((j) => i * a.columns + j))
  const shape = { rows: rows.length, columns: columns.length }
  return 'planes' in a
    ? { ...shape, limbBits, planes: a.planes.map((plane) => Float64Array.from(places, (at) => plane[at]!)) }
    : { ...shape, entries: places.map((at) => a.entries[at]!) }
}
