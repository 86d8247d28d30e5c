import fc from 'fast-check'
import { expect, test } from 'vitest'
import { unit } from '../../packages/checker/src/kinks/ball.ts'
import { eliminated } from '../../packages/checker/src/kinks/regular.ts'
import { fraction } from '../corpus/fraction.ts'
import { inertiaOf } from '../corpus/fraction-matrices.ts'

/** Symmetric matrices of small integers, many of them 0, singular ones and ones without any pivot on the diagonal among them. */
const symmetric = fc.integer({ min: 1, max: 9 }).chain((size) =>
  fc
    .record({
      entries: fc.array(fc.constantFrom(0, 0, 0, 1, -1, 2, -3, 1000), {
        minLength: (size * (size + 1)) / 2,
        maxLength: (size * (size + 1)) / 2
      }),
      isHollow: fc.boolean()
    })
    .map(({ entries, isHollow }) => {
      let at = 0
      return Array.from({ length: size }, (_, a) =>
        Array.from({ length: a + 1 }, (__, b) => {
          const entry = entries[at++]!
          return isHollow && a === b ? 0 : entry
        })
      )
    })
)

const budget = () => ({ work: 1n << 40n, words: 1n << 30n })
const spread: readonly bigint[] = []

test('counts the positive eigenvalues of every regular matrix, and its errors stay far below a unit of the matrix', () => {
  let regular = 0
  fc.assert(
    fc.property(symmetric, (lower) => {
      const full = lower.map((_, a) => lower.map((__, b) => fraction(a >= b ? lower[a]![b]! : lower[b]![a]!)))
      const [positive, singular, negative] = inertiaOf(full)
      if (singular > 0) return
      regular++
      const rows = lower.map((row) => row.map((entry) => BigInt(entry) * unit))
      const found = eliminated({ rows, spread }, budget())
      expect(found.positive).toBe(positive)
      expect(found.negative).toBe(negative)
      expect(found.error).toBeLessThan(unit >> 64n)
    }),
    { numRuns: 1500 }
  )
  expect(regular).toBeGreaterThan(300)
})
