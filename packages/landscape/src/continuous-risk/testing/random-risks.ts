import { add, type Polynomial, type Rational, rational, rationalPolynomials, rationalRoot } from '@nadir/arithmetic'
import fc from 'fast-check'
import { lineThrough, type PiecewisePolynomial } from '../piecewise-polynomial.ts'
import { type ContinuousRisk, continuousRisk } from '../risk.ts'

const ring = rationalPolynomials

const smallRationals = (size: bigint) =>
  fc
    .tuple(fc.bigInt({ min: -size, max: size }), fc.bigInt({ min: 1n, max: 6n }))
    .map(([p, q]): Rational => rational(p, q))

/** A line between two knots plus a bump that vanishes at both. */
function piece(
  from: readonly [Rational, Rational],
  to: readonly [Rational, Rational],
  bump: readonly Rational[]
): Polynomial {
  const factor = ([t]: readonly [Rational, Rational]) => ring.subtract(ring.x, ring.constant(t))
  let g = ring.zero
  for (const c of bump) g = ring.add(ring.multiply(g, factor(from)), ring.constant(c))
  return ring.add(lineThrough(from, to), ring.multiply(g, ring.multiply(factor(from), factor(to))))
}

/** Continuous piecewise polynomials with up to so many pieces, of degree up to `degree` (at least 1), with rational coefficients. */
export function randomTargets(pieces: number, degree: number): fc.Arbitrary<PiecewisePolynomial> {
  const part = fc.record({
    width: fc.tuple(fc.bigInt({ min: 1n, max: 6n }), fc.bigInt({ min: 1n, max: 4n })).map(([p, q]) => rational(p, q)),
    y: smallRationals(8n),
    bump: degree < 2 ? fc.constant([]) : fc.array(smallRationals(12n), { maxLength: degree - 1 })
  })
  return fc
    .tuple(smallRationals(5n), smallRationals(8n), fc.array(part, { minLength: 1, maxLength: pieces }))
    .map(([start, y0, parts]) => {
      const knots: (readonly [Rational, Rational])[] = [[start, y0]]
      for (const { width, y } of parts) knots.push([add(knots.at(-1)![0], width), y])
      return {
        breakpoints: knots.map(([x]) => rationalRoot(x)),
        pieces: parts.map(({ bump }, k) => piece(knots[k]!, knots[k + 1]!, bump))
      }
    })
}

/** The risk of a target, and perhaps a density, that are known to be valid. */
export function riskOf(target: PiecewisePolynomial, density?: PiecewisePolynomial): ContinuousRisk {
  const risk = continuousRisk(target, density)
  if (risk.kind === 'invalid') throw new Error(risk.message)
  return risk
}

/** The target seen in the mirror: f(a + b - x). */
export function mirrorImage({ breakpoints, pieces }: PiecewisePolynomial): PiecewisePolynomial {
  const sum = add(breakpoints[0]!.lower, breakpoints.at(-1)!.lower)
  const reflection = ring.subtract(ring.constant(sum), ring.x)
  return {
    breakpoints: breakpoints
      .map((t) => rationalRoot(add(sum, { ...t.lower, numerator: -t.lower.numerator })))
      .reverse(),
    pieces: pieces.map((p) => ring.compose(p, reflection)).reverse()
  }
}
