import { execFileSync } from 'node:child_process'
import { fromNumber, rational } from '@nadir/arithmetic'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cut, exactly, number, percent, powerOfTen, shellWord } from './format.ts'

/** The number that a reader takes from the text. */
const read = (text: string): number => {
  const [mantissa, power] = text.split('\u00a0×\u00a010')
  const digits = [...(power ?? '')].map((c) => '⁰¹²³⁴⁵⁶⁷⁸⁹'.indexOf(c))
  const exponent = Number(digits.filter((d) => d >= 0).join('')) * (power?.startsWith('⁻') ? -1 : 1)
  return Number(power === undefined ? mantissa : `${mantissa}e${exponent}`)
}

describe('numbers for people', () => {
  it('are within half a unit of the last digit', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e307, max: 1e307, noNaN: true }), fc.integer({ min: 2, max: 12 }), (x, digits) => {
        expect(Math.abs(read(number(x, digits)) - x)).toBeLessThanOrEqual(0.50001 * 10 ** (1 - digits) * Math.abs(x))
      })
    )
  })

  it('look like this', () => {
    expect([0, 100, 0.1, 1234567, 1e-33, -2.5, 12345.6].map((x) => number(x))).toEqual([
      '0',
      '100',
      '0.1',
      '1.235\u00a0×\u00a010⁶',
      '1\u00a0×\u00a010⁻³³',
      '-2.5',
      '12346'
    ])
    expect(powerOfTen(-12)).toBe('10⁻¹²')
    expect(exactly(rational(-1n, 3n))).toBe('exactly -1/3')
    expect(exactly(rational(1n, 10n ** 40n))).toBe('an exact fraction of 42 digits')
    expect(cut('😀😀😀', 2)).toBe('😀…')
  })

  it('percentages are 0 or 100 only when they are', () => {
    const third = rational(1n, 3n)
    expect(percent(rational(0n), third)).toBe('0\u00a0%')
    expect(percent(third, third)).toBe('100\u00a0%')
    expect(percent(fromNumber(1e-33), third)).toBe('less than 0.01\u00a0%')
    expect(percent(fromNumber(1 / 3), third)).toBe('almost 100\u00a0%')
    expect(percent(rational(-1n, 8n), rational(1n))).toBe('12.5\u00a0%')
    expect(percent(third, rational(0n))).toBe('from zero')
  })

  it('a pasted command reads every name as one word, and runs none', () => {
    for (const name of ['a.csv', '-rf', '$(touch x).csv', 'it\'s `id`; "q" \\ \n&& *', '', '~', 'größe 1.csv'])
      expect(execFileSync('sh', ['-c', `printf '<%s>' ${shellWord(name)}`]).toString()).toBe(`<${name}>`)
  })
})
