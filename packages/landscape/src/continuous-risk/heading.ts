import { compare, fromNumber, type Rational, toNumber } from '@nadir/arithmetic'
import { fieldTooLarge, type Undecided } from './critical-list.ts'
import { type FlatParameters, type FloatRisk, widthOf } from './float-risk.ts'
import { type HingeNetwork, withRiskAndGradient } from './network-risk.ts'
import { compareQuotients, constantQuotient, quotientBounds, type Quotient } from './quotient.ts'
import type { ContinuousRisk } from './risk.ts'
import { type RiskPieces, withPieces } from './risk-pieces.ts'
import { enumerateWidthOne, kinkPosition, type Realization, type RealizationForm } from './width-one.ts'

/** Where a bounded width-one gradient flow from given parameters can end. Indices count the realizations of the critical list. */
export interface Heading {
  readonly kind: 'heading'
  /**
   * Realizations whose risk is at most the risk at these parameters. A bounded trajectory's risk tends to the risk of one of
   * them, since it only falls and its limit is the risk of a critical point. Exact.
   */
  readonly possible: readonly number[]
  /** The possible realization nearest in the norm of the risk, and its distance. Approximate. */
  readonly nearest: number
  readonly distance: number
}

/** The exact parameters that the doubles stand for. */
export function networkOf(parameters: FlatParameters): HingeNetwork {
  const h = widthOf(parameters)
  const at = (k: number): Rational => fromNumber(parameters[k]!)
  return {
    units: Array.from({ length: h }, (_, j) => ({ w: at(j), b: at(h + j), v: at(2 * h + j) })),
    c: at(3 * h)
  }
}

/**
 * The realizations at which a bounded gradient flow from these parameters can end, and the nearest of them.
 * That bounded trajectories converge in risk to a critical value is a cited theorem: for piecewise polynomial targets and
 * densities the risk is semialgebraic and satisfies a Kurdyka-Lojasiewicz inequality (Eberle, Jentzen, Riekert, Weiss,
 * arXiv:2108.08106). @throws RangeError for a width other than one
 */
export function heading(risk: ContinuousRisk, floats: FloatRisk, parameters: FlatParameters): Heading | Undecided {
  if (widthOf(parameters) !== 1) throw new RangeError(`heading: width ${widthOf(parameters)} is not one`)
  const list = withPieces(risk, (pieces) => realizationsAsFloats(pieces))
  return list ? headingAmong(list, risk, floats, parameters) : fieldTooLarge
}
