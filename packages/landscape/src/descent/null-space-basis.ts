/**
 * Orthonormal bases of a span and of its complement in R^width, from a list of independent rows, by Householder reflections. Approximate.
 */
export interface NullSpaceBasis {
  readonly rank: number
  /** width x (width - rank), column after column: vectors orthogonal to all rows. */
  readonly complement: Float64Array
  /** rank x width: row m holds the coefficients with which slope_m = solve . vector gives the least-squares solution of sum slope_m row_m = vector. */
  readonly solve: Float64Array
}

/** Reflections of the columns row_1, ..., row_k; a row that is (nearly) dependent on the earlier ones makes the answer undefined. */
export function nullSpaceBasis(rows: readonly Float64Array[], width: number): NullSpaceBasis | undefined {
  const k = rows.length
  if (k > width) return undefined
  // A = rows as columns, width x k; A = Q R.
  const a = new Float64Array(width * k)
  const scale: number[] = []
  for (let m = 0; m < k; m++) {
    let norm = 0
    for (let i = 0; i < width; i++) norm += rows[m]![i]! ** 2
    scale.push(Math.sqrt(norm))
    for (let i = 0; i < width; i++) a[m * width + i] = rows[m]![i]!
  }
  const q = new Float64Array(width * width)
  for (let i = 0; i < width; i++) q[i * width + i] = 1
  for (let m = 0; m < k; m++) {
    let norm = 0
    for (let i = m; i < width; i++) norm += a[m * width + i]! ** 2
    norm = Math.sqrt(norm)
    if (norm <= 1e-10 * scale[m]!) return undefined
    const lead = a[m * width + m]!
    const alpha = lead > 0 ? -norm : norm
    const v = new Float64Array(width)
    for (let i = m; i < width; i++) v[i] = a[m * width + i]!
    v[m] = v[m]! - alpha
    let vv = 0
    for (let i = m; i < width; i++) vv += v[i]! ** 2
    if (vv === 0) continue
    const reflect = (target: Float64Array, at: number) => {
      let dot = 0
      for (let i = m; i < width; i++) dot += v[i]! * target[at + i]!
      const f = (2 * dot) / vv
      for (let i = m; i < width; i++) target[at + i] = target[at + i]! - f * v[i]!
    }
    for (let c = m; c < k; c++) reflect(a, c * width)
    // Rows of q hold Q transposed column by column: q_row_i = i-th unit vector reflected.
    for (let i = 0; i < width; i++) reflect(q, i * width)
  }
  // q[i * width + m] = (H_k ... H_1 e_i)_m = Q[i][m]: column m of Q is q[. * width + m].
  const complement = new Float64Array(width * (width - k))
  for (let m = k; m < width; m++) for (let i = 0; i < width; i++) complement[(m - k) * width + i] = q[i * width + m]!
  // slopes = R^-1 Q_1^T vector.
  const solve = new Float64Array(k * width)
  for (let m = k - 1; m >= 0; m--) {
    for (let i = 0; i < width; i++) {
      let sum = q[i * width + m]!
      for (let l = m + 1; l < k; l++) sum -= a[l * width + m]! * solve[l * width + i]!
      solve[m * width + i] = sum / a[m * width + m]!
    }
  }
  return { rank: k, complement, solve }
}
