import fc from 'fast-check'
import { expect, test } from 'vitest'
import { packed, unpacked } from './packed.ts'

/** Integers below 2^(width - 1), the extreme ones often. */
const entries = (width: number) => {
  const most = (1n << BigInt(width - 1)) - 1n
  return fc.oneof(fc.bigInt({ min: -most, max: most }), fc.constantFrom(0n, 1n, -1n, most, -most, most - 1n, 1n - most))
}

const rowsOf = fc
  .tuple(fc.integer({ min: 2, max: 140 }), fc.integer({ min: 1, max: 20 }))
  .chain(([width, length]) =>
    fc.tuple(fc.constant(width), fc.array(entries(width), { minLength: length, maxLength: length }))
  )

test('a row that was packed comes back, whatever its entries', () => {
  fc.assert(
    fc.property(rowsOf, ([width, row]) => {
      expect(unpacked(packed(row, width), width, row.length)).toEqual(row)
      expect(packed(row, width)).toBe(row.reduce((sum, entry, c) => sum + (entry << BigInt(width * c)), 0n))
    }),
    { numRuns: 500 }
  )
})

test('sums of products of packed rows are those of their entries', () => {
  const problems = fc
    .tuple(fc.integer({ min: 2, max: 70 }), fc.integer({ min: 2, max: 140 }), fc.integer({ min: 1, max: 12 }))
    .chain(([leftBits, rightBits, size]) =>
      fc.record({
        width: fc.constant(leftBits - 1 + rightBits - 1 + size.toString(2).length + 1),
        left: fc.array(entries(leftBits), { minLength: size, maxLength: size }),
        rows: fc.array(fc.array(entries(rightBits), { minLength: 5, maxLength: 5 }), {
          minLength: size,
          maxLength: size
        })
      })
    )
  fc.assert(
    fc.property(problems, ({ width, left, rows }) => {
      const whole = rows.reduce((sum, row, b) => sum + left[b] * packed(row, width), 0n)
      const slowly = rows[0].map((_, c) => rows.reduce((sum, row, b) => sum + left[b] * row[c], 0n))
      expect(unpacked(whole, width, 5)).toEqual(slowly)
    }),
    { numRuns: 500 }
  )
})
