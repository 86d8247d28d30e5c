import { add, divide, multiply, sign, subtract, unitVector } from './fraction.ts'
import type { Row } from './planted-kinks.ts'

/** The numbers of positive, zero and negative eigenvalues of a symmetric matrix; exchanges and 2 x 2 pivots as needed. */
export const inertiaOf = (matrix: readonly Row[]): readonly [number, number, number] => {
  let rows = matrix.map((row) => [...row])
  let positive = 0
  let negative = 0
  while (rows.length > 0) {
    let k = rows.findIndex((row, at) => sign(row[at]) !== 0)
    if (k < 0) {
      const i = rows.findIndex((row) => row.some((entry) => sign(entry) !== 0))
      if (i < 0) break
      const j = rows[i].findIndex((entry) => sign(entry) !== 0)
      // x_i := x_i + x_j makes the diagonal entry 2 a_ij.
      rows = rows.map((row, a) => (a === i ? row.map((entry, b) => add(entry, rows[j][b])) : row))
      for (const row of rows) row[i] = add(row[i], row[j])
      k = i
    }
    const pivot = rows[k][k]
    if (sign(pivot) > 0) positive += 1
    else negative += 1
    const line = rows[k]
    rows = rows
      .filter((_, a) => a !== k)
      .map((row) => {
        const factor = divide(row[k], pivot)
        return row.map((entry, b) => subtract(entry, multiply(factor, line[b]))).filter((_, b) => b !== k)
      })
  }
  return [positive, matrix.length - positive - negative, negative]
}

/** The inverse of a regular matrix; undefined for a singular one. */
export const inverseOf = (matrix: readonly Row[]): readonly Row[] | undefined => {
  const size = matrix.length
  const rows = matrix.map((row, a) => [...row, ...unitVector(size, a)])
  for (let k = 0; k < size; k += 1) {
    const best = rows.findIndex((row, a) => a >= k && sign(row[k]) !== 0)
    if (best < 0) return undefined
    ;[rows[k], rows[best]] = [rows[best], rows[k]]
    const pivot = rows[k][k]
    rows[k] = rows[k].map((entry) => divide(entry, pivot))
    for (const [a, row] of rows.entries()) {
      if (a === k || sign(row[k]) === 0) continue
      const factor = row[k]
      rows[a] = row.map((entry, b) => subtract(entry, multiply(factor, rows[k][b])))
    }
  }
  return rows.map((row) => row.slice(size))
}
