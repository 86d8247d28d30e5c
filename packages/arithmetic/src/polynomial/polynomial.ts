import { gcd } from '../integer.ts'
import type { Rational } from '../rational.ts'
import { addCoefficients, type Coefficients, multiplyCoefficients, trim } from './coefficients.ts'
import { integers, type OrderedDomain } from './ordered-domain.ts'

/** The polynomial sum_i (numerators[i] / denominator) x^i in lowest terms; denominator > 0. Exact. */
export interface Polynomial<T = bigint> {
  readonly numerators: Coefficients<T>
  readonly denominator: bigint
}

/** Arithmetic of polynomials in one unknown over the fractions of a domain; constants are polynomials of degree 0. Exact. */
export interface PolynomialRing<T> {
  readonly zero: Polynomial<T>
  readonly x: Polynomial<T>
  readonly constant: (c: Rational) => Polynomial<T>
  /** The same polynomial with its rational coefficients read as elements of the domain. */
  readonly lift: (p: Polynomial) => Polynomial<T>
  readonly fraction: (numerators: readonly T[], denominator: bigint) => Polynomial<T>
  readonly add: (p: Polynomial<T>, q: Polynomial<T>) => Polynomial<T>
  readonly subtract: (p: Polynomial<T>, q: Polynomial<T>) => Polynomial<T>
  readonly multiply: (p: Polynomial<T>, q: Polynomial<T>) => Polynomial<T>
  readonly scale: (p: Polynomial<T>, factor: Rational) => Polynomial<T>
  readonly power: (p: Polynomial<T>, exponent: number) => Polynomial<T>
  /** p(inner(x)); a constant inner polynomial evaluates p there. */
  readonly compose: (p: Polynomial<T>, inner: Polynomial<T>) => Polynomial<T>
  readonly derivative: (p: Polynomial<T>) => Polynomial<T>
  /** The antiderivative that vanishes at 0. */
  readonly antiderivative: (p: Polynomial<T>) => Polynomial<T>
  readonly equal: (p: Polynomial<T>, q: Polynomial<T>) => boolean
}

/** The polynomials over the fractions of a domain. */
export function polynomialsOver<T>(domain: OrderedDomain<T>): PolynomialRing<T> {
  const scaleAll = (f: Coefficients<T>, n: bigint): Coefficients<T> => (n === 1n ? f : f.map((c) => domain.scale(c, n)))

  const fraction = (numerators: readonly T[], denominator: bigint): Polynomial<T> => {
    const f = trim(domain, numerators)
    if (f.length === 0) return { numerators: f, denominator: 1n }
    const common = denominator === 1n ? 1n : gcd(domain.content(f), denominator)
    const divisor = denominator < 0n ? -common : common
    return divisor === 1n
      ? { numerators: f, denominator }
      : { numerators: f.map((c) => domain.shrink(c, divisor)), denominator: denominator / divisor }
  }
  const scale = (p: Polynomial<T>, r: Rational) =>
    fraction(scaleAll(p.numerators, r.numerator), p.denominator * r.denominator)
  const add = (p: Polynomial<T>, q: Polynomial<T>) => {
    const common = gcd(p.denominator, q.denominator)
    const left = q.denominator / common
    const right = p.denominator / common
    const sum = addCoefficients(domain, scaleAll(p.numerators, left), scaleAll(q.numerators, right))
    return fraction(sum, p.denominator * left)
  }
  const subtract = (p: Polynomial<T>, q: Polynomial<T>) => add(p, { ...q, numerators: scaleAll(q.numerators, -1n) })
  const multiply = (p: Polynomial<T>, q: Polynomial<T>) =>
    fraction(multiplyCoefficients(domain, p.numerators, q.numerators), p.denominator * q.denominator)
  const lift = (p: Polynomial) => ({
    numerators: p.numerators.map((n) => domain.scale(domain.one, n)),
    denominator: p.denominator
  })
  const constant = (c: Rational) => fraction([domain.scale(domain.one, c.numerator)], c.denominator)
  const one = constant({ numerator: 1n, denominator: 1n })

  return {
    zero: { numerators: [], denominator: 1n },
    x: { numerators: [domain.zero, domain.one], denominator: 1n },
    constant,
    lift,
    fraction,
    add,
    subtract,
    multiply,
    scale,
    power: (p, exponent) => {
      let result = one
      for (let i = 0; i < exponent; i++) result = multiply(result, p)
      return result
    },
    compose: (p, inner) => {
      let value: Polynomial<T> = { numerators: [], denominator: 1n }
      for (let i = p.numerators.length - 1; i >= 0; i--) {
        value = add(multiply(value, inner), fraction([p.numerators[i]!], p.denominator))
      }
      return value
    },
    derivative: (p) =>
      fraction(
        p.numerators.slice(1).map((c, i) => domain.scale(c, BigInt(i + 1))),
        p.denominator
      ),
    antiderivative: (p) => {
      // sum c_i x^(i+1) / (i+1) over the common denominator 1 * 2 * ... * (degree + 1)
      let factorial = 1n
      for (let i = 2; i <= p.numerators.length; i++) factorial *= BigInt(i)
      const raised = p.numerators.map((c, i) => domain.scale(c, factorial / BigInt(i + 1)))
      return fraction([domain.zero, ...raised], p.denominator * factorial)
    },
    equal: (p, q) => subtract(p, q).numerators.length === 0
  }
}

/** The polynomials with rational coefficients. */
export const rationalPolynomials: PolynomialRing<bigint> = polynomialsOver(integers)
