import { newInstance } from './instance.ts'
import { addProductSlowly } from './reference/dense-product.ts'
import { type Strided, transposed } from './strided.ts'

/** Blocks of A are rows x depth, of B depth x columns; staged, packed and summed they fit the second-level cache. */
const blockRows = 128
const blockColumns = 256
const blockDepth = 256

interface Workspace {
  readonly routines: ReturnType<typeof newInstance>
  readonly staging: Float64Array
  readonly sums: Float64Array
}
const sumsAt = 8 * blockColumns * blockDepth
const leftAt = sumsAt + 8 * blockRows * blockColumns
const rightAt = leftAt + 8 * blockRows * blockDepth
let workspace: Workspace | undefined

function open(): Workspace {
  if (!workspace) {
    const routines = newInstance(rightAt + 8 * blockColumns * blockDepth)
    const buffer = routines.memory.buffer
    workspace = {
      routines,
      staging: new Float64Array(buffer, 0, blockColumns * blockDepth),
      sums: new Float64Array(buffer, sumsAt, blockRows * blockColumns)
    }
  }
  return workspace
}

/**
 * C += A B, A rows x depth, B depth x columns. Approximate (doubles; sums in blocks of 256 terms). Blocks are packed and multiplied by
 * kernels; thin products, where packing would cost more than it saves, are done in place.
 */
export function addProduct(c: Strided, a: Strided, b: Strided, rows: number, columns: number, depth: number): void {
  if (rows < 3 || columns < 3 || depth < 6) {
    addProductSlowly(c, a, b, rows, columns, depth)
    return
  }
  const space = open()
  const bByRows = transposed(b)
  for (let k = 0; k < depth; k += blockDepth) {
    const d = Math.min(blockDepth, depth - k)
    for (let j = 0; j < columns; j += blockColumns) {
      const n = Math.min(blockColumns, columns - j)
      pack(space, bByRows, j, n, k, d, rightAt)
      const stride = n + (-n & 3)
      for (let i = 0; i < rows; i += blockRows) {
        const m = Math.min(blockRows, rows - i)
        pack(space, a, i, m, k, d, leftAt)
        space.sums.fill(0, 0, m * stride)
        space.routines.addTiles(m, stride >> 2, d, leftAt, rightAt, sumsAt, 8 * stride)
        addBlock(c, i, j, space.sums, m, n, stride)
      }
    }
  }
}

/** Rows row..row+rows and columns column..column+depth of A as panels [panel][k][4]; missing rows of the last panel are 0. */
function pack(
  { routines, staging }: Workspace,
  a: Strided,
  row: number,
  rows: number,
  column: number,
  depth: number,
  to: number
): void {
  const { data, rowStride, columnStride } = a
  const from = a.at + row * rowStride + column * columnStride
  const padded = rows + (-rows & 3)
  if (rowStride === 1) {
    if (columnStride === padded) staging.set(data.subarray(from, from + depth * padded))
    else
      for (let k = 0; k < depth; k++) {
        const start = from + k * columnStride
        staging.set(data.subarray(start, start + rows), k * padded)
        if (padded > rows) staging.fill(0, k * padded + rows, (k + 1) * padded)
      }
    routines.packColumns(0, padded, depth, to)
    return
  }
  if (columnStride === 1 && rowStride === depth) staging.set(data.subarray(from, from + rows * depth))
  else if (columnStride === 1)
    for (let r = 0; r < rows; r++) {
      const start = from + r * rowStride
      staging.set(data.subarray(start, start + depth), r * depth)
    }
  else
    for (let r = 0; r < rows; r++)
      for (let k = 0; k < depth; k++) staging[r * depth + k] = data[from + r * rowStride + k * columnStride]!
  if (padded > rows) staging.fill(0, rows * depth, padded * depth)
  routines.packRows(0, rows, depth, to)
}

function addBlock(
  c: Strided,
  row: number,
  column: number,
  sums: Float64Array,
  rows: number,
  columns: number,
  stride: number
): void {
  const { data, rowStride, columnStride } = c
  for (let r = 0; r < rows; r++) {
    let to = c.at + (row + r) * rowStride + column * columnStride
    const end = r * stride + columns
    for (let at = r * stride; at < end; at++, to += columnStride) data[to] = data[to]! + sums[at]!
  }
}
