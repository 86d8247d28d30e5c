import { gcd, lcm } from './integer.ts'
import { type Rational, rational, ratioToNumber } from './rational.ts'

/** Rational numbers over one positive common denominator; entry i is numerators[i] / denominator. Not necessarily in lowest terms. Exact. */
export interface RationalVector {
  readonly denominator: bigint
  readonly numerators: readonly bigint[]
}

/** The entries over their least common denominator. */
export function overCommonDenominator(entries: readonly Rational[]): RationalVector {
  let denominator = 1n
  for (const e of entries) if (denominator % e.denominator !== 0n) denominator = lcm(denominator, e.denominator)
  return { denominator, numerators: entries.map((e) => e.numerator * (denominator / e.denominator)) }
}

/** Entry i in lowest terms. */
export const entry = (v: RationalVector, i: number): Rational => rational(v.numerators[i]!, v.denominator)

/** The same vector with the common factor of all numerators and the denominator removed. */
export function reduceVector(v: RationalVector): RationalVector {
  let g = v.denominator
  for (const n of v.numerators) {
    if (g === 1n) return v
    g = gcd(g, n)
  }
  return g === 1n ? v : { denominator: v.denominator / g, numerators: v.numerators.map((n) => n / g) }
}

/** Each entry rounded to the nearest double. Approximate. */
export const vectorToNumbers = (v: RationalVector): Float64Array =>
  Float64Array.from(v.numerators, (n) => ratioToNumber(n, v.denominator))
