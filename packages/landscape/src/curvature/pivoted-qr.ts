/** Rank of a matrix to a tolerance, with a basis of the vectors that it maps below the tolerance. Approximate. */
export interface NumericalNullSpace {
  readonly rank: number
  /** Vectors of length `columns`, independent, not orthogonal. */
  readonly basis: readonly Float64Array[]
  /** The last pivot that counts and the first that does not (0 where there is none): the gap that decided. */
  readonly gap: readonly [number, number]
}

/**
 * Householder QR with column pivoting of a rows x columns row-major matrix: pivots at most `tolerance` (absolute) count as zero.
 * Reference: Golub and Van Loan, Matrix Computations, 5.4. Approximate.
 */
export function numericalNullSpace(
  matrix: Float64Array,
  rows: number,
  columns: number,
  tolerance: number
): NumericalNullSpace {
  // Columns are contiguous while we work.
  const a = Array.from({ length: columns }, (_, j) => {
    const column = new Float64Array(rows)
    for (let i = 0; i < rows; i++) column[i] = matrix[i * columns + j]!
    return column
  })
  const order = Array.from({ length: columns }, (_, j) => j)
  let rank = 0
  let last = 0
  let first = 0
  for (; rank < Math.min(rows, columns); rank++) {
    let best = rank
    let bestSquare = -1
    for (let j = rank; j < columns; j++) {
      let square = 0
      for (let i = rank; i < rows; i++) square += a[j]![i]! ** 2
      if (square > bestSquare) {
        bestSquare = square
        best = j
      }
    }
    const length = Math.sqrt(bestSquare)
    if (length <= tolerance) {
      first = length
      break
    }
    last = length
    ;[a[rank], a[best]] = [a[best]!, a[rank]!]
    ;[order[rank], order[best]] = [order[best]!, order[rank]!]
    const u = a[rank]!
    const pivot = u[rank]! > 0 ? -length : length
    const head = u[rank]! - pivot
    const scale = -1 / (pivot * head)
    for (let j = rank + 1; j < columns; j++) {
      const c = a[j]!
      let sum = head * c[rank]!
      for (let i = rank + 1; i < rows; i++) sum += u[i]! * c[i]!
      sum *= scale
      c[rank] = c[rank]! - sum * head
      for (let i = rank + 1; i < rows; i++) c[i] = c[i]! - sum * u[i]!
    }
    u[rank] = pivot
  }
  const basis = Array.from({ length: columns - rank }, (_, k) => {
    const vector = new Float64Array(columns)
    const free = rank + k
    vector[order[free]!] = 1
    const x = new Float64Array(rank)
    for (let i = rank - 1; i >= 0; i--) {
      let sum = -a[free]![i]!
      for (let j = i + 1; j < rank; j++) sum -= a[j]![i]! * x[j]!
      x[i] = sum / a[i]![i]!
      vector[order[i]!] = x[i]!
    }
    return vector
  })
  return { rank, basis, gap: [last, first] }
}
