import {
  add,
  compareWithRational,
  integers,
  multiply,
  type Rational,
  rational,
  subtract,
  toNumber
} from '@nadir/arithmetic'
import { fieldTooLarge, type Undecided } from './critical-list.ts'
import { kinkEquations } from './kink-equations.ts'
import { type Quotient, quotientBounds } from './quotient.ts'
import type { ContinuousRisk } from './risk.ts'
import { mirrored, type RiskPieces, withPieces } from './risk-pieces.ts'
import type { Orientation } from './width-one.ts'

/** The best function with one kink there: c + V (x - kink)_+ to the right, c + V (kink - x)_+ to the left, and its risk. Approximate. */
export interface CurvePoint {
  readonly kink: number
  readonly risk: number
  readonly c: number
  readonly coefficient: number
}

/** The least risk as a function of the kink, at `count` equidistant kinks inside (a, b): rounded from exact values. */
export function riskCurve(
  risk: ContinuousRisk,
  orientation: Orientation,
  count: number
): readonly CurvePoint[] | Undecided {
  return (
    withPieces(risk, (pieces) => {
      const points = curveOf(orientation === 'right' ? pieces : mirrored(pieces), count)
      const sum = toNumber(add(pieces.a, pieces.b))
      return orientation === 'right' ? points : points.map((p) => ({ ...p, kink: sum - p.kink })).reverse()
    }) ?? fieldTooLarge
  )
}

function curveOf<T>(pieces: RiskPieces<T>, count: number): readonly CurvePoint[] {
  const equations = kinkEquations(pieces)
  return Array.from({ length: count }, (_, i) => {
    const fraction = rational(2n * BigInt(i) + 1n, 2n * BigInt(count))
    const kink = add(pieces.a, multiply(subtract(pieces.b, pieces.a), fraction))
    const k = pieces.endRoots.findIndex((end) => compareWithRational(integers, end, kink) > 0) - 1
    const { constant, coefficient, determinant, risk } = equations[k]!
    const value = (numerator: Quotient<T>['numerator']) =>
      toNumber(quotientBounds(pieces, { numerator, denominator: determinant, root: at(pieces, kink) }, 64).lower)
    return { kink: toNumber(kink), risk: value(risk), c: value(constant), coefficient: value(coefficient) }
  })
}

const at = <T>({ domain }: RiskPieces<T>, q: Rational) => ({
  coefficients: [domain.scale(domain.one, -q.numerator), domain.scale(domain.one, q.denominator)],
  lower: q,
  upper: q
})
