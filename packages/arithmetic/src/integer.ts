/** Integer routines on BigInt. Exact throughout. */

export const absolute = (a: bigint): bigint => (a < 0n ? -a : a)

/** Greatest common divisor, non-negative; gcd(0, 0) = 0. Euclid. */
export function gcd(a: bigint, b: bigint): bigint {
  let x = absolute(a)
  let y = absolute(b)
  while (y !== 0n) {
    const r = x % y
    x = y
    y = r
  }
  return x
}

/** Least common multiple, non-negative. */
export const lcm = (a: bigint, b: bigint): bigint => (a === 0n || b === 0n ? 0n : absolute(a / gcd(a, b)) * absolute(b))

/** Number of bits of |a|; bitLength(0) = 0. */
export function bitLength(a: bigint): number {
  const hex = absolute(a).toString(16)
  return hex === '0' ? 0 : 4 * (hex.length - 1) + (32 - Math.clz32(Number.parseInt(hex[0]!, 16)))
}

/** Largest integer s with s*s <= a. Newton from above. @throws RangeError for a < 0 */
export function integerSquareRoot(a: bigint): bigint {
  if (a < 0n) throw new RangeError(`integerSquareRoot: ${a} is negative`)
  if (a < 2n) return a
  let s = 1n << BigInt((bitLength(a) + 1) >> 1)
  for (;;) {
    const next = (s + a / s) >> 1n
    if (next >= s) return s
    s = next
  }
}
