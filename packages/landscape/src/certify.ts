import { subtract, toNumber } from '@nadir/arithmetic'
import { type Configuration, locate } from './cells/configuration.ts'
import { type Certificate, certificateOf } from './certification/certificate.ts'
import { certifyDeep } from './certify-deep.ts'
import { completed } from './certify-enclosed.ts'
import { certifyOnKinks, mostEnclosedParameters } from './certify-kinks.ts'
import { certifyLinear } from './certify-linear.ts'
import { certifyNearby, hasTooManyCurvatures } from './certify-nearby.ts'
import { certifySaddle } from './certify-saddle.ts'
import { settleBySeparation } from './certify-separated.ts'
import { settle } from './descent/settle.ts'
import { settleDeep } from './descent/settle-deep.ts'
import { withBetterThanNearby } from './improvement/below-nearby.ts'
import { type BetterPoint, findBetter } from './improvement/better-point.ts'
import { diagnoseUnits } from './improvement/free-units.ts'
import { approximateLoss } from './loss/approximate-loss.ts'
import { evaluate } from './network/evaluate.ts'
import { decide } from './optimality/decide.ts'
import type { Decision } from './optimality/decision.ts'
import { sameInputBound } from './optimality/global-bound.ts'
import { type ExactPoint, largestChange, type Point, toExact, toFloat } from './point.ts'
import type { Problem } from './problem.ts'
import { randomStream } from './random.ts'
import { asOneHiddenLayer, type OneHiddenLayer } from './traits.ts'
import { type GivenVerdict, type SettledVerdict, type Standing, undecidedPoint, type Verdict } from './verdict.ts'

export interface CertifyOptions {
  readonly seed?: number
  /** A clock in milliseconds; without one nothing is ever out of time, searches end after some starts, and durations are 0. */
  readonly now?: () => number
  /** Milliseconds for the whole work. */
  readonly timeLimit?: number
  /** Milliseconds for the search of a strictly better point. */
  readonly searchTime?: number
  /** An independent checker: statements by enclosures are made only when it accepts their certificate. */
  readonly accepts?: (certificate: Certificate) => boolean
  readonly onProgress?: (stage: 'given' | 'settling' | 'searching', detail: string) => void
  /** Asked between steps: true ends the work with what is proved so far. */
  readonly interrupted?: () => boolean
}

/**
 * What kind of point are these parameters? First what is proved of them exactly as they are; then cell descent to an exact point nearby and what is proved
 * of it; then whether something strictly better exists in the same architecture. Every claim is decided by exact arithmetic and comes with a certificate;
 * `undecided` says why and what to try.
 */
export function certify(problem: Problem, point: Point, options: CertifyOptions = {}): Verdict {
  const separated = settleBySeparation(problem, point, options)
  const verdict = separated
    ? outOfReach(problem, point, '', '')
    : withBetterThanNearby(problem, decided(problem, point, options), options)
  return completed(problem, point, verdict, separated, options)
}

/** What exact arithmetic, and enclosures of what points lead to, decide. */
function decided(problem: Problem, point: Point, options: CertifyOptions): Verdict {
  const now = options.now ?? (() => 0)
  const begun = now()
  const limit = options.timeLimit ?? Number.POSITIVE_INFINITY
  const interrupted = () => (options.interrupted?.() ?? false) || now() - begun > limit
  const random = randomStream(options.seed ?? 1)
  const view = asOneHiddenLayer(problem)
  if ('kind' in view) {
    const exact = certifyDeep(problem, point, options)
    const saddle = exact ? undefined : certifySaddle(problem, point, view.reason, options)
    if (saddle) return saddle
    if (exact?.settled) return exact
    const linear = certifyLinear(problem, point, exact, view.reason, options)
    if (linear?.settled) return linear
    const onKinks = certifyOnKinks(problem, point, exact, view.reason, options)
    if (linear && !onKinks?.settled) return linear
    return (
      onKinks ??
      exact ??
      certifyNearby(problem, point, view.reason, options) ??
      beyondEnclosures(problem, point) ??
      outOfReach(problem, point, view.reason, view.tryNext)
    )
  }
  const work = view.samples * view.units * view.width
  if (work > mostExactProducts)
    return outOfReach(
      problem,
      point,
      `${view.samples} samples x ${view.units} units x ${view.width} inputs are too many for exact arithmetic in reasonable time`,
      'certify on fewer samples'
    )
  const original = toExact(problem.network, point)
  options.onProgress?.('given', `${problem.data.samples} samples, exact arithmetic`)
  const configuration = locate(view, original)
  const decision = decide(configuration)
  const given = givenVerdict(configuration, decision)

  let settledAt: { configuration: Configuration; decision: Decision; hops: number; unknowns: number; fixed: number }
  let descent = 0
  let exact = now() - begun
  let notSettled: Verdict['notSettled']
  if (decision.kind === 'local-minimum' || decision.kind === 'global-minimum')
    settledAt = { configuration, decision, hops: 0, unknowns: 0, fixed: 0 }
  else if (!canSettle(view)) {
    const fitted = tooLarge(view) ? undefined : settleDeep(problem, original, interrupted)
    const reached = fitted ? locate(view, fitted.evaluation.point) : configuration
    settledAt = {
      configuration: reached,
      decision: fitted ? decide(reached) : decision,
      hops: 0,
      unknowns: 0,
      fixed: 0
    }
    if (!fitted) notSettled = cannotSettle(view)
  } else {
    options.onProgress?.('settling', `from loss ${toNumber(configuration.loss).toPrecision(8)}`)
    const settled = settle(view, toFloat(point), original, {
      random,
      now,
      stop: interrupted,
      onProgress: (loss, hops) => options.onProgress?.('settling', `loss ${loss.toPrecision(8)}, ${hops} side changes`)
    })
    descent = settled.milliseconds.descent
    exact += settled.milliseconds.exact
    settledAt = settled
    if (settled.decision.kind !== 'local-minimum' && settled.decision.kind !== 'global-minimum')
      notSettled = {
        reason: interrupted()
          ? 'the time ended before a minimum was reached'
          : `the descent ended at a point that is ${describe(settled.decision)}`,
        tryNext: 'give it more time, or train on from the best point found and certify that'
      }
  }
  const reached = notSettled === undefined
  const settledVerdict = reached ? describeSettled(configuration, settledAt, original) : undefined

  const searchBegun = now()
  const searchTime = options.searchTime ?? 1000
  let starts = 0
  const lowerBound = sameInputBound(view)
  const excluded = settledAt.decision.kind === 'global-minimum'
  const wasSearched = !excluded && canSettle(view) && reached
  let better: BetterPoint | undefined
  if (wasSearched) {
    options.onProgress?.('searching', 'for a strictly better network')
    better = findBetter(settledAt.configuration, {
      random,
      firstOnly: true,
      onStart: (start) => {
        starts = start
      },
      stop: () => interrupted() || (options.now ? now() - searchBegun > searchTime : starts > startsWithoutClock)
    })
  }
  const standing: Standing = {
    claim: excluded ? 'global-minimum' : better ? 'spurious' : 'open',
    witness: better,
    lowerBound,
    wasSearched
  }
  const main = reached
    ? certificateOf(settledAt.configuration, settledAt.decision, better)
    : certificateOf(configuration, decision)
  const verdict: Verdict = {
    given,
    settled: settledVerdict,
    notSettled,
    standing,
    diagnosis: diagnoseUnits(reached ? settledAt.configuration : configuration),
    certificate: main,
    givenCertificate:
      reached && settledAt.configuration !== configuration ? certificateOf(configuration, decision) : undefined,
    milliseconds: { descent, exact, search: now() - searchBegun }
  }
  if (reached || canSettle(view)) return verdict
  return certifyOnKinks(problem, point, verdict, given.reason, options) ?? verdict
}

/** Starts of the search for something better where no clock ends it. */
const startsWithoutClock = 20

/** Multiplications of long integers for one exact evaluation: above this a verdict would take many minutes. */
const mostExactProducts = 1e8

/** Unknowns of one exact linear system that is still solved in minutes. */
const mostUnknowns = 2000

const tooLarge = (view: OneHiddenLayer): boolean => view.units * view.width > mostUnknowns

const canSettle = (view: OneHiddenLayer): boolean => view.outputs === 1 && !tooLarge(view)

const cannotSettle = (view: OneHiddenLayer) => ({
  reason: tooLarge(view)
    ? `${view.units * view.width} hidden parameters are too many for one exact linear system`
    : `the network has ${view.outputs} outputs and does not fit the data: for several outputs the way to an exact minimum is there for zero loss only`,
  tryNext: tooLarge(view)
    ? 'what is proved of the trained point stands; certify a smaller network for more'
    : 'certify one output at a time, or give an exact point (nadir model file with fractions)'
})

const describe = (decision: Decision): string =>
  decision.kind === 'undecided'
    ? `undecided: ${decision.reason}`
    : `${decision.kind.replaceAll('-', ' ')}: ${decision.reason}`

function givenVerdict(configuration: Configuration, decision: Decision): GivenVerdict {
  return {
    claim: decision.kind,
    loss: configuration.loss,
    approximateLoss: toNumber(configuration.loss),
    reason: decision.reason,
    tryNext: decision.kind === 'undecided' ? decision.tryNext : ''
  }
}

function describeSettled(
  given: Configuration,
  at: { configuration: Configuration; decision: Decision; hops: number; unknowns: number; fixed: number },
  original: ExactPoint
): SettledVerdict {
  const { configuration, decision } = at
  let kinks = 0
  for (const s of configuration.signs) if (s === 0) kinks++
  return {
    claim: decision.kind,
    loss: configuration.loss,
    reason: decision.reason,
    point: configuration.point,
    distance: largestChange(original, configuration.point),
    drop: subtract(given.loss, configuration.loss),
    cell: kinks === 0 ? 'interior' : 'boundary',
    kinks,
    hops: at.hops,
    unknowns: at.unknowns,
    fixed: at.fixed
  }
}

/** Where only its size keeps a network from what enclosures prove. */
function beyondEnclosures(problem: Problem, point: Point): Verdict | undefined {
  const { length } = toFloat(point).values
  const isEnclosed = problem.loss === 'squared' || problem.loss === 'logistic' || problem.loss === 'cross-entropy'
  const isLong = length > mostEnclosedParameters
  if (!isEnclosed || (!isLong && !hasTooManyCurvatures(problem))) return undefined
  return outOfReach(
    problem,
    point,
    `${length} parameters${isLong ? '' : ` on ${problem.data.samples} samples`} are more than enclosures of all second derivatives can do in reasonable time${isLong ? ` (${mostEnclosedParameters} at most)` : ''}`,
    `certify a smaller network${isLong ? '' : ' or fewer samples'}; what doubles say of this one is evidence`
  )
}

function outOfReach(problem: Problem, point: Point, reason: string, tryNext: string): Verdict {
  const values = toFloat(point).values
  const loss = approximateLoss(problem, values, (input) => evaluate(problem.network, values, input))
  return {
    given: undecidedPoint(loss, reason, tryNext),
    settled: undefined,
    notSettled: { reason, tryNext },
    standing: { claim: 'open', witness: undefined, lowerBound: undefined },
    diagnosis: undefined,
    certificate: undefined,
    givenCertificate: undefined,
    milliseconds: { descent: 0, exact: 0, search: 0 }
  }
}
