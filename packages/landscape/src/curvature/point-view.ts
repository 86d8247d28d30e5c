import { integerMatrix, nullSpace, type Rational, rational } from '@nadir/arithmetic'
import type { Activation } from '../network/activation.ts'
import { activationFunction } from '../network/activation-values.ts'
import type { Problem } from '../problem.ts'
import { secondDerivative } from './activation-curvature.ts'
import type { ExactCell } from './exact-cell.ts'
import { flatParameters } from './exact-hessian.ts'
import { type DenseLayer, fanIn, type LayeredNetwork } from './layered.ts'
import { preactivations } from './linearization.ts'
import { numericalNullSpace } from './pivoted-qr.ts'
import { doubles, rationals, type Scalars } from './scalars.ts'

/** A network at a point, on its data: what the search for null directions asks. */
export interface PointView<S> {
  readonly scalars: Scalars<S>
  readonly layers: readonly DenseLayer[]
  readonly parameters: number
  readonly samples: number
  readonly theta: (index: number) => S
  /** a_l of unit j for sample i. */
  readonly value: (l: number, i: number, j: number) => S
  /** sigma'(z) there. */
  readonly slope: (l: number, i: number, j: number) => S
  /** sigma' = sigma'' = 0 there. */
  readonly isOff: (l: number, i: number, j: number) => boolean
  /** A basis of the vectors u with u . a~_(l-1)(x_i) = 0 for the given samples. */
  readonly unseen: (l: number, samples: readonly number[]) => readonly (readonly S[])[]
}

/** The activation of a layer; the identity where there is none. */
export const homogeneousDegree = (a: Activation | undefined): 1 | 2 | undefined =>
  a === undefined || a.kind === 'two-slope' ? 1 : a.name === 'quadratic' ? 2 : undefined

/** In doubles; numbers that agree to `tolerance` count as equal. Approximate. */
export function floatView(
  problem: Problem,
  network: LayeredNetwork,
  theta: Float64Array,
  tolerance: number
): PointView<number> {
  const n = problem.data.samples
  let input: Float64Array = problem.data.approximateInputs
  const steps = network.layers.map((layer) => {
    const z = preactivations(layer, theta, input, n)
    const functions = layer.activation && activationFunction(layer.activation)
    const curvature = layer.activation && secondDerivative(layer.activation)
    const step = {
      layer,
      input,
      value: functions ? z.map(functions.value) : z,
      slope: functions ? z.map(functions.derivative) : undefined,
      bend: curvature ? z.map(curvature) : undefined
    }
    input = step.value
    return step
  })
  return {
    scalars: doubles(tolerance),
    layers: network.layers,
    parameters: network.parameters,
    samples: n,
    theta: (index) => theta[index]!,
    value: (l, i, j) => steps[l]!.value[i * steps[l]!.layer.outputs + j]!,
    slope: (l, i, j) => steps[l]!.slope?.[i * steps[l]!.layer.outputs + j] ?? 1,
    isOff(l, i, j) {
      const { layer, slope, bend } = steps[l]!
      const at = i * layer.outputs + j
      return slope !== undefined && slope[at] === 0 && (bend === undefined || bend[at] === 0)
    },
    unseen(l, samples) {
      const { layer, input } = steps[l]!
      const width = fanIn(layer)
      const rows = new Float64Array(samples.length * width)
      let largest = 0
      for (const [r, i] of samples.entries()) {
        for (let k = 0; k < layer.inputs; k++) {
          const x = input[i * layer.inputs + k]!
          rows[r * width + k] = x
          largest = Math.max(largest, Math.abs(x))
        }
        if (width > layer.inputs) rows[r * width + layer.inputs] = 1
      }
      const limit = 1e-11 * Math.max(largest, width > layer.inputs ? 1 : 0) * Math.sqrt(samples.length || 1)
      return numericalNullSpace(rows, samples.length, width, limit).basis.map((u) => Array.from(u))
    }
  }
}

/** In rationals, for piecewise linear networks. Exact. */
export function exactView(network: LayeredNetwork, cell: ExactCell, samples: number): PointView<Rational> {
  const theta = flatParameters(cell, network.parameters)
  const { layers } = cell
  return {
    scalars: rationals,
    layers: network.layers,
    parameters: network.parameters,
    samples,
    theta: (index) => rational(theta.numerators[index]!, theta.denominator),
    value(l, i, j) {
      const above = layers[l + 1]
      const at = i * layers[l]!.layer.outputs + j
      return above
        ? rational(above.input[at]!, above.inputDenominator)
        : rational(cell.outputs.numerators[at]!, cell.outputs.denominator)
    },
    slope: (l, i, j) => rational(layers[l]!.slopes[i * layers[l]!.layer.outputs + j]!, layers[l]!.slopeDenominator),
    isOff: (l, i, j) => layers[l]!.slopes[i * layers[l]!.layer.outputs + j] === 0n,
    unseen(l, which) {
      const { layer, input, inputDenominator } = layers[l]!
      const width = fanIn(layer)
      if (which.length === 0) return Array.from({ length: width }, (_, k) => unit(width, k))
      const entries = which.flatMap((i) => {
        const row = input.slice(i * layer.inputs, (i + 1) * layer.inputs)
        return width > layer.inputs ? [...row, inputDenominator] : row
      })
      return nullSpace(integerMatrix(which.length, width, entries)).basis.map((u) => u.map((x) => rational(x)))
    }
  }
}

const unit = (width: number, k: number): Rational[] =>
  Array.from({ length: width }, (_, j) => (j === k ? rationals.one : rationals.zero))
