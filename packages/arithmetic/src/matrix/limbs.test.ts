import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { carryLimbs, fromLimbs, toLimbs } from './limbs.ts'

const integers = fc.array(
  fc.oneof(
    fc.bigInt({ min: -40n, max: 40n }),
    // Near powers of two, where limbs carry.
    fc
      .tuple(fc.bigInt({ min: 0n, max: 300n }), fc.bigInt({ min: -2n, max: 2n }), fc.boolean())
      .map(([k, d, negative]) => ((1n << k) + d) * (negative ? -1n : 1n)),
    fc.bigInt({ min: -(1n << 500n), max: 1n << 500n })
  ),
  { maxLength: 6 }
)

describe('limb planes', () => {
  it('hold integers in centred limbs and give them back', () => {
    fc.assert(
      fc.property(integers, fc.constantFrom(10, 22, 30, 32), (values, bits) => {
        const planes = toLimbs(values, bits)
        for (const plane of planes) {
          for (const limb of plane) expect(Number.isInteger(limb) && Math.abs(limb) <= 2 ** (bits - 1)).toBe(true)
        }
        expect(planes.length === 0 || planes.at(-1)!.some((limb) => limb !== 0)).toBe(true)
        expect(fromLimbs(planes, bits, values.length)).toEqual(values)
      }),
      { numRuns: 500 }
    )
  })

  it('keep their value when limbs are carried', () => {
    const limb = fc.integer({ min: -(2 ** 52), max: 2 ** 52 })
    fc.assert(
      fc.property(fc.array(limb, { minLength: 1, maxLength: 5 }), fc.constantFrom(22, 30), (limbs, bits) => {
        // Room for what the top limb passes on.
        const planes = [...limbs, 0, 0].map((v) => Float64Array.of(v))
        const value = limbs.reduce((sum, v, l) => sum + (BigInt(v) << BigInt(bits * l)), 0n)
        expect(fromLimbs(planes, bits, 1)).toEqual([value])
        carryLimbs(planes, bits)
        for (const plane of planes) expect(Math.abs(plane[0]!)).toBeLessThanOrEqual(2 ** (bits - 1))
        expect(fromLimbs(planes, bits, 1)).toEqual([value])
      })
    )
  })
})
