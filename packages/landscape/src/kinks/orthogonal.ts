import { addProduct, rowMajor, transposed } from '@nadir/kernels'

/** Rows of a matrix split into independent ones and an orthonormal basis of what they leave. Approximate. */
export interface RowSpace {
  readonly length: number
  /** Indices of the rows that are independent of the rows before them. */
  readonly independent: readonly number[]
  /** Orthonormal rows, `length` of them if complete: the first `independent.length` span the rows, the others are orthogonal to them. */
  readonly basis: Float64Array
  /** Row a of the triangle holds the coefficients of independent row a by the first a + 1 rows of the basis; row stride `length`. */
  readonly triangle: Float64Array
}

/** Householder's factorisation of `count` rows of this length; a row counts as dependent when less than `tolerance` of it is left. */
export function rowSpace(
  rows: Float64Array,
  count: number,
  length: number,
  { tolerance = 1e-10, complete = true } = {}
): RowSpace {
  // Row r of V is reflector r; its first r entries are 0.
  const V = new Float64Array(Math.min(count, length) * length)
  const independent: number[] = []
  const triangle = new Float64Array(V.length)
  const v = new Float64Array(length)
  for (let a = 0; a < count && independent.length < length; a++) {
    const at = independent.length
    let norm = 0
    for (let k = 0; k < length; k++) {
      const x = rows[a * length + k]!
      v[k] = x
      norm += x * x
    }
    for (let r = 0; r < at; r++) {
      const start = r * length
      let sum = 0
      for (let k = r; k < length; k++) sum += V[start + k]! * v[k]!
      if (sum === 0) continue
      sum *= 2
      for (let k = r; k < length; k++) v[k] = v[k]! - sum * V[start + k]!
    }
    let rest = 0
    for (let k = at; k < length; k++) rest += v[k]! * v[k]!
    if (!(Math.sqrt(rest) > tolerance * Math.sqrt(norm))) continue
    rest = Math.sqrt(rest)
    const sign = v[at]! > 0 ? -1 : 1
    const start = at * length
    for (let k = 0; k < at; k++) triangle[start + k] = v[k]!
    triangle[start + at] = sign * rest
    v[at] = v[at]! - sign * rest
    let size = 0
    for (let k = at; k < length; k++) size += v[k]! * v[k]!
    size = Math.sqrt(size)
    for (let k = at; k < length; k++) V[start + k] = v[k]! / size
    independent.push(a)
  }
  const rank = independent.length
  return { length, independent, basis: basisOf(V, rank, length, complete ? length : rank), triangle }
}

/** The first rows of the product of the reflections, 1 - V T^T V^T. Reference: Schreiber and Van Loan 1989. */
function basisOf(V: Float64Array, count: number, length: number, rows: number): Float64Array {
  const basis = new Float64Array(rows * length)
  for (let k = 0; k < rows; k++) basis[k * length + k] = 1
  if (count === 0) return basis
  const gram = new Float64Array(count * count)
  addProduct(rowMajor(gram, count), rowMajor(V, length), transposed(rowMajor(V, length)), count, count, length)
  const T = new Float64Array(count * count)
  for (let k = 0; k < count; k++) {
    T[k * count + k] = 2
    for (let a = 0; a < k; a++) {
      let sum = 0
      for (let b = a; b < k; b++) sum += T[a * count + b]! * gram[b * count + k]!
      T[a * count + k] = -2 * sum
    }
  }
  const TV = new Float64Array(count * length)
  for (let k = 0; k < T.length; k++) T[k] = -T[k]!
  addProduct(rowMajor(TV, length), transposed(rowMajor(T, count)), rowMajor(V, length), count, length, count)
  addProduct(rowMajor(basis, length), transposed(rowMajor(V, length)), rowMajor(TV, length), rows, length, count)
  return basis
}

/** The multipliers s that make target + sum of s_a row_a smallest, one for each independent row. */
export function leastSquaresMultipliers(space: RowSpace, target: Float64Array): Float64Array {
  const { length, independent, basis, triangle } = space
  const count = independent.length
  const s = new Float64Array(count)
  // target along basis k + sum over rows a >= k of s_a triangle[a][k] = 0, from the last to the first.
  for (let k = count - 1; k >= 0; k--) {
    let sum = 0
    for (let c = 0; c < length; c++) sum += basis[k * length + c]! * target[c]!
    for (let a = k + 1; a < count; a++) sum += s[a]! * triangle[a * length + k]!
    s[k] = -sum / triangle[k * length + k]!
  }
  return s
}

/** The shortest d with row_a . d = values[a] for the independent rows. */
export function shortestSolution(space: RowSpace, values: Float64Array): Float64Array {
  const { length, independent, basis, triangle } = space
  const count = independent.length
  const y = new Float64Array(count)
  const d = new Float64Array(length)
  for (let a = 0; a < count; a++) {
    let sum = values[a]!
    for (let k = 0; k < a; k++) sum -= triangle[a * length + k]! * y[k]!
    y[a] = sum / triangle[a * length + a]!
    for (let c = 0; c < length; c++) d[c] = d[c]! + y[a]! * basis[a * length + c]!
  }
  return d
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!
  return sum
}
