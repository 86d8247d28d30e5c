import { dependentKinks } from './dependent-kinks.ts'
import { argumentsAlong, normals } from './frozen-function.ts'
import { type Kink, type KinkNetwork, placesOf } from './kink-network.ts'
import { type FirstOrder, heldPlaces, type KinkState, type Release, type SecondOrder } from './linearise.ts'
import { addMultiple, type Constraint, hold, type ModelTangent, release, tangentAt, times } from './model-tangent.ts'
import { dot } from './orthogonal.ts'
import { withTwins } from './twins.ts'

/** Where the model leads: a change of the parameters, the kinks that it ends on, and how far the model falls. */
export interface ModelStep {
  readonly change: Float64Array
  readonly kinks: readonly Kink[]
  /** A row for each of these kinks: the shortest direction along which its argument grows by 1, while those of all others stay. */
  readonly movers: readonly Float64Array[]
  readonly predicted: number
}

export interface ModelOptions {
  /** Kinks that are being left: no breakpoints. */
  readonly released: readonly Release[]
  /** Added to all second derivatives after the first leg: the model that is made smallest then has half of this times the square of the change besides. */
  readonly damping: number
  /** Slopes across kinks that count, at least. */
  readonly noise: number
  /** The change is at most about twice as long. */
  readonly radius: number
  /** The kinks of the first order, in their order, then what else is held. */
  readonly constraints: readonly Constraint[]
}

const mostLegs = 60

/** A kink on which the model is, with what its multiplier is where the slope of the model is what it is. */
interface Held {
  readonly kink: Kink
  readonly multiplier: number
  readonly bound: number
  /** Kinks that depend on each other are not left alone. */
  readonly stays: boolean
}

/**
 * Follows the model of the loss, quadratic with the breaks where linearised arguments change their signs, and damped, from one kink to the next: along `direction` to the minimum of the model, over kinks where it
 * still falls, or onto the kink where it turns; that kink held, on by a Newton step, and at a minimum off the kink whose multiplier is outside its bounds most, and so forth. Approximate.
 */
export function followModel(
  network: KinkNetwork,
  state: KinkState,
  first: FirstOrder,
  second: SecondOrder,
  direction: Float64Array,
  { released, damping, noise, radius, constraints }: ModelOptions
): ModelStep {
  const P = network.parameters
  const places = heldPlaces(network, state.kinks)
  for (const { kink } of released) for (const place of placesOf(network, kink)) places[kink.layer]![place] = 1
  const at = first.pass.arguments.map((t) => t.slice())
  const isPositive = at.map(signs)
  const slope = first.gradient.slice()
  const change = new Float64Array(P)
  const grouped = new Set(dependentKinks(network, first.kinks).flatMap(({ of }) => of))
  /** As the constraints of the tangent: what else is held is no kink. */
  const held: (Held | undefined)[] = constraints.map((_, a) => {
    const kink = first.kinks[a]
    return kink && { kink, multiplier: first.multipliers[a]!, bound: first.bounds[a]!, stays: grouped.has(a) }
  })
  let tangentHere: ModelTangent | undefined
  /** Only asked for where the first leg is not all. */
  const tangent = (): ModelTangent => (tangentHere ??= tangentAt(second, P, damping, constraints))
  const nowHeld = (): readonly Constraint[] => tangentHere?.constraints ?? constraints
  const normalOf = (kink: Kink) => normals(network, state.theta, first.pass, [kink])
  const bend = (d: Float64Array) => {
    const bent = times(second.hessian, d)
    addMultiple(bent, damping, d)
    return bent
  }
  let predicted = 0
  let d = direction
  let left: Kink | undefined
  let isCut = false
  for (let legs = 0; legs < mostLegs; legs++) {
    const bent = times(second.hessian, d)
    const speeds = argumentsAlong(network, state.theta, first.pass, d)
    const start = dot(slope, d)
    const curvature = dot(d, bent)
    // The first direction is as long as it should be.
    const more = legs === 0 ? 0 : damping
    const leg = searchLeg(
      first,
      { at, isPositive, held: places, speeds },
      start + more * dot(change, d),
      curvature + more * dot(d, d)
    )
    predicted -= leg.length * start + (curvature * leg.length ** 2) / 2
    addMultiple(change, leg.length, d)
    addMultiple(slope, leg.length, bent)
    for (const [l, t] of at.entries()) addMultiple(t, leg.length, speeds[l]!)
    for (const { layer, place, jump, at: reached } of leg.crossed) {
      predicted -= jump * (leg.length - reached)
      const sign = Math.sign(speeds[layer]![place]!)
      isPositive[layer]![place] = 1 - isPositive[layer]![place]!
      addMultiple(slope, first.jumps[layer]![place]! * sign, normalOf(kinkAt(network, layer, place)))
    }
    if (leg.end) {
      const { layer, place } = leg.end
      const alone = kinkAt(network, layer, place)
      const [kink = alone] = network.mayHaveTwins ? withTwins(network, first.pass, [alone]) : []
      const wasPositive = isPositive[layer]![place] === 1
      let bound = 0
      for (const twin of placesOf(network, kink)) {
        places[layer]![twin] = 1
        at[layer]![twin] = 0
        bound += first.jumps[layer]![twin]!
      }
      const beside = layer > 0 ? [] : [...first.dependent, ...held.flatMap((one) => (one ? [one.kink] : []))]
      const groups = dependentKinks(network, [
        ...beside.filter(({ layer: l, unit }) => l === 0 && unit === kink.unit),
        kink
      ])
      for (const group of groups)
        for (const follower of group.kinks.flatMap((one) => placesOf(network, one))) {
          places[0]![follower] = 1
          at[0]![follower] = 0
        }
      if (!hold(tangent(), normalOf(kink))) break
      held.push({ kink, multiplier: wasPositive ? bound : 0, bound, stays: false })
      if (groups.length > 0)
        for (const [a, one] of held.entries())
          if (one?.kink.layer === 0 && one.kink.unit === kink.unit) held[a] = { ...one, stays: true }
      // Doubles do not see which side is lower.
      if (left && leg.length === 0 && isSame(left, kink)) break
    } else if (leg.crossed.length === 0) {
      if (isCut) break
      const steepest = damped(slope, damping, change)
      let worst = worstHeld(held, nowHeld(), steepest, noise)
      while (worst && !release(tangent(), worst.index, bend)) {
        held[worst.index] = { ...worst.one, stays: true }
        worst = worstHeld(held, nowHeld(), steepest, noise)
      }
      if (!worst) break
      const { index, one, side, normal } = worst
      held.splice(index, 1)
      left = one.kink
      addMultiple(slope, (side > 0 ? one.bound : 0) - one.multiplier, normal)
      for (const twin of placesOf(network, one.kink)) {
        places[one.kink.layer]![twin] = 0
        isPositive[one.kink.layer]![twin] = side > 0 ? 1 : 0
      }
    }
    const steepest = damped(slope, damping, change)
    d = times(tangent().inverse, steepest).map((x) => -x)
    if (!(dot(steepest, d) < 0)) break
    const share = shareWithin(change, d, 2 * radius)
    if (share === 0) break
    isCut = share < 1
    if (isCut) for (let k = 0; k < P; k++) d[k] = d[k]! * share
  }
  const ends = [...held.keys()].filter((a) => held[a])
  return {
    change,
    kinks: ends.map((a) => held[a]!.kink),
    movers: ends.map((a) => nowHeld()[a]!.mover),
    predicted
  }
}

function signs(args: Float64Array): Uint8Array {
  const isPositive = new Uint8Array(args.length)
  for (let place = 0; place < args.length; place++) isPositive[place] = args[place]! > 0 ? 1 : 0
  return isPositive
}

/** How much of a step from `change` stays in the ball of this radius, at most 1. */
function shareWithin(change: Float64Array, step: Float64Array, radius: number): number {
  const a = dot(step, step)
  const b = dot(change, step)
  const c = dot(change, change) - radius ** 2
  if (a + 2 * b + c <= 0) return 1
  return c >= 0 ? 0 : Math.min(1, (Math.sqrt(b * b - a * c) - b) / a)
}

/** The slope of the model with its damping. */
const damped = (slope: Float64Array, damping: number, change: Float64Array): Float64Array =>
  slope.map((x, k) => x + damping * change[k]!)

interface WorstHeld {
  readonly index: number
  readonly one: Held
  readonly side: 1 | -1
  readonly normal: Float64Array
}

/** The kink whose multiplier, at a minimum along all that are held, is outside its bounds most, by the slope that leaving it gives. */
function worstHeld(
  held: readonly (Held | undefined)[],
  constraints: readonly Constraint[],
  slope: Float64Array,
  noise: number
): WorstHeld | undefined {
  let worst: WorstHeld | undefined
  let most = noise
  for (const [index, one] of held.entries()) {
    if (!one || one.stays) continue
    const { mover, normal } = constraints[index]!
    const multiplier = one.multiplier - dot(slope, mover)
    const size = Math.max(-multiplier, multiplier - one.bound) / Math.sqrt(dot(mover, mover))
    if (!(size > most)) continue
    most = size
    worst = { index, one, side: multiplier < 0 ? -1 : 1, normal }
  }
  return worst
}

const kinkAt = (network: KinkNetwork, layer: number, place: number): Kink => {
  const width = network.layers[layer]!.outputs
  return { layer, unit: place % width, sample: Math.floor(place / width) }
}

const isSame = (a: Kink, b: Kink): boolean => a.layer === b.layer && a.unit === b.unit && a.sample === b.sample

interface Breakpoint {
  readonly layer: number
  readonly place: number
  /** How far along the leg, and by how much the slope along it changes there. */
  readonly at: number
  readonly jump: number
}

/** How far to go along a direction of this slope and curvature: to the minimum of the model, over kinks where it still falls, or onto the kink where it turns. */
function searchLeg(
  first: FirstOrder,
  {
    at,
    isPositive,
    held,
    speeds
  }: {
    readonly at: readonly Float64Array[]
    readonly isPositive: readonly Uint8Array[]
    readonly held: readonly Uint8Array[]
    readonly speeds: readonly Float64Array[]
  },
  startSlope: number,
  curvature: number
): { readonly length: number; readonly crossed: readonly Breakpoint[]; readonly end: Breakpoint | undefined } {
  const points: Breakpoint[] = []
  for (const [layer, t] of at.entries())
    for (let place = 0; place < t.length; place++) {
      const speed = speeds[layer]![place]!
      if (held[layer]![place] === 1 || speed === 0 || (isPositive[layer]![place] === 1) === speed > 0) continue
      const reached = Math.max(0, -t[place]! / speed)
      const jump = Math.abs(speed) * first.jumps[layer]![place]!
      if (reached < 1 && jump !== 0) points.push({ at: reached, jump, layer, place })
    }
  points.sort((a, b) => a.at - b.at)
  let slope = startSlope
  let length = 0
  const crossed: Breakpoint[] = []
  for (const point of points) {
    const there = slope + curvature * (point.at - length)
    if (curvature > 0 && there >= 0) return { length: length - slope / curvature, crossed, end: undefined }
    slope = there
    length = point.at
    if (slope + point.jump >= 0) return { length, crossed, end: point }
    slope += point.jump
    crossed.push(point)
  }
  const turns = curvature > 0 && slope + curvature * (1 - length) > 0
  return { length: turns ? length - slope / curvature : 1, crossed, end: undefined }
}
