import { add, one, type Polynomial } from '@nadir/arithmetic'
import { type Digits, fieldTooLarge, type Undecided } from './critical-list.ts'
import { isZero, piecewiseRoots } from './piecewise-roots.ts'
import { constantQuotient, type Quotient, quotientDigits } from './quotient.ts'
import type { ContinuousRisk } from './risk.ts'
import { withPieces } from './risk-pieces.ts'
import { bestLine, enumerateWidthOne, kinkPosition, type OrientedKinks, type WidthOne } from './width-one.ts'
import { inactiveEndRule, minimumAtOrigin, type PointType, risesFromActiveEnd, typeOf } from './width-one-points.ts'

/** A set of critical parameters (w, b, v) of one unit, with c such that N is the realization, and the type they all have. */
export interface DegenerateParameters {
  readonly parameters: string
  readonly realization: 'constant' | 'affine'
  readonly type: PointType
}

export interface DegenerateTable {
  readonly kind: 'degenerate-parameters'
  readonly rows: readonly DegenerateParameters[]
}

/**
 * All critical parameters of width one whose realization is the constant or the best line, sorted into sets of one type.
 * Exact; every set is decided. V stands for |w| v; numbers to `digits` significant digits.
 */
export function degenerateParameters(risk: ContinuousRisk, digits = 20): DegenerateTable | Undecided {
  return (
    withPieces(
      risk,
      (pieces): DegenerateTable => ({
        kind: 'degenerate-parameters',
        rows: rowsOf(enumerateWidthOne(pieces), digits)
      })
    ) ?? fieldTooLarge
  )
}

function rowsOf<T>(width: WidthOne<T>, digits: number): readonly DegenerateParameters[] {
  const { right, left, integrals } = width
  const lineIsConstant = isZero(bestLine(right.pieces, integrals).slope)
  const constant = (parameters: string, minimum: boolean): DegenerateParameters => ({
    parameters,
    realization: 'constant',
    type: typeOf(minimum)
  })
  const affine = (parameters: string, minimum: boolean): DegenerateParameters => ({
    parameters,
    realization: 'affine',
    type: typeOf(minimum)
  })
  const flatStart = (oriented: OrientedKinks<T>) => isZero(oriented.equations[0]!.coefficient)
  return [
    constant('max over [a, b] of w x + b < 0, any v', true),
    ...inactiveEndRows(right, 'w > 0, kink at b', digits).map(([p, minimum]) => constant(p, minimum)),
    ...inactiveEndRows(left, 'w < 0, kink at a', digits).map(([p, minimum]) => constant(p, minimum)),
    constant('w = b = 0, v > 0', minimumAtOrigin(width, 1)),
    constant('w = b = 0, v < 0', minimumAtOrigin(width, -1)),
    constant('w = b = 0, v = 0', minimumAtOrigin(width, 0)),
    ...flatKinkRows(right, 'w > 0', digits).map(([p, minimum]) => constant(p, minimum)),
    ...flatKinkRows(left, 'w < 0', digits).map(([p, minimum]) => constant(p, minimum)),
    constant('w = 0, b > 0, v = 0', lineIsConstant),
    ...(lineIsConstant
      ? [
          constant('w = 0, b > 0, v != 0', true),
          constant('w != 0, v = 0, w x + b > 0 on [a, b]', true),
          constant('w > 0, v = 0, kink at a', flatStart(right)),
          constant('w < 0, v = 0, kink at b', flatStart(left))
        ]
      : [
          affine('v != 0, w x + b > 0 on [a, b]', true),
          affine('w > 0, v != 0, kink at a', risesFromActiveEnd(right)),
          affine('w < 0, v != 0, kink at b', risesFromActiveEnd(left))
        ])
  ]
}

type Row = readonly [parameters: string, minimum: boolean]

function inactiveEndRows<T>(oriented: OrientedKinks<T>, where: string, digits: number): readonly Row[] {
  const rule = inactiveEndRule(oriented)
  switch (rule.kind) {
    case 'always':
      return [[`${where}, any v`, true]]
    case 'nonzero':
      return [
        [`${where}, v != 0`, true],
        [`${where}, v = 0`, false]
      ]
    case 'positive':
    case 'negative':
      return [
        [`${where}, v > 0`, rule.kind === 'positive'],
        [`${where}, v < 0`, rule.kind === 'negative'],
        [`${where}, v = 0`, false]
      ]
    case 'outside': {
      const limit = constantDigits(oriented, rule.numerator, rule.denominator, digits)
      return [
        [`${where}, V between 0 and ${limit} or equal to one of them`, false],
        [`${where}, V not between 0 and ${limit} and equal to neither`, true]
      ]
    }
  }
}

function constantDigits<T>(
  { pieces }: OrientedKinks<T>,
  numerator: Polynomial<T>,
  denominator: Polynomial<T>,
  digits: number
): Digits {
  return quotientDigits(pieces, constantQuotient(pieces, numerator, denominator), digits)
}

/** v = 0 and the kink at a zero of V inside (a, b): a minimum only where V vanishes identically around it. */
function flatKinkRows<T>(oriented: OrientedKinks<T>, where: string, digits: number): readonly Row[] {
  const { pieces, equations, orientation } = oriented
  const coefficients = equations.map(({ coefficient }) => coefficient)
  const shown = (kink: Quotient<T>) => quotientDigits(pieces, kink, digits)
  const isolated = piecewiseRoots(pieces, coefficients).roots.map(
    ({ root }): Row => [`${where}, v = 0, kink at ${shown(kinkPosition(pieces, orientation, root))}`, false]
  )
  const endDigits = (k: number) => {
    const { ring, a, b, ends } = pieces
    const position = orientation === 'right' ? ends[k]! : ring.subtract(ring.constant(add(a, b)), ends[k]!)
    return shown(constantQuotient(pieces, position, ring.constant(one)))
  }
  const rows: Row[] = []
  for (let k = 0; k < coefficients.length; k++) {
    if (!isZero(coefficients[k]!)) continue
    const from = k
    while (k + 1 < coefficients.length && isZero(coefficients[k + 1]!)) k++
    const ends = [endDigits(from), endDigits(k + 1)]
    if (orientation === 'left') ends.reverse()
    rows.push([`${where}, v = 0, kink strictly between ${ends[0]} and ${ends[1]}`, true])
    if (from > 0) rows.push([`${where}, v = 0, kink at ${endDigits(from)}`, false])
    if (k + 1 < coefficients.length) rows.push([`${where}, v = 0, kink at ${endDigits(k + 1)}`, false])
  }
  return [...isolated, ...rows]
}
