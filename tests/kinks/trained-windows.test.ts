import { readFileSync } from 'node:fs'
import { type Rational, rational, toNumber } from '@nadir/arithmetic'
import {
  adam,
  approximateLoss,
  asSharedNetwork,
  certificateText,
  dataset,
  empiricalRisk,
  evaluate,
  initialise,
  type KinkNetwork,
  kinkObjective,
  lbfgs,
  leakyRelu,
  minimumOnKinks,
  type Network,
  nearbyCertificate,
  randomStream,
  relu,
  toFloat
} from '@nadir/landscape'
import { checkDocument } from 'nadir-checker'
import { expect, test } from 'vitest'

/* Small convolutional networks trained on handwritten digits of 4 x 4 pixels: zeros, ones and twos. */

const digits = readFileSync(new URL('../../examples/digits-300-onehot.csv', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split(',').map(Number))
  .filter((row) => row[64] === 1 || row[65] === 1 || row[66] === 1)

const coarse = (row: readonly number[]): readonly number[] =>
  Array.from({ length: 16 }, (_, k) => {
    const at = 16 * Math.floor(k / 4) + 2 * (k % 4)
    return (row[at]! + row[at + 1]! + row[at + 8]! + row[at + 9]!) / 4
  })

const exact = (x: number): Rational => rational(BigInt(Math.round(64 * x)), 64n)

const conv = (padding: readonly [number, number, number, number], bias = true) =>
  ({ kind: 'conv', outputs: 2, size: [3, 3], stride: [1, 1], padding, bias }) as const
const bare = conv([0, 0, 0, 0])
const padded = conv([1, 1, 1, 1])
const units = { kind: 'activation', activation: relu } as const
const leaky = { kind: 'activation', activation: leakyRelu() } as const
const means = { kind: 'average-pool', size: [2, 2], stride: [2, 2] } as const
const dense = (outputs: number) => ({ kind: 'dense', outputs, bias: true }) as const

const trained = (layers: Network['layers'], outputs: number, samples: number, seed: number) => {
  const random = randomStream(seed)
  const rows = digits.slice(0, samples)
  const network: Network = { inputs: [1, 4, 4], layers }
  const problem = empiricalRisk({
    network,
    data: dataset(
      rows.map((row) => coarse(row).map(exact)),
      rows.map((row) => row.slice(64, 64 + outputs).map(exact))
    ),
    reduction: 'mean',
    weightDecay: rational(1n, 1000n)
  })
  const view = asSharedNetwork(problem) as KinkNetwork
  const theta = initialise(network, random)
  const target = kinkObjective(view)
  adam(target, theta, { steps: 1500, rate: 0.01 })
  const loss = lbfgs(target, theta, { iterations: 300 })
  return { problem, network, view, theta, loss, random }
}

test.each([
  ['one convolution, means', [bare, units, means, { kind: 'flatten' }, dense(1)], 1, 24, 1],
  ['two convolutions, padding, means', [padded, leaky, means, padded, leaky, means, dense(2)], 2, 16, 2],
  ['a convolution without bias, global means', [conv([1, 1, 1, 1], false), units, means, means, dense(3)], 3, 16, 1]
] as const)('%s: the minimum is proved, and nothing beside it is lower', (_, layers, outputs, samples, seed) => {
  const { problem, network, view, theta, loss, random } = trained(layers, outputs, samples, seed)
  const { descent, proof } = minimumOnKinks(view, theta)
  expect(descent.loss).toBeLessThanOrEqual(loss)
  if (proof.kind === 'no-proof') throw new Error(proof.reason)
  expect(checkDocument(certificateText(nearbyCertificate(proof)!))).toMatchObject({
    outcome: 'accepted',
    claim: 'local-minimum-nearby'
  })
  expect(Math.abs(toNumber(proof.loss) - descent.loss)).toBeLessThan(1e-9)
  const { values } = toFloat(proof.point)
  const risk = (at: Float64Array) => approximateLoss(problem, at, (x) => evaluate(network, at, x))
  const size = 0.01 * Math.min(proof.leastArgument, 1e-3)
  const least = risk(values)
  const gradient = new Float64Array(values.length)
  const target = kinkObjective(view)
  for (let trial = 0; trial < 40; trial++) {
    const beside = values.map((x) => x + size * (2 * random() - 1))
    expect(risk(beside)).toBeGreaterThan(least - 1e-14)
    for (let step = 0; step < 10; step++) {
      target.evaluate(beside, gradient)
      const length = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0))
      for (const [k, g] of gradient.entries()) beside[k] = beside[k]! - (0.1 * size * g) / length
      expect(risk(beside)).toBeGreaterThan(least - 1e-14)
    }
  }
  const outcomeOf = (changed: typeof proof) => checkDocument(certificateText(nearbyCertificate(changed)!)).outcome
  const { numerators } = proof.multipliers
  if (numerators.length > 0)
    expect(outcomeOf({ ...proof, multipliers: { ...proof.multipliers, numerators: numerators.map((x) => -x) } })).toBe(
      'rejected'
    )
  const [weight, ...others] = proof.point.tensors
  const moved = { ...weight!, numerators: weight!.numerators.map((x, k) => (k === 4 ? x + (x >> 20n) : x)) }
  expect(outcomeOf({ ...proof, point: { ...proof.point, tensors: [moved, ...others] } })).toBe('rejected')
})
