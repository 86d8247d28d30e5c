import { newInstance } from './instance.ts'

/** Eigenvalues in ascending order, and eigenvectors where they were asked for: row k of `vectors` belongs to value k. */
export interface SymmetricEigen {
  readonly values: Float64Array
  readonly vectors: Float64Array
}

/** All eigenvalues of a symmetric n x n row-major matrix (its lower triangle is read), ascending. Approximate: errors of a small multiple of n eps |A|. */
export const symmetricEigenvalues = (matrix: Float64Array, n: number): Float64Array =>
  decompose(matrix, n, false).values

/** The same with orthonormal eigenvectors. */
export const symmetricEigen = (matrix: Float64Array, n: number): SymmetricEigen => decompose(matrix, n, true)

/**
 * Householder's reduction to tridiagonal form from the last row up, each update and the next product done in one sweep, then the
 * implicit QL method (Martin, Reinsch and Wilkinson 1968; Dubrulle, Martin and Wilkinson 1968).
 */
function decompose(matrix: Float64Array, n: number, wantVectors: boolean): SymmetricEigen {
  if (matrix.length !== n * n) throw new RangeError(`symmetricEigen: ${matrix.length} entries for ${n} x ${n}`)
  if (n === 0) return { values: new Float64Array(0), vectors: new Float64Array(0) }
  if (matrix.some((x) => !Number.isFinite(x))) throw new RangeError('symmetricEigen: an entry is not finite')
  const stride = n + 4 - (n % 4)
  const vectorAt = (k: number) => 8 * stride * (n + k)
  const accumulatedAt = vectorAt(4)
  const routines = newInstance(accumulatedAt + (wantVectors ? 8 * stride * n : 0))
  const buffer = routines.memory.buffer
  const A = new Float64Array(buffer, 0, stride * n)
  const vector = (k: number) => new Float64Array(buffer, vectorAt(k), stride)
  for (let i = 0; i < n; i++) A.set(matrix.subarray(i * n, i * n + i + 1), i * stride)

  const diagonal = new Float64Array(n)
  const below = new Float64Array(n)
  const scales = new Float64Array(n)
  // The update that is still to be applied, u q^T + q u^T, and the next reflector w with its product p.
  let u = 0
  let w = 1
  const q = vector(2)
  const p = vector(3)
  for (let i = n - 1; i >= 0; i--) {
    const row = A.subarray(i * stride, i * stride + i + 1)
    const old = vector(u)
    const ui = old[i]!
    const qi = q[i]!
    for (let k = 0; k <= i; k++) row[k] = row[k]! - ui * q[k]! - qi * old[k]!
    diagonal[i] = row[i]!
    if (i === 0) break
    let largest = 0
    for (let k = 0; k < i - 1; k++) largest = Math.max(largest, Math.abs(row[k]!))
    const next = vector(w)
    next.fill(0)
    p.fill(0)
    if (largest === 0) {
      below[i] = row[i - 1]!
      routines.symmetricSweep(0, 8 * stride, i, vectorAt(u), vectorAt(2), vectorAt(w), vectorAt(3))
      q.fill(0)
    } else {
      largest = Math.max(largest, Math.abs(row[i - 1]!))
      let squares = 0
      for (let k = 0; k < i; k++) {
        next[k] = row[k]! / largest
        squares += next[k]! ** 2
      }
      const g = next[i - 1]! > 0 ? -Math.sqrt(squares) : Math.sqrt(squares)
      below[i] = largest * g
      const h = squares - next[i - 1]! * g
      next[i - 1] = next[i - 1]! - g
      scales[i] = 1 / h
      routines.symmetricSweep(0, 8 * stride, i, vectorAt(u), vectorAt(2), vectorAt(w), vectorAt(3))
      let dot = 0
      for (let k = 0; k < i; k++) dot += p[k]! * next[k]!
      const shift = dot / (2 * h * h)
      q.fill(0)
      for (let k = 0; k < i; k++) q[k] = p[k]! / h - shift * next[k]!
      if (wantVectors) row.set(next.subarray(0, i))
    }
    ;[u, w] = [w, u]
  }

  if (!wantVectors) {
    qlIterate(diagonal, below, undefined)
    return { values: diagonal.sort(), vectors: new Float64Array(0) }
  }
  const rows = new Float64Array(buffer, accumulatedAt, stride * n)
  for (let i = 0; i < n; i++) rows[i * stride + i] = 1
  for (let i = 1; i < n; i++) {
    if (scales[i] === 0) continue
    const reflector = vector(0)
    reflector.fill(0)
    reflector.set(A.subarray(i * stride, i * stride + i))
    routines.reflectRows(accumulatedAt, 8 * stride, i, vectorAt(0), i + (i & 1), scales[i]!)
  }
  const place = (k: number) => accumulatedAt + 8 * stride * k
  qlIterate(diagonal, below, (k, c, s) => routines.rotate(place(k), place(k + 1), n + (n & 1), c, s))
  const order = Array.from(diagonal.keys()).sort((a, b) => diagonal[a]! - diagonal[b]!)
  const vectors = new Float64Array(n * n)
  for (const [k, from] of order.entries()) vectors.set(rows.subarray(from * stride, from * stride + n), k * n)
  return { values: Float64Array.from(order, (k) => diagonal[k]!), vectors }
}

/**
 * Eigenvalues of the symmetric tridiagonal matrix with this diagonal and below[1..] beside it, left in `diagonal` unordered; `below` is
 * overwritten. Each rotation (k, c, s) is reported: applied to rows k, k+1 of a matrix it carries the eigenvectors along. Approximate.
 */
export function qlIterate(
  diagonal: Float64Array,
  below: Float64Array,
  rotated: ((k: number, c: number, s: number) => void) | undefined
): void {
  const n = diagonal.length
  const e = below
  e.copyWithin(0, 1)
  e[n - 1] = 0
  let largest = 0
  for (let k = 0; k < n; k++) largest = Math.max(largest, Math.abs(diagonal[k]!), Math.abs(e[k]!))
  // What is beyond all digits of the largest entry counts as 0, lest its squares underflow; a matrix that is small as a whole is enlarged.
  const factor = largest > 0 && largest < 2 ** -400 ? 2 ** Math.min(1000, -Math.floor(Math.log2(largest))) : 1
  if (factor > 1)
    for (let k = 0; k < n; k++) {
      diagonal[k] = diagonal[k]! * factor
      e[k] = e[k]! * factor
    }
  const negligible = largest * factor * 2 ** -110
  for (let l = 0; l < n; l++) {
    for (let pass = 0; ; pass++) {
      let m = l
      for (; m < n - 1; m++) {
        const size = Math.abs(diagonal[m]!) + Math.abs(diagonal[m + 1]!)
        const beside = Math.abs(e[m]!)
        if (beside <= Number.EPSILON * size * 0.5 || size + beside === size || beside <= negligible) break
      }
      if (m === l) break
      if (pass === 100) throw new Error('qlIterate: no convergence')
      let g = (diagonal[l + 1]! - diagonal[l]!) / (2 * e[l]!)
      let r = Math.hypot(g, 1)
      g = diagonal[m]! - diagonal[l]! + e[l]! / (g + (g < 0 ? -r : r))
      let s = 1
      let c = 1
      let shift = 0
      let i = m - 1
      for (; i >= l; i--) {
        const f = s * e[i]!
        const b = c * e[i]!
        r = Math.sqrt(f * f + g * g)
        e[i + 1] = r
        if (r === 0) {
          diagonal[i + 1] = diagonal[i + 1]! - shift
          e[m] = 0
          break
        }
        s = f / r
        c = g / r
        g = diagonal[i + 1]! - shift
        const t = (diagonal[i]! - g) * s + 2 * c * b
        shift = s * t
        diagonal[i + 1] = g + shift
        g = c * t - b
        rotated?.(i, c, s)
      }
      if (r === 0 && i >= l) continue
      diagonal[l] = diagonal[l]! - shift
      e[l] = g
      e[m] = 0
    }
  }
  if (factor > 1) for (let k = 0; k < n; k++) diagonal[k] = diagonal[k]! / factor
}
