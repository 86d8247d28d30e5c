import { readFileSync } from 'node:fs'
import { multiply, parseExact, rational, toNumber, toText } from '@nadir/arithmetic'
import {
  certificateText,
  dataset,
  empiricalRisk,
  initialise,
  lbfgs,
  type Network,
  narrowBound,
  objective,
  type Problem,
  randomStream,
  relu
} from '@nadir/landscape'
import fc from 'fast-check'
import { checkDocument } from 'nadir-checker'
import { describe, expect, test } from 'vitest'

const reference = JSON.parse(readFileSync(new URL('../reference/global-minima.json', import.meta.url), 'utf8'))
const exact = (text: string) => parseExact(text)!

const narrow = (inputs: number, units: number, hiddenBias: boolean, outputBias: boolean, slope: string): Network => ({
  inputs: [inputs],
  layers: [
    { kind: 'dense', outputs: units, bias: hiddenBias },
    {
      kind: 'activation',
      activation: slope === '0' ? relu : { kind: 'two-slope', positive: rational(1n), negative: exact(slope) }
    },
    { kind: 'dense', outputs: 1, bias: outputBias }
  ]
})

const claimOf = (problem: Problem) => {
  const result = narrowBound(problem)
  if ('kind' in result) throw new Error(result.reason)
  const outcome = checkDocument(certificateText(result.certificate))
  return { result, claim: outcome.outcome === 'accepted' ? outcome.claim : JSON.stringify(outcome) }
}

describe('narrow networks without weight decay', () => {
  test.each(reference.freeKnots.relu_erm as { width: number; sse: string }[])(
    'the best network of width $width is that of the reference, proved',
    ({ width, sse }) => {
      const { x, y } = reference.freeKnots
      const data = dataset(
        x.map((text: string) => [exact(text)]),
        y.map((text: string) => [exact(text)])
      )
      const { result, claim } = claimOf(empiricalRisk({ network: narrow(1, width, true, true, '0'), data }))
      expect(claim).toBe('global-minimum')
      expect(toText(multiply(rational(2n), result.loss))).toBe(sse)
    }
  )

  test('are as good as nothing that training finds', () => {
    const settings = fc.record({
      seed: fc.integer({ min: 1, max: 1 << 30 }),
      inputs: fc.integer({ min: 1, max: 2 }),
      units: fc.integer({ min: 1, max: 2 }),
      samples: fc.integer({ min: 1, max: 6 }),
      hiddenBias: fc.boolean(),
      outputBias: fc.boolean(),
      slope: fc.constantFrom('0', '1/4', '-1', '3'),
      mean: fc.boolean(),
      grid: fc.boolean()
    })
    fc.assert(
      fc.property(settings, ({ seed, inputs, units, samples, hiddenBias, outputBias, slope, mean, grid }) => {
        // Two units on two inputs with biases are for longer runs.
        fc.pre(!(inputs === 2 && hiddenBias && units === 2))
        const random = randomStream(seed)
        const number = () => exact(grid ? `${Math.floor(5 * random()) - 2}` : (4 * random() - 2).toFixed(2))
        const rows = (width: number) => Array.from({ length: samples }, () => Array.from({ length: width }, number))
        const problem = empiricalRisk({
          network: narrow(inputs, units, hiddenBias, outputBias, slope),
          data: dataset(rows(inputs), rows(1)),
          reduction: mean ? 'mean' : 'sum'
        })
        const { result, claim } = claimOf(problem)
        expect(claim).toBe('global-minimum')
        const target = objective(problem)
        for (let start = 0; start < 5; start++) {
          const theta = initialise(problem.network, random)
          expect(lbfgs(target, theta, { iterations: 100 })).toBeGreaterThanOrEqual(toNumber(result.loss) - 1e-9)
        }
      }),
      { numRuns: 40 }
    )
  })

  test('say what is in the way', () => {
    const data = dataset([[rational(1n)]], [[rational(1n)]])
    const wide = empiricalRisk({ network: narrow(1, 9, true, true, '0'), data })
    expect(narrowBound(wide)).toMatchObject({ kind: 'obstacle', reason: expect.stringContaining('18') })
  })
})
