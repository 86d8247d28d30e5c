import { lcm, overCommonDenominator, type RationalVector } from '@nadir/arithmetic'
import type { ExactPoint } from '../point.ts'
import type { Activation } from './activation.ts'
import type { Network } from './network.ts'

/** A matrix over one positive denominator: entry k of row i is rows[i][k] / denominator. Exact. */
export interface ExactRows {
  readonly rows: readonly (readonly bigint[])[]
  readonly denominator: bigint
}

/** The rows of a row-major matrix with this many columns. */
export function exactRows(matrix: RationalVector, columns: number): ExactRows {
  const rows: bigint[][] = []
  for (let at = 0; at < matrix.numerators.length; at += columns) rows.push(matrix.numerators.slice(at, at + columns))
  return { rows, denominator: matrix.denominator }
}

/** The two slopes of an activation as integers over one positive denominator; undefined for a smooth one. */
export function integerSlopes(activation: Activation) {
  if (activation.kind !== 'two-slope') return undefined
  const { denominator, numerators } = overCommonDenominator([activation.positive, activation.negative])
  return { positive: numerators[0]!, negative: numerators[1]!, denominator }
}

/** The parameters of every layer of a network, layer by layer; layers without parameters have none. */
export function parametersByLayer(network: Network, point: ExactPoint): readonly (readonly RationalVector[])[] {
  let next = 0
  return network.layers.map((layer) => {
    if (layer.kind !== 'dense' && layer.kind !== 'conv') return []
    const count = layer.bias ? 2 : 1
    next += count
    return point.tensors.slice(next - count, next)
  })
}

/** Whether every layer is one that `evaluateThrough` knows: dense layers and two-slope activations, any depth. */
export const isExactlyEvaluable = (network: Network): boolean =>
  network.layers.every(
    (layer) => layer.kind === 'dense' || (layer.kind === 'activation' && layer.activation.kind === 'two-slope')
  )

/**
 * What every layer is applied to, layer by layer, and then the outputs; one row for each row of inputs. Exact.
 * @throws RangeError for a layer without exact arithmetic
 */
export function evaluateThrough(network: Network, point: ExactPoint, inputs: ExactRows): readonly ExactRows[] {
  const parameters = parametersByLayer(network, point)
  const values = [inputs]
  for (const [l, layer] of network.layers.entries()) {
    const before = values[l]!
    if (layer.kind === 'dense') {
      values.push(throughDense(before, layer.outputs, parameters[l]!))
      continue
    }
    const slopes = layer.kind === 'activation' ? integerSlopes(layer.activation) : undefined
    if (!slopes) throw new RangeError(`evaluateThrough: layer ${l} (${layer.kind}) has no exact arithmetic`)
    const { positive, negative, denominator } = slopes
    values.push({
      rows: before.rows.map((row) => row.map((z) => (z > 0n ? positive * z : negative * z))),
      denominator: before.denominator * denominator
    })
  }
  return values
}

function throughDense(before: ExactRows, outputs: number, [weight, bias]: readonly RationalVector[]): ExactRows {
  const width = weight!.numerators.length / outputs
  const common = bias ? lcm(weight!.denominator, bias.denominator) : weight!.denominator
  const scale = common / weight!.denominator
  // Rows of the weight as lists of its non-zero entries: constructed networks are sparse.
  const units = Array.from({ length: outputs }, (_, k) => {
    const entries: { readonly e: number; readonly w: bigint }[] = []
    for (let e = 0; e < width; e++) {
      const w = weight!.numerators[k * width + e]!
      if (w !== 0n) entries.push({ e, w: w * scale })
    }
    return { entries, shift: bias ? bias.numerators[k]! * (common / bias.denominator) * before.denominator : 0n }
  })
  const rows = before.rows.map((row) =>
    units.map(({ entries, shift }) => {
      let sum = shift
      for (const { e, w } of entries) if (row[e] !== 0n) sum += w * row[e]!
      return sum
    })
  )
  return { rows, denominator: common * before.denominator }
}
