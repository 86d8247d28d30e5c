import { forward, normals, slopesHeld } from './frozen-function.ts'
import { type Kink, type KinkNetwork, placeOf } from './kink-network.ts'
import { heldPlaces, type KinkState } from './linearise.ts'
import { rowSpace, shortestSolution } from './orthogonal.ts'

/** A state on all of its kinks, and the loss there. */
export interface Retracted {
  readonly state: KinkState
  readonly loss: number
}

/**
 * The nearest parameters with all kinks on their kinks, by Newton's method; undefined where it fails. With `movers`, directions that move the argument of one kink each as they were nearby, it begins with these and takes new
 * ones only where they do not serve. Approximate.
 */
export function retract(
  network: KinkNetwork,
  state: KinkState,
  movers?: readonly Float64Array[]
): Retracted | undefined {
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
  const moved = movers && newton(part, kinks, (off) => combination(movers, off), state.theta, onPart)
  if (moved) return lossAt({ ...state, theta: moved })
  const rows = normals(part, state.theta, onPart(state.theta), kinks)
  const space = rowSpace(rows, kinks.length, network.parameters, { complete: false })
  const used = space.independent.map((a) => kinks[a]!)
  const theta = newton(part, used, (off) => shortestSolution(space, off), state.theta, onPart)
  return theta && lossAt({ ...state, theta, kinks: space.independent.map((a) => state.kinks[a]!) })
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

/** Steps by the same derivatives until all kinks are on their kinks to rounding; undefined where they stop short of that. */
function newton(
  part: KinkNetwork,
  kinks: readonly Kink[],
  stepFor: (off: Float64Array) => Float64Array,
  start: Float64Array,
  onPart: (theta: Float64Array) => ReturnType<typeof forward>
): Float64Array | undefined {
  let theta = start
  let before = Number.POSITIVE_INFINITY
  for (let step = 0; step < 24; step++) {
    const pass = onPart(theta)
    const off = Float64Array.from(kinks, (kink) => pass.arguments[kink.layer]![placeOf(part, kink)]!)
    const worst = off.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
    if (worst < 1e-16 || (worst > 0.5 * before && worst < 1e-13)) return theta
    if (!Number.isFinite(worst) || worst > 0.7 * before) return worst < 1e-12 ? theta : undefined
    before = worst
    const d = stepFor(off)
    theta = theta.map((x, k) => x - d[k]!)
  }
  return undefined
}

function combination(rows: readonly Float64Array[], factors: Float64Array): Float64Array {
  const sum = new Float64Array(rows[0]?.length ?? 0)
  for (const [a, row] of rows.entries()) for (let k = 0; k < sum.length; k++) sum[k] = sum[k]! + factors[a]! * row[k]!
  return sum
}
