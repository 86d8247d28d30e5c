import type { KinkLayer } from './kink-network.ts'

/**
 * What a layer that shares its parameters reads: entry `given[k]` has the term parameter `parameters[k]` times entry `entries[k]` below it, over `divisor` (convolution, with means before and after
 * it); its bias is that of its channel.
 */
export interface Reads {
  readonly given: Int32Array
  readonly entries: Int32Array
  readonly parameters: Int32Array
  readonly divisor: number
}

export type SharedLayer = KinkLayer & { readonly reads: Reads }

export const isShared = (layer: KinkLayer): layer is SharedLayer => layer.reads !== undefined

/** The bias that goes into every entry given, 0 without. */
export function biasesOf({ outputs, channels, biasAt }: KinkLayer, theta: Float64Array): Float64Array {
  const positions = outputs / channels
  return Float64Array.from({ length: outputs }, (_, u) => (biasAt < 0 ? 0 : theta[biasAt + Math.floor(u / positions)]!))
}

/** Adds all terms of one sample: `weights` times values, without the bias. */
function addTerms(
  { reads, inputs, outputs }: SharedLayer,
  weights: Float64Array,
  values: Float64Array,
  sample: number,
  out: Float64Array
): void {
  const { given, entries, parameters, divisor } = reads
  const from = sample * inputs
  const to = sample * outputs
  for (let k = 0; k < given.length; k++) {
    const u = to + given[k]!
    out[u] = out[u]! + (weights[parameters[k]!]! * values[from + entries[k]!]!) / divisor
  }
}

/** What the layer gives on all samples. Approximate. */
export function applyReads(layer: SharedLayer, theta: Float64Array, values: Float64Array, samples: number) {
  const result = new Float64Array(samples * layer.outputs)
  const biases = biasesOf(layer, theta)
  for (let i = 0; i < samples; i++) {
    result.set(biases, i * layer.outputs)
    addTerms(layer, theta, values, i, result)
  }
  return result
}

/** How what the layer gives changes along a direction of all parameters, while its entries change by `moved`. */
export function readsAlong(
  layer: SharedLayer,
  theta: Float64Array,
  direction: Float64Array,
  values: Float64Array,
  moved: Float64Array,
  samples: number
): Float64Array {
  const result = applyReads(layer, direction, values, samples)
  for (let i = 0; i < samples; i++) addTerms(layer, theta, moved, i, result)
  return result
}

/** Adjoints of what the layer is applied to, from those of what it gives, sample by sample. */
export function adjointsBelow(
  { reads, inputs, outputs }: SharedLayer,
  theta: Float64Array,
  above: Float64Array,
  samples: number
): Float64Array {
  const { given, entries, parameters, divisor } = reads
  const below = new Float64Array(samples * inputs)
  for (let i = 0; i < samples; i++)
    for (let k = 0; k < given.length; k++) {
      const d = above[i * outputs + given[k]!]!
      if (d === 0) continue
      const e = i * inputs + entries[k]!
      below[e] = below[e]! + (theta[parameters[k]!]! * d) / divisor
    }
  return below
}

/** Adds to the derivatives by the parameters of the layer, from position `row` of `out` on, what one sample gives. */
export function addParameterGradient(
  { reads, outputs, channels, biasAt }: SharedLayer,
  deltas: Float64Array,
  values: Float64Array,
  from: { readonly deltas: number; readonly values: number },
  out: Float64Array,
  row = 0
): void {
  const { given, entries, parameters, divisor } = reads
  for (let k = 0; k < given.length; k++) {
    const d = deltas[from.deltas + given[k]!]!
    if (d === 0) continue
    const at = row + parameters[k]!
    out[at] = out[at]! + (d * values[from.values + entries[k]!]!) / divisor
  }
  if (biasAt < 0) return
  const positions = outputs / channels
  for (let u = 0; u < outputs; u++) {
    const at = row + biasAt + Math.floor(u / positions)
    out[at] = out[at]! + deltas[from.deltas + u]!
  }
}

/** The terms of any layer, those of a dense one written out. */
export function readsOf(layer: KinkLayer): Reads {
  if (layer.reads) return layer.reads
  const { inputs, outputs, weightAt } = layer
  const count = inputs * outputs
  return {
    given: Int32Array.from({ length: count }, (_, k) => Math.floor(k / inputs)),
    entries: Int32Array.from({ length: count }, (_, k) => k % inputs),
    parameters: Int32Array.from({ length: count }, (_, k) => weightAt + k),
    divisor: 1
  }
}
