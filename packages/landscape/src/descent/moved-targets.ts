import { sign, toNumber } from '@nadir/arithmetic'
import { symmetricEigen } from '@nadir/kernels'
import { denseCurvature } from '../curvature/dense-curvature.ts'
import { incomingIndices, type LayeredNetwork } from '../curvature/layered.ts'
import { linearize } from '../curvature/linearization.ts'
import { jacobianRows } from '../curvature/output-jacobian.ts'
import { decayMask } from '../loss/approximate-loss.ts'
import { evaluate } from '../network/evaluate.ts'
import type { Problem } from '../problem.ts'
import { withoutDust } from './newton-minimum.ts'

/** How the targets have to move so that parameters are critical. Approximate. */
export interface MovedTargets {
  /** Parameters that no output depends on nearby, and one for each unit that may be scaled. */
  readonly idle: readonly number[]
  readonly scaled: readonly number[]
  /** A square matrix S of the other parameters for which the columns of J S are orthonormal, J the derivatives of the outputs. Row-major. */
  readonly factor: Float64Array
  /** What is added to the targets, a row for each sample; the errors before. */
  readonly change: Float64Array
  readonly errors: Float64Array
  /** A matrix that turns the Hessian for the moved targets into signs, the negative ones first; undefined where an eigenvalue is too near 0. */
  readonly second: { readonly frame: Float64Array; readonly negative: number } | undefined
}

/** Columns that are this near to the span of those before them count as dependent. */
const leastShare = 1e-12

/**
 * The least change of the targets, as the sum of its squares, for which the gradient is 0 at theta; with weight decay another one that balances it. Squared loss. Undefined where the derivatives of the outputs are dependent for
 * other reasons than idle parameters and scaling, with weight decay also for these: then no change may balance the decay.
 */
export function movedTargets(problem: Problem, network: LayeredNetwork, theta: Float64Array): MovedTargets | undefined {
  const { data } = problem
  const rows = data.samples * data.targetCount
  const held = heldParameters(problem, network, theta)
  if (!held) return undefined
  const { idle, scaled } = held
  const out = new Set([...idle, ...scaled])
  const free = Array.from(theta.keys()).filter((k) => !out.has(k))
  const size = free.length
  if (size === 0 || size > rows) return undefined
  const J = jacobianRows(problem, network, theta)
  const orthonormal = orthonormalised(
    free.map((k) => Float64Array.from({ length: rows }, (_, r) => J[r * theta.length + k]!))
  )
  if (!orthonormal) return undefined
  const { basis, factor } = orthonormal
  const errors = new Float64Array(rows)
  for (let i = 0; i < data.samples; i++) {
    const input = data.approximateInputs.slice(i * data.inputCount, (i + 1) * data.inputCount)
    errors.set(evaluate(problem.network, theta, input), i * data.targetCount)
  }
  for (let r = 0; r < rows; r++) errors[r] = errors[r]! - data.approximateTargets[r]!
  const decays = decayMask(problem)
  const pull = toNumber(problem.weightDecay) * (problem.reduction === 'mean' ? data.samples : 1)
  const change = new Float64Array(rows)
  for (const [j, column] of basis.entries()) {
    let share = 0
    for (let r = 0; r < rows; r++) share += column[r]! * errors[r]!
    for (const [a, k] of free.entries()) if (decays[k]) share += factor[a * size + j]! * pull * theta[k]!
    for (let r = 0; r < rows; r++) change[r] = change[r]! + share * column[r]!
  }
  if (!change.every(Number.isFinite)) return undefined
  return { idle, scaled, factor, change, errors, second: secondOrder(problem, network, theta, free, change) }
}

/** The frame of the Hessian by the free parameters, for targets moved by `change`. */
function secondOrder(
  problem: Problem,
  network: LayeredNetwork,
  theta: Float64Array,
  free: readonly number[],
  change: Float64Array
): MovedTargets['second'] {
  const approximateTargets = problem.data.approximateTargets.map((y, r) => y + change[r]!)
  const hessian = denseCurvature(
    { ...problem, data: { ...problem.data, approximateTargets } },
    network,
    theta,
    'hessian'
  )
  const size = free.length
  const own = Float64Array.from(free.flatMap((a) => free.map((b) => hessian[a * theta.length + b]!)))
  if (!own.every(Number.isFinite)) return undefined
  const { values, vectors } = symmetricEigen(withoutDust(own), size)
  const sizes = values.map(Math.abs)
  const largest = sizes.reduce((most, x) => Math.max(most, x), 0)
  if (!sizes.every((x) => x > leastShare * largest)) return undefined
  const frame = new Float64Array(size * size)
  for (let a = 0; a < size; a++)
    for (let e = 0; e < size; e++) frame[a * size + e] = vectors[e * size + a]! / Math.sqrt(sizes[e]!)
  return { frame, negative: values.filter((x) => x < 0).length }
}

/** An orthonormal basis of the columns, in their order, and the upper triangular matrix that makes it of them; undefined where they are nearly dependent. */
function orthonormalised(columns: readonly Float64Array[]) {
  const size = columns.length
  const basis: Float64Array[] = []
  const R = new Float64Array(size * size)
  const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, r) => sum + x * b[r]!, 0)
  for (const [j, column] of columns.entries()) {
    const rest = column.slice()
    // Twice, since once leaves rounding of the size of what is taken away.
    for (let pass = 0; pass < 2; pass++)
      for (const [i, known] of basis.entries()) {
        const share = dot(known, rest)
        R[i * size + j] = R[i * size + j]! + share
        for (let r = 0; r < rest.length; r++) rest[r] = rest[r]! - share * known[r]!
      }
    const length = Math.sqrt(dot(rest, rest))
    if (!(length > leastShare * Math.sqrt(dot(column, column)))) return undefined
    R[j * size + j] = length
    basis.push(rest.map((x) => x / length))
  }
  const factor = new Float64Array(size * size)
  for (let c = 0; c < size; c++)
    for (let a = c; a >= 0; a--) {
      let sum = a === c ? 1 : 0
      for (let k = a + 1; k <= c; k++) sum -= R[a * size + k]! * factor[k * size + c]!
      factor[a * size + c] = sum / R[a * size + a]!
    }
  return { basis, factor }
}

/** Parameters without a say near theta, and for each hidden unit that may be scaled its largest incoming one. Undefined where an idle parameter decays and is not 0. */
function heldParameters(problem: Problem, { layers }: LayeredNetwork, theta: Float64Array) {
  const { samples } = problem.data
  const decays = decayMask(problem)
  const isDecayed = (k: number) => sign(problem.weightDecay) !== 0 && decays[k] === 1
  const pass = linearize(problem, layers, theta, 0, samples)
  const isOff = (l: number, u: number, i: number): boolean => {
    const { activation, outputs } = layers[l]!
    if (activation?.kind !== 'two-slope') return false
    const isPositive = pass.layers[l]!.preactivation[i * outputs + u]! > 0
    return sign(isPositive ? activation.positive : activation.negative) === 0
  }
  const every = Array.from({ length: samples }, (_, i) => i)
  /** Whether nothing of layer l is heard on a sample. */
  const isDeaf = (l: number, i: number): boolean =>
    l < layers.length - 1 &&
    (isDeaf(l + 1, i) || Array.from({ length: layers[l]!.outputs }, (_, u) => isOff(l, u, i)).every((off) => off))
  const idle: number[] = []
  const scaled: number[] = []
  for (const [l, layer] of layers.entries()) {
    const isLast = l === layers.length - 1
    const deaf = every.map((i) => !isLast && isDeaf(l + 1, i))
    for (let u = 0; u < layer.outputs; u++) {
      const heard = every.filter((i) => !deaf[i] && (isLast || !isOff(l, u, i)))
      const own = incomingIndices(layer, u)
      const isSilent = (e: number, i: number): boolean =>
        e < layer.inputs && (l === 0 ? pass.layers[0]!.input[i * layer.inputs + e] === 0 : isOff(l - 1, e, i))
      const felt = own.filter((_, e) => heard.some((i) => !isSilent(e, i)))
      idle.push(...own.filter((k) => !felt.includes(k)))
      if (isLast || layer.activation?.kind === 'smooth' || sign(problem.weightDecay) !== 0) continue
      const largest = felt.reduce((best, k) => (Math.abs(theta[k]!) > Math.abs(theta[best]!) ? k : best), felt[0] ?? -1)
      if (largest >= 0 && theta[largest] !== 0) scaled.push(largest)
    }
  }
  const ascending = (numbers: number[]) => numbers.sort((a, b) => a - b)
  return idle.some((k) => isDecayed(k) && theta[k] !== 0)
    ? undefined
    : { idle: ascending(idle), scaled: ascending(scaled) }
}
