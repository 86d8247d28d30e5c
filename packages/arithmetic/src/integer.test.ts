import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { absolute, bitLength, gcd, integerSquareRoot, lcm } from './integer.ts'

const integers = fc.oneof(fc.bigInt({ min: -50n, max: 50n }), fc.bigInt({ min: -(1n << 200n), max: 1n << 200n }))

describe('integer routines', () => {
  it('gcd is the common divisor that every common divisor divides', () => {
    fc.assert(
      fc.property(integers, integers, integers, (a, b, c) => {
        const g = gcd(a, b)
        expect(g >= 0n).toBe(true)
        if (g === 0n) expect([a, b]).toEqual([0n, 0n])
        else expect([a % g, b % g]).toEqual([0n, 0n])
        expect(gcd(a * c, b * c)).toBe(g * absolute(c))
        expect(gcd(a + b * c, b)).toBe(g)
        expect(gcd(a, b) * lcm(a, b)).toBe(absolute(a * b))
      })
    )
  })

  it('bitLength is the number of binary digits', () => {
    fc.assert(
      fc.property(integers, (a) => {
        expect(bitLength(a)).toBe(a === 0n ? 0 : absolute(a).toString(2).length)
      })
    )
    for (let k = 0n; k < 130n; k++) {
      expect([bitLength((1n << k) - 1n), bitLength(1n << k)]).toEqual([Number(k), Number(k) + 1])
    }
  })

  it('integerSquareRoot is the floor of the root', () => {
    const check = (a: bigint) => {
      const s = integerSquareRoot(a)
      expect(s >= 0n && s * s <= a && a < (s + 1n) * (s + 1n)).toBe(true)
    }
    fc.assert(fc.property(fc.bigInt({ min: 0n, max: 1n << 300n }), check))
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 1n << 150n }), (s) => [s * s, s * s - 1n, s * s + 1n].forEach(check))
    )
    for (let a = 0n; a < 100n; a++) check(a)
    expect(() => integerSquareRoot(-1n)).toThrow('-1 is negative')
  })
})
