import { type Budget, spend } from '../budget.ts'
import { bitLength, greatestBitLength } from '../integers.ts'
import { reject } from '../outcome.ts'
import { withConstant } from '../parameters.ts'
import type { Vector } from '../point.ts'
import type { Rational } from '../rational.ts'
import type { Samples } from '../samples.ts'
import { around, type Ball, difference, precision, product } from './ball.ts'
import type { Kink } from './pass.ts'

/** A kink of hidden layer 0 whose argument is, for all parameters, a combination of those at the kinks. */
export type Dependent = {
  /** Hidden layer, unit, sample. */
  readonly kink: readonly number[]
  readonly combination: Vector
  readonly multiplier: Rational
}

/**
 * What condition (c) bounds: the multiplier of each kink, less what dependent ones take over, then those of the dependent ones. Rejects combinations that are not what they are said to be: arguments of
 * hidden layer 0 are linear functions of the weights and the bias of their unit, with the inputs, and 1, as coefficients.
 */
export const sharedMultipliers = (
  { inputs }: Samples,
  hasBias: boolean,
  kinks: readonly Kink[],
  multipliers: readonly Ball[],
  dependent: readonly Dependent[],
  budget: Budget
): readonly Ball[] => {
  const { rows } = hasBias ? withConstant(inputs) : inputs
  const inputBits = greatestBitLength(rows)
  const rest = [...multipliers]
  const taken: Ball[] = []
  for (const { kink, combination, multiplier } of dependent) {
    const [layer, unit, sample] = kink
    const { numerators, denominator } = combination
    const step = `(c) unit ${unit} of hidden layer ${layer} on sample ${sample}`
    const terms = [...kinks.keys()].filter((a) => numerators[a] !== 0n)
    if (terms.some((a) => kinks[a].layer !== layer || kinks[a].unit !== unit)) {
      reject(step, 'the combination has kinks of another unit')
    }
    const bits = greatestBitLength([numerators, [denominator]])
    spend(budget, [terms.length + 1, rows[0].length], bits, inputBits)
    const isCombined = rows[sample].every((input, column) => {
      const combined = terms.reduce((total, a) => total + numerators[a] * rows[kinks[a].sample][column], 0n)
      return combined === denominator * input
    })
    if (!isCombined) reject(step, 'the argument is not the combination of those at the kinks')
    spend(budget, [4, terms.length], bits + Number(precision), bits + bitLength(multiplier.numerator))
    const own = around(multiplier)
    for (const a of terms) {
      rest[a] = difference(rest[a], product(own, around({ numerator: numerators[a], denominator })))
    }
    taken.push(own)
  }
  return [...rest, ...taken]
}
