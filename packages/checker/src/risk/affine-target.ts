import { type Budget, spend } from '../budget.ts'
import { reject } from '../outcome.ts'
import { compare, type Rational } from '../rational.ts'
import type { AffineFunction, PointClaim } from './claim.ts'
import { isDead, kinkOf } from './network.ts'
import { firstOf, isUniform, lastOf, type RiskProblem } from './problem.ts'
import { lowest, minus, over, signOfRational, times, whole } from './rationals.ts'

type AffineTarget = { readonly alpha: Rational; readonly a: Rational; readonly b: Rational }

const requireAffine = (problem: RiskProblem): AffineTarget => {
  const { target } = problem
  if (target.kind !== 'pieces' || !isUniform(problem) || target.pieces.length !== 1) {
    return reject('target', 'the rule is for one polynomial as target and the density 1')
  }
  const { numerators, denominator } = target.pieces[0]
  if (numerators.length !== 2) return reject('target', 'the target is not alpha x + beta with alpha not 0')
  return { alpha: lowest(numerators[1], denominator), a: firstOf(target), b: lastOf(target) }
}

/** alpha^2 (b - a)^3 / 12 */
const constantRisk = ({ alpha, a, b }: AffineTarget): Rational => {
  const length = minus(b, a)
  return over(times(times(alpha, alpha), times(length, times(length, length))), whole(12n))
}

/** Rejects unless these are the functions of all critical points, as the rule affine-target says. */
export const requireAffineFunctions = (
  problem: RiskProblem,
  functions: readonly AffineFunction[],
  budget: Budget
): 'proved' => {
  const largest = constantRisk(requireAffine(problem))
  const count = 2 + Math.floor(problem.hidden / 2)
  if (functions.length !== count) reject('list', `${functions.length} functions where there are ${count}`)
  spend(budget, [count], 256, 256)
  for (const [i, claimed] of functions.entries()) {
    const form = i === 0 ? 'target' : i === 1 ? 'constant' : 'zigzag'
    const step = `function ${i}`
    if (claimed.form !== form) reject(step, `a ${form} is due`)
    const kinks = 2 * (i - 1)
    if (claimed.form === 'zigzag' && claimed.kinks !== kinks) reject(step, `${kinks} kinks are due`)
    const risk = i === 0 ? whole(0n) : over(largest, whole(BigInt(kinks + 1) ** 4n))
    if (compare(claimed.risk, risk) !== 0) reject(step, 'the risk is another')
  }
  return 'proved'
}

/** Rejects unless critical parameters with a positive risk are what the rule affine-point makes of them. */
export const requireAffinePoint = (problem: RiskProblem, { kind, parameters, risk }: PointClaim): 'proved' => {
  const target = requireAffine(problem)
  const { a, b } = target
  if (risk.numerator <= 0n) reject('affine-point', 'the risk is 0')
  const zigzag = parameters.units.some((unit) => {
    const q = kinkOf(unit)
    return q !== undefined && unit.v.numerator !== 0n && compare(a, q) < 0 && compare(q, b) < 0
  })
  const alpha = signOfRational(target.alpha)
  const isSafe = parameters.units.every((unit) => {
    if (isDead(unit, a, b)) return true
    const q = kinkOf(unit)
    const pull = alpha * signOfRational(unit.v)
    if (q === undefined) return false
    return unit.w.numerator > 0n ? compare(q, b) === 0 && pull < 0 : compare(q, a) === 0 && pull > 0
  })
  const type = !zigzag && isSafe ? 'local-minimum' : 'saddle'
  return kind === type ? 'proved' : reject('affine-point', `the point is a ${type}`)
}
