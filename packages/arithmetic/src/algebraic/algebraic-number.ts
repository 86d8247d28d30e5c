import { type Coefficients, degree, signAtRational } from '../polynomial/coefficients.ts'
import { isolateRoots, rootBound } from '../polynomial/descartes.ts'
import { coprimeModuloPrime, polynomialGcd, squarefreePart } from '../polynomial/division.ts'
import { integers } from '../polynomial/ordered-domain.ts'
import { compare, negate, rational } from '../rational.ts'
import { compareWithRational, isRational, type RealAlgebraic, rationalRoot, refineRoot } from './root.ts'

/** All real roots of a non-zero integer polynomial, in ascending order, each once. Exact. @throws RangeError when f is zero */
export function realRoots(f: Coefficients): readonly RealAlgebraic[] {
  const coefficients = squarefreePart(integers, f)
  const bound = rootBound(integers, coefficients)
  return isolateRoots(integers, coefficients, negate(bound), bound)
    .filter((cell) => cell.variations === 1)
    .map(({ lower, upper }) => rationalIfLinear({ coefficients, lower, upper }))
}

/** The same number, written as a rational when its polynomial has degree 1. */
export const rationalIfLinear = (root: RealAlgebraic): RealAlgebraic =>
  degree(root.coefficients) === 1 ? rationalRoot(rational(-root.coefficients[0]!, root.coefficients[1]!)) : root

/** Sign of a - b. Exact: equality is proved by a common factor with a root where the two intervals meet. */
export function compareAlgebraic(a: RealAlgebraic, b: RealAlgebraic): -1 | 0 | 1 {
  if (isRational(b)) return compareWithRational(integers, a, b.lower)
  if (isRational(a)) return (0 - compareWithRational(integers, b, a.lower)) as -1 | 0 | 1
  let [x, y] = [a, b]
  for (let bits = 64; ; bits *= 2) {
    if (compare(x.upper, y.lower) <= 0) return -1
    if (compare(y.upper, x.lower) <= 0) return 1
    if (bits === 128 && sameRoot(x, y)) return 0
    x = refineRoot(integers, x, bits)
    y = refineRoot(integers, y, bits)
    if (isRational(x) || isRational(y)) return compareAlgebraic(x, y)
  }
}

function sameRoot(a: RealAlgebraic, b: RealAlgebraic): boolean {
  if (coprimeModuloPrime(integers, a.coefficients, b.coefficients)) return false
  const common = polynomialGcd(integers, a.coefficients, b.coefficients)
  // The ends of the intersection are ends of a or of b, so the common factor does not vanish there.
  const lower = compare(a.lower, b.lower) > 0 ? a.lower : b.lower
  const upper = compare(a.upper, b.upper) < 0 ? a.upper : b.upper
  return signAtRational(integers, common, lower) !== signAtRational(integers, common, upper)
}
