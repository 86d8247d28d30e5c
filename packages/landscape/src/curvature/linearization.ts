import { addProduct, rowMajor, transposed } from '@nadir/kernels'
import { activationFunction } from '../network/activation-values.ts'
import type { Problem } from '../problem.ts'
import { secondDerivative } from './activation-curvature.ts'
import type { DenseLayer } from './layered.ts'
import { type OutputCurvature, outputCurvature } from './output-curvature.ts'
import { decayDiagonal } from './weight-decay.ts'

/**
 * What a batch of samples says about a network at one point: one forward and one backward pass. Matrices row-major, one row
 * for each sample. g_l is the gradient of the loss in a_l, times F. Approximate; kinks take the slope of the side t <= 0.
 */
export interface LayerLinearization {
  readonly layer: DenseLayer
  /** a_(l-1) and z_l. */
  readonly input: Float64Array
  readonly preactivation: Float64Array
  /** sigma'(z_l); undefined for the identity. */
  readonly slope: Float64Array | undefined
  /** g_l sigma''(z_l); undefined where sigma'' = 0. */
  readonly bend: Float64Array | undefined
  /** g_l sigma'(z_l), the gradient in z_l. */
  readonly delta: Float64Array
}

export interface Linearization {
  readonly samples: number
  readonly layers: readonly LayerLinearization[]
  readonly output: OutputCurvature
}

/** z = a W^T + b for a batch. */
export function preactivations(
  layer: DenseLayer,
  theta: Float64Array,
  input: Float64Array,
  samples: number
): Float64Array {
  const { inputs, outputs, weightAt } = layer
  const z = repeatedBias(layer, theta, samples)
  const weight = rowMajor(theta, inputs, weightAt)
  addProduct(rowMajor(z, outputs), rowMajor(input, inputs), transposed(weight), samples, outputs, inputs)
  return z
}

/** The biases of a layer as rows, one for each sample; zeros where there are none. */
export function repeatedBias(layer: DenseLayer, theta: Float64Array, samples: number): Float64Array {
  const { outputs, biasAt } = layer
  const rows = new Float64Array(samples * outputs)
  if (biasAt === undefined) return rows
  const bias = theta.subarray(biasAt, biasAt + outputs)
  for (let i = 0; i < samples; i++) rows.set(bias, i * outputs)
  return rows
}

/** The product entry by entry. */
export function entrywise(a: Float64Array, b: Float64Array): Float64Array {
  const product = new Float64Array(a.length)
  for (let k = 0; k < a.length; k++) product[k] = a[k]! * b[k]!
  return product
}

/** Samples from..to of the problem at theta. Approximate. */
export function linearize(
  problem: Problem,
  layers: readonly DenseLayer[],
  theta: Float64Array,
  from: number,
  to: number
): Linearization {
  const { data, loss } = problem
  const samples = to - from
  const factor = problem.reduction === 'mean' ? 1 / data.samples : 1
  const m = data.targetCount
  let input: Float64Array = data.approximateInputs.subarray(from * data.inputCount, to * data.inputCount)
  const forward = layers.map((layer) => {
    const preactivation = preactivations(layer, theta, input, samples)
    const functions = layer.activation && activationFunction(layer.activation)
    const step = { layer, input, preactivation, slope: functions && preactivation.map(functions.derivative) }
    input = functions ? preactivation.map(functions.value) : preactivation
    return step
  })
  const output = outputCurvature(loss, input, data.approximateTargets.subarray(from * m, to * m), m, factor)
  let gradient: Float64Array = output.slopes
  const steps: LayerLinearization[] = []
  for (const step of forward.toReversed()) {
    const { layer, preactivation, slope } = step
    const curvature = layer.activation && secondDerivative(layer.activation)
    const bend = curvature && preactivation.map((t, k) => gradient[k]! * curvature(t))
    const delta = slope ? entrywise(gradient, slope) : gradient
    steps.unshift({ ...step, bend, delta })
    if (steps.length < layers.length) gradient = timesWeights(layer, theta, delta, samples)
  }
  return { samples, layers: steps, output }
}

/** delta W for a batch: from gradients in z_l to gradients in a_(l-1). */
export function timesWeights(layer: DenseLayer, theta: Float64Array, delta: Float64Array, rows: number): Float64Array {
  const { inputs, outputs, weightAt } = layer
  const below = new Float64Array(rows * inputs)
  const weight = rowMajor(theta, inputs, weightAt)
  addProduct(rowMajor(below, inputs), rowMajor(delta, outputs), weight, rows, inputs, outputs)
  return below
}

/** The samples of a problem in consecutive batches. */
export function batches(samples: number, size: number): readonly (readonly [number, number])[] {
  const list: [number, number][] = []
  for (let from = 0; from < samples; from += size) list.push([from, Math.min(samples, from + size)])
  return list
}

/** Loss and gradient, with weight decay. Approximate. */
export function lossAndGradient(
  problem: Problem,
  layers: readonly DenseLayer[],
  theta: Float64Array
): { readonly loss: number; readonly gradient: Float64Array } {
  const decay = decayDiagonal(problem, 'hessian')
  const gradient = theta.map((t, k) => decay[k]! * t)
  let loss = 0
  for (const [k, t] of theta.entries()) loss += (decay[k]! / 2) * t * t
  for (const [from, to] of batches(problem.data.samples, 1024)) {
    const pass = linearize(problem, layers, theta, from, to)
    loss += pass.output.loss
    for (const { layer, input, delta } of pass.layers) addOuterProducts(layer, delta, input, pass.samples, gradient)
  }
  return { loss, gradient }
}

/** Adds delta^T a to the weights' part and the column sums of delta to the biases' part of a parameter vector. */
export function addOuterProducts(
  layer: DenseLayer,
  delta: Float64Array,
  input: Float64Array,
  samples: number,
  to: Float64Array
): void {
  const { inputs, outputs, weightAt } = layer
  const left = transposed(rowMajor(delta, outputs))
  addProduct(rowMajor(to, inputs, weightAt), left, rowMajor(input, inputs), outputs, inputs, samples)
  addColumnSums(layer, delta, to)
}

/** Adds the column sums of delta to the biases' part of a parameter vector. */
export function addColumnSums(layer: DenseLayer, delta: Float64Array, to: Float64Array): void {
  const { outputs, biasAt } = layer
  if (biasAt === undefined) return
  for (let from = 0; from < delta.length; from += outputs)
    for (let k = 0; k < outputs; k++) to[biasAt + k] = to[biasAt + k]! + delta[from + k]!
}
