import { bitLength, gcd } from './integer.ts'

/** A rational number in lowest terms with positive denominator. Exact. */
export interface Rational {
  readonly numerator: bigint
  readonly denominator: bigint
}

/** The rational p/q in lowest terms. @throws RangeError when q is zero */
export function rational(p: bigint, q: bigint = 1n): Rational {
  if (q === 0n) throw new RangeError(`rational: ${p}/0`)
  if (q === 1n) return { numerator: p, denominator: 1n }
  const g = gcd(p, q)
  const s = q < 0n ? -g : g
  return { numerator: p / s, denominator: q / s }
}

export const zero: Rational = { numerator: 0n, denominator: 1n }
export const one: Rational = { numerator: 1n, denominator: 1n }

export const add = (a: Rational, b: Rational): Rational =>
  a.denominator === b.denominator
    ? rational(a.numerator + b.numerator, a.denominator)
    : rational(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator)
export const negate = (a: Rational): Rational => ({ numerator: -a.numerator, denominator: a.denominator })
export const subtract = (a: Rational, b: Rational): Rational => add(a, negate(b))
export const multiply = (a: Rational, b: Rational): Rational =>
  rational(a.numerator * b.numerator, a.denominator * b.denominator)
/** @throws RangeError when b is zero */
export const divide = (a: Rational, b: Rational): Rational =>
  rational(a.numerator * b.denominator, a.denominator * b.numerator)

/** -1, 0 or 1. */
export const sign = (a: Rational): -1 | 0 | 1 => (a.numerator < 0n ? -1 : a.numerator > 0n ? 1 : 0)
/** Sign of a - b. */
export function compare(a: Rational, b: Rational): -1 | 0 | 1 {
  const d = a.numerator * b.denominator - b.numerator * a.denominator
  return d < 0n ? -1 : d > 0n ? 1 : 0
}
export const equal = (a: Rational, b: Rational): boolean =>
  a.numerator === b.numerator && a.denominator === b.denominator

/** `p` or `p/q` in lowest terms: the canonical text of a rational. */
export const toText = (a: Rational): string =>
  a.denominator === 1n ? a.numerator.toString() : `${a.numerator}/${a.denominator}`

const view = new DataView(new ArrayBuffer(8))

/** The exact value of a double: every finite double is a dyadic rational. @throws RangeError for NaN and infinities */
export function fromNumber(x: number): Rational {
  if (!Number.isFinite(x)) throw new RangeError(`fromNumber: ${x} is not a number`)
  if (Number.isInteger(x)) return { numerator: BigInt(x), denominator: 1n }
  view.setFloat64(0, x)
  const high = view.getUint32(0)
  const biased = (high >>> 20) & 0x7ff
  let mantissa = (BigInt(high & 0xfffff) << 32n) | BigInt(view.getUint32(4))
  let exponent = biased === 0 ? -1074 : biased - 1075
  if (biased !== 0) mantissa |= 1n << 52n
  while ((mantissa & 1n) === 0n) {
    mantissa >>= 1n
    exponent++
  }
  // A non-integer double always keeps a negative exponent after the trailing zeros are gone.
  return { numerator: x < 0 ? -mantissa : mantissa, denominator: 1n << BigInt(-exponent) }
}

/**
 * p/q rounded to the nearest double, ties to even, of any magnitude; q > 0, the fraction need not be in lowest terms.
 * Approximate.
 */
export function ratioToNumber(p: bigint, q: bigint): number {
  if (p === 0n) return 0
  const negative = p < 0n
  const n = negative ? -p : p
  // Scale so that the quotient has at least 64 bits, then let the (correctly rounded) BigInt conversion see a sticky bit.
  let shift = 66 - (bitLength(n) - bitLength(q))
  // A subnormal result keeps fewer bits: with two more than it keeps, the last of them sticky, the conversion drops at
  // most the sticky one, to even, and the scaling then rounds as from all bits.
  if (shift > 1076) shift = 1076
  const scaledNumerator = shift >= 0 ? n << BigInt(shift) : n
  const scaledDenominator = shift >= 0 ? q : q << BigInt(-shift)
  let quotient = scaledNumerator / scaledDenominator
  if (quotient * scaledDenominator !== scaledNumerator) quotient |= 1n
  const rounded = scaleByPowerOfTwo(Number(quotient), -shift)
  return negative ? -rounded : rounded
}

/** x * 2^k with one rounding at most; |x| < 2^68, k >= -1076. */
function scaleByPowerOfTwo(x: number, k: number): number {
  let y = x
  let e = k
  while (e > 1000 && y < Infinity) {
    y *= 2 ** 1000
    e -= 1000
  }
  if (e < -1000) {
    y *= 2 ** -1000
    e += 1000
  }
  return y * 2 ** Math.min(e, 1000)
}

/** Nearest double. Approximate. */
export const toNumber = (a: Rational): number => ratioToNumber(a.numerator, a.denominator)
