import { type Coefficients, degree, signAtRational } from '../polynomial/coefficients.ts'
import { signVariations } from '../polynomial/descartes.ts'
import { polynomialGcd, removeRoot, squarefreePart } from '../polynomial/division.ts'
import { integers } from '../polynomial/ordered-domain.ts'
import { type Polynomial, polynomialsOver, rationalPolynomials } from '../polynomial/polynomial.ts'
import { interpolate, resultant } from '../polynomial/resultant.ts'
import { compare, rational } from '../rational.ts'
import { type Enclosure, encloseValue } from './enclosure.ts'
import { type FieldInteger, fieldDegree, fieldIntegers, type NumberField, padCoordinates } from './number-field.ts'
import { encloseRoot, isRational, type RealAlgebraic, rationalRoot } from './root.ts'

/** Numbers written as rational polynomials in the generator of one field that holds them all. */
export interface CommonField {
  readonly field: NumberField
  readonly values: readonly Polynomial[]
}

/** The field of rational numbers: its generator is 0. */
const rationals: NumberField = { generator: rationalRoot(rational(0n)) }

/**
 * One real number field that holds all the numbers; undefined when it would have a degree above `largestDegree`.
 * Exact. Adjoins one number after the other by a primitive element; what is known of its conjugates lowers the degree.
 */
export function commonField(numbers: readonly RealAlgebraic[], largestDegree: number): CommonField | undefined {
  let common: CommonField | undefined = { field: rationals, values: [] }
  for (const number of numbers) {
    common = adjoin(common, number, largestDegree)
    if (!common) return undefined
  }
  return common
}

const encloseIn = (field: NumberField, value: Polynomial, bits: number) =>
  encloseValue(integers, value.numerators, encloseRoot(integers, field.generator, bits))

function adjoin(known: CommonField, number: RealAlgebraic, largestDegree: number): CommonField | undefined {
  const ring = rationalPolynomials
  if (isRational(number)) return { ...known, values: [...known.values, ring.constant(number.lower)] }
  const { field, values } = known
  const domain = fieldIntegers(field)
  // The polynomial of the number over the field, without the roots that the field already names.
  let over: OverField = number.coefficients.map((c) => padCoordinates(field, [c]))
  for (const value of values) {
    const { rest, multiplicity } = removeRoot(domain, over, padCoordinates(field, value.numerators), value.denominator)
    if (multiplicity > 0 && isValue(field, value, number)) return { field, values: [...values, value] }
    over = rest
  }
  if (degree(over) === 1) {
    const [constant, leading] = domain.associate(over)
    const value = ring.fraction(
      constant!.map((c) => -c),
      leading![0]!
    )
    return { field, values: [...values, value] }
  }
  if (fieldDegree(field) * degree(over) > largestDegree) return undefined
  const extension = extendField(field, over, (bits) => encloseRoot(integers, number, bits))
  return { field: extension.field, values: [...values.map(extension.embed), extension.adjoined] }
}

/** Is the number, a root of its polynomial, the value? The value is known to be some root of that polynomial. */
function isValue(field: NumberField, value: Polynomial, number: RealAlgebraic): boolean {
  for (let bits = 64; ; bits *= 2) {
    const { low, high } = encloseIn(field, value, bits)
    const scale = value.denominator << BigInt(bits)
    const { lower, upper } = number
    if (compare(rational(high, scale), lower) < 0 || compare(rational(low, scale), upper) > 0) return false
    if (compare(rational(low, scale), lower) > 0 && compare(rational(high, scale), upper) < 0) return true
  }
}

/** A field over another: numbers of the old one, and the adjoined root, as polynomials in the new generator. */
export interface Extension {
  readonly field: NumberField
  readonly embed: (value: Polynomial) => Polynomial
  readonly adjoined: Polynomial
}

/**
 * Adjoins t, the root of a squarefree polynomial over the field that `enclose` singles out. Exact.
 * The new generator is leading * (t + lambda * generator), for the first integer lambda that separates conjugates.
 */
export function extendField(field: NumberField, over: OverField, enclose: (bits: number) => Enclosure): Extension {
  for (let lambda = fieldDegree(field) === 1 ? 0n : 1n; ; lambda = lambda > 0n ? -lambda : 1n - lambda) {
    const norm = normOfSum(field, over, lambda)
    if (degree(squarefreePart(integers, norm)) < degree(norm)) continue
    const leading = norm.at(-1)!
    const modulus = norm.map((c, i) => (i === degree(norm) ? 1n : c * leading ** BigInt(degree(norm) - 1 - i)))
    const extension = { generator: generatorRoot(modulus, field, enclose, lambda, leading) }
    const ring = polynomialsOver(fieldIntegers(extension))
    const sum = ring.fraction([padCoordinates(extension, [0n, 1n])], leading)
    const oldGenerator = fieldDegree(field) === 1 ? ring.zero : oldGeneratorIn(extension, field, over, lambda, sum)
    const inGenerator = (c: Polynomial<FieldInteger>) =>
      rationalPolynomials.fraction(c.numerators[0] ?? [], c.denominator)
    return {
      field: extension,
      embed: (value) => inGenerator(ring.compose(ring.lift(value), oldGenerator)),
      adjoined: inGenerator(ring.subtract(sum, ring.scale(oldGenerator, rational(lambda))))
    }
  }
}

/** A polynomial over a field, with integer coordinates. */
export type OverField = readonly FieldInteger[]

/** The primitive integer polynomial whose roots are t + lambda g over the conjugates g of the generator and the roots t of `over` there. */
function normOfSum(field: NumberField, over: OverField, lambda: bigint): Coefficients {
  const ring = rationalPolynomials
  const modulus = field.generator.coefficients
  const n = degree(modulus) * degree(over)
  const norm = interpolate(
    Array.from({ length: n + 1 }, (_, z) => {
      const t = ring.fraction([BigInt(z), -lambda], 1n)
      let value = ring.zero
      for (let i = over.length - 1; i >= 0; i--) {
        value = ring.add(ring.multiply(value, t), ring.fraction(over[i]!, 1n))
      }
      return rational(resultant(modulus, value.numerators))
    })
  )
  const short = integers.associate(norm.numerators)
  return short.at(-1)! < 0n ? short.map((c) => -c) : short
}

function generatorRoot(
  modulus: Coefficients,
  field: NumberField,
  enclose: (bits: number) => Enclosure,
  lambda: bigint,
  leading: bigint
): RealAlgebraic {
  for (let bits = 64; ; bits *= 2) {
    const t = enclose(bits)
    const g = encloseRoot(integers, field.generator, bits)
    const scaled = [g.low * lambda, g.high * lambda]
    const lower = rational(leading * (t.low + (lambda < 0n ? scaled[1]! : scaled[0]!)) - 1n, 1n << BigInt(bits))
    const upper = rational(leading * (t.high + (lambda < 0n ? scaled[0]! : scaled[1]!)) + 1n, 1n << BigInt(bits))
    const ends = [lower, upper].map((end) => signAtRational(integers, modulus, end))
    if (!ends.includes(0) && signVariations(integers, modulus, lower, upper) === 1) {
      return { coefficients: modulus, lower, upper }
    }
  }
}

/** The old generator as a number of the extension: the one common root of its modulus and of over(sum - lambda y). */
function oldGeneratorIn(
  extension: NumberField,
  field: NumberField,
  over: OverField,
  lambda: bigint,
  sum: Polynomial<FieldInteger>
): Polynomial<FieldInteger> {
  const domain = fieldIntegers(extension)
  const ring = polynomialsOver(domain)
  const t = ring.subtract(sum, ring.scale(ring.x, rational(lambda)))
  let value = ring.zero
  for (let i = over.length - 1; i >= 0; i--) {
    value = ring.add(ring.multiply(value, t), ring.lift(rationalPolynomials.fraction(over[i]!, 1n)))
  }
  const modulus = field.generator.coefficients.map((c) => padCoordinates(extension, [c]))
  const [constant, leading] = domain.associate(polynomialGcd(domain, modulus, value.numerators))
  return ring.fraction([constant!.map((c) => -c)], leading![0]!)
}
