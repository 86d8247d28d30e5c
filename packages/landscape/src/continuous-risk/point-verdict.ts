import { one, type Polynomial, toText } from '@nadir/arithmetic'
import { type AffineCase, affineTargetOf, classifyCriticalAffine } from './affine-target.ts'
import { type Digits, fieldTooLarge, type Undecided } from './critical-list.ts'
import { type HingeNetwork, type RiskAndGradient, withRiskAndGradient } from './network-risk.ts'
import { interval } from './piecewise-polynomial.ts'
import { isZero } from './piecewise-roots.ts'
import { constantQuotient, quotientDigits, rationalQuotient } from './quotient.ts'
import type { ContinuousRisk } from './risk.ts'
import { withPieces } from './risk-pieces.ts'
import { enumerateWidthOne } from './width-one.ts'
import { classifyCriticalUnit, type PointCase, strictlyDead } from './width-one-points.ts'

/** A number: its digits, and as a fraction p/q where it is rational. */
export interface NumberRecord {
  readonly digits: Digits
  readonly exact?: string
}

/** What is proved of given parameters of any width. */
export type PointVerdict =
  | {
      readonly kind: 'not-critical'
      readonly risk: NumberRecord
      /** The generalized gradient, which is not zero. */
      readonly gradient: {
        readonly units: readonly { readonly w: NumberRecord; readonly b: NumberRecord; readonly v: NumberRecord }[]
        readonly c: NumberRecord
      }
    }
  | {
      readonly kind: 'critical'
      readonly risk: NumberRecord
      readonly type: 'global-minimum' | 'local-minimum' | 'saddle'
      readonly because: string
      readonly descent?: AffineCase['descent']
    }
  | (Undecided & { readonly risk?: NumberRecord })

/**
 * Are these parameters critical, and if so what kind of point are they? Decided for every width when the target is affine,
 * and for every target when at most one unit is not strictly dead. Exact; numbers to `digits` significant digits.
 */
export function judgeParameters(risk: ContinuousRisk, network: HingeNetwork, digits = 20): PointVerdict {
  const first = withRiskAndGradient(risk, network, (at) => firstVerdict(at, digits))
  if (!first) return fieldTooLarge
  if ('kind' in first) return first
  const { risk: value } = first
  const critical = ({ type, because }: PointCase, descent?: AffineCase['descent']): PointVerdict => ({
    kind: 'critical',
    risk: value,
    type,
    because,
    ...(descent && { descent })
  })
  const affine = affineTargetOf(risk)
  const affineCase = affine && classifyCriticalAffine(affine, network)
  if (affineCase) return critical(affineCase, affineCase.descent)
  const [a, b] = interval(risk.target)
  const live = network.units.filter((unit) => !strictlyDead(unit, a, b))
  if (live.length > 1) {
    return {
      kind: 'undecided',
      risk: value,
      reason: `the parameters are critical, and ${live.length} units are not strictly dead; types are decided for one, or for an affine target`
    }
  }
  const [unit] = live
  if (!unit && network.units.length > 1)
    return critical({ type: 'local-minimum', because: 'every unit is dead and stays dead nearby' })
  const verdict = withPieces(risk, (pieces) => {
    const { type, because, realization } = classifyCriticalUnit(enumerateWidthOne(pieces), unit ?? network.units[0]!)
    const global = network.units.length === 1 && realization.global
    return { type: global ? ('global-minimum' as const) : type, because }
  })
  return verdict ? { kind: 'critical', risk: value, ...verdict } : fieldTooLarge
}

/** Decided without any theory: the gradient is not zero, or the risk is; otherwise just the risk. */
function firstVerdict<T>(
  { pieces, risk, units, c }: RiskAndGradient<T>,
  digits: number
): PointVerdict | { readonly risk: NumberRecord } {
  const record = (constant: Polynomial<T>): NumberRecord => {
    const quotient = constantQuotient(pieces, constant, pieces.ring.constant(one))
    const exact = rationalQuotient(pieces, quotient)
    return { digits: quotientDigits(pieces, quotient, digits), ...(exact && { exact: toText(exact) }) }
  }
  const value = record(risk)
  if (![c, ...units.flatMap((unit) => [unit.w, unit.b, unit.v])].every(isZero)) {
    const gradient = { units: units.map(({ w, b, v }) => ({ w: record(w), b: record(b), v: record(v) })), c: record(c) }
    return { kind: 'not-critical', risk: value, gradient }
  }
  if (isZero(risk)) {
    return { kind: 'critical', risk: value, type: 'global-minimum', because: 'the risk is zero' }
  }
  return { risk: value }
}
