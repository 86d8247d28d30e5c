import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { gcd } from './integer.ts'
import { rational, toNumber } from './rational.ts'
import { entry, overCommonDenominator, reduceVector, vectorToNumbers } from './rational-vector.ts'

const vectors = fc.array(
  fc.tuple(fc.bigInt({ min: -500n, max: 500n }), fc.bigInt({ min: 1n, max: 60n })).map(([p, q]) => rational(p, q)),
  { maxLength: 6 }
)

describe('rational vectors', () => {
  it('keep their entries over the least common denominator', () => {
    fc.assert(
      fc.property(vectors, (entries) => {
        const v = overCommonDenominator(entries)
        expect(entries.map((_, i) => entry(v, i))).toEqual(entries)
        expect(v.numerators.reduce(gcd, v.denominator)).toBe(1n)
        expect([...vectorToNumbers(v)].map((x) => x + 0)).toEqual(entries.map((e) => toNumber(e) + 0))
      })
    )
  })

  it('lose exactly the common factor when reduced', () => {
    fc.assert(
      fc.property(vectors, fc.bigInt({ min: 1n, max: 10n ** 20n }), (entries, factor) => {
        const v = overCommonDenominator(entries)
        const multiple = { denominator: v.denominator * factor, numerators: v.numerators.map((n) => n * factor) }
        expect(reduceVector(multiple)).toEqual(v)
      })
    )
  })
})
