import {
  add,
  compare,
  decimalDigits,
  divide,
  type Enclosure,
  floorOf,
  integerSquareRoot,
  multiply,
  negate,
  one,
  type Rational,
  rational,
  rationalDigits,
  sign,
  subtract,
  toNumber,
  toText
} from '@nadir/arithmetic'
import type { HingeNetwork, HingeUnit } from './network-risk.ts'

/*
 * The base target on [0, 1]: the condition that the best risk over c and V does not depend on the kink q is a linear
 * differential equation, and this f solves it on [0, 2/3] with mean zero:
 *
 *   f(x) = (1 - 3x^2) / ((1-x)^(1/2) (1+3x)^(3/2))     for x <= 2/3
 *   f(x) = -1/9 + 2 (x - 2/3) - 24 (x - 2/3)^2         for x >= 2/3
 *
 * With q = (1-r^2)/(1+3r^2), 1/3 < r < 1:  sqrt((1-q)/(1+3q)) = r,  1 + 3q = 4/(1+3r^2),
 *   integral of f from 0 to q = q r,    integral of (x-q) f from q to 1 = -(1/6) (1-q) (1+3q) r.
 * So all integrals of f against kinked lines with such kinks are rational. The integral of f^2 is 647/2430 + (ln 3)/8.
 */

/** The target lambda * f((x - a)/(b - a)), the base target stretched to [a, b]. */
export interface FamilyTarget {
  readonly a: Rational
  readonly b: Rational
  readonly lambda: Rational
}

/** A non-global local minimum of the family, and the parameter r that names its realization function. */
export interface FamilyMember {
  readonly r: Rational
  /** The kink in [a, b]. */
  readonly kink: Rational
  readonly network: HingeNetwork
}

/**
 * A target for which the risk of width `width` has uncountably many realization functions of local minima, all with the same
 * risk, more than delta above the risk of a better network. Every field is exact.
 */
export interface InfiniteFamily {
  readonly kind: 'infinite-family'
  readonly target: FamilyTarget
  readonly delta: Rational
  readonly width: number
  readonly members: readonly FamilyMember[]
  readonly better: HingeNetwork
  /** Risk of any member minus risk of the better network: more than delta. */
  readonly gap: Rational
}

/** Kinks and coefficients of the better base network, and its offset. */
const betterBase = {
  c: rational(5n, 7n),
  hinges: [
    { kink: rational(15n, 211n), coefficient: rational(-62n, 45n) },
    { kink: rational(5n, 6n), coefficient: rational(-43n, 5n) }
  ]
} as const

/**
 * The family for an interval [a, b], a < b, an excess delta > 0 and a width of at least 2, with one member for each
 * parameter r, 1/3 < r < 1. Exact.
 *
 * Why each member is a local minimum: its risk equals E, the least risk over c and V for its kink, E does not depend on the
 * kink near it, and the other units stay dead nearby; so every nearby network has at least that risk.
 * @throws RangeError for other arguments
 * Reference: the theorem is Ibragimov, Jentzen, Kroeger, Riekert, arXiv:2202.11481, Theorem 1; target and family are ours.
 */
export function infiniteFamily(
  a: Rational,
  b: Rational,
  delta: Rational,
  width: number,
  parameters: readonly Rational[]
): InfiniteFamily {
  if (compare(a, b) >= 0) throw new RangeError(`infiniteFamily: [${toText(a)}, ${toText(b)}] is empty`)
  if (sign(delta) <= 0) throw new RangeError(`infiniteFamily: delta = ${toText(delta)} is not positive`)
  if (!Number.isInteger(width) || width < 2) throw new RangeError(`infiniteFamily: width ${width} is not at least 2`)
  const outside = parameters.find((r) => compare(r, rational(1n, 3n)) <= 0 || compare(r, one) >= 0)
  if (outside) throw new RangeError(`infiniteFamily: r = ${toText(outside)} is not strictly between 1/3 and 1`)
  const length = subtract(b, a)
  // Risks scale by lambda^2 (b - a).
  const unscaled = multiply(length, baseGap())
  const lambda = rational(integerSquareRoot(floorOf(divide(delta, unscaled))) + 1n)
  const target = { a, b, lambda }
  return {
    kind: 'infinite-family',
    target,
    delta,
    width,
    members: parameters.map((r) => familyMember(target, width, r)),
    better: stretched(target, width, betterBase.c, betterBase.hinges),
    gap: multiply(multiply(lambda, lambda), unscaled)
  }
}

/** `count` different parameters r, evenly spread over (1/3, 1). Exact. */
export const familyParameters = (count: number): readonly Rational[] =>
  Array.from({ length: count }, (_, i) => add(rational(1n, 3n), rational(2n * BigInt(i + 1), 3n * BigInt(count + 1))))

const square = (x: Rational): Rational => multiply(x, x)

/** The kink of the base family with parameter r. */
const baseKink = (r: Rational): Rational =>
  divide(subtract(one, square(r)), add(one, multiply(rational(3n), square(r))))

function familyMember(target: FamilyTarget, width: number, r: Rational): FamilyMember {
  const kink = baseKink(r)
  const coefficient = divide(multiply(rational(-2n), r), square(subtract(one, kink)))
  return {
    r,
    kink: add(target.a, multiply(subtract(target.b, target.a), kink)),
    network: stretched(target, width, r, [{ kink, coefficient }])
  }
}

/** A base network carried to [a, b] and padded to the width with units that are dead on [a, b] with room to spare. */
function stretched(
  { a, b, lambda }: FamilyTarget,
  width: number,
  c: Rational,
  hinges: readonly { readonly kink: Rational; readonly coefficient: Rational }[]
): HingeNetwork {
  const length = subtract(b, a)
  const live = hinges.map(
    ({ kink, coefficient }): HingeUnit => ({
      w: one,
      b: negate(add(a, multiply(length, kink))),
      v: divide(multiply(lambda, coefficient), length)
    })
  )
  const dead: HingeUnit = { w: one, b: negate(add(b, one)), v: one }
  return {
    units: [...live, ...Array.from({ length: width - live.length }, () => dead)],
    c: multiply(lambda, c)
  }
}

/** The integral of (x - q) f from q to 1 for the base target, at the two kinks of the better network. Exact. */
function baseMoment(kink: Rational): Rational {
  if (compare(kink, rational(2n, 3n)) <= 0) {
    const l = subtract(one, kink)
    const m = add(one, multiply(rational(3n), kink))
    return multiply(rational(-1n, 6n), multiply(multiply(l, m), rootOfKink(kink)))
  }
  // f = f1 + f2 u + f3 u^2 with u = x - 1 on the quadratic part: f(1) = -19/9, f'(1) = -14, f''/2 = -24.
  const l = subtract(one, kink)
  const [l2, l3] = [square(l), multiply(l, square(l))]
  // integral over (q, 1) of (u + l) u^k du: l^(k+2) (-1)^k / ((k+1)(k+2))
  return add(
    add(multiply(rational(-19n, 18n), l2), multiply(rational(14n, 6n), l3)),
    multiply(rational(-24n, 12n), square(l2))
  )
}

/** For each kink q < 2/3 of the better network the number r with q = (1 - r^2)/(1 + 3r^2). Exact. */
export const betterRoots: readonly Rational[] = betterBase.hinges.flatMap(({ kink }) =>
  compare(kink, rational(2n, 3n)) < 0 ? [rootOfKink(kink)] : []
)

function rootOfKink(kink: Rational): Rational {
  return rationalSquareRoot(divide(subtract(one, kink), add(one, multiply(rational(3n), kink))))
}

function rationalSquareRoot(x: Rational): Rational {
  const root = rational(integerSquareRoot(x.numerator), integerSquareRoot(x.denominator))
  if (compare(square(root), x) !== 0) throw new RangeError(`${toText(x)} is not the square of a rational`)
  return root
}

/**
 * Risk of the family minus risk of the better network, for the base target. Exact.
 * Each is the integral of f^2 minus a gain: 1/3 for every member, 2 sum V F(q) - integral of N^2 for the better network.
 */
export function baseGap(): Rational {
  const { c, hinges } = betterBase
  let gain = negate(square(c))
  for (const { kink, coefficient } of hinges) {
    const l = subtract(one, kink)
    gain = add(gain, multiply(multiply(rational(2n), coefficient), baseMoment(kink)))
    gain = subtract(gain, multiply(multiply(c, coefficient), square(l)))
    for (const other of hinges) {
      // integral of (x - p)_+ (x - q)_+ for p <= q: l_q^3 / 3 + (q - p) l_q^2 / 2
      const [near, far] = compare(kink, other.kink) <= 0 ? [kink, other.kink] : [other.kink, kink]
      const lFar = subtract(one, far)
      const overlap = add(
        multiply(rational(1n, 3n), multiply(lFar, square(lFar))),
        multiply(multiply(rational(1n, 2n), subtract(far, near)), square(lFar))
      )
      gain = subtract(gain, multiply(multiply(coefficient, other.coefficient), overlap))
    }
  }
  return subtract(gain, rational(1n, 3n))
}

/** The target at points of [a, b], in doubles. Approximate. */
export function familyTargetAt({ a, b, lambda }: FamilyTarget): (x: number) => number {
  const [start, length, scale] = [toNumber(a), toNumber(subtract(b, a)), toNumber(lambda)]
  return (x) => {
    const t = Math.min(1, Math.max(0, (x - start) / length))
    return t <= 2 / 3
      ? (scale * (1 - 3 * t * t)) / (Math.sqrt(1 - t) * (1 + 3 * t) ** 1.5)
      : scale * (-1 / 9 + 2 * (t - 2 / 3) - 24 * (t - 2 / 3) ** 2)
  }
}

/** A network as text: exact fractions p/q. */
export interface HingeNetworkRecord {
  readonly w: readonly string[]
  readonly b: readonly string[]
  readonly v: readonly string[]
  readonly c: string
}

export const hingeNetworkRecord = ({ units, c }: HingeNetwork): HingeNetworkRecord => ({
  w: units.map((unit) => toText(unit.w)),
  b: units.map((unit) => toText(unit.b)),
  v: units.map((unit) => toText(unit.v)),
  c: toText(c)
})

/** The family ready to print: exact fractions, and risks to `digits` significant digits. */
export function infiniteFamilyRecord(family: InfiniteFamily, digits = 20) {
  const { target, delta, width, members, better, gap } = family
  const risk = familyRiskDigits(target, digits)
  return {
    kind: family.kind,
    interval: [toText(target.a), toText(target.b)],
    lambda: toText(target.lambda),
    delta: toText(delta),
    width,
    minima: members.map(({ r, kink, network }) => ({
      r: toText(r),
      kink: toText(kink),
      parameters: hingeNetworkRecord(network),
      risk
    })),
    better: { parameters: hingeNetworkRecord(better), risk: betterRiskDigits(target, digits) },
    gap: { exact: toText(gap), digits: rationalDigits(gap, digits) }
  }
}

/** The common risk of all members, to `digits` digits: lambda^2 (b - a) ((ln 3)/8 - 163/2430). Enclosed. */
export function familyRiskDigits({ a, b, lambda }: FamilyTarget, digits: number): string {
  const scale = multiply(square(lambda), subtract(b, a))
  return decimalDigits((bits) => scaledEnclosure(encloseBaseRisk(bits), scale), digits)
}

/** The risk of the better network, to `digits` digits. Enclosed. */
export function betterRiskDigits({ a, b, lambda }: FamilyTarget, digits: number): string {
  const scale = multiply(square(lambda), subtract(b, a))
  const gap = baseGap()
  return decimalDigits((bits) => {
    const { low, high } = encloseBaseRisk(bits)
    const shift = floorOf({ numerator: gap.numerator << BigInt(bits), denominator: gap.denominator })
    return scaledEnclosure({ low: low - shift - 1n, high: high - shift, bits }, scale)
  }, digits)
}

function scaledEnclosure({ low, high, bits }: Enclosure, { numerator, denominator }: Rational): Enclosure {
  return {
    low: floorOf(rational(low * numerator, denominator)),
    high: floorOf(rational(high * numerator, denominator)) + 1n,
    bits
  }
}

/** (ln 3)/8 - 163/2430, from ln 3 = 2 artanh(1/2) = sum of 2^(-2k) / (2k + 1). */
function encloseBaseRisk(bits: number): Enclosure {
  const guard = BigInt(bits + 16)
  let sum = 0n
  let terms = 0n
  for (let term = 1n << guard; term > 0n; term >>= 2n) {
    sum += term / (2n * terms + 1n)
    terms++
  }
  // Every quotient was rounded down by less than one unit; the terms left out add up to less than two.
  const shifted = (s: bigint) => (s >> 3n) - ((163n << guard) / 2430n + 1n)
  return { low: shifted(sum) >> 16n, high: (shifted(sum + terms + 2n) + 2n) / (1n << 16n) + 1n, bits }
}
