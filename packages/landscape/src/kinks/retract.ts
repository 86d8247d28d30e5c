import { forward, normals, slopesHeld } from './frozen-function.ts'
import { type Kink, type KinkNetwork, placeOf } from './kink-network.ts'
import { type FirstOrder, heldPlaces, type KinkState } from './linearise.ts'
import { type RowSpace, rowSpace, shortestSolution, withRows } from './orthogonal.ts'

/** A state on all of its kinks, and the loss there. */
export interface Retracted {
  readonly state: KinkState
  readonly loss: number
}

/**
 * The nearest parameters with all kinks on their kinks, by Newton's method; undefined where it fails. With what is known at a state `near`, whose kinks come first, it begins with the derivatives there and takes new
 * ones only where these do not serve. Approximate.
 */
export function retract(network: KinkNetwork, state: KinkState, near?: FirstOrder): Retracted | undefined {
  const lossAt = (reached: KinkState): Retracted => ({
    state: reached,
    loss: forward(network, reached.theta, slopesHeld(network, heldPlaces(network, reached.kinks))).loss
  })
  if (state.kinks.length === 0) return lossAt(state)
  const samples = [...new Set(state.kinks.map(({ sample }) => sample))]
  const part = partOf(network, samples)
  const index = new Map(samples.map((sample, at) => [sample, at]))
  const kinks = state.kinks.map((kink): Kink => {
    const { outputs } = network.layers[kink.layer]!
    const twins = kink.twins?.flatMap((place) => {
      const at = index.get(Math.floor(place / outputs))
      return at === undefined ? [] : [at * outputs + (place % outputs)]
    })
    return { ...kink, sample: index.get(kink.sample)!, ...(twins ? { twins } : {}) }
  })
  const onPart = (theta: Float64Array) => forward(part, theta, slopesHeld(part, heldPlaces(part, kinks)))
  const lift = ({ theta, space }: { readonly theta: Float64Array; readonly space: RowSpace }) =>
    lossAt({ ...state, theta, kinks: space.independent.map((a) => state.kinks[a]!) })
  const known = near && near.kinks.length > 0 && extended(network, state, near)
  const reached = known && newton(part, kinks, known, state.theta, onPart)
  if (reached) return lift({ theta: reached, space: known })
  const rows = normals(part, state.theta, onPart(state.theta), kinks)
  const space = rowSpace(rows, kinks.length, network.parameters, { complete: false })
  const theta = newton(part, kinks, space, state.theta, onPart)
  return theta && lift({ theta, space })
}

/** The network on some of its samples. */
function partOf(network: KinkNetwork, samples: readonly number[]): KinkNetwork {
  const rowsOf = (all: Float64Array, width: number) => {
    const rows = new Float64Array(samples.length * width)
    for (const [at, i] of samples.entries()) rows.set(all.subarray(i * width, (i + 1) * width), at * width)
    return rows
  }
  return {
    ...network,
    samples: samples.length,
    inputs: rowsOf(network.inputs, network.layers[0]!.inputs),
    targets: rowsOf(network.targets, network.outputs)
  }
}

/** The normals at a state before, with those of the kinks that came after; undefined where the kinks there do not come first. */
function extended(network: KinkNetwork, { kinks }: KinkState, near: FirstOrder): RowSpace | undefined {
  const count = near.kinks.length
  for (const [a, kink] of near.kinks.entries()) {
    const own = kinks[a]
    if (own?.layer !== kink.layer || own.unit !== kink.unit || own.sample !== kink.sample) return undefined
  }
  return withRows(near.space, count, normals(network, near.theta, near.pass, kinks.slice(count)))
}

/** Steps by the same derivatives until all kinks are on their kinks to rounding; undefined where they stop short of that. */
function newton(
  part: KinkNetwork,
  kinks: readonly Kink[],
  space: RowSpace,
  start: Float64Array,
  onPart: (theta: Float64Array) => ReturnType<typeof forward>
): Float64Array | undefined {
  const used = space.independent.map((a) => kinks[a]!)
  let theta = start
  let before = Number.POSITIVE_INFINITY
  for (let step = 0; step < 24; step++) {
    const pass = onPart(theta)
    const off = Float64Array.from(used, (kink) => pass.arguments[kink.layer]![placeOf(part, kink)]!)
    const worst = off.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
    if (worst < 1e-16 || (worst > 0.5 * before && worst < 1e-13)) return theta
    if (!Number.isFinite(worst) || worst > 0.7 * before) return worst < 1e-12 ? theta : undefined
    before = worst
    const d = shortestSolution(space, off)
    theta = theta.map((x, k) => x - d[k]!)
  }
  return undefined
}
