import { type Rational, type RationalVector, rational, sign } from '@nadir/arithmetic'
import type { Configuration } from '../cells/configuration.ts'
import type { UnitForm } from '../cells/kink-classes.ts'
import { type Direction, directionOf } from './direction.ts'
import { type HomogeneousForm, signOfForm, valueOfForm } from './one-sided-slopes.ts'

/**
 * For a unit with v_j = 0 at a stationary point (Phi_j = 0): a direction of second-order descent, or undefined when Phi_j' vanishes
 * identically. Moving w~_j by t d and v_j^o by -+ t e changes the squared loss by t^2 (-e |Phi_j'^o(d)| + e^2/2 sum_i h(z_ij)^2) + O(t^3).
 * Exact; complete for the squared loss.
 */
export function freeUnitDescent(configuration: Configuration, j: number, form: UnitForm): Direction | undefined {
  const { view } = configuration
  for (let o = 0; o < view.outputs; o++) {
    const derivative: HomogeneousForm = {
      constant: form.constant[o]!,
      terms: form.classes.map((c) => ({ vector: c.vector, left: c.left[o]!, right: c.right[o]! }))
    }
    // Phi' is 0 everywhere exactly when neither it nor its negative takes a negative value.
    for (const orientation of [1n, -1n]) {
      const oriented: HomogeneousForm = {
        constant: derivative.constant.map((c) => c * orientation),
        terms: derivative.terms.map((t) => ({ ...t, left: t.left * orientation, right: t.right * orientation }))
      }
      const answer = signOfForm(oriented)
      if (answer.kind !== 'negative') continue
      const { residuals, slopes, scale } = { ...configuration, ...view }
      const slope = rational(
        valueOfForm(oriented, answer.direction),
        residuals.denominator * slopes.denominator * scale
      )
      const step = smallStep(slope, activationSquares(configuration, j))
      const change: RationalVector = {
        denominator: step.denominator,
        numerators: Array.from({ length: view.outputs }, (_, a) => (a === o ? step.numerator * orientation : 0n))
      }
      return directionOf(view, {
        hidden: { unit: j, change: { denominator: 1n, numerators: answer.direction } },
        outer: { unit: j, change }
      })
    }
  }
  return undefined
}

/** A power of two e with e * slope + e^2/2 * squares < 0, slope < 0. Exact. */
function smallStep(slope: Rational, squares: Rational): Rational {
  let step = rational(1n)
  while (
    sign(squares) > 0 &&
    step.numerator * squares.numerator * slope.denominator >= -slope.numerator * squares.denominator * step.denominator
  )
    step = rational(step.numerator, step.denominator * 2n)
  return step
}

/** sum_i h(z_ij)^2. Exact. */
export function activationSquares(configuration: Configuration, j: number): Rational {
  const { activations, view } = configuration
  let sum = 0n
  for (let i = 0; i < view.samples; i++) sum += activations.numerators[j * view.samples + i]! ** 2n
  return rational(sum, activations.denominator * activations.denominator)
}
