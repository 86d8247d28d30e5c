import {
  compare,
  compareAlgebraic,
  decimalDigits,
  divide,
  divideEnclosures,
  type Enclosure,
  encloseRoot,
  encloseValue,
  equal,
  isRational,
  type Polynomial,
  type Rational,
  type RealAlgebraic,
  type Root,
  rational,
  rationalDigits,
  shrinkEnclosure,
  signAtRoot
} from '@nadir/arithmetic'
import type { BreakpointNumbers } from './breakpoint-numbers.ts'

/** The real number numerator(root) / denominator(root); the denominator is positive at the root. Exact. */
export interface Quotient<T> {
  readonly numerator: Polynomial<T>
  readonly denominator: Polynomial<T>
  readonly root: Root<T>
}

/** A quotient of two constants. */
export const constantQuotient = <T>(
  { domain }: BreakpointNumbers<T>,
  numerator: Polynomial<T>,
  denominator: Polynomial<T>
): Quotient<T> => {
  const origin = { numerator: 0n, denominator: 1n }
  return { numerator, denominator, root: { coefficients: [domain.zero, domain.one], lower: origin, upper: origin } }
}

/** The value as a rational, where it can be told that it is one. Exact. */
export function rationalQuotient<T>({ ring, rationalOf }: BreakpointNumbers<T>, x: Quotient<T>): Rational | undefined {
  if (!isRational(x.root)) return undefined
  const at = ring.constant(x.root.lower)
  const numerator = rationalOf(ring.compose(x.numerator, at))
  const denominator = rationalOf(ring.compose(x.denominator, at))
  return numerator && denominator && divide(numerator, denominator)
}

export const signOfQuotient = <T>({ domain }: BreakpointNumbers<T>, x: Quotient<T>): -1 | 0 | 1 =>
  signAtRoot(domain, x.numerator.numerators, x.root)

/** Encloses the value; the enclosure shrinks as bits grows. */
export function encloseQuotient<T>({ domain }: BreakpointNumbers<T>, x: Quotient<T>, bits: number): Enclosure {
  for (let inner = bits + 32; ; inner *= 2) {
    const at = encloseRoot(domain, x.root, inner)
    const value = (p: Polynomial<T>) => shrinkEnclosure(encloseValue(domain, p.numerators, at), p.denominator)
    const quotient = divideEnclosures(value(x.numerator), value(x.denominator))
    if (quotient) return quotient
  }
}

/** Rational bounds of the value; they close in as bits grows. */
export function quotientBounds<T>(numbers: BreakpointNumbers<T>, x: Quotient<T>, bits: number) {
  const { low, high, bits: fine } = encloseQuotient(numbers, x, bits)
  return { lower: rational(low, 1n << BigInt(fine)), upper: rational(high, 1n << BigInt(fine)) }
}

/** A decimal with `digits` significant digits, correct in every digit but the last; fewer when they say it all. */
export function quotientDigits<T>(numbers: BreakpointNumbers<T>, x: Quotient<T>, digits: number): string {
  const exact = rationalQuotient(numbers, x)
  if (exact) return rationalDigits(exact, digits)
  if (signOfQuotient(numbers, x) === 0) return '0'
  return decimalDigits((bits) => encloseQuotient(numbers, x, bits), digits)
}

export const algebraicQuotient = <T>(numbers: BreakpointNumbers<T>, x: Quotient<T>): RealAlgebraic =>
  numbers.algebraic(x.numerator, x.denominator, x.root)

/** Sign of x - y. Exact: enclosures separate most; what they cannot is decided by polynomials that vanish at the values. */
export function compareQuotients<T>(numbers: BreakpointNumbers<T>, x: Quotient<T>, y: Quotient<T>): -1 | 0 | 1 {
  const { domain } = numbers
  if (sameByForm(numbers, x, y)) return 0
  for (let bits = 64; bits <= 256; bits *= 2) {
    const [left, right] = [quotientBounds(numbers, x, bits), quotientBounds(numbers, y, bits)]
    if (compare(left.upper, right.lower) < 0) return -1
    if (compare(left.lower, right.upper) > 0) return 1
  }
  if (isConstant(x)) return signAtRoot(domain, crossDifference(numbers, x, y).numerators, y.root)
  if (isConstant(y)) return signAtRoot(domain, crossDifference(numbers, x, y).numerators, x.root)
  return compareAlgebraic(algebraicQuotient(numbers, x), algebraicQuotient(numbers, y))
}

/** x - y times both denominators; at the root of either when the other is a constant. */
const crossDifference = <T>({ ring }: BreakpointNumbers<T>, x: Quotient<T>, y: Quotient<T>): Polynomial<T> =>
  ring.subtract(ring.multiply(x.numerator, y.denominator), ring.multiply(y.numerator, x.denominator))

const isConstant = (x: Quotient<unknown>): boolean =>
  x.numerator.numerators.length <= 1 && x.denominator.numerators.length <= 1

/** Equal because they are the same quotient at the same root: targets that equal their mirror image give such pairs. */
export function sameByForm<T>({ ring, domain }: BreakpointNumbers<T>, x: Quotient<T>, y: Quotient<T>): boolean {
  const sameRoot =
    x.root.coefficients.length === y.root.coefficients.length &&
    x.root.coefficients.every((c, i) => domain.sign(domain.subtract(c, y.root.coefficients[i]!)) === 0) &&
    equal(x.root.lower, y.root.lower) &&
    equal(x.root.upper, y.root.upper)
  return sameRoot && ring.equal(x.numerator, y.numerator) && ring.equal(x.denominator, y.denominator)
}
