import {
  add,
  commonField,
  compareWithRational,
  integers,
  isRational,
  type OrderedDomain,
  type Polynomial,
  padCoordinates,
  polynomialsOver,
  type Rational,
  type RealAlgebraic,
  type Root,
  rationalRoot,
  subtract
} from '@nadir/arithmetic'
import { type BreakpointNumbers, fieldNumbers, rationalNumbers } from './breakpoint-numbers.ts'
import { interval, sideBySide } from './piecewise-polynomial.ts'
import type { ContinuousRisk } from './risk.ts'

/**
 * A risk whose target and density share their pieces, over one domain in which all breakpoints are exact numbers: the
 * integers when they are rational, else the integers of a number field. Exact.
 */
export interface RiskPieces<T> extends BreakpointNumbers<T> {
  readonly a: Rational
  readonly b: Rational
  /** The breakpoints, as constants and as roots; piece k lies between ends k and k + 1. */
  readonly ends: readonly Polynomial<T>[]
  readonly endRoots: readonly RealAlgebraic[]
  readonly target: readonly Polynomial<T>[]
  readonly density: readonly Polynomial<T>[]
}

/** Largest degree of the number field that holds irrational breakpoints. */
export const largestFieldDegree = 12

/** Target and density over the breakpoints of both and the cuts. */
function commonPieces(risk: ContinuousRisk, cuts: readonly Rational[]) {
  const { breakpoints, pairs } = cutAt(sideBySide(risk.target, risk.density), cuts)
  const [a, b] = interval(risk.target)
  const over = <T>(numbers: BreakpointNumbers<T>, ends: readonly Polynomial<T>[]): RiskPieces<T> => ({
    ...numbers,
    a,
    b,
    ends,
    endRoots: breakpoints,
    target: pairs.map(([f]) => numbers.ring.lift(f)),
    density: pairs.map(([, p]) => numbers.ring.lift(p))
  })
  return { breakpoints, over }
}

/** The pieces of a risk, cut also at the given rational points inside (a, b); undefined when some breakpoint is irrational. */
export function rationalPieces(risk: ContinuousRisk, cuts: readonly Rational[] = []): RiskPieces<bigint> | undefined {
  const { breakpoints, over } = commonPieces(risk, cuts)
  if (!breakpoints.every(isRational)) return undefined
  return over(
    rationalNumbers,
    breakpoints.map((t) => rationalNumbers.ring.constant(t.lower))
  )
}

/**
 * What `work` makes of the pieces of the risk, cut also at the given rational points inside (a, b), over whichever domain
 * its breakpoints need; undefined when they need a number field of too large a degree.
 */
export function withPieces<R>(
  risk: ContinuousRisk,
  work: <T>(pieces: RiskPieces<T>) => R,
  cuts: readonly Rational[] = []
): R | undefined {
  const pieces = rationalPieces(risk, cuts)
  if (pieces) return work(pieces)
  const { breakpoints, over } = commonPieces(risk, cuts)
  const common = commonField(breakpoints, largestFieldDegree)
  if (!common) return undefined
  const { field, values } = common
  const ends = values.map(({ numerators, denominator }) => ({
    numerators: numerators.length === 0 ? [] : [padCoordinates(field, numerators)],
    denominator
  }))
  return work(over(fieldNumbers(field), ends))
}

function cutAt<P>(whole: { breakpoints: readonly RealAlgebraic[]; pairs: readonly P[] }, cuts: readonly Rational[]) {
  let { breakpoints, pairs } = whole
  for (const cut of cuts) {
    const orders = breakpoints.map((t) => compareWithRational(integers, t, cut))
    const k = orders.findIndex((order) => order > 0)
    if (k <= 0 || orders[k - 1] === 0) continue
    breakpoints = breakpoints.toSpliced(k, 0, rationalRoot(cut))
    pairs = pairs.toSpliced(k, 0, pairs[k - 1]!)
  }
  return { breakpoints, pairs }
}

/** The same risk seen in the mirror x -> a + b - x: left kinks become right kinks. Exact. */
export function mirrored<T>(pieces: RiskPieces<T>): RiskPieces<T> {
  const { ring } = pieces
  const reflection = ring.subtract(ring.constant(add(pieces.a, pieces.b)), ring.x)
  const reflect = (list: readonly Polynomial<T>[]) => list.map((p) => ring.compose(p, reflection)).reverse()
  return {
    ...pieces,
    ends: pieces.ends.map((t) => ring.subtract(ring.constant(add(pieces.a, pieces.b)), t)).reverse(),
    endRoots: pieces.endRoots.map((t) => mirrorRoot(integers, t, add(pieces.a, pieces.b))).reverse(),
    target: reflect(pieces.target),
    density: reflect(pieces.density)
  }
}

/** The number sum - root. Exact. */
export function mirrorRoot<T>(domain: OrderedDomain<T>, root: Root<T>, sum: Rational): Root<T> {
  const ring = polynomialsOver(domain)
  const { numerators } = ring.compose(
    { numerators: root.coefficients, denominator: 1n },
    ring.subtract(ring.constant(sum), ring.x)
  )
  return { coefficients: numerators, lower: subtract(sum, root.upper), upper: subtract(sum, root.lower) }
}
