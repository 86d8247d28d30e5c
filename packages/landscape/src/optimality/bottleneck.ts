import {
  nullSpace,
  overCommonDenominator,
  type Rational,
  type RationalVector,
  rational,
  subtract
} from '@nadir/arithmetic'
import type { ExactEvaluation } from '../cells/exact-evaluation.ts'
import { parametersByLayer } from '../network/evaluate-exact.ts'
import { bestLinearMap } from './best-linear-map.ts'
import type { Curve } from './curve.ts'
import { type Rows, rowsOf, toIntegers, transposeRows } from './integer-rows.ts'
import { linearCurve, scaledMove } from './linear-curve.ts'
import {
  appliedTo,
  outerOf,
  type RationalRows,
  solutionOf,
  timesRational,
  transposedRational
} from './rational-rows.ts'
import { separate } from './separating-number.ts'

/** Evidence of the rule rank-bound. */
export interface RankBoundEvidence {
  readonly map: RationalVector
  readonly shift: Rational
  readonly excess: RationalVector
}

/** What a critical point of a linear network with a bottleneck is. */
export type BottleneckAnswer =
  | { readonly kind: 'global-minimum'; readonly evidence: RankBoundEvidence }
  | { readonly kind: 'saddle'; readonly descent: Curve; readonly ascent: Curve }

/**
 * A critical point of dense layers, squared loss, whose product has the rank of the narrowest layer: its column space is one that the moments S of the best linear map leave invariant, and it is global when no
 * eigenvalue of S there is below one of those outside; a rational number separates them. Else it is a saddle: turning a direction of the column space to one outside lowers the loss at second order. Exact.
 * Reference: Baldi and Hornik 1989; Yun, Sra, Jadbabaie (arXiv 1707.02444), Theorem 2.2.
 */
export function decideBottleneck(evaluation: ExactEvaluation): BottleneckAnswer {
  const { problem, point } = evaluation
  const best = bestLinearMap(problem)
  const moments = overCommonDenominator(best.moments.flat())
  const S = rowsOf(moments.numerators, best.moments.length)
  const weights = parametersByLayer(problem.network, point).map(([weight], l): RationalRows => {
    const layer = problem.network.layers[l]!
    const rows = layer.kind === 'dense' ? layer.outputs : 0
    return rowsOf(weight!.numerators, rows).map((row) => row.map((x) => rational(x, weight!.denominator)))
  })
  const columns = spanOf(between(weights, 0, weights.length))
  const outside = transposeRows(nullSpace(toIntegers(transposeRows(columns))).basis)
  const answer = separate(S, columns, outside)
  if (answer.kind === 'separated') {
    const shift = rational(answer.mu, answer.scale * moments.denominator)
    const map = overCommonDenominator(best.map.flat())
    return { kind: 'global-minimum', evidence: { map, shift, excess: excessOn(columns, best.moments, shift) } }
  }
  const moves = turn(weights, answer.low.map(whole), answer.high.map(whole), best.map)
  return {
    kind: 'saddle',
    descent: linearCurve(evaluation, moves),
    ascent: linearCurve(evaluation, [moves[0], scaledMove(moves[1], whole(-1n))])
  }
}

const whole = (x: bigint): Rational => rational(x)

/** W_(to - 1) ... W_from; the identity when there is nothing between. */
const between = (weights: readonly RationalRows[], from: number, to: number): RationalRows => {
  const [first, ...rest] = weights.slice(from, to)
  if (first) return rest.reduce((all, w) => timesRational(w, all), first)
  const size = from < weights.length ? weights[from]![0]!.length : weights.at(-1)!.length
  return Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => whole(i === j ? 1n : 0n)))
}

/** A basis of the column space, as columns. */
function spanOf(matrix: RationalRows): Rows {
  const rows = rowsOf(overCommonDenominator(matrix.flat()).numerators, matrix.length)
  const { pivotColumns } = nullSpace(toIntegers(rows))
  return rows.map((row) => pivotColumns.map((k) => row[k]!))
}

/** The part of S - mu that belongs to an invariant space: its projection from both sides. */
function excessOn(columns: Rows, moments: RationalRows, shift: Rational): RationalVector {
  const U = columns.map((row) => row.map(whole))
  const across = transposedRational(U)
  const gram = timesRational(across, U)
  // Columns of the projection U (U^T U)^-1 U^T.
  const projection = timesRational(U, transposedRational(transposedRational(across).map((v) => solutionOf(gram, v)!)))
  const less = moments.map((row, a) => row.map((x, b) => (a === b ? subtract(x, shift) : x)))
  return overCommonDenominator(timesRational(projection, timesRational(less, projection)).flat())
}

/**
 * Moves of the last and the first layer that turn x, in the column space, to y, orthogonal to it. With B above and A below a narrowest layer, x = B a: B + t y (B^T x)^T and A + t a q^T, q the best map's answer for y. The loss
 * changes by t^2 |x|^2 |y|^2 (x.S x / |x|^2 - y.S y / |y|^2) / 2 and higher powers.
 */
function turn(weights: readonly RationalRows[], x: readonly Rational[], y: readonly Rational[], map: RationalRows) {
  const last = weights.length - 1
  const rank = Math.min(...weights.map((w) => w.length))
  const narrow = weights.findIndex((w) => w.length === rank)
  const above = between(weights, narrow + 1, weights.length)
  const a = solutionOf(above, x)!
  const reader = solutionOf(
    transposedRational(between(weights, narrow + 1, last)),
    appliedTo(transposedRational(above), x)
  )!
  const giver = solutionOf(between(weights, 1, narrow + 1), a)!
  const q = appliedTo(transposedRational(map), y).slice(0, weights[0]![0]!.length)
  return [
    { layer: last, power: 1, change: outerOf(y, reader) },
    { layer: 0, power: 1, change: outerOf(giver, q) }
  ] as const
}
