import { compare, rational, sign, subtract, toNumber } from '@nadir/arithmetic'
import {
  adam,
  asOneHiddenLayer,
  certificateOf,
  certificateText,
  certify,
  decide,
  empiricalRisk,
  findBetter,
  improve,
  initialise,
  locate,
  type OneHiddenLayer,
  objective,
  type Problem,
  randomStream,
  settle,
  toExact
} from '@nadir/landscape'
import fc from 'fast-check'
import { checkDocument } from 'nadir-checker'
import { describe, expect, test } from 'vitest'
import { generatedData } from './generated-data.ts'
import { oneHiddenLayerNetwork } from './small-problems.ts'

const oneHiddenLayer = (problem: Problem): OneHiddenLayer => {
  const view = asOneHiddenLayer(problem)
  if ('kind' in view) throw new Error(view.reason)
  return view
}

/** A network after some training: usually not at a critical point. */
function trained(problem: Problem, seed: number, steps: number) {
  const theta = initialise(problem.network, randomStream(seed))
  adam(objective(problem), theta, { steps, rate: 0.02 })
  return { kind: 'float', values: theta } as const
}

const cases = fc.record({
  inputs: fc.integer({ min: 1, max: 3 }),
  units: fc.integer({ min: 1, max: 6 }),
  samples: fc.integer({ min: 4, max: 30 }),
  decimals: fc.constantFrom(0, 1, 3),
  slopes: fc.constantFrom(0, 1, 2),
  hidden: fc.boolean(),
  output: fc.boolean(),
  seed: fc.integer({ min: 1, max: 1_000_000 }),
  steps: fc.constantFrom(0, 20, 300)
})

const slopes = [
  [rational(1n), rational(0n)],
  [rational(1n), rational(1n, 10n)],
  [rational(1n), rational(-1n)]
] as const

describe('settling', () => {
  test.each([
    ['squared', 150, 0.98],
    ['absolute', 100, 0.95],
    ['hinge', 100, 0.95]
  ] as const)('ends at an exact point that the checker accepts, never above the start (%s)', (loss, numRuns, share) => {
    let minima = 0
    let runs = 0
    fc.assert(
      fc.property(cases, (c) => {
        const network = oneHiddenLayerNetwork(c.inputs, c.units, 1, slopes[c.slopes]!, {
          hidden: c.hidden,
          output: c.output
        })
        const target = loss === 'hinge' ? 'class' : 'number'
        const data = generatedData(c.samples, c.inputs, c.decimals, c.seed, target)
        const problem = empiricalRisk({ network, data, loss })
        const view = oneHiddenLayer(problem)
        const point = trained(problem, c.seed, c.steps)
        const original = toExact(network, point)
        const { configuration, decision } = settle(view, point, original, { random: randomStream(c.seed) })
        runs++
        if (decision.kind === 'local-minimum' || decision.kind === 'global-minimum') minima++
        const certificate = certificateOf(configuration, decision)
        if (certificate) expect(checkDocument(certificateText(certificate)).outcome).toBe('accepted')
        const start = toNumber(locate(view, original).loss)
        expect(toNumber(configuration.loss)).toBeLessThanOrEqual(start * (1 + 1e-9) + 1e-12)
      }),
      { numRuns }
    )
    expect(minima / runs).toBeGreaterThan(share)
  })

  test('keeps a point that already is an exact minimum', () => {
    const problem = empiricalRisk({ network: oneHiddenLayerNetwork(2, 4, 1), data: generatedData(20, 2, 2, 5) })
    const view = oneHiddenLayer(problem)
    const start = trained(problem, 3, 500)
    const { configuration } = settle(view, start, toExact(problem.network, start), { random: randomStream(1) })
    const again = certify(problem, configuration.point)
    expect(again.given.claim).toBe('local-minimum')
    expect(again.settled).toMatchObject({ claim: 'local-minimum', distance: 0, hops: 0 })
    expect(sign(again.settled!.drop)).toBe(0)
  })
})

describe('a better point', () => {
  test('is strictly better, exactly, and makes an accepted spurious certificate', () => {
    let found = 0
    for (let seed = 1; seed <= 12; seed++) {
      const problem = empiricalRisk({ network: oneHiddenLayerNetwork(2, 5, 1), data: generatedData(25, 2, 2, seed) })
      const view = oneHiddenLayer(problem)
      const start = trained(problem, seed, 200)
      const { configuration, decision } = settle(view, start, toExact(problem.network, start), {
        random: randomStream(seed)
      })
      if (decision.kind !== 'local-minimum') continue
      let starts = 0
      const better = findBetter(configuration, {
        random: randomStream(seed),
        firstOnly: true,
        stop: () => starts++ > 3000
      })
      if (!better) continue
      found++
      expect(compare(better.loss, configuration.loss)).toBe(-1)
      expect(compare(locate(view, better.point).loss, better.loss)).toBe(0)
      const certificate = certificateOf(configuration, decision, better)!
      expect(checkDocument(certificateText(certificate))).toMatchObject({ outcome: 'accepted', claim: 'spurious' })
    }
    expect(found).toBeGreaterThan(8)
  })

  test('improve never returns a worse point', () => {
    for (let seed = 1; seed <= 4; seed++) {
      const problem = empiricalRisk({ network: oneHiddenLayerNetwork(1, 4, 1), data: generatedData(15, 1, 1, seed) })
      const start = trained(problem, seed, 50)
      let calls = 0
      const result = improve(problem, start, { seed, now: () => calls++, interrupted: () => false, time: 400 })
      if (result.kind !== 'searched' || !result.better) continue
      expect(sign(subtract(result.from, result.better.loss))).toBe(1)
      const certificate = result.better.certificate!
      expect(checkDocument(certificateText(certificate)).outcome).toBe('accepted')
    }
  })
})

test('certify answers the same whether asked once or twice', () => {
  const problem = empiricalRisk({ network: oneHiddenLayerNetwork(2, 3, 1), data: generatedData(12, 2, 1, 9) })
  const point = trained(problem, 2, 100)
  const ask = () => {
    let ticks = 0
    return certify(problem, point, { now: () => ticks++, searchTime: 200 })
  }
  expect(JSON.stringify(ask().certificate)).toBe(JSON.stringify(ask().certificate))
  expect(decide(locate(oneHiddenLayer(problem), toExact(problem.network, point))).kind).toBe(ask().given.claim)
})
