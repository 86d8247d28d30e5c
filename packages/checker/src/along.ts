import { type Budget, hold, spend } from './budget.ts'
import type { Curve } from './deep-evidence.ts'
import { bitLength, greatestBitLength, signOf } from './integers.ts'
import { reject } from './outcome.ts'
import { integerSlopes, overOneDenominator, parameterRows } from './parameters.ts'
import type { Point } from './point.ts'
import { type AveragePool, type Conv, type Dense, hasParameters, type Problem, type TwoSlope } from './problem.ts'
import type { Samples } from './samples.ts'
import { byChannel, patchesOf, positionsOf, type Shape, shapesThrough, type Windows, windowsOf } from './window.ts'

/** Coefficients in ascending order of the power of t. */
type Polynomial = readonly bigint[]

/** Row i, entry k is values[i][k](t) / denominator. */
type Layer = { readonly values: readonly (readonly Polynomial[])[]; readonly denominator: bigint }

const lowestSign = (polynomial: Polynomial): -1 | 0 | 1 => signOf(polynomial.find((entry) => entry !== 0n) ?? 0n)

const scale = (polynomial: Polynomial, factor: bigint): Polynomial => polynomial.map((entry) => entry * factor)

const addTo = (sum: bigint[], polynomial: Polynomial, factor: bigint, shift: number): void => {
  if (factor === 0n) return
  for (let power = 0; power < polynomial.length; power += 1) sum[power + shift] += polynomial[power] * factor
}

const square = (polynomial: Polynomial): Polynomial => {
  const result = Array.from({ length: 2 * polynomial.length - 1 }, () => 0n)
  for (const [shift, factor] of polynomial.entries()) addTo(result, polynomial, factor, shift)
  return result
}

const bitsOf = (layer: Layer): number => {
  let most = bitLength(layer.denominator)
  for (const row of layer.values) {
    const bits = greatestBitLength(row)
    if (bits > most) most = bits
  }
  return most
}

const countsOf = (layer: Layer): readonly number[] => [layer.values.length, layer.values[0].length]
const lengthOf = (layer: Layer): number => layer.values[0][0].length

/** What a dense layer or a convolution is applied to: lists of entries, one for each position. */
type Patches = (row: readonly Polynomial[]) => readonly (readonly Polynomial[])[]

/** A dense layer at every position: a convolution, or a dense layer where there is one position. */
const applyWeights = (
  layer: Dense | Conv,
  point: Point,
  curve: Curve,
  inputs: Layer,
  patches: Patches,
  positions: number,
  budget: Budget
): Layer => {
  const { denominator, numerators } = overOneDenominator([...point, ...curve.flatMap(({ direction }) => direction)])
  const rowsFrom = (tensor: number): readonly (readonly bigint[])[] =>
    parameterRows(layer.outputs, numerators[tensor], layer.bias ? numerators[tensor + 1] : undefined)
  const starts = rowsFrom(0)
  const moves = curve
    .map(({ power }, index) => ({ power, rows: rowsFrom((index + 1) * point.length) }))
    .filter(({ rows }) => rows.some((row) => row.some((entry) => entry !== 0n)))
  const length = lengthOf(inputs) + (moves.at(-1)?.power ?? 0)
  const bits = bitsOf(inputs)
  const parameterBits = greatestBitLength([...starts, ...moves.flatMap(({ rows }) => rows)])
  const counts = [inputs.values.length, positions, layer.outputs, length]
  spend(budget, [1 + moves.length, ...counts, starts[0].length], parameterBits, bits)
  hold(budget, counts, parameterBits + bits + 32)
  const at = (patch: readonly Polynomial[]): readonly Polynomial[] => {
    const arguments_ = layer.bias ? [...patch, [inputs.denominator]] : patch
    return starts.map((start, output) => {
      const sum = Array.from({ length }, () => 0n)
      for (const [index, argument] of arguments_.entries()) {
        addTo(sum, argument, start[index], 0)
        for (const { power, rows } of moves) addTo(sum, argument, rows[output][index], power)
      }
      return sum
    })
  }
  return {
    values: inputs.values.map((row) => byChannel(patches(row).map(at))),
    denominator: inputs.denominator * denominator
  }
}

const applyAveragePool = (layer: AveragePool, inputs: Layer, windows: Windows, shape: Shape, budget: Budget): Layer => {
  const bits = bitsOf(inputs) + 32
  const length = lengthOf(inputs)
  spend(budget, [inputs.values.length, shape.channels, windows.length, windows[0].length, length], bits, 1)
  hold(budget, [inputs.values.length, shape.channels, windows.length, length], bits)
  const sum = (entries: readonly Polynomial[]): Polynomial => {
    const total = Array.from({ length }, () => 0n)
    for (const entry of entries) addTo(total, entry, 1n, 0)
    return total
  }
  const positions = positionsOf(shape)
  return {
    values: inputs.values.map((row) =>
      Array.from({ length: shape.channels }, (_, channel) =>
        windows.map((window) => sum(window.map((position) => row[channel * positions + position])))
      ).flat()
    ),
    denominator: inputs.denominator * BigInt(layer.size[0]) * BigInt(layer.size[1])
  }
}

const minus = (left: Polynomial, right: Polynomial): Polynomial =>
  left.map((coefficient, power) => coefficient - right[power])

/** In every window the entry that no other exceeds for small t > 0. */
const applyMaxPool = (inputs: Layer, windows: Windows, shape: Shape, budget: Budget): Layer => {
  const bits = bitsOf(inputs)
  const length = lengthOf(inputs)
  spend(budget, [2, inputs.values.length, shape.channels, windows.length, windows[0].length, length], bits, 1)
  hold(budget, [inputs.values.length, shape.channels, windows.length], bits)
  const positions = positionsOf(shape)
  return {
    values: inputs.values.map((row) =>
      Array.from({ length: shape.channels }, (_, channel) =>
        windows.map((window) =>
          window
            .map((position) => row[channel * positions + position])
            .reduce((most, entry) => (lowestSign(minus(entry, most)) > 0 ? entry : most))
        )
      ).flat()
    ),
    denominator: inputs.denominator
  }
}

const applyTwoSlope = (layer: TwoSlope, inputs: Layer, budget: Budget): Layer => {
  const { positive, negative, denominator } = integerSlopes(layer)
  const bits = bitsOf(inputs)
  const slopeBits = greatestBitLength([[positive, negative, denominator]])
  const counts = [...countsOf(inputs), lengthOf(inputs)]
  spend(budget, counts, bits, slopeBits)
  hold(budget, counts, bits + slopeBits)
  const values = inputs.values.map((row) => row.map((z) => scale(z, lowestSign(z) > 0 ? positive : negative)))
  return { values, denominator: inputs.denominator * denominator }
}

const applyQuadratic = (inputs: Layer, budget: Budget): Layer => {
  const bits = bitsOf(inputs)
  const length = lengthOf(inputs)
  spend(budget, [...countsOf(inputs), length, length], bits, bits)
  hold(budget, [...countsOf(inputs), 2 * length], 2 * bits + 32)
  return {
    values: inputs.values.map((row) => row.map(square)),
    denominator: inputs.denominator * inputs.denominator
  }
}

/** Twice the Huber loss of e / unit, times unit^2: e^2 for |e| <= unit, else 2 unit |e| - unit^2. */
const addHuber = (total: bigint[], error: Polynomial, unit: bigint): void => {
  const shifted = (by: bigint): Polynomial => [error[0] + by, ...error.slice(1)]
  const side = lowestSign(shifted(-unit)) > 0 ? 1n : lowestSign(shifted(unit)) < 0 ? -1n : 0n
  if (side === 0n) {
    addTo(total, square(error), 1n, 0)
    return
  }
  addTo(total, error, 2n * unit * side, 0)
  total[0] -= unit * unit
}

const sumOfLosses = (problem: Problem, samples: Samples, outputs: Layer, budget: Budget): Polynomial => {
  const { targets } = samples
  const length = lengthOf(outputs)
  const bits = bitsOf(outputs) + greatestBitLength(targets.rows) + bitLength(targets.denominator)
  spend(budget, [...countsOf(outputs), length, length], bits, bits)
  const total = Array.from({ length: 2 * length - 1 }, () => 0n)
  for (const [sample, row] of outputs.values.entries()) {
    for (const [output, value] of row.entries()) {
      const target = targets.rows[sample][output]
      if (problem.loss.kind === 'hinge') {
        const margin = [...scale(value, -target)]
        margin[0] += outputs.denominator * targets.denominator
        if (lowestSign(margin) > 0) addTo(total, margin, 1n, 0)
        continue
      }
      const error = [...scale(value, targets.denominator)]
      error[0] -= target * outputs.denominator
      if (problem.loss.kind === 'squared') addTo(total, square(error), 1n, 0)
      else if (problem.loss.kind === 'huber') addHuber(total, error, outputs.denominator * targets.denominator)
      else addTo(total, error, BigInt(lowestSign(error)), 0)
    }
  }
  return total
}

/** The lowest power of t, at least 1, in the change of R along a curve for small t > 0, and the sign of its coefficient. */
export type Change = { readonly order: number; readonly sign: -1 | 1 }

/**
 * How the loss changes along a curve for all sufficiently small t > 0; undefined when it does not change. The
 * polynomial that is computed is the loss up to a positive factor. Exact; any depth.
 */
export const changeAlong = (
  problem: Problem,
  samples: Samples,
  point: Point,
  curve: Curve,
  budget: Budget
): Change | undefined => {
  let layer: Layer = {
    values: samples.inputs.rows.map((row) => row.map((entry) => [entry])),
    denominator: samples.inputs.denominator
  }
  const shapes = shapesThrough(problem.network)
  let tensor = 0
  for (const [index, next] of problem.network.layers.entries()) {
    if (next.kind === 'flatten') continue
    if (next.kind === 'smooth') return reject('network', 'a smooth layer has irrational values')
    if (next.kind === 'two-slope' || next.kind === 'quadratic') {
      layer = next.kind === 'quadratic' ? applyQuadratic(layer, budget) : applyTwoSlope(next, layer, budget)
      continue
    }
    const shape = shapes[index]
    const windows = next.kind === 'dense' ? [] : windowsOf(next, shape, shapes[index + 1], budget)
    if (!hasParameters(next)) {
      const pool = next.kind === 'max-pool' ? applyMaxPool : applyAveragePool.bind(undefined, next)
      layer = pool(layer, windows, shape, budget)
      continue
    }
    const start = tensor
    const end = tensor + (next.bias ? 2 : 1)
    const part = curve.map(({ power, direction }) => ({ power, direction: direction.slice(start, end) }))
    const patches: Patches = (row) => (next.kind === 'dense' ? [row] : patchesOf(row, windows, shape, []))
    const positions = next.kind === 'dense' ? 1 : windows.length
    layer = applyWeights(next, point.slice(start, end), part, layer, patches, positions, budget)
    tensor = end
  }
  const losses = sumOfLosses(problem, samples, layer, budget)
  const order = losses.findIndex((coefficient, power) => power > 0 && coefficient !== 0n)
  return order < 0 ? undefined : { order, sign: losses[order] > 0n ? 1 : -1 }
}
