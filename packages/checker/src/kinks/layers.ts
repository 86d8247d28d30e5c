import { type Budget, hold } from '../budget.ts'
import { reject } from '../outcome.ts'
import type { Point } from '../point.ts'
import type { Dense, Problem, TwoSlope } from '../problem.ts'
import type { Rational } from '../rational.ts'
import { around, type Ball } from './ball.ts'

/** A dense layer: where its weights and its bias begin among all parameters. */
export type Affine = {
  readonly inputs: number
  readonly outputs: number
  readonly weightAt: number
  /** -1 without bias. */
  readonly biasAt: number
}

/** A network of dense layers, with a two-slope layer or nothing between any two. */
export type Layers = {
  readonly affine: readonly Affine[]
  /** The slopes of the hidden layers, one fewer than affine layers; linear where nothing stands between two dense layers. */
  readonly slopes: readonly { readonly positive: Ball; readonly negative: Ball; readonly isLinear: boolean }[]
  readonly parameters: number
}

const affineAt = (layer: Dense, inputs: number, weightAt: number): Affine => ({
  inputs,
  outputs: layer.outputs,
  weightAt,
  biasAt: layer.bias ? weightAt + inputs * layer.outputs : -1
})

const one: Rational = { numerator: 1n, denominator: 1n }
const linear: TwoSlope = { kind: 'two-slope', positive: one, negative: one }

/** What stands between any two successive dense layers; rejects every other network. */
export const hiddenLayers = ({ network }: Problem): readonly TwoSlope[] => {
  const hidden: TwoSlope[] = []
  for (const [index, layer] of network.layers.entries()) {
    const before = network.layers[index - 1]
    if (layer.kind === 'dense') {
      if (before?.kind === 'dense') hidden.push(linear)
    } else if (layer.kind === 'two-slope' && before?.kind === 'dense') hidden.push(layer)
    else reject('network', 'the rule kinks is for dense layers, with a two-slope layer or nothing between any two')
  }
  if (network.layers[network.layers.length - 1].kind !== 'dense' || hidden.length === 0) {
    reject('network', 'the rule kinks asks for a hidden layer')
  }
  return hidden
}

/** The layers of the network; rejects every other network. */
export const layersOf = (problem: Problem): Layers => {
  const { network } = problem
  const slopes = hiddenLayers(problem).map((layer) => ({
    positive: around(layer.positive),
    negative: around(layer.negative),
    isLinear: layer === linear
  }))
  const affine: Affine[] = []
  let inputs = network.inputs
  let parameters = 0
  for (const layer of network.layers) {
    if (layer.kind !== 'dense') continue
    affine.push(affineAt(layer, inputs, parameters))
    parameters += layer.outputs * (inputs + (layer.bias ? 1 : 0))
    inputs = layer.outputs
  }
  return { affine, slopes, parameters }
}

/** For every parameter the factor of its weight decay. */
export const decaysOf = ({ decay }: Problem, { affine, parameters }: Layers): readonly Ball[] => {
  const none = around({ numerator: 0n, denominator: 1n })
  const factors = new Array<Ball>(parameters).fill(decay ? around(decay.factor) : none)
  if (decay && !decay.biases) {
    for (const { biasAt, outputs } of affine) if (biasAt >= 0) factors.fill(none, biasAt, biasAt + outputs)
  }
  return factors
}

/** The parameters one after the other, each as wide as `spread` says. */
export const parametersAt = (point: Point, spread: (parameter: number) => bigint, budget: Budget): readonly Ball[] => {
  const parameters: Ball[] = []
  for (const { denominator, numerators } of point) {
    hold(budget, [numerators.length], 512)
    for (const numerator of numerators) {
      parameters.push(around({ numerator, denominator }, spread(parameters.length)))
    }
  }
  return parameters
}
