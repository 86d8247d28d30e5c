import { type Budget, spend } from '../budget.ts'
import { readCount, readFields, readList, readName, readObject, readRational } from '../form.ts'
import { bitLength, greatestCommonDivisor } from '../integers.ts'
import type { Json } from '../json.ts'
import { decline } from '../outcome.ts'
import { compare, type Rational } from '../rational.ts'
import { areEqual, isZero, type Polynomial, reduced, valueAt } from './polynomial.ts'
import { isNowhereNegative } from './roots.ts'

/** pieces[k] between breakpoints k and k + 1, which ascend. Exact. */
export type Pieces = {
  readonly kind: 'pieces'
  readonly breakpoints: readonly Rational[]
  readonly pieces: readonly Polynomial[]
}

/** The function of the rule of this name, stretched to [a, b] and multiplied by the scale. */
export type EqualRisks = {
  readonly kind: 'equal-risks'
  readonly a: Rational
  readonly b: Rational
  readonly scale: Rational
}

/** `hidden` units; the target is continuous, the density nowhere negative. Both live on the same interval. Exact. */
export type RiskProblem = {
  readonly hidden: number
  readonly target: Pieces | EqualRisks
  readonly density: Pieces
}

export const riskFormat = 'nadir-risk/1'

export const firstOf = ({ breakpoints }: Pieces): Rational => breakpoints[0]
export const lastOf = ({ breakpoints }: Pieces): Rational => breakpoints[breakpoints.length - 1]

const readLowestTerms = (json: Json, where: string, budget: Budget): Rational => {
  const value = readRational(json, where, budget)
  const bits = bitLength(value.denominator)
  spend(budget, [bits], bits, 1)
  return greatestCommonDivisor(value.denominator, value.numerator) === 1n
    ? value
    : decline(`unreadable ${where}: expected a rational in lowest terms`)
}

const readPolynomial = (json: Json, where: string, budget: Budget): Polynomial => {
  const entries = readList(json, where).map((item, i) => readLowestTerms(item, `${where}[${i}]`, budget))
  if (entries.length > 0 && entries[entries.length - 1].numerator === 0n) {
    decline(`unreadable ${where}: expected a last coefficient that is not 0`)
  }
  let denominator = 1n
  for (const entry of entries) denominator *= entry.denominator
  return reduced(
    entries.map((entry) => entry.numerator * (denominator / entry.denominator)),
    denominator,
    budget
  )
}

const readPieces = (json: Json, where: string, budget: Budget): Pieces => {
  const fields = readFields(json, where, ['kind', 'breakpoints', 'pieces'])
  readName(fields.kind, `${where}.kind`, ['pieces'])
  const breakpoints = readList(fields.breakpoints, `${where}.breakpoints`).map((item, i) =>
    readLowestTerms(item, `${where}.breakpoints[${i}]`, budget)
  )
  if (breakpoints.length < 2) decline(`unreadable ${where}.breakpoints: expected at least two`)
  const pieces = readList(fields.pieces, `${where}.pieces`).map((item, i) =>
    readPolynomial(item, `${where}.pieces[${i}]`, budget)
  )
  if (pieces.length !== breakpoints.length - 1) {
    decline(`unreadable ${where}.pieces: expected ${breakpoints.length - 1} polynomials`)
  }
  for (let k = 1; k < breakpoints.length; k += 1) {
    if (compare(breakpoints[k - 1], breakpoints[k]) >= 0) decline(`unreadable ${where}: expected ascending breakpoints`)
    if (k > 1 && areEqual(pieces[k - 2], pieces[k - 1], budget)) {
      decline(`unreadable ${where}: expected different polynomials beside breakpoint ${k - 1}`)
    }
  }
  return { kind: 'pieces', breakpoints, pieces }
}

const requireContinuous = ({ breakpoints, pieces }: Pieces, budget: Budget): void => {
  for (let k = 1; k < pieces.length; k += 1) {
    const at = breakpoints[k]
    if (compare(valueAt(pieces[k - 1], at, budget), valueAt(pieces[k], at, budget)) !== 0) {
      decline(`unreadable problem.target: expected a continuous function, found a jump at breakpoint ${k}`)
    }
  }
}

const requireDensity = ({ breakpoints, pieces }: Pieces, budget: Budget): void => {
  for (const [k, piece] of pieces.entries()) {
    if (isZero(piece) || !isNowhereNegative(piece.numerators, breakpoints[k], breakpoints[k + 1], budget)) {
      decline(`unreadable problem.density: expected a density, found piece ${k} zero or somewhere negative`)
    }
  }
}

const readTarget = (json: Json, budget: Budget): Pieces | EqualRisks => {
  const where = 'problem.target'
  const kind = readName(readObject(json, where).get('kind') ?? null, `${where}.kind`, ['pieces', 'equal-risks'])
  if (kind === 'pieces') {
    const target = readPieces(json, where, budget)
    requireContinuous(target, budget)
    return target
  }
  const fields = readFields(json, where, ['kind', 'interval', 'scale'])
  const ends = readList(fields.interval, `${where}.interval`).map((item) =>
    readLowestTerms(item, `${where}.interval`, budget)
  )
  const scale = readLowestTerms(fields.scale, `${where}.scale`, budget)
  if (ends.length !== 2 || compare(ends[0], ends[1]) >= 0 || scale.numerator <= 0n) {
    return decline(`unreadable ${where}: expected two ascending numbers and a positive scale`)
  }
  return { kind, a: ends[0], b: ends[1], scale }
}

const isOne = ({ pieces }: Pieces): boolean =>
  pieces.length === 1 &&
  pieces[0].numerators.length === 1 &&
  pieces[0].numerators[0] === 1n &&
  pieces[0].denominator === 1n

/** Whether the density is 1 everywhere. */
export const isUniform = ({ density }: RiskProblem): boolean => isOne(density)

/** Reads a problem about the risk on an interval; declines whatever has not its form or makes no sense as one. */
export const readRiskProblem = (json: Json, budget: Budget): RiskProblem => {
  const fields = readFields(json, 'problem', ['format', 'hidden', 'target', 'density'])
  readName(fields.format, 'problem.format', [riskFormat])
  const hidden = readCount(fields.hidden, 'problem.hidden')
  if (hidden < 1) decline('unreadable problem.hidden: expected at least 1')
  const target = readTarget(fields.target, budget)
  const density = readPieces(fields.density, 'problem.density', budget)
  requireDensity(density, budget)
  const [a, b] = target.kind === 'pieces' ? [firstOf(target), lastOf(target)] : [target.a, target.b]
  if (compare(a, firstOf(density)) !== 0 || compare(b, lastOf(density)) !== 0) {
    decline('unreadable problem.density: expected the interval of the target')
  }
  if (target.kind === 'equal-risks' && !isOne(density))
    decline('unreadable problem.density: expected 1 for equal-risks')
  return { hidden, target, density }
}
