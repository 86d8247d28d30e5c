import { toNumber } from '@nadir/arithmetic'
import {
  approximateLoss,
  evaluate,
  initialise,
  lbfgs,
  leakyRelu,
  objective,
  randomStream,
  toFloat
} from '@nadir/landscape'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { builtPoints, construct, smallData } from './building.ts'

const seeds = fc.integer({ min: 1, max: 1_000_000 })

test('pilanci2020-inverse: a global minimum that no training beats', () => {
  let built = 0
  const cases = fc.record({
    data: smallData({ inputs: 2, outputs: 1, samples: 12 }),
    width: fc.integer({ min: 1, max: 3 }),
    reduction: fc.constantFrom('sum' as const, 'mean' as const),
    seed: seeds
  })
  fc.assert(
    fc.property(cases, ({ data, width, reduction, seed }) => {
      const random = randomStream(seed)
      const construction = construct('pilanci2020-inverse', { data, hidden: [width], reduction, count: 1, random })
      if (construction.kind === 'refused') {
        expect(construction.hypothesis).toMatch(/independent samples/)
        return
      }
      built++
      for (const { claim, loss, problem, point } of builtPoints(construction)) {
        expect(claim).toBe('global-minimum')
        const value = toNumber(loss)
        const lossAt = (theta: Float64Array) =>
          approximateLoss(problem, theta, (input) => evaluate(problem.network, theta, input))
        expect(Math.abs(lossAt(toFloat(point).values) - value)).toBeLessThan(1e-9 * (1 + value))
        const theta = initialise(problem.network, random)
        lbfgs(objective(problem), theta, { iterations: 100 })
        expect(lossAt(theta)).toBeGreaterThan(value * (1 - 1e-9))
      }
    }),
    { numRuns: 25 }
  )
  expect(built).toBeGreaterThan(8)
})

test('pilanci2020-inverse refuses other activations, depths and many inputs', () => {
  const data = fc.sample(smallData({ inputs: 1, outputs: 1, samples: 4 }), 1)[0]!
  expect(construct('pilanci2020-inverse', { data, activation: leakyRelu() })).toMatchObject({
    hypothesis: 'the activation is relu'
  })
  expect(construct('pilanci2020-inverse', { data, hidden: [2, 2] })).toMatchObject({
    found: expect.stringContaining('2, 2')
  })
})
