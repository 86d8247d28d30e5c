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

/** What every layer of a network is applied to, layer by layer, one row for each row of inputs; then the outputs. Exact. */
export const forwardThrough = (network: Network, point: Point, inputs: Scaled, budget: Budget): readonly Scaled[] => {
  const values = [inputs]
  let tensor = 0
  for (const [index, layer] of network.layers.entries()) {
    if (layer.kind === 'dense') {
      const end = tensor + (layer.bias ? 2 : 1)
      values.push(applyDense(layer, point.slice(tensor, end), values[index], budget))
      tensor = end
    } else {
      values.push(applyTwoSlope(layer, values[index], budget))
    }
  }
  return values
}

/** The outputs of a network of any depth, one row for each row of inputs. Exact. */
export const forward = (network: Network, point: Point, inputs: Scaled, budget: Budget): Scaled =>
  forwardThrough(network, point, inputs, budget)[network.layers.length]
