import { addProduct, rowMajor, symmetricEigen, transposed } from '@nadir/kernels'
import { dependentKinks } from './dependent-kinks.ts'
import { adjoints, forward, gradient, hessian, normals, type Pass, slopesHeld } from './frozen-function.ts'
import { type Kink, type KinkNetwork, placeOf, placesOf } from './kink-network.ts'
import { leastSquaresMultipliers, type RowSpace, rowSpace } from './orthogonal.ts'
import { type HiddenUnit, incomingOf, normOf, outgoingOf } from './units.ts'

/** Parameters with the kinks that they are held on, and the units that have been taken out (all their weights are 0). */
export interface KinkState {
  readonly theta: Float64Array
  readonly kinks: readonly Kink[]
  readonly collapsed: readonly HiddenUnit[]
}

/** A kink that is left for the side of this sign. */
export interface Release {
  readonly kink: Kink
  readonly side: 1 | -1
}

/** All places on these kinks and on those that follow from them, 1 each. */
export const heldPlaces = (network: KinkNetwork, kinks: readonly Kink[]): Uint8Array[] => {
  const held = network.layers.slice(0, -1).map(({ outputs }) => new Uint8Array(network.samples * outputs))
  const following = dependentKinks(network, kinks).flatMap((group) => group.kinks)
  for (const kink of [...kinks, ...following]) for (const place of placesOf(network, kink)) held[kink.layer]![place] = 1
  return held
}

/** First order at a state: the multipliers and their bounds, kink by kink, and the slope of the frozen function that is left. */
export interface FirstOrder {
  readonly theta: Float64Array
  readonly pass: Pass
  readonly space: RowSpace
  /** The kinks whose normals are independent; the others of the state are left out. */
  readonly kinks: readonly Kink[]
  readonly dependent: readonly Kink[]
  readonly multipliers: Float64Array
  readonly bounds: Float64Array
  readonly normalLengths: Float64Array
  /** (p - q) times the adjoint of the value, place by place: how the slope changes where a place crosses its kink. */
  readonly jumps: readonly Float64Array[]
  readonly deltas: readonly Float64Array[]
  /** Gradient of the frozen function with its multipliers. */
  readonly gradient: Float64Array
}

/** Directions that are not searched: collapsed units and, without decay, the rescaling of every unit. */
function gaugeRows(network: KinkNetwork, { theta, collapsed }: KinkState): Float64Array[] {
  const P = network.parameters
  const rows: Float64Array[] = []
  for (const unit of collapsed)
    for (const k of [...incomingOf(network, unit), ...outgoingOf(network, unit)]) {
      const row = new Float64Array(P)
      row[k] = 1
      rows.push(row)
    }
  if (network.hasDecay) return rows
  for (let layer = 0; layer < network.layers.length - 1; layer++)
    for (let unit = 0; unit < network.layers[layer]!.channels; unit++) {
      const row = new Float64Array(P)
      const incoming = incomingOf(network, { layer, unit })
      const outgoing = outgoingOf(network, { layer, unit })
      if (normOf(theta, incoming) === 0 || normOf(theta, outgoing) === 0) continue
      for (const k of incoming) row[k] = theta[k]!
      for (const k of outgoing) row[k] = -theta[k]!
      rows.push(row)
    }
  return rows
}

export function firstOrder(network: KinkNetwork, state: KinkState, releases: readonly Release[] = []): FirstOrder {
  const { theta } = state
  const P = network.parameters
  const held = heldPlaces(network, state.kinks)
  const bySign = slopesHeld(network, held)
  const pass = forward(network, theta, (l, args) => {
    const slopes = bySign(l, args)
    const { positive, negative } = network.layers[l]!
    for (const { kink, side } of releases)
      if (kink.layer === l) for (const place of placesOf(network, kink)) slopes[place] = side > 0 ? positive : negative
    return slopes
  })
  const rows = normals(network, theta, pass, state.kinks)
  const gauge = gaugeRows(network, state)
  const all = new Float64Array(rows.length + gauge.length * P)
  all.set(rows)
  for (const [k, row] of gauge.entries()) all.set(row, rows.length + k * P)
  const count = state.kinks.length
  const space = rowSpace(all, count + gauge.length, P)
  const kept = space.independent.filter((a) => a < count)
  const kinks = kept.map((a) => state.kinks[a]!)
  const dependent = state.kinks.filter((_, a) => !kept.includes(a))
  const plain = adjoints(network, theta, pass)
  const slope = gradient(network, theta, pass, plain.arguments)
  // The normals come first, so that their part of the triangle stands alone.
  const multipliers = leastSquaresMultipliers({ ...space, independent: kept }, slope)
  const placed = network.layers.slice(0, -1).map(({ outputs }) => new Float64Array(network.samples * outputs))
  for (const [a, kink] of kinks.entries()) placed[kink.layer]![placeOf(network, kink)] = multipliers[a]!
  const full = adjoints(network, theta, pass, placed)
  const jumps = full.values.map((value, l) => {
    const { positive, negative } = network.layers[l]!
    const scaled = new Float64Array(value.length)
    for (let place = 0; place < scaled.length; place++) scaled[place] = (positive - negative) * value[place]!
    return scaled
  })
  return {
    theta,
    pass,
    space,
    kinks,
    dependent,
    multipliers,
    bounds: Float64Array.from(kinks, (kink) =>
      placesOf(network, kink).reduce((sum, place) => sum + jumps[kink.layer]![place]!, 0)
    ),
    normalLengths: Float64Array.from(kept, (a) => {
      let sum = 0
      for (let k = 0; k < P; k++) sum += rows[a * P + k]! ** 2
      return Math.sqrt(sum)
    }),
    jumps,
    deltas: full.arguments,
    gradient: gradient(network, theta, pass, full.arguments)
  }
}

/** Second order on the directions that keep all kinks: eigenvalues ascending, with directions as rows of length P, and the slope along each. */
export interface SecondOrder {
  readonly hessian: Float64Array
  /** Orthonormal directions that keep all kinks, and the second derivatives along them. */
  readonly rows: Float64Array
  readonly reduced: Float64Array
  readonly values: Float64Array
  readonly directions: Float64Array
  readonly slopes: Float64Array
}

export function secondOrder(network: KinkNetwork, theta: Float64Array, first: FirstOrder): SecondOrder {
  const P = network.parameters
  const H = hessian(network, theta, first.pass, first.deltas)
  const { basis, independent } = first.space
  const count = P - independent.length
  const start = independent.length * P
  const N = rowMajor(basis, P, start)
  const HN = new Float64Array(count * P)
  addProduct(rowMajor(HN, P), N, rowMajor(H, P), count, P, P)
  const R = new Float64Array(count * count)
  addProduct(rowMajor(R, count), rowMajor(HN, P), transposed(N), count, count, P)
  const { values, vectors } = symmetricEigen(R.slice(), count)
  const directions = new Float64Array(count * P)
  addProduct(rowMajor(directions, P), rowMajor(vectors, count), N, count, P, count)
  const slopes = new Float64Array(count)
  for (let k = 0; k < count; k++)
    for (let c = 0; c < P; c++) slopes[k] = slopes[k]! + directions[k * P + c]! * first.gradient[c]!
  return { hessian: H, rows: basis.subarray(start, P * P), reduced: R, values, directions, slopes }
}
