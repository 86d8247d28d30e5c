import { type Budget, spend } from '../budget.ts'
import { bitLength, greatestBitLength, greatestCommonDivisor } from '../integers.ts'
import type { Rational } from '../rational.ts'
import { signAt } from './polynomial.ts'

/** A polynomial with integer coefficients up to a positive factor, of 1, x, x^2, ...; the last is not zero. */
export type Coefficients = readonly bigint[]

/** Without the common factor of its coefficients. */
const primitive = (f: Coefficients, budget: Budget): Coefficients => {
  let common = 0n
  for (const entry of f) {
    if (common === 1n) return f
    if (entry === 0n) continue
    const bits = bitLength(entry)
    spend(budget, [bits], bits, 1)
    common = greatestCommonDivisor(entry, common)
  }
  return common <= 1n ? f : f.map((entry) => entry / common)
}

/** A positive multiple of the remainder of f by g, without common factor; g is not zero. */
const remainder = (f: Coefficients, g: Coefficients, budget: Budget): Coefficients => {
  const lead = g[g.length - 1]
  const [factor, turned] = lead > 0n ? [lead, 1n] : [-lead, -1n]
  let rest = [...f]
  while (rest.length >= g.length) {
    const shift = rest.length - g.length
    const top = turned * rest[rest.length - 1]
    spend(budget, [2, rest.length], greatestBitLength([rest]), greatestBitLength([g]))
    rest = rest.map((entry, i) => factor * entry - (i >= shift ? top * g[i - shift] : 0n))
    while (rest.length > 0 && rest[rest.length - 1] === 0n) rest.pop()
  }
  return primitive(rest, budget)
}

const derivative = (f: Coefficients): Coefficients => f.slice(1).map((entry, i) => entry * BigInt(i + 1))

/** The greatest common divisor, up to a factor; f is not zero. */
export const commonDivisor = (f: Coefficients, g: Coefficients, budget: Budget): Coefficients => {
  let [a, b] = [primitive(f, budget), primitive(g, budget)]
  while (b.length > 0) [a, b] = [b, remainder(a, b, budget)]
  return a
}

/** Sturm's sequence g, g', and the negative remainders; g is not zero. */
export type SturmSequence = readonly Coefficients[]

export const sturmSequence = (g: Coefficients, budget: Budget): SturmSequence => {
  const sequence: Coefficients[] = [primitive(g, budget)]
  let next = primitive(derivative(sequence[0]), budget)
  while (next.length > 0) {
    sequence.push(next)
    next = remainder(sequence[sequence.length - 2], next, budget).map((entry) => -entry)
  }
  return sequence
}

const signChanges = (sequence: SturmSequence, x: Rational, budget: Budget): number => {
  let changes = 0
  let before = 0
  for (const polynomial of sequence) {
    const sign = signAt(polynomial, x, budget)
    if (sign === 0) continue
    if (sign === -before) changes += 1
    before = sign
  }
  return changes
}

/** The number of different roots between two numbers, l < u, at which the polynomial is not zero. Sturm's theorem. */
export const rootsBetween = (sequence: SturmSequence, l: Rational, u: Rational, budget: Budget): number =>
  signChanges(sequence, l, budget) - signChanges(sequence, u, budget)

/** f = (x - t)^multiplicity times a positive multiple of rest, and rest is not zero at t; f is not zero. */
export const withoutRoot = (f: Coefficients, t: Rational, budget: Budget) => {
  let rest = primitive(f, budget)
  let multiplicity = 0
  while (signAt(rest, t, budget) === 0) {
    // rest = (q x - p) quotient for t = p/q in lowest terms: by Gauss's lemma the quotient has integer coefficients.
    const common = greatestCommonDivisor(t.denominator, t.numerator)
    const [p, q] = [t.numerator / common, t.denominator / common]
    const quotient: bigint[] = new Array(rest.length - 1).fill(0n)
    let carried = 0n
    for (let i = rest.length - 1; i > 0; i -= 1) {
      carried = (rest[i] + p * carried) / q
      quotient[i - 1] = carried
    }
    spend(budget, [rest.length], greatestBitLength([rest]), bitLength(p) + bitLength(q))
    rest = quotient
    multiplicity += 1
  }
  return { rest, multiplicity }
}

/** The signs of f immediately to the left and to the right of t; f is not zero. */
export const signsBeside = (f: Coefficients, t: Rational, budget: Budget): readonly [number, number] => {
  const { rest, multiplicity } = withoutRoot(f, t, budget)
  const right = signAt(rest, t, budget)
  return [multiplicity % 2 === 0 ? right : -right, right]
}

/** The number of different roots of f strictly between two numbers, l < u, at which f may be zero; f is not zero. */
export const rootsInside = (f: Coefficients, l: Rational, u: Rational, budget: Budget): number => {
  const { rest } = withoutRoot(withoutRoot(f, l, budget).rest, u, budget)
  return rest.length === 1 ? 0 : rootsBetween(sturmSequence(rest, budget), l, u, budget)
}

/**
 * Whether f, which is not zero, is nowhere negative from l to u, l < u: inside it has no root of odd multiplicity, and it
 * is positive beside l. Roots of multiplicity above k are those of the k-th of the polynomials f, gcd(f, f'), gcd of that
 * and its derivative, and so on.
 */
export const isNowhereNegative = (f: Coefficients, l: Rational, u: Rational, budget: Budget): boolean => {
  if (signsBeside(f, l, budget)[1] < 0) return false
  let odd = 0
  let turn = 1
  for (let part = f; part.length > 1; part = commonDivisor(part, derivative(part), budget)) {
    odd += turn * rootsInside(part, l, u, budget)
    turn = -turn
  }
  return odd === 0
}
