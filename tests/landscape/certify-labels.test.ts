import { type Rational, rational, toNumber } from '@nadir/arithmetic'
import { parseNetwork } from '@nadir/formats'
import {
  adam,
  type Certificate,
  certificateText,
  certify,
  dataset,
  empiricalRisk,
  initialise,
  lbfgs,
  objective,
  type Problem,
  randomStream
} from '@nadir/landscape'
import { checkDocument } from 'nadir-checker'
import { expect, test } from 'vitest'
import { separatedAt, separatingLoss } from '../../packages/landscape/src/certify-separated.ts'

/*
 * Rectifier networks on labels: with weight decay training leads beside minima on kinks; without, networks that separate the samples have none.
 */

const accepts = (certificate: Certificate) => checkDocument(certificateText(certificate)).outcome === 'accepted'

/** Two half circles that overlap by their noise, with one output for a label or one for each of two classes. */
function halfCircles(
  architecture: string,
  loss: 'logistic' | 'cross-entropy',
  noise: number,
  weightDecay: Rational,
  seed: number
): Problem {
  const random = randomStream(seed)
  const thousandths = (x: number): Rational => rational(BigInt(Math.round(1000 * x)), 1000n)
  const samples = Array.from({ length: 40 }, (_, i) => {
    const [angle, side] = [Math.PI * random(), i % 2 === 0 ? 1 : -1]
    const moved = () => noise * (random() - 0.5)
    return [side * Math.cos(angle) + (1 - side) / 2 + moved(), side * (Math.sin(angle) - 0.25) + 0.25 + moved()]
  })
  const label = (i: number, o: number): Rational => rational(i % 2 === o ? 1n : 0n)
  return empiricalRisk({
    network: parseNetwork(architecture),
    data: dataset(
      samples.map((row) => row.map(thousandths)),
      samples.map((_, i) => (loss === 'logistic' ? [label(i, 0)] : [label(i, 0), label(i, 1)]))
    ),
    loss,
    reduction: 'mean',
    weightDecay
  })
}

function trained(problem: Problem, seed: number) {
  const theta = initialise(problem.network, randomStream(seed))
  adam(objective(problem), theta, { steps: 800, rate: 0.02 })
  lbfgs(objective(problem), theta, { iterations: 300 })
  return { kind: 'float', values: theta } as const
}

const architectures = [
  ['2-4-1 relu', 'logistic'],
  ['2-4-3-1 relu', 'logistic'],
  ['2-4-2 relu', 'cross-entropy'],
  ['2-3-3-2 leaky-relu:1/10', 'cross-entropy']
] as const

test.each([
  ['2-130-1 relu', /^521 parameters are more/],
  ['2-60-1 tanh', /^241 parameters on 40 samples are more/]
] as const)('too many parameters: that is what is said, whatever the loss (%s)', (architecture, reason) => {
  const problem = halfCircles(architecture, 'logistic', 0.5, rational(1n, 100n), 1)
  const verdict = certify(problem, { kind: 'float', values: initialise(problem.network, randomStream(1)) }, { accepts })
  expect(verdict.notSettled!.reason).toMatch(reason)
  expect(verdict.given.claim).toBe('not-stationary')
})

test('trained with weight decay, nearly all lead to a proved minimum that is not above where training ended', () => {
  let proved = 0
  let onKinks = 0
  for (const [architecture, loss] of architectures)
    for (const seed of [1, 2, 3]) {
      const problem = halfCircles(architecture, loss, 0.8, rational(1n, 500n), seed)
      const point = trained(problem, seed)
      const verdict = certify(problem, point, { accepts, searchTime: 1 })
      if (verdict.settled?.claim !== 'local-minimum') continue
      proved++
      if (verdict.settled.kinks > 0) onKinks++
      expect(accepts(verdict.certificate!)).toBe(true)
      const before = objective(problem).evaluate(point.values, new Float64Array(point.values.length))
      expect(toNumber(verdict.settled.loss)).toBeLessThanOrEqual(before + 1e-12)
    }
  expect(proved).toBeGreaterThanOrEqual(10)
  expect(onKinks).toBeGreaterThanOrEqual(6)
})

test('below the loss of one sample on the edge all samples are on their right side, and nothing has a minimum', () => {
  let below = 0
  for (const [architecture, loss] of architectures) {
    const problem = halfCircles(architecture, loss, 0.1, rational(0n), 1)
    const point = trained(problem, 1)
    const reached = objective(problem).evaluate(point.values, new Float64Array(point.values.length))
    const separated = separatedAt(problem, point, point, { accepts })
    if (reached >= separatingLoss(problem)) continue
    below++
    expect(separated?.settled.claim).toBe('no-minimum')
    // One label exchanged: now a sample is on the wrong side, and its loss alone is more.
    const { data } = problem
    const rowOf = (table: typeof data.inputs, i: number, width: number): Rational[] =>
      Array.from({ length: width }, (_, k) => rational(table.numerators[i * width + k]!, table.denominator))
    const other = empiricalRisk({
      ...problem,
      data: dataset(
        Array.from({ length: data.samples }, (_, i) => rowOf(data.inputs, i, data.inputCount)),
        Array.from({ length: data.samples }, (_, i) =>
          rowOf(data.targets, i, data.targetCount).map((y) => (i === 5 ? rational(1n - y.numerator) : y))
        )
      )
    })
    expect(separatedAt(other, point, point, { accepts })).toBeUndefined()
    const exchanged = objective(other).evaluate(point.values, new Float64Array(point.values.length))
    expect(exchanged).toBeGreaterThan(separatingLoss(other))
  }
  expect(below).toBeGreaterThanOrEqual(2)
  const decayed = halfCircles('2-4-1 relu', 'logistic', 0.1, rational(1n, 500n), 1)
  expect(separatingLoss(decayed)).toBe(0)
})

test('without weight decay there is a proof, or a word about labels whose loss falls as parameters grow', () => {
  let endless = 0
  for (const [architecture, loss] of architectures) {
    const problem = halfCircles(architecture, loss, 0.8, rational(0n), 2)
    const { given, settled, notSettled } = certify(problem, trained(problem, 2), { accepts, searchTime: 1 })
    if (!notSettled) expect(['local-minimum', 'no-minimum']).toContain(settled?.claim ?? given.claim)
    else if (/labels fitted to six digits/.test(notSettled.reason)) {
      endless++
      expect(notSettled.tryNext).toMatch(/weight decay/)
    }
  }
  expect(endless).toBeGreaterThanOrEqual(1)
})
