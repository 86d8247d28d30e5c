import fc from 'fast-check'
import { expect, test } from 'vitest'
import { newBudget } from '../budget.ts'
import { independent, type SampleFunction } from './spanned.ts'

/** The rank, by fractions that are never reduced. */
function rank(rows: readonly SampleFunction[]): number {
  let left = rows.map((row) => [...row])
  let found = 0
  for (let column = 0; column < (rows[0]?.length ?? 0); column++) {
    const pivot = left.find((row) => row[column] !== 0n)
    if (!pivot) continue
    found++
    left = left
      .filter((row) => row !== pivot)
      .map((row) => row.map((x, k) => x * pivot[column]! - pivot[k]! * row[column]!))
  }
  return found
}

const small = fc.bigInt({ min: -2n, max: 2n })
/** A multiple of the prime that the rank is first looked for modulo: 0 there and not here. */
const entry = fc.oneof({ weight: 9, arbitrary: small }, { weight: 1, arbitrary: fc.constant(67_108_859n) })

test('independent functions span the same space, be it all functions of some classes of samples or not', () => {
  let whole = 0
  fc.assert(
    fc.property(
      fc.array(fc.array(entry, { minLength: 5, maxLength: 5 }), { minLength: 1, maxLength: 7 }),
      fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 8 }),
      (rows, places) => {
        // Samples repeat, and some are 0 for every function.
        const functions = rows.map((row) => places.map((place) => (place === 5 ? 0n : row[place]!)))
        const basis = independent(functions, newBudget())
        expect(basis.length).toBe(rank(functions))
        expect(rank(basis)).toBe(basis.length)
        expect(rank([...functions, ...basis])).toBe(basis.length)
        if (basis.every((f) => f.every((x) => x === 0n || x === 1n))) whole++
      }
    ),
    { numRuns: 500 }
  )
  expect(whole).toBeGreaterThan(50)
})
