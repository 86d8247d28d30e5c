import type { Rational } from '../rational.ts'
import { lossText } from '../statement.ts'
import type { RiskClaim } from './claim.ts'
import { firstOf, lastOf, type RiskProblem } from './problem.ts'

const short = ({ numerator, denominator }: Rational): string => {
  const text = denominator === 1n ? `${numerator}` : `${numerator}/${denominator}`
  return text.length <= 40 ? text : `a fraction of ${text.length} characters`
}

const units = (hidden: number): string => (hidden === 1 ? 'one hidden unit' : `${hidden} hidden units`)

/** The claim as one English sentence. */
export const riskStatement = (claim: RiskClaim, { hidden, target }: RiskProblem): string => {
  const [a, b] = target.kind === 'pieces' ? [firstOf(target), lastOf(target)] : [target.a, target.b]
  const risk = `The risk on [${short(a)}, ${short(b)}] with ${units(hidden)}`
  switch (claim.kind) {
    case 'critical-functions': {
      const { length } = claim.functions
      const least = claim.functions.filter(({ global }) => global).length
      const minima = claim.functions.filter(({ type }) => type === 'local-minimum').length
      return `${risk} has exactly ${length} functions of critical points, those listed; ${minima} of them occur at local minima, ${least} at global minima.`
    }
    case 'affine-critical-functions':
      return `${risk} for this affine target has exactly ${claim.functions.length} functions of critical points: the target, its mean and ${claim.functions.length - 2} zigzags.`
    case 'equal-risk-minima':
      return `${risk} for this target has uncountably many functions of local minima with one risk, ${claim.minima.length} of them listed; other parameters have a risk that is less by ${lossText(claim.gap)}, more than ${short(claim.delta)}.`
    case 'value':
      return `${risk} is exactly ${lossText(claim.risk)} at the parameters.`
    case 'not-critical':
      return `${risk} is exactly ${lossText(claim.risk)} at the parameters, and they are not critical.`
    case 'saddle':
      return `${risk} is exactly ${lossText(claim.risk)} at the parameters, and they are a saddle.`
    case 'local-minimum':
      return `${risk} is exactly ${lossText(claim.risk)} at the parameters, and they are a local minimum.`
    case 'global-minimum':
      return `${risk} is exactly ${lossText(claim.risk)} at the parameters, and they are a global minimum.`
  }
}
