import {
  compare,
  decimalDigits,
  encloseRoot,
  integers,
  isRational,
  one,
  parseExact,
  type Rational,
  rationalPolynomials,
  rationalRoot,
  toText,
  valueAt
} from '@nadir/arithmetic'
import { type Invalid, invalid, parseExpression } from './expression.ts'
import { firstJump, lineThrough, type PiecewisePolynomial, signsOnPieces } from './piecewise-polynomial.ts'

/**
 * The risk of a function N on [a, b]: the integral of (N - target)^2 * density. The target is continuous, the density is
 * not negative and vanishes on no interval. Both are piecewise polynomials with rational coefficients. Exact.
 */
export interface ContinuousRisk {
  readonly kind: 'continuous-risk'
  readonly target: PiecewisePolynomial
  readonly density: PiecewisePolynomial
}

/** The density that is 1 everywhere on the target's interval. */
export const uniformDensity = (target: PiecewisePolynomial): PiecewisePolynomial => ({
  breakpoints: [target.breakpoints[0]!, target.breakpoints.at(-1)!],
  pieces: [rationalPolynomials.constant(one)]
})

/** The risk of a target and, if given, a density on the same interval; invalid when one of its promises is broken. */
export function continuousRisk(
  target: PiecewisePolynomial,
  density: PiecewisePolynomial = uniformDensity(target)
): ContinuousRisk | Invalid {
  const jump = firstJump(target)
  if (jump !== undefined) return invalid(describeJump(target, jump))
  const { smallest, vanishesOnPiece } = signsOnPieces(density)
  if (smallest < 0) return invalid('the density is negative somewhere on the interval')
  if (vanishesOnPiece) return invalid('the density is zero on an interval: give it the pieces where it is positive')
  return { kind: 'continuous-risk', target, density }
}

function describeJump({ breakpoints, pieces }: PiecewisePolynomial, jump: number): string {
  const x = breakpoints[jump]!
  if (!isRational(x)) {
    return `the target is not continuous at x = ${decimalDigits((bits) => encloseRoot(integers, x, bits), 10)}`
  }
  const [left, right] = [pieces[jump - 1]!, pieces[jump]!].map((piece) => toText(valueAt(piece, x.lower)))
  return `the target is not continuous at x = ${toText(x.lower)}: ${left} from the left, ${right} from the right`
}

/** The risk for a target, and perhaps a density, written as expressions in x on [a, b]. */
export function riskFromExpression(
  target: string,
  [a, b]: readonly [Rational, Rational],
  density: string = '1'
): ContinuousRisk | Invalid {
  if (compare(a, b) >= 0) return emptyInterval(a, b)
  const f = parseExpression(target, a, b)
  if ('kind' in f) return invalid(`target "${target}", ${f.message}`)
  const p = parseExpression(density, a, b)
  return 'kind' in p ? invalid(`density "${density}", ${p.message}`) : continuousRisk(f, p)
}

const emptyInterval = (a: Rational, b: Rational) =>
  invalid(`the interval from ${toText(a)} to ${toText(b)} is empty: its left end must be less than its right end`)

/** The risk for the piecewise linear target through knots [x, y] in ascending order of x. */
export function riskFromKnots(knots: readonly (readonly [Rational, Rational])[]): ContinuousRisk | Invalid {
  if (knots.length < 2) return invalid(`a target needs at least two knots, got ${knots.length}`)
  for (const [k, [x]] of knots.entries()) {
    if (k > 0 && compare(knots[k - 1]![0], x) >= 0) {
      return invalid(
        `knot ${k + 1}: x = ${toText(x)} does not lie to the right of the knot before it, ${toText(knots[k - 1]![0])}`
      )
    }
  }
  return continuousRisk({
    breakpoints: knots.map(([x]) => rationalRoot(x)),
    pieces: knots.slice(1).map((knot, k) => lineThrough(knots[k]!, knot))
  })
}

/**
 * The risk that a target file describes: `{"breakpoints": ["0","1/3","1"], "pieces": ["3*x", "3/2 - 3*x/2"]}`, one
 * polynomial in x for each interval, and optionally `"density"`: such a list, or one expression for the whole interval.
 */
export function riskFromJson(value: unknown): ContinuousRisk | Invalid {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return invalid('expected an object with "breakpoints" and "pieces"')
  }
  const unknown = Object.keys(value).find((key) => !['breakpoints', 'pieces', 'density'].includes(key))
  if (unknown !== undefined)
    return invalid(`unknown field "${unknown}"; expected "breakpoints", "pieces" and perhaps "density"`)
  const { breakpoints, pieces, density } = value as { breakpoints?: unknown; pieces?: unknown; density?: unknown }
  const ends = readBreakpoints(breakpoints)
  if ('kind' in ends) return ends
  const target = readPieces(ends, pieces, 'pieces')
  if ('kind' in target) return target
  if (density === undefined) return continuousRisk(target)
  const p =
    typeof density === 'string'
      ? parseExpression(density, ends[0]!, ends.at(-1)!)
      : readPieces(ends, density, 'density')
  if ('kind' in p) return typeof density === 'string' ? invalid(`density "${density}", ${p.message}`) : p
  return continuousRisk(target, p)
}

function readBreakpoints(value: unknown): readonly Rational[] | Invalid {
  if (!Array.isArray(value) || value.length < 2) return invalid('"breakpoints" must be a list of at least two numbers')
  const ends: Rational[] = []
  for (const [k, entry] of value.entries()) {
    // A JSON number stands for the decimal that it prints as.
    const number = typeof entry === 'string' || typeof entry === 'number' ? parseExact(String(entry)) : undefined
    if (!number) return invalid(`breakpoint ${k + 1} is ${JSON.stringify(entry)}; expected a decimal or a fraction p/q`)
    const before = ends.at(-1)
    if (before && compare(before, number) >= 0) {
      return value.length === 2
        ? emptyInterval(before, number)
        : invalid(`breakpoints must ascend: ${toText(number)} comes after ${toText(before)}`)
    }
    ends.push(number)
  }
  return ends
}

function readPieces(ends: readonly Rational[], value: unknown, field: string): PiecewisePolynomial | Invalid {
  if (!Array.isArray(value)) return invalid(`"${field}" must be a list of polynomials in x, one for each interval`)
  if (value.length !== ends.length - 1) {
    return invalid(`"${field}" has ${value.length} entries, but ${ends.length} breakpoints need ${ends.length - 1}`)
  }
  const pieces: PiecewisePolynomial[] = []
  for (const [k, entry] of value.entries()) {
    if (typeof entry !== 'string' && typeof entry !== 'number') {
      return invalid(`"${field}", entry ${k + 1} is ${JSON.stringify(entry)}; expected a polynomial in x as a string`)
    }
    const piece = parseExpression(String(entry), ends[k]!, ends[k + 1]!)
    if ('kind' in piece) return invalid(`"${field}", entry ${k + 1}, ${piece.message}`)
    if (piece.pieces.length > 1) return invalid(`"${field}", entry ${k + 1} is not one polynomial on its interval`)
    pieces.push(piece)
  }
  return { breakpoints: ends.map(rationalRoot), pieces: pieces.map((piece) => piece.pieces[0]!) }
}
