import { compare, type Rational, toNumber } from '@nadir/arithmetic'
import type { ValuedPoint } from '../certification/certificate.ts'
import { evaluate } from '../network/evaluate.ts'
import { toExact } from '../point.ts'
import type { Problem } from '../problem.ts'
import { initialise } from '../training/initialise.ts'
import { lbfgs } from '../training/lbfgs.ts'
import { objective } from '../training/objective.ts'
import { valued } from './prove-point.ts'
import { boundedLoss } from './smooth-network.ts'

/**
 * A point whose loss is below the given one, found by training from random starts; undefined when none of them leads below. The search is approximate; the
 * comparison is exact, or leaves room for the enclosures of a checker where the activation is smooth.
 */
export function trainedBelow(
  problem: Problem,
  loss: Rational,
  random: () => number,
  starts = 4
): ValuedPoint | undefined {
  const risk = objective(problem)
  const smooth = problem.network.layers.flatMap((layer) =>
    layer.kind === 'activation' && layer.activation.kind === 'smooth' ? [layer.activation] : []
  )[0]
  for (let k = 0; k < starts; k++) {
    const theta = initialise(problem.network, random)
    const reached = lbfgs(risk, theta, { iterations: 300 })
    if (theta.some((a) => !Number.isFinite(a))) continue
    const point = toExact(problem.network, { kind: 'float', values: theta })
    if (!smooth) {
      const found = valued(problem, point)
      if (compare(found.loss, loss) < 0) return found
    } else if (reached * (1 + 1e-4) < toNumber(loss) && isEnclosable(problem, theta))
      return boundedLoss(problem, smooth, point)
  }
  return undefined
}

/** The greatest argument of a smooth activation that every checker has to take. */
const mostArgument = 4000

/** Whether all arguments of all activations are within the reach of enclosures. */
function isEnclosable({ data, network }: Problem, theta: Float64Array): boolean {
  const { approximateInputs: x, inputCount: d } = data
  const parts = network.layers.flatMap(({ kind }, l) =>
    kind === 'activation' ? [{ ...network, layers: network.layers.slice(0, l) }] : []
  )
  for (let i = 0; i < data.samples; i++)
    for (const part of parts)
      if (!evaluate(part, theta, x.subarray(i * d, (i + 1) * d)).every((t) => Math.abs(t) < mostArgument)) return false
  return true
}
