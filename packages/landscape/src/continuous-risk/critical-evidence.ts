import {
  add,
  type Coefficients,
  compare,
  degree,
  divide,
  divideOut,
  integers,
  multiply,
  type Polynomial,
  polynomialGcd,
  type Rational,
  type RealAlgebraic,
  rational,
  rationalPolynomials,
  refineRoot,
  signAtRoot,
  signVariations,
  valueAt
} from '@nadir/arithmetic'
import type { CriticalKink } from './critical-kinks.ts'
import type { FactoredPiece } from './piecewise-roots.ts'
import { algebraicQuotient, type Quotient, sameByForm } from './quotient.ts'
import type { OrientedKinks, Realization, WidthOne } from './width-one.ts'

/*
 * Evidence that a critical list is complete, for a reader who only multiplies, compares and counts sign changes. The
 * equations themselves are not part of it: kink, coefficient, constant, risk and determinant of every piece follow from the
 * target and the density by integration and multiplication (see kink-equations).
 */

/** Why the kink polynomial of one piece has exactly the listed zeros: a factorization, and cells with 0 or 1 sign changes. */
export interface PieceEvidence {
  /** kink polynomial = constant * product of (x - end)^multiplicity * product of factor^multiplicity */
  readonly constant: Rational
  readonly ends: readonly { readonly end: Rational; readonly multiplicity: number }[]
  /** Between the ends of the piece and the cuts, none of which is a root, Descartes' rule counts 0 or 1 sign changes. */
  readonly factors: readonly {
    readonly coefficients: Coefficients
    readonly multiplicity: number
    readonly cuts: readonly Rational[]
  }[]
}

/** One zero of the kink equation. */
export interface KinkEvidence {
  readonly piece: number
  /** The factor of which it is a root; undefined on the breakpoint where the piece begins. */
  readonly factor: number | undefined
  /**
   * By sign changes, one root of the factor lies strictly between them, none of the other factors and, unless V vanishes at
   * the root, none of the coefficient polynomial. On a breakpoint: no root of kink or coefficient on either side of it.
   */
  readonly lower: Rational
  readonly upper: Rational
  /** V vanishes at the root; inside a piece, by a common root of factor and coefficient polynomial. */
  readonly flat: boolean
  readonly common?: CommonRootEvidence
}

export interface OrientationEvidence {
  /** Undefined where the kink polynomial is zero. */
  readonly pieces: readonly (PieceEvidence | undefined)[]
  /** All zeros inside (a, b), ascending, in the coordinate of the orientation. */
  readonly kinks: readonly KinkEvidence[]
}

/** Proof that a polynomial vanishes at a root: `common` changes sign in the root's bracket and divides its factor and that polynomial. */
export interface CommonRootEvidence {
  readonly common: Coefficients
  /** factor / common */
  readonly factor: Polynomial
  /** polynomial / common */
  readonly other: Polynomial
}

/** Why several realizations have the same least risk. */
export interface TieEvidence {
  /**
   * For each of them, which of them has the same risk and determinant polynomials, the same factor and the same bracket, so
   * the same risk: itself, or an earlier one.
   */
  readonly representatives: readonly number[]
  /**
   * When that leaves several: their risks are the only root, by one sign change, of a polynomial M between lower and upper,
   * because M(risk, determinant), the homogeneous form, vanishes at each kink; a rational risk is simply a root.
   */
  readonly polynomial?: {
    readonly coefficients: Coefficients
    readonly lower: Rational
    readonly upper: Rational
    /** For each representative, in order; undefined where the risk is a rational number. */
    readonly roots: readonly (CommonRootEvidence | undefined)[]
  }
}

export interface CriticalEvidence {
  readonly right: OrientationEvidence
  /** Of the mirrored risk. */
  readonly left: OrientationEvidence
  /** Numbers of the realizations with the least risk, and why they are tied when there are several. */
  readonly least: readonly number[]
  readonly tie: TieEvidence | undefined
}

const ring = rationalPolynomials

/** The evidence for an enumeration over rational breakpoints; brackets are at most 2^-bits wide. Exact. */
export function criticalEvidence(one: WidthOne<bigint>, bits: number): CriticalEvidence {
  const { realizations } = one
  const least = realizations.flatMap((r, i) => (r.global ? [i] : []))
  const tie = least.length > 1 ? tieEvidence(one, least) : undefined
  for (let width = bits; ; width *= 2) {
    const brackets = { right: kinkBrackets(one.right, width), left: kinkBrackets(one.left, width) }
    if (!ordered(one, brackets, least, tie)) continue
    return {
      right: {
        pieces: one.right.critical.factored.map((f, k) => pieceEvidence(one.right, f, k)),
        kinks: brackets.right
      },
      left: { pieces: one.left.critical.factored.map((f, k) => pieceEvidence(one.left, f, k)), kinks: brackets.left },
      least,
      tie
    }
  }
}

function pieceEvidence(
  { equations }: OrientedKinks<bigint>,
  factored: FactoredPiece<bigint> | undefined,
  k: number
): PieceEvidence | undefined {
  if (!factored) return undefined
  const ends = factored.endMultiplicities
    .filter(({ multiplicity }) => multiplicity > 0)
    .map(({ end, multiplicity }) => ({ end: rational(end.numerators[0] ?? 0n, end.denominator), multiplicity }))
  const factors = factored.factors.map(({ coefficients, multiplicity, cells }) => ({
    coefficients,
    multiplicity,
    cuts: cells.slice(1).map(({ lower }) => lower)
  }))
  const { numerators, denominator } = equations[k]!.kink
  const lead = factors.reduce((c, f) => c * f.coefficients.at(-1)! ** BigInt(f.multiplicity), 1n)
  return { constant: rational(numerators.at(-1)!, denominator * lead), ends, factors }
}

type Oriented = OrientedKinks<bigint>
type Brackets = { readonly right: readonly KinkEvidence[]; readonly left: readonly KinkEvidence[] }

const kinkBrackets = (oriented: Oriented, bits: number): readonly KinkEvidence[] =>
  oriented.critical.kinks.map((kink) => bracketed(oriented, kink, bits))

/** The kink in a bracket that is narrow enough for every promise of its evidence. */
function bracketed({ equations, critical, pieces }: Oriented, kink: CriticalKink<bigint>, bits: number): KinkEvidence {
  const { piece, atBreakpoint, flat, root } = kink
  const factors = critical.factored[piece]!.factors
  const coefficient = equations[piece]!.coefficient.numerators
  const factor = atBreakpoint ? undefined : factors.findIndex((f) => hasRoot(f.coefficients, root))
  const [start, end] = [pieces.endRoots[atBreakpoint ? piece - 1 : piece]!.lower, pieces.endRoots[piece + 1]!.lower]
  for (let width = bits; ; width *= 2) {
    const [lower, upper] = around(root, width)
    if (compare(lower, start) <= 0 || compare(upper, end) >= 0) continue
    const clear = (f: Coefficients, from = lower, to = upper) => signVariations(integers, f, from, to) === 0
    if (factor === undefined) {
      const before = equations[piece - 1]!
      const sides = [
        clear(before.kink.numerators, lower, root.lower),
        clear(equations[piece]!.kink.numerators, root.lower, upper),
        flat || clear(before.coefficient.numerators, lower, root.lower),
        flat || clear(coefficient, root.lower, upper)
      ]
      if (sides.every((side) => side)) return { piece, factor, lower, upper, flat }
      continue
    }
    const alone =
      signVariations(integers, factors[factor]!.coefficients, lower, upper) === 1 &&
      factors.every((f, i) => i === factor || clear(f.coefficients)) &&
      (flat || clear(coefficient))
    if (!alone) continue
    const known = { piece, factor, lower, upper, flat }
    return flat ? { ...known, common: commonRoot(factors[factor]!.coefficients, equations[piece]!.coefficient) } : known
  }
}

/** A bracket of the root with two different ends. */
function around(root: RealAlgebraic, bits: number): readonly [Rational, Rational] {
  const { lower, upper } = refineRoot(integers, root, bits)
  if (compare(lower, upper) < 0) return [lower, upper]
  const margin = rational(1n, 1n << BigInt(bits + 1))
  return [add(lower, { ...margin, numerator: -1n }), add(lower, margin)]
}

const hasRoot = (f: Coefficients, root: RealAlgebraic): boolean => signAtRoot(integers, f, root) === 0

function commonRoot(factor: Coefficients, other: Polynomial): CommonRootEvidence {
  const common = polynomialGcd(integers, factor, other.numerators)
  const divisor = { numerators: common, denominator: 1n }
  return {
    common,
    factor: exactQuotient({ numerators: factor, denominator: 1n }, divisor),
    other: exactQuotient(other, divisor)
  }
}

/** p / q for a divisor q of p. */
function exactQuotient(p: Polynomial, q: Polynomial): Polynomial {
  const quotient = ring.fraction(divideOut(integers, p.numerators, q.numerators), 1n)
  const product = ring.multiply(quotient, q)
  const lead = (f: Polynomial) => rational(f.numerators.at(-1)!, f.denominator)
  return ring.scale(quotient, divide(lead(p), lead(product)))
}

/** The values of a polynomial on [lower, upper], by Horner's rule with intervals. */
export function intervalHorner({ numerators, denominator }: Polynomial, lower: Rational, upper: Rational) {
  let [low, high] = [rational(0n), rational(0n)]
  for (let i = numerators.length - 1; i >= 0; i--) {
    const ends = [low, high].flatMap((v) => [multiply(v, lower), multiply(v, upper)]).sort(compare)
    const c = rational(numerators[i]!, denominator)
    ;[low, high] = [add(ends[0]!, c), add(ends[3]!, c)]
  }
  return [low, high] as const
}

/** Bounds of numerator / denominator on [lower, upper]; undefined unless the denominator is seen to be positive. */
export function intervalQuotient(numerator: Polynomial, denominator: Polynomial, lower: Rational, upper: Rational) {
  const [d, e] = intervalHorner(denominator, lower, upper)
  if (d.numerator <= 0n) return undefined
  const [n, m] = intervalHorner(numerator, lower, upper)
  const ends = [divide(n, d), divide(n, e), divide(m, d), divide(m, e)].sort(compare)
  return [ends[0]!, ends[3]!] as const
}

/** Do the brackets show that the least realizations are least, and that the tied ones lie where the tie says? */
function ordered(
  one: WidthOne<bigint>,
  brackets: Brackets,
  least: readonly number[],
  tie: TieEvidence | undefined
): boolean {
  const bounds = one.realizations.map((r) => riskBounds(one, brackets, r))
  const highest = bounds[least[0]!]
  if (!highest) return false
  return bounds.every((bound, i) => {
    if (!bound) return false
    if (!least.includes(i)) return compare(bound[0], highest[1]) > 0
    const within = tie?.polynomial
    return !within || (compare(within.lower, bound[0]) < 0 && compare(bound[1], within.upper) < 0)
  })
}

function riskBounds(one: WidthOne<bigint>, brackets: Brackets, r: Realization<bigint>) {
  if (!r.kink || r.kink.atBreakpoint) {
    const at = r.risk.root.lower
    const exact = divide(valueAt(r.risk.numerator, at), valueAt(r.risk.denominator, at))
    return [exact, exact] as const
  }
  const side = r.form === 'left-kink' ? 'left' : 'right'
  const { lower, upper } = brackets[side][one[side].critical.kinks.indexOf(r.kink)]!
  return intervalQuotient(r.risk.numerator, r.risk.denominator, lower, upper)
}

function tieEvidence(one: WidthOne<bigint>, least: readonly number[]): TieEvidence {
  const { pieces } = one.right
  const risks = least.map((i) => one.realizations[i]!.risk)
  const representatives = risks.map((risk) => least[risks.findIndex((other) => sameByForm(pieces, risk, other))]!)
  const different = [...new Set(representatives)].map((i) => one.realizations[i]!)
  if (different.length === 1) return { representatives }
  const { coefficients, lower, upper } = algebraicQuotient(pieces, different[0]!.risk)
  const single = compare(lower, upper) === 0
  return {
    representatives,
    polynomial: {
      coefficients,
      lower: single ? add(lower, rational(-1n)) : lower,
      upper: single ? add(upper, rational(1n)) : upper,
      roots: different.map((r) => {
        const factor = factorOf(one, r)
        return factor && commonRoot(factor, homogeneousForm(coefficients, r.risk))
      })
    }
  }
}

/** The factor whose root is the kink; undefined without a kink inside a piece. */
function factorOf(one: WidthOne<bigint>, { kink, form }: Realization<bigint>): Coefficients | undefined {
  if (!kink || kink.atBreakpoint) return undefined
  const { factors } = one[form === 'left-kink' ? 'left' : 'right'].critical.factored[kink.piece]!
  return factors.find((f) => hasRoot(f.coefficients, kink.root))!.coefficients
}

/** sum_i M_i numerator^i denominator^(degree - i) */
function homogeneousForm(m: Coefficients, { numerator, denominator }: Quotient<bigint>): Polynomial {
  let value = ring.zero
  let power = ring.constant(rational(1n))
  for (let i = degree(m); i >= 0; i--) {
    value = ring.add(ring.multiply(value, numerator), ring.scale(power, rational(m[i]!)))
    power = ring.multiply(power, denominator)
  }
  return value
}
