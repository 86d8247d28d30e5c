import { bitLength } from '../integer.ts'
import { add, compare, multiply, type Rational, rational, subtract } from '../rational.ts'

/** Largest integer not above r. Exact. */
export function floorOf(r: Rational): bigint {
  const q = r.numerator / r.denominator
  return r.numerator < 0n && q * r.denominator !== r.numerator ? q - 1n : q
}

/** Smallest integer not below r. Exact. */
export const ceilingOf = (r: Rational): bigint => -floorOf({ numerator: -r.numerator, denominator: r.denominator })

/** A dyadic rational with few digits in the middle half of the open interval. Exact. */
export function shortDyadic(lower: Rational, upper: Rational): Rational {
  const width = subtract(upper, lower)
  // A grid of spacing 2^-bits <= width / 2 has a point within a quarter of the width of the middle.
  let bits = Math.max(0, bitLength(width.denominator) - bitLength(width.numerator))
  while (compare(rational(2n, 1n << BigInt(bits)), width) > 0) bits++
  const scale = 1n << BigInt(bits)
  const middle = multiply(add(lower, upper), rational(scale, 2n))
  return rational(floorOf(add(middle, rational(1n, 2n))), scale)
}
