import { fromNumber, rational } from '@nadir/arithmetic'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { exactNumber } from './exact-number.ts'
import { fractions } from './testing/arbitrary-network.ts'

test('a decimal is the fraction that is written, not the double nearest to it', () => {
  expect(exactNumber('0.1')).toEqual(rational(1n, 10n))
  expect(exactNumber('0.1')).not.toEqual(fromNumber(0.1))
  expect(exactNumber('-1.25e-2')).toEqual(rational(-1n, 80n))
  expect(exactNumber(' 6/-4 ')).toBeUndefined()
  expect(exactNumber('-6/4')).toEqual(rational(-3n, 2n))
})

test('fractions read back', () => {
  fc.assert(
    fc.property(fractions, (r) => {
      expect(exactNumber(`${r.numerator}/${r.denominator}`)).toEqual(r)
    })
  )
})

test('what names an absurdly long number is refused', () => {
  for (const text of [
    '1e401',
    '1e-401',
    '1E+999999',
    `0.${'1'.repeat(200_000)}`,
    'nan',
    'inf',
    '',
    '0x10',
    '1,5',
    '1/0'
  ])
    expect(exactNumber(text)).toBeUndefined()
  expect(exactNumber('1e400')).toEqual(rational(10n ** 400n))
})
