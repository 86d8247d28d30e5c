import { fromNumber, rational } from '@nadir/arithmetic'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dataset } from '../data/dataset.ts'
import { leakyRelu, relu } from '../network/activation.ts'
import { empiricalRisk } from '../problem.ts'
import { randomStream } from '../random.ts'
import { forward, slopesHeld } from './frozen-function.ts'
import { asKinkNetwork, type Kink, type KinkNetwork, placeOf } from './kink-network.ts'
import { heldPlaces, type KinkState } from './linearise.ts'
import { retract } from './retract.ts'
import { withoutWeakKinks } from './weak-kinks.ts'

/** A network of two hidden layers that fits all of its few samples, some of which lie on kinks; undefined where the drawn kinks cannot be reached. */
function fittedOnKinks(seed: number, isLeaky: boolean, count: number) {
  const random = randomStream(seed)
  const samples = 4
  const X = Array.from({ length: samples }, () =>
    [0, 0].map(() => rational(BigInt(Math.round(200 * random() - 100)), 50n))
  )
  const dense = (outputs: number) => ({ kind: 'dense', outputs, bias: true }) as const
  const activation = { kind: 'activation', activation: isLeaky ? leakyRelu(rational(1n, 5n)) : relu } as const
  const withTargets = (outputs: Float64Array) =>
    asKinkNetwork(
      empiricalRisk({
        network: { inputs: [2], layers: [dense(5), activation, dense(3), activation, dense(1)] },
        data: dataset(
          X,
          Array.from(outputs, (y) => [fromNumber(y)])
        )
      })
    ) as KinkNetwork
  const network = withTargets(new Float64Array(samples))
  const theta = Float64Array.from({ length: network.parameters }, () => 2 * random() - 1)
  const kinks = Array.from({ length: count }, (): Kink => {
    const layer = random() < 0.5 ? 0 : 1
    const unit = Math.floor(random() * network.layers[layer]!.outputs)
    return { layer, unit, sample: Math.floor(random() * samples) }
  })
  const reached = retract(network, { theta, kinks, collapsed: [] })
  if (!reached) return undefined
  const { state } = reached
  const pass = forward(network, state.theta, slopesHeld(network, heldPlaces(network, state.kinks)))
  return { network: withTargets(pass.values.at(-1)!), state }
}

const argumentsOf = (network: KinkNetwork, { theta, kinks }: KinkState) =>
  forward(network, theta, slopesHeld(network, heldPlaces(network, kinks))).arguments

test('kinks of samples that are fitted hold nothing: they are left, all of them, and the loss stays 0', () => {
  let drawn = 0
  let left = 0
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1 << 30 }),
      fc.boolean(),
      fc.integer({ min: 1, max: 4 }),
      (seed, isLeaky, count) => {
        const scene = fittedOnKinks(seed, isLeaky, count)
        if (!scene || scene.state.kinks.length === 0) return
        drawn++
        const { network, state } = scene
        const next = withoutWeakKinks(network, state)
        if (!next) return
        left++
        expect(next.kinks).toEqual([])
        const before = argumentsOf(network, state)
        const after = argumentsOf(network, next)
        for (const kink of state.kinks) {
          const place = placeOf(network, kink)
          const size = (t: Float64Array) => Math.abs(t[place]!)
          expect(size(after[kink.layer]!)).toBeGreaterThan(1e3 * size(before[kink.layer]!))
        }
        const { loss } = retract(network, next)!
        expect(loss).toBeLessThan(1e-19)
      }
    ),
    { numRuns: 100 }
  )
  expect(left).toBeGreaterThan(drawn / 2)
})
