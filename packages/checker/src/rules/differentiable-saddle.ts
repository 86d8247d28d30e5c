import { type Budget, hold, spend } from '../budget.ts'
import { forwardThrough } from '../forward.ts'
import { greatestBitLength } from '../integers.ts'
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

/** Rejects unless conditions (a) and (b) hold: the loss is differentiable and its gradient is zero. */
export const requireDifferentiableStationary = ({ problem, samples, point, evaluation, budget }: Context): void => {
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
  let deltas: Rows = low
  let tensor = point.length
  for (const [index, layer] of [...network.layers.entries()].reverse()) {
    const inputs = values[index].rows
    if (layer.kind === 'dense') {
      tensor -= layer.bias ? 2 : 1
      requireNoGradient(layer, deltas, inputs, `(b) layer ${index}`, budget)
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
    deltas = deltas.map((delta, sample) =>
      delta.map((entry, unit) => {
        const argument = inputs[sample][unit]
        if (argument === 0n) return reject(`(a) layer ${index}`, `sample ${sample} is on the kink of unit ${unit}`)
        return entry * (argument > 0n ? positive : negative)
      })
    )
  }
}
