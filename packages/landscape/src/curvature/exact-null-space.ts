import {
  definiteness,
  fromNumber,
  type Inertia,
  inertiaOf,
  overCommonDenominator,
  quadraticForm,
  type Rational,
  type RationalVector,
  rational
} from '@nadir/arithmetic'
import type { Problem } from '../problem.ts'
import type { ExactCell } from './exact-cell.ts'
import type { ExactCurvature } from './exact-hessian.ts'
import type { LayeredNetwork } from './layered.ts'
import { nullCandidates } from './null-candidates.ts'
import { exactNullDirections } from './null-directions.ts'
import { type Attribution, distinctRows, nameDirections, withRemainder } from './null-space-attribution.ts'
import { exactView } from './point-view.ts'
import { nearestDoubles, verifiedSigns } from './verified-signs.ts'

/** What is proved of the Hessian at a rational point of a piecewise linear network. Exact. */
export interface ExactNullSpace {
  /** Proved from below by null vectors that were multiplied out, `proved` when a complement is proved to be free of null vectors. */
  readonly nullity: number
  readonly proved: boolean
  /** Undefined unless proved. */
  readonly inertia: Inertia | undefined
  /** Undefined unless proved. */
  readonly causes: Attribution | undefined
  /** Integer vectors with H v = 0, independent. */
  readonly nullVectors: readonly (readonly bigint[])[]
  /** A direction u with u^T H u < 0. */
  readonly negativeCurvature: NegativeCurvature | undefined
}

/** A rational direction of negative curvature: u^T H u = value < 0, multiplied out. Exact. */
export interface NegativeCurvature {
  readonly direction: RationalVector
  readonly value: Rational
}

/** Up to this size elimination over the integers decides what verified doubles leave open. */
const eliminationSize = 40

/** Nullity, inertia and causes; `eigen` are approximate eigenvalues (ascending) and eigenvectors (rows). */
export function exactNullSpace(
  problem: Problem,
  network: LayeredNetwork,
  cell: ExactCell,
  curvature: ExactCurvature,
  eigen: { readonly values: Float64Array; readonly vectors: Float64Array }
): ExactNullSpace {
  const { hessian, denominator } = curvature
  const size = hessian.rows
  const directions = exactNullDirections(hessian)
  const candidates = nullCandidates(exactView(network, cell, problem.data.samples), problem.loss)
  const named = nameDirections(candidates, directions)
  const below = directions.dimension()
  const row = (k: number) => eigen.vectors.subarray(k * size, (k + 1) * size)
  const bySize = Array.from(eigen.values.keys()).sort((a, b) => Math.abs(eigen.values[b]!) - Math.abs(eigen.values[a]!))
  const signs = verifiedSigns(nearestDoubles(hessian, denominator), bySize.slice(0, size - below).map(row))
  const settled = signs.positive + signs.negative + below === size
  const inertia = settled ? { ...signs, zero: below } : size <= eliminationSize ? inertiaOf(hessian) : undefined
  const nullity = inertia?.zero ?? below
  return {
    nullity,
    proved: inertia !== undefined,
    inertia,
    causes:
      inertia &&
      withRemainder(named, {
        nullity,
        parameters: size,
        distinctOutputs:
          distinctRows(problem.data.inputs.numerators, problem.data.inputCount) * problem.data.targetCount,
        zeroMisfit: zeroMisfit(problem, cell)
      }),
    nullVectors: directions.vectors(),
    negativeCurvature: inertia?.negative === 0 ? undefined : negativeCurvature(curvature, row(0))
  }
}

function zeroMisfit(problem: Problem, cell: ExactCell): boolean {
  const { targets } = problem.data
  const { outputs } = cell
  return (
    problem.loss === 'squared' &&
    problem.weightDecay.numerator === 0n &&
    outputs.numerators.every((f, k) => f * targets.denominator === targets.numerators[k]! * outputs.denominator)
  )
}

/** A rational direction near the given one along which the curvature is negative; by elimination where rounding leaves none. Exact. */
function negativeCurvature(curvature: ExactCurvature, near: Float64Array): NegativeCurvature | undefined {
  const { hessian, denominator } = curvature
  const size = near.reduce((a, x) => Math.max(a, Math.abs(x)), 0)
  for (const bits of [8, 20, 40]) {
    const rounded = Array.from(near, (x) => Math.round((x / size) * 2 ** bits) / 2 ** bits)
    const direction = overCommonDenominator(rounded.map(fromNumber))
    const value = quadraticForm(hessian, direction.numerators)
    if (value < 0n) return { direction, value: rational(value, denominator * direction.denominator ** 2n) }
  }
  if (hessian.rows > eliminationSize) return undefined
  const answer = definiteness(hessian)
  if (answer.kind !== 'not-positive-semidefinite') return undefined
  const value = rational(quadraticForm(hessian, answer.direction), denominator)
  return { direction: { denominator: 1n, numerators: answer.direction }, value }
}
