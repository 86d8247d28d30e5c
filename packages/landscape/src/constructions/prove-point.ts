import { compare } from '@nadir/arithmetic'
import { locate } from '../cells/configuration.ts'
import { evaluateExactly } from '../cells/exact-evaluation.ts'
import { certificateOf, type ValuedPoint } from '../certification/certificate.ts'
import { deepCertificate } from '../certification/deep-certificate.ts'
import { decide } from '../optimality/decide.ts'
import { decideDeep } from '../optimality/deep-decision.ts'
import type { ExactPoint } from '../point.ts'
import type { Problem } from '../problem.ts'
import { asOneHiddenLayer } from '../traits.ts'
import type { ConstructedPoint } from './theorem.ts'

/**
 * What exact arithmetic proves about a constructed point, and its certificate: `spurious` when it is a local minimum and the given point is strictly
 * better. Nothing is taken from the theorem that built it. Exact.
 */
export function provePoint(
  name: string,
  problem: Problem,
  point: ExactPoint,
  better?: ValuedPoint | undefined
): ConstructedPoint {
  const view = asOneHiddenLayer(problem)
  const { decision, loss, certificate } =
    'kind' in view ? proveDeep(problem, point, better) : proveShallow(locate(view, point), better)
  const isSpurious = decision.kind === 'local-minimum' && better !== undefined && compare(better.loss, loss) < 0
  return {
    name,
    problem,
    point,
    loss,
    claim: isSpurious ? 'spurious' : decision.kind,
    certificate,
    reason: decision.reason
  }
}

function proveShallow(configuration: ReturnType<typeof locate>, better: ValuedPoint | undefined) {
  const decision = decide(configuration)
  return { decision, loss: configuration.loss, certificate: certificateOf(configuration, decision, better) }
}

function proveDeep(problem: Problem, point: ExactPoint, better: ValuedPoint | undefined) {
  const evaluation = evaluateExactly(problem, point)
  const decision = decideDeep(evaluation)
  return { decision, loss: evaluation.loss, certificate: deepCertificate(evaluation, decision, better) }
}

/** A point with its exact loss. */
export const valued = (problem: Problem, point: ExactPoint): ValuedPoint => ({
  point,
  loss: evaluateExactly(problem, point).loss
})
