import { toNumber } from '@nadir/arithmetic'
import { decayMask } from '../loss/approximate-loss.ts'
import { activationFunction } from '../network/activation-values.ts'
import { addOuterProducts, affine, transposed } from '../network/dense-products.ts'
import { parameterShapes, tensorSize } from '../network/network.ts'
import type { Problem } from '../problem.ts'

/** Loss and gradient of a problem in doubles, for dense networks. Approximate. */
export interface Objective {
  readonly parameters: number
  /** The loss; the gradient is written into `gradient`. At kinks the slope of the non-positive side is taken. */
  readonly evaluate: (theta: Float64Array, gradient: Float64Array) => number
  /** Pre-activations of all hidden units on all samples. */
  readonly sideCount: number
  /** Writes which of them were positive at the last `evaluate`; true when any has changed. */
  readonly updateSides: (sides: Uint8Array) => boolean
  /** The same for some of the samples, scaled as if they were all: over random batches its mean is `evaluate`. Batches of one length share their buffers. */
  readonly evaluateBatch: (samples: ArrayLike<number>, theta: Float64Array, gradient: Float64Array) => number
}

/** What methods that use the whole gradient ask for. */
export type LossAndGradient = Pick<Objective, 'evaluate'>

/** @throws RangeError for layers other than dense and activations, and for losses without a float version */
export function objective(problem: Problem): Objective {
  const { network, data, loss } = problem
  const { samples: n, inputCount: d, targetCount: m } = data
  const decay = toNumber(problem.weightDecay)
  const decaying = decayMask(problem)
  const factor = problem.reduction === 'mean' ? 1 / n : 1
  const sizes = [d]
  const steps: { kind: 'dense'; at: number; inputs: number; outputs: number; bias: boolean }[] = []
  const activations: (ReturnType<typeof activationFunction> | undefined)[] = []
  let at = 0
  for (const layer of network.layers) {
    if (layer.kind === 'activation') {
      activations[steps.length - 1] = activationFunction(layer.activation)
      continue
    }
    if (layer.kind !== 'dense') throw new RangeError(`training covers dense layers, not ${layer.kind}`)
    const inputs = sizes.at(-1)!
    steps.push({ kind: 'dense', at, inputs, outputs: layer.outputs, bias: layer.bias })
    at += layer.outputs * inputs + (layer.bias ? layer.outputs : 0)
    sizes.push(layer.outputs)
  }
  // One row for each feature, one column for each sample.
  const columns: Columns = {
    X: byColumns(data.approximateInputs, n, d),
    Y: byColumns(data.approximateTargets, n, m),
    count: n
  }
  const buffersFor = (count: number) => {
    const before = steps.map((s) => new Float64Array(s.outputs * count))
    return {
      before,
      after: steps.map((s, l) => (activations[l] ? new Float64Array(s.outputs * count) : before[l]!)),
      back: steps.map((s) => new Float64Array(s.outputs * count))
    }
  }
  const all = buffersFor(n)
  let some: { columns: Columns; buffers: typeof all } | undefined

  function pass(
    { X, Y, count: n }: Columns,
    { before, after, back }: typeof all,
    factor: number,
    theta: Float64Array,
    gradient: Float64Array
  ): number {
    gradient.fill(0)
    let source: Float64Array = X
    for (const [l, s] of steps.entries()) {
      const z = before[l]!
      const a = after[l]!
      affine(theta, s.at, s.bias ? s.at + s.outputs * s.inputs : -1, s.outputs, s.inputs, source, n, z)
      const act = activations[l]
      if (act) for (let i = 0; i < z.length; i++) a[i] = act.value(z[i]!)
      source = a
    }
    let total = factor * lossAndSlope(loss, source, Y, m, n, back.at(-1)!)
    for (let l = steps.length - 1; l >= 0; l--) {
      const s = steps[l]!
      const g = back[l]!
      const z = before[l]!
      const act = activations[l]
      if (act) for (let i = 0; i < g.length; i++) g[i] = g[i]! * act.derivative(z[i]!)
      addOuterProducts(g, s.outputs, l === 0 ? X : after[l - 1]!, s.inputs, n, factor, gradient, s.at)
      if (s.bias)
        for (let o = 0; o < s.outputs; o++) {
          let sum = 0
          for (let i = 0; i < n; i++) sum += g[o * n + i]!
          gradient[s.at + s.outputs * s.inputs + o] = factor * sum
        }
      if (l > 0) transposed(theta, s.at, s.outputs, s.inputs, g, n, back[l - 1]!)
    }
    if (decay !== 0)
      for (let k = 0; k < theta.length; k++) {
        if (!decaying[k]) continue
        total += (decay / 2) * theta[k]! ** 2
        gradient[k] = gradient[k]! + decay * theta[k]!
      }
    return total
  }
  function evaluateBatch(samples: ArrayLike<number>, theta: Float64Array, gradient: Float64Array): number {
    const count = samples.length
    if (some?.columns.count !== count)
      some = {
        columns: { X: new Float64Array(d * count), Y: new Float64Array(m * count), count },
        buffers: buffersFor(count)
      }
    for (let i = 0; i < count; i++) {
      const from = samples[i]!
      for (let k = 0; k < d; k++) some.columns.X[k * count + i] = columns.X[k * n + from]!
      for (let k = 0; k < m; k++) some.columns.Y[k * count + i] = columns.Y[k * n + from]!
    }
    return pass(some.columns, some.buffers, (factor * n) / count, theta, gradient)
  }
  const hidden = all.before.filter((_, l) => activations[l] !== undefined)
  function updateSides(sides: Uint8Array): boolean {
    let changed = false
    let at = 0
    for (const z of hidden)
      for (let i = 0; i < z.length; i++, at++) {
        const side = z[i]! > 0 ? 1 : 0
        if (sides[at] !== side) {
          sides[at] = side
          changed = true
        }
      }
    return changed
  }
  return {
    sideCount: hidden.reduce((sum, z) => sum + z.length, 0),
    updateSides,
    parameters: parameterShapes(network).reduce((sum, t) => sum + tensorSize(t), 0),
    evaluate: (theta, gradient) => pass(columns, all, factor, theta, gradient),
    evaluateBatch
  }
}

/** Inputs and targets, one row for each feature, one column for each sample. */
interface Columns {
  readonly X: Float64Array
  readonly Y: Float64Array
  readonly count: number
}

/** A row-major n x k matrix as k rows of n. */
function byColumns(matrix: Float64Array, n: number, k: number): Float64Array {
  const out = new Float64Array(n * k)
  for (let i = 0; i < n; i++) for (let c = 0; c < k; c++) out[c * n + i] = matrix[i * k + c]!
  return out
}

/** Sum of ell over the samples; its derivatives in the outputs are written into `slope`. All m x n. Logistic labels are 0 and 1. */
function lossAndSlope(
  loss: Problem['loss'],
  f: Float64Array,
  Y: Float64Array,
  m: number,
  n: number,
  slope: Float64Array
): number {
  let value = 0
  if (loss === 'cross-entropy') {
    for (let i = 0; i < n; i++) {
      let top = Number.NEGATIVE_INFINITY
      for (let o = 0; o < m; o++) top = Math.max(top, f[o * n + i]!)
      let sum = 0
      for (let o = 0; o < m; o++) sum += Math.exp(f[o * n + i]! - top)
      for (let o = 0; o < m; o++) {
        const at = o * n + i
        slope[at] = Math.exp(f[at]! - top) / sum - Y[at]!
        value -= Y[at]! * (f[at]! - top - Math.log(sum))
      }
    }
    return value
  }
  for (let at = 0; at < m * n; at++) {
    const y = Y[at]!
    const e = f[at]! - y
    if (loss === 'squared') {
      slope[at] = e
      value += (e * e) / 2
    } else if (loss === 'absolute') {
      slope[at] = Math.sign(e)
      value += Math.abs(e)
    } else if (loss === 'hinge') {
      const margin = 1 - y * f[at]!
      slope[at] = margin > 0 ? -y : 0
      value += Math.max(0, margin)
    } else if (loss === 'logistic') {
      slope[at] = (f[at]! >= 0 ? 1 / (1 + Math.exp(-f[at]!)) : Math.exp(f[at]!) / (1 + Math.exp(f[at]!))) - y
      value += Math.max(f[at]!, 0) + Math.log1p(Math.exp(-Math.abs(f[at]!))) - y * f[at]!
    } else throw new RangeError(`training does not know the ${loss} loss`)
  }
  return value
}
