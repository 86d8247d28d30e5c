import { choleskySolve, semidefiniteCholesky } from '../descent/semidefinite-cholesky.ts'
import { dependentKinks } from './dependent-kinks.ts'
import { argumentsAlong, normals } from './frozen-function.ts'
import { type Kink, type KinkNetwork, placesOf } from './kink-network.ts'
import { type FirstOrder, heldPlaces, type KinkState, type Release, type SecondOrder } from './linearise.ts'
import { dot } from './orthogonal.ts'
import { withTwins } from './twins.ts'

/** Where the model leads: a change of the parameters, the kinks that it ends on, and how far the model falls. */
export interface ModelStep {
  readonly change: Float64Array
  readonly kinks: readonly Kink[]
  readonly predicted: number
}

export interface ModelOptions {
  /** Kinks that are being left: no breakpoints. */
  readonly released: readonly Release[]
  /** Added to all second derivatives of the legs after the first. */
  readonly damping: number
  /** No leg after the first is longer. */
  readonly radius: number
}

const mostLegs = 60

/**
 * Follows the model of the loss, quadratic with the breaks where linearised arguments change their signs, from one kink to the next: along `direction` to the minimum of the model, over kinks where it still falls,
 * or onto the kink where it turns; that kink held, on by a damped Newton step, and so forth. Approximate.
 */
export function followModel(
  network: KinkNetwork,
  state: KinkState,
  first: FirstOrder,
  second: SecondOrder,
  direction: Float64Array,
  { released, damping, radius }: ModelOptions
): ModelStep {
  const P = network.parameters
  const held = heldPlaces(network, state.kinks)
  for (const { kink } of released) for (const place of placesOf(network, kink)) held[kink.layer]![place] = 1
  const at = first.pass.arguments.map((t) => t.slice())
  const isPositive = at.map((t) => Uint8Array.from(t, (x) => (x > 0 ? 1 : 0)))
  const slope = first.gradient.slice()
  const change = new Float64Array(P)
  const kinks: Kink[] = []
  let predicted = 0
  let tangent: Tangent | undefined
  let d: Float64Array | undefined = direction
  while (d !== undefined && kinks.length <= mostLegs) {
    const bent = times(second.hessian, d)
    const speeds = argumentsAlong(network, state.theta, first.pass, d)
    const leg = searchLeg(first, { at, isPositive, held, speeds }, dot(slope, d), dot(d, bent))
    predicted += leg.predicted
    for (let k = 0; k < P; k++) {
      change[k] = change[k]! + leg.length * d[k]!
      slope[k] = slope[k]! + leg.length * bent[k]!
    }
    for (const [l, t] of at.entries())
      for (let place = 0; place < t.length; place++) t[place] = t[place]! + leg.length * speeds[l]![place]!
    for (const { layer, place } of leg.crossed) {
      const jump = first.jumps[layer]![place]! * Math.sign(speeds[layer]![place]!)
      isPositive[layer]![place] = 1 - isPositive[layer]![place]!
      const normal = normals(network, state.theta, first.pass, [kinkAt(network, layer, place)])
      for (let k = 0; k < P; k++) slope[k] = slope[k]! + jump * normal[k]!
    }
    if (leg.end === undefined) break
    const alone = kinkAt(network, leg.end.layer, leg.end.place)
    const [kink = alone] = network.mayHaveTwins ? withTwins(network, first.pass, [alone]) : []
    for (const place of placesOf(network, kink)) {
      held[leg.end.layer]![place] = 1
      at[leg.end.layer]![place] = 0
    }
    kinks.push(kink)
    for (const group of dependentKinks(network, [...state.kinks, ...kinks]))
      for (const place of group.kinks.flatMap((one) => placesOf(network, one))) {
        held[0]![place] = 1
        at[0]![place] = 0
      }
    tangent ??= { count: second.values.length, rows: second.rows.slice(), matrix: second.reduced.slice(), length: P }
    d = undefined
    if (!hold(tangent, normals(network, state.theta, first.pass, [kink]))) break
    d = newtonStep(tangent, slope, damping)
    if (!(dot(slope, d) < 0)) break
    const length = Math.sqrt(dot(d, d))
    if (length > radius) for (let k = 0; k < P; k++) d[k] = (d[k]! * radius) / length
  }
  return { change, kinks, predicted }
}

const kinkAt = (network: KinkNetwork, layer: number, place: number): Kink => {
  const width = network.layers[layer]!.outputs
  return { layer, unit: place % width, sample: Math.floor(place / width) }
}

interface Breakpoint {
  readonly layer: number
  readonly place: number
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
): {
  readonly length: number
  readonly crossed: readonly Breakpoint[]
  readonly end: Breakpoint | undefined
  readonly predicted: number
} {
  const points: { at: number; jump: number; layer: number; place: number }[] = []
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
  let value = 0
  const crossed: Breakpoint[] = []
  const advance = (to: number) => {
    value += slope * (to - length) + (curvature * (to - length) ** 2) / 2
    slope += curvature * (to - length)
    length = to
  }
  for (const point of points) {
    if (curvature > 0 && slope + curvature * (point.at - length) >= 0) {
      advance(length - slope / curvature)
      return { length, crossed, end: undefined, predicted: -value }
    }
    advance(point.at)
    if (slope + point.jump >= 0) return { length, crossed, end: point, predicted: -value }
    slope += point.jump
    crossed.push(point)
  }
  advance(curvature > 0 && slope + curvature * (1 - length) > 0 ? length - slope / curvature : 1)
  return { length, crossed, end: undefined, predicted: -value }
}

/** Orthonormal directions that keep all kinks, one row for each, and the second derivatives along them. */
interface Tangent {
  count: number
  rows: Float64Array
  matrix: Float64Array
  readonly length: number
}

/** Takes the direction of a normal out of the tangent, by a reflection that turns it into the first row; false where nothing of it is left. */
function hold(tangent: Tangent, normal: Float64Array): boolean {
  const { count, rows, matrix, length } = tangent
  const v = new Float64Array(count)
  for (let a = 0; a < count; a++) v[a] = dot(rows.subarray(a * length, (a + 1) * length), normal)
  const size = Math.sqrt(dot(v, v))
  if (!(size > 1e-8 * Math.sqrt(dot(normal, normal)))) return false
  v[0] = v[0]! + (v[0]! > 0 ? size : -size)
  const half = dot(v, v) / 2
  const reflectRows = (M: Float64Array, width: number) => {
    const along = new Float64Array(width)
    for (let a = 0; a < count; a++) for (let k = 0; k < width; k++) along[k] = along[k]! + v[a]! * M[a * width + k]!
    for (let a = 0; a < count; a++) {
      const share = v[a]! / half
      for (let k = 0; k < width; k++) M[a * width + k] = M[a * width + k]! - share * along[k]!
    }
  }
  reflectRows(rows, length)
  reflectRows(matrix, count)
  const kept = count - 1
  const next = new Float64Array(kept * kept)
  for (let a = 1; a < count; a++) {
    const row = matrix.subarray(a * count, (a + 1) * count)
    const share = dot(row, v) / half
    for (let b = 1; b < count; b++) next[(a - 1) * kept + b - 1] = row[b]! - share * v[b]!
  }
  tangent.count = kept
  tangent.rows = rows.subarray(length)
  tangent.matrix = next
  return true
}

/** The damped Newton step within the tangent. */
function newtonStep({ count, rows, matrix, length }: Tangent, slope: Float64Array, damping: number): Float64Array {
  const factor = matrix.slice()
  const y = new Float64Array(count)
  for (let a = 0; a < count; a++) {
    factor[a * count + a] = factor[a * count + a]! + damping
    y[a] = -dot(rows.subarray(a * length, (a + 1) * length), slope)
  }
  const skipped = new Uint8Array(count)
  semidefiniteCholesky(factor, count, skipped)
  choleskySolve(factor, count, skipped, y)
  const d = new Float64Array(length)
  for (let a = 0; a < count; a++) for (let k = 0; k < length; k++) d[k] = d[k]! + y[a]! * rows[a * length + k]!
  return d
}

function times(matrix: Float64Array, d: Float64Array): Float64Array {
  const size = d.length
  return d.map((_, a) => dot(matrix.subarray(a * size, (a + 1) * size), d))
}
