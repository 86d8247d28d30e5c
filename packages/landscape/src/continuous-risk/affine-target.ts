import {
  add,
  compare,
  divide,
  equal,
  multiply,
  negate,
  one,
  type Rational,
  rational,
  sign,
  subtract,
  zero
} from '@nadir/arithmetic'
import { type HingeNetwork, type HingeUnit, kinkOf } from './network-risk.ts'
import { interval } from './piecewise-polynomial.ts'
import type { ContinuousRisk } from './risk.ts'
import { type PointCase, strictlyDead } from './width-one-points.ts'

/** The target alpha x + beta on [a, b], with density 1. */
export interface AffineTarget {
  readonly alpha: Rational
  readonly beta: Rational
  readonly a: Rational
  readonly b: Rational
}

/** The affine target of a risk; undefined when its target is not affine or its density is not 1. */
export function affineTargetOf({ target, density }: ContinuousRisk): AffineTarget | undefined {
  const [f, p] = [target.pieces[0]!, density.pieces[0]!]
  const uniform =
    density.pieces.length === 1 && p.denominator === 1n && p.numerators.length === 1 && p.numerators[0] === 1n
  if (target.pieces.length > 1 || f.numerators.length > 2 || !uniform) return undefined
  const [a, b] = interval(target)
  return {
    alpha: rational(f.numerators[1] ?? 0n, f.denominator),
    beta: rational(f.numerators[0] ?? 0n, f.denominator),
    a,
    b
  }
}

/** A realization function that critical parameters have for an affine target. */
export type AffineRealization =
  | { readonly kind: 'target'; readonly risk: Rational; readonly type: 'global-minimum' }
  /** The mean of the target. Each type with the units that critical parameters of that type have. */
  | { readonly kind: 'constant'; readonly risk: Rational; readonly type: 'local-minimum'; readonly otherwise: 'saddle' }
  /** A zigzag around the target with `kinks` equidistant kinks. */
  | { readonly kind: 'zigzag'; readonly kinks: number; readonly risk: Rational; readonly type: 'saddle' }

/**
 * Every realization function of critical points of width H >= 1 for an affine target that is not constant: the target
 * itself, its mean, and one zigzag for each even number of kinks up to H; for a constant target, the target alone. Exact.
 * Reference: Cheridito, Jentzen, Rossmannek, arXiv:2103.10922.
 */
export function affineRealizations({ alpha, a, b }: AffineTarget, width: number): readonly AffineRealization[] {
  const target: AffineRealization = { kind: 'target', risk: zero, type: 'global-minimum' }
  if (sign(alpha) === 0) return [target]
  const length = subtract(b, a)
  const constantRisk = divide(
    multiply(multiply(alpha, alpha), multiply(length, multiply(length, length))),
    rational(12n)
  )
  const zigzags = Array.from({ length: Math.floor(width / 2) }, (_, i): AffineRealization => {
    const kinks = 2 * (i + 1)
    return {
      kind: 'zigzag',
      kinks,
      risk: divide(constantRisk, rational(BigInt(kinks + 1) ** 4n)),
      type: 'saddle'
    }
  })
  return [target, { kind: 'constant', risk: constantRisk, type: 'local-minimum', otherwise: 'saddle' }, ...zigzags]
}

/** A direction in parameter space. */
export interface NetworkDirection {
  readonly units: readonly { readonly w: Rational; readonly b: Rational; readonly v: Rational }[]
  readonly c: Rational
}

/** The type of critical parameters, with a direction of negative curvature where the saddle has a zigzag realization. */
export interface AffineCase extends PointCase {
  readonly realization: 'constant' | 'zigzag'
  /** Half the second derivative of the risk along the direction, negative. */
  readonly descent?: { readonly direction: NetworkDirection; readonly curvature: Rational }
}

/**
 * The type of parameters that are known to be critical with positive risk, for an affine target. Exact.
 * Undefined when they have neither of the two shapes that the classification leaves.
 */
export function classifyCriticalAffine(target: AffineTarget, { units }: HingeNetwork): AffineCase | undefined {
  const { a, b } = target
  const live = units.filter((unit) => !isInactive(unit, a, b) && sign(unit.w) !== 0)
  if (live.length === 0) return constantCase(target, units)
  return zigzagCase(target, units, live)
}

/** No point of the interval, up to a null set, makes the unit active. */
function isInactive(unit: HingeUnit, a: Rational, b: Rational): boolean {
  const at = (x: Rational) => sign(add(multiply(unit.w, x), unit.b))
  return at(a) <= 0 && at(b) <= 0
}

function constantCase({ alpha, a, b }: AffineTarget, units: readonly HingeUnit[]): AffineCase {
  const harmless = (unit: HingeUnit): boolean => {
    if (strictlyDead(unit, a, b)) return true
    const q = kinkOf(unit)
    if (!q || sign(unit.v) === 0) return false
    // On a only units that open to the left are inactive, on b only those that open to the right.
    return sign(alpha) * sign(unit.v) === (equal(q, a) ? 1 : -1)
  }
  return units.every(harmless)
    ? {
        realization: 'constant',
        type: 'local-minimum',
        because: 'every unit is dead, or can only wake up in the wrong direction'
      }
    : {
        realization: 'constant',
        type: 'saddle',
        because: 'some unit at the edge of activity can wake up and lower the risk'
      }
}

/** Checks the shape of a zigzag and builds its direction of negative curvature. */
function zigzagCase(
  target: AffineTarget,
  units: readonly HingeUnit[],
  live: readonly HingeUnit[]
): AffineCase | undefined {
  const { alpha, a, b } = target
  const kinks = [
    ...new Map(live.map((unit) => kinkOf(unit)!).map((q) => [`${q.numerator}/${q.denominator}`, q])).values()
  ]
  kinks.sort(compare)
  const n = kinks.length
  if (n % 2 === 1) return undefined
  const spacing = divide(subtract(b, a), rational(BigInt(n + 1)))
  const total = divide(multiply(rational(2n), alpha), rational(BigInt(n + 1)))
  const equidistant = kinks.every((q, i) => equal(q, add(a, multiply(spacing, rational(BigInt(i + 1))))))
  const unitsAt = (i: number) =>
    units.flatMap((unit, j) => (live.includes(unit) && equal(kinkOf(unit)!, kinks[i]!) ? [j] : []))
  const balanced = kinks.every((_, i) => {
    const there = unitsAt(i).map((j) => units[j]!)
    const sum = there.reduce((s, { w, v }) => add(s, multiply(w, v)), zero)
    return equal(sum, total) && there.every(({ w }) => sign(w) === (i % 2 === 0 ? 1 : -1))
  })
  if (!equidistant || !balanced) return undefined
  return {
    realization: 'zigzag',
    type: 'saddle',
    because: `a zigzag with ${n} kinks: the risk falls to second order along the given direction`,
    descent: zigzagDescent(target, units, n, spacing, unitsAt)
  }
}

/**
 * A direction along which the risk of a zigzag falls to second order. With hinges of coefficient V = 2 alpha/(n+1) and
 * spacing h, half the curvature is the integral of (dN)^2 plus dq_i^2 times (hinge coefficient) * residual at q_i, summed.
 *
 * n >= 4: move q_2 by dq and replace the jump of dN there by a ramp from q_1 to q_3, made by their hinges:
 *   V^2 dq^2 (h/6) - V dq^2 alpha h / (2(n+1)) = -(alpha^2 h / (3 (n+1)^2)) dq^2.
 * n = 2: move the kinks apart, q_1 by -L and q_2 by L = b - a, and change both V by -6 alpha/5: -(2/45) alpha^2 L^3.
 */
function zigzagDescent(
  { alpha, a, b }: AffineTarget,
  units: readonly HingeUnit[],
  n: number,
  spacing: Rational,
  unitsAt: (i: number) => readonly number[]
) {
  const length = subtract(b, a)
  const direction = units.map(() => ({ w: zero, b: zero, v: zero }))
  // b = -w q: all units that share a kink move together.
  const moveKink = (i: number, dq: Rational) => {
    for (const j of unitsAt(i)) direction[j] = { ...direction[j]!, b: negate(multiply(units[j]!.w, dq)) }
  }
  const changeHinge = (i: number, change: Rational) => {
    const [j] = unitsAt(i)
    direction[j!] = { ...direction[j!]!, v: divide(change, units[j!]!.w) }
  }
  if (n === 2) {
    const change = multiply(rational(-6n, 5n), alpha)
    moveKink(0, negate(length))
    moveKink(1, length)
    changeHinge(0, change)
    changeHinge(1, change)
    const square = multiply(multiply(alpha, alpha), multiply(length, multiply(length, length)))
    return { direction: { units: direction, c: zero }, curvature: multiply(rational(-2n, 45n), square) }
  }
  const v = divide(multiply(rational(2n), alpha), rational(BigInt(n + 1)))
  const slope = divide(v, multiply(rational(2n), spacing))
  moveKink(1, one)
  changeHinge(0, negate(slope))
  changeHinge(2, slope)
  const square = divide(multiply(multiply(alpha, alpha), spacing), rational(3n * BigInt(n + 1) ** 2n))
  return { direction: { units: direction, c: v }, curvature: negate(square) }
}
