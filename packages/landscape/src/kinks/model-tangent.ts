import { addProduct, rowMajor, transposed } from '@nadir/kernels'
import type { SecondOrder } from './linearise.ts'
import { dot, moversOf, type RowSpace } from './orthogonal.ts'

/** A kink that is held, or another constraint: its normal, and the shortest direction along which its argument grows by 1, while those of all others stay. */
export interface Constraint {
  readonly normal: Float64Array
  readonly mover: Float64Array
}

/** The independent rows of a space. */
export function constraintsOf(space: RowSpace): readonly Constraint[] {
  const { length, independent, basis, triangle } = space
  const count = independent.length
  const normals = new Float64Array(count * length)
  if (count > 0)
    addProduct(rowMajor(normals, length), rowMajor(triangle, length), rowMajor(basis, length), count, length, count)
  const movers = moversOf(space)
  const row = (rows: Float64Array, a: number) => rows.subarray(a * length, (a + 1) * length)
  return independent.map((_, a) => ({ normal: row(normals, a), mover: row(movers, a) }))
}

/**
 * The directions that keep all constraints, by the inverse on them of the second derivatives, damped: a symmetric matrix that is 0 on the normals, row-major. Approximate.
 */
export interface ModelTangent {
  readonly inverse: Float64Array
  readonly constraints: Constraint[]
}

/** The tangent at a state; directions of no curvature are left out. */
export function tangentAt(
  { values, directions }: SecondOrder,
  length: number,
  damping: number,
  constraints: readonly Constraint[]
): ModelTangent {
  const count = values.length
  const least = 1e-14 * Math.max(Math.abs(values[0] ?? 0), Math.abs(values.at(-1) ?? 0))
  const scaled = directions.slice()
  for (const [k, value] of values.entries()) {
    const factor = value + damping > least ? 1 / (value + damping) : 0
    for (let c = k * length; c < (k + 1) * length; c++) scaled[c] = scaled[c]! * factor
  }
  const inverse = new Float64Array(length * length)
  if (count > 0)
    addProduct(
      rowMajor(inverse, length),
      transposed(rowMajor(scaled, length)),
      rowMajor(directions, length),
      length,
      length,
      count
    )
  return { inverse, constraints: [...constraints] }
}

/** One constraint more, the last; false where it depends on the others, and nothing is done. */
export function hold({ inverse, constraints }: ModelTangent, normal: Float64Array): boolean {
  const part = normal.slice()
  // Twice: the first time may cancel.
  for (let turn = 0; turn < 2; turn++) {
    const before = turn === 0 ? normal : part.slice()
    for (const one of constraints) addMultiple(part, -dot(one.mover, before), one.normal)
  }
  const square = dot(part, part)
  if (!(square > 1e-16 * dot(normal, normal))) return false
  const image = times(inverse, normal)
  const curvature = dot(image, normal)
  if (!(curvature > 0)) return false
  addSquare(inverse, image, -1 / curvature)
  const mover = part.map((x) => x / square)
  for (const [a, one] of constraints.entries()) {
    const along = dot(one.mover, normal)
    if (along === 0) continue
    const next = one.mover.slice()
    addMultiple(next, -along, mover)
    constraints[a] = { ...one, mover: next }
  }
  constraints.push({ normal, mover })
  return true
}

/** One constraint less; false where the model has no minimum without it, and nothing is done. `bend` multiplies by the second derivatives, damped. */
export function release(
  { inverse, constraints }: ModelTangent,
  index: number,
  bend: (direction: Float64Array) => Float64Array
): boolean {
  const { mover } = constraints[index]!
  const bent = bend(mover)
  const direction = mover.slice()
  addMultiple(direction, -1, times(inverse, bent))
  const curvature = dot(direction, bent)
  if (!(curvature > 1e-12 * Math.sqrt(dot(mover, mover) * dot(bent, bent)))) return false
  addSquare(inverse, direction, 1 / curvature)
  constraints.splice(index, 1)
  const square = dot(mover, mover)
  for (const [a, one] of constraints.entries()) {
    const along = dot(one.mover, mover)
    if (along === 0) continue
    const next = one.mover.slice()
    addMultiple(next, -along / square, mover)
    constraints[a] = { ...one, mover: next }
  }
  return true
}

/** Adds factor times x. */
export function addMultiple(to: Float64Array, factor: number, x: Float64Array): void {
  for (let k = 0; k < to.length; k++) to[k] = to[k]! + factor * x[k]!
}

/** Adds factor times x x^T. */
function addSquare(matrix: Float64Array, x: Float64Array, factor: number): void {
  const size = x.length
  for (let a = 0; a < size; a++) {
    const f = factor * x[a]!
    if (f === 0) continue
    const from = a * size
    for (let k = 0; k < size; k++) matrix[from + k] = matrix[from + k]! + f * x[k]!
  }
}

/** The product of a square row-major matrix. */
export function times(matrix: Float64Array, x: Float64Array): Float64Array {
  const size = x.length
  const product = new Float64Array(size)
  for (let a = 0, at = 0; a < size; a++) {
    // Two sums: one alone would wait for each addition.
    let even = 0
    let odd = 0
    let k = 0
    for (; k + 1 < size; k += 2, at += 2) {
      even += matrix[at]! * x[k]!
      odd += matrix[at + 1]! * x[k + 1]!
    }
    for (; k < size; k++, at++) even += matrix[at]! * x[k]!
    product[a] = even + odd
  }
  return product
}
