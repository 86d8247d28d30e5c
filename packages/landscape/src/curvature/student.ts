/** Two-sided 95 % points of Student's distribution for 1 to 30 degrees of freedom. */
const points = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042
]

/** Mean of independent estimates and half the width of its 95 % interval (Student); infinite for fewer than two. Approximate. */
export function meanWithError(estimates: readonly number[]): { readonly value: number; readonly error: number } {
  const n = estimates.length
  const value = estimates.reduce((a, b) => a + b, 0) / n
  if (n < 2) return { value, error: Number.POSITIVE_INFINITY }
  const squares = estimates.reduce((sum, x) => sum + (x - value) ** 2, 0)
  const factor = points[n - 2] ?? 1.96 + 2.5 / (n - 1)
  return { value, error: factor * Math.sqrt(squares / (n - 1) / n) }
}
