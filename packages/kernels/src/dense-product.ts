import { newInstance } from './instance.ts'
import { addProductSlowly } from './reference/dense-product.ts'

/** A matrix inside an array: entry (i, j) is data[at + i * rowStride + j * columnStride]. */
export interface Strided {
  readonly data: Float64Array
  readonly at: number
  readonly rowStride: number
  readonly columnStride: number
}

/** The row-major matrix that fills the array from `at` on, and its transpose. */
export const rowMajor = (data: Float64Array, columns: number, at = 0): Strided => ({
  data,
  at,
  rowStride: columns,
  columnStride: 1
})
export const transposed = (a: Strided): Strided => ({ ...a, rowStride: a.columnStride, columnStride: a.rowStride })

/** Rows, columns and depth of the blocks that are packed: together they fit the second-level cache. */
const block = 256
const blockBytes = block * block * 8

let packed: { routines: ReturnType<typeof newInstance>; a: Float64Array; b: Float64Array; c: Float64Array } | undefined

function packingSpace() {
  if (!packed) {
    const routines = newInstance(3 * blockBytes)
    const part = (k: number) => new Float64Array(routines.memory.buffer, k * blockBytes, block * block)
    packed = { routines, a: part(0), b: part(1), c: part(2) }
  }
  return packed
}

/**
 * C += A B, A rows x depth, B depth x columns. Approximate (doubles; sums in blocks of 256 terms). Blocks are packed and
 * multiplied by the `tiles` kernel; thin products, where packing would cost more than it saves, are done in place.
 */
export function addProduct(c: Strided, a: Strided, b: Strided, rows: number, columns: number, depth: number): void {
  if (rows < 3 || columns < 3 || depth < 6) {
    addProductSlowly(c, a, b, rows, columns, depth)
    return
  }
  const space = packingSpace()
  for (let k = 0; k < depth; k += block) {
    const d = Math.min(block, depth - k)
    for (let j = 0; j < columns; j += block) {
      const n = Math.min(block, columns - j)
      pack(space.b, transposed(b), j, n, k, d)
      for (let i = 0; i < rows; i += block) {
        const m = Math.min(block, rows - i)
        pack(space.a, a, i, m, k, d)
        space.routines.tiles((m + 3) >> 2, (n + 3) >> 2, d, 0, blockBytes, 2 * blockBytes)
        unpack(space.c, c, i, m, j, n)
      }
    }
  }
}

/** Rows row..row+rows of A, columns column..column+depth, as panels [panel][k][4]; missing rows of the last panel are 0. */
function pack(to: Float64Array, a: Strided, row: number, rows: number, column: number, depth: number): void {
  const whole = rows & ~3
  if (a.rowStride === 1) packContiguousRows(to, a, row, whole, column, depth)
  else packPanels(to, a, row, whole, column, depth)
  const { data, rowStride, columnStride } = a
  const filled = rows - whole
  if (filled === 0) return
  const from = a.at + (row + whole) * rowStride + column * columnStride
  for (let k = 0; k < depth; k++)
    for (let q = 0; q < 4; q++)
      to[whole * depth + 4 * k + q] = q < filled ? data[from + q * rowStride + k * columnStride]! : 0
}

function packPanels(to: Float64Array, a: Strided, row: number, rows: number, column: number, depth: number): void {
  const { data, rowStride, columnStride } = a
  for (let r = 0; r < rows; r += 4) {
    let first = a.at + (row + r) * rowStride + column * columnStride
    let second = first + rowStride
    let third = second + rowStride
    let fourth = third + rowStride
    const end = (r + 4) * depth
    for (let at = r * depth; at < end; at += 4) {
      to[at] = data[first]!
      to[at + 1] = data[second]!
      to[at + 2] = data[third]!
      to[at + 3] = data[fourth]!
      first += columnStride
      second += columnStride
      third += columnStride
      fourth += columnStride
    }
  }
}

/** The same when the rows of A are contiguous in memory: a few columns at a time, so that reads and writes both run along lines. */
function packContiguousRows(
  to: Float64Array,
  a: Strided,
  row: number,
  rows: number,
  column: number,
  depth: number
): void {
  const { data, columnStride } = a
  const strip = 8
  for (let k = 0; k < depth; k += strip) {
    const columns = Math.min(strip, depth - k)
    const from = a.at + row + (column + k) * columnStride
    for (let r = 0; r < rows; r += 4) {
      let at = r * depth + 4 * k
      let read = from + r
      for (let c = 0; c < columns; c++) {
        to[at] = data[read]!
        to[at + 1] = data[read + 1]!
        to[at + 2] = data[read + 2]!
        to[at + 3] = data[read + 3]!
        at += 4
        read += columnStride
      }
    }
  }
}

/** Adds tiles [row panel][column panel][4][4] to C. */
function unpack(from: Float64Array, c: Strided, row: number, rows: number, column: number, columns: number): void {
  const { data, rowStride, columnStride } = c
  const panels = (columns + 3) >> 2
  for (let r = 0; r < rows; r++) {
    const tiles = (r >> 2) * panels * 16 + (r & 3) * 4
    const to = c.at + (row + r) * rowStride + column * columnStride
    for (let j = 0; j < columns; j++) {
      const at = to + j * columnStride
      data[at] = data[at]! + from[tiles + (j >> 2) * 16 + (j & 3)]!
    }
  }
}
