import { dot } from '../integers.ts'
import { reject } from '../outcome.ts'
import type { Vector } from '../point.ts'
import { oneHiddenLayer } from '../problem.ts'
import type { RowEntry, Slopes } from '../proof.ts'
import type { Scaled } from '../samples.ts'
import { chooseSubgradients, subdifferentialOf } from '../subdifferential.ts'
import { momentsOf, type UnitSlopes, unitSlopes } from '../unit.ts'
import type { Context } from './context.ts'

/** A hidden unit with its part of the evidence. */
export type Unit = {
  readonly name: string
  /** The numerators of v_j, one for each output. */
  readonly outer: readonly bigint[]
  /** The positive denominator of v_j. */
  readonly outerDenominator: bigint
  readonly slopes: UnitSlopes
  /** The positive denominator of all slopes. */
  readonly denominator: bigint
  readonly rows: readonly (readonly RowEntry[])[]
}

/**
 * The chosen subgradients, condition (a) having been checked where there is an output bias. Rejects evidence for another
 * number of units.
 */
export const requireBalancedResiduals = (
  { problem, samples, evaluation }: Context,
  evidence: Slopes,
  units: number,
  outputBias: boolean
): Scaled => {
  if (evidence.units.length !== units) {
    reject('evidence', `slopes for ${evidence.units.length} units where the network has ${units}`)
  }
  const subgradients = chooseSubgradients(
    problem,
    subdifferentialOf(problem, samples, evaluation),
    evidence.subgradients
  )
  for (let output = 0; outputBias && output < subgradients.rows[0].length; output += 1) {
    const sum = subgradients.rows.reduce((total, row) => total + row[output], 0n)
    if (sum !== 0n) reject('(a)', `the residuals of output ${output} do not add up to zero`)
  }
  return subgradients
}

/** The units with these weights, their slopes over this denominator, condition (b) having been checked. */
export const requireBalancedUnits = (
  weights: Scaled['rows'],
  outer: Vector,
  slopesOf: (unit: number) => UnitSlopes,
  denominator: bigint,
  evidence: Slopes
): readonly Unit[] =>
  weights.map((weight, index) => {
    const name = `unit ${index}`
    const slopes = slopesOf(index)
    // Phi_j = sum_i r_i h(z_ij) = sum_i r_i s_ij (w_j . x~_i) = w_j . C_j, since samples on the kink add nothing.
    for (const [o, constant] of slopes.constant.entries()) {
      if (dot(weight, constant) !== 0n) reject(`(b) ${name}`, `Phi of output ${o} is not zero`)
    }
    return {
      name,
      outer: slopes.constant.map((_, o) => outer.numerators[o * weights.length + index]),
      outerDenominator: outer.denominator,
      slopes,
      denominator,
      rows: evidence.units[index]
    }
  })

/**
 * The units of a network with one hidden layer, conditions (a) and (b) having been checked. Rejects where they fail,
 * where the network has another form, and where the evidence does not fit it.
 */
export const requireBalance = (context: Context, evidence: Slopes): readonly Unit[] => {
  const { problem, evaluation, budget } = context
  const layers = oneHiddenLayer(problem.network)
  if (layers === undefined || evaluation.hidden === undefined) {
    return reject('network', 'the rule is for networks with one hidden layer')
  }
  const { weights, signs, outer } = evaluation.hidden
  const subgradients = requireBalancedResiduals(context, evidence, weights.rows.length, layers.output.bias)
  const moments = momentsOf(evaluation.hidden, subgradients, budget)
  const slopesOf = (unit: number): UnitSlopes => unitSlopes(moments, signs[unit], budget)
  return requireBalancedUnits(weights.rows, outer, slopesOf, moments.denominator, evidence)
}
