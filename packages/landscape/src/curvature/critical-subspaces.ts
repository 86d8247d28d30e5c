/**
 * Number of affine subspaces of critical points of width m that come from one irreducible critical point of width r, without units of zero
 * outgoing weight sum: the surjections, sum_i (-1)^(r-i) C(r,i) i^m (Simsek et al. 2021). Exact.
 */
export function criticalSubspaces(r: number, m: number): bigint {
  let sum = 0n
  for (let i = 0; i <= r; i++) sum += ((r - i) % 2 === 0 ? 1n : -1n) * binomial(r, i) * BigInt(i) ** BigInt(m)
  return sum
}

/**
 * Number of affine subspaces of zero loss of width m from one irreducible zero-loss point of width r, including groups of units with a common
 * incoming vector and outgoing weights of sum 0: sum_u C(m,u) G(r,m-u) Bell(u). Exact.
 */
export function zeroLossSubspaces(r: number, m: number): bigint {
  const bell = bellNumbers(m - r)
  let sum = 0n
  for (let u = 0; u <= m - r; u++) sum += binomial(m, u) * criticalSubspaces(r, m - u) * bell[u]!
  return sum
}

function binomial(n: number, k: number): bigint {
  let value = 1n
  for (let i = 1; i <= k; i++) value = (value * BigInt(n - k + i)) / BigInt(i)
  return value
}

/** Bell(0..n) by the Bell triangle. */
function bellNumbers(n: number): bigint[] {
  let row = [1n]
  const numbers = [1n]
  for (let k = 1; k <= n; k++) {
    const next = [row.at(-1)!]
    for (const x of row) next.push(next.at(-1)! + x)
    row = next
    numbers.push(row[0]!)
  }
  return numbers
}
