import { type Budget, hold, spend } from './budget.ts'
import type { Curve } from './deep-evidence.ts'
import { bitLength, greatestBitLength, signOf } from './integers.ts'
import { integerSlopes, overOneDenominator, parameterRows } from './parameters.ts'
import type { Point } from './point.ts'
import type { Dense, Problem, TwoSlope } from './problem.ts'
import type { Samples } from './samples.ts'

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

const sizeOf = (layer: Layer): readonly number[] => [layer.values.length, layer.values[0].length]
const lengthOf = (layer: Layer): number => layer.values[0][0].length

const applyDense = (layer: Dense, point: Point, curve: Curve, inputs: Layer, budget: Budget): Layer => {
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
  const counts = [inputs.values.length, layer.outputs, length]
  spend(budget, [1 + moves.length, ...counts, starts[0].length], parameterBits, bits)
  hold(budget, counts, parameterBits + bits + 32)
  const values = inputs.values.map((row) => {
    const arguments_ = layer.bias ? [...row, [inputs.denominator]] : row
    return starts.map((start, output) => {
      const sum = Array.from({ length }, () => 0n)
      for (const [index, argument] of arguments_.entries()) {
        addTo(sum, argument, start[index], 0)
        for (const { power, rows } of moves) addTo(sum, argument, rows[output][index], power)
      }
      return sum
    })
  })
  return { values, denominator: inputs.denominator * denominator }
}

const applyTwoSlope = (layer: TwoSlope, inputs: Layer, budget: Budget): Layer => {
  const { positive, negative, denominator } = integerSlopes(layer)
  const bits = bitsOf(inputs)
  const slopeBits = greatestBitLength([[positive, negative, denominator]])
  const counts = [...sizeOf(inputs), lengthOf(inputs)]
  spend(budget, counts, bits, slopeBits)
  hold(budget, counts, bits + slopeBits)
  const values = inputs.values.map((row) => row.map((z) => scale(z, lowestSign(z) > 0 ? positive : negative)))
  return { values, denominator: inputs.denominator * denominator }
}

const sumOfLosses = (problem: Problem, samples: Samples, outputs: Layer, budget: Budget): Polynomial => {
  const { targets } = samples
  const length = lengthOf(outputs)
  const bits = bitsOf(outputs) + greatestBitLength(targets.rows) + bitLength(targets.denominator)
  spend(budget, [...sizeOf(outputs), length, length], bits, bits)
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
  let tensor = 0
  for (const next of problem.network.layers) {
    if (next.kind === 'two-slope') {
      layer = applyTwoSlope(next, layer, budget)
      continue
    }
    const end = tensor + (next.bias ? 2 : 1)
    const part = curve.map(({ power, direction }) => ({ power, direction: direction.slice(tensor, end) }))
    layer = applyDense(next, point.slice(tensor, end), part, layer, budget)
    tensor = end
  }
  const losses = sumOfLosses(problem, samples, layer, budget)
  const order = losses.findIndex((coefficient, power) => power > 0 && coefficient !== 0n)
  return order < 0 ? undefined : { order, sign: losses[order] > 0n ? 1 : -1 }
}
