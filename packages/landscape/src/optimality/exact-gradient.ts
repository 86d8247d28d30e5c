import type { RationalVector } from '@nadir/arithmetic'
import type { ExactEvaluation } from '../cells/exact-evaluation.ts'
import { type ExactRows, integerSlopes, parametersByLayer } from '../network/evaluate-exact.ts'

/**
 * The gradient of the loss, tensor by tensor, without the factor of the reduction; undefined where the loss is not differentiable because a
 * pre-activation or a tie sits on a kink. Networks of dense layers and two-slope activations, any depth. Exact.
 */
export function exactGradient(evaluation: ExactEvaluation): readonly RationalVector[] | undefined {
  const { problem, point, values, residuals, ties } = evaluation
  if (ties.length > 0) return undefined
  const { layers } = problem.network
  const parameters = parametersByLayer(problem.network, point)
  const gradient: RationalVector[] = []
  let deltas: ExactRows = residuals
  for (let l = layers.length - 1; l >= 0; l--) {
    const layer = layers[l]!
    const inputs = values[l]!
    if (layer.kind === 'dense') {
      const [weight, bias] = parameters[l]!
      if (bias) gradient.unshift({ denominator: deltas.denominator, numerators: columnSums(deltas) })
      gradient.unshift(outerProducts(deltas, inputs))
      if (l > 0) deltas = timesWeight(deltas, weight!, layer.outputs)
      continue
    }
    const slopes = layer.kind === 'activation' ? integerSlopes(layer.activation) : undefined
    if (!slopes) throw new RangeError(`exactGradient: layer ${l} is not piecewise linear`)
    if (inputs.rows.some((row) => row.includes(0n))) return undefined
    deltas = {
      rows: deltas.rows.map((row, i) =>
        row.map((d, u) => d * (inputs.rows[i]![u]! > 0n ? slopes.positive : slopes.negative))
      ),
      denominator: deltas.denominator * slopes.denominator
    }
  }
  return gradient
}

function columnSums({ rows }: ExactRows): bigint[] {
  const sums = rows[0]!.map(() => 0n)
  for (const row of rows) for (const [k, d] of row.entries()) sums[k]! += d
  return sums
}

/** sum_i delta_i a_i^T, row-major. */
function outerProducts(deltas: ExactRows, inputs: ExactRows): RationalVector {
  const width = inputs.rows[0]!.length
  const sums = new Array<bigint>(deltas.rows[0]!.length * width).fill(0n)
  for (const [i, row] of deltas.rows.entries())
    for (const [u, d] of row.entries()) {
      if (d === 0n) continue
      for (const [e, a] of inputs.rows[i]!.entries()) if (a !== 0n) sums[u * width + e]! += d * a
    }
  return { denominator: deltas.denominator * inputs.denominator, numerators: sums }
}

function timesWeight(deltas: ExactRows, weight: RationalVector, outputs: number): ExactRows {
  const width = weight.numerators.length / outputs
  return {
    rows: deltas.rows.map((row) => {
      const sums = new Array<bigint>(width).fill(0n)
      for (const [u, d] of row.entries()) {
        if (d === 0n) continue
        for (let e = 0; e < width; e++) {
          const w = weight.numerators[u * width + e]!
          if (w !== 0n) sums[e]! += d * w
        }
      }
      return sums
    }),
    denominator: deltas.denominator * weight.denominator
  }
}

/** Whether every entry is zero. */
export const isZero = (vectors: readonly RationalVector[]): boolean =>
  vectors.every(({ numerators }) => numerators.every((a) => a === 0n))

/** The direction of steps of size one against the signs of a gradient: short numbers, and a negative slope when the gradient is not zero. */
export const againstSigns = (gradient: readonly RationalVector[]): readonly RationalVector[] =>
  gradient.map(({ numerators }) => ({
    denominator: 1n,
    numerators: numerators.map((a) => (a > 0n ? -1n : a < 0n ? 1n : 0n))
  }))
