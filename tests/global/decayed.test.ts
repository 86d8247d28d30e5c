import { readFileSync } from 'node:fs'
import { parseExact, rational, toNumber } from '@nadir/arithmetic'
import {
  certificateText,
  dataset,
  decayedBound,
  empiricalRisk,
  globalBound,
  initialise,
  lbfgs,
  type Network,
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

const oneHidden = (
  inputs: number,
  units: number,
  hiddenBias: boolean,
  outputBias: boolean,
  slope: string
): Network => ({
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

const accepted = (text: string): string => {
  const outcome = checkDocument(text)
  return outcome.outcome === 'accepted' ? outcome.claim : JSON.stringify(outcome)
}

describe('networks with weight decay', () => {
  test('reach the value of the designed optimum with its width', () => {
    const { X, y, beta, optimal_value, optimal_width } = reference.weightDecay
    const result = decayedBound(
      empiricalRisk({
        network: oneHidden(1, 1, true, false, '0'),
        data: dataset(
          X.map(([x]: string[]) => [exact(x!)]),
          y.map((text: string) => [exact(text)])
        ),
        weightDecay: exact(beta)
      }),
      { smallestWidth: true }
    )
    if ('kind' in result) throw new Error(result.reason)
    expect(accepted(certificateText(result.certificate))).toBe('lower-bound')
    const value = toNumber(exact(optimal_value))
    expect(Math.abs(toNumber(result.loss) - value)).toBeLessThan(1e-8 * value)
    expect(Math.abs(toNumber(result.bound) - value)).toBeLessThan(1e-8 * value)
    expect(result.problem.network.layers[0]).toMatchObject({ outputs: optimal_width })
  })

  test('leave a gap where the width is less than the optimum needs, and none where it suffices', () => {
    // Samples 1 and -1, both with target 1: one unit has the outputs a and 0 and reaches 119/200 at a = 9/10, two units reach 19/100. Derived by hand.
    const problem = (units: number) =>
      empiricalRisk({
        network: oneHidden(1, units, false, false, '0'),
        data: dataset([[exact('1')], [exact('-1')]], [[exact('1')], [exact('1')]]),
        weightDecay: exact('1/10')
      })
    for (const [units, loss] of [
      [1, 0.595],
      [2, 0.19]
    ] as const) {
      const result = decayedBound(problem(units))
      if ('kind' in result) throw new Error(result.reason)
      expect(accepted(certificateText(result.certificate))).toBe('lower-bound')
      expect(toNumber(result.loss)).toBeCloseTo(loss, 9)
      expect(toNumber(result.bound)).toBeCloseTo(0.19, 9)
    }
  })

  // Found by this test: a constant that nothing determines; cuts in turn for two kinks; directions on several kinks at once; cells that meet their majorant exactly.
  const common = { inputs: 2, hiddenBias: true, outputBias: true, decayBiases: false, mean: false, grid: true }
  const hard = [
    { ...common, seed: 6, inputs: 1, samples: 4, slope: '0', decay: '1/5', grid: false },
    { ...common, seed: 713105740, samples: 7, outputBias: false, decayBiases: true, slope: '-1', decay: '1/100' },
    { ...common, seed: 493022994, samples: 6, decayBiases: true, slope: '1/4', decay: '1/100', mean: true },
    { ...common, seed: 756276857, inputs: 1, samples: 6, slope: '3', decay: '1/100', mean: true, grid: false },
    { ...common, seed: 681735563, samples: 5, hiddenBias: false, slope: '3', decay: '1/100', grid: false }
  ]
  const settings = fc
    .record({
      seed: fc.integer({ min: 1, max: 1 << 30 }),
      inputs: fc.integer({ min: 1, max: 2 }),
      samples: fc.integer({ min: 1, max: 7 }),
      hiddenBias: fc.boolean(),
      outputBias: fc.boolean(),
      decayBiases: fc.boolean(),
      slope: fc.constantFrom('0', '1/4', '-1', '3'),
      decay: fc.constantFrom('1/100', '1/5', '2'),
      mean: fc.boolean(),
      grid: fc.boolean()
    })
    // Otherwise constants cost nothing, and there is no best network.
    .filter(({ hiddenBias, outputBias, decayBiases }) => !hiddenBias || outputBias || decayBiases)

  test('meet a bound that the checker accepts and no training goes below', () => {
    fc.assert(
      fc.property(
        settings,
        ({ seed, inputs, samples, hiddenBias, outputBias, decayBiases, slope, decay, mean, grid }) => {
          const random = randomStream(seed)
          // Data on a grid have equal inputs and samples on one line with each other.
          const number = () => exact(grid ? `${Math.floor(5 * random()) - 2}` : (4 * random() - 2).toFixed(2))
          const rows = (width: number) => Array.from({ length: samples }, () => Array.from({ length: width }, number))
          const problem: Problem = empiricalRisk({
            network: oneHidden(inputs, 2, hiddenBias, outputBias, slope),
            data: dataset(rows(inputs), rows(1)),
            reduction: mean ? 'mean' : 'sum',
            weightDecay: exact(decay),
            decayBiases
          })
          const result = globalBound(problem, { smallestWidth: true })
          if ('kind' in result) throw new Error(result.reason)
          expect(['lower-bound', 'global-minimum']).toContain(accepted(certificateText(result.certificate)))
          expect(toNumber(result.loss) - toNumber(result.bound)).toBeLessThan(1e-6 * toNumber(result.loss) + 1e-12)
          const target = objective(problem)
          for (let start = 0; start < 3; start++) {
            const theta = initialise(problem.network, random)
            expect(lbfgs(target, theta, { iterations: 100 })).toBeGreaterThanOrEqual(
              toNumber(result.bound) * (1 - 1e-12) - 1e-12
            )
          }
        }
      ),
      { numRuns: 25, examples: hard.map((example) => [example]) }
    )
  })

  test('say what is in the way', () => {
    const data = dataset([[rational(1n)]], [[rational(1n)]])
    const network = oneHidden(1, 1, true, true, '0')
    expect(decayedBound(empiricalRisk({ network, data }))).toMatchObject({ kind: 'obstacle' })
    const absolute = empiricalRisk({ network, data, loss: 'absolute', weightDecay: rational(1n) })
    expect(decayedBound(absolute)).toMatchObject({ kind: 'obstacle', reason: expect.stringContaining('absolute') })
  })
})
