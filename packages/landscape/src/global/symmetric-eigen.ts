/**
 * Eigenvalues in falling order and orthonormal eigenvectors (rows) of a small symmetric matrix, by Jacobi's rotations. Approximate, to rounding.
 */
export function symmetricEigen(matrix: readonly (readonly number[])[]): {
  readonly values: readonly number[]
  readonly vectors: readonly (readonly number[])[]
} {
  const n = matrix.length
  const a = matrix.map((row) => [...row])
  const v = matrix.map((_, i) => matrix.map((_, j): number => (i === j ? 1 : 0)))
  for (let sweep = 0; sweep < 60; sweep++) {
    let rest = 0
    for (let p = 0; p < n; p++) for (let q = 0; q < p; q++) rest = Math.max(rest, Math.abs(a[p]![q]!))
    const size = Math.max(...a.map((row, k) => Math.abs(row[k]!)), 0)
    if (rest <= 1e-17 * size) break
    for (let p = 0; p < n; p++)
      for (let q = p + 1; q < n; q++) {
        const off = a[p]![q]!
        if (off === 0) continue
        const theta = (a[q]![q]! - a[p]![p]!) / (2 * off)
        const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.hypot(theta, 1))
        const c = 1 / Math.hypot(t, 1)
        const s = t * c
        for (let k = 0; k < n; k++) {
          const [x, y] = [a[k]![p]!, a[k]![q]!]
          a[k]![p] = c * x - s * y
          a[k]![q] = s * x + c * y
        }
        for (let k = 0; k < n; k++) {
          const [x, y] = [a[p]![k]!, a[q]![k]!]
          a[p]![k] = c * x - s * y
          a[q]![k] = s * x + c * y
          const [u, w] = [v[p]![k]!, v[q]![k]!]
          v[p]![k] = c * u - s * w
          v[q]![k] = s * u + c * w
        }
      }
  }
  const order = a.map((_, k) => k).sort((x, y) => a[y]![y]! - a[x]![x]!)
  return { values: order.map((k) => a[k]![k]!), vectors: order.map((k) => v[k]!) }
}
