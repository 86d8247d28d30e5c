import {
  add,
  compare,
  compareWithRational,
  isRational,
  multiply,
  negate,
  type Polynomial,
  type Rational,
  rational,
  sign,
  signAtRational,
  subtract
} from '@nadir/arithmetic'
import { type HingeUnit, kinkOf } from './network-risk.ts'
import { isZero, piecewiseRoots, signBeside } from './piecewise-roots.ts'
import type { RiskPieces } from './risk-pieces.ts'
import { bestLine, type OrientedKinks, type Realization, type WidthOne } from './width-one.ts'

/** What kind of point critical parameters are; there are no local maxima, since the risk is strictly convex in c. */
export type PointType = 'local-minimum' | 'saddle'

/** For which V = |w| v a unit whose kink sits exactly on the end where it is just not active is a local minimum; never for V = 0, unless always. */
export type EndRule<T> =
  | { readonly kind: 'always' }
  | { readonly kind: 'nonzero' }
  | { readonly kind: 'positive' }
  | { readonly kind: 'negative' }
  /** Exactly for V outside the closed interval between 0 and numerator / denominator; denominator > 0. */
  | { readonly kind: 'outside'; readonly numerator: Polynomial<T>; readonly denominator: Polynomial<T> }

/**
 * How the risk leaves the constant function when a unit whose kink lies on b (in the mirror, on a) moves inside: for
 * fixed V and best c it changes by V (V determinant - 2 coefficient) / mass, polynomials in the kink. The lower order at the
 * end decides; at equal orders V enters, and where it balances exactly, V nearby tips it. Exact.
 */
export function inactiveEndRule<T>({ pieces, equations }: OrientedKinks<T>): EndRule<T> {
  const { domain, ring, ends } = pieces
  const { determinant, coefficient } = equations.at(-1)!
  const end = ends.at(-1)!
  if (isZero(coefficient)) return { kind: 'always' }
  const v = lowestOrder(pieces, coefficient, end)
  const d = lowestOrder(pieces, determinant, end)
  if (v.order > d.order) return { kind: 'nonzero' }
  if (v.order < d.order) return { kind: signBeside(pieces, coefficient, end, 'left') > 0 ? 'negative' : 'positive' }
  const orientation = domain.sign(d.leading.numerators[0]!) > 0 ? 1n : -1n
  return {
    kind: 'outside',
    numerator: ring.scale(v.leading, rational(2n * orientation)),
    denominator: ring.scale(d.leading, rational(orientation))
  }
}

/** f = leading * (x - at)^order + terms of higher order; f is not zero. Exact. */
function lowestOrder<T>({ ring }: RiskPieces<T>, f: Polynomial<T>, at: Polynomial<T>) {
  let derivative = f
  let factorial = 1n
  for (let order = 0; ; order++) {
    const value = ring.compose(derivative, at)
    if (!isZero(value)) return { order, leading: ring.scale(value, rational(1n, factorial)) }
    derivative = ring.derivative(derivative)
    factorial *= BigInt(order + 1)
  }
}

/** Is a unit with its kink on the inactive end, and this V, at a local minimum? Exact. */
export function minimumAtInactiveEnd<T>({ pieces }: OrientedKinks<T>, rule: EndRule<T>, v: Rational): boolean {
  const s = sign(v)
  if (rule.kind === 'always') return true
  if (rule.kind === 'nonzero') return s !== 0
  if (rule.kind === 'positive') return s > 0
  if (rule.kind === 'negative') return s < 0
  const { ring, domain } = pieces
  const beyond = ring.subtract(ring.scale(rule.denominator, v), rule.numerator)
  return !isZero(beyond) && s * domain.sign(beyond.numerators[0]!) > 0
}

/** The sign that V has wherever it is not zero: 0 when it vanishes everywhere, undefined when it takes both. Exact. */
export function signOfCoefficient<T>({ pieces, equations }: OrientedKinks<T>): -1 | 0 | 1 | undefined {
  const { domain, ring, ends } = pieces
  const f = equations.map(({ coefficient }) => coefficient)
  const signs = new Set(f.map((p, k) => signBeside(pieces, p, ends[k]!, 'right')))
  for (const { piece, atBreakpoint, root } of piecewiseRoots(pieces, f).roots) {
    if (atBreakpoint) continue
    if (isRational(root)) signs.add(signBeside(pieces, f[piece]!, ring.constant(root.lower), 'right'))
    else signs.add(signAtRational(domain, f[piece]!.numerators, root.upper))
  }
  signs.delete(0)
  return signs.size === 0 ? 0 : signs.size === 1 ? [...signs][0] : undefined
}

/** Does the risk rise when the kink of the best line enters at the end where its unit is active everywhere? The line is not constant. Exact. */
export function risesFromActiveEnd<T>({ pieces, equations }: OrientedKinks<T>): boolean {
  const { kink, coefficient } = equations[0]!
  const start = pieces.ends[0]!
  // E' = -2 V kink / determinant^2, and V does not vanish at the end: there it is the slope of the line.
  return signBeside(pieces, coefficient, start, 'right') * signBeside(pieces, kink, start, 'right') < 0
}

/** A unit that is not active anywhere on the interval, with room to spare. */
export function strictlyDead(unit: HingeUnit, a: Rational, b: Rational): boolean {
  const q = kinkOf(unit)
  if (!q) return sign(unit.b) < 0
  return sign(unit.w) > 0 ? compare(q, b) > 0 : compare(q, a) < 0
}

/** The type of critical parameters, and which case decides it. */
export interface PointCase {
  readonly type: PointType
  readonly because: string
}

/**
 * The type of parameters of one unit that are known to be critical, and their realization. Exact; every case is decided.
 * A local minimum with one unit stays one when strictly dead units are added.
 */
export function classifyCriticalUnit<T>(
  one: WidthOne<T>,
  unit: HingeUnit
): PointCase & { readonly realization: Realization<T> } {
  const { pieces } = one.right
  const [constant, line] = one.realizations as [Realization<T>, Realization<T>]
  const point = (minimum: boolean, because: string, realization: Realization<T> = constant) => ({
    type: typeOf(minimum),
    because,
    realization
  })
  const v = sign(unit.v)
  const lineIsConstant = isZero(bestLine(pieces, one.integrals).slope)
  if (strictlyDead(unit, pieces.a, pieces.b)) return point(true, 'the unit is dead and stays dead nearby')
  const q = kinkOf(unit)
  if (!q) {
    if (sign(unit.b) === 0) return point(minimumAtOrigin(one, v), 'w = b = 0: a minimum when no small hinge helps')
    return v === 0
      ? point(lineIsConstant, 'a constant unit with v = 0: a minimum when no line beats the constant')
      : point(true, 'a constant unit: nearby it can only tilt, and no line beats the constant')
  }
  const oriented = sign(unit.w) > 0 ? one.right : one.left
  const at = sign(unit.w) > 0 ? q : subtract(add(pieces.a, pieces.b), q)
  const fromStart = compare(at, pieces.a)
  if (compare(at, pieces.b) === 0) {
    const coefficient = multiply(unit.v, sign(unit.w) > 0 ? unit.w : negate(unit.w))
    const minimum = minimumAtInactiveEnd(oriented, inactiveEndRule(oriented), coefficient)
    return point(minimum, 'the kink sits on the end where the unit is just not active')
  }
  if (fromStart > 0 && v !== 0) {
    const realization = realizationAt(one, oriented, at)
    const minimum = realization.type === 'local-minimum'
    return point(minimum, 'the kink is critical for the best risk as a function of the kink', realization)
  }
  if (fromStart > 0)
    return point(flatAround(oriented, at), 'v = 0: a minimum only if the target is its mean around the kink')
  if (fromStart < 0) {
    return point(true, 'the kink lies strictly outside: nearby the network is still a line', v === 0 ? constant : line)
  }
  return v === 0
    ? point(isZero(oriented.equations[0]!.coefficient), 'v = 0 and the kink on the end where the unit is just active')
    : point(risesFromActiveEnd(oriented), 'the kink sits on the end where the unit is just active', line)
}

export const typeOf = (minimum: boolean): PointType => (minimum ? 'local-minimum' : 'saddle')

/** w = b = 0: is v times the first-order change non-negative for every small hinge and line? */
export function minimumAtOrigin<T>({ right, left, integrals }: WidthOne<T>, v: number): boolean {
  const [r, l] = [signOfCoefficient(right), signOfCoefficient(left)]
  if (v === 0) return r === 0 && l === 0
  const harmless = (s: number | undefined) => s !== undefined && v * s <= 0
  return isZero(bestLine(right.pieces, integrals).slope) && harmless(r) && harmless(l)
}

/** Does V vanish identically on both sides of the kink? */
function flatAround<T>({ pieces, equations }: OrientedKinks<T>, q: Rational): boolean {
  const at = pieces.ring.constant(q)
  const order = pieces.ends.map((end) => compareConstants(pieces, end, at))
  return equations.every(({ coefficient }, k) => order[k]! > 0 || order[k + 1]! < 0 || isZero(coefficient))
}

const compareConstants = <T>({ ring, domain }: RiskPieces<T>, s: Polynomial<T>, t: Polynomial<T>): number =>
  domain.sign(ring.subtract(s, t).numerators[0] ?? domain.zero)

/** The kinked realization whose kink is q, in the coordinate of its orientation. */
function realizationAt<T>({ realizations }: WidthOne<T>, { critical, pieces }: OrientedKinks<T>, q: Rational) {
  const kink = critical.kinks.find(({ root }) => compareWithRational(pieces.domain, root, q) === 0)
  const found = kink && realizations.find((r) => r.kink === kink)
  if (!found) throw new RangeError('classifyCriticalUnit: the parameters are not critical')
  return found
}
