import type { Budget } from '../budget.ts'
import { compare, type Rational } from '../rational.ts'
import {
  antiderivative,
  constant,
  difference,
  isZero,
  type Polynomial,
  product,
  reflected,
  sum,
  timesX,
  valueAt,
  zeroPolynomial
} from './polynomial.ts'
import { firstOf, type Pieces } from './problem.ts'
import { lowest, minus, plus } from './rationals.ts'

/** Target and density over the breakpoints of both. */
export type Side = {
  readonly breakpoints: readonly Rational[]
  readonly target: readonly Polynomial[]
  readonly density: readonly Polynomial[]
}

export const sideBySide = (target: Pieces, density: Pieces): Side => {
  const breakpoints = [firstOf(target)]
  const f: Polynomial[] = []
  const p: Polynomial[] = []
  for (let i = 0, k = 0; i < target.pieces.length; ) {
    f.push(target.pieces[i])
    p.push(density.pieces[k])
    const [left, right] = [target.breakpoints[i + 1], density.breakpoints[k + 1]]
    const order = compare(left, right)
    breakpoints.push(order <= 0 ? left : right)
    if (order <= 0) i += 1
    if (order >= 0) k += 1
  }
  return { breakpoints, target: f, density: p }
}

/** The problem at a + b - x. */
export const mirrored = ({ breakpoints, target, density }: Side, budget: Budget): Side => {
  const s = plus(breakpoints[0], breakpoints[breakpoints.length - 1])
  const turned = (pieces: readonly Polynomial[]): readonly Polynomial[] =>
    pieces.map((piece) => reflected(piece, s, budget)).reverse()
  return {
    breakpoints: breakpoints.map((t) => minus(s, t)).reverse(),
    target: turned(target),
    density: turned(density)
  }
}

/** The polynomials C, V, D, R, K of one piece. */
export type KinkPiece = {
  readonly constant: Polynomial
  readonly coefficient: Polynomial
  readonly determinant: Polynomial
  readonly risk: Polynomial
  readonly kink: Polynomial
}

/** M, I and S: the integrals of p, f p and f^2 p. */
export type Totals = { readonly mass: Rational; readonly integral: Rational; readonly square: Rational }

/** For each piece the integral of g from q to b, as a polynomial in q, and its value at a. */
const tails = (breakpoints: readonly Rational[], g: readonly Polynomial[], budget: Budget) => {
  const pieces: Polynomial[] = new Array(g.length).fill(zeroPolynomial)
  let total: Polynomial = zeroPolynomial
  for (let k = g.length - 1; k >= 0; k -= 1) {
    const grown = antiderivative(g[k], budget)
    const atEnd = constant(valueAt(grown, breakpoints[k + 1], budget))
    pieces[k] = difference(sum(total, atEnd, budget), grown, budget)
    total = constant(valueAt(pieces[k], breakpoints[k], budget))
  }
  return { pieces, total }
}

const numberOf = (f: Polynomial): Rational => lowest(isZero(f) ? 0n : f.numerators[0], f.denominator)

/** The equations of right kinks, piece by piece. */
export const kinkEquations = ({ breakpoints, target, density }: Side, budget: Budget) => {
  const weighted = target.map((f, k) => product(f, density[k], budget))
  const powers = (list: readonly Polynomial[]): readonly Polynomial[] => list.map(timesX)
  const p0 = tails(breakpoints, density, budget)
  const p1 = tails(breakpoints, powers(density), budget)
  const p2 = tails(breakpoints, powers(powers(density)), budget)
  const f0 = tails(breakpoints, weighted, budget)
  const f1 = tails(breakpoints, powers(weighted), budget)
  const squares = target.map((f, k) => product(f, weighted[k], budget))
  const square = tails(breakpoints, squares, budget).total
  const mass = p0.total
  const integral = f0.total
  const minusProduct = (f: Polynomial, g: Polynomial, h: Polynomial, i: Polynomial): Polynomial =>
    difference(product(f, g, budget), product(h, i, budget), budget)
  const pieces = target.map((_, k): KinkPiece => {
    const m0 = p0.pieces[k]
    const m1 = difference(p1.pieces[k], timesX(m0), budget)
    // (x - q)^2 = x^2 - q x - q (x - q)
    const m2 = difference(difference(p2.pieces[k], timesX(p1.pieces[k]), budget), timesX(m1), budget)
    const g0 = f0.pieces[k]
    const g1 = difference(f1.pieces[k], timesX(g0), budget)
    const determinant = minusProduct(mass, m2, m1, m1)
    const best = minusProduct(integral, m2, g1, m1)
    const coefficient = minusProduct(mass, g1, integral, m1)
    return {
      constant: best,
      coefficient,
      determinant,
      kink: sum(product(best, m0, budget), minusProduct(coefficient, m1, g0, determinant), budget),
      risk: difference(
        product(square, determinant, budget),
        sum(product(best, integral, budget), product(coefficient, g1, budget), budget),
        budget
      )
    }
  })
  return {
    pieces,
    totals: { mass: numberOf(mass), integral: numberOf(integral), square: numberOf(square) } satisfies Totals
  }
}
