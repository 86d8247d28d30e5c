import { rational, zero } from '@nadir/arithmetic'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { asLayered } from '../curvature/layered.ts'
import { lossAndGradient } from '../curvature/linearization.ts'
import { dataset } from '../data/dataset.ts'
import { type Activation, relu, type SmoothName } from '../network/activation.ts'
import { empiricalRisk, type Problem } from '../problem.ts'
import { randomStream } from '../random.ts'
import { initialise } from '../training/initialise.ts'
import { movedTargets } from './moved-targets.ts'

const activations: readonly Activation[] = [
  relu,
  { kind: 'two-slope', positive: rational(1n), negative: rational(1n, 10n) },
  ...(['tanh', 'sigmoid', 'gelu', 'sine'] as const).map((name: SmoothName) => ({ kind: 'smooth' as const, name }))
]

const drawn = (
  seed: number,
  activation: Activation,
  widths: readonly number[],
  outputs: number,
  decay: bigint,
  isMean: boolean
) => {
  const random = randomStream(seed)
  const tenths = () => rational(BigInt(Math.round(40 * random() - 20)), 10n)
  const rows = (count: number) => Array.from({ length: 40 }, () => Array.from({ length: count }, tenths))
  const problem = empiricalRisk({
    network: {
      inputs: [2],
      layers: [
        ...widths.flatMap((width) => [
          { kind: 'dense' as const, outputs: width, bias: true },
          { kind: 'activation' as const, activation }
        ]),
        { kind: 'dense', outputs, bias: true }
      ]
    },
    data: dataset(rows(2), rows(outputs)),
    reduction: isMean ? 'mean' : 'sum',
    weightDecay: decay === 0n ? zero : rational(1n, decay)
  })
  const network = asLayered(problem.network)
  if (network.kind !== 'layered') throw new Error(network.reason)
  const theta = initialise(problem.network, random).map((t) => t + 0.2 * (random() - 0.5))
  return { problem, network, theta }
}

const withTargets = (problem: Problem, change: Float64Array): Problem => {
  const approximateTargets = problem.data.approximateTargets.map((y, r) => y + change[r]!)
  return { ...problem, data: { ...problem.data, approximateTargets } }
}

test('for the moved targets the gradient is 0, and no shorter change does it', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.constantFrom(...activations),
      fc.constantFrom([3], [3, 2]),
      fc.constantFrom(1, 2),
      fc.constantFrom(0n, 10n),
      fc.boolean(),
      (seed, activation, widths, outputs, decay, isMean) => {
        const { problem, network, theta } = drawn(seed, activation, widths, outputs, decay, isMean)
        const found = movedTargets(problem, network, theta)
        if (!found) return
        const { change, errors } = found
        const { gradient } = lossAndGradient(withTargets(problem, change), network.layers, theta)
        const size = 1 + Math.max(...errors.map(Math.abs))
        expect(Math.max(...gradient.map(Math.abs))).toBeLessThan(1e-8 * size)
        if (decay !== 0n) return
        // The change is the part of the errors that the outputs can make: the rest is orthogonal to it.
        const along = change.reduce((sum, e, r) => sum + e * (errors[r]! - e), 0)
        expect(Math.abs(along)).toBeLessThan(1e-8 * size * size * errors.length)
      }
    ),
    { numRuns: 60 }
  )
})

test('rectifiers with weight decay have no such change: scaling a unit would have to change nothing', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), (seed) => {
      const { problem, network, theta } = drawn(seed, relu, [3], 1, 10n, false)
      expect(movedTargets(problem, network, theta)).toBeUndefined()
    }),
    { numRuns: 20 }
  )
})
