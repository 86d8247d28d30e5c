import type { Budget } from '../budget.ts'
import { signOf } from '../integers.ts'
import { reject } from '../outcome.ts'
import { compare, type Rational, zero } from '../rational.ts'
import type { CriticalFunction, FunctionType, KinkedFunction } from './claim.ts'
import type { Tie } from './evidence.ts'
import { type KinkPiece, kinkEquations, mirrored, sideBySide } from './kink-equations.ts'
import { areProportional, convolution, isZero, type Polynomial, signAt, valueAt } from './polynomial.ts'
import type { Pieces, RiskProblem } from './problem.ts'
import { isPoint, isWithin, pointRange, quotientsOf, type Range, valuesOn } from './range.ts'
import { minus, over, plus, times } from './rationals.ts'
import {
  type Coefficients,
  commonDivisor,
  rootsBetween,
  rootsInside,
  type SturmSequence,
  signsBeside,
  sturmSequence,
  withoutRoot
} from './roots.ts'

/** The risk of a function as a range that holds it, and the kink from which it comes unless the risk is rational. */
type Proved = { readonly risk: Range; readonly from?: { readonly piece: KinkPiece; readonly kink: Range } }

const reflectedRange = ({ lower, upper }: Range, s: Rational): Range => ({
  lower: minus(s, upper),
  upper: minus(s, lower)
})

const negated = ({ lower, upper }: Range): Range => reflectedRange({ lower, upper }, zero)

/** The range of numerator / determinant, or a rejection because the kink is not known well enough. */
const quotient = (numerator: Polynomial, { determinant }: KinkPiece, kink: Range, step: string, budget: Budget) =>
  quotientsOf(valuesOn(numerator, kink, budget), valuesOn(determinant, kink, budget), budget) ??
  reject(step, 'the range of the kink is too wide')

const requireWithin = (inner: Range, outer: Range, step: string, name: string): void => {
  if (!isWithin(inner, outer)) reject(step, `the number ${name} is not proved to lie in its range`)
}

/** Rejects unless C/D, V/D and R/D lie in the ranges of the function; gives the range of R/D. */
const requireValues = (
  claimed: Exclude<CriticalFunction, { form: 'constant' }>,
  piece: KinkPiece,
  kink: Range,
  step: string,
  budget: Budget
): Range => {
  const slope = quotient(piece.coefficient, piece, kink, step, budget)
  const risk = quotient(piece.risk, piece, kink, step, budget)
  requireWithin(quotient(piece.constant, piece, kink, step, budget), claimed.c, step, 'c')
  requireWithin(claimed.form === 'left-kink' ? negated(slope) : slope, claimed.slope, step, 'slope')
  requireWithin(risk, claimed.risk, step, 'risk')
  return risk
}

/** Where a kink lies: strictly inside the piece, or on the breakpoint where the piece begins. */
type Place = { readonly piece: number; readonly onBreakpoint: boolean }

const placeOf = (breakpoints: readonly Rational[], kink: Range, step: string): Place => {
  const piece = breakpoints.findIndex((t) => compare(t, kink.lower) > 0) - 1
  const inside = piece >= 0 && compare(kink.upper, breakpoints[piece + 1]) < 0
  const starts = inside && compare(kink.lower, breakpoints[piece]) === 0
  if (!inside || (starts && (piece === 0 || !isPoint(kink)))) {
    return reject(step, 'a kink is neither strictly inside a piece nor a breakpoint inside the interval')
  }
  return { piece, onBreakpoint: starts }
}

const typeOf = (s: number, t: number): FunctionType => (s === t ? 'degenerate' : s < 0 ? 'local-minimum' : 'saddle')

/** Signs of E' beside a rational kink, from the pieces to its left and right; V is not zero there. */
const slopesBeside = (before: KinkPiece, after: KinkPiece, at: Rational, budget: Budget): readonly [number, number] => {
  const v = signAt(after.coefficient.numerators, at, budget)
  return [
    -v * signsBeside(before.kink.numerators, at, budget)[0],
    -v * signsBeside(after.kink.numerators, at, budget)[1]
  ]
}

/** The signs of E' to the left and to the right of a kink; undefined where the kink is not critical or V is 0. */
export const slopesAt = (
  { breakpoints }: { readonly breakpoints: readonly Rational[] },
  equations: readonly KinkPiece[],
  at: Rational,
  budget: Budget
): readonly [number, number] | undefined => {
  const piece = breakpoints.findIndex((t) => compare(t, at) > 0) - 1
  const after = equations[piece]
  const before = compare(breakpoints[piece], at) === 0 ? equations[piece - 1] : after
  const critical = signAt(after.kink.numerators, at, budget) === 0
  if (!critical || signAt(after.coefficient.numerators, at, budget) === 0) return undefined
  return slopesBeside(before, after, at, budget)
}

/** Rejects unless these are all right kinks of the side, in ascending order, with the numbers and types they have. */
const requireKinks = (
  breakpoints: readonly Rational[],
  equations: readonly KinkPiece[],
  claimed: readonly { readonly claim: KinkedFunction; readonly kink: Range; readonly step: string }[],
  name: string,
  budget: Budget
): readonly Proved[] => {
  const sequences = new Map<number, SturmSequence>()
  const sequenceOf = (piece: number): SturmSequence => {
    const known = sequences.get(piece) ?? sturmSequence(equations[piece].kink.numerators, budget)
    sequences.set(piece, known)
    return known
  }
  const inside: number[] = new Array(equations.length).fill(0)
  const onBreakpoint = new Set<number>()
  let end: Rational | undefined
  const proved = claimed.map(({ claim, kink, step }): Proved => {
    if (end !== undefined && compare(end, kink.lower) >= 0) reject(step, 'the kinks do not ascend')
    end = kink.upper
    const place = placeOf(breakpoints, kink, step)
    const piece = equations[place.piece]
    if (isZero(piece.kink)) reject(step, 'there is no kink where the kink equation is zero')
    if (place.onBreakpoint) onBreakpoint.add(place.piece)
    else inside[place.piece] += 1
    let slopes: readonly [number, number] | undefined
    if (isPoint(kink)) {
      slopes = slopesAt({ breakpoints }, equations, kink.lower, budget)
      if (slopes === undefined) return reject(step, 'the kink equation does not hold, or V is 0')
    } else {
      const [l, u] = [kink.lower, kink.upper].map((at) => signAt(piece.kink.numerators, at, budget))
      if (l === 0 || u === 0) reject(step, 'the kink equation holds at an end of the range')
      const roots = rootsBetween(sequenceOf(place.piece), kink.lower, kink.upper, budget)
      if (roots !== 1) reject(step, `${roots} solutions of the kink equation in the range of a kink`)
      const v = valuesOn(piece.coefficient, kink, budget)
      const sign = signOf(v.lower.numerator)
      if (sign === 0 || sign !== signOf(v.upper.numerator)) reject(step, 'V may be 0 in the range of the kink')
      slopes = [-sign * l, -sign * u]
    }
    const risk = requireValues(claim, piece, kink, step, budget)
    if (claim.type !== typeOf(slopes[0], slopes[1])) reject(step, `the type is ${typeOf(slopes[0], slopes[1])}`)
    return isPoint(kink) ? { risk } : { risk, from: { piece, kink } }
  })
  for (const [k, { kink, coefficient }] of equations.entries()) {
    const step = `(b) ${name} piece ${k}`
    if (isZero(kink)) {
      if (!isZero(coefficient)) reject(step, 'the kink equation is zero, V is not')
      continue
    }
    const [from, to] = [breakpoints[k], breakpoints[k + 1]]
    if (k > 0 && slopesAt({ breakpoints }, equations, from, budget) !== undefined && !onBreakpoint.has(k)) {
      reject(step, 'a kink on the breakpoint is missing')
    }
    const roots = rootsInside(kink.numerators, from, to, budget)
    if (roots === inside[k]) continue
    const common = commonDivisor(kink.numerators, coefficient.numerators, budget)
    const flat = rootsInside(common, from, to, budget)
    if (roots - flat !== inside[k]) reject(step, `${roots - flat} kinks inside where ${inside[k]} are listed`)
  }
  return proved
}

const asPowers = (polynomial: Coefficients, { risk, determinant }: KinkPiece, budget: Budget): Coefficients => {
  // sum of A_i R^i D^(n-i) for R and D over one denominator, which drops out.
  const above = risk.numerators.map((entry) => entry * determinant.denominator)
  const below = determinant.numerators.map((entry) => entry * risk.denominator)
  let value: readonly bigint[] = []
  let power: readonly bigint[] = [1n]
  for (let i = polynomial.length - 1; i >= 0; i -= 1) {
    const raised = convolution(value, above, budget)
    const length = Math.max(raised.length, power.length)
    const coefficient = polynomial[i]
    value = Array.from({ length }, (_, k) => (raised[k] ?? 0n) + coefficient * (power[k] ?? 0n))
    power = convolution(power, below, budget)
  }
  let length = value.length
  while (length > 0 && value[length - 1] === 0n) length -= 1
  return value.slice(0, length)
}

/** Whether the polynomial of the tie is zero at the risk. */
const isRootOf = ({ polynomial }: Tie, { risk, from }: Proved, budget: Budget): boolean => {
  if (from === undefined) return signAt(polynomial, risk.lower, budget) === 0
  const { piece, kink } = from
  const common = commonDivisor(piece.kink.numerators, asPowers(polynomial, piece, budget), budget)
  // A divisor of K, so not zero at the ends.
  return rootsBetween(sturmSequence(common, budget), kink.lower, kink.upper, budget) === 1
}

/** The same kink equation, the same range of the kink, and the same risk as a function of the kink. */
const haveEqualForms = (one: Proved, other: Proved, budget: Budget): boolean => {
  if (one.from === undefined || other.from === undefined) return false
  const [f, g] = [one.from.piece, other.from.piece]
  const [k, l] = [one.from.kink, other.from.kink]
  if (compare(k.lower, l.lower) !== 0 || compare(k.upper, l.upper) !== 0) return false
  const cross = (x: Polynomial, y: Polynomial): Polynomial => ({
    numerators: convolution(x.numerators, y.numerators, budget),
    denominator: x.denominator * y.denominator
  })
  const [left, right] = [cross(f.risk, g.determinant), cross(g.risk, f.determinant)]
  return (
    areProportional(f.kink, g.kink, budget) &&
    left.numerators.length === right.numerators.length &&
    left.numerators.every((entry, i) => entry * right.denominator === right.numerators[i] * left.denominator)
  )
}

const haveEqualRisks = (one: Proved, other: Proved, tie: Tie | undefined, budget: Budget): boolean => {
  if (one.from === undefined && other.from === undefined) return compare(one.risk.lower, other.risk.lower) === 0
  if (haveEqualForms(one, other, budget)) return true
  if (tie === undefined) return false
  const { polynomial, between } = tie
  const { rest } = withoutRoot(polynomial, between.lower, budget)
  if (rest.length !== polynomial.length || signAt(polynomial, between.upper, budget) === 0) return false
  if (isPoint(between) || rootsBetween(sturmSequence(polynomial, budget), between.lower, between.upper, budget) !== 1) {
    return false
  }
  return [one, other].every(
    (proved) =>
      compare(between.lower, proved.risk.lower) < 0 &&
      compare(proved.risk.upper, between.upper) < 0 &&
      isRootOf(tie, proved, budget)
  )
}

const requireLeast = (
  functions: readonly CriticalFunction[],
  proved: readonly Proved[],
  tie: Tie | undefined,
  budget: Budget
): void => {
  const first = functions.findIndex(({ global }) => global)
  if (first < 0) reject('(e)', 'no function is global')
  for (const [i, { global }] of functions.entries()) {
    if (i === first) continue
    if (!global && compare(proved[first].risk.upper, proved[i].risk.lower) >= 0) {
      reject('(e)', `the risk of function ${i} is not proved to be greater than the least`)
    }
    if (global && !haveEqualRisks(proved[first], proved[i], tie, budget)) {
      reject('(f)', `the risk of function ${i} is not proved to be the least`)
    }
  }
}

/** Rejects unless these are the functions of all critical points with one unit, as the rule kink-equations says. */
export const requireCriticalFunctions = (
  { hidden, density }: RiskProblem,
  target: Pieces,
  functions: readonly CriticalFunction[],
  tie: Tie | undefined,
  budget: Budget
): 'proved' => {
  if (hidden !== 1) reject('rule', 'the rule kink-equations is for one hidden unit')
  const right = sideBySide(target, density)
  const left = mirrored(right, budget)
  const [rightEquations, leftEquations] = [kinkEquations(right, budget), kinkEquations(left, budget)]
  const { mass, integral, square } = rightEquations.totals
  const [start] = right.breakpoints
  const s = plus(start, right.breakpoints[right.breakpoints.length - 1])

  const order = ['constant', 'affine', 'right-kink', 'left-kink']
  for (let i = 1; i < functions.length; i += 1) {
    if (order.indexOf(functions[i - 1].form) > order.indexOf(functions[i].form)) reject('order', 'another order is due')
  }
  const [constant, ...others] = functions
  if (constant === undefined || constant.form !== 'constant') return reject('(a)', 'the list begins with the constant')
  if (others.some(({ form }) => form === 'constant')) reject('(a)', 'the constant is listed twice')
  const constantRisk = minus(square, over(times(integral, integral), mass))
  requireWithin(pointRange(over(integral, mass)), constant.c, '(a) constant', 'c')
  requireWithin(pointRange(constantRisk), constant.risk, '(a) constant', 'risk')
  const proved: Proved[] = [{ risk: pointRange(constantRisk) }]

  const lines = others.flatMap((claim) => (claim.form === 'affine' ? [claim] : []))
  const [piece] = rightEquations.pieces
  const hasLine = valueAt(piece.coefficient, start, budget).numerator !== 0n
  if (lines.length !== (hasLine ? 1 : 0)) {
    reject('(a)', hasLine ? 'the best line is due' : 'the best line is the constant')
  }
  for (const line of lines) {
    proved.push({ risk: requireValues(line, piece, pointRange(start), '(a) affine', budget) })
  }
  for (const { form, type } of [constant, ...lines]) {
    if (type !== 'local-minimum') reject(`(a) ${form}`, 'the type is local-minimum')
  }

  const kinked = functions.flatMap((claim, i) =>
    claim.form === 'right-kink' || claim.form === 'left-kink'
      ? [{ claim, kink: claim.kink, step: `(b) function ${i}` }]
      : []
  )
  const rights = kinked.filter(({ claim }) => claim.form === 'right-kink')
  const lefts = kinked
    .filter(({ claim }) => claim.form === 'left-kink')
    .map((entry) => ({ ...entry, kink: reflectedRange(entry.kink, s) }))
  proved.push(...requireKinks(right.breakpoints, rightEquations.pieces, rights, 'right', budget))
  // In the mirror the order is turned.
  proved.push(
    ...[...requireKinks(left.breakpoints, leftEquations.pieces, [...lefts].reverse(), 'left', budget)].reverse()
  )
  requireLeast(functions, proved, tie, budget)
  return 'proved'
}
