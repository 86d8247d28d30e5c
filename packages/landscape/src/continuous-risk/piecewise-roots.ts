import {
  type Cell,
  type Coefficients,
  compare,
  integers,
  isolateRoots,
  isRational,
  type OrderedDomain,
  type Polynomial,
  type PolynomialFactor,
  type RealAlgebraic,
  type Root,
  refineRoot,
  removeRoot,
  signAtRational,
  squarefreeFactors
} from '@nadir/arithmetic'
import type { RiskPieces } from './risk-pieces.ts'

/** A zero inside (a, b) of a function given by one polynomial for each piece. */
export interface PieceRoot<T> {
  /** The piece in which it lies, or that begins there. */
  readonly piece: number
  /** Does it sit on the breakpoint where the piece begins? */
  readonly atBreakpoint: boolean
  readonly root: Root<T>
}

/** A polynomial up to a positive constant, as a product of powers of (x - end) and of squarefree factors, whose roots are isolated on the piece. */
export interface FactoredPiece<T> {
  readonly endMultiplicities: readonly { readonly end: Polynomial<T>; readonly multiplicity: number }[]
  readonly factors: readonly (PolynomialFactor<T> & { readonly cells: readonly Cell[] })[]
}

export interface PiecewiseRoots<T> {
  /** Ascending, in intervals that meet neither one another nor the breakpoints. */
  readonly roots: readonly PieceRoot<T>[]
  /** Undefined for a piece on which the function vanishes identically. */
  readonly factored: readonly (FactoredPiece<T> | undefined)[]
}

export const isZero = (p: Polynomial<unknown>): boolean => p.numerators.length === 0

/**
 * All zeros, strictly between a and b, of the continuous function that is f[k] on piece k; pieces on which it vanishes
 * identically are passed over, with their ends. Exact.
 */
export function piecewiseRoots<T>(pieces: RiskPieces<T>, f: readonly Polynomial<T>[]): PiecewiseRoots<T> {
  const factored = f.map((p, k) => (isZero(p) ? undefined : factorOnPiece(pieces, p, k)))
  const roots: PieceRoot<T>[] = []
  for (const [k, factors] of factored.entries()) {
    if (!factors) continue
    if (k > 0 && factored[k - 1] && isZero(pieces.ring.compose(f[k]!, pieces.ends[k]!))) {
      roots.push({ piece: k, atBreakpoint: true, root: breakpointRoot(pieces, k) })
    }
    for (const root of interiorRoots(pieces, factors, k)) roots.push({ piece: k, atBreakpoint: false, root })
  }
  return { roots, factored }
}

function factorOnPiece<T>(pieces: RiskPieces<T>, f: Polynomial<T>, k: number): FactoredPiece<T> {
  const { domain, ring, ends } = pieces
  // Zeros at a, b and the ends of the piece are common and are no interior roots.
  const different: Polynomial<T>[] = []
  for (const end of [ends[0]!, ends[k]!, ends[k + 1]!, ends.at(-1)!]) {
    if (!different.some((d) => ring.equal(d, end))) different.push(end)
  }
  let rest: Coefficients<T> = domain.associate(f.numerators)
  const endMultiplicities = different.map((end) => {
    const removed = removeRoot(domain, rest, end.numerators[0] ?? domain.zero, end.denominator)
    rest = removed.rest
    return { end, multiplicity: removed.multiplicity }
  })
  const factors = squarefreeFactors(domain, rest).map((factor) => {
    const [lower, upper] = rationalBracket(pieces, factor.coefficients, k)
    return { ...factor, cells: isolateRoots(domain, factor.coefficients, lower, upper) }
  })
  return { endMultiplicities, factors }
}

/** A rational interval around piece k whose end points are not roots of f; the piece itself when its ends are rational. */
function rationalBracket<T>({ domain, endRoots }: RiskPieces<T>, f: Coefficients<T>, k: number) {
  const outside = (end: RealAlgebraic, side: 'lower' | 'upper') => {
    for (let bits = 8; ; bits *= 2) {
      const bound = refineRoot(integers, end, bits)[side]
      if (isRational(end) || signAtRational(domain, f, bound) !== 0) return bound
    }
  }
  return [outside(endRoots[k]!, 'lower'), outside(endRoots[k + 1]!, 'upper')] as const
}

/** The roots inside piece k, ascending, in intervals that are disjoint from each other and from the ends of the piece. */
function interiorRoots<T>(pieces: RiskPieces<T>, { factors }: FactoredPiece<T>, k: number): readonly Root<T>[] {
  const { domain, endRoots, simplest } = pieces
  const isolated = factors.flatMap(({ coefficients, cells }) =>
    cells.filter((cell) => cell.variations === 1).map(({ lower, upper }) => simplest({ coefficients, lower, upper }))
  )
  const inside = isolated.flatMap((root) => {
    const afterStart = separate(domain, root, endRoots[k]!)
    const beforeEnd = separate(domain, afterStart.root, endRoots[k + 1]!)
    return afterStart.order > 0 && beforeEnd.order < 0 ? [beforeEnd.root] : []
  })
  for (let refined = inside, bits = 4; ; bits *= 2) {
    const sorted = [...refined].sort((r, s) => compare(r.lower, s.lower))
    if (sorted.every((r, i) => i === 0 || compare(sorted[i - 1]!.upper, r.lower) < 0)) return sorted
    refined = inside.map((r) => refineRoot(domain, r, bits))
  }
}

/** The root in an interval that leaves out the end, another number, and the sign of root - end. */
function separate<T>(domain: OrderedDomain<T>, root: Root<T>, end: RealAlgebraic) {
  for (let [r, e, bits] = [root, end, 4]; ; bits *= 2) {
    if (compare(r.upper, e.lower) < 0) return { root: r, order: -1 }
    if (compare(r.lower, e.upper) > 0) return { root: r, order: 1 }
    r = refineRoot(domain, r, bits)
    e = refineRoot(integers, e, bits)
  }
}

/** Breakpoint k as a root of a linear polynomial over the domain. */
function breakpointRoot<T>({ domain, ends, endRoots }: RiskPieces<T>, k: number): Root<T> {
  const { numerators, denominator } = ends[k]!
  return {
    coefficients: [domain.scale(numerators[0] ?? domain.zero, -1n), domain.scale(domain.one, denominator)],
    lower: endRoots[k]!.lower,
    upper: endRoots[k]!.upper
  }
}

/** Sign of f immediately to the left or to the right of a constant; 0 only for the zero polynomial. Exact. */
export function signBeside<T>(
  { domain, ring }: Pick<RiskPieces<T>, 'domain' | 'ring'>,
  f: Polynomial<T>,
  at: Polynomial<T>,
  side: 'left' | 'right'
): -1 | 0 | 1 {
  if (isZero(f)) return 0
  const { rest, multiplicity } = removeRoot(domain, f.numerators, at.numerators[0] ?? domain.zero, at.denominator)
  const value = ring.compose({ numerators: rest, denominator: 1n }, at)
  const s = domain.sign(value.numerators[0]!)
  return side === 'left' && multiplicity % 2 === 1 ? (-s as -1 | 1) : s
}
