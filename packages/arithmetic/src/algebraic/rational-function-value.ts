import { addCoefficients, type Coefficients, degree, signAtRational } from '../polynomial/coefficients.ts'
import { signVariations } from '../polynomial/descartes.ts'
import { divideOut, polynomialGcd, squarefreePart } from '../polynomial/division.ts'
import { integers } from '../polynomial/ordered-domain.ts'
import { interpolate, resultant } from '../polynomial/resultant.ts'
import { rational } from '../rational.ts'
import { rationalIfLinear } from './algebraic-number.ts'
import { divideEnclosures, encloseValue } from './enclosure.ts'
import { encloseRoot, type RealAlgebraic, signAtRoot } from './root.ts'

/**
 * numerator(root) / denominator(root) as an algebraic number: a root of the resultant, in q, of the root's polynomial and
 * t * denominator(q) - numerator(q), a polynomial in t. Exact. @throws RangeError when the denominator vanishes at the root
 */
export function valueOfRationalFunction(
  root: RealAlgebraic,
  numerator: Coefficients,
  denominator: Coefficients
): RealAlgebraic {
  if (signAtRoot(integers, denominator, root) === 0) throw new RangeError('valueOfRationalFunction: division by zero')
  // Other roots of the polynomial may be zeros of the denominator: they have no value.
  const poles = polynomialGcd(integers, root.coefficients, denominator)
  const f = degree(poles) > 0 ? divideOut(integers, root.coefficients, poles) : root.coefficients
  const coefficients = squarefreePart(integers, valuePolynomial(f, numerator, denominator))
  for (let bits = 64; ; bits *= 2) {
    const x = encloseRoot(integers, root, bits)
    const value = divideEnclosures(encloseValue(integers, numerator, x), encloseValue(integers, denominator, x))
    if (!value) continue
    // Wider by one grid cell on each side: a rational value may sit on the grid.
    const lower = rational(value.low - 1n, 1n << BigInt(bits))
    const upper = rational(value.high + 1n, 1n << BigInt(bits))
    const ends = [lower, upper].map((end) => signAtRational(integers, coefficients, end))
    if (!ends.includes(0) && signVariations(integers, coefficients, lower, upper) === 1) {
      return rationalIfLinear({ coefficients, lower, upper })
    }
  }
}

/** The integer polynomial in t, of the degree of f, whose roots are numerator(q) / denominator(q) over the roots q of f. Exact. */
export function valuePolynomial(f: Coefficients, numerator: Coefficients, denominator: Coefficients): Coefficients {
  const fullDegree = Math.max(degree(numerator), degree(denominator))
  const minusNumerator = numerator.map((c) => -c)
  const valueAtInteger = (t: number) => {
    const scaled = t === 0 ? [] : denominator.map((c) => c * BigInt(t))
    const g = addCoefficients(integers, scaled, minusNumerator)
    // The leading coefficient of g may vanish for this t; the product over the roots of f must keep its scale.
    return rational(resultant(f, g) * f.at(-1)! ** BigInt(fullDegree - Math.max(degree(g), 0)))
  }
  return interpolate(Array.from({ length: degree(f) + 1 }, (_, t) => valueAtInteger(t))).numerators
}
