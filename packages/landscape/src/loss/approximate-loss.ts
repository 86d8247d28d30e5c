import { toNumber } from '@nadir/arithmetic'
import { parameterShapes, tensorSize } from '../network/network.ts'
import type { Problem } from '../problem.ts'

/** The loss in doubles: the data term from the outputs of the network, and the weight decay of the parameters. Approximate. Logistic labels are 0 and 1, cross-entropy targets one-hot. */
export function approximateLoss(
  problem: Problem,
  parameters: Float64Array,
  outputs: (input: Float64Array) => Float64Array
): number {
  const { data, loss } = problem
  const { samples: n, inputCount: d, targetCount: m } = data
  let total = 0
  for (let i = 0; i < n; i++) {
    const f = outputs(data.approximateInputs.slice(i * d, (i + 1) * d))
    const y = data.approximateTargets.subarray(i * m, (i + 1) * m)
    if (loss === 'cross-entropy') {
      const top = Math.max(...f)
      const log = top + Math.log(f.reduce((sum, a) => sum + Math.exp(a - top), 0))
      for (let o = 0; o < m; o++) total -= y[o]! * (f[o]! - log)
      continue
    }
    for (let o = 0; o < m; o++) {
      const e = f[o]! - y[o]!
      if (loss === 'squared') total += (e * e) / 2
      else if (loss === 'absolute') total += Math.abs(e)
      else if (loss === 'hinge') total += Math.max(0, 1 - y[o]! * f[o]!)
      else if (loss === 'logistic') total += Math.max(f[o]!, 0) + Math.log1p(Math.exp(-Math.abs(f[o]!))) - y[o]! * f[o]!
      else total += Math.abs(e) <= 1 ? (e * e) / 2 : Math.abs(e) - 1 / 2
    }
  }
  return (problem.reduction === 'mean' ? total / n : total) + weightDecayTerm(problem, parameters)
}

/** weightDecay/2 times the sum of squares of the parameters that decay. Approximate. */
export function weightDecayTerm(problem: Problem, parameters: Float64Array): number {
  const decaying = decayMask(problem)
  let squares = 0
  for (let k = 0; k < parameters.length; k++) if (decaying[k]) squares += parameters[k]! ** 2
  return (toNumber(problem.weightDecay) / 2) * squares
}

/** 1 for each parameter that decays. */
export function decayMask(problem: Problem): Uint8Array {
  const parts = parameterShapes(problem.network).flatMap((t) =>
    new Array<number>(tensorSize(t)).fill(t.role === 'weight' || problem.decayBiases ? 1 : 0)
  )
  return Uint8Array.from(parts)
}
