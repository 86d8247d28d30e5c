import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type HomogeneousForm, signOfForm, valueOfForm } from './one-sided-slopes.ts'

const integer = (max: number) => fc.integer({ min: -max, max }).map(BigInt)

/** Forms on the plane with few small numbers: parallel and repeated vectors, concave and flat terms are common. */
const planarForm: fc.Arbitrary<HomogeneousForm> = fc.record({
  constant: fc.tuple(integer(2), integer(2)),
  terms: fc.array(
    fc.record({
      vector: fc.tuple(integer(2), integer(2)).filter(([a, b]) => a !== 0n || b !== 0n),
      left: integer(3),
      right: integer(3)
    }),
    { maxLength: 5 }
  )
})

/**
 * The slow, obvious test in the plane: q is linear between neighbouring lines tau_k = 0, so it is negative somewhere exactly when it is negative on one of those
 * lines, on a normal of one of them, or, without terms, along minus its constant.
 */
function negativeSomewhere(form: HomogeneousForm): boolean {
  const candidates = [
    [...form.constant],
    ...form.terms.flatMap(({ vector: [a, b] }) => [
      [-b!, a!],
      [a!, b!]
    ])
  ]
  return candidates.some((d) => [d, d.map((x) => -x)].some((direction) => valueOfForm(form, direction) < 0n))
}

describe('signOfForm', () => {
  test('agrees with the test on all rays of the plane', () => {
    const seen = { negative: 0, rows: 0, tables: 0 }
    fc.assert(
      fc.property(planarForm, (form) => {
        const answer = signOfForm(form)
        expect(answer.kind).toBe(negativeSomewhere(form) ? 'negative' : 'non-negative')
        if (answer.kind === 'negative') {
          seen.negative++
          expect(valueOfForm(form, answer.direction)).toBeLessThan(0n)
        }
        if (answer.kind === 'non-negative') {
          seen.rows++
          const concave = form.terms.filter((t) => t.right < t.left).length
          if (concave > 0) seen.tables++
          expect(answer.rows.length).toBe(2 ** concave)
        }
      }),
      { numRuns: 3000 }
    )
    // All three kinds of answer must have been met, or the agreement says little.
    expect(Math.min(seen.negative, seen.rows, seen.tables)).toBeGreaterThan(5)
  })

  test('the rows balance: constant plus slopes times vectors is 0, slopes within their bounds', () => {
    fc.assert(
      fc.property(planarForm, (form) => {
        const answer = signOfForm(form)
        if (answer.kind !== 'non-negative') return
        const concave = form.terms.flatMap((t, k) => (t.right < t.left ? [k] : []))
        for (const [choice, row] of answer.rows.entries())
          for (const axis of [0, 1]) {
            let sum = form.constant[axis]! * row.denominator
            for (const [k, t] of form.terms.entries()) {
              const slope = row.numerators[k]!
              sum += slope * t.vector[axis]!
              const e = concave.indexOf(k)
              if (e >= 0) expect(slope).toBe(((choice >> e) & 1 ? t.right : t.left) * row.denominator)
              else expect(slope >= t.left * row.denominator && slope <= t.right * row.denominator).toBe(true)
            }
            expect(sum).toBe(0n)
          }
      }),
      { numRuns: 1000 }
    )
  })

  test('many concave terms are settled by a descending direction or left open, never guessed', () => {
    const terms = Array.from({ length: 14 }, (_, k) => ({ vector: [1n, BigInt(k)], left: 1n, right: -1n }))
    const answer = signOfForm({ constant: [0n, 0n], terms })
    expect(answer.kind).toBe('negative')
  })
})
