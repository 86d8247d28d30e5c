import { addCoefficients, type Coefficients, degree, signAtRational } from '../polynomial/coefficients.ts'
import { signVariations } from '../polynomial/descartes.ts'
import { squarefreePart } from '../polynomial/division.ts'
import { integers } from '../polynomial/ordered-domain.ts'
import { interpolate, resultant } from '../polynomial/resultant.ts'
import { rational } from '../rational.ts'
import { rationalIfLinear } from './algebraic-number.ts'
import { divideEnclosures, type Enclosure, encloseValue } from './enclosure.ts'
import { encloseRoot, type RealAlgebraic } from './root.ts'

/**
 * numerator(root) / denominator(root) as an algebraic number: a root of the resultant, in q, of the root's polynomial and
 * t * denominator(q) - numerator(q), a polynomial in t. Exact.
 * @throws RangeError when the denominator vanishes at some root of the polynomial
 */
export function valueOfRationalFunction(
  root: RealAlgebraic,
  numerator: Coefficients,
  denominator: Coefficients
): RealAlgebraic {
  const coefficients = squarefreePart(integers, valuePolynomial(root.coefficients, numerator, denominator))
  for (let bits = 64; ; bits *= 2) {
    const value = encloseQuotient(root, numerator, denominator, bits)
    if (!value) continue
    // Wider by one grid cell on each side: a rational value may sit on the grid.
    const lower = rational(value.low - 1n, 1n << BigInt(bits))
    const upper = rational(value.high + 1n, 1n << BigInt(bits))
    if (signAtRational(integers, coefficients, lower) === 0 || signAtRational(integers, coefficients, upper) === 0) continue
    if (signVariations(integers, coefficients, lower, upper) === 1) {
      return rationalIfLinear({ coefficients, lower, upper })
    }
  }
}

function encloseQuotient(
  root: RealAlgebraic,
  numerator: Coefficients,
  denominator: Coefficients,
  bits: number
): Enclosure | undefined {
  const x = encloseRoot(integers, root, bits)
  return divideEnclosures(encloseValue(integers, numerator, x), encloseValue(integers, denominator, x))
}

/** An integer polynomial in t that vanishes at numerator(q) / denominator(q) for every root q of f. Exact. */
export function valuePolynomial(f: Coefficients, numerator: Coefficients, denominator: Coefficients): Coefficients {
  // Degree deg(f) in t: that many values and one more determine it.
  const values = Array.from({ length: degree(f) + 1 }, (_, t) =>
    rational(
      resultant(
        f,
        addCoefficients(
          integers,
          denominator.map((c) => c * BigInt(t)),
          numerator.map((c) => -c)
        )
      )
    )
  )
  const { numerators } = interpolate(values)
  if (degree(numerators) !== degree(f)) {
    throw new RangeError('valuePolynomial: the denominator vanishes at a root of the polynomial')
  }
  return numerators
}
