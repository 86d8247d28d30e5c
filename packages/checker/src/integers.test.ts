import fc from 'fast-check'
import { expect, test } from 'vitest'
import { newBudget } from './budget.ts'
import { bitLength, commonMultiple, dot, greatestBitLength, greatestCommonDivisor } from './integers.ts'
import { productSigns } from './signs.ts'

const long = fc.oneof(fc.bigInt({ min: -8n, max: 8n }), fc.bigInt({ min: -(1n << 400n), max: 1n << 400n }))
const positive = fc.oneof(fc.bigInt({ min: 1n, max: 60n }), fc.bigInt({ min: 1n, max: 1n << 200n }))

test('bit lengths are bounds from above, by fewer than four bits', () => {
  fc.assert(
    fc.property(fc.array(fc.array(long, { maxLength: 4 }), { maxLength: 4 }), long, (rows, value) => {
      const size = value < 0n ? -value : value
      expect(size < 1n << BigInt(bitLength(value))).toBe(true)
      expect(bitLength(value) <= 4 || size >= 1n << BigInt(bitLength(value) - 4)).toBe(true)
      expect(greatestBitLength(rows)).toBe(Math.max(4, ...rows.flat().map(bitLength)))
    }),
    { seed: 31 }
  )
})

test('common divisors and multiples', () => {
  fc.assert(
    fc.property(positive, positive, positive, (a, b, c) => {
      const divisor = greatestCommonDivisor(a * c, -b * c)
      expect([(a * c) % divisor, (b * c) % divisor, divisor % c]).toEqual([0n, 0n, 0n])
      expect(greatestCommonDivisor((a * c) / divisor, (b * c) / divisor)).toBe(1n)
      const multiple = commonMultiple(a, b)
      expect([multiple % a, multiple % b, multiple > 0n]).toEqual([0n, 0n, true])
      expect(commonMultiple(a, a * b)).toBe(a * b)
    }),
    { seed: 32 }
  )
})

test('signs of products decided by leading digits are the signs of the products', () => {
  const vector = fc.array(fc.bigInt({ min: -50n, max: 50n }), { minLength: 3, maxLength: 3 })
  // Nearly orthogonal weights: a multiple of an orthogonal one and a small rest.
  const weight = fc
    .tuple(vector, vector, fc.bigInt({ min: 0n, max: 1n << 300n }), vector)
    .map(([a, b, factor, rest]) => {
      const cross = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
      return { a, weight: cross.map((entry, k) => entry * factor + (rest[k] % 2n)) }
    })
  fc.assert(
    fc.property(
      fc.array(weight, { minLength: 1, maxLength: 4 }),
      fc.array(vector, { maxLength: 3 }),
      (given, others) => {
        const vectors = [...given.map(({ a }) => a), ...others]
        const weights = given.map((one) => one.weight)
        const expected = weights.map((row) =>
          vectors.map((entries) => {
            const product = dot(row, entries)
            return product > 0n ? 1 : product < 0n ? -1 : 0
          })
        )
        expect(productSigns(weights, vectors, newBudget())).toEqual(expected)
      }
    ),
    { seed: 33, numRuns: 500 }
  )
})
