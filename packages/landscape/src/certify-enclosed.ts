import { fromNumber, sign, toNumber, zero } from '@nadir/arithmetic'
import type { Certificate } from './certification/certificate.ts'
import { fallingStatement, separationStatement } from './certification/slope-certificate.ts'
import type { CertifyOptions } from './certify.ts'
import { certifyMoved } from './certify-moved.ts'
import { certifyRefuted } from './certify-refuted.ts'
import { asLayered } from './curvature/layered.ts'
import { lossAndGradient } from './curvature/linearization.ts'
import { parameterName, parameterPlaces } from './curvature/parameter-name.ts'
import { evidenceAt } from './improvement/evidence.ts'
import { diagnoseLayers } from './improvement/idle-units.ts'
import { approximateLoss } from './loss/approximate-loss.ts'
import { evaluate } from './network/evaluate.ts'
import { exactProducts } from './network/work.ts'
import { largestChange, type Point, toExact, toFloat } from './point.ts'
import type { Problem } from './problem.ts'
import { randomStream } from './random.ts'
import { lbfgs } from './training/lbfgs.ts'
import { objective } from './training/objective.ts'
import type { GivenVerdict, SettledVerdict, Verdict } from './verdict.ts'

/** Multiplications of intervals in one evaluation: above this the check would take more than a minute. */
const mostProducts = 2e7

/** Steps of training on towards a network that separates the samples. */
const stepsToSeparation = 3000

const seeded = 1

/**
 * That a point which exact arithmetic does not decide is not stationary, by enclosures. The independent checker given as `accepts` has to prove it; without it nothing is claimed. Any network, any loss;
 * undefined where the problem is too large or a kink or rounding hides the slope.
 */
function certifyEnclosed(
  problem: Problem,
  point: Point,
  { accepts }: CertifyOptions
): { readonly given: GivenVerdict; readonly certificate: Certificate } | undefined {
  if (!accepts || exactProducts(problem) > mostProducts) return undefined
  const exact = toExact(problem.network, point)
  const theta = toFloat(point).values
  const loss = approximateLoss(problem, theta, (input) => evaluate(problem.network, theta, input))
  for (const { along, reason } of directionsDown(problem, theta)) {
    const statement = fallingStatement(problem, exact, loss, along)
    if (!statement || !accepts(statement.certificate)) continue
    const { bounds, certificate } = statement
    return {
      given: { claim: 'not-stationary', loss: undefined, bounds, approximateLoss: loss, reason, tryNext: 'train on' },
      certificate
    }
  }
  return undefined
}

const separatedReason = ({ data }: Problem): string =>
  `all ${data.samples} samples are on their right side: a larger last layer always lowers the loss, towards 0, which it never reaches`

const separatedNext = 'add a little weight decay (--weight-decay): then there is a minimum to find'

/** Against the gradient, where doubles give one; then a direction of chance and its opposite: off the kinks the loss falls along one of them unless the point is stationary. */
function* directionsDown(problem: Problem, theta: Float64Array): Generator<{ along: Float64Array; reason: string }> {
  const layered = asLayered(problem.network)
  if (layered.kind === 'layered' && problem.loss !== 'huber') {
    const { gradient } = lossAndGradient(problem, layered.layers, theta)
    const steepest = gradient.reduce((best, g, k) => (Math.abs(g) > Math.abs(gradient[best]!) ? k : best), 0)
    const place = parameterName(parameterPlaces(problem.network)[steepest]!)
    const reason = `the loss has slope ${gradient[steepest]!.toPrecision(3)} along ${place}`
    if (gradient[steepest] !== 0) yield { along: gradient.map((g) => -g), reason }
  }
  const random = randomStream(seeded)
  const along = theta.map(() => 2 * random() - 1)
  const reason = 'the loss falls along a direction that the certificate gives'
  yield { along, reason }
  yield { along: along.map((x) => -x), reason }
}

/** Whether in doubles every output is on the right side of targets 0 and 1, for the losses that then go to 0 and never reach it. */
function separates(problem: Problem, outputs: (input: Float64Array) => Float64Array): boolean {
  if (!canBeEndless(problem)) return false
  const { samples, inputCount: d, targetCount: m, approximateInputs, approximateTargets } = problem.data
  for (let i = 0; i < samples; i++) {
    const f = outputs(approximateInputs.slice(i * d, (i + 1) * d))
    const y = approximateTargets.subarray(i * m, (i + 1) * m)
    const right = f[y.indexOf(1)]!
    for (let o = 0; o < m; o++)
      if (problem.loss === 'logistic' ? !(f[o]! * (2 * y[o]! - 1) > 0) : y[o] === 0 && !(f[o]! < right)) return false
  }
  return true
}

/** Logistic loss or cross-entropy without weight decay, every target 0 or 1. */
const canBeEndless = ({ loss, weightDecay, data }: Problem): boolean =>
  (loss === 'logistic' || (loss === 'cross-entropy' && data.targetCount > 1)) &&
  sign(weightDecay) === 0 &&
  data.approximateTargets.every((y) => y === 0 || y === 1)

/** A network that separates the samples, so that the loss has no minimum. */
export interface Separated {
  readonly settled: SettledVerdict
  readonly certificate: Certificate
}

/**
 * The point itself where it separates the samples, or one that training on comes to: then the loss has no minimum. Proved by `accepts`; undefined where training does not come there, for losses that
 * have minima all the same, and for networks of other than dense layers.
 */
export function settleBySeparation(problem: Problem, point: Point, options: CertifyOptions): Separated | undefined {
  const { accepts } = options
  if (!accepts || !canBeEndless(problem) || exactProducts(problem) > mostProducts) return undefined
  if (problem.network.layers.some(({ kind }) => kind !== 'dense' && kind !== 'activation')) return undefined
  const theta = toFloat(point).values.slice()
  const outputs = (input: Float64Array) => evaluate(problem.network, theta, input)
  const before = approximateLoss(problem, theta, outputs)
  const interrupted = interruption(options)
  const isGiven = separates(problem, outputs)
  if (!isGiven) {
    lbfgs(objective(problem), theta, {
      iterations: stepsToSeparation,
      onStep: (step) => interrupted() || (step % 20 === 0 && separates(problem, outputs))
    })
    if (!separates(problem, outputs)) return undefined
  }
  const exact = toExact(problem.network, isGiven ? point : { kind: 'float', values: theta })
  const statement = separationStatement(problem, exact, approximateLoss(problem, theta, outputs))
  if (!statement || !accepts(statement.certificate)) return undefined
  const { lower, upper } = statement.bounds
  return {
    certificate: statement.certificate,
    settled: {
      claim: 'no-minimum',
      loss: upper,
      within: { radius: zero, lower },
      reason: separatedReason(problem),
      point: exact,
      distance: largestChange(toExact(problem.network, point), exact),
      drop: fromNumber(before - toNumber(upper)),
      cell: 'interior',
      kinks: 0,
      hops: 0,
      unknowns: 0,
      fixed: 0
    }
  }
}

const interruption = ({ now = () => 0, timeLimit = Number.POSITIVE_INFINITY, interrupted }: CertifyOptions) => {
  const begun = now()
  return () => (interrupted?.() ?? false) || now() - begun > timeLimit
}

/**
 * A verdict with what enclosures add to it: a statement about the point itself where exact arithmetic has none, that the loss has no minimum where a network is known that separates the samples; what
 * the units of every layer do; and where nothing is proved of where the point leads, what doubles say about it.
 */
export function completed(
  problem: Problem,
  point: Point,
  verdict: Verdict,
  separated: Separated | undefined,
  options: CertifyOptions
): Verdict {
  const now = options.now ?? (() => 0)
  const begun = now()
  const ends = separated?.settled.distance === 0 ? givenSeparated(verdict.given, separated) : undefined
  const decided = () => certifyRefuted(problem, point, options) ?? certifyEnclosed(problem, point, options)
  const enclosed = ends ?? (verdict.given.claim === 'undecided' ? decided() : undefined)
  const led = ends ? undefined : separated
  const settled = led?.settled ?? verdict.settled
  const certificate = led?.certificate ?? verdict.certificate
  const own = enclosed?.certificate ?? verdict.givenCertificate
  const layers = verdict.diagnosis ? undefined : diagnoseLayers(problem, point)
  const given = enclosed?.given ?? verdict.given
  const isOpen = !settled && !ends
  const evidence = isOpen ? evidenceAt(problem, point) : undefined
  const isNamed = given.claim !== 'undecided' && given.claim !== 'not-stationary'
  const movedTargets = isOpen && !isNamed ? certifyMoved(problem, point, options) : undefined
  return {
    ...verdict,
    given,
    settled,
    notSettled: isOpen ? verdict.notSettled : undefined,
    certificate: certificate ?? own,
    givenCertificate: certificate ? own : undefined,
    ...(layers && { layers }),
    ...(evidence && { evidence }),
    ...(movedTargets && { movedTargets }),
    milliseconds: { ...verdict.milliseconds, exact: verdict.milliseconds.exact + (now() - begun) }
  }
}

function givenSeparated({ approximateLoss }: GivenVerdict, { settled, certificate }: Separated) {
  const { claim, reason, loss, within } = settled
  const bounds = { lower: within!.lower, upper: loss }
  const given: GivenVerdict = { claim, loss: undefined, bounds, approximateLoss, reason, tryNext: separatedNext }
  return { given, certificate }
}
