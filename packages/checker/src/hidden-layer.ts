import { type Budget, hold, spend } from './budget.ts'
import { bitLength, commonMultiple, dot, greatestBitLength } from './integers.ts'
import { denseParameters, type IntegerSlopes, integerSlopes, withConstant } from './parameters.ts'
import type { Point, Vector } from './point.ts'
import type { OneHiddenLayer } from './problem.ts'
import type { Scaled } from './samples.ts'
import { productSigns, type Sign } from './signs.ts'

/**
 * A network with one hidden layer at a point, in integers: w_j is weights.rows[j] / weights.denominator (the bias as
 * last entry), x~_i is vectors.rows[i] / vectors.denominator, signs[j][i] the sign of z_ij = w_j . x~_i.
 */
export type HiddenLayer = {
  readonly weights: Scaled
  readonly vectors: Scaled
  readonly signs: readonly (readonly Sign[])[]
  readonly slopes: IntegerSlopes
  /** v_j of output o is outer.numerators[o * units + j] / outer.denominator. */
  readonly outer: Vector
}

/** The hidden layer with the signs of all its pre-activations. Exact. */
export const hiddenLayerAt = (layers: OneHiddenLayer, point: Point, inputs: Scaled, budget: Budget): HiddenLayer => {
  const tensors = layers.hidden.bias ? 2 : 1
  const weights = denseParameters(layers.hidden, point.slice(0, tensors))
  const vectors = layers.hidden.bias ? withConstant(inputs) : inputs
  return {
    weights,
    vectors,
    signs: productSigns(weights.rows, vectors.rows, budget),
    slopes: integerSlopes(layers.activation),
    outer: point[tensors]
  }
}

/** Adds the vector of every unit whose sign is the given one. */
const addUnits = (
  sum: bigint[],
  vectors: Scaled['rows'],
  signs: HiddenLayer['signs'],
  sample: number,
  sign: Sign
): void => {
  for (const [unit, vector] of vectors.entries()) {
    if (signs[unit][sample] !== sign) continue
    for (let entry = 0; entry < sum.length; entry += 1) sum[entry] += vector[entry]
  }
}

/** sum_j v_j s_ij (w_j . x~_i) for one output, v_j as integers: the outputs times all denominators. */
const outputColumn = (layer: HiddenLayer, outer: readonly bigint[]): readonly bigint[] => {
  const { weights, vectors, signs, slopes } = layer
  const scaledBy = (slope: bigint): Scaled['rows'] =>
    slope === 0n ? [] : weights.rows.map((row, unit) => row.map((entry) => entry * (outer[unit] * slope)))
  const ahead = scaledBy(slopes.positive)
  const behind = scaledBy(slopes.negative)
  return vectors.rows.map((vector, sample) => {
    const sum = vector.map(() => 0n)
    addUnits(sum, ahead, signs, sample, 1)
    addUnits(sum, behind, signs, sample, -1)
    return dot(sum, vector)
  })
}

/**
 * The outputs N(x_i) = c + (sum_j v_j s_ij w_j) . x~_i, one row for each sample: sums of weights and one scalar product
 * for each sample, in place of products with the long numbers z_ij. Exact.
 */
export const hiddenLayerOutputs = (
  layer: HiddenLayer,
  outputs: number,
  constant: Vector | undefined,
  budget: Budget
): Scaled => {
  const { weights, vectors, slopes, outer } = layer
  const units = weights.rows.length
  const width = vectors.rows[0].length
  const outerBits = greatestBitLength([outer.numerators, [slopes.positive, slopes.negative]]) * 2
  const productBits = greatestBitLength(weights.rows) + outerBits
  const vectorBits = greatestBitLength(vectors.rows)
  const denominator = outer.denominator * slopes.denominator * weights.denominator * vectors.denominator
  const common = constant === undefined ? denominator : commonMultiple(denominator, constant.denominator)
  const outputBits = productBits + vectorBits + 32
  spend(budget, [2, outputs, units, width], productBits, outerBits)
  spend(budget, [outputs, vectors.rows.length, units, width], productBits, 1)
  spend(budget, [outputs, vectors.rows.length, width], productBits, vectorBits)
  spend(budget, [2, outputs, vectors.rows.length], outputBits, bitLength(common))
  hold(budget, [2, outputs, units, width], productBits)
  hold(budget, [2, outputs, vectors.rows.length], outputBits + bitLength(common))
  const factor = common / denominator
  const columns = Array.from({ length: outputs }, (_, output) => {
    const column = outputColumn(layer, outer.numerators.slice(output * units, (output + 1) * units))
    if (constant === undefined) return column
    const shift = constant.numerators[output] * (common / constant.denominator)
    return column.map((value) => value * factor + shift)
  })
  return { rows: vectors.rows.map((_, sample) => columns.map((column) => column[sample])), denominator: common }
}
