import { compare, type Rational } from '@nadir/arithmetic'
import type { ValuedPoint } from '../certification/certificate.ts'
import { toExact } from '../point.ts'
import type { Problem } from '../problem.ts'
import { initialise } from '../training/initialise.ts'
import { lbfgs } from '../training/lbfgs.ts'
import { objective } from '../training/objective.ts'
import { valued } from './prove-point.ts'

/**
 * A point whose exact loss is below the given one, found by training from random starts; undefined when none of them leads below. The search is
 * approximate, the comparison exact.
 */
export function trainedBelow(
  problem: Problem,
  loss: Rational,
  random: () => number,
  starts = 4
): ValuedPoint | undefined {
  const risk = objective(problem)
  for (let k = 0; k < starts; k++) {
    const theta = initialise(problem.network, random)
    lbfgs(risk, theta, { iterations: 300 })
    if (theta.some((a) => !Number.isFinite(a))) continue
    const found = valued(problem, toExact(problem.network, { kind: 'float', values: theta }))
    if (compare(found.loss, loss) < 0) return found
  }
  return undefined
}
