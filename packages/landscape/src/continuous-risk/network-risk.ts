import {
  compare,
  divide,
  integers,
  multiply,
  negate,
  type Polynomial,
  type Rational,
  rationalPolynomials,
  signAtRational
} from '@nadir/arithmetic'
import { interval, rationalBetween } from './piecewise-polynomial.ts'
import type { ContinuousRisk } from './risk.ts'
import { type RiskPieces, withPieces } from './risk-pieces.ts'

/** The network N(x) = c + sum over its units of v max(w x + b, 0). Exact. */
export interface HingeNetwork {
  readonly units: readonly HingeUnit[]
  readonly c: Rational
}

export interface HingeUnit {
  readonly w: Rational
  readonly b: Rational
  readonly v: Rational
}

/** Risk and generalized gradient of one network, as constants over the numbers of the breakpoints. Exact. */
export interface RiskAndGradient<T> {
  readonly pieces: RiskPieces<T>
  readonly risk: Polynomial<T>
  readonly units: readonly { readonly w: Polynomial<T>; readonly b: Polynomial<T>; readonly v: Polynomial<T> }[]
  readonly c: Polynomial<T>
}

/** Where w x + b changes sign; undefined for w = 0. */
export const kinkOf = ({ w, b }: HingeUnit): Rational | undefined =>
  w.numerator === 0n ? undefined : negate(divide(b, w))

/**
 * The risk and its generalized gradient: the limit of gradients for smooth activations that tend to max(x, 0) and whose
 * derivatives tend to the left derivative. It is the gradient wherever no unit has w = b = 0. Exact.
 * What `work` makes of them; undefined when the breakpoints of the risk need a number field of too large a degree.
 */
export function withRiskAndGradient<R>(
  risk: ContinuousRisk,
  network: HingeNetwork,
  work: <T>(at: RiskAndGradient<T>) => R
): R | undefined {
  const [a, b] = interval(risk.target)
  const kinks = network.units.flatMap((unit) => kinkOf(unit) ?? [])
  const inside = kinks.filter((q) => compare(a, q) < 0 && compare(q, b) < 0)
  return withPieces(risk, (pieces) => work(riskAndGradient(pieces, network)), inside)
}

/** The pieces are cut at the kinks, so every unit is active on a whole piece or on none of it. */
function riskAndGradient<T>(pieces: RiskPieces<T>, { units, c }: HingeNetwork): RiskAndGradient<T> {
  const { ring, ends, endRoots } = pieces
  const { add, subtract, multiply: times, scale, x } = ring
  const lines = units.map((unit) =>
    rationalPolynomials.fraction(
      [unit.b.numerator * unit.w.denominator, unit.w.numerator * unit.b.denominator],
      unit.w.denominator * unit.b.denominator
    )
  )
  const active = pieces.target.map((_, k) => {
    const middle = rationalBetween(endRoots[k]!, endRoots[k + 1]!)
    return lines.map((line) => signAtRational(integers, line.numerators, middle) > 0)
  })
  const integralOver = (k: number, g: Polynomial<T>) => {
    const antiderivative = ring.antiderivative(g)
    return subtract(ring.compose(antiderivative, ends[k + 1]!), ring.compose(antiderivative, ends[k]!))
  }
  let total = ring.zero
  const moments = pieces.target.map((f, k) => {
    let output = ring.constant(c)
    for (const [j, { v }] of units.entries()) {
      if (active[k]![j]) output = add(output, scale(ring.lift(lines[j]!), v))
    }
    const residual = subtract(output, f)
    const weighted = times(residual, pieces.density[k]!)
    total = add(total, integralOver(k, times(residual, weighted)))
    return [integralOver(k, weighted), integralOver(k, times(x, weighted))] as const
  })
  const sumOver = (j: number | undefined, moment: 0 | 1) =>
    moments.reduce((s, m, k) => (j === undefined || active[k]![j] ? add(s, m[moment]) : s), ring.zero)
  const two = { numerator: 2n, denominator: 1n }
  return {
    pieces,
    risk: total,
    c: scale(sumOver(undefined, 0), two),
    units: units.map(({ w, b, v }, j) => {
      const [zeroth, first] = [sumOver(j, 0), sumOver(j, 1)]
      return {
        w: scale(first, multiply(two, v)),
        b: scale(zeroth, multiply(two, v)),
        v: scale(add(scale(first, w), scale(zeroth, b)), two)
      }
    })
  }
}
