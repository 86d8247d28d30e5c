import { toNumber } from '@nadir/arithmetic'
import { type DenseLayer, fanIn, incomingIndices } from '../curvature/layered.ts'
import { decayMask } from '../loss/approximate-loss.ts'
import type { Problem } from '../problem.ts'
import type { ConstraintRow, QuadraticProgram } from './quadratic-program.ts'

/** The side of every pre-activation, layer by layer: sides[l][i * outputs + u] = 1 when unit u of layer l counts as positive on sample i. */
export type Sides = readonly Uint8Array[]

/** The wall of a piece at which unit u of layer l is 0 on sample i. */
export interface Wall {
  readonly layer: number
  readonly sample: number
  readonly unit: number
}

/** The convex problem of one layer within a closed piece, in the change q of the layer's parameters. */
export interface LayerProgram extends QuadraticProgram {
  /** Where the variables stand in the parameter vector, unit by unit. */
  readonly indices: Int32Array
  /** The wall of every row. */
  readonly walls: readonly Wall[]
}

/** Inputs and pre-activations of every layer with given sides. Approximate. */
export function forwardInPiece(problem: Problem, layers: readonly DenseLayer[], theta: Float64Array, sides: Sides) {
  const n = problem.data.samples
  let input: Float64Array = problem.data.approximateInputs
  return layers.map((layer, l) => {
    const { inputs, outputs, weightAt, biasAt } = layer
    const z = new Float64Array(n * outputs)
    for (let i = 0; i < n; i++)
      for (let u = 0; u < outputs; u++) {
        let sum = biasAt === undefined ? 0 : theta[biasAt + u]!
        for (let k = 0; k < inputs; k++) sum += theta[weightAt + u * inputs + k]! * input[i * inputs + k]!
        z[i * outputs + u] = sum
      }
    const before = input
    const slopes = slopesOf(layer)
    input = slopes ? z.map((t, at) => (sides[l]![at] ? slopes.positive : slopes.negative) * t) : z
    return { layer, input: before, z }
  })
}

/** The signs of the pre-activations at a point as sides, zero counting as negative. */
export function sidesAt(problem: Problem, layers: readonly DenseLayer[], theta: Float64Array): Uint8Array[] {
  const sides = layers.map((layer) => new Uint8Array(layer.activation ? problem.data.samples * layer.outputs : 0))
  for (const l of layers.keys()) {
    const { z } = forwardInPiece(problem, layers.slice(0, l + 1), theta, sides)[l]!
    for (const at of sides[l]!.keys()) sides[l]![at] = z[at]! > 0 ? 1 : 0
  }
  return sides
}

/**
 * min over the parameters of layer l of the squared loss with weight decay, all other layers fixed, all pre-activations of layers >= l on their sides. All of them and the outputs are affine in the
 * layer's parameters there, so the problem is a convex quadratic program. Approximate. Reference: Rister and Rubin 2017.
 */
export function layerProgram(
  problem: Problem,
  layers: readonly DenseLayer[],
  theta: Float64Array,
  sides: Sides,
  l: number
): LayerProgram {
  const { samples: n, targetCount: m, approximateTargets: Y } = problem.data
  const factor = problem.reduction === 'mean' ? 1 / n : 1
  const passes = forwardInPiece(problem, layers, theta, sides)
  const { layer, input } = passes[l]!
  const width = fanIn(layer)
  const units = layer.outputs
  const size = units * width
  const hessian = new Float64Array(size * size)
  const gradient = new Float64Array(size)
  const rows: ConstraintRow[] = []
  const slack: number[] = []
  const walls: Wall[] = []
  const extended = new Float64Array(width).fill(1)
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < layer.inputs; k++) extended[k] = input[i * layer.inputs + k]!
    /** Derivatives of z_k by z_l: outputs of layer k x units; undefined for the identity. */
    let J: Float64Array | undefined
    for (let k = l; k < layers.length; k++) {
      const { layer: above, z } = passes[k]!
      if (k > l) J = through(layers[k]!, theta, slopeRow(layers[k - 1]!, sides[k - 1]!, i), J, units)
      if (k === layers.length - 1) {
        addSample(J, m, units, extended, factor, hessian)
        for (let o = 0; o < m; o++) {
          const r = factor * (z[i * m + o]! - Y[i * m + o]!)
          for (let u = 0; u < units; u++) {
            const c = r * (J ? J[o * units + u]! : u === o ? 1 : 0)
            if (c !== 0)
              for (let a = 0; a < width; a++) gradient[u * width + a] = gradient[u * width + a]! + c * extended[a]!
          }
        }
      } else if (above.activation)
        for (let v = 0; v < above.outputs; v++) {
          const at = i * above.outputs + v
          const sign = sides[k]![at] ? 1 : -1
          rows.push(constraintRow(J, v, units, extended, sign))
          slack.push(Math.max(0, sign * z[at]!))
          walls.push({ layer: k, sample: i, unit: v })
        }
    }
  }
  const indices = Int32Array.from(Array.from({ length: units }, (_, u) => incomingIndices(layer, u)).flat())
  const decay = toNumber(problem.weightDecay)
  if (decay !== 0) {
    const decaying = decayMask(problem)
    for (const [k, at] of indices.entries()) {
      if (!decaying[at]) continue
      hessian[k * (size + 1)] = hessian[k * (size + 1)]! + decay
      gradient[k] = gradient[k]! + decay * theta[at]!
    }
  }
  return { hessian, gradient, rows, slack: Float64Array.from(slack), indices, walls }
}

/** The slopes of a layer's activation; undefined for the identity. */
function slopesOf(layer: DenseLayer): { readonly positive: number; readonly negative: number } | undefined {
  const activation = layer.activation
  if (activation === undefined) return undefined
  if (activation.kind !== 'two-slope') throw new RangeError('layerProgram: the activation is not piecewise linear')
  return { positive: toNumber(activation.positive), negative: toNumber(activation.negative) }
}

function slopeRow(layer: DenseLayer, sides: Uint8Array, i: number): Float64Array {
  const slopes = slopesOf(layer)
  return Float64Array.from({ length: layer.outputs }, (_, u) =>
    slopes ? (sides[i * layer.outputs + u] ? slopes.positive : slopes.negative) : 1
  )
}

/** W D J for one sample; J undefined is the identity. */
function through(
  layer: DenseLayer,
  theta: Float64Array,
  slopes: Float64Array,
  J: Float64Array | undefined,
  units: number
): Float64Array {
  const product = new Float64Array(layer.outputs * units)
  for (let o = 0; o < layer.outputs; o++)
    for (let k = 0; k < layer.inputs; k++) {
      const w = theta[layer.weightAt + o * layer.inputs + k]! * slopes[k]!
      if (w === 0) continue
      if (J === undefined) product[o * units + k] = w
      else for (let u = 0; u < units; u++) product[o * units + u] = product[o * units + u]! + w * J[k * units + u]!
    }
  return product
}

function constraintRow(
  J: Float64Array | undefined,
  v: number,
  units: number,
  extended: Float64Array,
  sign: number
): ConstraintRow {
  const width = extended.length
  if (J === undefined) return { from: v * width, values: extended.map((x) => sign * x) }
  const values = new Float64Array(units * width)
  for (let u = 0; u < units; u++)
    for (let a = 0; a < width; a++) values[u * width + a] = sign * J[v * units + u]! * extended[a]!
  return { from: 0, values }
}

/** hessian += factor (J^T J) x (a a^T). */
function addSample(
  J: Float64Array | undefined,
  m: number,
  units: number,
  extended: Float64Array,
  factor: number,
  hessian: Float64Array
): void {
  const width = extended.length
  const size = units * width
  for (let u = 0; u < units; u++)
    for (let v = 0; v < units; v++) {
      let b = 0
      if (J === undefined) b = u === v ? 1 : 0
      else for (let o = 0; o < m; o++) b += J[o * units + u]! * J[o * units + v]!
      if (b === 0) continue
      for (let a = 0; a < width; a++) {
        const f = factor * b * extended[a]!
        const at = (u * width + a) * size + v * width
        for (let c = 0; c < width; c++) hessian[at + c] = hessian[at + c]! + f * extended[c]!
      }
    }
}
