import { type ExactMatrix, limbBits, toLimbMatrix } from '../matrix/limb-matrix.ts'
import { centredResidue, inverseModulo } from './prime-field.ts'

/** Rank of a matrix modulo a prime and the rows and columns of one non-zero minor of that size. */
export interface ModularPivots {
  readonly rank: number
  readonly pivotRows: readonly number[]
  readonly pivotColumns: readonly number[]
}

/** The centred residues of all entries, row-major, modulo the odd prime below 2^22. Exact. */
export function residuesModulo(a: ExactMatrix, prime: number): Float64Array {
  const { planes } = toLimbMatrix(a)
  const reciprocal = 1 / prime
  const shift = centredResidue(2 ** limbBits, prime, reciprocal)
  const residues = new Float64Array(a.rows * a.columns)
  for (let l = planes.length - 1; l >= 0; l--) {
    const plane = planes[l]!
    for (let at = 0; at < residues.length; at++) {
      residues[at] = centredResidue(residues[at]! * shift + plane[at]!, prime, reciprocal)
    }
  }
  return residues
}

/**
 * Rank and pivots of the rows x columns matrix of centred residues. Pivot columns are the leftmost independent ones. The
 * minor on pivot rows and columns is non-zero modulo the prime, hence over the integers: the rank is a lower bound of
 * the rational rank. Exact.
 */
export function pivotsModulo(residues: Float64Array, rows: number, columns: number, prime: number): ModularPivots {
  const a = Float64Array.from(residues)
  const reciprocal = 1 / prime
  const order = Array.from({ length: rows }, (_, i) => i)
  const pivotColumns: number[] = []
  let rank = 0
  for (let column = 0; column < columns && rank < rows; column++) {
    let found = rank
    while (found < rows && a[order[found]! * columns + column] === 0) found++
    if (found === rows) continue
    ;[order[rank], order[found]] = [order[found]!, order[rank]!]
    const pivotRow = order[rank]! * columns
    const inverse = inverseModulo(a[pivotRow + column]!, prime)
    for (let below = rank + 1; below < rows; below++) {
      const row = order[below]! * columns
      const factor = centredResidue(a[row + column]! * inverse, prime, reciprocal)
      if (factor === 0) continue
      for (let j = column; j < columns; j++) {
        a[row + j] = centredResidue(a[row + j]! - factor * a[pivotRow + j]!, prime, reciprocal)
      }
    }
    pivotColumns.push(column)
    rank++
  }
  return { rank, pivotRows: order.slice(0, rank).sort((i, j) => i - j), pivotColumns }
}

const blockSize = 32

/**
 * The inverse, in centred residues, of an n x n matrix of centred residues modulo an odd prime below 2^22; undefined when
 * it is singular modulo the prime. Exact. Gauss-Jordan in place by blocks: one reduction per entry and block.
 */
export function invertModulo(residues: Float64Array, n: number, prime: number): Float64Array | undefined {
  const a = Float64Array.from(residues)
  const reciprocal = 1 / prime
  const order = Int32Array.from({ length: n }, (_, i) => i)
  for (let from = 0; from < n; from += blockSize) {
    const width = Math.min(blockSize, n - from)
    if (!bringIndependentRows(a, n, from, width, order, prime)) return undefined
    // The columns of the block, kept before they are overwritten.
    const left = new Float64Array(n * width)
    for (let i = 0; i < n; i++) for (let k = 0; k < width; k++) left[i * width + k] = a[i * n + from + k]!
    const inverse = invertBlock(left.slice(from * width, (from + width) * width), width, prime)
    // Transposed new pivot rows: inverse * (old pivot rows, with the identity in place of the block itself).
    const right = new Float64Array(n * width)
    for (let j = 0; j < n; j++) {
      const inBlock = j >= from && j < from + width
      for (let k = 0; k < width; k++) {
        let sum = 0
        if (inBlock) sum = inverse[k * width + j - from]!
        else for (let m = 0; m < width; m++) sum += inverse[k * width + m]! * a[(from + m) * n + j]!
        right[j * width + k] = centredResidue(sum, prime, reciprocal)
      }
    }
    for (let i = 0; i < n; i++) for (let k = 0; k < width; k++) a[i * n + from + k] = 0
    subtractProduct(a, left, right, n, width, prime)
    for (let k = 0; k < width; k++) for (let j = 0; j < n; j++) a[(from + k) * n + j] = right[j * width + k]!
  }
  const result = new Float64Array(n * n)
  for (let j = 0; j < n; j++) {
    const column = order[j]!
    for (let i = 0; i < n; i++) result[i * n + column] = a[i * n + j]!
  }
  return result
}

/** Swaps rows so that rows from, ..., from + width - 1 are independent in the columns of the block; false if impossible. */
function bringIndependentRows(
  a: Float64Array,
  n: number,
  from: number,
  width: number,
  order: Int32Array,
  prime: number
): boolean {
  const reciprocal = 1 / prime
  const echelon: { lead: number; row: Float64Array }[] = []
  for (let i = from; i < n && echelon.length < width; i++) {
    const row = a.slice(i * n + from, i * n + from + width)
    for (const e of echelon) {
      const factor = row[e.lead]!
      if (factor === 0) continue
      for (let j = 0; j < width; j++) row[j] = centredResidue(row[j]! - factor * e.row[j]!, prime, reciprocal)
    }
    const lead = row.findIndex((x) => x !== 0)
    if (lead < 0) continue
    const inverse = inverseModulo(row[lead]!, prime)
    for (let j = 0; j < width; j++) row[j] = centredResidue(row[j]! * inverse, prime, reciprocal)
    const target = from + echelon.length
    echelon.push({ lead, row })
    if (target === i) continue
    const kept = a.slice(i * n, (i + 1) * n)
    a.copyWithin(i * n, target * n, (target + 1) * n)
    a.set(kept, target * n)
    const label = order[i]!
    order[i] = order[target]!
    order[target] = label
  }
  return echelon.length === width
}

/** The inverse of a w x w block known to be invertible, by plain Gauss-Jordan elimination. */
function invertBlock(block: Float64Array, w: number, prime: number): Float64Array {
  const reciprocal = 1 / prime
  const width = 2 * w
  const a = new Float64Array(w * width)
  for (let i = 0; i < w; i++) {
    a.set(block.subarray(i * w, (i + 1) * w), i * width)
    a[i * width + w + i] = 1
  }
  for (let k = 0; k < w; k++) {
    let pivot = k
    while (a[pivot * width + k] === 0) pivot++
    if (pivot !== k) {
      const kept = a.slice(k * width, (k + 1) * width)
      a.copyWithin(k * width, pivot * width, (pivot + 1) * width)
      a.set(kept, pivot * width)
    }
    const inverse = inverseModulo(a[k * width + k]!, prime)
    for (let j = k; j < width; j++) a[k * width + j] = centredResidue(a[k * width + j]! * inverse, prime, reciprocal)
    for (let i = 0; i < w; i++) {
      const factor = i === k ? 0 : a[i * width + k]!
      if (factor === 0) continue
      for (let j = k; j < width; j++) {
        a[i * width + j] = centredResidue(a[i * width + j]! - factor * a[k * width + j]!, prime, reciprocal)
      }
    }
  }
  const result = new Float64Array(w * w)
  for (let i = 0; i < w; i++) result.set(a.subarray(i * width + w, (i + 1) * width), i * w)
  return result
}

/** a -= left * right^T modulo the prime; a is n x n, left and right are n x w. Four rows and two columns at a time. */
function subtractProduct(
  a: Float64Array,
  left: Float64Array,
  right: Float64Array,
  n: number,
  w: number,
  prime: number
) {
  const reciprocal = 1 / prime
  let i = 0
  for (; i + 3 < n; i += 4) {
    const l0 = i * w
    const l1 = l0 + w
    const l2 = l1 + w
    const l3 = l2 + w
    let j = 0
    for (; j + 1 < n; j += 2) {
      const r0 = j * w
      const r1 = r0 + w
      let s00 = 0
      let s01 = 0
      let s10 = 0
      let s11 = 0
      let s20 = 0
      let s21 = 0
      let s30 = 0
      let s31 = 0
      for (let k = 0; k < w; k++) {
        const x = right[r0 + k]!
        const y = right[r1 + k]!
        const u0 = left[l0 + k]!
        const u1 = left[l1 + k]!
        const u2 = left[l2 + k]!
        const u3 = left[l3 + k]!
        s00 += u0 * x
        s01 += u0 * y
        s10 += u1 * x
        s11 += u1 * y
        s20 += u2 * x
        s21 += u2 * y
        s30 += u3 * x
        s31 += u3 * y
      }
      const at = i * n + j
      a[at] = centredResidue(a[at]! - s00, prime, reciprocal)
      a[at + 1] = centredResidue(a[at + 1]! - s01, prime, reciprocal)
      a[at + n] = centredResidue(a[at + n]! - s10, prime, reciprocal)
      a[at + n + 1] = centredResidue(a[at + n + 1]! - s11, prime, reciprocal)
      a[at + 2 * n] = centredResidue(a[at + 2 * n]! - s20, prime, reciprocal)
      a[at + 2 * n + 1] = centredResidue(a[at + 2 * n + 1]! - s21, prime, reciprocal)
      a[at + 3 * n] = centredResidue(a[at + 3 * n]! - s30, prime, reciprocal)
      a[at + 3 * n + 1] = centredResidue(a[at + 3 * n + 1]! - s31, prime, reciprocal)
    }
    for (; j < n; j++) for (let row = i; row < i + 4; row++) subtractDot(row, j)
  }
  for (; i < n; i++) for (let j = 0; j < n; j++) subtractDot(i, j)

  function subtractDot(row: number, column: number): void {
    let sum = 0
    for (let k = 0; k < w; k++) sum += left[row * w + k]! * right[column * w + k]!
    a[row * n + column] = centredResidue(a[row * n + column]! - sum, prime, reciprocal)
  }
}
