import { parseExact, rational, toNumber } from '@nadir/arithmetic'
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

describe('two linear layers with weight decay', () => {
  const settings = fc.record({
    seed: fc.integer({ min: 1, max: 1 << 30 }),
    inputs: fc.integer({ min: 1, max: 3 }),
    hidden: fc.integer({ min: 1, max: 3 }),
    outputs: fc.integer({ min: 1, max: 3 }),
    samples: fc.integer({ min: 1, max: 6 }),
    firstBias: fc.boolean(),
    lastBias: fc.boolean(),
    decayBiases: fc.boolean(),
    decay: fc.constantFrom('1/100', '1/2', '3'),
    mean: fc.boolean()
  })
  const problemOf = ({
    seed,
    inputs,
    hidden,
    outputs,
    samples,
    firstBias,
    lastBias,
    decayBiases,
    decay,
    mean
  }: typeof settings extends fc.Arbitrary<infer S> ? S : never) => {
    const random = randomStream(seed)
    const number = () => rational(BigInt(Math.floor(9 * random()) - 4), 2n)
    const rows = (width: number) => Array.from({ length: samples }, () => Array.from({ length: width }, number))
    return empiricalRisk({
      network: {
        inputs: [inputs],
        layers: [
          { kind: 'dense', outputs: hidden, bias: firstBias },
          { kind: 'dense', outputs, bias: lastBias }
        ]
      },
      data: dataset(rows(inputs), rows(outputs)),
      reduction: mean ? 'mean' : 'sum',
      weightDecay: parseExact(decay)!,
      decayBiases
    })
  }

  test('have a bound that the checker accepts, that the width needed meets and no training goes below', () => {
    fc.assert(
      fc.property(settings, (setting) => {
        const problem = problemOf(setting)
        const result = globalBound(problem, { smallestWidth: true })
        if ('kind' in result) throw new Error(result.reason)
        expect(checkDocument(certificateText(result.certificate))).toMatchObject({ outcome: 'accepted' })
        // A first bias that does not decay, without a second one, may take units for constants: then a gap may stay.
        const reaches = setting.decayBiases || setting.lastBias || !setting.firstBias
        if (reaches)
          expect(toNumber(result.loss) - toNumber(result.bound)).toBeLessThan(1e-5 * (1e-2 + toNumber(result.loss)))
        const narrow = globalBound(problem)
        if ('kind' in narrow) throw new Error(narrow.reason)
        expect(toNumber(narrow.loss)).toBeGreaterThanOrEqual(toNumber(result.bound) - 1e-12)
        expect(checkDocument(certificateText(narrow.certificate))).toMatchObject({ outcome: 'accepted' })
        const target = objective(problem)
        const random = randomStream(setting.seed)
        for (let start = 0; start < 3; start++) {
          const theta = initialise(problem.network, random)
          expect(lbfgs(target, theta, { iterations: 100 })).toBeGreaterThanOrEqual(toNumber(result.bound) - 1e-9)
        }
      }),
      { numRuns: 30 }
    )
  })

  test('shrink the singular values 5 and 1 by the decay', () => {
    const whole = (...row: number[]) => row.map((x) => rational(BigInt(x)))
    const problem = empiricalRisk({
      network: {
        inputs: [2],
        layers: [
          { kind: 'dense', outputs: 2, bias: false },
          { kind: 'dense', outputs: 2, bias: false }
        ]
      },
      data: dataset([whole(1, 0), whole(0, 1)], [whole(5, 0), whole(0, 1)]),
      weightDecay: rational(1n)
    })
    // (4 - 5)^2 / 2 + (0 - 1)^2 / 2 + 4.
    const result = globalBound(problem, { smallestWidth: true })
    if ('kind' in result) throw new Error(result.reason)
    expect(toNumber(result.loss)).toBeCloseTo(5, 10)
    expect(toNumber(result.bound)).toBeCloseTo(5, 6)
    expect(result.problem.network.layers[0]).toMatchObject({ outputs: 1 })
  })
})
