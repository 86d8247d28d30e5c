import { reject } from '../outcome.ts'
import type { Point } from '../point.ts'
import type { Problem } from '../problem.ts'
import type { Rational } from '../rational.ts'
import type { Samples } from '../samples.ts'
import { momentOf, residualsOfMean } from './residuals-of-mean.ts'
import { requireSmoothNetwork } from './smooth-network.ts'

/** Activations whose derivative has a zero at which the second derivative has none. */
const names = ['gelu', 'silu', 'sine']

/**
 * Rejects unless the point whose hidden biases are at a zero of the derivative of the activation is a saddle by conditions (a) to (c);
 * `point` has the hidden weight and the outgoing weight.
 */
export const requireZeroDerivative = (problem: Problem, samples: Samples, point: Point, loss: Rational): void => {
  const { hidden, activation } = requireSmoothNetwork(problem)
  if (activation.kind === 'quadratic' || !names.includes(activation.name) || !hidden.bias) {
    reject('network', 'the rule is for hidden biases and an activation whose derivative has a zero')
  }
  const [weight, outer] = point
  if (weight.numerators.some((entry) => entry !== 0n)) reject('(a)', 'a hidden weight is not zero')
  const residuals = residualsOfMean(problem, samples, loss)
  if (outer.numerators.every((entry) => entry === 0n)) reject('(c)', 'all outgoing weights are zero')
  const { inputs } = samples
  if (inputs.rows[0].every((_, entry) => momentOf(residuals, inputs, entry) === 0n)) {
    reject('(c)', 'the residuals are orthogonal to the inputs')
  }
}
