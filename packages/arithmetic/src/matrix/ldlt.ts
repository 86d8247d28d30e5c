import { dot, type IntegerMatrix, integerMatrix, timesVector } from './integer-matrix.ts'
import { solveExactly } from './solve.ts'
import { primitive } from './square-solution.ts'

/**
 * A term of a symmetric integer matrix as a sum of independent squares,
 * A = sum over k of form_k form_k^T / (pivot_(k-1) pivot_k) with pivot_(-1) = 1.
 * Each form is zero on the directions before its own and takes the value pivot_k on direction_k.
 */
export interface SquareTerm {
  readonly direction: readonly bigint[]
  readonly form: readonly bigint[]
  readonly pivot: bigint
}

/** Numbers of positive, negative and zero eigenvalues. */
export interface Inertia {
  readonly positive: number
  readonly negative: number
  readonly zero: number
}

export type Definiteness =
  | { readonly kind: 'positive-definite' }
  | { readonly kind: 'positive-semidefinite'; readonly rank: number }
  | { readonly kind: 'not-positive-semidefinite'; readonly direction: readonly bigint[] }

/**
 * A symmetric integer matrix as a sum of squares, as many as its rank, by fraction-free LDL^T elimination: pivots on the
 * diagonal while it is not zero, else on the sum of two coordinates (Lagrange's method). Exact.
 * @throws RangeError when the matrix is not symmetric
 */
export const ldlt = (matrix: IntegerMatrix): SquareTerm[] => [...squares(matrix, anyDirection)]

/** Inertia of a symmetric integer matrix. Exact. Reference: Sylvester's law. @throws RangeError when not symmetric */
export function inertiaOf(matrix: IntegerMatrix): Inertia {
  let negative = 0
  let rank = 0
  let previous = 1n
  for (const { pivot } of squares(matrix, anyDirection)) {
    if (pivot > 0n !== previous > 0n) negative++
    rank++
    previous = pivot
  }
  return { positive: rank - negative, negative, zero: matrix.rows - rank }
}

/**
 * Whether a symmetric integer matrix is positive definite or semidefinite; if not, a primitive integer vector v with
 * v^T A v < 0, checked by multiplying out. Exact. @throws RangeError when the matrix is not symmetric
 */
export function definiteness(matrix: IntegerMatrix): Definiteness {
  const directions: (readonly bigint[])[] = []
  for (const { direction, pivot } of squares(matrix, (rest) => fallingDirection(rest) ?? anyDirection(rest))) {
    if (pivot < 0n) return { kind: 'not-positive-semidefinite', direction: conjugate(matrix, directions, direction) }
    directions.push(direction)
  }
  return directions.length === matrix.rows
    ? { kind: 'positive-definite' }
    : { kind: 'positive-semidefinite', rank: directions.length }
}

/** v^T A v. Exact. */
export const quadraticForm = (matrix: IntegerMatrix, v: readonly bigint[]): bigint => dot(timesVector(matrix, v), v)

/**
 * Takes squares off the matrix, one in each chosen direction, until it is zero. What remains after pivot p is rest / p:
 * its entries are bordered determinants, so the division is exact (Sylvester's identity).
 */
function* squares(
  matrix: IntegerMatrix,
  choose: (rest: readonly (readonly bigint[])[]) => bigint[] | undefined
): Generator<SquareTerm> {
  const n = requireSymmetric(matrix)
  const rest = Array.from({ length: n }, (_, i) => matrix.entries.slice(i * n, (i + 1) * n))
  for (let previous = 1n; ; ) {
    const direction = choose(rest)
    if (!direction) return
    const form = rest.map((row) => dot(direction, row))
    const pivot = dot(direction, form)
    yield { direction, form, pivot }
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        const entry = rest[i]![j]!
        if (entry === 0n && (form[i] === 0n || form[j] === 0n)) continue
        rest[i]![j] = rest[j]![i] = (pivot * entry - form[i]! * form[j]!) / previous
      }
    }
    previous = pivot
  }
}

/** A direction on which the form is not zero; undefined for the zero form. */
function anyDirection(rest: readonly (readonly bigint[])[]): bigint[] | undefined {
  const onDiagonal = rest.findIndex((row, i) => row[i] !== 0n)
  if (onDiagonal >= 0) return unit(rest.length, onDiagonal)
  const i = rest.findIndex((row) => row.some((e) => e !== 0n))
  if (i < 0) return undefined
  const direction = unit(rest.length, i)
  direction[rest[i]!.findIndex((e) => e !== 0n)] = 1n
  return direction
}

/** A direction on which the form is negative, if the diagonal betrays one. */
function fallingDirection(rest: readonly (readonly bigint[])[]): bigint[] | undefined {
  const negative = rest.findIndex((row, i) => row[i]! < 0n)
  if (negative >= 0) return unit(rest.length, negative)
  const i = rest.findIndex((row, k) => row[k] === 0n && row.some((e) => e !== 0n))
  if (i < 0) return undefined
  const j = rest[i]!.findIndex((e) => e !== 0n)
  // The value at t e_i + e_j is 2 t a + c.
  const a = rest[i]![j]!
  const c = rest[j]![j]!
  const direction = unit(rest.length, j)
  direction[i] = a < 0n ? c / (-2n * a) + 1n : -(c / (2n * a)) - 1n
  return direction
}

/** The multiple of the direction, moved along the earlier ones, that is orthogonal to them in A; A falls along it. */
function conjugate(
  matrix: IntegerMatrix,
  earlier: readonly (readonly bigint[])[],
  direction: readonly bigint[]
): bigint[] {
  const images = earlier.map((u) => timesVector(matrix, u))
  const gram = images.flatMap((image) => earlier.map((u) => dot(image, u)))
  const x = solveExactly(
    integerMatrix(earlier.length, earlier.length, gram),
    integerMatrix(
      earlier.length,
      1,
      images.map((image) => dot(image, direction))
    )
  )
  if (x.kind === 'singular') throw new Error('definiteness: the directions of non-zero squares are dependent')
  const v = primitive(
    direction.map((d, i) => earlier.reduce((sum, u, k) => sum - x.numerators[k]! * u[i]!, x.denominator * d))
  )
  if (quadraticForm(matrix, v) >= 0n) throw new Error('definiteness: the direction does not fall')
  return v
}

function unit(n: number, i: number): bigint[] {
  const e = new Array<bigint>(n).fill(0n)
  e[i] = 1n
  return e
}

function requireSymmetric({ rows: n, columns, entries }: IntegerMatrix): number {
  if (n !== columns) throw new RangeError(`symmetric matrix: ${n} x ${columns}`)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      if (entries[i * n + j] !== entries[j * n + i])
        throw new RangeError(`symmetric matrix: entry (${i}, ${j}) differs`)
    }
  }
  return n
}
