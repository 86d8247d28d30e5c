import { type Rational, rational } from '@nadir/arithmetic'
import { type Configuration, hiddenRows, tensorsOf } from '../cells/configuration.ts'
import type { Direction } from './direction.ts'

/** The one-sided directional derivative of the loss (without the factor of the reduction) at a configuration. Exact. */
export function oneSidedDerivative(configuration: Configuration, direction: Direction): Rational {
  const { view, signs, activations, outer, residuals, ties } = configuration
  const { units, outputs: m, samples: n, width, extended, scale, slopes, problem } = view
  const turn = hiddenRows(view, direction)
  const { outerWeight, outerBias } = tensorsOf(view, direction)
  let total = rational(0n)
  const addTerm = (p: bigint, q: bigint) => {
    total = rational(total.numerator * q + p * total.denominator, total.denominator * q)
  }
  const tied = new Set(ties)
  const y = problem.data.targets
  for (let i = 0; i < n; i++)
    for (let o = 0; o < m; o++) {
      let change = outerBias ? rational(outerBias.numerators[o]!, outerBias.denominator) : rational(0n)
      for (let j = 0; j < units; j++) {
        let dz = 0n
        for (let k = 0; k < width; k++) dz += turn.rows[j]![k]! * extended[i * width + k]!
        const side = signs[j * n + i]! || (dz > 0n ? 1 : -1)
        const slope = side > 0 ? slopes.positive : slopes.negative
        const v = outer[j]![o]!
        const turned = rational(v.numerator * slope * dz, v.denominator * slopes.denominator * turn.denominator * scale)
        const scaled = rational(
          outerWeight.numerators[o * units + j]! * activations.numerators[j * n + i]!,
          outerWeight.denominator * activations.denominator
        )
        change = rational(
          change.numerator * turned.denominator * scaled.denominator +
            turned.numerator * change.denominator * scaled.denominator +
            scaled.numerator * change.denominator * turned.denominator,
          change.denominator * turned.denominator * scaled.denominator
        )
      }
      if (!tied.has(i))
        addTerm(change.numerator * residuals.numerators[o * n + i]!, change.denominator * residuals.denominator)
      else if (problem.loss === 'absolute')
        addTerm(change.numerator < 0n ? -change.numerator : change.numerator, change.denominator)
      else {
        const away = -y.numerators[i]! * change.numerator
        if (away > 0n) addTerm(away, y.denominator * change.denominator)
      }
    }
  return total
}
