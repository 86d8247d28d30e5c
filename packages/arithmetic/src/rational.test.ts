import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { absolute, gcd } from './integer.ts'
import {
  add,
  compare,
  divide,
  equal,
  fromNumber,
  multiply,
  negate,
  one,
  type Rational,
  rational,
  ratioToNumber,
  sign,
  subtract,
  toNumber,
  toText,
  zero
} from './rational.ts'

const rationals = fc
  .tuple(
    fc.oneof(fc.bigInt({ min: -9n, max: 9n }), fc.bigInt({ min: -(1n << 80n), max: 1n << 80n })),
    fc.oneof(fc.bigInt({ min: 1n, max: 9n }), fc.bigInt({ min: 1n, max: 1n << 80n })),
    fc.boolean()
  )
  .map(([p, q, flip]) => rational(flip ? -p : p, flip ? -q : q))

describe('rationals', () => {
  it('are in lowest terms with positive denominator', () => {
    fc.assert(
      fc.property(rationals, ({ numerator, denominator }) => {
        expect(denominator > 0n).toBe(true)
        expect(gcd(numerator, denominator)).toBe(1n)
      })
    )
    expect(() => rational(3n, 0n)).toThrow('3/0')
  })

  it('form an ordered field', () => {
    fc.assert(
      fc.property(rationals, rationals, rationals, (a, b, c) => {
        expect(add(a, b)).toEqual(add(b, a))
        expect(add(add(a, b), c)).toEqual(add(a, add(b, c)))
        expect(multiply(multiply(a, b), c)).toEqual(multiply(a, multiply(b, c)))
        expect(multiply(a, add(b, c))).toEqual(add(multiply(a, b), multiply(a, c)))
        expect(add(a, negate(a))).toEqual(zero)
        expect(multiply(a, one)).toEqual(a)
        expect(subtract(add(a, b), b)).toEqual(a)
        if (sign(b) !== 0) expect(multiply(divide(a, b), b)).toEqual(a)
        else expect(() => divide(a, b)).toThrow(RangeError)
        expect(compare(a, b)).toBe(sign(subtract(a, b)))
        expect(compare(add(a, c), add(b, c))).toBe(compare(a, b))
        expect(equal(a, b)).toBe(compare(a, b) === 0)
        expect(sign(multiply(a, b)) + 0).toBe(sign(a) * sign(b) + 0)
      })
    )
  })

  it('are written p or p/q', () => {
    expect([rational(6n, -4n), rational(8n, 2n), zero].map(toText)).toEqual(['-3/2', '4', '0'])
  })
})

const view = new DataView(new ArrayBuffer(8))
/** The k-th positive double, the k-th after zero in order. */
function positiveDouble(k: bigint): number {
  view.setBigUint64(0, k)
  return view.getFloat64(0)
}
const largestIndex = 0x7fefffffffffffffn
/** Positive doubles of every magnitude: uniform in the index, near powers of two, subnormal. */
const indices = fc.oneof(
  fc.bigInt({ min: 0n, max: largestIndex }),
  fc.bigInt({ min: 0n, max: 1n << 53n }),
  fc.bigInt({ min: 0n, max: 3n }),
  fc.tuple(fc.bigInt({ min: 0n, max: 2045n }), fc.bigInt({ min: -2n, max: 2n })).map(([e, d]) => {
    const index = (e << 52n) + d
    return index < 0n ? 0n : index
  })
)

describe('doubles', () => {
  it('have an exact value that rounds back to them', () => {
    fc.assert(
      fc.property(indices, fc.boolean(), (k, negative) => {
        const x = negative ? -positiveDouble(k) : positiveDouble(k)
        const exact = fromNumber(x)
        expect(gcd(exact.numerator, exact.denominator)).toBe(1n)
        expect(toNumber(exact) + 0).toBe(x + 0)
        // Not in lowest terms, the value is the same.
        expect(ratioToNumber(exact.numerator * 30n, exact.denominator * 30n) + 0).toBe(x + 0)
      }),
      { numRuns: 1000 }
    )
    for (const x of [Number.NaN, Infinity, -Infinity]) expect(() => fromNumber(x)).toThrow(String(x))
  })

  it('are the nearest, ties to even, for the midpoints of neighbours and for points just beside them', () => {
    const nudges = fc.tuple(fc.constantFrom(-1n, 0n, 1n), fc.integer({ min: 1, max: 1200 }), fc.boolean())
    fc.assert(
      fc.property(indices, nudges, (k, [direction, bits, negative]) => {
        const even = (k & 1n) === 0n ? k : k + 1n
        const low = fromNumber(positiveDouble(k))
        // The neighbour of the largest double is where overflow begins.
        const high: Rational = k === largestIndex ? rational(1n << 1024n) : fromNumber(positiveDouble(k + 1n))
        const middle = divide(add(low, high), rational(2n))
        const gap = subtract(high, low)
        const nudge = multiply(gap, rational(direction, 4n << BigInt(bits)))
        const value = add(middle, nudge)
        const expected = positiveDouble(direction < 0n ? k : direction > 0n ? k + 1n : even)
        expect(toNumber(negative ? negate(value) : value) + 0).toBe((negative ? -expected : expected) + 0)
      }),
      { numRuns: 1500 }
    )
  })

  it('agree with the reading of decimal texts of every magnitude', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 25n }), fc.integer({ min: -370, max: 310 }), (digits, exponent) => {
        const [p, q] = exponent >= 0 ? [digits * 10n ** BigInt(exponent), 1n] : [digits, 10n ** BigInt(-exponent)]
        expect(ratioToNumber(p, q)).toBe(Number(`${digits}e${exponent}`))
      }),
      { numRuns: 2000 }
    )
  })

  it('overflow to infinity and vanish to zero', () => {
    const huge = 1n << 5000n
    expect(ratioToNumber(huge, 3n)).toBe(Infinity)
    expect(ratioToNumber(-huge, 3n)).toBe(-Infinity)
    expect(ratioToNumber(3n, huge)).toBe(0)
    expect(ratioToNumber(1n, 1n << 1075n)).toBe(0)
    expect(ratioToNumber(3n, 1n << 1076n)).toBe(Number.MIN_VALUE)
    expect(ratioToNumber(absolute(huge) + 1n, huge)).toBe(1)
  })
})
