import { compare, rational, toNumber } from '@nadir/arithmetic'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dataset } from '../data/dataset.ts'
import { improve } from '../improve.ts'
import { relu } from '../network/activation.ts'
import { parameterShapes } from '../network/network.ts'
import { toExact } from '../point.ts'
import { empiricalRisk, type Problem } from '../problem.ts'
import { randomStream } from '../random.ts'
import { initialise } from '../training/initialise.ts'
import { objective } from '../training/objective.ts'
import type { Verdict } from '../verdict.ts'
import { withBetterThanNearby } from './below-nearby.ts'
import { exactRisk } from './exact-risk.ts'

/** Outside what cells cover: two hidden layers, two outputs, weight decay with and without biases. */
function hardProblem(seed: number, kind: number): Problem {
  const random = randomStream(seed)
  const sizes = [
    [2, 3, 2, 1],
    [1, 3, 2],
    [2, 3, 1]
  ][kind % 3]!
  const grid = () => rational(BigInt(Math.round(40 * random()) - 20), 10n)
  const rows = (width: number) => Array.from({ length: 7 }, () => Array.from({ length: width }, grid))
  const layers = sizes
    .slice(1)
    .flatMap((outputs, l) => [
      { kind: 'dense' as const, outputs, bias: true },
      ...(l < sizes.length - 2 ? [{ kind: 'activation' as const, activation: relu }] : [])
    ])
  return empiricalRisk({
    network: { inputs: [sizes[0]!], layers },
    data: dataset(rows(sizes[0]!), rows(sizes.at(-1)!)),
    reduction: seed % 2 === 0 ? 'sum' : 'mean',
    weightDecay: rational(kind % 3 === 2 ? 3n : 0n, 10n),
    decayBiases: seed % 4 < 2
  })
}

test('the exact risk is the risk', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.nat(2), (seed, kind) => {
      const problem = hardProblem(seed, kind)
      const theta = initialise(problem.network, randomStream(seed))
      const exact = exactRisk(problem, toExact(problem.network, { kind: 'float', values: theta }))
      const approximate = objective(problem).evaluate(theta, new Float64Array(theta.length))
      expect(Math.abs(toNumber(exact) - approximate)).toBeLessThan(1e-10 * (1 + approximate))
    })
  )
})

test('improve finds strictly better points beyond one hidden layer, the difference exact, and is never worse', () => {
  let better = 0
  let runs = 0
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.nat(2), (seed, kind) => {
      const problem = hardProblem(seed, kind)
      const values = initialise(problem.network, randomStream(seed))
      const point = { kind: 'float', values } as const
      let calls = 0
      const result = improve(problem, point, { seed, now: () => calls++, interrupted: () => false, time: 150 })
      if (result.kind === 'undecided') throw new Error(result.reason)
      expect(result.from).toEqual(exactRisk(problem, toExact(problem.network, point)))
      runs++
      if (!result.better) return
      better++
      expect(compare(result.better.loss, result.from)).toBe(-1)
      expect(exactRisk(problem, result.better.point)).toEqual(result.better.loss)
    }),
    { numRuns: 20 }
  )
  expect(better).toBeGreaterThan(runs / 2)
})

test('no time, no change', () => {
  const problem = hardProblem(3, 0)
  const values = initialise(problem.network, randomStream(3))
  const options = { seed: 1, now: () => 0, interrupted: () => true, time: 0 }
  expect(improve(problem, { kind: 'float', values }, options)).toMatchObject({ kind: 'searched', better: undefined })
})

test('beside a minimum nearby something strictly better is looked for, and its loss is exact and below what the minimum can be', () => {
  const problem = hardProblem(11, 1)
  const { network } = problem
  const tensors = parameterShapes(network).map(({ shape }) => shape.reduce((a, b) => a * b, 1))
  const given: Verdict = {
    given: { claim: 'undecided', loss: undefined, approximateLoss: 0, reason: '', tryNext: '' },
    settled: {
      claim: 'local-minimum',
      loss: rational(1000n),
      within: { radius: rational(1n, 1000n), lower: rational(900n) },
      reason: '',
      point: { kind: 'exact', tensors: tensors.map((size) => ({ denominator: 1n, numerators: Array(size).fill(0n) })) },
      distance: 0,
      drop: rational(0n),
      cell: 'interior',
      kinks: 0,
      hops: 0,
      unknowns: 0,
      fixed: 0
    },
    notSettled: undefined,
    standing: { claim: 'open', witness: undefined, lowerBound: undefined },
    diagnosis: undefined,
    certificate: undefined,
    givenCertificate: undefined,
    milliseconds: { descent: 0, exact: 0, search: 0 }
  }
  const { standing, betterCertificate } = withBetterThanNearby(problem, given, {})
  expect(standing.claim).toBe('spurious')
  expect(compare(standing.witness!.loss, rational(900n))).toBe(-1)
  expect(exactRisk(problem, standing.witness!.point)).toEqual(standing.witness!.loss)
  expect(betterCertificate?.claim).toMatchObject({ kind: 'value' })
  const lowest = { ...given, settled: { ...given.settled!, within: { radius: rational(1n), lower: rational(0n) } } }
  expect(withBetterThanNearby(problem, lowest, {}).standing.claim).toBe('open')
})
