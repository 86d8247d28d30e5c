import type { Budget } from '../budget.ts'
import { reject } from '../outcome.ts'
import { compare } from '../rational.ts'
import { requireAffineFunctions, requireAffinePoint } from './affine-target.ts'
import type { PointClaim, RiskClaim } from './claim.ts'
import { requireCriticalFunctions } from './critical-functions.ts'
import { requireEqualRiskMinima } from './equal-risks.ts'
import type { RiskEvidence } from './evidence.ts'
import { isCritical, requireUnits, riskAndGradient } from './network.ts'
import { requireOneLiveUnit } from './one-live-unit.ts'
import type { RiskProblem } from './problem.ts'

const proves: Readonly<Record<RiskEvidence['rule'], readonly RiskClaim['kind'][]>> = {
  'kink-equations': ['critical-functions'],
  'affine-target': ['affine-critical-functions'],
  'equal-risks': ['equal-risk-minima'],
  integrals: ['value'],
  gradient: ['not-critical'],
  'zero-risk': ['global-minimum'],
  'affine-point': ['saddle', 'local-minimum'],
  'one-live-unit': ['saddle', 'local-minimum']
}

const requirePoint = (
  problem: RiskProblem,
  claim: PointClaim,
  rule: RiskEvidence['rule'],
  budget: Budget
): 'proved' => {
  const { hidden, target, density } = problem
  if (target.kind !== 'pieces') {
    return reject('target', 'the rules for parameters are for targets of the kind pieces')
  }
  requireUnits(claim.parameters, hidden, 'parameters')
  const found = riskAndGradient(target, density, claim.parameters, budget)
  if (compare(found.risk, claim.risk) !== 0) reject('integrals', 'the risk is another')
  if (rule === 'integrals') return 'proved'
  if (rule === 'zero-risk') {
    if (claim.risk.numerator !== 0n) reject('zero-risk', 'the risk is not 0')
    return 'proved'
  }
  if (rule === 'gradient') {
    if (isCritical(found)) reject('gradient', 'the gradient is 0')
    return 'proved'
  }
  if (!isCritical(found)) reject('gradient', 'the gradient is not 0')
  if (rule === 'affine-point') return requireAffinePoint(problem, claim)
  if (rule === 'one-live-unit') return requireOneLiveUnit(target, density, claim, found, budget)
  return reject('rule', `the rule ${rule} is not for parameters`)
}

/** Answers only when the evidence proves the claim about the risk; else rejects or declines. */
export const requireRiskProved = (
  problem: RiskProblem,
  claim: RiskClaim,
  evidence: RiskEvidence,
  budget: Budget
): 'proved' => {
  if (!proves[evidence.rule].includes(claim.kind)) {
    reject('rule', `the rule ${evidence.rule} does not prove the claim ${claim.kind}`)
  }
  switch (claim.kind) {
    case 'critical-functions':
      if (evidence.rule !== 'kink-equations') return reject('rule', 'another rule')
      if (problem.target.kind !== 'pieces') return reject('target', 'the rule is for targets of the kind pieces')
      return requireCriticalFunctions(problem, problem.target, claim.functions, evidence.tie, budget)
    case 'affine-critical-functions':
      return requireAffineFunctions(problem, claim.functions, budget)
    case 'equal-risk-minima':
      if (evidence.rule !== 'equal-risks') return reject('rule', 'another rule')
      return requireEqualRiskMinima(problem, claim, evidence.roots, budget)
    default:
      return requirePoint(problem, claim, evidence.rule, budget)
  }
}
