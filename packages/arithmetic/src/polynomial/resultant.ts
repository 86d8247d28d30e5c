import { add, divide, multiply, type Rational, rational, subtract } from '../rational.ts'
import type { Coefficients } from './coefficients.ts'
import { degree } from './coefficients.ts'
import { integers } from './ordered-domain.ts'
import { type Polynomial, rationalPolynomials } from './polynomial.ts'

/**
 * The resultant of two integer polynomials: lc(f)^deg(g) times the product of g over all complex roots of f; 0 exactly
 * when they have a common root. 0 when one of them is zero. Exact. Subresultant algorithm (Cohen 1993, 3.3.7).
 */
export function resultant(f: Coefficients, g: Coefficients): bigint {
  if (f.length === 0 || g.length === 0) return 0n
  if (degree(f) < degree(g)) {
    const swapped = resultant(g, f)
    return degree(f) % 2 === 1 && degree(g) % 2 === 1 ? -swapped : swapped
  }
  let a = f
  let b = g
  let sign = 1n
  let lead = 1n
  let h = 1n
  while (degree(b) > 0) {
    const gap = degree(a) - degree(b)
    if (degree(a) % 2 === 1 && degree(b) % 2 === 1) sign = -sign
    const remainder = exactPseudoRemainder(a, b)
    if (remainder.length === 0) return 0n
    const divisor = lead * h ** BigInt(gap)
    a = b
    b = remainder.map((c) => c / divisor)
    lead = a.at(-1)!
    // h := lead^gap h^(1 - gap), an integer
    h = gap === 0 ? h : lead ** BigInt(gap) / h ** BigInt(gap - 1)
  }
  const n = degree(a)
  return n === 0 ? sign * b[0]! ** 0n : sign * (n === 1 ? b[0]! : b[0]! ** BigInt(n) / h ** BigInt(n - 1))
}

/** lc(g)^(deg f - deg g + 1) f modulo g. Exact. */
function exactPseudoRemainder(f: Coefficients, g: Coefficients): Coefficients {
  const leading = g.at(-1)!
  let rest = [...f]
  for (let k = degree(f) - degree(g); k >= 0; k--) {
    const top = rest.pop()!
    rest = rest.map((c, i) => (i >= k ? c * leading - top * g[i - k]! : c * leading))
  }
  while (rest.length > 0 && integers.sign(rest.at(-1)!) === 0) rest.pop()
  return rest
}

/** The polynomial of degree below n with the values values[i] at x = i, for i = 0 .. n-1. Exact. Newton's divided differences. */
export function interpolate(values: readonly Rational[]): Polynomial {
  const ring = rationalPolynomials
  const differences = [...values]
  for (let order = 1; order < values.length; order++) {
    for (let i = values.length - 1; i >= order; i--) {
      differences[i] = divide(subtract(differences[i]!, differences[i - 1]!), rational(BigInt(order)))
    }
  }
  let p = ring.zero
  for (let i = values.length - 1; i >= 0; i--) {
    const factor = ring.subtract(ring.x, ring.constant(rational(BigInt(i))))
    p = ring.add(ring.multiply(p, factor), ring.constant(differences[i]!))
  }
  return p
}

/** The value of a rational polynomial at a rational point. Exact. Horner. */
export function valueAt(p: Polynomial, x: Rational): Rational {
  let value = rational(0n)
  for (let i = p.numerators.length - 1; i >= 0; i--) value = add(multiply(value, x), rational(p.numerators[i]!))
  return divide(value, rational(p.denominator))
}
