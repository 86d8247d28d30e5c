import { rational, toNumber } from '@nadir/arithmetic'
import {
  certificateText,
  dataset,
  empiricalRisk,
  globalBound,
  initialise,
  lbfgs,
  objective,
  randomStream
} from '@nadir/landscape'
import fc from 'fast-check'
import { checkDocument } from 'nadir-checker'
import { describe, expect, test } from 'vitest'

describe('linear networks without weight decay', () => {
  const settings = fc.record({
    seed: fc.integer({ min: 1, max: 1 << 30 }),
    inputs: fc.integer({ min: 1, max: 3 }),
    hidden: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }),
    outputs: fc.integer({ min: 1, max: 3 }),
    samples: fc.integer({ min: 1, max: 6 }),
    biases: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
    mean: fc.boolean()
  })

  test('have a bound that the checker accepts, that the network found meets and no training goes below', () => {
    fc.assert(
      fc.property(settings, ({ seed, inputs, hidden, outputs, samples, biases, mean }) => {
        const random = randomStream(seed)
        const number = () => rational(BigInt(Math.floor(9 * random()) - 4), 2n)
        const rows = (width: number) => Array.from({ length: samples }, () => Array.from({ length: width }, number))
        const widths = [...hidden, outputs]
        const problem = empiricalRisk({
          network: {
            inputs: [inputs],
            layers: widths.map((size, l) => ({ kind: 'dense', outputs: size, bias: biases[l]! }))
          },
          data: dataset(rows(inputs), rows(outputs)),
          reduction: mean ? 'mean' : 'sum'
        })
        const result = globalBound(problem)
        if ('kind' in result) throw new Error(result.reason)
        const outcome = checkDocument(certificateText(result.certificate))
        expect(outcome).toMatchObject({ outcome: 'accepted' })
        const bottleneck = Math.min(inputs, ...hidden) < outputs
        // A constant in front of a bottleneck need not reach the outputs.
        const reaches = biases[widths.length - 1] || !biases.slice(0, widths.length).some(Boolean)
        if (reaches && !bottleneck) expect(result.loss).toEqual(result.bound)
        if (reaches)
          expect(toNumber(result.loss) - toNumber(result.bound)).toBeLessThan(1e-9 * (1 + toNumber(result.loss)))
        const target = objective(problem)
        for (let start = 0; start < 3; start++) {
          const theta = initialise(problem.network, random)
          expect(lbfgs(target, theta, { iterations: 100 })).toBeGreaterThanOrEqual(toNumber(result.bound) - 1e-9)
        }
      }),
      { numRuns: 60 }
    )
  })
})
