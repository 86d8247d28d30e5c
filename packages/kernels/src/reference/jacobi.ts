import type { SymmetricEigen } from '../symmetric-eigen.ts'

/** Eigenvalues, ascending, and eigenvectors of a symmetric matrix by Jacobi's rotations until nothing is left to rotate. Approximate. */
export function jacobiEigen(matrix: Float64Array, n: number): SymmetricEigen {
  const a = Float64Array.from(matrix)
  const v = new Float64Array(n * n)
  for (let i = 0; i < n; i++) v[i * n + i] = 1
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0
    for (let p = 0; p < n; p++)
      for (let q = p + 1; q < n; q++) {
        const apq = a[p * n + q]!
        off = Math.max(off, Math.abs(apq))
        if (apq === 0) continue
        const ratio = (a[q * n + q]! - a[p * n + p]!) / (2 * apq)
        const t = (ratio >= 0 ? 1 : -1) / (Math.abs(ratio) + Math.hypot(ratio, 1))
        const c = 1 / Math.hypot(t, 1)
        const s = t * c
        for (let k = 0; k < n; k++) {
          const x = a[k * n + p]!
          const y = a[k * n + q]!
          a[k * n + p] = c * x - s * y
          a[k * n + q] = s * x + c * y
        }
        for (const rows of [a, v])
          for (let k = 0; k < n; k++) {
            const x = rows[p * n + k]!
            const y = rows[q * n + k]!
            rows[p * n + k] = c * x - s * y
            rows[q * n + k] = s * x + c * y
          }
      }
    if (off === 0) break
  }
  const order = Array.from({ length: n }, (_, k) => k).sort((x, y) => a[x * n + x]! - a[y * n + y]!)
  const vectors = new Float64Array(n * n)
  for (const [k, from] of order.entries()) vectors.set(v.subarray(from * n, (from + 1) * n), k * n)
  return { values: Float64Array.from(order, (k) => a[k * n + k]!), vectors }
}
