import { fromNumber, toNumber } from '@nadir/arithmetic'
import { nearbyMinimum } from './certification/nearby-certificate.ts'
import type { CertifyOptions } from './certify.ts'
import { asLayered } from './curvature/layered.ts'
import { type NewtonMinimum, newtonMinimum } from './descent/newton-minimum.ts'
import { approximateLoss } from './loss/approximate-loss.ts'
import { evaluate } from './network/evaluate.ts'
import { largestChange, type Point, toExact, toFloat } from './point.ts'
import type { Problem } from './problem.ts'
import { undecidedPoint, type Verdict } from './verdict.ts'

/** Products of intervals in one Hessian: above this the checker declines. */
const mostProducts = 2e7

/** Whether all second derivatives of a network of dense layers are more than the checker encloses. */
export function hasTooManyCurvatures({ network, data }: Problem): boolean {
  const layered = asLayered(network)
  if (layered.kind !== 'layered') return false
  const units = layered.layers.reduce((sum, layer) => sum + layer.outputs, 0) + data.targetCount ** 2
  return data.samples * units * layered.parameters ** 2 > mostProducts
}

/** Half-widths of the cubes that are tried, in units of the factor: as small as the rounding of the gradient allows, the first that is proved is taken. */
function reachesAround({ theta, factor, gradient }: NewtonMinimum): readonly number[] {
  const size = theta.length
  let steepest = 0
  for (let j = 0; j < size; j++) {
    let slope = 0
    for (let k = j; k < size; k++) slope += factor[k * size + j]! * gradient[k]!
    steepest = Math.max(steepest, Math.abs(slope))
  }
  return [1e-12, 1e-14, 1e-9].map((reach) => reach + 10 * steepest)
}

/**
 * What minimum do these parameters lead to, where it is irrational? Newton's method in doubles, and a statement that a local minimum lies within a given distance, which the independent checker given as
 * `accepts` has to prove; `reason` says why the parameters themselves are not decided; without it nothing is claimed. Undefined where the method does not apply: networks of other than dense layers, losses without two derivatives, problems that are too large.
 */
export function certifyNearby(
  problem: Problem,
  point: Point,
  reason: string,
  options: CertifyOptions
): Verdict | undefined {
  const { network, loss } = problem
  if (asLayered(network).kind !== 'layered' || loss === 'absolute' || loss === 'hinge' || loss === 'huber')
    return undefined
  if (hasTooManyCurvatures(problem)) return undefined
  const now = options.now ?? (() => 0)
  const begun = now()
  const limit = options.timeLimit ?? Number.POSITIVE_INFINITY
  const interrupted = () => (options.interrupted?.() ?? false) || now() - begun > limit
  const theta = toFloat(point).values
  const given = approximateLoss(problem, theta, (input) => evaluate(network, theta, input))
  options.onProgress?.('settling', `from loss ${given.toPrecision(8)}`)
  const found = newtonMinimum(problem, theta, interrupted)
  const descended = now()
  const proved = found && firstAccepted(problem, found, options)
  return {
    given: undecidedPoint(given, reason),
    settled: proved && {
      claim: 'local-minimum',
      loss: proved.loss,
      within: { radius: proved.radius, lower: proved.lower },
      reason: 'the gradient is so small and the curvature so even that a minimum must be near',
      point: proved.point,
      distance: largestChange(toExact(network, point), proved.point),
      drop: fromNumber(given - toNumber(proved.loss)),
      cell: 'interior',
      kinks: 0,
      hops: 0,
      unknowns: 0,
      fixed: 0
    },
    notSettled: proved ? undefined : notSettled(found !== undefined, options),
    standing: { claim: 'open', witness: undefined, lowerBound: undefined },
    diagnosis: undefined,
    certificate: proved?.certificate,
    givenCertificate: undefined,
    milliseconds: { descent: descended - begun, exact: now() - descended, search: 0 }
  }
}

function firstAccepted(problem: Problem, found: NewtonMinimum, { accepts }: CertifyOptions) {
  if (!accepts) return undefined
  for (const reach of reachesAround(found)) {
    const nearby = nearbyMinimum(problem, found, reach)
    if (nearby && accepts(nearby.certificate)) return nearby
  }
  return undefined
}

function notSettled(found: boolean, { accepts }: CertifyOptions): { reason: string; tryNext: string } {
  if (!found)
    return {
      reason: "Newton's method ends at no point with positive definite Hessian: flat directions, a kink or the time",
      tryNext: 'add a little weight decay (--weight-decay), or train on'
    }
  return accepts
    ? {
        reason: 'a minimum is near in doubles, but flat directions or a kink within the box keep it from being proved',
        tryNext: 'add a little weight decay (--weight-decay), or train on'
      }
    : { reason: 'a statement by enclosures needs a checker', tryNext: 'give one as the option accepts' }
}
