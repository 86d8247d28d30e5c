import { newInstance } from './instance.ts'
import type { Strided } from './strided.ts'

/** A sparse matrix S that multiplies dense ones, with memory of its own that goes with it. */
export interface SparseMatrix {
  readonly rows: number
  readonly columns: number
  /** C += S B for a dense B of `columns` rows and as many columns as were prepared for. Approximate. */
  readonly addTimes: (c: Strided, b: Strided) => void
}

/** Columns that the kernel keeps in registers, and rows of the dense factor that stay in the first-level cache meanwhile. */
const slab = 16
const strip = 192

/**
 * Prepares the non-zero entries of a dense row-major rows x columns matrix, or of its transpose, for products with dense matrices of `width`
 * columns. The time of a product is proportional to the number of non-zero entries.
 */
export function sparseMatrix(
  dense: Float64Array,
  rows: number,
  columns: number,
  width: number,
  which: 'itself' | 'transpose' = 'itself'
): SparseMatrix {
  const [outer, inner] = which === 'itself' ? [rows, columns] : [columns, rows]
  let count = 0
  for (let k = 0; k < dense.length; k++) if (dense[k] !== 0) count++
  const slabs = Math.ceil(width / slab)
  const strips = Math.ceil(inner / strip)
  const places = 8 * Math.ceil(((outer + 1) * strips) / 2)
  const values = places + 8 * Math.ceil(count / 2)
  const right = values + 8 * count
  const result = right + 8 * inner * slabs * slab
  const routines = newInstance(result + 8 * outer * slabs * slab)
  const buffer = routines.memory.buffer
  const startView = new Int32Array(buffer, 0, (outer + 1) * strips)
  const placeView = new Int32Array(buffer, places, count)
  const valueView = new Float64Array(buffer, values, count)
  // Entries are counted, then placed; both passes read the dense matrix in its own order. starts[stripAt[k] + i] counts (i, k).
  const [down, across] = which === 'itself' ? [1, 0] : [0, 1]
  const stripAt = Int32Array.from({ length: inner }, (_, k) => Math.floor(k / strip) * (outer + 1))
  const starts = new Int32Array(startView.length + 1)
  for (let i = 0, at = 0; i < rows; i++)
    for (let j = 0; j < columns; j++, at++)
      if (dense[at] !== 0) {
        const to = stripAt[down * j + across * i]! + down * i + across * j + 1
        starts[to] = starts[to]! + 1
      }
  for (let s = 1; s < starts.length; s++) starts[s] = starts[s]! + starts[s - 1]!
  startView.set(starts.subarray(0, startView.length))
  for (let i = 0, at = 0; i < rows; i++)
    for (let j = 0; j < columns; j++, at++)
      if (dense[at] !== 0) {
        const k = down * j + across * i
        const to = stripAt[k]! + down * i + across * j
        const place = starts[to]!
        starts[to] = place + 1
        placeView[place] = 8 * slab * k
        valueView[place] = dense[at]!
      }
  const rightView = new Float64Array(buffer, right, inner * slabs * slab)
  const resultView = new Float64Array(buffer, result, outer * slabs * slab)
  return {
    rows: outer,
    columns: inner,
    addTimes(c, b) {
      eachSlab(b, inner, width, (at, from, length, step) => {
        for (let j = 0; j < length; j++, from += step) rightView[at + j] = b.data[from]!
      })
      resultView.fill(0)
      for (let s = 0; s < strips; s++)
        routines.sparseRows(outer, 4 * s * (outer + 1), places, values, right, 8 * slab * inner, slabs, result)
      eachSlab(c, outer, width, (at, to, length, step) => {
        for (let j = 0; j < length; j++, to += step) c.data[to] = c.data[to]! + resultView[at + j]!
      })
    }
  }
}

/** Visits a rows x width matrix in pieces of rows as wide as a slab: the place of each in the slabs, its first index, length and step. */
function eachSlab(
  m: Strided,
  rows: number,
  width: number,
  act: (at: number, from: number, length: number, step: number) => void
): void {
  for (let left = 0, at = 0; left < width; left += slab)
    for (let k = 0; k < rows; k++, at += slab)
      act(at, m.at + k * m.rowStride + left * m.columnStride, Math.min(slab, width - left), m.columnStride)
}
