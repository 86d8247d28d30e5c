import type { Configuration } from '../cells/configuration.ts'
import { settle } from '../descent/settle.ts'
import { toExact } from '../point.ts'
import type { Problem } from '../problem.ts'
import { initialise } from '../training/initialise.ts'
import { lbfgs } from '../training/lbfgs.ts'
import { objective } from '../training/objective.ts'
import { asOneHiddenLayer } from '../traits.ts'

const starts = 8

/** An exact local minimum of a network with one hidden layer and one output, squared loss, from random starts; undefined when none was reached. */
export function settledMinimum(problem: Problem, random: () => number): Configuration | undefined {
  const view = asOneHiddenLayer(problem)
  if ('kind' in view) throw new RangeError(`settledMinimum: ${view.reason}`)
  const risk = objective(problem)
  for (let k = 0; k < starts; k++) {
    const values = initialise(problem.network, random)
    lbfgs(risk, values, { iterations: 100 })
    if (values.some((a) => !Number.isFinite(a))) continue
    const start = { kind: 'float' as const, values }
    const { configuration, decision } = settle(view, start, toExact(problem.network, start), { random })
    if (decision.kind === 'local-minimum' || decision.kind === 'global-minimum') return configuration
  }
  return undefined
}
