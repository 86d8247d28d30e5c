import { compare, fromNumber, one, type Rational, toNumber } from '@nadir/arithmetic'
import { fieldTooLarge, type Undecided } from './critical-list.ts'
import { type FlatParameters, floatRisk, widthOf } from './float-risk.ts'
import { type HingeNetwork, withRiskAndGradient } from './network-risk.ts'
import { constantQuotient, type Quotient, quotientBounds } from './quotient.ts'
import type { ContinuousRisk } from './risk.ts'
import { type RiskPieces, withPieces } from './risk-pieces.ts'
import { enumerateWidthOne, kinkPosition, type Realization } from './width-one.ts'

/** Where a bounded width-one gradient flow from given parameters can end. Numbers count the realizations of the critical list. */
export interface Heading {
  /** Realizations whose risk could not be proved to be above the risk at these parameters. Enclosed. */
  readonly possible: readonly number[]
  /** The possible realization that is nearest in the norm of the risk, and its distance. Approximate. */
  readonly nearest: number
  readonly distance: number
}

/**
 * A function that tells where a bounded gradient flow of width one can end: its risk only falls and tends to the risk of a
 * critical point, so to the risk of one of the possible realizations. That limit is a cited theorem: Jentzen, Riekert,
 * arXiv:2107.04479; for piecewise polynomial targets the parameters converge too: Eberle, Jentzen, Riekert, Weiss,
 * arXiv:2108.08106.
 */
export function headings(risk: ContinuousRisk): ((parameters: FlatParameters) => Heading) | Undecided {
  const targets = withPieces(risk, (pieces) =>
    enumerateWidthOne(pieces).realizations.map((r) => floatRealization(pieces, r))
  )
  if (!targets) return fieldTooLarge
  const floats = floatRisk(risk)
  return (parameters) => {
    if (widthOf(parameters) !== 1) throw new RangeError(`headings: width ${widthOf(parameters)} is not one`)
    const now = withRiskAndGradient(risk, networkOf(parameters), ({ pieces, risk: value }) =>
      quotientBounds(pieces, constantQuotient(pieces, value, pieces.ring.constant(one)), 128)
    )
    const possible = targets.flatMap(({ lowest }, i) => (now && compare(lowest, now.upper) > 0 ? [] : [i]))
    const distances = possible.map((i) => {
      const { at, kinks } = targets[i]!
      return Math.sqrt(floats.squaredDistance(parameters, at, kinks))
    })
    const distance = Math.min(...distances)
    return { possible, nearest: possible[distances.indexOf(distance)]!, distance }
  }
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

/** A realization as a function of doubles, with a rational that its risk is not below. */
function floatRealization<T>(pieces: RiskPieces<T>, r: Realization<T>) {
  const approximate = (x: Quotient<T>) => toNumber(quotientBounds(pieces, x, 80).lower)
  const [c, slope] = [approximate(r.c), approximate(r.slope)]
  const orientation = r.form === 'left-kink' ? 'left' : 'right'
  const kink = r.kink ? approximate(kinkPosition(pieces, orientation, r.kink.root)) : toNumber(pieces.a)
  const active = (x: number) => (r.form === 'right-kink' ? x > kink : r.form === 'left-kink' ? x < kink : true)
  return {
    lowest: quotientBounds(pieces, r.risk, 128).lower,
    kinks: r.kink ? [kink] : [],
    at: (x: number) => (active(x) ? c + slope * (x - kink) : c)
  }
}
