import { newInstance } from './instance.ts'

/** A sparse matrix that is multiplied by dense ones, with memory of its own that goes with it. */
export interface SparseMatrix {
  readonly rows: number
  readonly columns: number
  /** The product with a dense row-major matrix of `columns` rows and `width` columns: rows x width, valid until the next call. Approximate. */
  readonly times: (dense: Float64Array) => Float64Array
  readonly width: number
}

/** The columns that the kernel keeps in registers. */
const lane = 16

/**
 * Prepares the non-zero entries of a dense row-major rows x columns matrix, or of its transpose, for products with dense
 * matrices of `width` columns. The time of a product is proportional to the number of non-zero entries.
 */
export function sparseMatrix(
  dense: Float64Array,
  rows: number,
  columns: number,
  width: number,
  which: 'itself' | 'transpose' = 'itself'
): SparseMatrix {
  const [outer, inner] = which === 'itself' ? [rows, columns] : [columns, rows]
  const read = (i: number, k: number) => (which === 'itself' ? dense[i * columns + k]! : dense[k * columns + i]!)
  let count = 0
  for (const x of dense) if (x !== 0) count++
  const padded = Math.ceil(width / lane) * lane
  const starts = 0
  const places = 8 * Math.ceil((outer + 1) / 2)
  const values = places + 8 * Math.ceil(count / 2)
  const right = values + 8 * count
  const result = right + 8 * inner * padded
  const routines = newInstance(result + 8 * outer * padded)
  const buffer = routines.memory.buffer
  const startView = new Int32Array(buffer, starts, outer + 1)
  const placeView = new Int32Array(buffer, places, count)
  const valueView = new Float64Array(buffer, values, count)
  let at = 0
  for (let i = 0; i < outer; i++) {
    for (let k = 0; k < inner; k++) {
      const x = read(i, k)
      if (x === 0) continue
      placeView[at] = k
      valueView[at++] = x
    }
    startView[i + 1] = at
  }
  const rightView = new Float64Array(buffer, right, inner * padded)
  const resultView = new Float64Array(buffer, result, outer * padded)
  const compact = padded === width ? resultView : new Float64Array(outer * width)
  return {
    rows: outer,
    columns: inner,
    width,
    times(matrix) {
      if (padded === width) rightView.set(matrix)
      else for (let k = 0; k < inner; k++) rightView.set(matrix.subarray(k * width, (k + 1) * width), k * padded)
      routines.sparseRows(outer, starts, places, values, right, padded, result)
      if (padded !== width)
        for (let i = 0; i < outer; i++)
          for (let k = 0; k < width; k++) compact[i * width + k] = resultView[i * padded + k]!
      return compact
    }
  }
}
