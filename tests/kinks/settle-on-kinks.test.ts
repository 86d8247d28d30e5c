import { type Rational, rational, toNumber } from '@nadir/arithmetic'
import {
  adam,
  approximateLoss,
  asKinkNetwork,
  certificateText,
  dataset,
  empiricalRisk,
  evaluate,
  initialise,
  type KinkNetwork,
  type LossKind,
  lbfgs,
  leakyRelu,
  minimumOnKinks,
  type Network,
  nearbyCertificate,
  objective,
  randomStream,
  relu,
  toFloat
} from '@nadir/landscape'
import { checkDocument } from 'nadir-checker'
import { expect, test } from 'vitest'
import { proveOnKinks } from '../../packages/landscape/src/kinks/prove-on-kinks.ts'
import { descended } from './descended.ts'

const thousandths = (x: number): Rational => rational(BigInt(Math.round(1000 * x)), 1000n)

const networkOf = (inputs: number, hidden: readonly number[], outputs: number, leaky: boolean): Network => ({
  inputs: [inputs],
  layers: [
    ...hidden.flatMap((units) => [
      { kind: 'dense', outputs: units, bias: true } as const,
      { kind: 'activation', activation: leaky ? leakyRelu() : relu } as const
    ]),
    { kind: 'dense', outputs, bias: true }
  ]
})

/** Probabilities in place of values: for the losses that ask for them, targets that no network fits. */
const soft = (loss: LossKind, row: readonly number[]): readonly number[] => {
  if (loss === 'squared') return row
  const p = row.map((y) => (y > 0 ? 0.875 : 0.125))
  return loss === 'logistic' ? p : [p[0]!, 1 - p[0]!]
}

/** A network trained on a noisy product, from a seed. */
const trained = (
  hidden: readonly number[],
  outputs: number,
  leaky: boolean,
  seed: number,
  weightDecay = rational(1n, 500n),
  loss: LossKind = 'squared'
) => {
  const random = randomStream(seed)
  const X = Array.from({ length: 30 }, () => [4 * random() - 2, 4 * random() - 2])
  const Y = X.map(([a, b]) => Array.from({ length: outputs }, (_, o) => (o === 0 ? a! * b! : a! - b!) + 0.2 * random()))
  const network = networkOf(2, hidden, outputs, leaky)
  const problem = empiricalRisk({
    network,
    data: dataset(
      X.map((row) => row.map(thousandths)),
      Y.map((row) => soft(loss, row).map(thousandths))
    ),
    loss,
    reduction: 'mean',
    weightDecay
  })
  const target = objective(problem)
  const theta = initialise(network, random)
  adam(target, theta, { steps: 1500, rate: 0.01 })
  lbfgs(target, theta, { iterations: 300 })
  return { problem, theta, loss: target.evaluate(theta, new Float64Array(theta.length)), random }
}

test.each([
  ['one hidden layer', [4], 1, false, 1, 'squared'],
  ['two hidden layers', [4, 3], 1, false, 6, 'squared'],
  ['two outputs', [4], 2, false, 3, 'squared'],
  ['leaky units in two layers', [3, 3], 1, true, 4, 'squared'],
  ['logistic loss', [4], 1, false, 1, 'logistic'],
  ['logistic loss, two hidden layers, two outputs', [4, 3], 2, false, 2, 'logistic'],
  ['cross-entropy', [4], 2, false, 1, 'cross-entropy'],
  ['cross-entropy, leaky units in two layers', [3, 3], 2, true, 3, 'cross-entropy']
] as const)(
  '%s: the descent on kinks leads to a minimum that the checker accepts, and nothing beside it is lower',
  (_, hidden, outputs, leaky, seed, kind) => {
    const { problem, theta, loss, random } = trained(hidden, outputs, leaky, seed, rational(1n, 500n), kind)
    const network = asKinkNetwork(problem) as KinkNetwork
    const { descent, proof } = minimumOnKinks(network, theta)
    expect(descent.outcome).toBe('converged')
    expect(descent.loss).toBeLessThanOrEqual(loss)
    if (proof.kind === 'no-proof') throw new Error(proof.reason)
    const certificate = nearbyCertificate(proof)!
    expect(checkDocument(certificateText(certificate))).toMatchObject({
      outcome: 'accepted',
      claim: 'local-minimum-nearby'
    })
    expect(Math.abs(toNumber(proof.loss) - descent.loss)).toBeLessThan(1e-9)
    const { values } = toFloat(proof.point)
    const risk = (at: Float64Array) => approximateLoss(proof.problem, at, (x) => evaluate(proof.problem.network, at, x))
    const size = 0.01 * Math.min(proof.leastArgument, 1e-3)
    const least = risk(values)
    for (let trial = 0; trial < 200; trial++)
      expect(risk(values.map((x) => x + size * (2 * random() - 1)))).toBeGreaterThan(least - 1e-14)
    for (let trial = 0; trial < 20; trial++)
      expect(descended(problem, values, size, random)).toBeGreaterThan(least - 1e-14)
    // The multipliers of a kink are a certificate: exchanged, they are none.
    const broken = nearbyCertificate({
      ...proof,
      multipliers: { ...proof.multipliers, numerators: [...proof.multipliers.numerators].map((x) => -x) }
    })!
    if (proof.kinks.length > 0) expect(checkDocument(certificateText(broken)).outcome).toBe('rejected')
  }
)

test('without weight decay the checker accepts every minimum that valleys propose, nothing beside it is lower, and a row or a direction less proves nothing', () => {
  let proved = 0
  for (let seed = 1; seed <= 30 && proved < 3; seed++) {
    const { problem, theta, random } = trained([4, 4], 1, false, seed, rational(0n))
    const kinkNetwork = asKinkNetwork(problem) as KinkNetwork
    const { descent, proof } = minimumOnKinks(kinkNetwork, theta, { iterations: 150 })
    if (proof.kind === 'no-proof' || proof.gauge.kind !== 'valleys') continue
    proved++
    expect(proveOnKinks(kinkNetwork, descent.state, () => true)).toMatchObject({ kind: 'no-proof', cause: 'stopped' })
    const { gauge } = proof
    const outcomeOf = (changed: typeof proof) => checkDocument(certificateText(nearbyCertificate(changed)!)).outcome
    expect(outcomeOf(proof)).toBe('accepted')
    const { values } = toFloat(proof.point)
    const risk = (at: Float64Array) => approximateLoss(proof.problem, at, (x) => evaluate(proof.problem.network, at, x))
    const size = 0.01 * Math.min(proof.leastArgument, 1e-3)
    const least = risk(values)
    for (let trial = 0; trial < 100; trial++)
      expect(risk(values.map((x) => x + size * (2 * random() - 1)))).toBeGreaterThan(least - 1e-14)
    const [first, ...others] = gauge.valleys
    const fewer = { ...first!, rows: first!.rows.slice(1) }
    expect(outcomeOf({ ...proof, gauge: { ...gauge, valleys: [fewer, ...others] } })).toBe('rejected')
    expect(outcomeOf({ ...proof, gauge: { ...gauge, valleys: others } })).toBe('rejected')
  }
  expect(proved).toBe(3)
})
