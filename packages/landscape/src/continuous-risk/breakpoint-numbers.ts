import {
  type Coefficients,
  encloseRoot,
  extendField,
  type FieldInteger,
  fieldIntegers,
  integers,
  type NumberField,
  type OrderedDomain,
  type Polynomial,
  type PolynomialRing,
  padCoordinates,
  polynomialsOver,
  type Rational,
  type RealAlgebraic,
  type Root,
  rational,
  rationalPolynomials,
  simplestRoot,
  valueOfRationalFunction
} from '@nadir/arithmetic'

/** The numbers over which a risk is integrated exactly, and how their values are named outside. */
export interface BreakpointNumbers<T> {
  readonly domain: OrderedDomain<T>
  readonly ring: PolynomialRing<T>
  /** The same constant as a rational, where its coordinates show that it is one. */
  readonly rationalOf: (constant: Polynomial<T>) => Rational | undefined
  /** The same root, as a rational where that can be told. */
  readonly simplest: (root: Root<T>) => Root<T>
  /** numerator / denominator at the root, as a root of an integer polynomial. */
  readonly algebraic: (numerator: Polynomial<T>, denominator: Polynomial<T>, root: Root<T>) => RealAlgebraic
}

const timesInteger = (f: Coefficients, n: bigint) => f.map((c) => c * n)

const algebraicQuotient = (numerator: Polynomial, denominator: Polynomial, root: RealAlgebraic): RealAlgebraic =>
  valueOfRationalFunction(
    root,
    timesInteger(numerator.numerators, denominator.denominator),
    timesInteger(denominator.numerators, numerator.denominator)
  )

/** For rational breakpoints. */
export const rationalNumbers: BreakpointNumbers<bigint> = {
  domain: integers,
  ring: rationalPolynomials,
  rationalOf: ({ numerators, denominator }) => rational(numerators[0] ?? 0n, denominator),
  simplest: simplestRoot,
  algebraic: algebraicQuotient
}

/** For breakpoints in a number field. */
export function fieldNumbers(field: NumberField): BreakpointNumbers<FieldInteger> {
  const domain = fieldIntegers(field)
  return {
    domain,
    ring: polynomialsOver(domain),
    rationalOf: ({ numerators, denominator }) =>
      numerators.length === 0
        ? rational(0n)
        : numerators[0]!.slice(1).every((c) => c === 0n)
          ? rational(numerators[0]![0]!, denominator)
          : undefined,
    simplest: (root) => root,
    // Over the field with the root adjoined, both values are constants.
    algebraic: (numerator, denominator, root) => {
      const {
        field: extension,
        embed,
        adjoined
      } = extendField(field, root.coefficients, (bits) => encloseRoot(domain, root, bits))
      const ring = polynomialsOver(fieldIntegers(extension))
      const constant = (value: Polynomial) =>
        ring.fraction([padCoordinates(extension, value.numerators)], value.denominator)
      const inGenerator = (p: Polynomial<FieldInteger>): Polynomial => {
        let value = ring.zero
        for (const c of [...p.numerators].reverse()) {
          const coefficient = constant(embed(rationalPolynomials.fraction(c, p.denominator)))
          value = ring.add(ring.multiply(value, constant(adjoined)), coefficient)
        }
        return rationalPolynomials.fraction(value.numerators[0] ?? [], value.denominator)
      }
      return algebraicQuotient(inGenerator(numerator), inGenerator(denominator), extension.generator)
    }
  }
}
