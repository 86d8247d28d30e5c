/** Products of small dense matrices with wide ones (one column for each sample), rows contiguous, four terms at a time. Approximate (doubles). */

/** out (m x n) = W (m x k, from `at`) A (k x n) + bias (m, from `biasAt`; -1 for none). */
export function affine(
  W: Float64Array,
  at: number,
  biasAt: number,
  m: number,
  k: number,
  A: Float64Array,
  n: number,
  out: Float64Array
): void {
  for (let o = 0; o < m; o++) {
    const row = o * n
    out.fill(biasAt < 0 ? 0 : W[biasAt + o]!, row, row + n)
    addCombination(W, at + o * k, 1, k, A, n, out, row)
  }
}

/** out (k x n) = W^T (k x m) G (m x n). */
export function transposed(
  W: Float64Array,
  at: number,
  m: number,
  k: number,
  G: Float64Array,
  n: number,
  out: Float64Array
): void {
  for (let c = 0; c < k; c++) {
    out.fill(0, c * n, (c + 1) * n)
    addCombination(W, at + c, k, m, G, n, out, c * n)
  }
}

/** out[row + i] += sum_l W[from + l * stride] A[l n + i]. */
function addCombination(
  W: Float64Array,
  from: number,
  stride: number,
  k: number,
  A: Float64Array,
  n: number,
  out: Float64Array,
  row: number
): void {
  let l = 0
  for (; l + 3 < k; l += 4) {
    const w0 = W[from + l * stride]!
    const w1 = W[from + (l + 1) * stride]!
    const w2 = W[from + (l + 2) * stride]!
    const w3 = W[from + (l + 3) * stride]!
    const a0 = l * n
    const a1 = a0 + n
    const a2 = a1 + n
    const a3 = a2 + n
    for (let i = 0; i < n; i++)
      out[row + i] = out[row + i]! + (w0 * A[a0 + i]! + w1 * A[a1 + i]! + (w2 * A[a2 + i]! + w3 * A[a3 + i]!))
  }
  for (; l < k; l++) {
    const w = W[from + l * stride]!
    const a = l * n
    for (let i = 0; i < n; i++) out[row + i] = out[row + i]! + w * A[a + i]!
  }
}

/** gradient (m x k, from `at`) += factor G (m x n) A^T (n x k). */
export function addOuterProducts(
  G: Float64Array,
  m: number,
  A: Float64Array,
  k: number,
  n: number,
  factor: number,
  gradient: Float64Array,
  at: number
): void {
  for (let o = 0; o < m; o++) {
    const g = o * n
    let l = 0
    for (; l + 3 < k; l += 4) {
      let s0 = 0
      let s1 = 0
      let s2 = 0
      let s3 = 0
      const a0 = l * n
      const a1 = a0 + n
      const a2 = a1 + n
      const a3 = a2 + n
      for (let i = 0; i < n; i++) {
        const s = G[g + i]!
        s0 += s * A[a0 + i]!
        s1 += s * A[a1 + i]!
        s2 += s * A[a2 + i]!
        s3 += s * A[a3 + i]!
      }
      const to = at + o * k + l
      gradient[to] = gradient[to]! + factor * s0
      gradient[to + 1] = gradient[to + 1]! + factor * s1
      gradient[to + 2] = gradient[to + 2]! + factor * s2
      gradient[to + 3] = gradient[to + 3]! + factor * s3
    }
    for (; l < k; l++) {
      let s = 0
      for (let i = 0; i < n; i++) s += G[g + i]! * A[l * n + i]!
      gradient[at + o * k + l] = gradient[at + o * k + l]! + factor * s
    }
  }
}
