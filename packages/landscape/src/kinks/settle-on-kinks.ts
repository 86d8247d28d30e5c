import { followModel } from './broken-model.ts'
import { dependentKinks } from './dependent-kinks.ts'
import { type Departure, kinkGroup, steepestDeparture } from './dependent-multipliers.ts'
import { adjoints, argumentsAlong, forward, gradient, normals, slopesFrozen, slopesHeld } from './frozen-function.ts'
import { channelOf, type Kink, type KinkNetwork, placeOf } from './kink-network.ts'
import {
  type FirstOrder,
  firstOrder,
  heldPlaces,
  type KinkState,
  type Release,
  type SecondOrder,
  secondOrder
} from './linearise.ts'
import { constraintsOf } from './model-tangent.ts'
import { dot, rowSpace } from './orthogonal.ts'
import { retract } from './retract.ts'
import { trustRegionStep } from './trust-region.ts'
import { withTwins } from './twins.ts'
import { hiddenUnits, incomingOf, normOf, outgoingOf } from './units.ts'

export interface KinkDescentOptions {
  readonly iterations?: number
  readonly stop?: () => boolean
  readonly onStep?: (iteration: number, loss: number, kinks: number) => void
}

/** Where the descent on kinks ended. */
export interface KinkDescent {
  readonly state: KinkState
  readonly loss: number
  readonly iterations: number
  readonly outcome: 'converged' | 'zero-loss' | 'iteration-limit' | 'stalled' | 'stopped'
}

const sameKink = (a: Kink, b: Kink): boolean => a.layer === b.layer && a.unit === b.unit && a.sample === b.sample

/**
 * Kink active-set Newton method with geodesic acceleration: steps in a trust region on the set where all held kinks stay kinks, a line search over the breakpoints of
 * the model that stops on a kink where the slope turns, release of the kink whose multiplier is outside its bounds most. Doubles propose; they decide nothing.
 */
export function settleOnKinks(network: KinkNetwork, start: KinkState, options: KinkDescentOptions = {}): KinkDescent {
  const limit = options.iterations ?? 600
  let state = start.kinks.length > 0 ? start : initialKinks(network, start)
  state = withoutCollapsed(network, state)
  let radius = 0.1 * Math.sqrt(dot(state.theta, state.theta))
  let calm = 0
  let first = firstOrder(network, state)
  const end = (outcome: KinkDescent['outcome'], iterations: number): KinkDescent => ({
    state: { ...state, kinks: first.kinks },
    loss: first.pass.loss,
    iterations,
    outcome
  })
  for (let iteration = 0; iteration < limit; iteration++) {
    if (options.stop?.()) return end('stopped', iteration)
    first = firstOrder(network, state)
    if (first.dependent.length > 0 || network.mayHaveTwins) {
      const kinks = withTwins(network, first.pass, first.kinks)
      if (kinks.length < first.kinks.length || kinks.some((kink, a) => !sameTwins(kink, first.kinks[a]!)))
        first = firstOrder(network, { ...state, kinks })
      state = { ...state, kinks: first.kinks }
    }
    const loss = first.pass.loss
    options.onStep?.(iteration, loss, state.kinks.length)
    if (loss < 1e-26) return end('zero-loss', iteration)
    const rest = slopeLeft(first)
    const release = worstKink(network, first)
    let released: Departed | undefined
    if (release && release.size > 3 * rest && release.size > 1e-10 * Math.sqrt(2 * loss)) {
      released = release
      const isLeft = (kink: Kink) => release.releases.some((left) => sameKink(left.kink, kink))
      const kept = state.kinks.filter((kink) => !isLeft(kink))
      const others = release.kept.filter((kink) => !kept.some((one) => sameKink(one, kink)))
      state = { ...state, kinks: [...kept, ...others] }
      first = firstOrder(network, state, release.releases)
      if (others.length > 0) state = { ...state, kinks: first.kinks }
    }
    const second = secondOrder(network, state.theta, first)
    const flat = 1e-10 * Math.max(Math.abs(second.values.at(-1) ?? 0), Math.abs(second.values[0] ?? 0))
    const decrement = decrementOf(second, flat)
    if (!released && decrement < 1e-17 * loss && !((second.values[0] ?? 0) < -10 * flat)) {
      calm++
      if (calm >= 3) return end('converged', iteration)
    } else calm = 0
    const step = takeStep(network, state, first, second, radius, flat, released, calm > 0)
    radius = step.radius
    if (step.state === undefined) {
      if (calm > 0) return end('converged', iteration)
      first = firstOrder(network, state)
      return end('stalled', iteration)
    }
    state = withoutCollapsed(network, step.state)
    if (!network.hasDecay && iteration % 5 === 4) state = { ...state, theta: balanced(network, state.theta) }
  }
  first = firstOrder(network, state)
  return end('iteration-limit', limit)
}

const sameTwins = (a: Kink, b: Kink): boolean =>
  a.twins?.length === b.twins?.length && (a.twins ?? []).every((place, k) => place === b.twins![k])

/** Length of the gradient along the directions that keep all kinks. */
function slopeLeft({ gradient: g, space }: FirstOrder): number {
  const { basis, independent, length } = space
  let sum = dot(g, g)
  for (let k = 0; k < independent.length; k++) {
    let along = 0
    for (let c = 0; c < length; c++) along += basis[k * length + c]! * g[c]!
    sum -= along ** 2
  }
  return Math.sqrt(Math.max(0, sum))
}

/** Half of g R^-1 g over the directions that are not flat. */
function decrementOf({ values, slopes }: SecondOrder, flat: number): number {
  let sum = 0
  for (let k = 0; k < values.length; k++) if (Math.abs(values[k]!) > flat) sum += slopes[k]! ** 2 / Math.abs(values[k]!)
  return sum / 2
}

/** Kinks that are left, and where the direction is known, that of the slope down. */
type Departed = Omit<Departure, 'direction'> & Partial<Pick<Departure, 'direction'>>

/** The kink whose multiplier is outside its bounds most, by the slope that leaving it gives, or kinks that depend on each other, where leaving some gives more. */
function worstKink(network: KinkNetwork, first: FirstOrder): Departed | undefined {
  const { kinks, multipliers, bounds, normalLengths } = first
  const groups = dependentKinks(network, first.kinks).map((one) => kinkGroup(network, first, one))
  const grouped = new Set(groups.flatMap(({ of }) => of))
  let worst: Departed | undefined = steepestDeparture(first, groups)
  for (const [a, kink] of kinks.entries()) {
    if (grouped.has(a)) continue
    const below = -multipliers[a]!
    const above = multipliers[a]! - bounds[a]!
    const size = Math.max(below, above) * normalLengths[a]!
    if (size > (worst?.size ?? 0)) worst = { releases: [{ kink, side: above > below ? 1 : -1 }], kept: [], size }
  }
  return worst
}

function takeStep(
  network: KinkNetwork,
  state: KinkState,
  first: FirstOrder,
  second: SecondOrder,
  startRadius: number,
  flat: number,
  released: Departed | undefined,
  calm: boolean
): { state: KinkState | undefined; radius: number } {
  const P = network.parameters
  const loss = first.pass.loss
  let radius = startRadius
  const noise = 1e-15 * Math.sqrt(2 * loss)
  const constraints = constraintsOf(first.space)
  for (let trial = 0; trial < 40; trial++) {
    const { step: y, shift } = trustRegionStep(
      second.slopes,
      second.values,
      radius,
      flat,
      calm ? Number.POSITIVE_INFINITY : noise
    )
    const d = combine(second.directions, y, P)
    let length = Math.sqrt(dot(y, y))
    if (length === 0) return { state: undefined, radius }
    if (released?.direction && !movesTo(network, state.theta, first, d, released.releases)) {
      length = Math.min(radius, length)
      d.set(downwards(released.direction, length, first, second))
    } else if (released && !movesTo(network, state.theta, first, d, released.releases)) {
      // Towards the side that is released: down the slope.
      const norm = Math.sqrt(dot(second.slopes, second.slopes))
      for (let k = 0; k < y.length; k++) y[k] = (-second.slopes[k]! / norm) * Math.min(radius, length)
      d.set(combine(second.directions, y, P))
      length = Math.min(radius, length)
      let curvature = 0
      for (let k = 0; k < y.length; k++) curvature += second.values[k]! * y[k]! ** 2
      const slope = -norm * length
      if (curvature > -slope) for (let k = 0; k < P; k++) d[k] = d[k]! * (-slope / curvature)
    }
    const { change, kinks, movers, predicted } = followModel(network, state, first, second, d, {
      released: released?.releases ?? [],
      damping: Math.max(shift, 100 * flat),
      noise: 1e-10 * Math.sqrt(2 * loss),
      radius,
      constraints
    })
    const bend = calm ? undefined : acceleration(network, state.theta, first, second, change)
    let accepted: KinkState | undefined
    let ratio = 1
    for (const curved of bend ? [true, false] : [false]) {
      const theta = state.theta.map((x, k) => x + change[k]! + (curved ? bend![k]! : 0))
      const candidate = retract(network, { ...state, theta, kinks }, movers)
      if (!candidate) continue
      const drop = loss - candidate.loss
      if (
        drop >= 0.05 * predicted ||
        (predicted < 1e-12 * loss && drop >= -1e-14 * loss) ||
        (calm && drop >= -1e-13 * loss)
      ) {
        accepted = candidate.state
        if (predicted > 1e-12 * loss) ratio = drop / predicted
        break
      }
    }
    const size = Math.sqrt(dot(change, change))
    if (accepted) {
      if (ratio > 0.7 && size > 0.8 * radius) radius *= 2
      else if (ratio < 0.3) radius = 0.5 * Math.min(radius, size)
      return { state: accepted, radius }
    }
    radius = 0.3 * Math.min(radius, length)
    if (radius < 1e-15 * (1 + Math.sqrt(dot(state.theta, state.theta)))) break
  }
  return { state: undefined, radius }
}

/** A step of at most this length in a direction that leads down, shorter where the curvature turns it before. */
function downwards(
  direction: Float64Array,
  length: number,
  { gradient: g }: FirstOrder,
  { hessian: H }: SecondOrder
): Float64Array {
  const P = direction.length
  const size = length / Math.sqrt(dot(direction, direction))
  const d = direction.map((x) => size * x)
  const slope = dot(g, d)
  const curvature = d.reduce((sum, x, k) => sum + x * dot(H.subarray(k * P, (k + 1) * P), d), 0)
  return curvature > -slope ? d.map((x) => (x * -slope) / curvature) : d
}

function combine(rows: Float64Array, y: Float64Array, P: number): Float64Array {
  const d = new Float64Array(P)
  for (const [k, factor] of y.entries()) {
    if (factor === 0) continue
    for (let c = 0; c < P; c++) d[c] = d[c]! + factor * rows[k * P + c]!
  }
  return d
}

function movesTo(
  network: KinkNetwork,
  theta: Float64Array,
  { pass }: FirstOrder,
  d: Float64Array,
  releases: readonly Release[]
): boolean {
  const moved = argumentsAlong(network, theta, pass, d)
  return releases.every(({ kink, side }) => moved[kink.layer]![placeOf(network, kink)]! * side > 0)
}

/** The second derivative of the path that follows the valley, against the stiff directions; undefined where it is too large to trust. */
function acceleration(
  network: KinkNetwork,
  theta: Float64Array,
  first: FirstOrder,
  { values, directions }: SecondOrder,
  d: Float64Array
): Float64Array | undefined {
  const P = network.parameters
  const length = Math.sqrt(dot(d, d))
  const size = Math.sqrt(dot(theta, theta))
  const h = Math.min(1, (1e-3 * (size + 1e-3)) / length)
  const slopes = slopesFrozen(first.pass.slopes)
  const multipliers = network.layers.slice(0, -1).map(({ outputs }) => new Float64Array(network.samples * outputs))
  for (const [a, kink] of first.kinks.entries())
    multipliers[kink.layer]![placeOf(network, kink)] = first.multipliers[a]!
  const gradientAt = (step: number): Float64Array => {
    const moved = theta.map((x, k) => x + step * d[k]!)
    const pass = forward(network, moved, slopes)
    return gradient(network, moved, pass, adjoints(network, moved, pass, multipliers).arguments)
  }
  const plus = gradientAt(h)
  const minus = gradientAt(-h)
  const third = plus.map((x, k) => (x + minus[k]! - 2 * first.gradient[k]!) / h ** 2)
  const stiff = 1e-6 * Math.max(...values.map(Math.abs))
  const bend = new Float64Array(P)
  for (let k = 0; k < values.length; k++) {
    if (!(values[k]! > stiff)) continue
    let along = 0
    for (let c = 0; c < P; c++) along += directions[k * P + c]! * third[c]!
    const factor = (-0.5 * along) / values[k]!
    for (let c = 0; c < P; c++) bend[c] = bend[c]! + factor * directions[k * P + c]!
  }
  return Math.sqrt(dot(bend, bend)) < 0.75 * length ? bend : undefined
}

/** Holds what is nearly on a kink already, nearest first, while the loss hardly rises. */
function initialKinks(network: KinkNetwork, state: KinkState): KinkState {
  const { theta } = state
  const pass = forward(network, theta, slopesHeld(network, heldPlaces(network, [])))
  const near: { kink: Kink; distance: number }[] = []
  for (const unit of hiddenUnits(network)) {
    const weight = normOf(theta, incomingOf(network, unit))
    const { inputs, outputs, channels, biasAt } = network.layers[unit.layer]!
    const share = outputs / channels
    for (let sample = 0; sample < network.samples; sample++) {
      const h = pass.values[unit.layer]!.subarray(sample * inputs, (sample + 1) * inputs)
      const size = weight * Math.sqrt(dot(h, h) + (biasAt < 0 ? 0 : 1))
      for (let j = unit.unit * share; j < (unit.unit + 1) * share; j++) {
        const distance = Math.abs(pass.arguments[unit.layer]![sample * outputs + j]!) / size
        if (distance < 1e-6) near.push({ kink: { layer: unit.layer, unit: j, sample }, distance })
      }
    }
  }
  near.sort((a, b) => a.distance - b.distance)
  let current = state
  const rows = normals(
    network,
    theta,
    pass,
    near.map(({ kink }) => kink)
  )
  const { independent } = rowSpace(rows, near.length, network.parameters, {
    tolerance: 1e-3,
    complete: false
  })
  for (const share of [1, 0.5, 0.25]) {
    const kinks = independent.slice(0, Math.ceil(independent.length * share)).map((a) => near[a]!.kink)
    const candidate = retract(network, { ...state, kinks })
    if (candidate && candidate.loss <= pass.loss * (1 + 1e-3)) {
      current = candidate.state
      break
    }
  }
  return current
}

/** Takes out every unit without which the loss is not greater (weight decay draws it to 0). */
function withoutCollapsed(network: KinkNetwork, state: KinkState): KinkState {
  if (!network.hasDecay) return state
  let current = state
  for (const unit of hiddenUnits(network)) {
    if (current.collapsed.some((c) => c.layer === unit.layer && c.unit === unit.unit)) continue
    const weights = [...incomingOf(network, unit), ...outgoingOf(network, unit)]
    if (normOf(current.theta, weights) > 0.3) continue
    const theta = current.theta.slice()
    for (const k of weights) theta[k] = 0
    const kinks = current.kinks.filter((kink) => kink.layer !== unit.layer || channelOf(network, kink) !== unit.unit)
    const before = forward(network, current.theta, slopesHeld(network, heldPlaces(network, current.kinks))).loss
    const candidate = retract(network, { theta, kinks, collapsed: [...current.collapsed, unit] })
    if (candidate && candidate.loss <= before) current = candidate.state
  }
  return current
}

/** Every unit with incoming and outgoing weights of equal length: the same function. */
function balanced(network: KinkNetwork, theta: Float64Array): Float64Array {
  const result = theta.slice()
  for (const unit of hiddenUnits(network)) {
    const incoming = incomingOf(network, unit)
    const outgoing = outgoingOf(network, unit)
    const into = normOf(result, incoming)
    const out = normOf(result, outgoing)
    if (into === 0 || out === 0) continue
    const factor = Math.sqrt(out / into)
    for (const k of incoming) result[k] = result[k]! * factor
    for (const k of outgoing) result[k] = result[k]! / factor
  }
  return result
}
