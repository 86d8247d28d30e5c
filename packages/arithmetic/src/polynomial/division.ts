import {
  type Coefficients,
  degree,
  derivativeCoefficients,
  multiplyCoefficients,
  negateCoefficients,
  trim
} from './coefficients.ts'
import type { OrderedDomain } from './ordered-domain.ts'

/**
 * quotient and remainder with m f = quotient * g + remainder, degree(remainder) < degree(g), for some positive number m:
 * both have the signs of the true quotient and remainder. Exact. @throws RangeError when g is zero
 */
export function pseudoDivide<T>(domain: OrderedDomain<T>, f: Coefficients<T>, g: Coefficients<T>) {
  if (g.length === 0) throw new RangeError('pseudoDivide: division by the zero polynomial')
  const leading = g.at(-1)!
  const positive = domain.sign(leading) > 0
  const factor = positive ? leading : domain.scale(leading, -1n)
  const gap = degree(f) - degree(g)
  const quotient: T[] = new Array<T>(Math.max(gap + 1, 0)).fill(domain.zero)
  let rest = [...f]
  for (let k = gap; k >= 0; k--) {
    const top = rest.pop()!
    const step = positive ? top : domain.scale(top, -1n)
    rest = rest.map((c, i) => {
      const scaled = domain.multiply(c, factor)
      return i >= k ? domain.subtract(scaled, domain.multiply(step, g[i - k]!)) : scaled
    })
    for (let i = k + 1; i <= gap; i++) quotient[i] = domain.multiply(quotient[i]!, factor)
    quotient[k] = step
  }
  return { quotient: trim(domain, quotient), remainder: trim(domain, rest) }
}

/** f / g up to a positive factor, for g that divides f. Exact. */
export const divideOut = <T>(domain: OrderedDomain<T>, f: Coefficients<T>, g: Coefficients<T>): Coefficients<T> =>
  domain.associate(pseudoDivide(domain, f, g).quotient)

/** True only when f and g have no common factor; decided modulo a prime, so false says nothing. */
export function coprimeModuloPrime<T>(domain: OrderedDomain<T>, f: Coefficients<T>, g: Coefficients<T>): boolean {
  if (!domain.residue || f.length === 0) return false
  const { prime, of } = domain.residue
  let a = f.map(of)
  let b = g.map(of)
  // A factor of f keeps its degree modulo the prime only when the leading coefficient of f survives.
  if (a.at(-1) === 0) return false
  while (b.length > 0 && b.at(-1) === 0) b.pop()
  while (b.length > 0) {
    const inverse = modularPower(b.at(-1)!, prime - 2, prime)
    while (a.length >= b.length) {
      const factor = (a.at(-1)! * inverse) % prime
      const shift = a.length - b.length
      for (const [i, c] of b.entries()) a[shift + i] = (a[shift + i]! + prime - ((factor * c) % prime)) % prime
      while (a.length > 0 && a.at(-1) === 0) a.pop()
    }
    ;[a, b] = [b, a]
  }
  return a.length === 1
}

function modularPower(base: number, exponent: number, prime: number): number {
  let result = 1
  let square = base
  for (let e = exponent; e > 0; e = Math.floor(e / 2)) {
    if (e % 2 === 1) result = (result * square) % prime
    square = (square * square) % prime
  }
  return result
}

/** A greatest common divisor, with positive leading coefficient. Exact. Euclid with short remainders. */
export function polynomialGcd<T>(domain: OrderedDomain<T>, f: Coefficients<T>, g: Coefficients<T>): Coefficients<T> {
  if (coprimeModuloPrime(domain, f, g)) return [domain.one]
  let a = f
  let b = g
  while (b.length > 0) {
    const { remainder } = pseudoDivide(domain, a, b)
    a = b
    b = remainder.length === 0 ? remainder : domain.associate(remainder)
  }
  return a.length === 0 ? a : withPositiveLead(domain, a)
}

function withPositiveLead<T>(domain: OrderedDomain<T>, f: Coefficients<T>): Coefficients<T> {
  const short = domain.associate(f)
  return domain.sign(short.at(-1)!) < 0 ? negateCoefficients(domain, short) : short
}

export interface PolynomialFactor<T> {
  readonly coefficients: Coefficients<T>
  readonly multiplicity: number
}

/**
 * The squarefree, pairwise coprime polynomials s_i of positive degree and leading coefficient with f = (constant) * product of s_i^multiplicity.
 * Exact. Yun's algorithm. @throws RangeError when f is zero
 */
export function squarefreeFactors<T>(domain: OrderedDomain<T>, f: Coefficients<T>): readonly PolynomialFactor<T>[] {
  if (f.length === 0) throw new RangeError('squarefreeFactors: the zero polynomial')
  if (f.length === 1) return []
  const slope = derivativeCoefficients(domain, f)
  const repeated = polynomialGcd(domain, f, slope)
  if (degree(repeated) === 0) return [{ coefficients: withPositiveLead(domain, f), multiplicity: 1 }]
  const factors: PolynomialFactor<T>[] = []
  // rest = product of s_i over i >= multiplicity, higher = product of s_i^(i - multiplicity): each gcd splits one s_i off.
  let rest = divideOut(domain, f, repeated)
  let higher = repeated
  for (let multiplicity = 1; degree(rest) > 0; multiplicity++) {
    const next = polynomialGcd(domain, rest, higher)
    const exact = divideOut(domain, rest, next)
    if (degree(exact) > 0) factors.push({ coefficients: withPositiveLead(domain, exact), multiplicity })
    rest = next
    higher = divideOut(domain, higher, next)
  }
  return factors
}

/** The squarefree polynomial with the same roots as f. Exact. @throws RangeError when f is zero */
export const squarefreePart = <T>(domain: OrderedDomain<T>, f: Coefficients<T>): Coefficients<T> =>
  squarefreeFactors(domain, f).reduce<Coefficients<T>>(
    (product, s) => multiplyCoefficients(domain, product, s.coefficients),
    [domain.one]
  )

/** f, up to a positive factor, without its factors (d x - n), and how many there were; d a positive integer. Exact. */
export function removeRoot<T>(domain: OrderedDomain<T>, f: Coefficients<T>, n: T, d: bigint) {
  const linear = [domain.scale(n, -1n), domain.scale(domain.one, d)]
  let rest = f
  let multiplicity = 0
  for (;;) {
    if (degree(rest) < 1) break
    const { quotient, remainder } = pseudoDivide(domain, rest, linear)
    if (remainder.length > 0) break
    rest = domain.associate(quotient)
    multiplicity++
  }
  return { rest, multiplicity }
}
