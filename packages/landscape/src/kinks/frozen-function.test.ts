import { rational, subtract } from '@nadir/arithmetic'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dataset } from '../data/dataset.ts'
import { leakyRelu } from '../network/activation.ts'
import { inputCount, type Network } from '../network/network.ts'
import { empiricalRisk } from '../problem.ts'
import { randomStream } from '../random.ts'
import { adjoints, argumentsAlong, forward, gradient, hessian, normals, slopesFrozen } from './frozen-function.ts'
import { asKinkNetwork, type KinkNetwork } from './kink-network.ts'
import { asSharedNetwork } from './shared-network.ts'

const activation = { kind: 'activation', activation: leakyRelu(rational(1n, 5n)) } as const
const dense = (outputs: number) => ({ kind: 'dense', outputs, bias: outputs !== 3 }) as const
const conv = { kind: 'conv', outputs: 2, stride: [1, 1], bias: true } as const
const pool = { kind: 'average-pool', size: [1, 2], stride: [1, 1] } as const

/** Three hidden layers each: dense ones, and convolutions with padding and means before, between and after. */
const networks: readonly Network[] = [
  { inputs: [2], layers: [dense(3), activation, dense(2), activation, dense(4), activation, dense(2)] },
  {
    inputs: [1, 2, 5],
    layers: [
      pool,
      { ...conv, size: [2, 2], padding: [1, 0, 0, 1] },
      pool,
      activation,
      { ...conv, size: [1, 2], padding: [0, 0, 0, 0], bias: false },
      activation,
      pool,
      { kind: 'flatten' },
      dense(3),
      activation,
      dense(2)
    ]
  }
]

/** Two outputs, weight decay that spares biases; the loss, data and parameters of chance. */
function scene(seed: number, architecture: Network) {
  const random = randomStream(seed)
  const number = () => rational(BigInt(Math.round(2000 * random() - 1000)), 500n)
  const X = Array.from({ length: 7 }, () => Array.from({ length: inputCount(architecture) }, number))
  const loss = (['squared', 'logistic', 'cross-entropy'] as const)[seed % 3]!
  const probability = () => rational(BigInt(Math.round(1000 * random())), 1000n)
  const targets = () => {
    if (loss === 'squared') return [number(), number()]
    const p = probability()
    return [p, loss === 'logistic' ? probability() : subtract(rational(1n), p)]
  }
  const Y = Array.from({ length: 7 }, targets)
  const problem = empiricalRisk({
    network: architecture,
    data: dataset(X, Y),
    loss,
    reduction: 'mean',
    weightDecay: rational(1n, 50n),
    decayBiases: false
  })
  const network = (architecture.inputs.length === 1 ? asKinkNetwork : asSharedNetwork)(problem) as KinkNetwork
  const theta = Float64Array.from({ length: network.parameters }, () => 2 * random() - 1)
  const slopes = network.layers
    .slice(0, -1)
    .map(({ outputs, positive, negative }) =>
      Float64Array.from({ length: 7 * outputs }, () => (random() < 0.5 ? positive : negative))
    )
  const multipliers = network.layers
    .slice(0, -1)
    .map(({ outputs }) => Float64Array.from({ length: 7 * outputs }, () => (random() < 0.2 ? random() : 0)))
  const lagrangian = (at: Float64Array): number => {
    const pass = forward(network, at, slopesFrozen(slopes))
    let sum = pass.loss
    for (const [l, t] of pass.arguments.entries()) for (const [k, x] of t.entries()) sum += multipliers[l]![k]! * x
    return sum
  }
  const gradientAt = (at: Float64Array) => {
    const pass = forward(network, at, slopesFrozen(slopes))
    return gradient(network, at, pass, adjoints(network, at, pass, multipliers).arguments)
  }
  return { network, theta, slopes, multipliers, lagrangian, gradientAt, random }
}

const seeds = fc.integer({ min: 1, max: 1 << 30 })

test('gradient and Hessian are the derivatives of the loss with its multipliers', () => {
  fc.assert(
    fc.property(seeds, fc.constantFrom(...networks), (seed, architecture) => {
      const { network, theta, slopes, multipliers, lagrangian, gradientAt, random } = scene(seed, architecture)
      const d = theta.map(() => 2 * random() - 1)
      const moved = (h: number) => theta.map((x, k) => x + h * d[k]!)
      const h = 1e-5
      const g = gradientAt(theta)
      const along = g.reduce((sum, x, k) => sum + x * d[k]!, 0)
      expect((lagrangian(moved(h)) - lagrangian(moved(-h))) / (2 * h)).toBeCloseTo(along, 4)
      const pass = forward(network, theta, slopesFrozen(slopes))
      const H = hessian(network, theta, pass, adjoints(network, theta, pass, multipliers).arguments)
      const [plus, minus] = [gradientAt(moved(h)), gradientAt(moved(-h))]
      for (let a = 0; a < theta.length; a++) {
        let sum = 0
        for (let b = 0; b < theta.length; b++) {
          sum += H[a * theta.length + b]! * d[b]!
          expect(H[a * theta.length + b]!).toBeCloseTo(H[b * theta.length + a]!, 9)
        }
        expect((plus[a]! - minus[a]!) / (2 * h)).toBeCloseTo(sum, 3)
      }
    }),
    { numRuns: 20 }
  )
})

test('normals are the derivatives of arguments', () => {
  fc.assert(
    fc.property(seeds, fc.constantFrom(...networks), (seed, architecture) => {
      const { network, theta, slopes, random } = scene(seed, architecture)
      const pass = forward(network, theta, slopesFrozen(slopes))
      const d = theta.map(() => 2 * random() - 1)
      const along = argumentsAlong(network, theta, pass, d)
      const kinks = [0, 1, 2].map((layer) => ({ layer, unit: 1, sample: 3 + layer }))
      const rows = normals(network, theta, pass, kinks)
      for (const [a, { layer, unit, sample }] of kinks.entries()) {
        const row = rows.subarray(a * theta.length, (a + 1) * theta.length)
        const expected = along[layer]![sample * network.layers[layer]!.outputs + unit]!
        expect(row.reduce((sum, x, k) => sum + x * d[k]!, 0)).toBeCloseTo(expected, 9)
      }
    }),
    { numRuns: 20 }
  )
})
