import { type Budget, spend } from '../budget.ts'
import { bitLength } from '../integers.ts'
import { reject } from '../outcome.ts'
import { compare, type Rational } from '../rational.ts'
import type { Parameters, RiskClaim } from './claim.ts'
import { isDead, kinkOf, requireUnits } from './network.ts'
import type { EqualRisks, RiskProblem } from './problem.ts'
import { lowest, minus, opposite, over, plus, signOfRational, times, whole } from './rationals.ts'

type EqualRiskClaim = Extract<RiskClaim, { kind: 'equal-risk-minima' }>

/** A unit in the coordinate (x - a)/(b - a), divided by the scale: U max(x - q, 0). */
type Hinge = { readonly q: Rational; readonly u: Rational }

const one = whole(1n)
const square = (x: Rational): Rational => times(x, x)

/** q (1 + 3 r^2) = 1 - r^2 */
const isKinkOf = (q: Rational, r: Rational): boolean =>
  compare(times(q, plus(one, times(whole(3n), square(r)))), minus(one, square(r))) === 0

const bitsOf = ({ units, c }: Parameters): number =>
  Math.max(
    ...[c, ...units.flatMap(({ w, b, v }) => [w, b, v])].map((x) => bitLength(x.numerator) + bitLength(x.denominator))
  )

/** The units that are not dead, as hinges; rejects one with w <= 0 or a kink outside. */
const hingesOf = (
  { a, b, scale }: EqualRisks,
  parameters: Parameters,
  step: string,
  budget: Budget
): readonly Hinge[] => {
  const bits =
    4 * (bitsOf(parameters) + bitLength(a.denominator) + bitLength(b.denominator) + bitLength(scale.denominator))
  spend(budget, [parameters.units.length, 32, bits], bits, 1)
  const length = minus(b, a)
  return parameters.units.flatMap((unit) => {
    if (isDead(unit, a, b)) return []
    const kink = kinkOf(unit)
    if (kink === undefined || unit.w.numerator < 0n) return reject(step, 'a unit is neither dead nor has w > 0')
    const q = over(minus(kink, a), length)
    if (q.numerator <= 0n || compare(q, one) >= 0) return reject(step, 'a unit has its kink outside the interval')
    return [{ q, u: over(times(times(unit.w, unit.v), length), scale) }]
  })
}

const isBeforeTwoThirds = (q: Rational): boolean => 3n * q.numerator < 2n * q.denominator

/** Rejects unless the parameters are a member of the family; gives its number e. */
const requireMember = (target: EqualRisks, parameters: Parameters, step: string, budget: Budget): Rational => {
  const hinges = hingesOf(target, parameters, step, budget)
  if (hinges.length !== 1) reject(step, `${hinges.length} units are not dead`)
  const [{ q, u }] = hinges
  const e = over(parameters.c, target.scale)
  if (!isBeforeTwoThirds(q)) reject(step, 'the kink is not in the first two thirds')
  if (compare(whole(3n), over(one, e.numerator === 0n ? one : e)) <= 0 || compare(e, one) >= 0 || e.numerator <= 0n) {
    reject(step, 'c is not between the bounds of the family')
  }
  if (!isKinkOf(q, e)) reject(step, 'kink and c do not belong together')
  if (compare(times(u, square(minus(one, q))), times(whole(-2n), e)) !== 0)
    reject(step, 'the outgoing weight is another')
  return e
}

/** The integral of (x - q) g from q to 1. */
const momentOf = ({ q }: Hinge, rho: Rational | undefined): Rational => {
  const l = minus(one, q)
  if (rho !== undefined) {
    return opposite(times(lowest(1n, 6n), times(l, times(plus(one, times(whole(3n), q)), rho))))
  }
  const l2 = square(l)
  return plus(times(lowest(-19n, 18n), l2), plus(times(lowest(7n, 3n), times(l2, l)), times(whole(-2n), square(l2))))
}

const gainOf = (hinges: readonly Hinge[], e: Rational, roots: readonly Rational[]): Rational => {
  let used = 0
  let gain = opposite(square(e))
  for (const hinge of hinges) {
    let rho: Rational | undefined
    if (isBeforeTwoThirds(hinge.q)) {
      if (used === roots.length) return reject('better', 'a root is missing')
      rho = roots[used]
      used += 1
      if (rho.numerator <= 0n || !isKinkOf(hinge.q, rho))
        reject('better', `root ${used - 1} does not belong to its kink`)
    }
    const l = minus(one, hinge.q)
    gain = plus(gain, times(whole(2n), times(hinge.u, momentOf(hinge, rho))))
    gain = minus(gain, times(e, times(hinge.u, square(l))))
    for (const other of hinges) {
      const between = minus(hinge.q, other.q)
      const distance = between.numerator < 0n ? opposite(between) : between
      const shorter = compare(hinge.q, other.q) >= 0 ? l : minus(one, other.q)
      const overlap = times(square(shorter), plus(over(shorter, whole(3n)), over(distance, whole(2n))))
      gain = minus(gain, times(times(hinge.u, other.u), overlap))
    }
  }
  if (used !== roots.length) reject('better', `${roots.length} roots where ${used} are due`)
  return gain
}

/** Rejects unless the minima are members of the family, and `better` is better by the gap, which exceeds delta. */
export const requireEqualRiskMinima = (
  { hidden, target }: RiskProblem,
  { minima, better, gap, delta }: EqualRiskClaim,
  roots: readonly Rational[],
  budget: Budget
): 'proved' => {
  if (target.kind !== 'equal-risks' || hidden < 2) {
    return reject('target', 'the rule is for equal-risks and at least two units')
  }
  if (minima.length === 0) reject('minima', 'none is listed')
  const seen = new Set<string>()
  for (const [i, parameters] of minima.entries()) {
    const step = `minimum ${i}`
    requireUnits(parameters, hidden, step)
    const e = requireMember(target, parameters, step, budget)
    const name = `${e.numerator}/${e.denominator}`
    if (seen.has(name)) reject(step, 'the function is listed before')
    seen.add(name)
  }
  requireUnits(better, hidden, 'better')
  const hinges = hingesOf(target, better, 'better', budget)
  const bits = 8 * bitsOf(better) + roots.reduce((most, r) => Math.max(most, bitLength(r.denominator)), 4)
  spend(budget, [hinges.length + 1, hinges.length + 1, 16, bits], bits * (hinges.length + 1), 1)
  const gain = gainOf(hinges, over(better.c, target.scale), roots)
  const excess = times(times(square(target.scale), minus(target.b, target.a)), minus(gain, lowest(1n, 3n)))
  if (compare(gap, excess) !== 0) reject('gap', 'the gap is another')
  if (signOfRational(delta) <= 0) reject('gap', 'delta is not positive')
  if (compare(gap, delta) <= 0) reject('gap', 'the gap is not above delta')
  return 'proved'
}
