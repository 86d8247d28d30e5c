import { divide, fromNumber, type Rational, sign, subtract, toNumber, zero } from '@nadir/arithmetic'
import type { CertifyOptions } from './certify.ts'
import { newtonDescent } from './descent/newton-minimum.ts'
import { globalBound } from './global/bound.ts'
import { boundedAt, type GlobalBound } from './global/bound-certificate.ts'
import { decayedLoss } from './global/decayed-loss.ts'
import { isDecayedPair } from './global/linear-decayed-bound.ts'
import { approximateLoss } from './loss/approximate-loss.ts'
import { evaluate } from './network/evaluate.ts'
import { largestChange, type Point, toExact, toFloat } from './point.ts'
import type { Problem } from './problem.ts'
import { randomStream } from './random.ts'
import { initialise } from './training/initialise.ts'
import { lbfgs } from './training/lbfgs.ts'
import { objective } from './training/objective.ts'
import { type SettledVerdict, undecidedPoint, type Verdict } from './verdict.ts'

/** Multiplications of fractions for the normal equations. */
const mostProducts = 3e6

/** Of a Hessian that is decomposed in every step. */
const mostParameters = 200

/** What may lie between the loss and the bound: a part of the loss, or, where that is next to nothing, of the loss of the outputs 0. */
const nearly = 1e-9
const nearlyNothing = 1e-15

const iterations = 2000

/**
 * Do these parameters of a linear network lead to the least loss there is? Where a bottleneck or weight decay makes global minima irrational: descent in doubles, and a proved bound on the loss of all parameters that is at most
 * a billionth below. `exact` is what is known of the parameters themselves, `reason` says why nothing is where it is missing. Undefined for other networks, and where no bound is proved.
 */
export function certifyLinear(
  problem: Problem,
  point: Point,
  exact: Verdict | undefined,
  reason: string,
  options: CertifyOptions
): Verdict | undefined {
  const { network, data, weightDecay } = problem
  const { accepts } = options
  const size = data.inputCount + 1 + data.targetCount
  if (!accepts || problem.loss !== 'squared' || network.layers.some(({ kind }) => kind !== 'dense')) return undefined
  if (sign(weightDecay) !== 0 && !isDecayedPair(problem)) return undefined
  if (data.samples * size * size > mostProducts) return undefined
  const now = options.now ?? (() => 0)
  const begun = now()
  const limit = options.timeLimit ?? Number.POSITIVE_INFINITY
  const stop = () => (options.interrupted?.() ?? false) || now() - begun > limit
  const bound = globalBound(problem, { stop, onProgress: (text) => options.onProgress?.('settling', text) })
  if ('kind' in bound) return undefined
  const bounded = now()
  const theta = toFloat(point).values
  const before = approximateLoss(problem, theta, (input) => evaluate(network, theta, input))
  const given = exact?.given ?? undecidedPoint(before, reason)
  const reached = descend(problem, theta, bound, stop)
  const milliseconds = {
    descent: (exact?.milliseconds.descent ?? 0) + now() - bounded,
    exact: (exact?.milliseconds.exact ?? 0) + bounded - begun,
    search: 0
  }
  const rest = { given, diagnosis: exact?.diagnosis, milliseconds }
  if (!isNear(problem, reached) || !accepts(reached.certificate))
    return {
      ...rest,
      settled: undefined,
      notSettled: notSettled(problem, reached),
      standing: { claim: 'open', witness: undefined, lowerBound: undefined },
      certificate: exact?.certificate,
      givenCertificate: exact?.givenCertificate
    }
  return {
    ...rest,
    settled: nearlyGlobal(problem, point, reached, given.loss ?? fromNumber(before)),
    notSettled: undefined,
    standing: { claim: 'open', witness: undefined, lowerBound: reached.bound },
    certificate: reached.certificate,
    givenCertificate: exact?.certificate
  }
}

const gapOf = ({ loss, bound }: GlobalBound): Rational => subtract(loss, bound)

function isNear({ data, reduction }: Problem, reached: GlobalBound): boolean {
  const squares = data.approximateTargets.reduce((sum, y) => sum + y * y, 0)
  const scale = squares / (reduction === 'mean' ? 2 * data.samples : 2)
  return toNumber(gapOf(reached)) <= Math.max(nearly * toNumber(reached.loss), nearlyNothing * scale)
}

/** The end of a descent from the parameters, and from beside them where that ends too high: a saddle. */
function descend(problem: Problem, start: Float64Array, bound: GlobalBound, stop: () => boolean): GlobalBound {
  const random = randomStream(1)
  const risk = objective(problem)
  const at = (theta: Float64Array): GlobalBound => {
    const point = toExact(problem.network, { kind: 'float', values: theta })
    return boundedAt(bound, point, decayedLoss(problem, point))
  }
  let best = at(start)
  const isDone = () => stop() || isNear(problem, best)
  for (let attempt = 0; attempt < 3 && !isDone(); attempt++) {
    const theta = start.slice()
    if (attempt > 0) for (const [k, x] of initialise(problem.network, random).entries()) theta[k]! += x / 10
    lbfgs(risk, theta, { iterations, onStep: stop })
    for (const end of [theta, theta.length > mostParameters ? undefined : newtonDescent(problem, theta, stop)?.theta]) {
      if (!end || isDone()) continue
      const there = at(end)
      if (toNumber(there.loss) < toNumber(best.loss)) best = there
    }
  }
  return best
}

function nearlyGlobal(problem: Problem, from: Point, reached: GlobalBound, before: Rational): SettledVerdict {
  return {
    claim: 'nearly-global',
    loss: reached.loss,
    within: { radius: zero, lower: reached.bound },
    reason: reached.method,
    point: reached.point,
    distance: largestChange(toExact(problem.network, from), reached.point),
    drop: subtract(before, reached.loss),
    cell: 'interior',
    kinks: 0,
    hops: 0,
    unknowns: 0,
    fixed: 0
  }
}

function notSettled({ weightDecay }: Problem, reached: GlobalBound): { reason: string; tryNext: string } {
  const share = toNumber(divide(gapOf(reached), reached.loss)).toPrecision(2)
  const bound = `${toNumber(reached.bound).toPrecision(10)} (${reached.method})`
  return sign(weightDecay) === 0
    ? {
        reason: `descent ends ${share} of the loss above a proved bound, ${bound}`,
        tryNext: 'train on from another start; nadir bound --out DIR writes the best network that it knows'
      }
    : {
        reason: `descent ends ${share} of the loss above a bound for networks of any width, ${bound}`,
        tryNext: 'train with as many hidden units as the optimum has, or from another start'
      }
}
