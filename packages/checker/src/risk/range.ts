import { type Budget, spend } from '../budget.ts'
import { bitLength, greatestBitLength } from '../integers.ts'
import { compare, type Rational } from '../rational.ts'
import type { Polynomial } from './polynomial.ts'

/** The numbers from lower to upper. Exact. */
export type Range = { readonly lower: Rational; readonly upper: Rational }

export const isPoint = ({ lower, upper }: Range): boolean => compare(lower, upper) === 0

export const isWithin = (inner: Range, outer: Range): boolean =>
  compare(outer.lower, inner.lower) <= 0 && compare(inner.upper, outer.upper) <= 0

export const pointRange = (x: Rational): Range => ({ lower: x, upper: x })

const least = (values: readonly bigint[]): bigint => values.reduce((low, value) => (value < low ? value : low))
const greatest = (values: readonly bigint[]): bigint => values.reduce((high, value) => (value > high ? value : high))

/** Values of the polynomial on the range, by Horner's rule with intervals. */
export const valuesOn = ({ numerators, denominator }: Polynomial, { lower, upper }: Range, budget: Budget): Range => {
  // Over one denominator: after k steps both ends are over denominator * common^(k-1).
  const common = lower.denominator * upper.denominator
  const [l, u] = [lower.numerator * upper.denominator, upper.numerator * lower.denominator]
  const bits = greatestBitLength([[l, u, common]])
  spend(budget, [6, numerators.length], greatestBitLength([numerators]) + bits * numerators.length, bits)
  let [low, high] = [0n, 0n]
  let power = 1n
  for (let i = numerators.length - 1; i >= 0; i -= 1) {
    const ends = [low * l, low * u, high * l, high * u]
    if (i < numerators.length - 1) power *= common
    low = least(ends) + numerators[i] * power
    high = greatest(ends) + numerators[i] * power
  }
  const scale = denominator * power
  return { lower: { numerator: low, denominator: scale }, upper: { numerator: high, denominator: scale } }
}

/** The quotients of two ranges; undefined unless all of the second is positive. */
export const quotientsOf = (above: Range, below: Range, budget: Budget): Range | undefined => {
  if (below.lower.numerator <= 0n) return undefined
  const over = (x: Rational, y: Rational): Rational => {
    spend(budget, [2], bitLength(x.numerator) + bitLength(x.denominator), bitLength(y.denominator))
    return { numerator: x.numerator * y.denominator, denominator: x.denominator * y.numerator }
  }
  return {
    lower: over(above.lower, above.lower.numerator < 0n ? below.lower : below.upper),
    upper: over(above.upper, above.upper.numerator < 0n ? below.upper : below.lower)
  }
}
