import { commonMultiple } from './integers.ts'
import type { Vector } from './point.ts'
import type { Conv, Dense, TwoSlope } from './problem.ts'
import type { Scaled } from './samples.ts'

/** Several vectors over one positive denominator. */
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

/** The parameters of a layer as rows over one denominator, the bias as a last column. */
export const denseParameters = (layer: Dense | Conv, tensors: readonly Vector[]): Scaled => {
  const { denominator, numerators } = overOneDenominator(tensors)
  return { rows: parameterRows(layer.outputs, numerators[0], numerators[1]), denominator }
}

/** The rows with the constant 1 as a last column, so that a bias is one more weight. */
export const withConstant = (values: Scaled): Scaled => ({
  rows: values.rows.map((row) => [...row, values.denominator]),
  denominator: values.denominator
})

export type IntegerSlopes = { readonly positive: bigint; readonly negative: bigint; readonly denominator: bigint }

/** The two slopes as integers over one positive denominator. */
export const integerSlopes = (layer: TwoSlope): IntegerSlopes => {
  const { positive, negative } = layer
  const denominator = commonMultiple(positive.denominator, negative.denominator)
  return {
    positive: positive.numerator * (denominator / positive.denominator),
    negative: negative.numerator * (denominator / negative.denominator),
    denominator
  }
}
