import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { add, equal, multiply, type Rational, rational, sign, zero } from '../rational.ts'
import {
  type Coefficients,
  derivativeCoefficients,
  homogeneousValue,
  multiplyCoefficients,
  signAtRational,
  trim
} from './coefficients.ts'
import { isolateRoots, rootBound, signVariations } from './descartes.ts'
import {
  coprimeModuloPrime,
  divideOut,
  polynomialGcd,
  removeRoot,
  squarefreeFactors,
  squarefreePart
} from './division.ts'
import { integers } from './ordered-domain.ts'
import { type Polynomial, rationalPolynomials as ring } from './polynomial.ts'
import { interpolate, resultant, valueAt } from './resultant.ts'
import { ceilingOf, floorOf, shortDyadic } from './short-dyadic.ts'
import { countRoots, sturmChain } from './sturm.ts'

const bigInt = (size: bigint) => fc.bigInt({ min: -size, max: size })
const rationals = fc.tuple(bigInt(99n), fc.bigInt({ min: 1n, max: 12n })).map(([p, q]): Rational => rational(p, q))
const integerPolynomials = (degree: number, size = 99n) =>
  fc.array(bigInt(size), { maxLength: degree + 1 }).map((f): Coefficients => trim(integers, f))
const nonConstant = (degree: number) => integerPolynomials(degree).filter((f) => f.length > 1)
const polynomials = fc
  .tuple(integerPolynomials(5), fc.bigInt({ min: 1n, max: 30n }))
  .map(([f, d]): Polynomial => ring.fraction(f, d))

/** Values decide: two polynomials of degree below n that agree at n points are equal. */
const agree = (p: Polynomial, value: (x: Rational) => Rational) => {
  for (let k = -20; k <= 20; k++) {
    const x = rational(BigInt(k), 7n)
    expect(equal(valueAt(p, x), value(x))).toBe(true)
  }
}

/** (x - r_1) ... (x - r_n) with integer coefficients. */
const withRoots = (roots: readonly Rational[]): Coefficients =>
  roots.reduce<Coefficients>((f, r) => multiplyCoefficients(integers, f, [-r.numerator, r.denominator]), [1n])

describe('polynomials with rational coefficients', () => {
  it('add, multiply, compose and raise like their values', () => {
    fc.assert(
      fc.property(polynomials, polynomials, (p, q) => {
        agree(ring.add(p, q), (x) => add(valueAt(p, x), valueAt(q, x)))
        agree(ring.multiply(p, q), (x) => multiply(valueAt(p, x), valueAt(q, x)))
        agree(ring.compose(p, q), (x) => valueAt(p, valueAt(q, x)))
        agree(ring.power(p, 3), (x) => multiply(valueAt(p, x), multiply(valueAt(p, x), valueAt(p, x))))
        expect(ring.subtract(p, p)).toEqual(ring.zero)
      }),
      { numRuns: 60 }
    )
  })

  it('are in lowest terms, and differentiate what they integrate', () => {
    fc.assert(
      fc.property(polynomials, (p) => {
        const integral = ring.antiderivative(p)
        expect(ring.derivative(integral)).toEqual(p)
        expect(equal(valueAt(integral, zero), zero)).toBe(true)
        expect(
          ring.fraction(
            p.numerators.map((c) => -6n * c),
            -6n * p.denominator
          )
        ).toEqual(p)
      })
    )
  })
})

describe('division', () => {
  it('finds the common factor of products, up to sign and content', () => {
    fc.assert(
      fc.property(nonConstant(4), nonConstant(4), nonConstant(3), (f, g, h) => {
        const common = polynomialGcd(
          integers,
          multiplyCoefficients(integers, f, h),
          multiplyCoefficients(integers, g, h)
        )
        const rest = polynomialGcd(integers, f, g)
        expect(common.length - 1).toBe(rest.length + h.length - 2)
        // It divides both: dividing out and multiplying back changes nothing but the content.
        const fh = integers.associate(multiplyCoefficients(integers, f, h))
        const back = integers.associate(multiplyCoefficients(integers, divideOut(integers, fh, common), common))
        expect(back).toEqual(fh)
      })
    )
  })

  it('never calls polynomials with a common factor coprime', () => {
    fc.assert(
      fc.property(nonConstant(4), nonConstant(4), nonConstant(3), (f, g, h) => {
        const [fh, gh] = [multiplyCoefficients(integers, f, h), multiplyCoefficients(integers, g, h)]
        expect(coprimeModuloPrime(integers, fh, gh)).toBe(false)
        if (coprimeModuloPrime(integers, f, g)) expect(resultant(f, g)).not.toBe(0n)
      })
    )
  })

  it('sorts roots by multiplicity', () => {
    const factor = fc.tuple(fc.constantFrom<Coefficients>([-2n, 0n, 1n], [-1n, 3n], [1n, 1n, 1n], [5n, 2n]), fc.nat(3))
    fc.assert(
      fc.property(
        fc.array(factor, { maxLength: 4 }),
        bigInt(9n).filter((c) => c !== 0n),
        (list, constant) => {
          const wanted = new Map<string, number>()
          let product: Coefficients = [constant]
          for (const [f, times] of list) {
            for (let i = 0; i < times; i++) product = multiplyCoefficients(integers, product, f)
            if (times > 0) wanted.set(`${f}`, (wanted.get(`${f}`) ?? 0) + times)
          }
          const found = squarefreeFactors(integers, product)
          for (const [text, times] of wanted) {
            const f = text.split(',').map(BigInt)
            const home = found.find(({ coefficients }) => polynomialGcd(integers, coefficients, f).length > 1)
            expect(home?.multiplicity).toBe(times)
          }
          const total = found.reduce(
            (n, { coefficients, multiplicity }) => n + (coefficients.length - 1) * multiplicity,
            0
          )
          expect(total).toBe(product.length - 1)
          const square = squarefreePart(integers, product)
          expect(polynomialGcd(integers, square, derivativeCoefficients(integers, square)).length).toBeLessThanOrEqual(
            1
          )
        }
      )
    )
  })

  it('removes a rational root as often as it is there', () => {
    fc.assert(
      fc.property(nonConstant(4), rationals, fc.nat(3), (f, r, times) => {
        fc.pre(signAtRational(integers, f, r) !== 0)
        const product = multiplyCoefficients(integers, f, withRoots(Array.from({ length: times }, () => r)))
        const { rest, multiplicity } = removeRoot(integers, product, r.numerator, r.denominator)
        expect(multiplicity).toBe(times)
        expect(integers.associate(rest)).toEqual(integers.associate(f))
      })
    )
  })
})

/** The obvious twin of the resultant: Sylvester's determinant by cofactors over the first column. */
function sylvester(f: Coefficients, g: Coefficients): bigint {
  const [m, n] = [f.length - 1, g.length - 1]
  const row = (p: Coefficients, shift: number) =>
    Array.from({ length: m + n }, (_, k) => p[p.length - 1 - (k - shift)] ?? 0n)
  return determinant([
    ...Array.from({ length: n }, (_, i) => row(f, i)),
    ...Array.from({ length: m }, (_, i) => row(g, i))
  ])
}

function determinant(rows: readonly (readonly bigint[])[]): bigint {
  if (rows.length === 0) return 1n
  return rows.reduce((sum, row, i) => {
    if (row[0] === 0n) return sum
    const minor = rows.filter((_, k) => k !== i).map((r) => r.slice(1))
    return sum + (i % 2 === 0 ? 1n : -1n) * row[0]! * determinant(minor)
  }, 0n)
}

describe('resultants', () => {
  it('are the determinants of Sylvester', () => {
    fc.assert(
      fc.property(integerPolynomials(4, 20n), integerPolynomials(4, 20n), (f, g) => {
        fc.pre(f.length > 0 && g.length > 0)
        expect(resultant(f, g)).toBe(sylvester(f, g))
      })
    )
  })

  it('vanish exactly for common roots', () => {
    fc.assert(
      fc.property(nonConstant(5), nonConstant(5), (f, g) => {
        expect(resultant(f, g) === 0n).toBe(polynomialGcd(integers, f, g).length > 1)
      })
    )
    expect(resultant([-2n, 0n, 1n], multiplyCoefficients(integers, [-2n, 0n, 1n], [3n, 1n]))).toBe(0n)
  })

  it('interpolation returns the polynomial that gave the values', () => {
    fc.assert(
      fc.property(polynomials, fc.nat(3), (p, more) => {
        const n = p.numerators.length + more
        expect(interpolate(Array.from({ length: n }, (_, k) => valueAt(p, rational(BigInt(k)))))).toEqual(p)
      })
    )
  })
})

describe('real roots', () => {
  const different = fc.uniqueArray(rationals, { maxLength: 6, selector: (r) => `${r.numerator}/${r.denominator}` })

  it('are as many by Descartes as by Sturm, each in its own cell', () => {
    fc.assert(
      fc.property(nonConstant(8), (f) => {
        const s = squarefreePart(integers, f)
        const bound = rootBound(integers, s)
        const lower = { ...bound, numerator: -bound.numerator }
        const cells = isolateRoots(integers, s, lower, bound)
        const chain = sturmChain(integers, s)
        expect(cells.filter((c) => c.variations === 1).length).toBe(countRoots(integers, chain, lower, bound))
        for (const [i, cell] of cells.entries()) {
          expect(countRoots(integers, chain, cell.lower, cell.upper)).toBe(cell.variations)
          expect(cell.lower).toEqual(i === 0 ? lower : cells[i - 1]!.upper)
          if (i > 0) expect(signAtRational(integers, s, cell.lower)).not.toBe(0)
        }
      }),
      { numRuns: 200 }
    )
  })

  it('are those that were put in', () => {
    fc.assert(
      fc.property(different, fc.constantFrom<Coefficients>([1n], [1n, 0n, 1n], [3n, -1n, 2n]), (roots, noRoots) => {
        const f = multiplyCoefficients(integers, withRoots(roots), noRoots)
        fc.pre(f.length > 1)
        const bound = rootBound(integers, f)
        const lower = { ...bound, numerator: -bound.numerator }
        expect(countRoots(integers, sturmChain(integers, f), lower, bound)).toBe(roots.length)
        const found = isolateRoots(integers, f, lower, bound).filter((c) => c.variations === 1)
        expect(found.length).toBe(roots.length)
      })
    )
  })

  it("Descartes' count is at least the number of roots and has its parity", () => {
    fc.assert(
      fc.property(nonConstant(7), rationals, rationals, (f, p, q) => {
        const s = squarefreePart(integers, f)
        const [lower, upper] = signOfDifference(p, q) < 0 ? [p, q] : [q, p]
        fc.pre(signOfDifference(lower, upper) !== 0)
        fc.pre(signAtRational(integers, s, lower) !== 0 && signAtRational(integers, s, upper) !== 0)
        const roots = countRoots(integers, sturmChain(integers, s), lower, upper)
        const counted = signVariations(integers, s, lower, upper)
        expect(counted).toBeGreaterThanOrEqual(roots)
        expect((counted - roots) % 2).toBe(0)
      })
    )
  })

  const signOfDifference = (p: Rational, q: Rational) => sign(add(p, { ...q, numerator: -q.numerator }))

  it('a short dyadic lies in the middle half', () => {
    fc.assert(
      fc.property(rationals, rationals, (p, width) => {
        fc.pre(width.numerator > 0n)
        const middle = shortDyadic(p, add(p, width))
        expect(signOfDifference(middle, add(p, multiply(width, rational(1n, 4n))))).toBeGreaterThanOrEqual(0)
        expect(signOfDifference(middle, add(p, multiply(width, rational(3n, 4n))))).toBeLessThanOrEqual(0)
        expect(floorOf(p) * p.denominator <= p.numerator && p.numerator <= ceilingOf(p) * p.denominator).toBe(true)
        expect(ceilingOf(p) - floorOf(p)).toBe(p.denominator === 1n ? 0n : 1n)
      })
    )
  })

  it('homogeneous values are values over a common denominator', () => {
    fc.assert(
      fc.property(nonConstant(6), rationals, (f, x) => {
        const value = rational(homogeneousValue(integers, f, x), x.denominator ** BigInt(f.length - 1))
        expect(equal(value, valueAt({ numerators: f, denominator: 1n }, x))).toBe(true)
      })
    )
  })
})
