import type { Rational } from '../rational.ts'
import type { OrderedDomain } from './ordered-domain.ts'

/** A polynomial up to nothing: coefficient i multiplies x^i, the last is not zero, the zero polynomial is empty. Exact. */
export type Coefficients<T = bigint> = readonly T[]

export const degree = (f: Coefficients<unknown>): number => f.length - 1

/** Without leading zeros. */
export function trim<T>(domain: OrderedDomain<T>, f: readonly T[]): Coefficients<T> {
  let length = f.length
  while (length > 0 && domain.sign(f[length - 1]!) === 0) length--
  return length === f.length ? f : f.slice(0, length)
}

export function addCoefficients<T>(domain: OrderedDomain<T>, f: Coefficients<T>, g: Coefficients<T>): Coefficients<T> {
  const [long, short] = f.length >= g.length ? [f, g] : [g, f]
  return trim(
    domain,
    long.map((c, i) => (i < short.length ? domain.add(c, short[i]!) : c))
  )
}

export function multiplyCoefficients<T>(domain: OrderedDomain<T>, f: Coefficients<T>, g: Coefficients<T>) {
  if (f.length === 0 || g.length === 0) return []
  const product: T[] = new Array<T>(f.length + g.length - 1).fill(domain.zero)
  for (const [i, a] of f.entries()) {
    for (const [k, b] of g.entries()) product[i + k] = domain.add(product[i + k]!, domain.multiply(a, b))
  }
  return trim(domain, product)
}

export const negateCoefficients = <T>(domain: OrderedDomain<T>, f: Coefficients<T>): Coefficients<T> =>
  f.map((c) => domain.scale(c, -1n))

export const derivativeCoefficients = <T>(domain: OrderedDomain<T>, f: Coefficients<T>): Coefficients<T> =>
  f.slice(1).map((c, i) => domain.scale(c, BigInt(i + 1)))

/** f(n/d) times d^degree, for a rational n/d. Exact. */
export function homogeneousValue<T>(domain: OrderedDomain<T>, f: Coefficients<T>, at: Rational): T {
  let value = domain.zero
  let power = 1n
  for (let i = f.length - 1; i >= 0; i--) {
    value = domain.add(domain.scale(value, at.numerator), domain.scale(f[i]!, power))
    power *= at.denominator
  }
  return value
}

/** Sign of f at a rational point. Exact. */
export const signAtRational = <T>(domain: OrderedDomain<T>, f: Coefficients<T>, at: Rational): -1 | 0 | 1 =>
  domain.sign(homogeneousValue(domain, f, at))
