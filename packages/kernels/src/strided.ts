/** A matrix inside an array: entry (i, j) is data[at + i * rowStride + j * columnStride]. */
export interface Strided {
  readonly data: Float64Array
  readonly at: number
  readonly rowStride: number
  readonly columnStride: number
}

/** The row-major matrix with this many columns that starts at `at`, and its transpose. */
export const rowMajor = (data: Float64Array, columns: number, at = 0): Strided => ({
  data,
  at,
  rowStride: columns,
  columnStride: 1
})
export const transposed = (a: Strided): Strided => ({ ...a, rowStride: a.columnStride, columnStride: a.rowStride })
