import fc from 'fast-check'
import { expect, test } from 'vitest'
import { emptyBasis, extend } from '../optimality/echelon-basis.ts'
import { independentFunctions, residue, vanishing } from './path-spans.ts'

/** Dimensions by elimination in integers. */
const rank = (rows: readonly (readonly bigint[])[]): number => {
  const basis = emptyBasis()
  for (const row of rows) extend(basis, row)
  return basis.vectors.length
}

/** Of the combinations that are 0 on these samples: all values on them are conditions. */
const rankVanishing = (rows: readonly (readonly bigint[])[], samples: readonly number[]): number =>
  rank(rows) - rank(rows.map((row) => samples.map((i) => row[i]!)))

/** Minors of so small entries are less than the prime. */
const entry = fc.bigInt({ min: -2n, max: 2n })

test('dimensions modulo the prime are those over the rationals, of spaces and of what vanishes on samples', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(entry, { minLength: 6, maxLength: 6 }), { minLength: 1, maxLength: 9 }),
      fc.uniqueArray(fc.nat({ max: 5 }), { maxLength: 4 }),
      fc.nat(8),
      (rows, samples, twin) => {
        const all = [...rows, rows[twin % rows.length]!.map((x, i) => (x - rows[0]![i]!) / 2n)]
        const functions = all.map((row) => Float64Array.from(row, residue))
        const space = independentFunctions(functions)
        expect(space.length).toBe(rank(all))
        const left = vanishing(space, samples)
        expect(left.length).toBe(rankVanishing(all, samples))
        expect(independentFunctions(left).length).toBe(left.length)
        for (const f of left) for (const i of samples) expect(f[i]).toBeCloseTo(0, 12)
      }
    ),
    { numRuns: 300 }
  )
})
