import { expect, test } from 'vitest'
import { lossText } from './statement.ts'

const loss = (numerator: bigint, denominator = 1n) => lossText({ numerator, denominator })

test('short losses are written in full', () => {
  expect(loss(0n)).toBe('0')
  expect(loss(5n)).toBe('5')
  expect(loss(10n, 2n)).toBe('10/2')
})

test('long losses are abbreviated, with six digits rounded towards zero', () => {
  const big = 10n ** 80n
  expect(loss(12345678n * big)).toBe('123456780000...(88 digits) (about 1.23456e87)')
  expect(loss(2n * big, 3n * big)).toBe('200000000000...(81 digits)/300000000000...(81 digits) (about 6.66666e-1)')
  expect(loss(7n, 8n * big)).toBe('7/800000000000...(81 digits) (about 8.75000e-81)')
  expect(loss(big - 1n)).toBe('999999999999...(80 digits) (about 9.99999e79)')
  expect(loss(big, big - 1n)).toMatch(/\(about 1\.00000e0\)$/)
})
