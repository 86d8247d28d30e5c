import { rational } from '@nadir/arithmetic'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dataset } from '../data/dataset.ts'
import { leakyRelu, relu } from '../network/activation.ts'
import { empiricalRisk } from '../problem.ts'
import { randomStream } from '../random.ts'
import { followModel } from './broken-model.ts'
import { argumentsAlong, normals } from './frozen-function.ts'
import { asKinkNetwork, type Kink, type KinkNetwork, placeOf } from './kink-network.ts'
import { firstOrder, heldPlaces, secondOrder } from './linearise.ts'
import { constraintsOf } from './model-tangent.ts'
import { dot, moversOf } from './orthogonal.ts'
import { retract } from './retract.ts'
import { settleOnKinks } from './settle-on-kinks.ts'

function scene(seed: number, isLeaky: boolean) {
  const random = randomStream(seed)
  const number = () => rational(BigInt(Math.round(2000 * random() - 1000)), 500n)
  const X = Array.from({ length: 12 }, () => [number(), number()])
  const Y = Array.from({ length: 12 }, () => [number()])
  const dense = (outputs: number) => ({ kind: 'dense', outputs, bias: true }) as const
  const activation = { kind: 'activation', activation: isLeaky ? leakyRelu(rational(1n, 5n)) : relu } as const
  const network = asKinkNetwork(
    empiricalRisk({
      network: { inputs: [2], layers: [dense(4), activation, dense(3), activation, dense(1)] },
      data: dataset(X, Y),
      reduction: 'mean',
      weightDecay: rational(1n, 50n)
    })
  ) as KinkNetwork
  const theta = Float64Array.from({ length: network.parameters }, () => 2 * random() - 1)
  return { network, state: { theta, kinks: [], collapsed: [] } }
}

const cases = fc.record({ seed: fc.integer({ min: 1, max: 1 << 30 }), isLeaky: fc.boolean() })

test('the model falls by what is said, and ends on the kinks that are named', () => {
  let kinksSeen = 0
  let kinksLeft = 0
  fc.assert(
    fc.property(cases, ({ seed, isLeaky }) => {
      const { network, state: start } = scene(seed, isLeaky)
      const { state } = settleOnKinks(network, start, { iterations: seed % 12 })
      const first = firstOrder(network, state)
      const second = secondOrder(network, state.theta, first)
      const P = network.parameters
      // Newton's step along the kinks, all curvatures taken as positive.
      const direction = new Float64Array(P)
      for (const [k, slope] of second.slopes.entries())
        for (let c = 0; c < P; c++)
          direction[c]! -= (slope / (Math.abs(second.values[k]!) + 1e-3)) * second.directions[k * P + c]!
      const damping = 1e-3 + Math.max(0, -2 * second.values[0]!)
      const radius = 1e-2 * (1 + (seed % 200))
      const shorter = Math.min(1, radius / Math.sqrt(dot(direction, direction)))
      const step = followModel(
        network,
        state,
        first,
        second,
        direction.map((x) => shorter * x),
        { released: [], damping, noise: 1e-12, radius, constraints: constraintsOf(first.space) }
      )
      const { change, kinks, movers, predicted } = step
      const isHeld = (kink: Kink) =>
        kinks.some((one) => placeOf(network, one) === placeOf(network, kink) && one.layer === kink.layer)
      const left = first.kinks.filter((kink) => !isHeld(kink))
      kinksSeen += kinks.filter((kink) => !first.kinks.includes(kink)).length
      kinksLeft += left.length
      expect(Math.sqrt(dot(change, change))).toBeLessThan(2.001 * radius)
      const held = heldPlaces(network, kinks)
      let value = dot(first.gradient, change)
      for (let a = 0; a < P; a++) value += (change[a]! * dot(second.hessian.subarray(a * P, (a + 1) * P), change)) / 2
      const moved = argumentsAlong(network, state.theta, first.pass, change)
      for (const [l, t] of first.pass.arguments.entries())
        for (const [place, x] of t.entries()) {
          const end = x + moved[l]![place]!
          if (held[l]![place] === 1 || left.some((kink) => kink.layer === l && placeOf(network, kink) === place))
            continue
          if (x > 0 !== end > 0) value += first.jumps[l]![place]! * Math.abs(end)
        }
      // What the multiplier of a kink that is left gave up, and what comes on its positive side.
      for (const kink of left) {
        const a = first.kinks.indexOf(kink)
        const end = moved[kink.layer]![placeOf(network, kink)]!
        value += (end > 0 ? first.bounds[a]! - first.multipliers[a]! : -first.multipliers[a]!) * end
      }
      expect(Math.abs(value + predicted)).toBeLessThan(1e-9 * (1 + Math.abs(value)))
      expect(predicted).toBeGreaterThanOrEqual(0)
      for (const kink of kinks) {
        const place = placeOf(network, kink)
        expect(Math.abs(first.pass.arguments[kink.layer]![place]! + moved[kink.layer]![place]!)).toBeLessThan(1e-9)
      }
      const rows = normals(network, state.theta, first.pass, kinks)
      for (const [a, mover] of movers.entries())
        for (let b = 0; b < kinks.length; b++)
          expect(Math.abs(dot(rows.subarray(b * P, (b + 1) * P), mover) - (a === b ? 1 : 0))).toBeLessThan(1e-6)
    }),
    { numRuns: 60 }
  )
  expect(kinksSeen).toBeGreaterThan(20)
  expect(kinksLeft).toBeGreaterThan(5)
})

test('retracting puts all kinks on their kinks, with old derivatives and with new ones', () => {
  let reached = 0
  fc.assert(
    fc.property(cases, ({ seed, isLeaky }) => {
      const { network, state } = scene(seed, isLeaky)
      const kinks = [
        { layer: 0, unit: 1, sample: 2 },
        { layer: 0, unit: 2, sample: 5 },
        { layer: 1, unit: 0, sample: 7 }
      ]
      const before = retract(network, { ...state, kinks: kinks.slice(0, 2) })
      if (!before || before.state.kinks.length < 2) return
      const { space } = firstOrder(network, { ...before.state, kinks })
      if (space.independent.length < 3) return
      const near = moversOf(space)
      const movers = kinks.map((_, a) => near.subarray(a * network.parameters, (a + 1) * network.parameters))
      const shaken = before.state.theta.map((x, k) => x + 1e-3 * Math.sin(k + seed))
      for (const known of [movers, undefined]) {
        const after = retract(network, { ...state, theta: shaken, kinks }, known)
        if (!after) continue
        reached++
        const slopes = firstOrder(network, after.state).pass
        for (const kink of after.state.kinks)
          expect(Math.abs(slopes.arguments[kink.layer]![placeOf(network, kink)]!)).toBeLessThan(1e-12)
        expect(heldPlaces(network, after.state.kinks).length).toBe(2)
      }
    }),
    { numRuns: 60 }
  )
  expect(reached).toBeGreaterThan(60)
})
