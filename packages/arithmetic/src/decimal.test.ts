import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseExact } from './decimal.ts'
import { multiply, rational, toNumber, toText } from './rational.ts'

const digits = (least: number) =>
  fc.array(fc.constantFrom(...'0123456789'), { minLength: least, maxLength: 30 }).map((d) => d.join(''))

describe('parseExact', () => {
  it('reads decimals as digits times a power of ten', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('', '+', '-'),
        digits(0),
        digits(0),
        fc.option(fc.integer({ min: -60, max: 60 }), { nil: undefined }),
        fc.constantFrom('e', 'E'),
        (sign, whole, fractional, exponent, letter) => {
          fc.pre(whole.length + fractional.length > 0)
          const text = `${sign}${whole}.${fractional}${exponent === undefined ? '' : `${letter}${exponent}`}`
          const power = (exponent ?? 0) - fractional.length
          const integer = BigInt(whole + fractional) * (sign === '-' ? -1n : 1n)
          const scale = rational(10n ** BigInt(Math.max(power, 0)), 10n ** BigInt(Math.max(-power, 0)))
          expect(parseExact(text)).toEqual(multiply(rational(integer), scale))
          // The language's own reader rounds correctly.
          expect(toNumber(parseExact(text)!) + 0).toBe(Number(text) + 0)
        }
      ),
      { numRuns: 500 }
    )
  })

  it('reads back the canonical text of every rational', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt({ min: 1n }), (p, q) => {
        const value = rational(p, q)
        expect(parseExact(toText(value))).toEqual(value)
      })
    )
  })

  it.each([
    ['0.801', 801n, 1000n],
    ['-1.5e-3', -3n, 2000n],
    [' 7 ', 7n, 1n],
    ['5.', 5n, 1n],
    ['.5', 1n, 2n],
    ['+6/4', 3n, 2n],
    ['-0', 0n, 1n],
    ['-6/0004', -3n, 2n],
    ['1e+0000002', 100n, 1n]
  ])('reads %s', (text, numerator, denominator) => {
    expect(parseExact(text)).toEqual({ numerator, denominator })
  })

  it('keeps every digit of a long text', () => {
    expect(parseExact(`0.${'0'.repeat(6000)}1`)?.denominator).toBe(10n ** 6001n)
  })

  it.each([
    ...['', ' ', '.', '+', '-', '1e', 'e5', '.e5', '1e5.0', '0x10', '0b1', 'NaN', 'Infinity', '-Infinity', '1_000'],
    ...[
      '1 2',
      '1,5',
      '1.2.3',
      '--1',
      '+-1',
      '1/0',
      '1/-2',
      '1/2/3',
      '1 /2',
      '0.5/2',
      '1/2e1',
      '1e5001',
      '1e-5001',
      '1n'
    ],
    ...['٣', '−1', '1e99999999999999999999', '1/', '/2']
  ])('refuses %j', (text) => {
    expect(parseExact(text)).toBeUndefined()
  })
})
