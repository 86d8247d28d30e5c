import type { Coefficients } from '../polynomial/coefficients.ts'
import type { OrderedDomain } from '../polynomial/ordered-domain.ts'
import { ceilingOf, floorOf } from '../polynomial/short-dyadic.ts'
import { type Rational, rational } from '../rational.ts'

/** All real numbers x with low <= 2^bits x <= high. Enclosed. */
export interface Enclosure {
  readonly low: bigint
  readonly high: bigint
  readonly bits: number
}

/** The tightest enclosure, on the grid of spacing 2^-bits, of the numbers from lower to upper. */
export function encloseRationals(lower: Rational, upper: Rational, bits: number): Enclosure {
  const onGrid = (r: Rational) => ({ numerator: r.numerator << BigInt(bits), denominator: r.denominator })
  return { low: floorOf(onGrid(lower)), high: ceilingOf(onGrid(upper)), bits }
}

function hull(ends: readonly bigint[], bits: number): Enclosure {
  let low = ends[0]!
  let high = low
  for (const end of ends) {
    if (end < low) low = end
    if (end > high) high = end
  }
  return { low, high, bits }
}

/** Encloses the product. Both enclosures have the same bits. */
export function multiplyEnclosures(a: Enclosure, b: Enclosure): Enclosure {
  const { low, high, bits } = hull([a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high], a.bits)
  return { low: low >> BigInt(bits), high: -(-high >> BigInt(bits)), bits }
}

/** Encloses the quotient; undefined when b contains 0. Both enclosures have the same bits. */
export function divideEnclosures(a: Enclosure, b: Enclosure): Enclosure | undefined {
  if (b.low <= 0n && b.high >= 0n) return undefined
  const ends: bigint[] = []
  for (const p of [a.low, a.high]) {
    for (const q of [b.low, b.high]) {
      const quotient = rational(p << BigInt(a.bits), q)
      ends.push(floorOf(quotient), ceilingOf(quotient))
    }
  }
  return hull(ends, a.bits)
}

/** Encloses the values of f on the enclosure x. Horner. */
export function encloseValue<T>(domain: OrderedDomain<T>, f: Coefficients<T>, x: Enclosure): Enclosure {
  let value: Enclosure = { low: 0n, high: 0n, bits: x.bits }
  for (let i = f.length - 1; i >= 0; i--) {
    const product = multiplyEnclosures(value, x)
    const [low, high] = domain.enclose(f[i]!, x.bits)
    value = { low: product.low + low, high: product.high + high, bits: x.bits }
  }
  return value
}

/** Encloses x / n for a positive integer n. */
export const shrinkEnclosure = (x: Enclosure, n: bigint): Enclosure => ({
  low: floorOf({ numerator: x.low, denominator: n }),
  high: ceilingOf({ numerator: x.high, denominator: n }),
  bits: x.bits
})

/** Sign of every number enclosed; undefined when they differ. */
export const signOfEnclosure = (x: Enclosure): -1 | 0 | 1 | undefined =>
  x.low > 0n ? 1 : x.high < 0n ? -1 : x.low === 0n && x.high === 0n ? 0 : undefined
