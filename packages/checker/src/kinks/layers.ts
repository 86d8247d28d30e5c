import { type Budget, hold } from '../budget.ts'
import { reject } from '../outcome.ts'
import type { Point } from '../point.ts'
import type { Dense, Problem, TwoSlope } from '../problem.ts'
import { around, type Ball } from './ball.ts'

/** A dense layer: where its weights and its bias begin among all parameters. */
export type Affine = {
  readonly inputs: number
  readonly outputs: number
  readonly weightAt: number
  /** -1 without bias. */
  readonly biasAt: number
}

/** A network of dense and two-slope layers in turn. */
export type Layers = {
  readonly affine: readonly Affine[]
  /** The slopes of the hidden layers, one fewer than affine layers. */
  readonly slopes: readonly { readonly positive: Ball; readonly negative: Ball }[]
  readonly parameters: number
}

const affineAt = (layer: Dense, inputs: number, weightAt: number): Affine => ({
  inputs,
  outputs: layer.outputs,
  weightAt,
  biasAt: layer.bias ? weightAt + inputs * layer.outputs : -1
})

const slopesOf = (layer: TwoSlope): Layers['slopes'][number] => ({
  positive: around(layer.positive),
  negative: around(layer.negative)
})

/** The layers of the network; rejects every other network. */
export const layersOf = ({ network }: Problem): Layers => {
  const affine: Affine[] = []
  const slopes: Layers['slopes'][number][] = []
  let inputs = network.inputs
  let parameters = 0
  for (const [index, layer] of network.layers.entries()) {
    if (index % 2 === 0 && layer.kind === 'dense') {
      affine.push(affineAt(layer, inputs, parameters))
      parameters += layer.outputs * (inputs + (layer.bias ? 1 : 0))
      inputs = layer.outputs
    } else if (index % 2 === 1 && layer.kind === 'two-slope') slopes.push(slopesOf(layer))
    else reject('network', 'the rule kinks is for dense and two-slope layers in turn')
  }
  if (slopes.length === 0) reject('network', 'the rule kinks asks for a two-slope layer')
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
