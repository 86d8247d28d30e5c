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

/** Rows that are reflected together. */
const panel = 16

/**
 * Householder's factorisation of `count` rows of this length; a row counts as dependent when less than `tolerance` of it is left. Reflections are applied panel by panel as 1 - V^T T V. Reference: Schreiber and Van
 * Loan 1989.
 */
export function rowSpace(
  rows: Float64Array,
  count: number,
  length: number,
  { tolerance = 1e-10, complete = true } = {}
): RowSpace {
  const most = Math.min(count, length)
  // Row r of V is reflector r; its first r entries are 0. T is upper triangular.
  const V = new Float64Array(most * length)
  const T = new Float64Array(most * most)
  const independent: number[] = []
  const triangle = new Float64Array(V.length)
  for (let start = 0; start < count && independent.length < length; start += panel) {
    const end = Math.min(start + panel, count)
    const known = independent.length
    const part = rows.slice(start * length, end * length)
    if (known > 0)
      addProduct(
        rowMajor(part, length),
        rowMajor(timesReflectors(part, end - start), most),
        rowMajor(V, length),
        end - start,
        length,
        known
      )
    for (let a = start; a < end && independent.length < length; a++) {
      const at = independent.length
      const v = part.subarray((a - start) * length, (a - start + 1) * length)
      for (let r = known; r < at; r++) {
        const from = r * length
        const sum = 2 * dotFrom(V, from, v, r, length)
        for (let k = r; k < length; k++) v[k] = v[k]! - sum * V[from + k]!
      }
      const size = Math.sqrt(dotFrom(rows, a * length, rows.subarray(a * length), 0, length))
      const rest = Math.sqrt(dotFrom(v, 0, v, at, length))
      if (!(rest > tolerance * size)) continue
      const sign = v[at]! > 0 ? -1 : 1
      const from = at * length
      for (let k = 0; k < at; k++) triangle[from + k] = v[k]!
      triangle[from + at] = sign * rest
      v[at] = v[at]! - sign * rest
      const reflector = Math.sqrt(dotFrom(v, 0, v, at, length))
      for (let k = at; k < length; k++) V[from + k] = v[k]! / reflector
      independent.push(a)
    }
    extendT(known, independent.length)
  }
  const rank = independent.length
  return { length, independent, basis: basisOf(complete ? length : rank), triangle }

  /** -(A V^T) T for the reflectors so far, row stride `most`. */
  function timesReflectors(A: Float64Array, height: number): Float64Array {
    const known = independent.length
    const along = new Float64Array(height * most)
    addProduct(rowMajor(along, most), rowMajor(A, length), transposed(rowMajor(V, length)), height, known, length)
    for (let k = 0; k < along.length; k++) along[k] = -along[k]!
    const result = new Float64Array(height * most)
    addProduct(rowMajor(result, most), rowMajor(along, most), rowMajor(T, most), height, known, known)
    return result
  }

  /** The columns of T of the reflectors from..to. */
  function extendT(from: number, to: number): void {
    if (to === from) return
    const gram = new Float64Array(to * (to - from))
    const width = to - from
    addProduct(
      rowMajor(gram, width),
      rowMajor(V, length),
      transposed(rowMajor(V, length, from * length)),
      to,
      width,
      length
    )
    for (let k = from; k < to; k++) {
      T[k * most + k] = 2
      for (let a = 0; a < k; a++) {
        let sum = 0
        for (let b = a; b < k; b++) sum += T[a * most + b]! * gram[b * width + k - from]!
        T[a * most + k] = -2 * sum
      }
    }
  }

  /** The first rows of the product of the reflections. */
  function basisOf(height: number): Float64Array {
    const basis = new Float64Array(height * length)
    for (let k = 0; k < height; k++) basis[k * length + k] = 1
    if (rank === 0) return basis
    const TV = new Float64Array(rank * length)
    const minus = T.map((x) => -x)
    addProduct(rowMajor(TV, length), transposed(rowMajor(minus, most)), rowMajor(V, length), rank, length, rank)
    addProduct(rowMajor(basis, length), transposed(rowMajor(V, length)), rowMajor(TV, length), height, length, rank)
    return basis
  }
}

/** For each independent row the shortest direction along which its product grows by 1, while those of the others stay. */
export function moversOf({ length, independent, basis, triangle }: RowSpace): Float64Array {
  const count = independent.length
  const movers = basis.slice(0, count * length)
  // Columns of the inverse of the triangle, from the last to the first.
  for (let a = count - 1; a >= 0; a--) {
    const mover = movers.subarray(a * length, (a + 1) * length)
    for (let b = a + 1; b < count; b++) {
      const factor = triangle[b * length + a]!
      const from = b * length
      for (let k = 0; k < length; k++) mover[k] = mover[k]! - factor * movers[from + k]!
    }
    const scale = 1 / triangle[a * length + a]!
    for (let k = 0; k < length; k++) mover[k] = mover[k]! * scale
  }
  return movers
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

export const dot = (a: Float64Array, b: Float64Array): number => dotFrom(a, 0, b, 0, a.length)

/** The sum of a[start + k] b[k] over from <= k < to, in four sums: one alone would wait for each addition. */
function dotFrom(a: Float64Array, start: number, b: Float64Array, from: number, to: number): number {
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  let k = from
  for (; k + 3 < to; k += 4) {
    s0 += a[start + k]! * b[k]!
    s1 += a[start + k + 1]! * b[k + 1]!
    s2 += a[start + k + 2]! * b[k + 2]!
    s3 += a[start + k + 3]! * b[k + 3]!
  }
  for (; k < to; k++) s0 += a[start + k]! * b[k]!
  return s0 + s1 + (s2 + s3)
}
