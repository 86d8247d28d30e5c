import { toNumber } from '@nadir/arithmetic'
import { activationFunction } from '../network/activation-values.ts'
import { parameterShapes, tensorSize } from '../network/network.ts'
import type { Problem } from '../problem.ts'

/** Loss and gradient of a problem in doubles, for dense networks. Approximate. */
export interface Objective {
  readonly parameters: number
  /** The loss; the gradient is written into `gradient`. At kinks the slope of the non-positive side is taken. */
  readonly evaluate: (theta: Float64Array, gradient: Float64Array) => number
}

/** @throws RangeError for layers other than dense and activations, and for losses without a float version */
export function objective(problem: Problem): Objective {
  const { network, data, loss } = problem
  const { samples: n, inputCount: d, targetCount: m } = data
  const decay = toNumber(problem.weightDecay)
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
  const before = steps.map((s) => new Float64Array(s.outputs))
  const after = steps.map((s) => new Float64Array(s.outputs))
  const back = steps.map((s) => new Float64Array(s.outputs))
  const X = data.approximateInputs
  const Y = data.approximateTargets

  function evaluate(theta: Float64Array, gradient: Float64Array): number {
    gradient.fill(0)
    let total = 0
    for (let i = 0; i < n; i++) {
      let source: Float64Array = X.subarray(i * d, (i + 1) * d)
      for (const [l, s] of steps.entries()) {
        const z = before[l]!
        const a = after[l]!
        const act = activations[l]
        for (let o = 0; o < s.outputs; o++) {
          let sum = s.bias ? theta[s.at + s.outputs * s.inputs + o]! : 0
          const row = s.at + o * s.inputs
          for (let k = 0; k < s.inputs; k++) sum += theta[row + k]! * source[k]!
          z[o] = sum
          a[o] = act ? act.value(sum) : sum
        }
        source = a
      }
      const f = after.at(-1)!
      const seed = back.at(-1)!
      total += lossAndSlope(loss, f, Y, i * m, m, seed) * factor
      for (let l = steps.length - 1; l >= 0; l--) {
        const s = steps[l]!
        const g = back[l]!
        const act = activations[l]
        if (act) for (let o = 0; o < s.outputs; o++) g[o] = g[o]! * act.derivative(before[l]![o]!)
        const previous = l === 0 ? X.subarray(i * d, (i + 1) * d) : after[l - 1]!
        const below = l === 0 ? undefined : back[l - 1]!
        below?.fill(0)
        for (let o = 0; o < s.outputs; o++) {
          const go = g[o]!
          if (go === 0) continue
          const row = s.at + o * s.inputs
          for (let k = 0; k < s.inputs; k++) {
            gradient[row + k] = gradient[row + k]! + factor * go * previous[k]!
            if (below) below[k] = below[k]! + go * theta[row + k]!
          }
          if (s.bias) {
            const b = s.at + s.outputs * s.inputs + o
            gradient[b] = gradient[b]! + factor * go
          }
        }
      }
    }
    if (decay !== 0)
      for (let k = 0; k < theta.length; k++) {
        total += (decay / 2) * theta[k]! ** 2
        gradient[k] = gradient[k]! + decay * theta[k]!
      }
    return total
  }
  return { parameters: parameterShapes(network).reduce((sum, t) => sum + tensorSize(t), 0), evaluate }
}

/** ell(f, y) for one sample; its derivative in f is written into `slope`. */
function lossAndSlope(
  loss: Problem['loss'],
  f: Float64Array,
  Y: Float64Array,
  from: number,
  m: number,
  slope: Float64Array
): number {
  if (loss === 'cross-entropy') {
    let top = Number.NEGATIVE_INFINITY
    for (const a of f) top = Math.max(top, a)
    let sum = 0
    for (const a of f) sum += Math.exp(a - top)
    let value = 0
    for (let o = 0; o < m; o++) {
      const y = Y[from + o]!
      slope[o] = Math.exp(f[o]! - top) / sum - y
      value -= y * (f[o]! - top - Math.log(sum))
    }
    return value
  }
  let value = 0
  for (let o = 0; o < m; o++) {
    const y = Y[from + o]!
    const e = f[o]! - y
    if (loss === 'squared') {
      slope[o] = e
      value += (e * e) / 2
    } else if (loss === 'absolute') {
      slope[o] = Math.sign(e)
      value += Math.abs(e)
    } else if (loss === 'hinge') {
      const margin = 1 - y * f[o]!
      slope[o] = margin > 0 ? -y : 0
      value += Math.max(0, margin)
    } else if (loss === 'logistic') {
      // Labels 0 and 1: log(1 + exp(f)) - y f.
      slope[o] = (f[o]! >= 0 ? 1 / (1 + Math.exp(-f[o]!)) : Math.exp(f[o]!) / (1 + Math.exp(f[o]!))) - y
      value += Math.max(f[o]!, 0) + Math.log1p(Math.exp(-Math.abs(f[o]!))) - y * f[o]!
    } else throw new RangeError(`training does not know the ${loss} loss`)
  }
  return value
}
