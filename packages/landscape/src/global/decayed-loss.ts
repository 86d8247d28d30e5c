import { add, multiply, type Rational, rational } from '@nadir/arithmetic'
import { lossExactly } from '../cells/exact-evaluation.ts'
import { parameterShapes } from '../network/network.ts'
import type { ExactPoint } from '../point.ts'
import type { Problem } from '../problem.ts'

/** R(point), weight decay included. Exact. @throws RangeError where the network or the loss leaves the rationals */
export function decayedLoss(problem: Problem, point: ExactPoint): Rational {
  const { weightDecay, decayBiases, network } = problem
  const dataLoss = lossExactly(problem, point)
  if (weightDecay.numerator === 0n) return dataLoss
  let squares = rational(0n)
  for (const [k, { role }] of parameterShapes(network).entries()) {
    if (role === 'bias' && !decayBiases) continue
    const { denominator, numerators } = point.tensors[k]!
    const sum = numerators.reduce((total, entry) => total + entry * entry, 0n)
    squares = add(squares, rational(sum, denominator * denominator))
  }
  return add(dataLoss, multiply(multiply(weightDecay, rational(1n, 2n)), squares))
}
