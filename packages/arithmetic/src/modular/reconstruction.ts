import { bitLength, integerSquareRoot } from '../integer.ts'

/** About twice the bits of the cofactors; sums with them stay exact and their quotients are rounded down correctly. */
const leadingBits = 50
const cofactorLimit = 2 ** 24

/**
 * A fraction n/d with n = a d modulo m and 0 <= |n|, 0 < d, both at most the square root of m/2; undefined when there is
 * none. As a rational number it is unique. Exact; extended Euclid by Lehmer's method. Requires 0 <= a < m.
 */
export function rationalReconstruction(
  a: bigint,
  m: bigint
): { readonly numerator: bigint; readonly denominator: bigint } | undefined {
  const bound = integerSquareRoot(m >> 1n)
  const boundBits = bitLength(bound)
  // Remainders r and cofactors t of the extended Euclidean algorithm: r = t a modulo m.
  let r0 = m
  let r1 = a
  let t0 = 0n
  let t1 = 1n
  let bits = bitLength(m)
  while (r1 > bound) {
    // bits is the length of r0: it only falls.
    let shift = Math.max(0, bits - leadingBits)
    let high = Number(r0 >> BigInt(shift))
    while (shift > 0 && high < 2 ** (leadingBits - 1)) {
      const missing = Math.min(shift, leadingBits - bitsOf(high))
      shift -= missing
      bits -= missing
      high = Number(r0 >> BigInt(shift))
    }
    const step = bits - 28 > boundBits ? lehmerStep(high, Number(r1 >> BigInt(shift))) : undefined
    if (step) {
      const [p, q, s, t] = step
      ;[r0, r1] = [p * r0 + q * r1, s * r0 + t * r1]
      ;[t0, t1] = [p * t0 + q * t1, s * t0 + t * t1]
    } else {
      const quotient = r0 / r1
      ;[r0, r1] = [r1, r0 - quotient * r1]
      ;[t0, t1] = [t1, t0 - quotient * t1]
    }
  }
  const denominator = t1 < 0n ? -t1 : t1
  if (denominator === 0n || denominator > bound) return undefined
  return { numerator: t1 < 0n ? -r1 : r1, denominator }
}

const bitsOf = (x: number): number => (x < 2 ** 32 ? 32 - Math.clz32(x) : 64 - Math.clz32(x / 2 ** 32))

/**
 * The product of several Euclidean steps on two integers of which only the leading parts x >= y are known, as the matrix
 * (p q; s t); undefined when not even one quotient is certain. All quotients agree with those of the full integers
 * (Collins' condition in the form of Jebelean 1993). Exact: integers below 2^53.
 */
function lehmerStep(x: number, y: number): readonly [bigint, bigint, bigint, bigint] | undefined {
  let p = 1
  let q = 0
  let s = 0
  let t = 1
  while (y !== 0) {
    // A true quotient lies between those of the two extreme completions of the leading parts.
    if (y + s === 0 || y + t === 0) break
    const quotient = Math.floor((x + p) / (y + s))
    if (quotient !== Math.floor((x + q) / (y + t))) break
    const nextS = p - quotient * s
    const nextT = q - quotient * t
    if (Math.abs(nextS) > cofactorLimit || Math.abs(nextT) > cofactorLimit) break
    ;[p, s] = [s, nextS]
    ;[q, t] = [t, nextT]
    ;[x, y] = [y, x - quotient * y]
  }
  return q === 0 ? undefined : [BigInt(p), BigInt(q), BigInt(s), BigInt(t)]
}
