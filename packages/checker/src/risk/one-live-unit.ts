import type { Budget } from '../budget.ts'
import { reject } from '../outcome.ts'
import { compare, type Rational } from '../rational.ts'
import type { PointClaim, Unit } from './claim.ts'
import { slopesAt } from './critical-functions.ts'
import { type KinkPiece, kinkEquations, mirrored, type Side, sideBySide } from './kink-equations.ts'
import { isActive, isDead, kinkOf, type RiskAndGradient } from './network.ts'
import { isZero, type Polynomial, signAt, valueAt } from './polynomial.ts'
import { firstOf, lastOf, type Pieces } from './problem.ts'
import { minus, opposite, over, plus, signOfRational, times, whole } from './rationals.ts'
import { isNowhereNegative, signsBeside } from './roots.ts'

const step = 'one-live-unit'

type Oriented = { readonly side: Side; readonly equations: readonly KinkPiece[] }

const orientedAs = (side: Side, budget: Budget): Oriented => ({ side, equations: kinkEquations(side, budget).pieces })

/** The order of the zero of f at t, and the derivative of that order; f is not zero. */
const lowestTerm = (
  f: Polynomial,
  t: Rational,
  budget: Budget
): { readonly order: number; readonly value: Rational } => {
  let derivative = f
  for (let order = 0; ; order += 1) {
    const value = valueAt(derivative, t, budget)
    if (value.numerator !== 0n) return { order, value }
    const { numerators, denominator } = derivative
    derivative = { numerators: numerators.slice(1).map((entry, i) => entry * BigInt(i + 1)), denominator }
  }
}

/** (e): the kink sits on the end where the unit is just not active. */
const isMinimumAtInactiveEnd = ({ side, equations }: Oriented, u: Rational, budget: Budget): boolean => {
  const { coefficient, determinant } = equations[equations.length - 1]
  const end = side.breakpoints[side.breakpoints.length - 1]
  if (isZero(coefficient)) return true
  const sign = signOfRational(u)
  if (sign === 0) return false
  const [v, d] = [coefficient, determinant].map((f) => lowestTerm(f, end, budget))
  if (v.order !== d.order) {
    return v.order > d.order || sign * signsBeside(coefficient.numerators, end, budget)[0] < 0
  }
  return sign * signOfRational(minus(u, over(times(whole(2n), v.value), d.value))) > 0
}

/** (d): the kink sits on the end where the unit is just active. */
const isMinimumAtActiveEnd = ({ side, equations }: Oriented, v: Rational, budget: Budget): boolean => {
  const [{ coefficient, kink }] = equations
  const [start] = side.breakpoints
  if (v.numerator === 0n) return isZero(coefficient)
  if (isZero(kink)) return reject(step, 'the kink equation is zero')
  return signAt(coefficient.numerators, start, budget) * signsBeside(kink.numerators, start, budget)[1] < 0
}

/** (f): w = b = 0. */
const isMinimumAtOrigin = (both: readonly Oriented[], v: Rational, budget: Budget): boolean => {
  const sign = BigInt(-signOfRational(v))
  return both.every(({ side, equations }) =>
    equations.every(
      ({ coefficient }, k) =>
        isZero(coefficient) ||
        (sign !== 0n &&
          isNowhereNegative(
            coefficient.numerators.map((entry) => sign * entry),
            side.breakpoints[k],
            side.breakpoints[k + 1],
            budget
          ))
    )
  )
}

/** (b) and (c): the kink is inside. */
const isMinimumInside = ({ side, equations }: Oriented, v: Rational, at: Rational, budget: Budget): boolean => {
  if (v.numerator === 0n) {
    // Every piece that holds the kink or ends there.
    return equations.every(
      ({ coefficient }, k) =>
        compare(side.breakpoints[k], at) > 0 || compare(side.breakpoints[k + 1], at) < 0 || isZero(coefficient)
    )
  }
  const slopes = slopesAt(side, equations, at, budget)
  return slopes === undefined ? reject(step, 'the kink equation does not hold') : slopes[0] < 0 && slopes[1] > 0
}

const isMinimum = (right: Side, { w, b, v }: Unit, at: Rational | undefined, budget: Budget): boolean => {
  const left = mirrored(right, budget)
  if (at === undefined) {
    return b.numerator === 0n
      ? isMinimumAtOrigin([orientedAs(right, budget), orientedAs(left, budget)], v, budget)
      : reject(step, 'the unit is dead')
  }
  const oriented = orientedAs(w.numerator > 0n ? right : left, budget)
  const { breakpoints } = oriented.side
  const [start, end] = [breakpoints[0], breakpoints[breakpoints.length - 1]]
  const kink = w.numerator > 0n ? at : minus(plus(start, end), at)
  if (compare(kink, end) === 0)
    return isMinimumAtInactiveEnd(oriented, times(w.numerator > 0n ? w : opposite(w), v), budget)
  return compare(kink, start) === 0
    ? isMinimumAtActiveEnd(oriented, v, budget)
    : isMinimumInside(oriented, v, kink, budget)
}

/** Rejects unless critical parameters with at most one unit that is not dead are what the rule one-live-unit makes of them. */
export const requireOneLiveUnit = (
  target: Pieces,
  density: Pieces,
  { kind, parameters }: PointClaim,
  { moment }: RiskAndGradient,
  budget: Budget
): 'proved' => {
  const [a, b] = [firstOf(target), lastOf(target)]
  const live = parameters.units.filter((unit) => !isDead(unit, a, b))
  if (live.length > 1) return reject(step, `${live.length} units are not dead`)
  const requireType = (minimum: boolean): 'proved' => {
    const type = minimum ? 'local-minimum' : 'saddle'
    return kind === type ? 'proved' : reject(step, `the point is a ${type}`)
  }
  if (live.length === 0) return requireType(true)
  const [unit] = live
  if (isActive(unit, a, b)) {
    return requireType(unit.w.numerator !== 0n || unit.v.numerator !== 0n || moment.numerator === 0n)
  }
  return requireType(isMinimum(sideBySide(target, density), unit, kinkOf(unit), budget))
}
