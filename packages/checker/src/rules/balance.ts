import { dot } from '../integers.ts'
import { reject } from '../outcome.ts'
import { oneHiddenLayer } from '../problem.ts'
import type { RowEntry, Slopes } from '../proof.ts'
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

const requireBalancedResiduals = (rows: readonly (readonly bigint[])[]): void => {
  for (let output = 0; output < rows[0].length; output += 1) {
    const sum = rows.reduce((total, row) => total + row[output], 0n)
    if (sum !== 0n) reject('(a)', `the residuals of output ${output} do not add up to zero`)
  }
}

/**
 * The units of a network with one hidden layer, conditions (a) and (b) having been checked. Rejects where they fail,
 * where the network has another form, and where the evidence does not fit it.
 */
export const requireBalance = (context: Context, evidence: Slopes): readonly Unit[] => {
  const { problem, samples, evaluation, budget } = context
  const layers = oneHiddenLayer(problem.network)
  if (layers === undefined || evaluation.hidden === undefined) {
    return reject('network', 'the rule is for networks with one hidden layer')
  }
  const { weights, signs, outer } = evaluation.hidden
  const units = weights.rows.length
  if (evidence.units.length !== units) {
    reject('evidence', `slopes for ${evidence.units.length} units where the network has ${units}`)
  }
  const subgradients = chooseSubgradients(
    problem,
    subdifferentialOf(problem, samples, evaluation),
    evidence.subgradients
  )
  if (layers.output.bias) requireBalancedResiduals(subgradients.rows)
  const moments = momentsOf(evaluation.hidden, subgradients, budget)
  return weights.rows.map((weight, index) => {
    const name = `unit ${index}`
    const slopes = unitSlopes(moments, signs[index], budget)
    // Phi_j = sum_i r_i h(z_ij) = sum_i r_i s_ij (w_j . x~_i) = w_j . C_j, since samples on the kink add nothing.
    for (const [o, constant] of slopes.constant.entries()) {
      if (dot(weight, constant) !== 0n) reject(`(b) ${name}`, `Phi of output ${o} is not zero`)
    }
    return {
      name,
      outer: Array.from({ length: problem.network.outputs }, (_, o) => outer.numerators[o * units + index]),
      outerDenominator: outer.denominator,
      slopes,
      denominator: moments.denominator,
      rows: evidence.units[index]
    }
  })
}
