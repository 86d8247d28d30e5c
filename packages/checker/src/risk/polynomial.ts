import { type Budget, hold, spend } from '../budget.ts'
import { bitLength, greatestBitLength, greatestCommonDivisor, signOf } from '../integers.ts'
import type { Rational } from '../rational.ts'

/** The polynomial with numerators[i] / denominator at x^i; the last numerator is not zero, the denominator is positive. Exact. */
export type Polynomial = { readonly numerators: readonly bigint[]; readonly denominator: bigint }

export const zeroPolynomial: Polynomial = { numerators: [], denominator: 1n }

export const isZero = (f: Polynomial): boolean => f.numerators.length === 0

export const constant = ({ numerator, denominator }: Rational): Polynomial =>
  numerator === 0n ? zeroPolynomial : { numerators: [numerator], denominator }

const widest = (numerators: readonly bigint[]): number => greatestBitLength([numerators])

/** The same polynomial without zeros at the end and without a common factor of numerators and denominator. */
export const reduced = (numerators: readonly bigint[], denominator: bigint, budget: Budget): Polynomial => {
  let length = numerators.length
  while (length > 0 && numerators[length - 1] === 0n) length -= 1
  if (length === 0) return zeroPolynomial
  let common = denominator
  const bits = bitLength(denominator)
  for (let index = 0; index < length && common !== 1n; index += 1) {
    spend(budget, [bits], bits, 1)
    common = greatestCommonDivisor(common, numerators[index])
  }
  hold(budget, [length], bits)
  return { numerators: numerators.slice(0, length).map((entry) => entry / common), denominator: denominator / common }
}

export const sum = (f: Polynomial, g: Polynomial, budget: Budget): Polynomial => {
  const length = Math.max(f.numerators.length, g.numerators.length)
  spend(budget, [2, length + 1], widest([...f.numerators, f.denominator]), widest([...g.numerators, g.denominator]))
  const entry = (h: Polynomial, index: number): bigint => (index < h.numerators.length ? h.numerators[index] : 0n)
  return reduced(
    Array.from({ length }, (_, i) => entry(f, i) * g.denominator + entry(g, i) * f.denominator),
    f.denominator * g.denominator,
    budget
  )
}

export const negative = (f: Polynomial): Polynomial => ({ ...f, numerators: f.numerators.map((entry) => -entry) })

export const difference = (f: Polynomial, g: Polynomial, budget: Budget): Polynomial => sum(f, negative(g), budget)

/** The coefficients of the product. */
export const convolution = (f: readonly bigint[], g: readonly bigint[], budget: Budget): readonly bigint[] => {
  if (f.length === 0 || g.length === 0) return []
  spend(budget, [f.length, g.length], widest(f), widest(g))
  const product: bigint[] = new Array(f.length + g.length - 1).fill(0n)
  for (const [i, left] of f.entries()) {
    for (const [k, right] of g.entries()) product[i + k] += left * right
  }
  return product
}

export const product = (f: Polynomial, g: Polynomial, budget: Budget): Polynomial =>
  reduced(convolution(f.numerators, g.numerators, budget), f.denominator * g.denominator, budget)

export const timesX = (f: Polynomial): Polynomial =>
  isZero(f) ? f : { numerators: [0n, ...f.numerators], denominator: f.denominator }

/** The antiderivative that vanishes at 0. */
export const antiderivative = ({ numerators, denominator }: Polynomial, budget: Budget): Polynomial => {
  const multiple = numerators.reduce((common, _, i) => {
    const power = BigInt(i + 1)
    return common * (power / greatestCommonDivisor(common, power))
  }, 1n)
  spend(budget, [numerators.length + 1], widest(numerators), bitLength(multiple))
  const raised = numerators.map((entry, i) => entry * (multiple / BigInt(i + 1)))
  return reduced([0n, ...raised], denominator * multiple, budget)
}

/** f(s - x). */
export const reflected = (f: Polynomial, s: Rational, budget: Budget): Polynomial => {
  const line: Polynomial = reduced([s.numerator, -s.denominator], s.denominator, budget)
  let value = zeroPolynomial
  for (let i = f.numerators.length - 1; i >= 0; i -= 1) {
    value = sum(
      product(value, line, budget),
      constant({ numerator: f.numerators[i], denominator: f.denominator }),
      budget
    )
  }
  return value
}

/** f(x) times a positive number. */
const scaledValue = (numerators: readonly bigint[], x: Rational, budget: Budget): bigint => {
  let value = 0n
  let power = 1n
  const bits = bitLength(x.numerator) + bitLength(x.denominator)
  spend(budget, [2, numerators.length], widest(numerators) + numerators.length * bits, bits)
  for (let i = numerators.length - 1; i >= 0; i -= 1) {
    value = value * x.numerator + numerators[i] * power
    power *= x.denominator
  }
  return value
}

export const signAt = (numerators: readonly bigint[], x: Rational, budget: Budget): -1 | 0 | 1 =>
  signOf(scaledValue(numerators, x, budget))

export const valueAt = ({ numerators, denominator }: Polynomial, x: Rational, budget: Budget): Rational => {
  if (numerators.length === 0) return { numerator: 0n, denominator: 1n }
  return {
    numerator: scaledValue(numerators, x, budget),
    denominator: denominator * x.denominator ** BigInt(numerators.length - 1)
  }
}

/** Whether f and g are the same up to a factor that is not zero. */
export const areProportional = (f: Polynomial, g: Polynomial, budget: Budget): boolean => {
  const [m, n] = [f.numerators, g.numerators]
  if (m.length !== n.length) return false
  if (m.length === 0) return true
  spend(budget, [2, m.length], widest(m), widest(n))
  return m.every((entry, i) => entry * n[n.length - 1] === n[i] * m[m.length - 1])
}

export const areEqual = (f: Polynomial, g: Polynomial, budget: Budget): boolean => isZero(difference(f, g, budget))
