import {
  add,
  ceilingOf,
  compare,
  divide,
  floorOf,
  multiply,
  type Polynomial,
  type Rational,
  rational,
  subtract
} from '@nadir/arithmetic'

/** All numbers from the first to the second. */
export type RationalRange = readonly [lower: Rational, upper: Rational]

/** Encloses the values of a polynomial on a range, by Horner's rule with intervals. */
export function rangeOfValues({ numerators, denominator }: Polynomial, [lower, upper]: RationalRange): RationalRange {
  let [low, high] = [rational(0n), rational(0n)]
  for (let i = numerators.length - 1; i >= 0; i--) {
    const ends = [low, high].flatMap((v) => [multiply(v, lower), multiply(v, upper)]).sort(compare)
    const c = rational(numerators[i]!, denominator)
    ;[low, high] = [add(ends[0]!, c), add(ends[3]!, c)]
  }
  return [low, high]
}

/** Encloses numerator / denominator on a range; undefined unless the denominator is seen to be positive. */
export function rangeOfQuotient(
  numerator: Polynomial,
  denominator: Polynomial,
  at: RationalRange
): RationalRange | undefined {
  const [d, e] = rangeOfValues(denominator, at)
  if (d.numerator <= 0n) return undefined
  const [n, m] = rangeOfValues(numerator, at)
  const ends = [divide(n, d), divide(n, e), divide(m, d), divide(m, e)].sort(compare)
  return [ends[0]!, ends[3]!]
}

const scaled = (x: Rational, places: number): Rational => multiply(x, rational(10n ** BigInt(places)))

/** The range with ends moved outwards to decimals with so many places; a single number is left alone. */
export function roundOutwards([lower, upper]: RationalRange, places: number): RationalRange {
  if (compare(lower, upper) === 0) return [lower, upper]
  const unit = 10n ** BigInt(places)
  return [rational(floorOf(scaled(lower, places)), unit), rational(ceilingOf(scaled(upper, places)), unit)]
}

/** Decimal places that show about `digits` significant digits of the larger end. */
export function placesFor([lower, upper]: RationalRange, digits: number): number {
  const size = [lower, upper].map(({ numerator, denominator }) => {
    const length = (n: bigint) => (n < 0n ? -n : n).toString().length
    return numerator === 0n ? Number.NEGATIVE_INFINITY : length(numerator) - length(denominator)
  })
  const exponent = Math.max(...size)
  return Number.isFinite(exponent) ? Math.max(0, digits - exponent + 1) : digits
}

/** The range at sum - x. */
export const mirroredRange = ([lower, upper]: RationalRange, sum: Rational): RationalRange => [
  subtract(sum, upper),
  subtract(sum, lower)
]
