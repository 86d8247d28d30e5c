import { type RationalVector, vectorToNumbers } from '@nadir/arithmetic'
import type { ExactEvaluation } from '../cells/exact-evaluation.ts'
import { parameterName, parameterPlaces } from '../curvature/parameter-name.ts'
import type { Problem } from '../problem.ts'
import type { RankBoundEvidence } from './bottleneck.ts'
import { chooseSubgradients } from './choose-subgradients.ts'
import type { Curve } from './curve.ts'
import { decideDeepLinear } from './deep-linear.ts'
import type { Direction } from './direction.ts'
import { againstSigns, exactGradient, isZero } from './exact-gradient.ts'
import { type LastLayerEvidence, lastLayer } from './last-layer.ts'
import { type PathSpanEvidence, pathSpan, subgradientsOf } from './path-span.ts'

/** What kind of point of a network of any depth it is, decided by exact arithmetic, with the evidence that proves it. */
export type DeepDecision =
  | {
      readonly kind: 'global-minimum'
      readonly rule: 'zero-loss' | 'same-input-bound' | 'affine-fit'
      /** For affine-fit, the chosen subgradients where the loss has ties. */
      readonly subgradients: RationalVector | undefined
      readonly reason: string
    }
  | {
      readonly kind: 'global-minimum'
      readonly rule: 'rank-bound'
      readonly evidence: RankBoundEvidence
      readonly reason: string
    }
  | {
      readonly kind: 'local-minimum'
      readonly rule: 'path-span'
      readonly evidence: PathSpanEvidence
      readonly reason: string
    }
  | {
      readonly kind: 'local-minimum'
      readonly rule: 'last-layer'
      readonly evidence: LastLayerEvidence
      readonly reason: string
    }
  | { readonly kind: 'saddle'; readonly descent: Curve; readonly ascent: Curve; readonly reason: string }
  | { readonly kind: 'not-stationary'; readonly direction: Direction; readonly reason: string }
  | { readonly kind: 'undecided'; readonly reason: string; readonly tryNext: string }

/**
 * The kind of a point of a network of dense layers and two-slope activations, any depth, any number of outputs. Proves global minima by zero loss, equal inputs
 * or, without activations, the best affine map or the best one of the rank of a bottleneck; local minima by path spans or by the first-order test of the last hidden layer; non-stationarity where the loss is differentiable;
 * saddles of deep linear networks. Everything else is undecided. Exact.
 */
export function decideDeep(evaluation: ExactEvaluation): DeepDecision {
  const { problem, loss, ties } = evaluation
  if (loss.numerator === 0n) return globalMinimum('zero-loss', 'every sample is fitted exactly')
  if (ties.length === 0 && reachesSameInputBound(evaluation))
    return globalMinimum(
      'same-input-bound',
      'equal inputs with different targets bound the loss from below, and the bound is reached'
    )
  const gradient = exactGradient(evaluation)
  if (gradient && !isZero(gradient)) return notStationary(problem, gradient)
  const chosen = chooseSubgradients(evaluation)
  if (problem.network.layers.every(({ kind }) => kind === 'dense')) {
    if ('reason' in chosen) return undecided(chosen.reason)
    const answer = decideDeepLinear(chosen)
    if (answer.kind === 'saddle') return answer
    if (answer.kind === 'undecided') return undecided(answer.reason)
    const { kind, evidence, reason } = answer
    return evidence
      ? { kind, rule: 'rank-bound', evidence, reason }
      : globalMinimum('affine-fit', reason, subgradientsOf(chosen))
  }
  const answer = 'reason' in chosen ? chosen : pathSpan(chosen)
  if (answer.kind === 'proved')
    return {
      kind: 'local-minimum',
      rule: 'path-span',
      evidence: answer.evidence,
      reason: 'the residuals are orthogonal to all that the network can become nearby'
    }
  const onLast = lastLayer(evaluation)
  if (onLast.kind === 'failed') return undecided(answer.reason)
  return {
    kind: 'local-minimum',
    rule: 'last-layer',
    evidence: onLast.evidence,
    reason: 'the last hidden layer passes its one-sided tests, whatever the layers below become nearby'
  }
}

const globalMinimum = (
  rule: 'zero-loss' | 'same-input-bound' | 'affine-fit',
  reason: string,
  subgradients?: RationalVector
): DeepDecision => ({ kind: 'global-minimum', rule, reason, subgradients })

const undecided = (reason: string): DeepDecision => ({
  kind: 'undecided',
  reason,
  tryNext: 'no complete test is known for more than one hidden layer; constructed points can be certified'
})

function notStationary({ network, reduction, data }: Problem, gradient: readonly RationalVector[]): DeepDecision {
  const shares = reduction === 'mean' ? data.samples : 1
  const slopes = gradient.flatMap((tensor) => [...vectorToNumbers(tensor)].map((slope) => slope / shares))
  const steepest = slopes.reduce((best, slope, k) => (Math.abs(slope) > Math.abs(slopes[best]!) ? k : best), 0)
  const place = parameterName(parameterPlaces(network)[steepest]!)
  return {
    kind: 'not-stationary',
    direction: { kind: 'exact', tensors: againstSigns(gradient) },
    reason: `the loss has slope ${slopes[steepest]!.toPrecision(3)} along ${place}`
  }
}

/** Whether the residuals add up to zero over every group of samples with equal inputs: then no function of the inputs does better. */
function reachesSameInputBound({ problem, values, residuals }: ExactEvaluation): boolean {
  const groups = new Map<string, bigint[]>()
  for (const [i, row] of values[0]!.rows.entries()) {
    const key = row.join()
    const sums = groups.get(key)
    if (sums) for (const [o, r] of residuals.rows[i]!.entries()) sums[o]! += r
    else groups.set(key, [...residuals.rows[i]!])
  }
  if (groups.size === problem.data.samples) return false
  return [...groups.values()].every((sums) => sums.every((s) => s === 0n))
}
