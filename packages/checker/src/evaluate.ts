import { type Budget, hold, spend } from './budget.ts'
import { bitLength, commonMultiple, dot, greatestBitLength, magnitude } from './integers.ts'
import type { Point, Vector } from './point.ts'
import type { Dense, Loss, Problem, TwoSlope } from './problem.ts'
import type { Rational } from './rational.ts'
import type { Samples, Scaled } from './samples.ts'

/** What a forward pass over all samples gives. Exact. */
export type Evaluation = {
  /** The arguments of every two-slope layer, one row for each sample. */
  readonly preactivations: readonly Scaled[]
  readonly outputs: Scaled
  readonly loss: Rational
}

/** Several vectors over one denominator. */
export const overOneDenominator = (
  vectors: readonly Vector[]
): { readonly denominator: bigint; readonly numerators: readonly (readonly bigint[])[] } => {
  const denominator = vectors.reduce((multiple, vector) => commonMultiple(multiple, vector.denominator), 1n)
  const numerators = vectors.map((vector) => {
    const factor = denominator / vector.denominator
    return factor === 1n ? vector.numerators : vector.numerators.map((numerator) => numerator * factor)
  })
  return { denominator, numerators }
}

/** The rows of a weight, each followed by its entry of the bias where there is one. */
export const parameterRows = (
  outputs: number,
  weight: readonly bigint[],
  bias: readonly bigint[] | undefined
): readonly (readonly bigint[])[] => {
  const width = weight.length / outputs
  return Array.from({ length: outputs }, (_, output) => {
    const row = weight.slice(output * width, (output + 1) * width)
    if (bias !== undefined) row.push(bias[output])
    return row
  })
}

/** The two slopes as integers over one positive denominator. */
export const integerSlopes = (layer: TwoSlope): { positive: bigint; negative: bigint; denominator: bigint } => {
  const { positive, negative } = layer
  const denominator = commonMultiple(positive.denominator, negative.denominator)
  return {
    positive: positive.numerator * (denominator / positive.denominator),
    negative: negative.numerator * (denominator / negative.denominator),
    denominator
  }
}

/** The parameters of a dense layer as rows over one denominator, the bias as a last column. */
export const denseParameters = (layer: Dense, tensors: readonly Vector[]): Scaled => {
  const { denominator, numerators } = overOneDenominator(tensors)
  return { rows: parameterRows(layer.outputs, numerators[0], numerators[1]), denominator }
}

/** The rows with the constant 1 as a last column, so that a bias is one more weight. */
export const withConstant = (values: Scaled): Scaled => ({
  rows: values.rows.map((row) => [...row, values.denominator]),
  denominator: values.denominator
})

const applyDense = (layer: Dense, tensors: readonly Vector[], values: Scaled, budget: Budget): Scaled => {
  const parameters = denseParameters(layer, tensors)
  const inputs = layer.bias ? withConstant(values) : values
  const parameterBits = greatestBitLength(parameters.rows)
  const inputBits = greatestBitLength(inputs.rows)
  spend(budget, [inputs.rows.length, layer.outputs, inputs.rows[0].length], parameterBits, inputBits)
  hold(budget, [inputs.rows.length, layer.outputs], parameterBits + inputBits + 32)
  return {
    rows: inputs.rows.map((row) => parameters.rows.map((weights) => dot(weights, row))),
    denominator: parameters.denominator * values.denominator
  }
}

const applyTwoSlope = (layer: TwoSlope, values: Scaled, budget: Budget): Scaled => {
  const { positive, negative, denominator } = integerSlopes(layer)
  const bits = greatestBitLength(values.rows)
  const slopeBits = greatestBitLength([[positive, negative, denominator]])
  spend(budget, [values.rows.length, values.rows[0].length], bits, slopeBits)
  hold(budget, [values.rows.length, values.rows[0].length], bits + slopeBits)
  return {
    rows: values.rows.map((row) => row.map((z) => (z > 0n ? positive * z : negative * z))),
    denominator: values.denominator * denominator
  }
}

/** N(x_i) - y_i, one row for each sample. */
export const errorsOf = (outputs: Scaled, targets: Scaled): Scaled => ({
  rows: outputs.rows.map((row, sample) =>
    row.map((value, output) => value * targets.denominator - targets.rows[sample][output] * outputs.denominator)
  ),
  denominator: outputs.denominator * targets.denominator
})

/** 1 - y_i N(x_i), one row for each sample. */
export const marginsOf = (outputs: Scaled, targets: Scaled): Scaled => {
  const denominator = outputs.denominator * targets.denominator
  return {
    rows: outputs.rows.map((row, sample) =>
      row.map((value, output) => denominator - value * targets.rows[sample][output])
    ),
    denominator
  }
}

const totalOf = (rows: Scaled['rows'], term: (entry: bigint) => bigint): bigint => {
  let total = 0n
  for (const row of rows) {
    for (const entry of row) total += term(entry)
  }
  return total
}

const lossOf = (loss: Loss, outputs: Scaled, targets: Scaled, budget: Budget): Rational => {
  const samples = outputs.rows.length
  const bits = greatestBitLength(outputs.rows) + greatestBitLength(targets.rows)
  const fullBits = bits + bitLength(outputs.denominator) + bitLength(targets.denominator)
  spend(budget, [samples, outputs.rows[0].length], fullBits, fullBits)
  hold(budget, [samples, outputs.rows[0].length], fullBits)
  const shares = loss.reduction === 'mean' ? BigInt(samples) : 1n
  const { rows, denominator } = loss.kind === 'hinge' ? marginsOf(outputs, targets) : errorsOf(outputs, targets)
  switch (loss.kind) {
    case 'squared':
      return { numerator: totalOf(rows, (e) => e * e), denominator: 2n * denominator * denominator * shares }
    case 'absolute':
      return { numerator: totalOf(rows, magnitude), denominator: denominator * shares }
    case 'hinge':
      return { numerator: totalOf(rows, (margin) => (margin > 0n ? margin : 0n)), denominator: denominator * shares }
  }
}

/** The forward pass of the network at a point of its shape, and its loss. */
export const evaluate = (problem: Problem, samples: Samples, point: Point, budget: Budget): Evaluation => {
  const preactivations: Scaled[] = []
  let values = samples.inputs
  let tensor = 0
  for (const layer of problem.network.layers) {
    if (layer.kind === 'dense') {
      const tensors = point.slice(tensor, tensor + (layer.bias ? 2 : 1))
      tensor += tensors.length
      values = applyDense(layer, tensors, values, budget)
    } else {
      preactivations.push(values)
      values = applyTwoSlope(layer, values, budget)
    }
  }
  return { preactivations, outputs: values, loss: lossOf(problem.loss, values, samples.targets, budget) }
}
