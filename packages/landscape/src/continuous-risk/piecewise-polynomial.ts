import {
  compare,
  compareAlgebraic,
  divide,
  integers,
  type Polynomial,
  type Rational,
  type RealAlgebraic,
  rational,
  rationalPolynomials,
  rationalRoot,
  realRoots,
  refineRoot,
  shortDyadic,
  signAtRational,
  signAtRoot
} from '@nadir/arithmetic'

const ring = rationalPolynomials

/**
 * A function on the interval from the first to the last breakpoint: pieces[k] is its polynomial in x between breakpoints k
 * and k+1. Breakpoints ascend; the first and the last are rational. Coefficients are rational. Exact.
 */
export interface PiecewisePolynomial {
  readonly breakpoints: readonly RealAlgebraic[]
  readonly pieces: readonly Polynomial[]
}

/** One polynomial on [a, b]. */
export const onePiece = (piece: Polynomial, a: Rational, b: Rational): PiecewisePolynomial => ({
  breakpoints: [rationalRoot(a), rationalRoot(b)],
  pieces: [piece]
})

/** A rational number strictly between two different algebraic numbers, the smaller one first. Exact. */
export function rationalBetween(smaller: RealAlgebraic, larger: RealAlgebraic): Rational {
  for (let bits = 4; ; bits *= 2) {
    const { upper } = refineRoot(integers, smaller, bits)
    const { lower } = refineRoot(integers, larger, bits)
    if (compare(upper, lower) < 0) return shortDyadic(upper, lower)
  }
}

/** Breakpoints of f and of g together, and for each interval the two polynomials there; f and g live on the same interval. Exact. */
export function sideBySide(f: PiecewisePolynomial, g: PiecewisePolynomial) {
  const breakpoints: RealAlgebraic[] = [f.breakpoints[0]!]
  const pairs: (readonly [Polynomial, Polynomial])[] = []
  for (let i = 0, k = 0; i < f.pieces.length; ) {
    pairs.push([f.pieces[i]!, g.pieces[k]!])
    const order = compareAlgebraic(f.breakpoints[i + 1]!, g.breakpoints[k + 1]!)
    breakpoints.push(order <= 0 ? f.breakpoints[i + 1]! : g.breakpoints[k + 1]!)
    if (order <= 0) i++
    if (order >= 0) k++
  }
  return { breakpoints, pairs }
}

/** operation(f, g) piece by piece; f and g live on the same interval. Exact. */
export function combine(
  f: PiecewisePolynomial,
  g: PiecewisePolynomial,
  operation: (p: Polynomial, q: Polynomial) => Polynomial
): PiecewisePolynomial {
  const { breakpoints, pairs } = sideBySide(f, g)
  return joinEqualPieces({ breakpoints, pieces: pairs.map(([p, q]) => operation(p, q)) })
}

/** operation(f) piece by piece. Exact. */
export const mapPieces = (f: PiecewisePolynomial, operation: (p: Polynomial) => Polynomial): PiecewisePolynomial => ({
  ...f,
  pieces: f.pieces.map(operation)
})

/** The larger of two functions on the same interval: breakpoints are added where they cross. Exact. */
export function larger(f: PiecewisePolynomial, g: PiecewisePolynomial): PiecewisePolynomial {
  const difference = combine(f, g, ring.subtract)
  const positive: PiecewisePolynomial = joinEqualPieces(
    splitBySign(difference, (piece, sign) => (sign > 0 ? piece : ring.zero))
  )
  return combine(g, positive, ring.add)
}

/** Each piece, cut at its roots, replaced by choose(piece, its sign on the part). */
function splitBySign(f: PiecewisePolynomial, choose: (piece: Polynomial, sign: number) => Polynomial) {
  const breakpoints: RealAlgebraic[] = [f.breakpoints[0]!]
  const pieces: Polynomial[] = []
  for (const [k, piece] of f.pieces.entries()) {
    const from = f.breakpoints[k]!
    const to = f.breakpoints[k + 1]!
    const roots = piece.numerators.length < 2 ? [] : realRoots(piece.numerators)
    const inside = roots.filter((r) => compareAlgebraic(r, from) > 0 && compareAlgebraic(r, to) < 0)
    for (const end of [...inside, to]) {
      const middle = rationalBetween(breakpoints.at(-1)!, end)
      pieces.push(choose(piece, signAtRational(integers, piece.numerators, middle)))
      breakpoints.push(end)
    }
  }
  return { breakpoints, pieces }
}

function joinEqualPieces({ breakpoints, pieces }: PiecewisePolynomial): PiecewisePolynomial {
  const kept = pieces.map((piece, k) => k === 0 || !ring.equal(piece, pieces[k - 1]!))
  return {
    breakpoints: breakpoints.filter((_, k) => k === pieces.length || kept[k]),
    pieces: pieces.filter((_, k) => kept[k])
  }
}

/** Index of the first inner breakpoint at which the pieces on its two sides differ; undefined when f is continuous. Exact. */
export function firstJump(f: PiecewisePolynomial): number | undefined {
  for (let k = 1; k < f.pieces.length; k++) {
    const difference = ring.subtract(f.pieces[k]!, f.pieces[k - 1]!)
    if (signAtRoot(integers, difference.numerators, f.breakpoints[k]!) !== 0) return k
  }
  return undefined
}

/** The smallest sign that f takes between its breakpoints, and whether some piece is identically zero. Exact. */
export function signsOnPieces(f: PiecewisePolynomial): { smallest: number; vanishesOnPiece: boolean } {
  const signs: number[] = []
  splitBySign(f, (piece, sign) => {
    signs.push(sign)
    return piece
  })
  return { smallest: Math.min(...signs), vanishesOnPiece: f.pieces.some((p) => p.numerators.length === 0) }
}

/** The ends of the interval on which f lives. */
export const interval = (f: PiecewisePolynomial): readonly [Rational, Rational] => [
  f.breakpoints[0]!.lower,
  f.breakpoints.at(-1)!.lower
]

/** The polynomial through two points with different x. Exact. */
export function lineThrough([x0, y0]: readonly [Rational, Rational], [x1, y1]: readonly [Rational, Rational]) {
  const point = (r: Rational) => ring.constant(r)
  const slope = divide(
    rational(y1.numerator * y0.denominator - y0.numerator * y1.denominator, y0.denominator * y1.denominator),
    rational(x1.numerator * x0.denominator - x0.numerator * x1.denominator, x0.denominator * x1.denominator)
  )
  return ring.add(point(y0), ring.scale(ring.subtract(ring.x, point(x0)), slope))
}
