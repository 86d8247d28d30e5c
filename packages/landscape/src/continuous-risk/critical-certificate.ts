import {
  add,
  type Coefficients,
  compare,
  degree,
  integers,
  isRational,
  type Rational,
  rational,
  refineRoot,
  sign,
  signAtRational,
  toText
} from '@nadir/arithmetic'
import type { Json } from '../certification/canonical.ts'
import { type Certificate, seal } from '../certification/certificate.ts'
import type { CriticalKink } from './critical-kinks.ts'
import { algebraicQuotient, sameByForm } from './quotient.ts'
import {
  mirroredRange,
  placesFor,
  type RationalRange,
  rangeOfQuotient,
  rangeOfValues,
  roundOutwards
} from './rational-range.ts'
import type { ContinuousRisk } from './risk.ts'
import { riskDocument } from './risk-document.ts'
import { rationalPieces } from './risk-pieces.ts'
import { enumerateWidthOne, type OrientedKinks, type Realization, type WidthOne } from './width-one.ts'

/**
 * The certificate that the critical list of a risk is complete, with every number in a range of about `digits` digits:
 * rule kink-equations. Undefined where a breakpoint is irrational. Exact.
 */
export function criticalCertificate(risk: ContinuousRisk, digits = 20): Certificate | undefined {
  const problem = riskDocument(risk, 1)
  const pieces = rationalPieces(risk)
  if (problem === undefined || pieces === undefined) return undefined
  const one = enumerateWidthOne(pieces)
  const least = one.realizations.filter((r) => r.global)
  const tie = tieOf(one, least)
  // Room for what interval arithmetic loses; twice as much when it was not enough.
  for (let places = digits + 20; ; places *= 2) {
    const proved = provedRealizations(one, places)
    if (proved === undefined || !separates(proved, tie)) continue
    const functions = proved.map((p) => functionDocument(p, add(pieces.a, pieces.b), digits))
    const evidence: Json =
      tie === undefined
        ? { rule: 'kink-equations' }
        : {
            rule: 'kink-equations',
            tie: { polynomial: tie.coefficients.map(String), between: rangeDocument(tie.between) }
          }
    return seal(problem, { kind: 'critical-functions', functions }, evidence)
  }
}

/** A realization with ranges for its kink (in the coordinate of its orientation) and its numbers. */
interface Proved {
  readonly realization: Realization<bigint>
  readonly kink: RationalRange | undefined
  readonly c: RationalRange
  readonly slope: RationalRange
  readonly risk: RationalRange
}

function provedRealizations(one: WidthOne<bigint>, places: number): readonly Proved[] | undefined {
  const brackets = { right: bracketsOf(one.right, places), left: bracketsOf(one.left, places) }
  const { right, left } = brackets
  if (right === undefined || left === undefined) return undefined
  const proved: Proved[] = []
  for (const realization of one.realizations) {
    const { kink: found, form } = realization
    const side = form === 'left-kink' ? 'left' : 'right'
    const kink = found && brackets[side]![one[side].critical.kinks.indexOf(found)]!
    const at = kink ?? ([realization.c.root.lower, realization.c.root.upper] as const)
    const range = ({ numerator, denominator }: Realization<bigint>['c']) => rangeOfQuotient(numerator, denominator, at)
    const [c, slope, value] = [range(realization.c), range(realization.slope), range(realization.risk)]
    if (!c || !slope || !value) return undefined
    proved.push({ realization, kink, c, slope, risk: value })
  }
  return proved
}

/**
 * A range for every kink of one orientation, in order: a point for a rational kink, else decimals around it, inside its piece and apart from
 * all others, on which V has one sign (where it is not zero at the kink). Undefined when so many decimal places are not enough.
 */
function bracketsOf(
  { critical, equations, pieces }: OrientedKinks<bigint>,
  places: number
): readonly RationalRange[] | undefined {
  const brackets = critical.kinks.map(({ root }): RationalRange => {
    const { lower, upper } = refineRoot(integers, root, Math.ceil((places + 2) * Math.log2(10)))
    return roundOutwards([lower, upper], places)
  })
  const fits = ({ piece, flat, root }: CriticalKink<bigint>, k: number): boolean => {
    const [lower, upper] = brackets[k]!
    if (k > 0 && compare(brackets[k - 1]![1], lower) >= 0) return false
    if (isRational(root)) return true
    const { kink, coefficient } = equations[piece]!
    const [start, end] = [pieces.endRoots[piece]!.lower, pieces.endRoots[piece + 1]!.lower]
    if (compare(start, lower) >= 0 || compare(upper, end) >= 0) return false
    if ([lower, upper].some((x) => signAtRational(integers, kink.numerators, x) === 0)) return false
    const [v, w] = rangeOfValues(coefficient, [lower, upper])
    return flat || sign(v) * sign(w) > 0
  }
  return critical.kinks.every(fits) ? brackets : undefined
}

/** Several least risks that are not equal by their form: the root of a polynomial between two numbers. */
interface Tie {
  readonly coefficients: Coefficients
  readonly between: RationalRange
}

function tieOf({ right }: WidthOne<bigint>, least: readonly Realization<bigint>[]): Tie | undefined {
  const [first, ...others] = least.map(({ risk }) => risk)
  const isValue = (risk: NonNullable<typeof first>) => isRational(risk.root)
  const known = others.every((risk) => (isValue(first!) && isValue(risk)) || sameByForm(right.pieces, first!, risk))
  if (known) return undefined
  const { coefficients, lower, upper } = algebraicQuotient(right.pieces, first!)
  // A linear polynomial has one root only.
  const between: RationalRange =
    degree(coefficients) === 1 ? [add(lower, rational(-1n)), add(upper, rational(1n))] : [lower, upper]
  return { coefficients, between }
}

/** Do the ranges of the risks leave no doubt which are least, and does a tie hold those that are tied? */
function separates(proved: readonly Proved[], tie: Tie | undefined): boolean {
  const first = proved.find(({ realization }) => realization.global)!
  return proved.every(({ realization, risk: [low, high] }) => {
    if (!realization.global) return compare(first.risk[1], low) < 0
    return !tie || (compare(tie.between[0], low) < 0 && compare(high, tie.between[1]) < 0)
  })
}

const rangeDocument = ([lower, upper]: RationalRange): Json => [toText(lower), toText(upper)]

function functionDocument({ realization, kink, c, slope, risk }: Proved, sum: Rational, digits: number): Json {
  const { form, type, global } = realization
  const shown = (range: RationalRange) => rangeDocument(roundOutwards(range, placesFor(range, digits)))
  return {
    form,
    type,
    global,
    c: shown(c),
    risk: shown(risk),
    ...(form === 'constant' ? {} : { slope: shown(slope) }),
    ...(kink ? { kink: rangeDocument(form === 'left-kink' ? mirroredRange(kink, sum) : kink) } : {})
  }
}
