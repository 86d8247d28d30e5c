import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sha256 } from './sha256.ts'

const twin = (text: string): string => createHash('sha256').update(text, 'latin1').digest('hex')

// FIPS 180-4, examples of the standard.
test('the examples of the standard', () => {
  expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  expect(sha256('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq')).toBe(
    '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1'
  )
})

test('agrees with the platform at every length up to five blocks', () => {
  for (let length = 0; length <= 320; length += 1) {
    const text = 'nadir'.repeat(64).slice(0, length)
    expect(sha256(text)).toBe(twin(text))
  }
})

test('agrees with the platform on arbitrary ASCII', () => {
  const ascii = fc.string({ unit: fc.nat(127).map((code) => String.fromCharCode(code)), maxLength: 2000 })
  fc.assert(
    fc.property(ascii, (text) => {
      expect(sha256(text)).toBe(twin(text))
    }),
    { seed: 21 }
  )
  expect(sha256('x'.repeat(1_000_003))).toBe(twin('x'.repeat(1_000_003)))
})
