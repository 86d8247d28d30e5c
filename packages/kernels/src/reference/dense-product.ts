import type { Strided } from '../strided.ts'

/** C += A B by the definition. Approximate (doubles). Terms with a zero on the left are left out. */
export function addProductSlowly(
  c: Strided,
  a: Strided,
  b: Strided,
  rows: number,
  columns: number,
  depth: number
): void {
  for (let i = 0; i < rows; i++) {
    const to = c.at + i * c.rowStride
    const left = a.at + i * a.rowStride
    for (let k = 0; k < depth; k++) {
      const x = a.data[left + k * a.columnStride]!
      if (x === 0) continue
      const right = b.at + k * b.rowStride
      for (let j = 0; j < columns; j++) {
        const at = to + j * c.columnStride
        c.data[at] = c.data[at]! + x * b.data[right + j * b.columnStride]!
      }
    }
  }
}
