import fc from 'fast-check'
import { checkDocument } from 'nadir-checker'
import { expect, test } from 'vitest'
import type { Value } from './digests.ts'
import { falsify } from './falsify.ts'
import { type Design, localMinimum, plant } from './planted.ts'

const small = fc.integer({ min: -2, max: 2 })
const rows = (count: number, width: number): fc.Arbitrary<number[][]> =>
  fc.array(fc.array(small, { minLength: width, maxLength: width }), { minLength: count, maxLength: count })

/** Small networks on small integers: many samples on kinks, equal and parallel inputs, units with w = 0 or v = 0. */
const design: fc.Arbitrary<Design> = fc
  .record({
    inputs: fc.integer({ min: 1, max: 2 }),
    units: fc.integer({ min: 1, max: 2 }),
    outputs: fc.integer({ min: 1, max: 2 }),
    samples: fc.integer({ min: 5, max: 8 })
  })
  .chain(({ inputs, units, outputs, samples }) =>
    fc.record({
      xs: rows(samples, inputs),
      weights: rows(units, inputs),
      outer: rows(outputs, units),
      slopes: fc.constantFrom<readonly [number | string, number | string]>(
        [1, 0],
        [1, -1],
        [0, 1],
        [1, '1/2'],
        ['1/3', 2]
      ),
      places: fc.array(fc.constantFrom(0, '1/4', '1/2', 1), { minLength: 7, maxLength: 7 }),
      hidden: fc.option(fc.array(small, { minLength: units, maxLength: units }), { nil: undefined }),
      last: fc.option(fc.array(small, { minLength: outputs, maxLength: outputs }), { nil: undefined })
    })
  )
  .map(({ xs, weights, outer, slopes, places, hidden, last }) => ({
    xs,
    weights,
    outer,
    slopes,
    ...(hidden ? { biases: hidden } : {}),
    ...(last ? { constants: last } : {}),
    place: (unit: number, _row: number, sample: number, output: number) => places[(unit + 2 * sample + 3 * output) % 7],
    wanted: (r) => r.some(({ n }) => n !== 0n)
  }))

type Planned = { readonly document: Value; readonly problem: Value; readonly claim: Value }

const planned = (one: Design): Planned | undefined => {
  try {
    const document = localMinimum(plant(one))
    const { problem, claim } = document as unknown as Planned
    return { document, problem, claim }
  } catch {
    // No residuals fit the design.
    return undefined
  }
}

test('a minimum by construction is accepted, and no perturbation refutes it', () => {
  let found = 0
  fc.assert(
    fc.property(design, (one) => {
      const plan = planned(one)
      if (plan === undefined) return
      const outcome = checkDocument(JSON.stringify(plan.document))
      // Lifted slopes at one place of [L, R] for each output may miss (e); nothing else may go wrong.
      const several = one.outer.length > 1
      if (several && outcome.outcome === 'rejected') expect(outcome.step).toMatch(/^\(e\)/)
      else expect(outcome, JSON.stringify(plan.document)).toMatchObject({ outcome: 'accepted' })
      if (outcome.outcome !== 'accepted') return
      found += 1
      expect(falsify(plan.problem, plan.claim, [], 24), JSON.stringify(plan.document)).toBeUndefined()
    }),
    { seed: 51, numRuns: 100 }
  )
  expect(found).toBeGreaterThan(20)
})
