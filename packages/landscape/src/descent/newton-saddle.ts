import { symmetricEigen } from '@nadir/kernels'
import { denseCurvature } from '../curvature/dense-curvature.ts'
import { asLayered, incomingIndices, type LayeredNetwork, weightIndex } from '../curvature/layered.ts'
import { lossAndGradient } from '../curvature/linearization.ts'
import { decayMask } from '../loss/approximate-loss.ts'
import type { Problem } from '../problem.ts'
import { withoutDust } from './newton-minimum.ts'

/** A hidden unit without weights, by dense layer and unit. */
export type Sleeper = readonly [layer: number, unit: number]

/** Where Newton's method ended beside a start, with a matrix S of the free parameters for which S^T H S is about a diagonal of signs, the negative ones first. */
export interface NewtonSaddle {
  readonly theta: Float64Array
  readonly loss: number
  readonly gradient: Float64Array
  /** Units whose parameters are held, and the numbers of all other parameters. */
  readonly asleep: readonly Sleeper[]
  readonly free: readonly number[]
  /** Row-major, a row for each free parameter. */
  readonly frame: Float64Array
  readonly negative: number
  /** All parameters, where there is no negative sign: a direction along which the loss is curved downwards. */
  readonly direction: Float64Array | undefined
}

const mostSteps = 30

/** A gradient beyond this share of the loss and 1 is no end of training. */
const steepest = 1e-3

/** How far Newton's method may go, beside the largest parameter and 1. */
const farthest = 1e-2

/** Eigenvalues below this share of the largest are too near 0 for a proof. */
const leastShare = 1e-13

/**
 * Newton's method for a zero of the gradient, wherever the loss is curved downwards there: what training stopped at when it is no minimum. In all parameters; where that leaves flat directions, with the units that have no weights
 * as they are, since the loss has no slope along them. Undefined when no such point lies near the start. Approximate. Dense networks.
 */
export function newtonSaddle(
  problem: Problem,
  start: Float64Array,
  interrupted: () => boolean
): NewtonSaddle | undefined {
  const network = asLayered(problem.network)
  if (network.kind !== 'layered') return undefined
  const every = { asleep: [], free: Array.from(start.keys()) }
  const awake = sleepersOf(problem, network, start)
  const from = (held: Held) => saddleFrom(problem, network, start, held, interrupted)
  return from(every) ?? (awake.asleep.length > 0 ? from(awake) : undefined)
}

type Held = Pick<NewtonSaddle, 'asleep' | 'free'>

function saddleFrom(
  problem: Problem,
  network: LayeredNetwork,
  start: Float64Array,
  { asleep, free }: Held,
  interrupted: () => boolean
): NewtonSaddle | undefined {
  let theta = start.slice()
  let here = lossAndGradient(problem, network.layers, theta)
  const slope = () => free.reduce((most, k) => Math.max(most, Math.abs(here.gradient[k]!)), 0)
  const scale = 1 + start.reduce((most, t) => Math.max(most, Math.abs(t)), 0)
  if (free.length === 0 || !(slope() <= steepest * (1 + Math.abs(here.loss)))) return undefined
  for (let step = 0; step < mostSteps && slope() > 0 && !interrupted(); step++) {
    const eigen = decomposed(problem, network, theta, free)
    if (!eigen) return undefined
    const next = theta.slice()
    for (const [e, value] of eigen.values.entries()) {
      const row = eigen.vectors.subarray(e * free.length, (e + 1) * free.length)
      const along = free.reduce((sum, k, a) => sum + row[a]! * here.gradient[k]!, 0)
      for (const [a, k] of free.entries()) next[k] = next[k]! - (along / value) * row[a]!
    }
    if (!next.every((t, k) => Math.abs(t - start[k]!) <= farthest * scale)) return undefined
    const there = lossAndGradient(problem, network.layers, next)
    const before = slope()
    const kept = here
    here = there
    // In the end rounding alone is left.
    if (!(slope() < before)) {
      here = kept
      break
    }
    theta = next
  }
  const eigen = decomposed(problem, network, theta, free)
  if (!eigen) return undefined
  const negative = eigen.values.filter((value) => value < 0).length
  if (negative === free.length) return undefined
  const count = free.length
  const frame = new Float64Array(count * count)
  for (let a = 0; a < count; a++)
    for (let e = 0; e < count; e++)
      frame[a * count + e] = eigen.vectors[e * count + a]! / Math.sqrt(Math.abs(eigen.values[e]!))
  const direction = negative > 0 || asleep.length === 0 ? undefined : downwards(problem, network, theta)
  if (negative === 0 && !direction) return undefined
  return { theta, loss: here.loss, gradient: here.gradient, asleep, free, frame, negative, direction }
}

/** Eigenvalues and vectors of the Hessian by the free parameters; undefined where one is too near 0 beside the largest. */
function decomposed(problem: Problem, network: LayeredNetwork, theta: Float64Array, free: readonly number[]) {
  const hessian = denseCurvature(problem, network, theta, 'hessian')
  const part = Float64Array.from(free.flatMap((a) => free.map((b) => hessian[a * theta.length + b]!)))
  if (!part.every(Number.isFinite)) return undefined
  const eigen = symmetricEigen(withoutDust(part), free.length)
  const sizes = eigen.values.map(Math.abs)
  const largest = sizes.reduce((most, x) => Math.max(most, x), 0)
  return largest > 1e-100 && sizes.every((x) => x > leastShare * largest) ? eigen : undefined
}

function downwards(problem: Problem, network: LayeredNetwork, theta: Float64Array): Float64Array | undefined {
  const hessian = denseCurvature(problem, network, theta, 'hessian')
  if (!hessian.every(Number.isFinite)) return undefined
  const { values, vectors } = symmetricEigen(withoutDust(hessian), theta.length)
  return values[0]! < -leastShare * Math.abs(values.at(-1)!) ? vectors.slice(0, theta.length) : undefined
}

/** Hidden units whose weights are all 0, and whose value is 0 or goes into a bias that does not decay; and the parameters of all others. */
function sleepersOf(problem: Problem, { layers }: LayeredNetwork, theta: Float64Array): Held {
  const decays = decayMask(problem)
  const isDecayed = (k: number) => problem.weightDecay.numerator !== 0n && decays[k] === 1
  const held = new Set<number>()
  const asleep: Sleeper[] = []
  for (const [l, layer] of layers.slice(0, -1).entries()) {
    const next = layers[l + 1]!
    const name = layer.activation?.kind === 'smooth' ? layer.activation.name : undefined
    const takes = next.biasAt !== undefined && !isDecayed(next.biasAt)
    for (let u = 0; u < layer.outputs; u++) {
      const own = incomingIndices(layer, u)
      const out = Array.from({ length: next.outputs }, (_, o) => weightIndex(next, o, u))
      if ([...own.slice(0, layer.inputs), ...out].some((k) => theta[k] !== 0)) continue
      const bias = own[layer.inputs]
      const isZero = bias === undefined || theta[bias] === 0
      if (bias !== undefined && isDecayed(bias) && !isZero) continue
      if (!takes && (!isZero || name === 'sigmoid' || name === 'softplus')) continue
      asleep.push([l, u])
      for (const k of [...own, ...out]) held.add(k)
    }
  }
  return { asleep, free: Array.from(theta.keys()).filter((k) => !held.has(k)) }
}
