import { type Budget, hold, spend } from './budget.ts'
import { bitLength, greatestBitLength } from './integers.ts'
import { overOneDenominator } from './parameters.ts'
import type { Point } from './point.ts'
import { hasParameters, type Network, type Problem } from './problem.ts'
import type { Rational } from './rational.ts'

/** For every parameter tensor whether its entries decay. */
export const decayingTensors = ({ network, decay }: Problem): readonly boolean[] =>
  network.layers.flatMap((layer) => {
    if (!hasParameters(layer)) return []
    const weights = decay !== undefined
    return layer.bias ? [weights, weights && decay.biases] : [weights]
  })

/** Whether the network has a bias that does not decay. */
export const hasFreeBias = (network: Network, biases: boolean): boolean =>
  !biases && network.layers.some((layer) => hasParameters(layer) && layer.bias)

/** The loss with the weight decay of the problem added. Exact. */
export const addedDecay = (problem: Problem, point: Point, loss: Rational, budget: Budget): Rational => {
  const { decay } = problem
  if (decay === undefined) return loss
  const { denominator, numerators } = overOneDenominator(point)
  const bits = greatestBitLength(numerators)
  const count = numerators.reduce((total, tensor) => total + tensor.length, 0)
  const scale = 2n * denominator * denominator * decay.factor.denominator
  spend(budget, [count], bits, bits)
  spend(budget, [3], bitLength(scale), bitLength(loss.denominator) + bits)
  hold(budget, [3], bitLength(scale) + bitLength(loss.denominator))
  const decays = decayingTensors(problem)
  let squares = 0n
  for (const [tensor, entries] of numerators.entries()) {
    if (decays[tensor]) for (const entry of entries) squares += entry * entry
  }
  return {
    numerator: loss.numerator * scale + decay.factor.numerator * squares * loss.denominator,
    denominator: loss.denominator * scale
  }
}
