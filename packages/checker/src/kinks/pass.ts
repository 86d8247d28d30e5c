import type { Budget } from '../budget.ts'
import { spend } from '../budget.ts'
import { reject } from '../outcome.ts'
import { type Ball, inner, nothing, product, strictSign, sum } from './ball.ts'
import type { Affine, Layers } from './layers.ts'

/** What is certain of the argument of a hidden unit on a sample; of a linear layer, whose slope is the same on both sides, always positive. */
export type Gate = 'positive' | 'negative' | 'kink' | 'unknown'

/** Everything that one sample does in the frozen function, for all parameters of a box. */
export type Pass = {
  /** values[l] is what affine layer l is applied to; the last are the outputs. */
  readonly values: readonly (readonly Ball[])[]
  /** Arguments and gates of the hidden units, layer by layer. */
  readonly arguments: readonly (readonly Ball[])[]
  readonly gates: readonly (readonly Gate[])[]
  /** Whether the sample feels each hidden layer. */
  readonly feels: readonly boolean[]
}

const affineOf = (layer: Affine, theta: readonly Ball[], values: readonly Ball[]): readonly Ball[] =>
  Array.from({ length: layer.outputs }, (_, output) => {
    const at = layer.weightAt + output * layer.inputs
    const linear = inner(theta.slice(at, at + layer.inputs), values)
    return layer.biasAt < 0 ? linear : sum(linear, theta[layer.biasAt + output])
  })

/** A ball around 0 with everything that the unit can take on. */
const hull = (argument: Ball, slopes: Layers['slopes'][number]): Ball => {
  const positive = product(argument, slopes.positive)
  const negative = product(argument, slopes.negative)
  const reach = (ball: Ball): bigint => (ball.middle < 0n ? -ball.middle : ball.middle) + ball.radius
  return { middle: 0n, radius: reach(positive) > reach(negative) ? reach(positive) : reach(negative) }
}

/** The slope of a unit behind a certain gate, by which a kink is linear too. */
export const slopeOf = (gate: Gate, slopes: Layers['slopes'][number]): Ball =>
  gate === 'unknown' ? nothing : gate === 'positive' ? slopes.positive : slopes.negative

/** Whether nothing passes: a strict sign with slope 0. */
export const isShut = (gate: Gate, slopes: Layers['slopes'][number]): boolean =>
  (gate === 'positive' && slopes.positive.middle === 0n && slopes.positive.radius === 0n) ||
  (gate === 'negative' && slopes.negative.middle === 0n && slopes.negative.radius === 0n)

const gateOf = (argument: Ball, { isLinear }: Layers['slopes'][number]): Gate => {
  if (isLinear) return 'positive'
  const sign = strictSign(argument)
  return sign > 0 ? 'positive' : sign < 0 ? 'negative' : 'unknown'
}

/** One sample through the network with the units of its kinks taken linearly. */
const passOf = (
  layers: Layers,
  theta: readonly Ball[],
  input: readonly Ball[],
  isKink: (layer: number, unit: number) => boolean
): Pass => {
  const { affine, slopes } = layers
  const values = [input]
  const args: (readonly Ball[])[] = []
  const gates: (readonly Gate[])[] = []
  for (const [l, layer] of affine.entries()) {
    const result = affineOf(layer, theta, values[l])
    if (l === slopes.length) values.push(result)
    else {
      const gate = result.map((argument, unit) => (isKink(l, unit) ? 'kink' : gateOf(argument, slopes[l])))
      args.push(result)
      gates.push(gate)
      values.push(
        result.map((argument, unit) =>
          gate[unit] === 'unknown' ? hull(argument, slopes[l]) : product(slopeOf(gate[unit], slopes[l]), argument)
        )
      )
    }
  }
  const feels = new Array<boolean>(slopes.length).fill(true)
  for (let l = slopes.length - 2; l >= 0; l -= 1) {
    feels[l] = feels[l + 1] && gates[l + 1].some((gate) => !isShut(gate, slopes[l + 1]))
  }
  return { values, arguments: args, gates, feels }
}

/** Every sample through the frozen network. */
export const passes = (
  layers: Layers,
  theta: readonly Ball[],
  inputs: readonly (readonly Ball[])[],
  kinks: ReadonlySet<string>,
  budget: Budget
): readonly Pass[] => {
  spend(budget, [4, inputs.length, layers.parameters], 192, 192)
  return inputs.map((input, sample) =>
    passOf(layers, theta, input, (layer, unit) => kinks.has(`${layer},${unit},${sample}`))
  )
}

/** Condition (a). */
export const requireGates = (all: readonly Pass[]): void => {
  for (const [sample, { gates, feels }] of all.entries()) {
    for (const [l, row] of gates.entries()) {
      for (const [unit, gate] of row.entries()) {
        const where = `unit ${unit} of hidden layer ${l} on sample ${sample}`
        if (feels[l] && gate === 'unknown') reject('(a)', `the argument of ${where} has no strict sign`)
        if (!feels[l] && gate === 'kink') reject('(a)', `the kink of ${where} is not felt`)
      }
    }
  }
}

/** Adjoints of all arguments and of all hidden values. */
export type Adjoints = {
  /** For every affine layer, of what it gives. */
  readonly arguments: readonly (readonly Ball[])[]
  /** For every hidden layer. */
  readonly values: readonly (readonly Ball[])[]
}

/** Back-propagation of `error` (times the factor of the loss), a kink passing its multiplier besides. */
export const adjointsOf = (
  layers: Layers,
  theta: readonly Ball[],
  { gates }: Pass,
  error: readonly Ball[],
  multiplierOf: (layer: number, unit: number) => Ball
): Adjoints => {
  const { affine, slopes } = layers
  const args: (readonly Ball[])[] = [error]
  const values: (readonly Ball[])[] = []
  for (let l = slopes.length - 1; l >= 0; l -= 1) {
    const above = affine[l + 1]
    const value = Array.from({ length: affine[l].outputs }, (_, unit) =>
      inner(
        args[0],
        Array.from({ length: above.outputs }, (_, output) => theta[above.weightAt + output * above.inputs + unit])
      )
    )
    values.unshift(value)
    args.unshift(
      value.map((adjoint, unit) => {
        const gate = gates[l][unit]
        const passed = product(slopeOf(gate, slopes[l]), adjoint)
        return gate === 'kink' ? sum(passed, multiplierOf(l, unit)) : passed
      })
    )
  }
  return { arguments: args, values }
}
