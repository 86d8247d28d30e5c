import { sign, subtract, toNumber } from '@nadir/arithmetic'
import { type ExactEvaluation, evaluateExactly } from './cells/exact-evaluation.ts'
import { deepCertificate } from './certification/deep-certificate.ts'
import type { CertifyOptions } from './certify.ts'
import { settleDeep } from './descent/settle-deep.ts'
import { isRationalLoss } from './loss/loss.ts'
import { isExactlyEvaluable } from './network/evaluate-exact.ts'
import { exactProducts } from './network/work.ts'
import { type DeepDecision, decideDeep } from './optimality/deep-decision.ts'
import { type ExactPoint, largestChange, type Point, toExact } from './point.ts'
import type { Problem } from './problem.ts'
import type { SettledVerdict, Verdict } from './verdict.ts'

/** Multiplications of long integers for one exact evaluation: above this a verdict would take many minutes. */
const mostExactProducts = 3e7

/**
 * What kind of point are these parameters of a network of any depth? Decided exactly as they are; then an exact global minimum nearby where one dense layer can be changed to
 * reach it. Undefined for problems whose values are not rational or that are too large. The rest of `certify` for networks that have not one hidden layer.
 */
export function certifyDeep(problem: Problem, point: Point, options: CertifyOptions): Verdict | undefined {
  if (!isExactlyEvaluable(problem.network) || !isRationalLoss(problem.loss) || sign(problem.weightDecay) !== 0)
    return undefined
  if (problem.loss !== 'squared' && problem.data.targetCount > 1) return undefined
  if (exactProducts(problem) > mostExactProducts) return undefined
  const now = options.now ?? (() => 0)
  const begun = now()
  const limit = options.timeLimit ?? Number.POSITIVE_INFINITY
  const interrupted = () => (options.interrupted?.() ?? false) || now() - begun > limit
  options.onProgress?.('given', `${problem.data.samples} samples, exact arithmetic`)
  const original = toExact(problem.network, point)
  const given = evaluateExactly(problem, original)
  const decision = decideDeep(given)
  const isMinimum = decision.kind === 'global-minimum' || decision.kind === 'local-minimum'
  if (!isMinimum) options.onProgress?.('settling', `from loss ${toNumber(given.loss).toPrecision(8)}`)
  const settled = isMinimum ? { evaluation: given, decision } : settleDeep(problem, original, interrupted)
  const certificate = deepCertificate(given, decision)
  return {
    given: {
      claim: decision.kind,
      loss: given.loss,
      approximateLoss: toNumber(given.loss),
      reason: decision.reason,
      tryNext: decision.kind === 'undecided' ? decision.tryNext : ''
    },
    settled: settled && describeSettled(given, settled, original),
    notSettled: settled ? undefined : notSettled(problem),
    standing: {
      claim: settled?.decision.kind === 'global-minimum' ? 'global-minimum' : 'open',
      witness: undefined,
      lowerBound: undefined
    },
    diagnosis: undefined,
    certificate: settled ? deepCertificate(settled.evaluation, settled.decision) : certificate,
    givenCertificate: settled && settled.evaluation !== given ? certificate : undefined,
    milliseconds: { descent: 0, exact: now() - begun, search: 0 }
  }
}

function describeSettled(
  given: ExactEvaluation,
  { evaluation, decision }: { evaluation: ExactEvaluation; decision: DeepDecision },
  original: ExactPoint
): SettledVerdict {
  let kinks = 0
  for (const [l, layer] of evaluation.problem.network.layers.entries())
    if (layer.kind === 'activation')
      for (const row of evaluation.values[l]!.rows) for (const z of row) if (z === 0n) kinks++
  return {
    claim: decision.kind,
    loss: evaluation.loss,
    reason: decision.reason,
    point: evaluation.point,
    distance: largestChange(original, evaluation.point),
    drop: subtract(given.loss, evaluation.loss),
    cell: kinks === 0 ? 'interior' : 'boundary',
    kinks,
    hops: 0,
    unknowns: 0,
    fixed: 0
  }
}

function notSettled({ network, loss }: Problem): { reason: string; tryNext: string } {
  if (network.layers.every(({ kind }) => kind === 'dense'))
    return {
      reason:
        loss === 'squared'
          ? 'no single layer can be changed so that the network becomes the best affine map'
          : `the way to the best affine map is there for the squared loss, not for the ${loss} loss`,
      tryNext: 'train on from another start, or use the squared loss'
    }
  const other = network.layers.find(({ kind }) => kind !== 'dense' && kind !== 'activation')
  return {
    reason: other
      ? `the network has a ${other.kind} layer: the way to an exact minimum is there for dense layers`
      : 'the network does not fit the data: with more than one hidden layer the way to an exact minimum is there for zero loss only',
    tryNext:
      'what is proved of the trained point stands; train on until the data are fitted, or train one hidden layer for a complete verdict'
  }
}
