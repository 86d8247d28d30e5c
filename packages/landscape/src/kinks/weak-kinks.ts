import { randomStream } from '../random.ts'
import { type DependentKinks, dependentKinks } from './dependent-kinks.ts'
import { kinkGroup, multipliersInside } from './dependent-multipliers.ts'
import { argumentsAlong, normals } from './frozen-function.ts'
import type { Kink, KinkNetwork } from './kink-network.ts'
import { type FirstOrder, firstOrder, heldPlaces, type KinkState, type Release, secondOrder } from './linearise.ts'
import { dot, rowSpace, shortestSolution } from './orthogonal.ts'
import { retract } from './retract.ts'

/** A multiplier this close to its bounds, relative to the greatest bound that any place would have, holds nothing. */
const weak = 1e-8

/** Below this loss no kink holds anything. */
const fitted = 1e-20

/** Arguments this small, relative to the largest of their layer, are on kinks that nobody holds. */
const nearby = 1e-9

/** What flat directions leave of the normal of a kink, relative to its length, that is taken for rounding. */
const unmoved = 1e-7

/** Choices of sides for kinks that may be left for either one: each costs about the cube of the number of parameters. */
const mostChoices = (parameters: number): number => Math.min(30, Math.max(3, Math.round(1e7 / parameters ** 3)))

/** A kink that is left, for one side or for either one. */
interface Leaving {
  readonly kink: Kink
  readonly side: 1 | -1
  readonly isFree: boolean
}

/**
 * A state near a converged one in which the kinks whose multipliers lie on their bounds are left, all at once, along directions in which the loss is flat; undefined where there are no such kinks or
 * no such direction. Without weight decay weak kinks are accidents of a flat valley. Approximate.
 */
export function withoutWeakKinks(network: KinkNetwork, state: KinkState): KinkState | undefined {
  const first = firstOrder(network, state)
  const groups = dependentKinks(network, first.kinks)
  const { leaving, staying } = weakKinks(network, first, groups)
  if (leaving.length === 0) return undefined
  const held = { ...state, kinks: staying }
  const kinks = leaving.map(({ kink }) => kink)
  const rows = normals(network, state.theta, first.pass, kinks)
  const random = randomStream(1)
  let sides = leaving.map(({ side }) => side)
  for (let choice = 0; choice < mostChoices(network.parameters); choice++) {
    const releases = [
      ...kinks.map((kink, a): Release => ({ kink, side: sides[a]! })),
      ...followers(groups, first.kinks, kinks, sides)
    ]
    const flat = flatDirections(network, held, releases, rows)
    const found = leftFor(network, held, first, kinks, flat, sides)
    if (found || leaving.every(({ isFree }) => !isFree)) return found
    // Any flat direction leaves a kink for one of its sides.
    const y = Float64Array.from({ length: flat.directions.length }, () => random() - 0.5)
    sides = leaving.map(({ side, isFree }, a) => (!isFree ? side : dot(flat.imageOf(a), y) < 0 ? -1 : 1))
  }
  return undefined
}

function weakKinks(
  network: KinkNetwork,
  first: FirstOrder,
  groups: readonly DependentKinks[]
): { readonly leaving: readonly Leaving[]; readonly staying: readonly Kink[] } {
  const { kinks, multipliers, bounds, jumps, pass } = first
  // Kinks that depend on each other are left together or not at all.
  const strong = new Set(
    groups.flatMap((one) => ((multipliersInside(kinkGroup(network, first, one))?.margin ?? 0) > weak ? one.of : []))
  )
  const most = jumps.reduce((m, layer) => layer.reduce((n, x) => Math.max(n, Math.abs(x)), m), 0)
  const isFitted = pass.loss < fitted
  const leaving: Leaving[] = []
  const staying: Kink[] = []
  for (const [a, kink] of kinks.entries()) {
    const below = multipliers[a]!
    const above = bounds[a]! - below
    const isFree = isFitted || Math.max(below, above) < weak * most
    if (!isFitted && (strong.has(a) || (!isFree && Math.min(below, above) > weak * most))) staying.push(kink)
    else leaving.push({ kink, side: below < above ? -1 : 1, isFree })
  }
  const held = heldPlaces(network, kinks)
  for (const [layer, t] of pass.arguments.entries()) {
    const width = network.layers[layer]!.outputs
    const largest = t.reduce((m, x) => Math.max(m, Math.abs(x)), 0)
    for (const [place, x] of t.entries())
      if (
        held[layer]![place] === 0 &&
        Math.abs(x) < nearby * largest &&
        (isFitted || Math.abs(jumps[layer]![place]!) < weak * most)
      )
        leaving.push({
          kink: { layer, unit: place % width, sample: Math.floor(place / width) },
          side: x < 0 ? -1 : 1,
          isFree: true
        })
  }
  return { leaving, staying }
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

/** The directions in which the loss is flat where kinks are left like this, and how each direction moves those with these normals. */
function flatDirections(network: KinkNetwork, held: KinkState, releases: readonly Release[], rows: Float64Array) {
  const P = network.parameters
  const second = secondOrder(network, held.theta, firstOrder(network, held, releases))
  const flat = 1e-9 * Math.abs(second.values.at(-1) ?? 0)
  const directions = Array.from(second.values.keys())
    .filter((k) => Math.abs(second.values[k]!) < flat)
    .map((k) => second.directions.subarray(k * P, (k + 1) * P))
  const count = rows.length / P
  const normalOf = (a: number) => rows.subarray(a * P, (a + 1) * P)
  const image = new Float64Array(count * directions.length)
  for (let a = 0; a < count; a++)
    for (const [c, direction] of directions.entries()) image[a * directions.length + c] = dot(normalOf(a), direction)
  const imageOf = (a: number) => image.subarray(a * directions.length, (a + 1) * directions.length)
  const isMoved = (a: number) => dot(imageOf(a), imageOf(a)) > unmoved ** 2 * dot(normalOf(a), normalOf(a))
  return { directions, image, imageOf, isMoved }
}

/** The state with these kinks left for these sides along a flat direction; undefined where none leaves them all for these. */
function leftFor(
  network: KinkNetwork,
  held: KinkState,
  first: FirstOrder,
  kinks: readonly Kink[],
  { directions, image, imageOf, isMoved }: ReturnType<typeof flatDirections>,
  sides: readonly (1 | -1)[]
): KinkState | undefined {
  const space = rowSpace(image, sides.length, directions.length, { tolerance: unmoved, complete: false })
  const y = shortestSolution(
    space,
    Float64Array.from(space.independent, (a) => sides[a]!)
  )
  for (const [a, side] of sides.entries()) if (!(dot(imageOf(a), y) * side > 0 && isMoved(a))) return undefined
  const { theta } = held
  const d = new Float64Array(network.parameters)
  for (const [c, direction] of directions.entries())
    for (let p = 0; p < d.length; p++) d[p] = d[p]! + y[c]! * direction[p]!
  let length =
    0.5 * Math.min(reach(network, first, [...held.kinks, ...kinks], d), 0.2 * Math.sqrt(dot(theta, theta) / dot(d, d)))
  // Flat to second order only: what a long way would lose, a shorter one keeps.
  for (let halving = 0; halving < 40; halving++, length /= 2) {
    const moved = retract(network, { ...held, theta: theta.map((x, k) => x + length * d[k]!) })
    if (moved && moved.loss <= first.pass.loss * (1 + 1e-6) + fitted) return moved.state
  }
  return undefined
}

/** How far along d to the next place where a hidden unit crosses its kink, but for these kinks. */
function reach(network: KinkNetwork, { theta, pass }: FirstOrder, kinks: readonly Kink[], d: Float64Array): number {
  const known = heldPlaces(network, kinks)
  const moved = argumentsAlong(network, theta, pass, d)
  let least = Number.POSITIVE_INFINITY
  for (const [l, t] of pass.arguments.entries())
    for (let place = 0; place < t.length; place++) {
      const at = -t[place]! / moved[l]![place]!
      if (known[l]![place] === 0 && at > 0) least = Math.min(least, at)
    }
  return least
}
