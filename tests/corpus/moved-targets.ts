import { decayedLoss, type NearbyJson } from './descend.ts'
import type { Value } from './digests.ts'
import { type Fraction, fraction } from './fraction.ts'
import { type ProblemJson, parametersOf } from './naive.ts'

/*
 * Claims about moved targets, tried in doubles by differences: the loss, and whether targets that move so little can balance every derivative.
 */

export type MovedJson = Omit<NearbyJson, 'radius'> & { readonly change: string }

const number = ({ n, d }: Fraction): number => Number(n) / Number(d)
const step = 2 ** -18
const slack = 1e-5
const rounding = 1e-9

/** Why the claim is false, or undefined when nothing was found. */
export const falsifyMoved = (problemValue: Value, claim: MovedJson): string | undefined => {
  const problem = problemValue as ProblemJson
  const tensors = parametersOf(claim.point).map((tensor) => tensor.map(number))
  const count = tensors.flat().length
  /** The loss after a step along one parameter, with the targets of one sample moved. */
  const lossAt = (parameter: number, by: number, sample = -1, up = 0): number => {
    let next = -1
    const at = tensors.map((tensor) =>
      tensor.map((entry) => {
        next += 1
        return entry + (next === parameter ? by : 0)
      })
    )
    if (sample < 0) return decayedLoss(problemValue, at)
    const targets = problem.data.targets.map((row, i) => (i === sample ? row.map(() => String(up)) : row))
    return decayedLoss({ ...problem, data: { ...problem.data, targets } } as unknown as Value, at)
  }
  const loss = lossAt(-1, 0)
  if (loss > number(fraction(claim.loss)) + rounding || loss < number(fraction(claim.lower)) - rounding)
    return `the loss is about ${loss}`
  const change = number(fraction(claim.change))
  if (change < 0) return 'a negative distance'
  const slope = (k: number, sample = -1, up = 0) =>
    (lossAt(k, step, sample, up) - lossAt(k, -step, sample, up)) / (2 * step)
  if (problem.data.targets[0].length > 1) return undefined
  for (let k = 0; k < count; k += 1) {
    // The derivative falls by the change of a target times what the output gains by the parameter.
    const reach = problem.data.targets.reduce((sum, _, i) => sum + Math.abs(slope(k, i, 1) - slope(k, i, 0)), 0)
    if (Math.abs(slope(k)) > change * reach + slack) return `the derivative by parameter ${k} is out of reach`
  }
  return undefined
}
