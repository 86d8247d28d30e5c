/** An integer matrix, row-major: entry (i, j) is entries[i * columns + j]. Exact. */
export interface IntegerMatrix {
  readonly rows: number
  readonly columns: number
  readonly entries: readonly bigint[]
}

/** The matrix with these entries in row-major order. @throws RangeError when their number is not rows * columns */
export function integerMatrix(rows: number, columns: number, entries: readonly bigint[]): IntegerMatrix {
  if (entries.length !== rows * columns) {
    throw new RangeError(`integerMatrix: ${entries.length} entries for ${rows} x ${columns}`)
  }
  return { rows, columns, entries }
}

/** The matrix whose only column is the vector. */
export const columnMatrix = (vector: readonly bigint[]): IntegerMatrix => ({
  rows: vector.length,
  columns: 1,
  entries: vector
})

export function transpose(a: IntegerMatrix): IntegerMatrix {
  const entries: bigint[] = []
  for (let j = 0; j < a.columns; j++) for (let i = 0; i < a.rows; i++) entries.push(a.entries[i * a.columns + j]!)
  return { rows: a.columns, columns: a.rows, entries }
}

/** The inner product of two vectors of one length; quick when the first has many zeros. Exact. */
export function dot(a: readonly bigint[], b: readonly bigint[]): bigint {
  let sum = 0n
  for (let i = 0; i < a.length; i++) if (a[i] !== 0n) sum += a[i]! * b[i]!
  return sum
}

/** The product A v. Exact. */
export function timesVector(a: IntegerMatrix, v: readonly bigint[]): bigint[] {
  if (v.length !== a.columns) throw new RangeError(`timesVector: ${v.length} entries for ${a.columns} columns`)
  const product: bigint[] = []
  for (let i = 0, at = 0; i < a.rows; i++) {
    let sum = 0n
    for (let j = 0; j < a.columns; j++, at++) {
      const entry = a.entries[at]!
      if (entry !== 0n) sum += entry * v[j]!
    }
    product.push(sum)
  }
  return product
}
