import { lcm, overCommonDenominator, type RationalVector, reduceVector } from '@nadir/arithmetic'
import { parameterShapes } from '../network/network.ts'
import type { ExactPoint } from '../point.ts'
import type { Problem } from '../problem.ts'
import type { Obstacle } from '../traits.ts'
import type { DenseLayer, LayeredNetwork } from './layered.ts'

/** The weights of one layer and its values on the data as integers. Row-major; the samples are the rows of inputs, signs and slopes. */
export interface ExactLayer {
  readonly layer: DenseLayer
  /** W = weight / denominator, b = bias / denominator. */
  readonly denominator: bigint
  readonly weight: readonly bigint[]
  readonly bias: readonly bigint[] | undefined
  /** a_(l-1) = input / inputDenominator. */
  readonly input: readonly bigint[]
  readonly inputDenominator: bigint
  /** Signs of the pre-activations. */
  readonly signs: Int8Array
  /** sigma'(z) = slopes / slopeDenominator, on a kink that of the side z > 0. */
  readonly slopes: readonly bigint[]
  readonly slopeDenominator: bigint
}

/** A sample on the kink of a unit. */
export interface KinkPair {
  readonly layer: number
  readonly unit: number
  readonly sample: number
}

/** Where a point of a piecewise linear dense network of any depth lies, and what it computes there. Exact. */
export interface ExactCell {
  readonly kind: 'cell'
  readonly layers: readonly ExactLayer[]
  /** n x m, row-major. */
  readonly outputs: RationalVector
  readonly kinks: readonly KinkPair[]
}

/** The activation pattern and the values of a piecewise linear network, or which activation stands in the way. Exact. */
export function exactCell(problem: Problem, network: LayeredNetwork, point: ExactPoint): ExactCell | Obstacle {
  const { data } = problem
  const n = data.samples
  const shapes = parameterShapes(problem.network)
  let tensor = 0
  let input: readonly bigint[] = data.inputs.numerators
  let inputDenominator = data.inputs.denominator
  const layers: ExactLayer[] = []
  const kinks: KinkPair[] = []
  for (const [l, layer] of network.layers.entries()) {
    const { activation, inputs, outputs } = layer
    if (activation?.kind === 'smooth')
      return {
        kind: 'obstacle',
        reason: `the activation ${activation.name} has irrational values`,
        tryNext: 'exact curvature covers piecewise linear activations (relu, leaky-relu, abs)'
      }
    const weightTensor = point.tensors[tensor++]!
    const biasTensor = shapes[tensor]?.role === 'bias' ? point.tensors[tensor++]! : undefined
    const denominator = biasTensor ? lcm(weightTensor.denominator, biasTensor.denominator) : weightTensor.denominator
    const weight = weightTensor.numerators.map((w) => w * (denominator / weightTensor.denominator))
    const bias = biasTensor?.numerators.map((b) => b * (denominator / biasTensor.denominator))
    const slopes = activation ? overCommonDenominator([activation.positive, activation.negative]) : identitySlopes
    const [positive, negative] = slopes.numerators as [bigint, bigint]
    const signs = new Int8Array(n * outputs)
    const local: bigint[] = []
    const values: bigint[] = []
    for (let i = 0; i < n; i++)
      for (let j = 0; j < outputs; j++) {
        let z = bias ? bias[j]! * inputDenominator : 0n
        for (let k = 0; k < inputs; k++) {
          const a = input[i * inputs + k]!
          if (a !== 0n) z += weight[j * inputs + k]! * a
        }
        signs[i * outputs + j] = z > 0n ? 1 : z < 0n ? -1 : 0
        if (z === 0n && positive !== negative) kinks.push({ layer: l, unit: j, sample: i })
        const slope = z < 0n ? negative : positive
        local.push(slope)
        values.push(z * slope)
      }
    const slopeDenominator = slopes.denominator
    layers.push({
      layer,
      denominator,
      weight,
      bias,
      input,
      inputDenominator,
      signs,
      slopes: local,
      slopeDenominator
    })
    input = values
    inputDenominator *= denominator * slopeDenominator
  }
  return { kind: 'cell', layers, outputs: { denominator: inputDenominator, numerators: input }, kinks }
}

const identitySlopes: RationalVector = { denominator: 1n, numerators: [1n, 1n] }

/**
 * F times the gradients of the losses in the outputs, n x m, and whether the loss has second derivative F there (squared) or none; undefined
 * where the loss leaves the rationals, or where an absolute or hinge loss is on its own kink. Exact.
 */
export function exactSlopes(
  problem: Problem,
  cell: ExactCell
): { readonly slopes: RationalVector; readonly curved: boolean } | undefined {
  const { data, loss } = problem
  const { outputs } = cell
  const y = data.targets
  const factor = problem.reduction === 'mean' ? BigInt(data.samples) : 1n
  if (loss === 'squared' || loss === 'absolute') {
    const common = lcm(outputs.denominator, y.denominator)
    const residuals = outputs.numerators.map(
      (f, k) => f * (common / outputs.denominator) - y.numerators[k]! * (common / y.denominator)
    )
    if (loss === 'squared') return { slopes: { denominator: common * factor, numerators: residuals }, curved: true }
    if (residuals.includes(0n)) return undefined
    return { slopes: { denominator: factor, numerators: residuals.map((r) => (r > 0n ? 1n : -1n)) }, curved: false }
  }
  if (loss !== 'hinge') return undefined
  const one = outputs.denominator * y.denominator
  const margins = outputs.numerators.map((f, k) => one - y.numerators[k]! * f)
  if (margins.some((margin, k) => margin === 0n && y.numerators[k] !== 0n)) return undefined
  const numerators = margins.map((margin, k) => (margin > 0n ? -y.numerators[k]! : 0n))
  return { slopes: reduceVector({ denominator: y.denominator * factor, numerators }), curved: false }
}
