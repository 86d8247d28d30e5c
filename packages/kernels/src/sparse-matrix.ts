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
  const [outerStride, innerStride] = which === 'itself' ? [columns, 1] : [1, columns]
  let count = 0
  for (const x of dense) if (x !== 0) count++
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
  let at = 0
  for (let s = 0; s < strips; s++)
    for (let i = 0; i < outer; i++) {
      startView[s * (outer + 1) + i] = at
      for (let k = s * strip; k < Math.min(inner, (s + 1) * strip); k++) {
        const x = dense[i * outerStride + k * innerStride]!
        if (x === 0) continue
        placeView[at] = 8 * slab * k
        valueView[at++] = x
      }
      startView[s * (outer + 1) + i + 1] = at
    }
  const rightView = new Float64Array(buffer, right, inner * slabs * slab)
  const resultView = new Float64Array(buffer, result, outer * slabs * slab)
  return {
    rows: outer,
    columns: inner,
    addTimes(c, b) {
      for (let j = 0; j < width; j++) {
        let to = (j >> 4) * inner * slab + (j & 15)
        let from = b.at + j * b.columnStride
        for (let k = 0; k < inner; k++, to += slab, from += b.rowStride) rightView[to] = b.data[from]!
      }
      resultView.fill(0)
      for (let s = 0; s < strips; s++)
        routines.sparseRows(outer, 4 * s * (outer + 1), places, values, right, 8 * slab * inner, slabs, result)
      for (let j = 0; j < width; j++) {
        let from = (j >> 4) * outer * slab + (j & 15)
        let to = c.at + j * c.columnStride
        for (let i = 0; i < outer; i++, from += slab, to += c.rowStride) c.data[to] = c.data[to]! + resultView[from]!
      }
    }
  }
}
