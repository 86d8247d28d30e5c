import type { Budget } from './budget.ts'
import { addedDecay } from './decay.ts'
import { forward } from './forward.ts'
import { type HiddenLayer, hiddenLayerAt, hiddenLayerOutputs } from './hidden-layer.ts'
import { lossOf } from './loss.ts'
import type { Point } from './point.ts'
import { oneHiddenLayer, type Problem } from './problem.ts'
import type { Rational } from './rational.ts'
import type { Samples, Scaled } from './samples.ts'

/** What a network gives at a point. Exact. */
export type Evaluation = {
  /** One row for each sample. */
  readonly outputs: Scaled
  readonly loss: Rational
  /** For a network with one hidden layer only. */
  readonly hidden: HiddenLayer | undefined
}

/** The outputs and the loss of the network at a point of its shape. */
export const evaluate = (problem: Problem, samples: Samples, point: Point, budget: Budget): Evaluation => {
  const { network, loss } = problem
  const layers = oneHiddenLayer(network)
  const hidden = layers && hiddenLayerAt(layers, point, samples.inputs, budget)
  const constant = layers?.output.bias ? point.at(-1) : undefined
  const outputs = hidden
    ? hiddenLayerOutputs(hidden, network.outputs, constant, budget)
    : forward(network, point, samples.inputs, budget)
  const dataLoss = lossOf(loss, outputs, samples.targets, budget)
  return { outputs, loss: addedDecay(problem, point, dataLoss, budget), hidden }
}
