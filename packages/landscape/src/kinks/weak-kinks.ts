import { type DependentKinks, dependentKinks } from './dependent-kinks.ts'
import { kinkGroup, multipliersInside } from './dependent-multipliers.ts'
import { argumentsAlong, normals } from './frozen-function.ts'
import type { Kink, KinkNetwork } from './kink-network.ts'
import { type FirstOrder, firstOrder, heldPlaces, type KinkState, type Release, secondOrder } from './linearise.ts'
import { dot, rowSpace, shortestSolution } from './orthogonal.ts'
import { retract } from './retract.ts'

/** A multiplier this close to its bounds, relative to the greatest bound, holds nothing. */
const weak = 1e-8

/** Below this loss no kink holds anything. */
const fitted = 1e-20

/**
 * A state near a converged one in which the kinks whose multipliers lie on their bounds are left, all at once, along directions in which the loss is flat; undefined where there are no such kinks or
 * no such direction. Without weight decay weak kinks are accidents of a flat valley. Approximate.
 */
export function withoutWeakKinks(network: KinkNetwork, state: KinkState): KinkState | undefined {
  const first = firstOrder(network, state)
  const most = first.bounds.reduce((m, x) => Math.max(m, Math.abs(x)), 0)
  const isFitted = first.pass.loss < fitted
  const leaving: Kink[] = []
  const sides: (1 | -1)[] = []
  const staying: Kink[] = []
  const groups = dependentKinks(network, first.kinks)
  // Kinks that depend on each other are left together or not at all.
  const strong = new Set(
    groups.flatMap((one) => ((multipliersInside(kinkGroup(network, first, one))?.margin ?? 0) > weak ? one.of : []))
  )
  for (const [a, kink] of first.kinks.entries()) {
    const below = first.multipliers[a]!
    const above = first.bounds[a]! - below
    if (!isFitted && (strong.has(a) || Math.min(below, above) > weak * most)) staying.push(kink)
    else {
      leaving.push(kink)
      sides.push(below < above ? -1 : 1)
    }
  }
  if (leaving.length === 0) return undefined
  const P = network.parameters
  const held = { ...state, kinks: staying }
  // Kinks that are left act as on the side they are left for.
  const free = firstOrder(network, held, [
    ...leaving.map((kink, a): Release => ({ kink, side: sides[a]! })),
    ...followers(groups, first.kinks, leaving, sides)
  ])
  const second = secondOrder(network, state.theta, free)
  const flat = 1e-9 * Math.abs(second.values.at(-1) ?? 0)
  const chosen = Array.from(second.values.keys()).filter((k) => Math.abs(second.values[k]!) < flat)
  const rows = normals(network, state.theta, first.pass, leaving)
  const image = new Float64Array(leaving.length * chosen.length)
  for (let a = 0; a < leaving.length; a++)
    for (const [c, k] of chosen.entries())
      image[a * chosen.length + c] = dot(
        rows.subarray(a * P, (a + 1) * P),
        second.directions.subarray(k * P, (k + 1) * P)
      )
  const space = rowSpace(image, leaving.length, chosen.length, { tolerance: 1e-7, complete: false })
  const y = shortestSolution(
    space,
    Float64Array.from(space.independent, (a) => sides[a]!)
  )
  for (const [a, side] of sides.entries())
    if (!(dot(image.subarray(a * chosen.length, (a + 1) * chosen.length), y) * side > 0)) return undefined
  const d = new Float64Array(P)
  for (const [c, k] of chosen.entries())
    for (let p = 0; p < P; p++) d[p] = d[p]! + y[c]! * second.directions[k * P + p]!
  let length =
    0.5 * Math.min(reach(network, state, first, d), 0.2 * Math.sqrt(dot(state.theta, state.theta) / dot(d, d)))
  // Flat to second order only: what a long way would lose, a shorter one keeps.
  for (let halving = 0; halving < 40; halving++, length /= 2) {
    const moved = retract(network, { ...held, theta: state.theta.map((x, k) => x + length * d[k]!) })
    if (moved && moved.loss <= first.pass.loss * (1 + 1e-6) + fitted) return moved.state
  }
  return undefined
}

/** Where the kinks that follow from those that are left go with them. */
function followers(
  groups: readonly DependentKinks[],
  kinks: readonly Kink[],
  leaving: readonly Kink[],
  sides: readonly (1 | -1)[]
): readonly Release[] {
  return groups.flatMap(({ of, kinks: following, coefficients }) =>
    following.flatMap((kink, d): Release[] => {
      const moved = of.reduce((sum, a, k) => sum + coefficients[d]![k]! * (sides[leaving.indexOf(kinks[a]!)] ?? 0), 0)
      return moved === 0 ? [] : [{ kink, side: moved > 0 ? 1 : -1 }]
    })
  )
}

/** How far along d to the next place where a hidden unit crosses its kink. */
function reach(network: KinkNetwork, { theta, kinks }: KinkState, first: FirstOrder, d: Float64Array): number {
  const held = heldPlaces(network, kinks)
  const moved = argumentsAlong(network, theta, first.pass, d)
  let least = Number.POSITIVE_INFINITY
  for (const [l, t] of first.pass.arguments.entries())
    for (let place = 0; place < t.length; place++) {
      const at = -t[place]! / moved[l]![place]!
      if (held[l]![place] === 0 && at > 0) least = Math.min(least, at)
    }
  return least
}
