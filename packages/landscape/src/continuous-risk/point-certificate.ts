import { sign, toText } from '@nadir/arithmetic'
import { type Certificate, seal } from '../certification/certificate.ts'
import { affineRealizations, affineTargetOf } from './affine-target.ts'
import type { HingeNetwork } from './network-risk.ts'
import { interval } from './piecewise-polynomial.ts'
import type { PointVerdict } from './point-verdict.ts'
import type { ContinuousRisk } from './risk.ts'
import { hingeDocument, riskDocument } from './risk-document.ts'
import { strictlyDead } from './width-one-points.ts'

/** The certificate that these are all functions of critical points for an affine target that is not constant: rule affine-target. */
export function affineCertificate(risk: ContinuousRisk, width: number): Certificate | undefined {
  const problem = riskDocument(risk, width)
  const target = affineTargetOf(risk)
  if (problem === undefined || target === undefined || sign(target.alpha) === 0) return undefined
  const functions = affineRealizations(target, width).map((r) =>
    r.kind === 'zigzag'
      ? { form: 'zigzag', kinks: r.kinks, risk: toText(r.risk) }
      : { form: r.kind, risk: toText(r.risk) }
  )
  return seal(problem, { kind: 'affine-critical-functions', functions }, { rule: 'affine-target' })
}

/**
 * The certificate of what a verdict says about parameters, or of less where no rule proves all of it: a local minimum for one that is known to
 * be global by enumeration. Undefined for irrational breakpoints.
 */
export function pointCertificate(
  risk: ContinuousRisk,
  network: HingeNetwork,
  verdict: PointVerdict
): Certificate | undefined {
  const problem = riskDocument(risk, network.units.length)
  const value = verdict.risk?.exact
  if (problem === undefined || value === undefined) return undefined
  const sealed = (kind: string, rule: string) =>
    seal(problem, { kind, parameters: hingeDocument(network), risk: value }, { rule })
  if (verdict.kind === 'not-critical') return sealed('not-critical', 'gradient')
  if (verdict.kind === 'undecided') return sealed('value', 'integrals')
  if (value === '0') return sealed('global-minimum', 'zero-risk')
  const type = verdict.type === 'global-minimum' ? 'local-minimum' : verdict.type
  const target = affineTargetOf(risk)
  if (target && sign(target.alpha) !== 0) return sealed(type, 'affine-point')
  return hasRule(risk, network) ? sealed(type, 'one-live-unit') : sealed('value', 'integrals')
}

/** The rule one-live-unit is for at most one unit that is not dead. */
function hasRule(risk: ContinuousRisk, { units }: HingeNetwork): boolean {
  const [a, b] = interval(risk.target)
  return units.filter((unit) => !strictlyDead(unit, a, b)).length <= 1
}
