/*
 * Rigorous enclosures in fixed point: a number lies between low / 2^precision and high / 2^precision. Every operation
 * rounds the lower end down and the upper end up.
 */

export const precision = 128n

/** Ends in units of 2^-precision. */
export type Interval = { readonly low: bigint; readonly high: bigint }

export const one = 1n << precision

export const floorDivide = (a: bigint, b: bigint): bigint => {
  const quotient = a / b
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient
}
export const ceilDivide = (a: bigint, b: bigint): bigint => -floorDivide(-a, b)

/** The interval around numerator / denominator, denominator > 0. */
export const enclose = (numerator: bigint, denominator: bigint): Interval => ({
  low: floorDivide(numerator << precision, denominator),
  high: ceilDivide(numerator << precision, denominator)
})

/** sum of factors[k] * terms[k], divided by a positive denominator. */
export const combination = (factors: readonly bigint[], terms: readonly Interval[], denominator: bigint): Interval => {
  let low = 0n
  let high = 0n
  for (const [index, factor] of factors.entries()) {
    const { low: least, high: most } = terms[index]
    low += factor * (factor >= 0n ? least : most)
    high += factor * (factor >= 0n ? most : least)
  }
  return { low: floorDivide(low, denominator), high: ceilDivide(high, denominator) }
}

/** Both ends of a function that grows, each of which is given with an enclosure. */
export const growing =
  (at: (x: bigint) => Interval) =>
  ({ low, high }: Interval): Interval => ({ low: at(low).low, high: at(high).high })

export const reciprocal = ({ low, high }: Interval): Interval => ({
  low: (one * one) / high,
  high: (one * one) / low + 1n
})

export const shifted = ({ low, high }: Interval, by: bigint): Interval => ({ low: low + by, high: high + by })
export const negative = ({ low, high }: Interval): Interval => ({ low: -high, high: -low })
export const twice = ({ low, high }: Interval): Interval => ({ low: 2n * low, high: 2n * high })

/** What a function with slopes of at most 2 in size takes on an interval, given with an enclosure at every point. */
export const slow =
  (at: (x: bigint) => Interval) =>
  ({ low, high }: Interval): Interval => {
    const middle = (low + high) >> 1n
    const { low: least, high: most } = at(middle)
    const reach = 2n * (high - middle)
    return { low: least - reach, high: most + reach }
  }

export const plus = (a: Interval, b: Interval): Interval => ({ low: a.low + b.low, high: a.high + b.high })
export const minus = (a: Interval, b: Interval): Interval => plus(a, negative(b))

/** |x| */
export const sizeOf = (interval: Interval): Interval => {
  if (interval.low >= 0n) return interval
  if (interval.high <= 0n) return negative(interval)
  return { low: 0n, high: -interval.low > interval.high ? -interval.low : interval.high }
}

/** x^2 */
export const squareOf = (interval: Interval): Interval => {
  const { low, high } = sizeOf(interval)
  return { low: floorDivide(low * low, one), high: ceilDivide(high * high, one) }
}
