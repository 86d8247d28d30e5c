import { type Budget, hold, spend } from './budget.ts'
import { dot, greatestBitLength } from './integers.ts'
import { denseParameters, integerSlopes, withConstant } from './parameters.ts'
import type { Point, Vector } from './point.ts'
import type { Dense, Network, TwoSlope } from './problem.ts'
import type { Scaled } from './samples.ts'

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

/** The outputs of a network of any depth, one row for each row of inputs, layer by layer. Exact. */
export const forward = (network: Network, point: Point, inputs: Scaled, budget: Budget): Scaled => {
  let values = inputs
  let tensor = 0
  for (const layer of network.layers) {
    if (layer.kind === 'dense') {
      const end = tensor + (layer.bias ? 2 : 1)
      values = applyDense(layer, point.slice(tensor, end), values, budget)
      tensor = end
    } else {
      values = applyTwoSlope(layer, values, budget)
    }
  }
  return values
}
