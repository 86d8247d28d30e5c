import { addProduct, rowMajor, transposed } from '@nadir/kernels'
import { type OutputCurvature, outputCurvature, rootOfOutputCurvature } from '../curvature/output-curvature.ts'
import type { Kink, KinkNetwork } from './kink-network.ts'
import { addSharedCrossing } from './shared-crossing.ts'
import { addParameterGradient, adjointsBelow, applyReads, isShared, readsAlong } from './shared-reads.ts'

/** The arrays of a forward pass, row-major, one row for each sample; slopes decide how a hidden unit acts. Approximate. */
export interface Pass {
  /** values[l] is what layer l is applied to; the last are the outputs. */
  readonly values: readonly Float64Array[]
  readonly arguments: readonly Float64Array[]
  readonly slopes: readonly Float64Array[]
  /** The loss in the outputs. */
  readonly output: OutputCurvature
  /** Decay included. */
  readonly loss: number
}

/** Which slopes the units of a hidden layer take, place by place, where their arguments are these. */
export type SlopeChoice = (layer: number, args: Float64Array) => Float64Array

/** The slopes of the true network, but for units on kinks, which are taken with the negative slope. */
export const slopesHeld =
  ({ layers }: KinkNetwork, held: readonly Uint8Array[]): SlopeChoice =>
  (l, args) => {
    const { positive, negative } = layers[l]!
    const on = held[l]!
    const slopes = new Float64Array(args.length)
    for (let at = 0; at < args.length; at++) slopes[at] = args[at]! > 0 && on[at] === 0 ? positive : negative
    return slopes
  }

export const slopesFrozen =
  (slopes: readonly Float64Array[]): SlopeChoice =>
  (l) =>
    slopes[l]!

/** The products entry by entry: Float64Array.map would call a function for each. */
function entrywise(a: Float64Array, b: Float64Array): Float64Array {
  const products = new Float64Array(a.length)
  for (let at = 0; at < products.length; at++) products[at] = a[at]! * b[at]!
  return products
}

/** Adds what a dense layer makes of these values, without its bias, one row for each sample. */
function addApplied(
  { inputs, outputs, weightAt }: KinkNetwork['layers'][number],
  theta: Float64Array,
  values: Float64Array,
  samples: number,
  to: Float64Array
): void {
  const weights = transposed(rowMajor(theta, inputs, weightAt))
  addProduct(rowMajor(to, outputs), rowMajor(values, inputs), weights, samples, outputs, inputs)
}

/** The network on all samples, with the loss (decay included). */
export function forward(network: KinkNetwork, theta: Float64Array, slopesOf: SlopeChoice): Pass {
  const { layers, samples: n, targets, factor, decays } = network
  const values: Float64Array[] = [network.inputs]
  const args: Float64Array[] = []
  const slopes: Float64Array[] = []
  for (const [l, layer] of layers.entries()) {
    const { outputs, biasAt } = layer
    const source = values[l]!
    const t = isShared(layer) ? applyReads(layer, theta, source, n) : new Float64Array(n * outputs)
    if (!layer.reads) {
      if (biasAt >= 0) for (let i = 0; i < n; i++) t.set(theta.subarray(biasAt, biasAt + outputs), i * outputs)
      addApplied(layer, theta, source, n, t)
    }
    if (l === layers.length - 1) values.push(t)
    else {
      const s = slopesOf(l, t)
      args.push(t)
      slopes.push(s)
      values.push(entrywise(s, t))
    }
  }
  const output = outputCurvature(network.problem.loss, values.at(-1)!, targets, network.outputs, factor)
  let decay = 0
  for (let k = 0; k < theta.length; k++) decay += decays[k]! * theta[k]! ** 2
  return { values, arguments: args, slopes, output, loss: output.loss + decay / 2 }
}

/** Adjoints of what each layer gives, and of the values of hidden units; `multipliers` (place by place, 0 off the kinks) are added at the arguments. */
export function adjoints(
  network: KinkNetwork,
  theta: Float64Array,
  pass: Pass,
  multipliers?: readonly Float64Array[]
): { readonly arguments: readonly Float64Array[]; readonly values: readonly Float64Array[] } {
  const { layers, samples: n } = network
  const args: Float64Array[] = []
  const values: Float64Array[] = []
  args[layers.length - 1] = pass.output.slopes
  for (let l = layers.length - 2; l >= 0; l--) {
    const layer = layers[l + 1]!
    const { inputs, outputs, weightAt } = layer
    const above = args[l + 1]!
    const value = isShared(layer) ? adjointsBelow(layer, theta, above, n) : new Float64Array(n * inputs)
    if (!layer.reads)
      addProduct(
        rowMajor(value, inputs),
        rowMajor(above, outputs),
        rowMajor(theta, inputs, weightAt),
        n,
        inputs,
        outputs
      )
    const slopes = pass.slopes[l]!
    const multiplier = multipliers?.[l]
    values[l] = value
    const arriving = entrywise(slopes, value)
    if (multiplier) for (let at = 0; at < arriving.length; at++) arriving[at] = arriving[at]! + multiplier[at]!
    args[l] = arriving
  }
  return { arguments: args, values }
}

/** Derivatives by all parameters from the adjoints of the layers' results; the decay is added. */
export function gradient(
  network: KinkNetwork,
  theta: Float64Array,
  pass: Pass,
  deltas: readonly Float64Array[]
): Float64Array {
  const { layers, samples: n, decays } = network
  const g = theta.map((x, k) => decays[k]! * x)
  for (const [l, layer] of layers.entries()) {
    const { inputs, outputs, weightAt, biasAt } = layer
    const delta = deltas[l]!
    const h = pass.values[l]!
    if (isShared(layer)) {
      for (let i = 0; i < n; i++) addParameterGradient(layer, delta, h, { deltas: i * outputs, values: i * inputs }, g)
      continue
    }
    addProduct(
      rowMajor(g, inputs, weightAt),
      transposed(rowMajor(delta, outputs)),
      rowMajor(h, inputs),
      outputs,
      inputs,
      n
    )
    if (biasAt < 0) continue
    for (let at = 0; at < n * outputs; at++) g[biasAt + (at % outputs)] = g[biasAt + (at % outputs)]! + delta[at]!
  }
  return g
}

/** Writes the derivative of one linear form of the results of layer `top` on one sample, given by `seed`, by all parameters, into row `row` of `out`. */
function addSampleGradient(
  network: KinkNetwork,
  theta: Float64Array,
  pass: Pass,
  sample: number,
  top: number,
  seed: Float64Array,
  out: Float64Array,
  row: number
): void {
  const { layers } = network
  let delta = seed
  for (let l = top; l >= 0; l--) {
    const layer = layers[l]!
    const { inputs, outputs, weightAt, biasAt } = layer
    const h = pass.values[l]!
    const from = sample * inputs
    const below = isShared(layer) ? adjointsBelow(layer, theta, delta, 1) : new Float64Array(inputs)
    if (isShared(layer)) addParameterGradient(layer, delta, h, { deltas: 0, values: from }, out, row)
    for (let o = 0; o < outputs && !layer.reads; o++) {
      const d = delta[o]!
      if (d === 0) continue
      const at = weightAt + o * inputs
      for (let k = 0; k < inputs; k++) {
        out[row + at + k] = d * h[from + k]!
        below[k] = below[k]! + theta[at + k]! * d
      }
      if (biasAt >= 0) out[row + biasAt + o] = d
    }
    if (l === 0) return
    const slopes = pass.slopes[l - 1]!
    for (let k = 0; k < inputs; k++) below[k] = below[k]! * slopes[from + k]!
    delta = below
  }
}

/** The derivatives of the arguments of these kinks, one row for each. */
export function normals(network: KinkNetwork, theta: Float64Array, pass: Pass, kinks: readonly Kink[]): Float64Array {
  const P = network.parameters
  const rows = new Float64Array(kinks.length * P)
  for (const [a, { layer, unit, sample }] of kinks.entries()) {
    const seed = new Float64Array(network.layers[layer]!.outputs)
    seed[unit] = 1
    addSampleGradient(network, theta, pass, sample, layer, seed, rows, a * P)
  }
  return rows
}

/** The derivatives of all outputs on all samples, row i m + o for output o on sample i, times a root of the second derivatives of the loss in the outputs. */
export function outputJacobian(network: KinkNetwork, theta: Float64Array, pass: Pass): Float64Array {
  const { parameters: P, samples: n, outputs: m, layers } = network
  const J = new Float64Array(n * m * P)
  for (let i = 0; i < n; i++)
    for (let o = 0; o < m; o++) {
      const seed = rootOfOutputCurvature(pass.output, m, i, o)
      addSampleGradient(network, theta, pass, i, layers.length - 1, seed, J, (i * m + o) * P)
    }
  return J
}

/** F J^T J for this J, row-major P x P. */
export function squaredJacobian(network: KinkNetwork, theta: Float64Array, pass: Pass): Float64Array {
  const { parameters: P, samples: n, outputs: m, factor } = network
  const J = outputJacobian(network, theta, pass)
  const H = new Float64Array(P * P)
  // Only the blocks up to the diagonal are multiplied.
  const block = 48
  for (let from = 0; from < P; from += block) {
    const rows = Math.min(block, P - from)
    const into = rowMajor(H, P, from * P)
    addProduct(into, transposed(rowMajor(J, P, from)), rowMajor(J, P), rows, from + rows, n * m)
  }
  for (let a = 0; a < P; a++)
    for (let b = 0; b <= a; b++) {
      const x = H[a * P + b]! * factor
      H[a * P + b] = x
      H[b * P + a] = x
    }
  return H
}

/** The second derivatives of the frozen function and its multipliers: F J^T J, the terms across layers, the decay. Row-major P x P. */
export function hessian(
  network: KinkNetwork,
  theta: Float64Array,
  pass: Pass,
  deltas: readonly Float64Array[]
): Float64Array {
  const { parameters: P, samples: n, layers, decays } = network
  const H = squaredJacobian(network, theta, pass)
  if (layers.some(isShared)) {
    addSharedCrossing(network, theta, pass, deltas, H)
    for (let k = 0; k < P; k++) H[k * P + k] = H[k * P + k]! + decays[k]!
    return H
  }
  // Row: a weight of an upper layer; column: a parameter of a lower one.
  const mixed = new Float64Array(P * P)
  for (let i = 0; i < n; i++)
    for (let l = 0; l < layers.length - 1; l++) {
      // chain[s * width + q]: derivative of value s of hidden layer `to` by argument q of hidden layer l.
      const lower = layers[l]!
      const width = lower.outputs
      let chain = new Float64Array(width * width)
      for (let q = 0; q < width; q++) chain[q * width + q] = pass.slopes[l]![i * width + q]!
      const h = pass.values[l]!
      const from = i * lower.inputs
      for (let to = l; to < layers.length - 1; to++) {
        const upper = layers[to + 1]!
        const delta = deltas[to + 1]!
        for (let s = 0; s < upper.inputs; s++)
          for (let q = 0; q < width; q++) {
            const c = chain[s * width + q]!
            if (c === 0) continue
            for (let o = 0; o < upper.outputs; o++) {
              const d = delta[i * upper.outputs + o]! * c
              if (d === 0) continue
              const row = (upper.weightAt + o * upper.inputs + s) * P
              const at = row + lower.weightAt + q * lower.inputs
              for (let k = 0; k < lower.inputs; k++) mixed[at + k] = mixed[at + k]! + d * h[from + k]!
              if (lower.biasAt >= 0) mixed[row + lower.biasAt + q] = mixed[row + lower.biasAt + q]! + d
            }
          }
        if (to === layers.length - 2) break
        const next = new Float64Array(upper.outputs * width)
        for (let o = 0; o < upper.outputs; o++) {
          const slope = pass.slopes[to + 1]![i * upper.outputs + o]!
          if (slope === 0) continue
          for (let s = 0; s < upper.inputs; s++) {
            const w = slope * theta[upper.weightAt + o * upper.inputs + s]!
            if (w === 0) continue
            for (let q = 0; q < width; q++) next[o * width + q] = next[o * width + q]! + w * chain[s * width + q]!
          }
        }
        chain = next
      }
    }
  for (let a = 0; a < P; a++) {
    H[a * P + a] = H[a * P + a]! + decays[a]!
    for (let b = 0; b < a; b++) {
      const x = H[a * P + b]! + mixed[a * P + b]! + mixed[b * P + a]!
      H[a * P + b] = x
      H[b * P + a] = x
    }
  }
  return H
}

/** Derivatives of all arguments of hidden units along a direction, layer by layer. */
export function argumentsAlong(
  network: KinkNetwork,
  theta: Float64Array,
  pass: Pass,
  direction: Float64Array
): readonly Float64Array[] {
  const { layers, samples: n } = network
  let moved: Float64Array = new Float64Array(n * layers[0]!.inputs)
  const result: Float64Array[] = []
  for (let l = 0; l < layers.length - 1; l++) {
    const layer = layers[l]!
    const { outputs, biasAt } = layer
    const h = pass.values[l]!
    const t = isShared(layer) ? readsAlong(layer, theta, direction, h, moved, n) : new Float64Array(n * outputs)
    if (!layer.reads) {
      if (biasAt >= 0) for (let i = 0; i < n; i++) t.set(direction.subarray(biasAt, biasAt + outputs), i * outputs)
      addApplied(layer, direction, h, n, t)
      if (l > 0) addApplied(layer, theta, moved, n, t)
    }
    result.push(t)
    moved = entrywise(pass.slopes[l]!, t)
  }
  return result
}
