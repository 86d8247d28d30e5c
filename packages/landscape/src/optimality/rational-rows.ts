import {
  add,
  integerMatrix,
  multiply,
  overCommonDenominator,
  type Rational,
  rational,
  solveLinear,
  zero
} from '@nadir/arithmetic'

/** A matrix of fractions as a list of rows. Exact. */
export type RationalRows = readonly (readonly Rational[])[]

export const sumOf = (terms: readonly Rational[]): Rational => terms.reduce(add, zero)
export const innerOf = (a: readonly Rational[], b: readonly Rational[]): Rational =>
  sumOf(a.map((x, k) => multiply(x, b[k]!)))
export const transposedRational = (a: RationalRows): RationalRows => a[0]!.map((_, k) => a.map((row) => row[k]!))
export const timesRational = (a: RationalRows, b: RationalRows): RationalRows => {
  const columns = transposedRational(b)
  return a.map((row) => columns.map((column) => innerOf(row, column)))
}
export const appliedTo = (a: RationalRows, v: readonly Rational[]): Rational[] => a.map((row) => innerOf(row, v))
/** u v^T */
export const outerOf = (u: readonly Rational[], v: readonly Rational[]): RationalRows =>
  u.map((a) => v.map((b) => multiply(a, b)))

/** A solution x of A x = b; undefined where there is none. */
export function solutionOf(a: RationalRows, b: readonly Rational[]): Rational[] | undefined {
  const left = overCommonDenominator(a.flat())
  const right = overCommonDenominator(b)
  const solved = solveLinear(integerMatrix(a.length, a[0]!.length, left.numerators), right.numerators)
  if (solved.kind === 'inconsistent') return undefined
  const factor = rational(left.denominator, right.denominator)
  return solved.numerators.map((x) => multiply(rational(x, solved.denominator), factor))
}
