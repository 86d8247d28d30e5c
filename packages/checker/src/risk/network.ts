import { type Budget, spend } from '../budget.ts'
import { bitLength } from '../integers.ts'
import { reject } from '../outcome.ts'
import { compare, type Rational, zero } from '../rational.ts'
import type { Parameters, Unit } from './claim.ts'
import { sideBySide } from './kink-equations.ts'
import { antiderivative, constant, difference, type Polynomial, product, sum, timesX, valueAt } from './polynomial.ts'
import type { Pieces } from './problem.ts'
import { minus, opposite, over, plus, signOfRational, times } from './rationals.ts'

const two: Rational = { numerator: 2n, denominator: 1n }

const argumentAt = ({ w, b }: Unit, x: Rational): Rational => plus(times(w, x), b)

/** Not active at a and at b, with room to spare. */
export const isDead = (unit: Unit, a: Rational, b: Rational): boolean =>
  signOfRational(argumentAt(unit, a)) < 0 && signOfRational(argumentAt(unit, b)) < 0

/** Active at a and at b, with room to spare. */
export const isActive = (unit: Unit, a: Rational, b: Rational): boolean =>
  signOfRational(argumentAt(unit, a)) > 0 && signOfRational(argumentAt(unit, b)) > 0

/** Where w x + b is 0; undefined for w = 0. */
export const kinkOf = ({ w, b }: Unit): Rational | undefined => (w.numerator === 0n ? undefined : opposite(over(b, w)))

/** Rejects parameters that have not as many units as the problem. */
export const requireUnits = ({ units }: Parameters, hidden: number, step: string): void => {
  if (units.length !== hidden) reject(step, `${units.length} units where the problem has ${hidden}`)
}

/** L(theta) and the generalised gradient. */
export type RiskAndGradient = {
  readonly risk: Rational
  readonly units: readonly Unit[]
  readonly c: Rational
  /** The integral of x r p. */
  readonly moment: Rational
}

/** Integrates piece by piece between breakpoints and kinks. Exact. */
export const riskAndGradient = (
  target: Pieces,
  density: Pieces,
  { units, c }: Parameters,
  budget: Budget
): RiskAndGradient => {
  const side = sideBySide(target, density)
  const kinks = units.flatMap((unit) => kinkOf(unit) ?? [])
  spend(budget, [units.length + 1, side.breakpoints.length + kinks.length], 64, 64)
  const moments: { from: Rational; to: Rational; zeroth: Rational; first: Rational }[] = []
  let risk = zero
  for (const [k, f] of side.target.entries()) {
    const [start, end] = [side.breakpoints[k], side.breakpoints[k + 1]]
    const cuts = kinks.filter((q) => compare(start, q) < 0 && compare(q, end) < 0).sort(compare)
    const ends = [start, ...cuts, end]
    for (let i = 1; i < ends.length; i += 1) {
      const [from, to] = [ends[i - 1], ends[i]]
      if (compare(from, to) === 0) continue
      const middle = over(plus(from, to), two)
      let output: Polynomial = constant(c)
      for (const { w, b, v } of units) {
        if (signOfRational(argumentAt({ w, b, v }, middle)) <= 0) continue
        const line = sum(constant(times(v, b)), timesX(constant(times(v, w))), budget)
        output = sum(output, line, budget)
      }
      const residual = difference(output, f, budget)
      const weighted = product(residual, side.density[k], budget)
      const integral = (g: Polynomial): Rational => {
        const grown = antiderivative(g, budget)
        const [high, low] = [valueAt(grown, to, budget), valueAt(grown, from, budget)]
        const bits = bitLength(high.denominator) + bitLength(low.denominator)
        spend(budget, [bits], bits, 1)
        return minus(high, low)
      }
      risk = plus(risk, integral(product(residual, weighted, budget)))
      moments.push({ from, to, zeroth: integral(weighted), first: integral(timesX(weighted)) })
    }
  }
  /** Twice the integrals of r p and x r p where the unit is active. */
  const over2 = (unit: Unit | undefined): readonly [Rational, Rational] => {
    let [zeroth, first] = [zero, zero]
    for (const part of moments) {
      if (unit !== undefined && signOfRational(argumentAt(unit, over(plus(part.from, part.to), two))) <= 0) continue
      zeroth = plus(zeroth, part.zeroth)
      first = plus(first, part.first)
    }
    return [times(two, zeroth), times(two, first)]
  }
  const [all, moment] = over2(undefined)
  return {
    risk,
    c: all,
    moment,
    units: units.map((unit) => {
      const [zeroth, first] = over2(unit)
      return {
        w: times(unit.v, first),
        b: times(unit.v, zeroth),
        v: plus(times(unit.w, first), times(unit.b, zeroth))
      }
    })
  }
}

export const isCritical = ({ units, c }: RiskAndGradient): boolean =>
  [c, ...units.flatMap(({ w, b, v }) => [w, b, v])].every((entry) => entry.numerator === 0n)
