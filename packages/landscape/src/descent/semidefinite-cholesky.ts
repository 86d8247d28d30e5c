/**
 * Factors the symmetric positive semidefinite matrix M (n x n, row-major, lower triangle used, overwritten) as L L^T, leaving out the
 * variables whose pivot is negligible beside their diagonal entry; returns which are left out. Approximate.
 */
export function semidefiniteCholesky(M: Float64Array, n: number, skipped: Uint8Array): void {
  const tolerance = 1e-11
  for (let i = 0; i < n; i++) {
    const row = i * n
    for (let j = 0; j < i; j++) {
      if (skipped[j]) {
        M[row + j] = 0
        continue
      }
      const other = j * n
      // Four independent sums: one alone would wait for each addition.
      let s0 = 0
      let s1 = 0
      let s2 = 0
      let s3 = 0
      let k = 0
      for (; k + 3 < j; k += 4) {
        s0 += M[row + k]! * M[other + k]!
        s1 += M[row + k + 1]! * M[other + k + 1]!
        s2 += M[row + k + 2]! * M[other + k + 2]!
        s3 += M[row + k + 3]! * M[other + k + 3]!
      }
      for (; k < j; k++) s0 += M[row + k]! * M[other + k]!
      M[row + j] = (M[row + j]! - (s0 + s1 + (s2 + s3))) / M[other + j]!
    }
    const diagonal = M[row + i]!
    let pivot = diagonal
    for (let k = 0; k < i; k++) pivot -= M[row + k]! * M[row + k]!
    skipped[i] = pivot <= tolerance * diagonal || diagonal <= 0 ? 1 : 0
    M[row + i] = skipped[i] ? 1 : Math.sqrt(pivot)
  }
}

/** Solves L L^T x = b in place; left-out variables are 0. */
export function choleskySolve(L: Float64Array, n: number, skipped: Uint8Array, b: Float64Array): void {
  for (let i = 0; i < n; i++) {
    if (skipped[i]) {
      b[i] = 0
      continue
    }
    let sum = b[i]!
    for (let k = 0; k < i; k++) sum -= L[i * n + k]! * b[k]!
    b[i] = sum / L[i * n + i]!
  }
  for (let i = n - 1; i >= 0; i--) {
    if (skipped[i]) continue
    const x = b[i]! / L[i * n + i]!
    b[i] = x
    for (let k = 0; k < i; k++) if (!skipped[k]) b[k] = b[k]! - L[i * n + k]! * x
  }
}
