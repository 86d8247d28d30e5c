import { ceilDivide, floorDivide } from '../enclosure.ts'
import { magnitude } from '../integers.ts'
import type { Rational } from '../rational.ts'

/*
 * Numbers with a bound of their error, in fixed point: the number lies within `radius` of `middle`, both in units of
 * 2^-precision. Every operation adds to the radius what it rounds.
 */

export const precision = 128n
export const unit = 1n << precision

export type Ball = { readonly middle: bigint; readonly radius: bigint }

export const nothing: Ball = { middle: 0n, radius: 0n }

export const isNothing = ({ middle, radius }: Ball): boolean => middle === 0n && radius === 0n

/** x / 2^precision, rounded to within one. */
export const descale = (x: bigint): bigint => x >> precision

/** |number| is at most this. */
export const sizeOf = ({ middle, radius }: Ball): bigint => magnitude(middle) + radius

/** The ball around numerator / denominator, denominator > 0, wide enough for whatever is within `spread` units. */
export const around = ({ numerator, denominator }: Rational, spread = 0n): Ball => {
  const scaled = numerator << precision
  const middle = floorDivide(scaled, denominator)
  return { middle, radius: middle * denominator === scaled ? spread : spread + 1n }
}

/** At least the number, in units. */
export const unitsAbove = ({ numerator, denominator }: Rational): bigint =>
  ceilDivide(numerator << precision, denominator)

export const sum = (a: Ball, b: Ball): Ball => ({ middle: a.middle + b.middle, radius: a.radius + b.radius })
export const difference = (a: Ball, b: Ball): Ball => ({ middle: a.middle - b.middle, radius: a.radius + b.radius })

/** Error of the product of two balls, in units of 2^-2precision. */
export const productRadius = (a: Ball, b: Ball): bigint =>
  a.radius === 0n && b.radius === 0n ? 0n : sizeOf(a) * b.radius + a.radius * magnitude(b.middle)

export const product = (a: Ball, b: Ball): Ball => {
  if (isNothing(a) || isNothing(b)) return nothing
  return { middle: descale(a.middle * b.middle), radius: descale(productRadius(a, b)) + 2n }
}

/** sum of a[k] b[k], rounded once. */
export const inner = (a: readonly Ball[], b: readonly Ball[]): Ball => {
  let middle = 0n
  let radius = 0n
  let any = false
  for (let k = 0; k < a.length; k += 1) {
    if (isNothing(a[k]) || isNothing(b[k])) continue
    middle += a[k].middle * b[k].middle
    radius += productRadius(a[k], b[k])
    any = true
  }
  return any ? { middle: descale(middle), radius: descale(radius) + 2n } : nothing
}

/** 1 for a positive ball, -1 for a negative one, 0 where neither is certain. */
export const strictSign = ({ middle, radius }: Ball): -1 | 0 | 1 => (middle > radius ? 1 : middle < -radius ? -1 : 0)
