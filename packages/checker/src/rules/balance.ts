import { denseParameters, integerSlopes, withConstant } from '../evaluate.ts'
import { dot } from '../integers.ts'
import { reject } from '../outcome.ts'
import type { Vector } from '../point.ts'
import { oneHiddenLayer } from '../problem.ts'
import type { RowEntry, Slopes } from '../proof.ts'
import { chooseSubgradients, subdifferentialOf } from '../subdifferential.ts'
import { hiddenLayer, type UnitSlopes, unitSlopes } from '../unit.ts'
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
  const { problem, samples, point, evaluation, budget } = context
  const layers = oneHiddenLayer(problem.network)
  if (layers === undefined) return reject('network', 'the rule is for networks with one hidden layer')
  const { hidden, activation, output } = layers
  if (evidence.units.length !== hidden.outputs) {
    reject('evidence', `slopes for ${evidence.units.length} units where the network has ${hidden.outputs}`)
  }
  const subgradients = chooseSubgradients(
    problem,
    subdifferentialOf(problem, samples, evaluation),
    evidence.subgradients
  )
  if (output.bias) requireBalancedResiduals(subgradients.rows)
  const vectors = hidden.bias ? withConstant(samples.inputs) : samples.inputs
  const layer = hiddenLayer(vectors.rows, subgradients, integerSlopes(activation), budget)
  const weights = denseParameters(hidden, point.slice(0, hidden.bias ? 2 : 1))
  const outer: Vector = point[hidden.bias ? 2 : 1]
  const [preactivations] = evaluation.preactivations
  return weights.rows.map((weight, index) => {
    const name = `unit ${index}`
    const slopes = unitSlopes(
      layer,
      preactivations.rows.map((row) => row[index]),
      budget
    )
    // Phi_j = sum_i r_i h(z_ij) = sum_i r_i s_ij (w_j . x~_i) = w_j . C_j, since samples on the kink add nothing.
    for (const [o, constant] of slopes.constant.entries()) {
      if (dot(weight, constant) !== 0n) reject(`(b) ${name}`, `Phi of output ${o} is not zero`)
    }
    return {
      name,
      outer: Array.from({ length: output.outputs }, (_, o) => outer.numerators[o * hidden.outputs + index]),
      outerDenominator: outer.denominator,
      slopes,
      denominator: layer.denominator,
      rows: evidence.units[index]
    }
  })
}
