import { compare, rational, sign } from '@nadir/arithmetic'
import {
  adam,
  type Certificate,
  certificateText,
  certify,
  dataset,
  empiricalRisk,
  initialise,
  lbfgs,
  leakyRelu,
  type Network,
  objective,
  type Problem,
  randomStream,
  relu,
  toFloat
} from '@nadir/landscape'
import { checkDocument } from 'nadir-checker'
import { describe, expect, test } from 'vitest'

const network = (inputs: number, hidden: readonly number[], outputs: number, leaky = false): Network => ({
  inputs: [inputs],
  layers: [
    ...hidden.flatMap((units) => [
      { kind: 'dense' as const, outputs: units, bias: true },
      { kind: 'activation' as const, activation: leaky ? leakyRelu() : relu }
    ]),
    { kind: 'dense', outputs, bias: true }
  ]
})

function trained(problem: Problem, seed: number) {
  const theta = initialise(problem.network, randomStream(seed))
  adam(objective(problem), theta, { steps: 600, rate: 0.02 })
  lbfgs(objective(problem), theta, { iterations: 300 })
  return { kind: 'float', values: theta } as const
}

function noisyProduct(n: number, inputs: number, outputs: number, seed: number) {
  const random = randomStream(seed)
  const hundredths = (x: number) => rational(BigInt(Math.round(100 * x)), 100n)
  const X = Array.from({ length: n }, () => Array.from({ length: inputs }, () => 4 * random() - 2))
  return dataset(
    X.map((row) => row.map(hundredths)),
    X.map((row) =>
      Array.from({ length: outputs }, (_, o) =>
        hundredths((o === 0 ? row[0]! * (row[1] ?? row[0]!) : Math.abs(row[0]!)) + 0.3 * random())
      )
    )
  )
}

const accepts = (certificate: Certificate) => checkDocument(certificateText(certificate)).outcome === 'accepted'

describe('two-slope networks that exact arithmetic alone does not decide', () => {
  test.each([
    ['two hidden layers with decay', network(2, [3, 3], 1), 1, 1000n],
    ['three hidden layers with decay', network(1, [3, 3, 2], 1), 1, 500n],
    ['one hidden layer with decay', network(2, [4], 1), 1, 200n],
    ['two outputs with decay', network(2, [4], 2), 2, 500n],
    ['leaky units with decay', network(2, [3, 2], 1, true), 1, 500n],
    ['two outputs without decay', network(2, [3], 2), 2, 0n]
  ] as const)('lead to a proved minimum nearby (%s)', (_, architecture, outputs, share) => {
    for (const seed of architecture.layers.length > 5 ? [2, 3] : [1, 2]) {
      const problem = empiricalRisk({
        network: architecture,
        data: noisyProduct(20, architecture.inputs[0]!, outputs, seed),
        reduction: 'mean',
        weightDecay: share === 0n ? rational(0n) : rational(1n, share)
      })
      const point = trained(problem, seed)
      const verdict = certify(problem, point, { accepts })
      const { settled } = verdict
      expect(settled?.claim, verdict.notSettled?.reason).toBe('local-minimum')
      const { radius, lower } = settled!.within!
      expect(sign(radius)).toBe(1)
      expect(compare(lower, settled!.loss)).toBe(-1)
      const loss = (values: Float64Array) => objective(problem).evaluate(values, new Float64Array(values.length))
      const centre = toFloat(settled!.point).values
      const least = loss(centre)
      expect(least).toBeLessThanOrEqual(loss(point.values) + 1e-12)
      const random = randomStream(seed)
      for (let k = 0; k < 200; k++)
        expect(loss(centre.map((x) => x + 1e-7 * (2 * random() - 1)))).toBeGreaterThan(least - 1e-15)
      if (share === 0n) {
        expect(verdict.given.claim).not.toBe('undecided')
        expect(accepts(verdict.givenCertificate!)).toBe(true)
      }
    }
  })

  test('without a checker nothing is claimed', () => {
    const problem = empiricalRisk({
      network: network(2, [3, 3], 1),
      data: noisyProduct(20, 2, 1, 1),
      reduction: 'mean',
      weightDecay: rational(1n, 1000n)
    })
    const verdict = certify(problem, trained(problem, 1))
    expect(verdict.settled).toBeUndefined()
    expect(verdict.certificate).toBeUndefined()
    expect(verdict.notSettled!.reason).toMatch(/needs a checker/)
  })

  test('more parameters than some seconds allow: a time is asked for, and what it allows is done', () => {
    const problem = empiricalRisk({
      network: network(4, [60, 2], 1),
      data: noisyProduct(12, 4, 1, 1),
      reduction: 'mean',
      weightDecay: rational(1n, 10n)
    })
    const point = { kind: 'float', values: initialise(problem.network, randomStream(1)) } as const
    const without = certify(problem, point, { accepts })
    expect(without.notSettled!.reason).toMatch(/with 425 parameters/)
    expect(without.notSettled!.tryNext).toMatch(/--time-limit/)
    let calls = 0
    // A clock that is over after a few questions.
    const withTime = certify(problem, point, { accepts, now: () => 1000 * calls++, timeLimit: 10_000, searchTime: 0 })
    expect(withTime.notSettled!.reason).toMatch(/the time ended/)
  })
})
