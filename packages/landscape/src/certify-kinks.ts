import { fromNumber, sign, subtract, toNumber } from '@nadir/arithmetic'
import { lossExactly } from './cells/exact-evaluation.ts'
import { deepCertificate } from './certification/deep-certificate.ts'
import type { CertifyOptions } from './certify.ts'
import { separatedAt, separatingLoss } from './certify-separated.ts'
import { outputCurvature } from './curvature/output-curvature.ts'
import { settleDeep } from './descent/settle-deep.ts'
import { bestInSpan } from './kinks/best-in-span.ts'
import { asKinkNetwork, type KinkNetwork } from './kinks/kink-network.ts'
import { nearbyCertificate } from './kinks/kinks-certificate.ts'
import { type MinimumOnKinks, minimumOnKinks } from './kinks/minimum-on-kinks.ts'
import type { MinimumNearby, NoProof } from './kinks/prove-on-kinks.ts'
import type { KinkDescent } from './kinks/settle-on-kinks.ts'
import { asSharedNetwork } from './kinks/shared-network.ts'
import { approximateLoss } from './loss/approximate-loss.ts'
import { evaluate } from './network/evaluate.ts'
import { type ExactPoint, largestChange, type Point, toExact, toFloat } from './point.ts'
import type { Problem } from './problem.ts'
import { type SettledVerdict, undecidedPoint, type Verdict } from './verdict.ts'

/** Parameters up to which second derivatives are decomposed in every step: without a time limit, some seconds in all; with one, as long as it says, and as many as the checker takes. */
const mostParameters = 400
export const mostEnclosedParameters = 500

/**
 * What minimum do the parameters of a network of any depth, with several outputs or weight decay, lead to, on kinks or off them? Descent on kinks in doubles, and a statement that a local minimum
 * lies within a given distance, which the independent checker given as `accepts` has to prove. `exact` is what is known of the parameters themselves, `reason` says why nothing is where it is
 * missing. Undefined where the method does not apply; then `exact` stands.
 */
export function certifyOnKinks(
  problem: Problem,
  point: Point,
  exact: Verdict | undefined,
  reason: string,
  options: CertifyOptions
): Verdict | undefined {
  const plain = asKinkNetwork(problem)
  const network = plain.kind === 'obstacle' ? asSharedNetwork(problem) : plain
  if (network.kind === 'obstacle' || network.parameters > mostEnclosedParameters) return undefined
  const theta = toFloat(point).values
  const before = approximateLoss(problem, theta, (input) => evaluate(problem.network, theta, input))
  const given = exact?.given ?? undecidedPoint(before, reason)
  const unsettled = (
    notSettled: NonNullable<Verdict['notSettled']>,
    milliseconds = exact?.milliseconds ?? { descent: 0, exact: 0, search: 0 }
  ): Verdict => ({
    given,
    settled: undefined,
    notSettled,
    standing: exact?.standing ?? { claim: 'open', witness: undefined, lowerBound: undefined },
    diagnosis: exact?.diagnosis,
    certificate: exact?.certificate,
    givenCertificate: exact?.givenCertificate,
    milliseconds
  })
  const hasTime = options.now !== undefined && options.timeLimit !== undefined
  if (!hasTime && network.parameters > mostParameters)
    return unsettled({
      reason: `with ${network.parameters} parameters the descent on kinks takes minutes`,
      tryNext: 'give it a time: --time-limit 900'
    })
  const now = options.now ?? (() => 0)
  const begun = now()
  const limit = options.timeLimit ?? Number.POSITIVE_INFINITY
  let separated = false
  const stop = () => separated || (options.interrupted?.() ?? false) || now() - begun > limit
  const edge = separatingLoss(problem)
  options.onProgress?.('settling', `on kinks, from loss ${before.toPrecision(8)}`)
  const found = minimumOnKinks(network, theta, {
    stop,
    ...(hasTime && { iterations: Number.POSITIVE_INFINITY }),
    onStep: (_, loss, kinks) => {
      separated = loss < edge
      options.onProgress?.('settling', `loss ${loss.toPrecision(8)}, ${kinks} kinks`)
    }
  })
  const descended = now()
  const end = { kind: 'float', values: found.descent.state.theta } as const
  const reached =
    separatedAt(problem, point, end, options) ??
    exactly(network, point, found, stop) ??
    proved(problem, point, before, found, options)
  const milliseconds = {
    descent: (exact?.milliseconds.descent ?? 0) + descended - begun,
    exact: (exact?.milliseconds.exact ?? 0) + now() - descended,
    search: exact?.milliseconds.search ?? 0
  }
  if (!('settled' in reached)) return unsettled(reached, milliseconds)
  return {
    given,
    settled: reached.settled,
    notSettled: undefined,
    standing: {
      claim: reached.settled.claim === 'global-minimum' ? 'global-minimum' : 'open',
      witness: undefined,
      lowerBound: exact?.standing.lowerBound
    },
    diagnosis: exact?.diagnosis,
    certificate: reached.certificate,
    givenCertificate: exact?.certificate,
    milliseconds
  }
}

type Reached = Pick<Verdict, 'certificate'> & { readonly settled: SettledVerdict }

/** The exact point beside the end of the descent: one without loss where it ended with next to none, or one that the path span proves where enclosures prove nothing. */
function exactly(
  network: KinkNetwork,
  point: Point,
  { descent, proof }: MinimumOnKinks,
  stop: () => boolean
): Reached | undefined {
  const { problem } = network
  if (problem.loss !== 'squared' || network.hasDecay) return undefined
  const near = toExact(problem.network, { kind: 'float', values: descent.state.theta })
  const answer =
    (descent.loss <= 1e-16 ? settleDeep(problem, near, stop) : undefined) ??
    (proof.kind === 'no-proof' && !stop() ? bestInSpan(network, descent.state) : undefined)
  if (!answer) return undefined
  const { evaluation, decision } = answer
  return {
    certificate: deepCertificate(evaluation, decision),
    settled: {
      ...reachedAt(problem, point, evaluation.point),
      claim: decision.kind,
      loss: evaluation.loss,
      reason: decision.reason,
      drop: subtract(lossExactly(problem, toExact(problem.network, point)), evaluation.loss),
      cell: 'interior',
      kinks: 0
    }
  }
}

function proved(
  problem: Problem,
  point: Point,
  before: number,
  { descent, proof }: MinimumOnKinks,
  { accepts }: CertifyOptions
): Reached | NonNullable<Verdict['notSettled']> {
  if (proof.kind === 'no-proof')
    return endless(problem, descent) ?? notSettled(sign(problem.weightDecay) !== 0, descent, proof)
  if (!accepts)
    return { reason: 'a statement by enclosures needs a checker', tryNext: 'give one as the option accepts' }
  const certificate = nearbyCertificate(proof)
  if (certificate === undefined || !accepts(certificate))
    return {
      reason: `doubles see a minimum on ${kinksOf(proof)}, but the enclosures around it are too wide for the checker: the smallest margin of a multiplier is ${proof.leastMultiplier.toExponential(1)}, of a pre-activation ${proof.leastArgument.toExponential(1)}`,
      tryNext: 'add a little weight decay (--weight-decay 0.0001), or train from another seed'
    }
  return {
    certificate,
    settled: {
      ...reachedAt(problem, point, proof.point),
      claim: 'local-minimum',
      loss: proof.loss,
      within: { radius: proof.radius, lower: proof.lower },
      reason: problem.network.layers.every(({ kind }) => kind === 'dense')
        ? 'the gradient is 0 and the loss is curved upwards, but for what the layers can share out among themselves'
        : 'all slopes across the kinks are positive and along them the loss is curved upwards',
      drop: fromNumber(before - toNumber(proof.loss)),
      cell: kinkCount(proof) === 0 ? 'interior' : 'boundary',
      kinks: kinkCount(proof)
    }
  }
}

const reachedAt = (problem: Problem, from: Point, point: ExactPoint) => ({
  point,
  distance: largestChange(toExact(problem.network, from), point),
  hops: 0,
  unknowns: 0,
  fixed: 0
})

const kinkCount = ({ kinks, dependent }: MinimumNearby): number => kinks.length + dependent.length

const kinksOf = (proof: MinimumNearby): string => {
  const count = kinkCount(proof)
  return count === 0 ? 'no kink' : count === 1 ? '1 kink' : `${count} kinks`
}

/** Where a label is fitted to so many digits, the loss of its sample goes on to fall as parameters grow. */
const fittedLabel = 1e-6

/** That the descent ended where the loss, as far as doubles see, falls towards a limit that no parameters reach. */
function endless(problem: Problem, { state, outcome }: KinkDescent): NonNullable<Verdict['notSettled']> | undefined {
  if (problem.loss === 'squared' || sign(problem.weightDecay) !== 0 || outcome === 'stopped') return undefined
  const { samples: n, targetCount: m, approximateInputs, approximateTargets } = problem.data
  const outputs = new Float64Array(n * m)
  const width = approximateInputs.length / n
  for (let i = 0; i < n; i++)
    outputs.set(evaluate(problem.network, state.theta, approximateInputs.slice(i * width, (i + 1) * width)), i * m)
  const { slopes } = outputCurvature(problem.loss, outputs, approximateTargets, m, 1)
  let fittedSamples = 0
  for (let i = 0; i < n; i++)
    if (slopes.subarray(i * m, (i + 1) * m).every((slope) => Math.abs(slope) < fittedLabel)) fittedSamples++
  if (fittedSamples === 0) return undefined
  return {
    reason: `the descent on kinks ended with ${fittedSamples} of ${n} labels fitted to six digits: their part of the loss falls as parameters grow, so that no minimum is near as far as doubles see`,
    tryNext: 'add a little weight decay (--weight-decay 0.0001): then there is a minimum to find'
  }
}

/** Why the descent on kinks ended without evidence, by what failed. */
function notSettled(hasDecay: boolean, { outcome, iterations }: KinkDescent, { cause, reason }: NoProof) {
  const more = hasDecay ? 'train with more weight decay' : 'add a little weight decay (--weight-decay 0.0001)'
  if (outcome === 'stopped')
    return { reason: 'the time ended before a minimum was reached', tryNext: 'give it more time with --time-limit' }
  if (cause === 'stopped') return { reason, tryNext: 'give it more time with --time-limit' }
  if (outcome === 'iteration-limit')
    return {
      reason: `the descent on kinks did not converge in ${iterations} steps: a curved valley${hasDecay ? '' : ', or parameters that grow without end'}`,
      tryNext: `${more}, give it more time with --time-limit, or train on and certify again`
    }
  if (outcome === 'zero-loss')
    return {
      reason: 'the loss falls to 0 in doubles, but no exact change that was tried makes it exactly 0',
      tryNext: 'train from another seed'
    }
  return {
    reason: `the descent on kinks ended where ${outcome === 'stalled' ? 'doubles see no step down' : 'the slope is 0 in doubles'}, but no minimum can be proved: ${reason}`,
    tryNext:
      cause === 'empty-layer'
        ? 'use less weight decay'
        : cause === 'singular'
          ? `${more}: it leaves no flat directions`
          : `${more}, or train from another seed`
  }
}
