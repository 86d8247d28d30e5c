import { type Budget, hold, spend } from './budget.ts'
import { dot, greatestBitLength, greatestOf } from './integers.ts'
import { reject } from './outcome.ts'
import { denseParameters, integerSlopes, withConstant } from './parameters.ts'
import type { Point, Vector } from './point.ts'
import { type AveragePool, type Conv, type Dense, hasParameters, type Network, type TwoSlope } from './problem.ts'
import type { Scaled } from './samples.ts'
import { byChannel, patchesOf, positionsOf, type Shape, shapesThrough, type Windows, windowsOf } from './window.ts'

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

/** A convolution is a dense layer at every position. */
const applyConv = (
  layer: Conv,
  tensors: readonly Vector[],
  values: Scaled,
  windows: Windows,
  shape: Shape,
  budget: Budget
): Scaled => {
  const parameters = denseParameters(layer, tensors)
  const parameterBits = greatestBitLength(parameters.rows)
  const inputBits = greatestBitLength(values.rows)
  const counts = [values.rows.length, windows.length, layer.outputs]
  spend(budget, [...counts, parameters.rows[0].length], parameterBits, inputBits)
  hold(budget, counts, parameterBits + inputBits + 32)
  hold(budget, [windows.length, shape.channels, windows[0].length], 1)
  const constant = layer.bias ? [values.denominator] : []
  return {
    rows: values.rows.map((row) =>
      byChannel(
        patchesOf(row, windows, shape, 0n).map((patch) => {
          const inputs = [...patch, ...constant]
          return parameters.rows.map((weights) => dot(weights, inputs))
        })
      )
    ),
    denominator: parameters.denominator * values.denominator
  }
}

const applyAveragePool = (
  layer: AveragePool,
  values: Scaled,
  windows: Windows,
  shape: Shape,
  budget: Budget
): Scaled => {
  const positions = positionsOf(shape)
  const bits = greatestBitLength(values.rows) + 32
  spend(budget, [values.rows.length, shape.channels, windows.length, windows[0].length], bits, 1)
  hold(budget, [values.rows.length, shape.channels, windows.length], bits)
  return {
    rows: values.rows.map((row) =>
      Array.from({ length: shape.channels }, (_, channel) =>
        windows.map((window) => window.reduce((sum, position) => sum + row[channel * positions + position], 0n))
      ).flat()
    ),
    denominator: values.denominator * BigInt(layer.size[0]) * BigInt(layer.size[1])
  }
}

const applyMaxPool = (values: Scaled, windows: Windows, shape: Shape, budget: Budget): Scaled => {
  const positions = positionsOf(shape)
  const bits = greatestBitLength(values.rows)
  spend(budget, [values.rows.length, shape.channels, windows.length, windows[0].length], bits, 1)
  hold(budget, [values.rows.length, shape.channels, windows.length], bits)
  return {
    rows: values.rows.map((row) =>
      Array.from({ length: shape.channels }, (_, channel) =>
        windows.map((window) => greatestOf(window.map((position) => row[channel * positions + position])))
      ).flat()
    ),
    denominator: values.denominator
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

const applyQuadratic = (values: Scaled, budget: Budget): Scaled => {
  const bits = greatestBitLength(values.rows)
  spend(budget, [values.rows.length, values.rows[0].length], bits, bits)
  hold(budget, [values.rows.length, values.rows[0].length], 2 * bits)
  return { rows: values.rows.map((row) => row.map((z) => z * z)), denominator: values.denominator * values.denominator }
}

/** What every layer of a network is applied to, layer by layer, one row for each row of inputs; then the outputs. Exact. */
export const forwardThrough = (network: Network, point: Point, inputs: Scaled, budget: Budget): readonly Scaled[] => {
  const shapes = shapesThrough(network)
  const values = [inputs]
  let tensor = 0
  for (const [index, layer] of network.layers.entries()) {
    const before = values[index]
    const shape = shapes[index]
    const end = tensor + (hasParameters(layer) ? (layer.bias ? 2 : 1) : 0)
    const tensors = point.slice(tensor, end)
    tensor = end
    if (layer.kind === 'dense') values.push(applyDense(layer, tensors, before, budget))
    else if (layer.kind === 'two-slope') values.push(applyTwoSlope(layer, before, budget))
    else if (layer.kind === 'flatten') values.push(before)
    else if (layer.kind === 'smooth') reject('network', 'a smooth layer has irrational values')
    else if (layer.kind === 'quadratic') values.push(applyQuadratic(before, budget))
    else {
      const windows = windowsOf(layer, shape, shapes[index + 1], budget)
      if (layer.kind === 'conv') values.push(applyConv(layer, tensors, before, windows, shape, budget))
      else if (layer.kind === 'max-pool') values.push(applyMaxPool(before, windows, shape, budget))
      else values.push(applyAveragePool(layer, before, windows, shape, budget))
    }
  }
  return values
}

/** The outputs of a network of any depth, one row for each row of inputs. Exact. */
export const forward = (network: Network, point: Point, inputs: Scaled, budget: Budget): Scaled =>
  forwardThrough(network, point, inputs, budget)[network.layers.length]
