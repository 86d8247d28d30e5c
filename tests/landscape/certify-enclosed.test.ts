import { compare, rational, sign, toNumber, zero } from '@nadir/arithmetic'
import { parseNetwork } from '@nadir/formats'
import {
  approximateLoss,
  type Certificate,
  certificateText,
  certify,
  type Dataset,
  dataset,
  empiricalRisk,
  evaluate,
  initialise,
  type Problem,
  parameterShapes,
  randomStream,
  toFloat
} from '@nadir/landscape'
import fc from 'fast-check'
import { checkDocument } from 'nadir-checker'
import { describe, expect, test } from 'vitest'
import { generatedData } from './generated-data.ts'

const accepts = (certificate: Certificate) => checkDocument(certificateText(certificate)).outcome === 'accepted'

const lossAt = (problem: Problem, theta: Float64Array): number =>
  approximateLoss(problem, theta, (input) => evaluate(problem.network, theta, input))

/** Two outputs of targets 0 and 1 for every sample: the side of a line, and the other side; `flipped` samples are on the wrong side. */
function sides(samples: number, seed: number, flipped: number): Dataset {
  const { inputs } = generatedData(samples, 2, 1, seed)
  const X = Array.from({ length: samples }, (_, i) =>
    [0, 1].map((k) => rational(inputs.numerators[2 * i + k]!, inputs.denominator))
  )
  const Y = X.map(([a, b], i) => compare(a!, b!) > 0 !== i < flipped)
  return dataset(
    X,
    Y.map((y) => [rational(y ? 1n : 0n), rational(y ? 0n : 1n)])
  )
}

describe('points that are not stationary, by enclosures', () => {
  test.each(['tanh', 'softplus', 'gelu', 'elu', 'selu', 'relu', 'leaky-relu:1/10'])(
    'the loss falls along the direction of the certificate (%s)',
    (activation) => {
      fc.assert(
        fc.property(
          fc.integer({ min: 1, max: 1_000_000 }),
          fc.constantFrom('logistic', 'cross-entropy'),
          fc.boolean(),
          (seed, loss, decays) => {
            const problem = empiricalRisk({
              network: parseNetwork(`2-3-2 ${activation}`),
              data: sides(12, seed, 4),
              loss: loss as 'logistic' | 'cross-entropy',
              reduction: 'mean',
              weightDecay: decays ? rational(1n, 100n) : zero
            })
            const random = randomStream(seed)
            const theta = initialise(problem.network, random).map((t) => t + 0.1 * (random() - 0.5))
            const { given, certificate, givenCertificate } = certify(
              problem,
              { kind: 'float', values: theta },
              { accepts }
            )
            // Off the kinks and away from critical points a slope is always found.
            expect(given.claim).toBe('not-stationary')
            const { lower, upper } = given.bounds!
            expect(lossAt(problem, theta)).toBeGreaterThan(toNumber(lower))
            expect(lossAt(problem, theta)).toBeLessThan(toNumber(upper))
            const own = (givenCertificate ?? certificate)! as unknown as {
              claim: { kind: string }
              proof: { evidence: { direction: { denominator: string; numerators: string[] }[] } }
            }
            expect(own.claim.kind).toBe('not-stationary')
            const along = own.proof.evidence.direction.flatMap(({ denominator, numerators }) =>
              numerators.map((x) => Number(x) / Number(denominator))
            )
            const largest = Math.max(...along.map(Math.abs))
            expect(
              lossAt(
                problem,
                theta.map((t, k) => t + (1e-7 / largest) * along[k]!)
              )
            ).toBeLessThan(lossAt(problem, theta) + 1e-12)
          }
        ),
        { numRuns: 4 }
      )
    }
  )

  test('without a checker nothing is claimed', () => {
    const problem = empiricalRisk({ network: parseNetwork('2-3-2 relu'), data: sides(12, 1, 4), loss: 'cross-entropy' })
    const verdict = certify(problem, { kind: 'float', values: initialise(problem.network, randomStream(1)) })
    expect(verdict.given.claim).toBe('undecided')
    expect(verdict.certificate).toBeUndefined()
  })
})

describe('losses without a minimum', () => {
  test.each(['logistic', 'cross-entropy'] as const)(
    '%s: a network that separates the samples is reached, and its last layer carries the loss to 0',
    (loss) => {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 1_000_000 }), (seed) => {
          const problem = empiricalRisk({ network: parseNetwork('2-2 linear'), data: sides(12, seed, 0), loss })
          const { given, settled } = certify(
            problem,
            { kind: 'float', values: initialise(problem.network, randomStream(seed)) },
            { accepts }
          )
          const isGiven = given.claim === 'no-minimum'
          if (!isGiven) expect(settled?.claim).toBe('no-minimum')
          if (!settled) return
          expect(sign(settled.within!.radius)).toBe(0)
          const { values } = toFloat(settled.point)
          const last = parameterShapes(problem.network).length
          expect(last).toBe(2)
          const scaled = (s: number) =>
            lossAt(
              problem,
              values.map((x) => s * x)
            )
          for (const s of [2, 4, 8]) if (scaled(s / 2) > 1e-12) expect(scaled(s)).toBeLessThan(scaled(s / 2))
        }),
        { numRuns: 6 }
      )
    }
  )

  test.each(['logistic', 'cross-entropy'] as const)(
    '%s: equal inputs with different targets have a bound, and weight decay has a minimum',
    (loss) => {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.boolean(), (seed, decays) => {
          const { inputs, targets } = sides(8, seed, 0)
          const X = Array.from({ length: 8 }, (_, i) =>
            [0, 1].map((k) => rational(inputs.numerators[2 * i + k]!, inputs.denominator))
          )
          const Y = X.map((_, i) => [0, 1].map((k) => rational(targets.numerators[2 * i + k]!, targets.denominator)))
          if (!decays) {
            X.push(X[0]!)
            Y.push([Y[0]![1]!, Y[0]![0]!])
          }
          const problem = empiricalRisk({
            network: parseNetwork('2-2 linear'),
            data: dataset(X, Y),
            loss,
            weightDecay: decays ? rational(1n, 10n) : zero
          })
          const { given, settled } = certify(
            problem,
            { kind: 'float', values: initialise(problem.network, randomStream(seed)) },
            { accepts }
          )
          expect([given.claim, settled?.claim]).not.toContain('no-minimum')
        }),
        { numRuns: 6 }
      )
    }
  )
})

describe('idle units', () => {
  test('dead, silent and copied units of every hidden layer are named', () => {
    const problem = empiricalRisk({
      network: parseNetwork('2-4-3-2 relu'),
      data: sides(10, 3, 3),
      loss: 'cross-entropy'
    })
    const theta = initialise(problem.network, randomStream(2))
    // The weight of the first layer has 8 entries, its bias 4; the second 12 and 3; the last 6 and 2.
    theta.copyWithin(2, 0, 2)
    theta[9] = theta[8]!
    theta[10] = -1000
    for (const unit of [0, 1]) theta[27 + 3 * unit + 2] = 0
    const { layers } = certify(problem, { kind: 'float', values: theta })
    expect(layers!.map(({ units }) => units)).toEqual([4, 3])
    expect(layers![0]!.copies).toEqual([[0, 1]])
    expect(layers![0]!.dead).toContain(2)
    expect(layers![1]!.silent).toEqual([2])
  })
})
