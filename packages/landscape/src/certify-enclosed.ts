import type { Certificate } from './certification/certificate.ts'
import { fallingStatement } from './certification/slope-certificate.ts'
import type { CertifyOptions } from './certify.ts'
import { certifyMoved } from './certify-moved.ts'
import { certifyRefuted } from './certify-refuted.ts'
import { type Separated, separatedNext } from './certify-separated.ts'
import { asLayered } from './curvature/layered.ts'
import { lossAndGradient } from './curvature/linearization.ts'
import { parameterName, parameterPlaces } from './curvature/parameter-name.ts'
import { evidenceAt } from './improvement/evidence.ts'
import { diagnoseLayers } from './improvement/idle-units.ts'
import { approximateLoss } from './loss/approximate-loss.ts'
import { evaluate } from './network/evaluate.ts'
import { exactProducts } from './network/work.ts'
import { type Point, toExact, toFloat } from './point.ts'
import type { Problem } from './problem.ts'
import { randomStream } from './random.ts'
import type { GivenVerdict, Verdict } from './verdict.ts'

/** Multiplications of intervals in one evaluation: above this the check would take more than a minute. */
const mostProducts = 2e7

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
