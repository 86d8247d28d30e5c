import { greatestCommonDivisor } from '../integers.ts'
import type { Rational } from '../rational.ts'

/** numerator / denominator in lowest terms; the denominator is positive. */
export const lowest = (numerator: bigint, denominator: bigint): Rational => {
  const common = greatestCommonDivisor(denominator, numerator)
  return { numerator: numerator / common, denominator: denominator / common }
}

export const plus = (x: Rational, y: Rational): Rational =>
  lowest(x.numerator * y.denominator + y.numerator * x.denominator, x.denominator * y.denominator)

export const opposite = (x: Rational): Rational => ({ numerator: -x.numerator, denominator: x.denominator })

export const minus = (x: Rational, y: Rational): Rational => plus(x, opposite(y))

export const times = (x: Rational, y: Rational): Rational =>
  lowest(x.numerator * y.numerator, x.denominator * y.denominator)

/** x / y for y not zero. */
export const over = (x: Rational, y: Rational): Rational => {
  const turned = y.numerator < 0n ? -1n : 1n
  return lowest(turned * x.numerator * y.denominator, turned * x.denominator * y.numerator)
}

export const whole = (integer: bigint): Rational => ({ numerator: integer, denominator: 1n })

export const signOfRational = (x: Rational): -1 | 0 | 1 => (x.numerator > 0n ? 1 : x.numerator < 0n ? -1 : 0)
