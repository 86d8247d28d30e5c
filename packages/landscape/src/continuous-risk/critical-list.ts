import { toText } from '@nadir/arithmetic'
import { piecewiseRoots } from './piecewise-roots.ts'
import { type Quotient, quotientDigits, rationalQuotient } from './quotient.ts'
import type { ContinuousRisk } from './risk.ts'
import { largestFieldDegree, type RiskPieces, withPieces } from './risk-pieces.ts'
import {
  enumerateWidthOne,
  kinkPosition,
  type OrientedKinks,
  type Realization,
  type RealizationForm,
  type RealizationType,
  type WidthOne
} from './width-one.ts'

/** A decimal that is correct in every digit but the last. */
export type Digits = string

/** One realization function of critical points, ready to print. */
export interface RealizationRecord {
  readonly form: RealizationForm
  readonly kink: Digits | null
  /** Value on the flat piece; for a line, its value at the left end. */
  readonly c: Digits
  /** Slope of the piece that is not flat. */
  readonly slope: Digits
  readonly risk: Digits
  readonly type: RealizationType
  readonly global: boolean
  /** The same numbers as fractions p/q, where they are known to be rational. */
  readonly exact: { readonly kink?: string; readonly c?: string; readonly slope?: string; readonly risk?: string }
}

/** The complete list of realization functions of critical points at width one. */
export interface CriticalList {
  readonly kind: 'critical-list'
  readonly complete: true
  readonly realizations: readonly RealizationRecord[]
  /** Kinks, inside the interval, of critical parameters with w != 0 and v = 0, where the realization is the constant one. */
  readonly flatKinks: { readonly right: readonly Digits[]; readonly left: readonly Digits[] }
}

/** Nothing is claimed, and why. */
export interface Undecided {
  readonly kind: 'undecided'
  readonly reason: string
}

export const fieldTooLarge: Undecided = {
  kind: 'undecided',
  reason: `the irrational breakpoints lie in no number field of degree up to ${largestFieldDegree}; put rational numbers in their place`
}

/**
 * Every realization function of critical points of the risk at width one, with its risk, its type and the global minimum
 * among them; numbers to `digits` significant digits. Exact.
 */
export function criticalList(risk: ContinuousRisk, digits = 20): CriticalList | Undecided {
  return withPieces(risk, (pieces) => listOf(enumerateWidthOne(pieces), digits)) ?? fieldTooLarge
}

function listOf<T>({ realizations, right, left }: WidthOne<T>, digits: number): CriticalList {
  return {
    kind: 'critical-list',
    complete: true,
    realizations: realizations.map((r) => realizationRecord(right.pieces, r, digits)),
    flatKinks: { right: flatKinks(right, digits), left: flatKinks(left, digits) }
  }
}

function realizationRecord<T>(pieces: RiskPieces<T>, r: Realization<T>, digits: number): RealizationRecord {
  const orientation = r.form === 'left-kink' ? 'left' : 'right'
  const kink = r.kink && kinkPosition(pieces, orientation, r.kink.root)
  const shown = (x: Quotient<T>) => quotientDigits(pieces, x, digits)
  const fractions = Object.entries({ kink, c: r.c, slope: r.slope, risk: r.risk }).flatMap(([name, x]) => {
    const exact = x && rationalQuotient(pieces, x)
    return exact ? [[name, toText(exact)]] : []
  })
  return {
    form: r.form,
    kink: kink ? shown(kink) : null,
    c: shown(r.c),
    slope: shown(r.slope),
    risk: shown(r.risk),
    type: r.type,
    global: r.global,
    exact: Object.fromEntries(fractions)
  }
}

/** Isolated zeros of V, ascending. */
function flatKinks<T>({ pieces, equations, orientation }: OrientedKinks<T>, digits: number): readonly Digits[] {
  const { roots } = piecewiseRoots(
    pieces,
    equations.map(({ coefficient }) => coefficient)
  )
  const list = roots.map(({ root }) => quotientDigits(pieces, kinkPosition(pieces, orientation, root), digits))
  return orientation === 'right' ? list : list.reverse()
}
