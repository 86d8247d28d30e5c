import { type Budget, hold, spend } from '../budget.ts'
import { forwardThrough } from '../forward.ts'
import { bitLength, greatestBitLength } from '../integers.ts'
import { reject } from '../outcome.ts'
import { denseParameters, integerSlopes } from '../parameters.ts'
import type { Vector } from '../point.ts'
import type { Dense } from '../problem.ts'
import type { Scaled } from '../samples.ts'
import { subdifferentialOf } from '../subdifferential.ts'
import type { Context } from './context.ts'

type Rows = Scaled['rows']

/** Rejects unless sum_i delta_iu a_ie = 0 for every unit u and every entry e of what the layer is applied to. */
const requireNoGradient = (layer: Dense, deltas: Rows, inputs: Rows, step: string, budget: Budget): void => {
  spend(
    budget,
    [deltas.length, layer.outputs, inputs[0].length + 1],
    greatestBitLength(deltas),
    greatestBitLength(inputs)
  )
  for (let unit = 0; unit < layer.outputs; unit += 1) {
    const gradient = inputs[0].map(() => 0n)
    let total = 0n
    for (const [sample, row] of inputs.entries()) {
      const delta = deltas[sample][unit]
      if (delta === 0n) continue
      total += delta
      for (let entry = 0; entry < gradient.length; entry += 1) gradient[entry] += delta * row[entry]
    }
    if (layer.bias && total !== 0n) reject(step, `the bias of unit ${unit} has a slope`)
    const entry = gradient.findIndex((slope) => slope !== 0n)
    if (entry >= 0) reject(step, `the weight of unit ${unit} and entry ${entry} has a slope`)
  }
}

/** sum_u delta_iu w_ue, up to a positive factor. */
const throughDense = (layer: Dense, tensors: readonly Vector[], deltas: Rows, width: number, budget: Budget): Rows => {
  const { rows } = denseParameters(layer, tensors)
  const bits = greatestBitLength(deltas)
  const parameterBits = greatestBitLength(rows)
  spend(budget, [deltas.length, layer.outputs, width], bits, parameterBits)
  hold(budget, [deltas.length, width], bits + parameterBits + 32)
  return deltas.map((delta) => {
    const sum = Array.from({ length: width }, () => 0n)
    for (const [unit, factor] of delta.entries()) {
      if (factor === 0n) continue
      for (let entry = 0; entry < width; entry += 1) sum[entry] += factor * rows[unit][entry]
    }
    return sum
  })
}

/** How many arguments of two-slope layers are zero before each layer. */
const zerosBefore = (layers: Context['problem']['network']['layers'], values: readonly Scaled[]): readonly number[] => {
  const starts = [0]
  for (const [index, layer] of layers.entries()) {
    const isZero = (argument: bigint): boolean => argument === 0n
    const zeros = layer.kind === 'two-slope' ? values[index].rows.map((row) => row.filter(isZero).length) : []
    starts.push(zeros.reduce((sum, count) => sum + count, starts[index]))
  }
  return starts
}

/**
 * Rejects unless the point is stationary: differentiable with a zero gradient, or, with a number from 0 to 1 for every argument that is zero, so that back-propagation with the slopes between, convex at every kink, gives
 * zero.
 */
export const requireStationaryThroughout = (
  { problem, samples, point, evaluation, budget }: Context,
  gates?: Vector
): void => {
  const { network } = problem
  if (network.layers.some(({ kind }) => kind !== 'dense' && kind !== 'two-slope' && kind !== 'quadratic')) {
    reject('network', 'the rule is for networks of dense, two-slope and quadratic layers')
  }
  const { low, high } = subdifferentialOf(problem, samples, evaluation)
  for (const [sample, row] of low.entries()) {
    if (row.some((least, output) => least !== high[sample][output])) {
      reject('(a)', `the loss of sample ${sample} is not differentiable`)
    }
  }
  const values = forwardThrough(network, point, samples.inputs, budget)
  const starts = zerosBefore(network.layers, values)
  const gateCount = starts[network.layers.length]
  if (gates !== undefined && gates.numerators.length !== gateCount) {
    reject('evidence', `${gates.numerators.length} gates for ${gateCount} arguments that are zero`)
  }
  const whole = gates?.denominator ?? 1n
  let deltas: Rows = low
  let tensor = point.length
  for (const [index, layer] of [...network.layers.entries()].reverse()) {
    const inputs = values[index].rows
    if (layer.kind === 'dense') {
      tensor -= layer.bias ? 2 : 1
      requireNoGradient(layer, deltas, inputs, `${gates === undefined ? '(b)' : '(c)'} layer ${index}`, budget)
      const tensors = point.slice(tensor, tensor + (layer.bias ? 2 : 1))
      deltas = throughDense(layer, tensors, deltas, inputs[0].length, budget)
      continue
    }
    if (layer.kind === 'quadratic') {
      // The derivative of t^2 is 2 t; a common factor does not matter.
      const bits = greatestBitLength(deltas)
      spend(budget, [deltas.length, inputs[0].length], bits, greatestBitLength(inputs))
      deltas = deltas.map((delta, sample) => delta.map((entry, unit) => entry * inputs[sample][unit]))
      continue
    }
    if (layer.kind !== 'two-slope') continue
    const { positive, negative } = integerSlopes(layer)
    const wholeBits = bitLength(whole)
    spend(budget, [deltas.length, inputs[0].length], greatestBitLength(deltas), wholeBits)
    hold(budget, [deltas.length, inputs[0].length], greatestBitLength(deltas) + wholeBits)
    let next = starts[index]
    deltas = deltas.map((delta, sample) =>
      delta.map((entry, unit) => {
        const argument = inputs[sample][unit]
        if (argument !== 0n) return entry * whole * (argument > 0n ? positive : negative)
        if (gates === undefined) return reject(`(a) layer ${index}`, `sample ${sample} is on the kink of unit ${unit}`)
        const gate = gates.numerators[next]
        next += 1
        if (gate < 0n || gate > whole) reject(`(b) layer ${index}`, `gate ${next - 1} is not between 0 and 1`)
        if (entry * (positive - negative) < 0n) {
          reject(`(b) layer ${index}`, `the loss is concave where sample ${sample} crosses the kink of unit ${unit}`)
        }
        return entry * (whole * negative + gate * (positive - negative))
      })
    )
  }
}
