import { add, divide, multiply, type Rational, rational } from '@nadir/arithmetic'
import { evaluateExactly } from '../cells/exact-evaluation.ts'
import { isRationalLoss } from '../loss/loss.ts'
import { isExactlyEvaluable } from '../network/evaluate-exact.ts'
import { parameterShapes } from '../network/network.ts'
import type { ExactPoint } from '../point.ts'
import type { Problem } from '../problem.ts'

/** Whether `exactRisk` knows the network and the loss. */
export const hasExactRisk = (problem: Problem): boolean =>
  isExactlyEvaluable(problem.network) && isRationalLoss(problem.loss)

/** The loss with its weight decay, for networks of any depth. Exact. @throws RangeError where the network or the loss leaves the rationals */
export function exactRisk(problem: Problem, point: ExactPoint): Rational {
  const { loss } = evaluateExactly(problem, point)
  if (problem.weightDecay.numerator === 0n) return loss
  let squares = rational(0n)
  for (const [k, { role }] of parameterShapes(problem.network).entries()) {
    if (role === 'bias' && !problem.decayBiases) continue
    const { denominator, numerators } = point.tensors[k]!
    const sum = numerators.reduce((total, a) => total + a * a, 0n)
    squares = add(squares, rational(sum, denominator * denominator))
  }
  return add(loss, divide(multiply(problem.weightDecay, squares), rational(2n)))
}
