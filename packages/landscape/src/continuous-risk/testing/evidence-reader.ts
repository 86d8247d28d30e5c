import {
  type Coefficients,
  compare,
  divide,
  integers,
  type Polynomial,
  type Rational,
  rational,
  rationalPolynomials,
  signAtRational,
  signVariations,
  valueAt
} from '@nadir/arithmetic'
import {
  type CommonRootEvidence,
  type CriticalEvidence,
  intervalQuotient,
  type KinkEvidence,
  type OrientationEvidence
} from '../critical-evidence.ts'
import type { CriticalList } from '../critical-list.ts'
import { type KinkPiece, kinkEquations, riskIntegrals } from '../kink-equations.ts'
import { mirrored, type RiskPieces } from '../risk-pieces.ts'
import { bestLine } from '../width-one.ts'

const ring = rationalPolynomials
const whole = (f: Coefficients): Polynomial => ({ numerators: f, denominator: 1n })
const variations = (f: Coefficients, from: Rational, to: Rational) => signVariations(integers, f, from, to)
const signAt = (p: Polynomial, x: Rational) => signAtRational(integers, p.numerators, x)

class Rejected extends Error {}

function demand(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Rejected(what)
}

/** A realization as the evidence proves it. */
interface Proven {
  readonly form: string
  readonly type: string
  readonly risk: readonly [Rational, Rational]
}

/**
 * Reads the evidence of a critical list by multiplying, comparing and counting sign changes only, and returns why the list
 * does not follow from it; undefined when it does.
 */
export function whyRejected(
  pieces: RiskPieces<bigint>,
  list: CriticalList,
  evidence: CriticalEvidence
): string | undefined {
  try {
    read(pieces, list, evidence)
    return undefined
  } catch (problem) {
    if (problem instanceof Rejected) return problem.message
    throw problem
  }
}

function read(pieces: RiskPieces<bigint>, list: CriticalList, evidence: CriticalEvidence) {
  const integrals = riskIntegrals(pieces)
  const [mass] = integrals.density
  const [integral] = integrals.target
  const value = (p: Polynomial) => valueAt(p, rational(0n))
  const spread = ring.subtract(ring.multiply(integrals.square, mass), ring.multiply(integral, integral))
  const constantRisk = divide(value(spread), value(mass))
  const proven: Proven[] = [{ form: 'constant', type: 'local-minimum', risk: [constantRisk, constantRisk] }]
  const { slope, determinant } = bestLine(pieces, integrals)
  if (slope.numerators.length > 0) {
    const gain = divide(value(ring.multiply(slope, slope)), value(ring.multiply(mass, determinant)))
    const risk = value(ring.subtract(ring.constant(constantRisk), ring.constant(gain)))
    proven.push({ form: 'affine', type: 'local-minimum', risk: [risk, risk] })
  }
  const right = readOrientation('right', pieces, evidence.right)
  const left = readOrientation('left', mirrored(pieces), evidence.left)
  proven.push(...right, ...left.reverse())
  demand(proven.length === list.realizations.length, 'the list has another length')
  for (const [i, r] of list.realizations.entries()) {
    demand(r.form === proven[i]!.form && r.type === proven[i]!.type, `realization ${i} is another`)
    demand(r.global === evidence.least.includes(i), `realization ${i} is wrongly called global or not`)
  }
  const [first] = evidence.least
  demand(first !== undefined, 'nothing is least')
  for (const [i, { risk }] of proven.entries()) {
    if (!evidence.least.includes(i))
      demand(compare(risk[0], proven[first]!.risk[1]) > 0, `realization ${i} is not above`)
  }
  if (evidence.least.length > 1) readTie(pieces, evidence, proven)
}

function readOrientation(
  orientation: 'right' | 'left',
  pieces: RiskPieces<bigint>,
  evidence: OrientationEvidence
): Proven[] {
  const equations = kinkEquations(pieces)
  const ends = pieces.endRoots.map((end) => end.lower)
  const proven: Proven[] = []
  demand(evidence.pieces.length === equations.length, 'another number of pieces')
  for (const [k, { kink }] of equations.entries()) {
    const piece = evidence.pieces[k]
    const here = evidence.kinks.filter((entry) => entry.piece === k)
    if (!piece) {
      demand(kink.numerators.length === 0 && here.length === 0, `piece ${k}: the kink polynomial is not zero`)
      continue
    }
    // The factorization.
    let product = ring.constant(piece.constant)
    for (const { end, multiplicity } of piece.ends) {
      product = ring.multiply(product, ring.power(ring.subtract(ring.x, ring.constant(end)), multiplicity))
    }
    for (const { coefficients, multiplicity } of piece.factors) {
      product = ring.multiply(product, ring.power(whole(coefficients), multiplicity))
    }
    demand(ring.equal(product, kink), `piece ${k}: the product is another polynomial`)
    demand(
      piece.ends.every(({ end }) => compare(end, ends[k]!) <= 0 || compare(end, ends[k + 1]!) >= 0),
      `piece ${k}: an end lies inside`
    )
    // Its zero at the breakpoint.
    const passesZero = k > 0 && evidence.pieces[k - 1] !== undefined && signAt(kink, ends[k]!) === 0
    demand(here.filter((entry) => entry.factor === undefined).length === (passesZero ? 1 : 0), `breakpoint ${k}`)
    // The zeros inside, cell by cell.
    for (const [i, { coefficients, cuts }] of piece.factors.entries()) {
      const bounds = [ends[k]!, ...cuts, ends[k + 1]!]
      for (let c = 1; c < bounds.length; c++) {
        const [from, to] = [bounds[c - 1]!, bounds[c]!]
        demand(compare(from, to) < 0, `piece ${k}: cuts do not ascend`)
        demand(
          signAt(whole(coefficients), from) !== 0 && signAt(whole(coefficients), to) !== 0,
          `piece ${k}: cut at a root`
        )
        const roots = variations(coefficients, from, to)
        const inCell = here.filter(
          (entry) => entry.factor === i && compare(from, entry.lower) <= 0 && compare(entry.upper, to) <= 0
        )
        demand(
          roots <= 1 && inCell.length === roots,
          `piece ${k}: a cell with ${roots} roots and ${inCell.length} kinks`
        )
      }
    }
  }
  for (const [i, entry] of evidence.kinks.entries()) {
    demand(compare(entry.lower, entry.upper) < 0, `kink ${i}: an empty bracket`)
    if (i > 0) demand(compare(evidence.kinks[i - 1]!.upper, entry.lower) < 0, `kink ${i} does not ascend`)
    const found = readKink(equations, evidence, entry, ends)
    if (found) proven.push({ form: `${orientation}-kink`, ...found })
  }
  return proven
}

function readKink(
  equations: readonly KinkPiece<bigint>[],
  evidence: OrientationEvidence,
  { piece, factor, lower, upper, flat, common }: KinkEvidence,
  ends: readonly Rational[]
): Omit<Proven, 'form'> | undefined {
  const here = equations[piece]!
  const start = ends[factor === undefined ? piece - 1 : piece]!
  demand(compare(start, lower) < 0 && compare(upper, ends[piece + 1]!) < 0, 'a bracket leaves its piece')
  const before = factor === undefined ? equations[piece - 1]! : here
  if (factor === undefined) {
    const at = ends[piece]!
    demand(compare(lower, at) < 0 && compare(at, upper) < 0, 'a bracket misses its breakpoint')
    demand(variations(before.kink.numerators, lower, at) === 0, 'another zero before a breakpoint')
    demand(variations(here.kink.numerators, at, upper) === 0, 'another zero behind a breakpoint')
    demand((signAt(here.coefficient, at) === 0) === flat, 'V at a breakpoint')
    if (flat) return undefined
    demand(variations(before.coefficient.numerators, lower, at) === 0, 'V changes sign before a breakpoint')
    demand(variations(here.coefficient.numerators, at, upper) === 0, 'V changes sign behind a breakpoint')
    const exact = divide(valueAt(here.risk, at), valueAt(here.determinant, at))
    return {
      type: typeBetween(signAt(before.kink, lower), signAt(here.kink, upper), signAt(here.coefficient, at)),
      risk: [exact, exact]
    }
  }
  const { factors } = evidence.pieces[piece]!
  for (const [i, { coefficients }] of factors.entries()) {
    demand(variations(coefficients, lower, upper) === (i === factor ? 1 : 0), 'a bracket holds other roots')
  }
  if (flat) {
    readCommonRoot(common, factors[factor]!.coefficients, here.coefficient, lower, upper)
    return undefined
  }
  demand(variations(here.coefficient.numerators, lower, upper) === 0, 'V changes sign in a bracket')
  const risk = intervalQuotient(here.risk, here.determinant, lower, upper)
  demand(risk !== undefined, 'a bracket is too wide')
  const v = signAt(here.coefficient, lower) || signAt(here.coefficient, upper)
  return { type: typeBetween(signAt(here.kink, lower), signAt(here.kink, upper), v), risk }
}

/** E' has the sign of -V * kink. */
function typeBetween(left: number, right: number, v: number): string {
  demand(left !== 0 && right !== 0 && v !== 0, 'a sign is zero')
  if (left === right) return 'degenerate'
  return -v * left < 0 ? 'local-minimum' : 'saddle'
}

function readCommonRoot(
  evidence: CommonRootEvidence | undefined,
  factor: Coefficients,
  other: Polynomial,
  lower: Rational,
  upper: Rational
) {
  demand(evidence !== undefined, 'no common root')
  const { common } = evidence
  demand(ring.equal(ring.multiply(whole(common), evidence.factor), whole(factor)), 'not a divisor of the factor')
  demand(ring.equal(ring.multiply(whole(common), evidence.other), other), 'not a divisor of the other polynomial')
  demand(signAt(whole(common), lower) * signAt(whole(common), upper) < 0, 'the common factor has no root here')
}

function readTie(pieces: RiskPieces<bigint>, { least, tie, right, left }: CriticalEvidence, proven: readonly Proven[]) {
  demand(tie !== undefined && tie.representatives.length === least.length, 'no tie')
  const [rightEquations, leftEquations] = [kinkEquations(pieces), kinkEquations(mirrored(pieces))]
  /** Equations, factor and bracket of a least realization with a kink. */
  const kinkOf = (i: number) => {
    const { form } = proven[i]!
    const kinked = proven.flatMap((p, n) => (p.form === form ? [n] : []))
    const orientation = form === 'left-kink' ? left : right
    const nonFlat = orientation.kinks.filter((entry) => !entry.flat)
    const entry = form === 'left-kink' ? nonFlat.at(-1 - kinked.indexOf(i)) : nonFlat[kinked.indexOf(i)]
    if (form === 'constant' || form === 'affine' || !entry) return undefined
    const equations = (form === 'left-kink' ? leftEquations : rightEquations)[entry.piece]!
    const factor =
      entry.factor === undefined ? undefined : orientation.pieces[entry.piece]!.factors[entry.factor]!.coefficients
    return { entry, equations, factor }
  }
  for (const [n, representative] of tie.representatives.entries()) {
    if (representative === least[n]) continue
    demand(least.slice(0, n).includes(representative), 'the representative is not an earlier one')
    const [one, other] = [kinkOf(least[n]!), kinkOf(representative)]
    demand(one !== undefined && other !== undefined, 'no kinks to compare')
    demand(ring.equal(one.equations.risk, other.equations.risk), 'other risk polynomials')
    demand(ring.equal(one.equations.determinant, other.equations.determinant), 'other determinants')
    demand(`${one.factor}` === `${other.factor}`, 'other factors')
    demand(
      compare(one.entry.lower, other.entry.lower) === 0 && compare(one.entry.upper, other.entry.upper) === 0,
      'other brackets'
    )
  }
  const different = [...new Set(tie.representatives)]
  if (different.length === 1) return
  const m = tie.polynomial
  demand(m !== undefined, 'no polynomial for the tie')
  demand(variations(m.coefficients, m.lower, m.upper) === 1, 'the tie polynomial has several roots')
  for (const [n, i] of different.entries()) {
    const [low, high] = proven[i]!.risk
    demand(compare(m.lower, low) < 0 && compare(high, m.upper) < 0, 'a risk outside the interval of the tie')
    const kink = kinkOf(i)
    if (!kink || kink.entry.factor === undefined) {
      demand(signAt(whole(m.coefficients), low) === 0, 'a rational risk is no root')
      continue
    }
    let form = ring.zero
    const top = m.coefficients.length - 1
    for (const [power, c] of m.coefficients.entries()) {
      const term = ring.multiply(
        ring.power(kink.equations.risk, power),
        ring.power(kink.equations.determinant, top - power)
      )
      form = ring.add(form, ring.scale(term, rational(c)))
    }
    readCommonRoot(m.roots[n], kink.factor!, form, kink.entry.lower, kink.entry.upper)
  }
}
