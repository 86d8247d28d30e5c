import { reject } from '../outcome.ts'
import type { Point } from '../point.ts'
import type { Dense, Problem, Quadratic, Smooth } from '../problem.ts'

type Layers = { readonly hidden: Dense; readonly activation: Quadratic | Smooth; readonly output: Dense }

/** The layers of a network with one hidden smooth layer; rejects every other network, and losses other than the squared one. */
export const requireSmoothNetwork = ({ network, loss }: Problem): Layers => {
  const [hidden, activation, output] = network.layers
  const isForm =
    network.layers.length === 3 &&
    hidden.kind === 'dense' &&
    (activation.kind === 'quadratic' || activation.kind === 'smooth') &&
    output.kind === 'dense'
  if (!isForm || !output.bias || network.outputs !== 1 || loss.kind !== 'squared') {
    return reject('network', 'the rule is for one hidden smooth layer, one output with a bias, and the squared loss')
  }
  return { hidden, activation, output }
}

const zeros = (length: number) => ({ denominator: 1n, numerators: Array.from({ length }, () => 0n) })

/** The point with an output bias of zeros in place of the balanced one; rejects where the network has none. */
export const withBalancedBias = ({ network }: Problem, point: Point): Point => {
  const last = network.layers.at(-1)
  if (last?.kind !== 'dense' || !last.bias) return reject('network', 'the output has no bias that could be balanced')
  return [...point, zeros(last.outputs)]
}

/** The same with zeros in place of the hidden biases that rest; rejects where the first layer has none. */
export const withRestingBiases = (problem: Problem, point: Point): Point => {
  const [first] = problem.network.layers
  if (first?.kind !== 'dense' || !first.bias) return reject('network', 'the first layer has no bias that could rest')
  return withBalancedBias(problem, [...point.slice(0, 1), zeros(first.outputs), ...point.slice(1)])
}
