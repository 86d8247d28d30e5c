import { type IntegerMatrix, integerMatrix } from '@nadir/arithmetic'

/** A matrix of integers as a list of rows; factors that do not matter are left out. */
export type Rows = readonly (readonly bigint[])[]

export const rowsOf = (entries: readonly bigint[], rows: number): Rows => {
  const width = entries.length / rows
  return Array.from({ length: rows }, (_, k) => entries.slice(k * width, (k + 1) * width))
}

export const transposeRows = (a: Rows): Rows => a[0]!.map((_, k) => a.map((row) => row[k]!))

export function product(a: Rows, b: Rows): Rows {
  const width = b[0]!.length
  return a.map((row) => {
    const sums = new Array<bigint>(width).fill(0n)
    for (const [k, x] of row.entries()) if (x !== 0n) for (let j = 0; j < width; j++) sums[j]! += x * b[k]![j]!
    return sums
  })
}

export const timesColumn = (a: Rows, v: readonly bigint[]): bigint[] =>
  a.map((row) => row.reduce((sum, x, k) => sum + x * v[k]!, 0n))

export const isZeroMatrix = (a: Rows): boolean => a.every((row) => row.every((x) => x === 0n))

/** u v^T */
export const outer = (u: readonly bigint[], v: readonly bigint[]): Rows => u.map((a) => v.map((b) => a * b))

export const identity = (size: number): Rows =>
  Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => (i === j ? 1n : 0n)))

export const toIntegers = (a: Rows): IntegerMatrix => integerMatrix(a.length, a[0]!.length, a.flat())
