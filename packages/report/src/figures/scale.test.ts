import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { extent, linearScale, padded, symmetricLogScale } from './scale.ts'

const value = fc.oneof(
  fc.double(),
  fc.double({ min: -100, max: 100, noNaN: true }),
  fc.constantFrom(0, 1e149, 5e-324, 1e308)
)

describe('scales', () => {
  it('linear: any values give a few ticks with different labels inside the domain, ends at the ends', () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 5 }), fc.integer({ min: 2, max: 9 }), (values, count) => {
        const domain = padded(extent(values))
        const { at, ticks } = linearScale(domain, [10, 210], count)
        expect(at(domain[0])).toBeCloseTo(10, 6)
        expect(at(domain[1])).toBeCloseTo(210, 6)
        expect(ticks.length).toBeGreaterThan(0)
        expect(ticks.length).toBeLessThanOrEqual(count + 2)
        expect(new Set(ticks.map((t) => t.label)).size).toBe(ticks.length)
        for (const t of ticks) expect(Math.abs(at(t.value) - 110)).toBeLessThan(100.001)
      })
    )
  })

  it('symmetric logarithm: odd about the middle, ascending, every power of ten one step further', () => {
    const { at, ticks } = symmetricLogScale(1e-3, 100, [0, 120])
    expect(ticks.map((t) => at(t.value))).toEqual([0, 20, 40, 60, 80, 100, 120].map((p) => expect.closeTo(p, 9)))
    expect(ticks.map((t) => t.label)).toEqual(['-10²', '-10⁰', '-10⁻²', '0', '10⁻²', '10⁰', '10²'])
    fc.assert(
      fc.property(
        fc.double({ min: -200, max: 200, noNaN: true }),
        fc.double({ min: -200, max: 200, noNaN: true }),
        (a, b) => {
          expect(at(-a) + at(a)).toBeCloseTo(120, 9)
          if (a < b) expect(at(a)).toBeLessThanOrEqual(at(b))
          if (Math.abs(a) > 1e-12) expect(Math.sign(at(a) - 60)).toBe(Math.sign(a))
        }
      )
    )
  })
})
