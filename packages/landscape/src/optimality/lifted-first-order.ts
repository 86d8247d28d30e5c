import { integerMatrix, type RationalVector, rankOf, solveLinear } from '@nadir/arithmetic'
import type { Configuration } from '../cells/configuration.ts'
import type { UnitForm } from '../cells/kink-classes.ts'
import type { Decision } from './decision.ts'
import { differentiableDescent } from './differentiable-curvature.ts'
import { saddle } from './saddle.ts'
import { scalarForm } from './scalar-form.ts'
import { type FirstOrderEvidence, type RawRow, slopeEvidence } from './slope-evidence.ts'

/**
 * Several outputs, at a point that is stationary and passes condition (d): lifted slopes (condition (e) of rule first-order), which are
 * sufficient; else a direction of negative curvature where the loss is differentiable; else undecided. Exact.
 */
export function decideLifted(
  configuration: Configuration,
  forms: readonly UnitForm[],
  stationarity: FirstOrderEvidence
): Decision {
  const units: RawRow[][] = []
  for (const [j, form] of forms.entries()) {
    if (stationarity.units[j]!.length === 0) {
      units.push([])
      continue
    }
    const row = liftedRow(configuration, j, form)
    if (row) {
      units.push([row])
      continue
    }
    const descent = differentiableDescent(configuration)
    if (descent) return saddle(configuration, stationarity, descent, 'the Hessian has a negative direction')
    return {
      kind: 'undecided',
      reason: `stationary, but the first-order test for several outputs is silent at unit ${j}`,
      tryNext: 'the second-order test for several outputs is not there yet; perturb the point and train on'
    }
  }
  return {
    kind: 'local-minimum',
    evidence: slopeEvidence(configuration, units),
    reason: 'every output by itself is stationary in every unit'
  }
}

/** The unique lifted slopes of a unit with independent kink classes, if they satisfy condition (e). */
function liftedRow(configuration: Configuration, j: number, form: UnitForm): RawRow | undefined {
  const { classes, constant } = form
  const width = configuration.view.width
  const columns = integerMatrix(
    width,
    classes.length,
    Array.from({ length: width }, (_, k) => classes.map((c) => c.vector[k]!)).flat()
  )
  if (rankOf(columns) < classes.length) return undefined
  const solutions: RationalVector[] = []
  for (const c of constant) {
    const solution = solveLinear(
      columns,
      c.map((a) => -a)
    )
    if (solution.kind === 'inconsistent') return undefined
    solutions.push(solution)
  }
  const divisor = solutions.reduce((product, s) => product * s.denominator, 1n)
  const numerators = classes.map((_, k) => solutions.map((s) => s.numerators[k]! * (divisor / s.denominator)))
  const scalar = scalarForm(configuration, j, form)
  const weights = configuration.outer[j]!.map((v) => v.numerator * (scalar.multiple / v.denominator))
  const passes = classes.every((c, k) => endPointsAgree(numerators[k]!, divisor, weights, c, scalar.terms[k]!))
  return passes ? { classes, numerators, divisor } : undefined
}

/** Condition (e) for one class: the combined slope in [left, right], and at an end point every output at its own end point. */
function endPointsAgree(
  slopes: readonly bigint[],
  divisor: bigint,
  weights: readonly bigint[],
  own: { readonly left: readonly bigint[]; readonly right: readonly bigint[] },
  combined: { readonly left: bigint; readonly right: bigint }
): boolean {
  const slope = slopes.reduce((sum, s, o) => sum + weights[o]! * s, 0n)
  if (slope < combined.left * divisor || slope > combined.right * divisor) return false
  const allAt = (ends: readonly bigint[]) => slopes.every((s, o) => s === ends[o]! * divisor)
  if (slope === combined.right * divisor && !allAt(own.right)) return false
  return slope !== combined.left * divisor || allAt(own.left)
}
