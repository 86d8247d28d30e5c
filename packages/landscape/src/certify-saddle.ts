import { fromNumber, sign, toNumber } from '@nadir/arithmetic'
import { nearbySaddle } from './certification/saddle-certificate.ts'
import type { CertifyOptions } from './certify.ts'
import { asLayered } from './curvature/layered.ts'
import { type NewtonSaddle, newtonSaddle } from './descent/newton-saddle.ts'
import { approximateLoss } from './loss/approximate-loss.ts'
import { evaluate } from './network/evaluate.ts'
import { largestChange, type Point, toExact, toFloat } from './point.ts'
import type { Problem } from './problem.ts'
import { undecidedPoint, type Verdict } from './verdict.ts'

/** Products of intervals in one Hessian: above this the checker declines. */
const mostProducts = 2e7

/** Half-widths of the cubes that are tried, in the coordinates of the frame. */
const reaches = [1e-12, 1e-14, 1e-9]

/**
 * That training stopped at a saddle: Newton's method in doubles, and a statement that a saddle lies within a given distance, which the independent checker given as `accepts` has to prove. Undefined where the parameters
 * are not near a point with gradient 0 that is curved downwards, where the method does not apply (networks of other than dense layers, losses without two derivatives, problems that are too
 * large), and where scaling of units makes every critical point flat: two slopes without weight decay.
 */
export function certifySaddle(
  problem: Problem,
  point: Point,
  reason: string,
  options: CertifyOptions
): Verdict | undefined {
  const { network, data, loss, weightDecay } = problem
  const { accepts } = options
  const layered = asLayered(network)
  if (!accepts || layered.kind !== 'layered' || loss === 'absolute' || loss === 'hinge' || loss === 'huber')
    return undefined
  if (sign(weightDecay) === 0 && !layered.layers.some(({ activation }) => activation?.kind === 'smooth'))
    return undefined
  const units = layered.layers.reduce((sum, layer) => sum + layer.outputs, 0) + data.targetCount ** 2
  if (data.samples * units * layered.parameters ** 2 > mostProducts) return undefined
  const now = options.now ?? (() => 0)
  const begun = now()
  const theta = toFloat(point).values
  const found = newtonSaddle(problem, theta, () => options.interrupted?.() ?? false)
  if (!found) return undefined
  const descended = now()
  for (const reach of reaches) {
    const nearby = nearbySaddle(problem, found, reach)
    if (!nearby || !accepts(nearby.certificate)) continue
    const given = approximateLoss(problem, theta, (input) => evaluate(network, theta, input))
    return {
      given: undecidedPoint(given, reason),
      settled: {
        claim: 'saddle',
        loss: nearby.loss,
        within: { radius: nearby.radius, lower: nearby.lower },
        ...(nearby.index === undefined ? {} : { index: nearby.index }),
        reason: saddleReason(found),
        point: nearby.point,
        distance: largestChange(toExact(network, point), nearby.point),
        drop: fromNumber(given - toNumber(nearby.loss)),
        cell: 'interior',
        kinks: 0,
        hops: 0,
        unknowns: 0,
        fixed: 0
      },
      notSettled: undefined,
      standing: { claim: 'open', witness: undefined, lowerBound: undefined },
      diagnosis: undefined,
      certificate: nearby.certificate,
      givenCertificate: undefined,
      milliseconds: { descent: descended - begun, exact: now() - descended, search: 0 }
    }
  }
  return undefined
}

function saddleReason({ asleep, free, negative }: NewtonSaddle): string {
  const down = `the gradient is 0 there, and the loss is curved downwards along ${negative} of ${free.length} directions, upwards along the others`
  if (asleep.length === 0) return down
  const units = asleep.length === 1 ? 'a hidden unit has' : `${asleep.length} hidden units have`
  return negative > 0
    ? `${down}; ${units} no weights at all`
    : `the gradient is 0 there, and the loss is curved downwards along a direction that wakes a unit: ${units} no weights at all`
}
