import { type IntegerMatrix, ratioToNumber } from '@nadir/arithmetic'
import { addProduct, rowMajor, transposed } from '@nadir/kernels'

/** A symmetric matrix of doubles and a bound of the Frobenius norm of its distance to the matrix that is meant. */
export interface MatrixNear {
  readonly matrix: Float64Array
  readonly size: number
  readonly radius: number
}

/** The nearest doubles of an integer matrix over a denominator, with the rounding as radius. */
export function nearestDoubles(matrix: IntegerMatrix, denominator: bigint): MatrixNear {
  const doubles = Float64Array.from(matrix.entries, (x) => ratioToNumber(x, denominator))
  return { matrix: doubles, size: matrix.rows, radius: 1.001 * 2 ** -53 * frobenius(doubles) + 1e-300 }
}

/**
 * Proved lower bounds of the numbers of positive and of negative eigenvalues of every symmetric matrix within the radius. The rows of
 * `vectors` may be anything; good ones are approximate unit eigenvectors. With V the matrix of some of them, V H V^T is computed in
 * doubles and its error bounded a priori (|fl(V H V^T) - V H V^T| <= gamma_2n |V||H||V|^T, Higham 2002, 3.5); where the diagonal outweighs
 * the rest of its row and the errors (Gershgorin) V H V^T has the signs of its diagonal, and H at least as many (Sylvester, Cauchy).
 */
export function verifiedSigns(
  near: MatrixNear,
  vectors: readonly Float64Array[]
): { readonly positive: number; readonly negative: number } {
  const { matrix, size: n } = near
  const unit = 2 ** -53
  const rows = vectors.map(scaledToUnit)
  const size = frobenius(matrix)
  // |v_i|^T |H| |v_j| <= |H|_F (1.001)^2 for rows of length at most 1.001.
  const gamma = (2 * n + 16) * unit * 1.01
  const entryError = 1.003 * (gamma * size + near.radius) + 1e-300
  let kept = rows
  for (;;) {
    const r = kept.length
    if (r === 0) return { positive: 0, negative: 0 }
    const V = new Float64Array(r * n)
    for (const [k, v] of kept.entries()) V.set(v, k * n)
    const image = new Float64Array(r * n)
    addProduct(rowMajor(image, n), rowMajor(V, n), rowMajor(matrix, n), r, n, n)
    const M = new Float64Array(r * r)
    addProduct(rowMajor(M, r), rowMajor(image, n), transposed(rowMajor(V, n)), r, r, n)
    let positive = 0
    let negative = 0
    const good: Float64Array[] = []
    for (let i = 0; i < r; i++) {
      let rest = r * entryError
      for (let j = 0; j < r; j++) if (j !== i) rest += Math.max(Math.abs(M[i * r + j]!), Math.abs(M[j * r + i]!))
      // 1.001 covers the rounding of this sum.
      if (Math.abs(M[i * r + i]!) <= 1.001 * rest) continue
      good.push(kept[i]!)
      if (M[i * r + i]! > 0) positive++
      else negative++
    }
    if (good.length === r) return { positive, negative }
    kept = good
  }
}

/** The vector scaled to length 1 up to rounding; its exact length is below 1.001. */
function scaledToUnit(v: Float64Array): Float64Array {
  let squares = 0
  for (const x of v) squares += x * x
  const length = Math.sqrt(squares)
  return length > 0 ? v.map((x) => x / length) : v
}

/** The Frobenius norm, at least: the factor covers the rounding of the sum. */
function frobenius(matrix: Float64Array): number {
  let squares = 0
  for (const x of matrix) squares += x * x
  return 1.001 * Math.sqrt(squares)
}
