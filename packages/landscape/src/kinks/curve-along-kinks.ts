import {
  entry,
  integerMatrix,
  multiply,
  negate,
  overCommonDenominator,
  type Rational,
  rational,
  solveLinear,
  subtract,
  zero
} from '@nadir/arithmetic'
import type { ExactEvaluation } from '../cells/exact-evaluation.ts'
import { kinkArgumentsAlong, shortIntegers } from './exact-arguments.ts'
import type { Kink } from './kink-network.ts'

/**
 * A curve theta + t eta + t^2 zeta near a direction along which the arguments of these kinks stay 0 to second order: what the loss gains by curvature, kinks take away to third order only. Undefined where the kinks
 * depend on each other. Exact.
 */
export function curveAlongKinks(
  evaluation: ExactEvaluation,
  kinks: readonly Kink[],
  direction: Float64Array
): { readonly eta: readonly Rational[]; readonly zeta: readonly Rational[] } | undefined {
  const start = shortIntegers(direction)
  if (kinks.length === 0) return { eta: start, zeta: start.map(() => zero) }
  const columns = start.map((_, k) =>
    kinkArgumentsAlong(
      evaluation,
      kinks,
      start.map((__, j) => rational(j === k ? 1n : 0n))
    )
  )
  const normals = kinks.map((_, a) => overCommonDenominator(columns.map((column) => column[a]!.first)))
  const matrix = integerMatrix(
    kinks.length,
    start.length,
    normals.flatMap(({ numerators }) => numerators)
  )
  /** x with n_a x = values[a] for every kink. */
  const solved = (values: readonly Rational[]): readonly Rational[] | undefined => {
    const scaled = values.map((value, a) => multiply(value, rational(normals[a]!.denominator)))
    const { denominator, numerators } = overCommonDenominator(scaled)
    const answer = solveLinear(matrix, numerators)
    if (answer.kind !== 'solved') return undefined
    return start.map((_, k) => multiply(entry(answer, k), rational(1n, denominator)))
  }
  const off = solved(kinkArgumentsAlong(evaluation, kinks, start).map(({ first }) => first))
  if (!off) return undefined
  const eta = start.map((x, k) => subtract(x, off[k]!))
  const zeta = solved(kinkArgumentsAlong(evaluation, kinks, eta).map(({ second }) => negate(second)))
  return zeta && { eta, zeta }
}
