import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseExact } from '../decimal.ts'
import { type Coefficients, multiplyCoefficients, trim } from '../polynomial/coefficients.ts'
import { squarefreePart } from '../polynomial/division.ts'
import { integers } from '../polynomial/ordered-domain.ts'
import { compare, type Rational, rational, subtract, toNumber } from '../rational.ts'
import { compareAlgebraic, realRoots } from './algebraic-number.ts'
import { commonField } from './common-field.ts'
import { decimalDigits, rationalDigits } from './decimal-digits.ts'
import { encloseValue } from './enclosure.ts'
import { fieldDegree, fieldIntegers, padCoordinates } from './number-field.ts'
import { valueOfRationalFunction } from './rational-function-value.ts'
import {
  compareWithRational,
  encloseRoot,
  isRational,
  type RealAlgebraic,
  rationalRoot,
  refineRoot,
  signAtRoot,
  simplestRoot
} from './root.ts'

const digitsOf = (r: RealAlgebraic, n: number) =>
  isRational(r) ? rationalDigits(r.lower, n) : decimalDigits((bits) => encloseRoot(integers, r, bits), n)
const toDouble = (r: RealAlgebraic) => toNumber(refineRoot(integers, r, 200).lower)

const integerPolynomials = (degree: number) =>
  fc
    .array(fc.bigInt({ min: -30n, max: 30n }), { minLength: 2, maxLength: degree + 1 })
    .map((f): Coefficients => trim(integers, f))
    .filter((f) => f.length > 1)
const rationals = fc
  .tuple(fc.bigInt({ min: -99n, max: 99n }), fc.bigInt({ min: 1n, max: 12n }))
  .map(([p, q]): Rational => rational(p, q))
const algebraics = integerPolynomials(5).chain((f) => {
  const roots = realRoots(f)
  return roots.length === 0 ? fc.constant(rationalRoot(rational(1n, 3n))) : fc.constantFrom(...roots)
})

describe('real algebraic numbers', () => {
  it('know their digits', () => {
    const [, sqrt2] = realRoots([-2n, 0n, 1n]) as [RealAlgebraic, RealAlgebraic]
    expect(digitsOf(sqrt2, 60)).toBe('1.41421356237309504880168872420969807856967187537694807317668')
    // The real root of x^5 - x - 1, from the literature on unsolvable quintics.
    const [quintic] = realRoots([-1n, -1n, 0n, 0n, 0n, 1n]) as [RealAlgebraic]
    expect(digitsOf(quintic, 30)).toBe('1.16730397826141868425604589985')
    // 2000 digits of the square root of 2 against an integer square root.
    const text = digitsOf(sqrt2, 2000).replace('.', '')
    const n = BigInt(text)
    const scaled = 2n * 10n ** 3998n
    expect((n - 1n) ** 2n < scaled && scaled < (n + 1n) ** 2n).toBe(true)
  })

  it('refining keeps the number and narrows the interval', () => {
    fc.assert(
      fc.property(algebraics, fc.integer({ min: 1, max: 400 }), (root, bits) => {
        const fine = refineRoot(integers, root, bits)
        const width = subtract(fine.upper, fine.lower)
        expect(compare(width, rational(1n, 1n << BigInt(bits)))).toBeLessThanOrEqual(0)
        expect(compare(fine.lower, root.lower)).toBeGreaterThanOrEqual(0)
        expect(compare(fine.upper, root.upper)).toBeLessThanOrEqual(0)
        expect(compareAlgebraic(fine, root)).toBe(0)
      })
    )
  })

  it('roots of a polynomial ascend and are rational exactly when a linear factor says so', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(rationals, { maxLength: 4, selector: (r) => `${r.numerator}/${r.denominator}` }),
        (list) => {
          const f = list.reduce<Coefficients>(
            (g, r) => multiplyCoefficients(integers, g, [-r.numerator, r.denominator]),
            [-3n, 0n, 1n]
          )
          const roots = realRoots(f).map(simplestRoot)
          expect(roots.length).toBe(list.length + 2)
          for (let i = 1; i < roots.length; i++) expect(compareAlgebraic(roots[i - 1]!, roots[i]!)).toBe(-1)
          const found = roots.filter(isRational).map((r) => r.lower)
          expect(found).toEqual([...list].sort(compare))
        }
      )
    )
  })

  it('equality is decided across different polynomials', () => {
    fc.assert(
      fc.property(algebraics, integerPolynomials(3), (root, other) => {
        fc.pre(!isRational(root))
        // The same number as a root of a multiple of its polynomial.
        const product = squarefreePart(integers, multiplyCoefficients(integers, root.coefficients, other))
        const twin = realRoots(product).filter((r) => compareAlgebraic(r, root) === 0)
        expect(twin.length).toBe(1)
        expect(compareAlgebraic(root, twin[0]!)).toBe(0)
        expect(signAtRoot(integers, product, root)).toBe(0)
      })
    )
  })

  it('comparison agrees with doubles that are far apart, and with rationals', () => {
    fc.assert(
      fc.property(algebraics, algebraics, rationals, (x, y, r) => {
        const difference = toDouble(x) - toDouble(y)
        if (Math.abs(difference) > 1e-9) expect(compareAlgebraic(x, y)).toBe(Math.sign(difference))
        expect(compareAlgebraic(x, y) + compareAlgebraic(y, x)).toBe(0)
        expect(compareWithRational(integers, x, r)).toBe(compareAlgebraic(x, rationalRoot(r)))
      })
    )
  })

  it('the sign of a polynomial at a root is that of its value', () => {
    fc.assert(
      fc.property(algebraics, integerPolynomials(5), (root, f) => {
        const x = toDouble(root)
        const value = f.reduceRight((s, c) => s * x + Number(c), 0)
        if (Math.abs(value) > 1e-6) expect(signAtRoot(integers, f, root)).toBe(Math.sign(value))
      })
    )
  })

  it('a rational function of a root is the root of a resultant', () => {
    fc.assert(
      fc.property(algebraics, integerPolynomials(3), integerPolynomials(3), (root, numerator, denominator) => {
        fc.pre(signAtRoot(integers, denominator, root) !== 0)
        const x = toDouble(root)
        const at = (f: Coefficients) => f.reduceRight((s, c) => s * x + Number(c), 0)
        const value = valueOfRationalFunction(root, numerator, denominator)
        const approximate = at(numerator) / at(denominator)
        fc.pre(Math.abs(at(denominator)) > 1e-3)
        expect(Math.abs(toDouble(value) - approximate)).toBeLessThan(1e-6 * (1 + Math.abs(approximate)))
      }),
      { numRuns: 60 }
    )
    // 1/(1 + sqrt 2) = sqrt 2 - 1
    const [, sqrt2] = realRoots([-2n, 0n, 1n]) as [RealAlgebraic, RealAlgebraic]
    const left = valueOfRationalFunction(sqrt2, [1n], [1n, 1n])
    expect(compareAlgebraic(left, valueOfRationalFunction(sqrt2, [-1n, 1n], [1n]))).toBe(0)
    expect(() => valueOfRationalFunction(sqrt2, [1n], [-2n, 0n, 1n])).toThrow(RangeError)
  })
})

describe('number fields', () => {
  const families: readonly (readonly Coefficients[])[] = [
    [[-1n, 0n, 2n]],
    [
      [-2n, 0n, 1n],
      [-3n, 0n, 1n]
    ],
    [
      [-1n, 0n, 2n],
      [-8n, 0n, 1n]
    ],
    [[1n, -7n, 0n, 7n]],
    [
      [-2n, 0n, 0n, 1n],
      [-5n, 3n]
    ],
    [
      [-3n, 0n, 4n],
      [-3n, 0n, 1n],
      [1n, -3n, 1n]
    ]
  ]

  it('hold all the numbers they were made for', () => {
    for (const family of families) {
      const roots = family.flatMap(realRoots)
      const { field, values } = commonField(roots, 16)!
      for (const [i, root] of roots.entries()) {
        const value = values[i]!
        for (const bits of [64, 200]) {
          const { low, high } = encloseValue(integers, value.numerators, encloseRoot(integers, field.generator, bits))
          const scale = value.denominator << BigInt(bits)
          expect(compareWithRational(integers, root, rational(low - 1n, scale))).toBe(1)
          expect(compareWithRational(integers, root, rational(high + 1n, scale))).toBe(-1)
        }
      }
    }
    expect(commonField(families.flat().flatMap(realRoots), 4)).toBeUndefined()
  })

  it('compute like the real numbers they stand for', () => {
    const { field } = commonField(realRoots([1n, -7n, 0n, 7n]), 12)!
    const domain = fieldIntegers(field)
    const n = fieldDegree(field)
    const elements = fc
      .array(fc.bigInt({ min: -50n, max: 50n }), { maxLength: n })
      .map((coordinates) => padCoordinates(field, coordinates))
    const double = (a: readonly bigint[]) => {
      const [low] = domain.enclose(a, 200)
      return Number(low) / 2 ** 200
    }
    fc.assert(
      fc.property(elements, elements, (a, b) => {
        expect(double(domain.multiply(a, b)) / (double(a) * double(b) || 1)).toBeCloseTo(
          double(a) * double(b) ? 1 : 0,
          9
        )
        expect(domain.sign(domain.subtract(a, a))).toBe(0)
        const sum = double(a) + double(b)
        if (Math.abs(sum) > 1e-3) expect(domain.sign(domain.add(a, b))).toBe(Math.sign(sum))
        if (domain.sign(b) !== 0) {
          // Dividing by the last entry: a/b and the signs are kept, and the last entry is an integer.
          const [x, y] = domain.associate([a, b])
          expect(y!.slice(1).every((c) => c === 0n)).toBe(true)
          expect(domain.sign(y!)).toBe(domain.sign(b))
          expect(domain.sign(domain.subtract(domain.multiply(x!, b), domain.multiply(a, y!)))).toBe(0)
        }
      })
    )
  })
})

describe('decimals', () => {
  it('differ from the number by less than one unit of the last digit', () => {
    const sizes = fc.tuple(fc.bigInt({ min: 1n, max: 10n ** 12n }), fc.bigInt({ min: 1n, max: 10n ** 12n }))
    const scales = fc.integer({ min: -30, max: 30 })
    fc.assert(
      fc.property(sizes, scales, fc.boolean(), fc.integer({ min: 1, max: 25 }), ([p, q], scale, negative, digits) => {
        const up = scale > 0 ? 10n ** BigInt(scale) : 1n
        const down = scale < 0 ? 10n ** BigInt(-scale) : 1n
        const value = rational(negative ? -p * up : p * up, q * down)
        const text = rationalDigits(value, digits)
        const shown = parseExact(text)!
        const significant = text.replace('-', '').replace(/e.*/, '').replace('.', '').replace(/^0+/, '').length
        expect(significant).toBeLessThanOrEqual(Math.max(digits, 20))
        // One unit of the last of `digits` digits is at most 10^(1-digits) times the number.
        const error = subtract(shown, value)
        const size = rational(
          value.numerator < 0n ? -value.numerator : value.numerator,
          value.denominator * 10n ** BigInt(digits - 1)
        )
        expect(
          compare({ ...error, numerator: error.numerator < 0n ? -error.numerator : error.numerator }, size)
        ).toBeLessThanOrEqual(0)
      })
    )
  })

  it('are written the usual way', () => {
    const shown = (p: bigint, q: bigint) => rationalDigits(rational(p, q), 6)
    expect([
      shown(1n, 2n),
      shown(1n, 3n),
      shown(-2n, 3n),
      shown(99999n, 10000n),
      shown(100n, 1n),
      shown(0n, 1n)
    ]).toEqual(['0.5', '0.333333', '-0.666667', '9.9999', '100', '0'])
    expect([shown(999999999n, 1000000000n), shown(1n, 10n ** 30n), shown(123456n * 10n ** 30n, 1n)]).toEqual([
      '1.00000',
      '1e-30',
      '1.23456e35'
    ])
  })
})
