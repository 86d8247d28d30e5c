import { fromNumber, sign, toNumber, zero } from '@nadir/arithmetic'
import type { Certificate } from './certification/certificate.ts'
import { separationStatement } from './certification/slope-certificate.ts'
import type { CertifyOptions } from './certify.ts'
import { approximateLoss } from './loss/approximate-loss.ts'
import { evaluate } from './network/evaluate.ts'
import { exactProducts } from './network/work.ts'
import { largestChange, type Point, toExact, toFloat } from './point.ts'
import type { Problem } from './problem.ts'
import { lbfgs } from './training/lbfgs.ts'
import { objective } from './training/objective.ts'
import type { SettledVerdict } from './verdict.ts'

/** Multiplications of intervals in one evaluation: above this the check would take more than a minute. */
const mostProducts = 2e7

/** Steps of training on towards a network that separates the samples. */
const stepsToSeparation = 3000

const separatedReason = ({ data }: Problem): string =>
  `all ${data.samples} samples are on their right side: a larger last layer always lowers the loss, towards 0, which it never reaches`

export const separatedNext = 'add a little weight decay (--weight-decay): then there is a minimum to find'

/** Whether in doubles every output is on the right side of targets 0 and 1, for the losses that then go to 0 and never reach it. */
function separates(problem: Problem, theta: Float64Array): boolean {
  const { samples, inputCount: d, targetCount: m, approximateInputs, approximateTargets } = problem.data
  for (let i = 0; i < samples; i++) {
    const f = evaluate(problem.network, theta, approximateInputs.slice(i * d, (i + 1) * d))
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
  if (!options.accepts || !canBeEndless(problem) || exactProducts(problem) > mostProducts) return undefined
  if (problem.network.layers.some(({ kind }) => kind !== 'dense' && kind !== 'activation')) return undefined
  const theta = toFloat(point).values.slice()
  if (separates(problem, theta)) return separatedAt(problem, point, point, options)
  const interrupted = interruption(options)
  lbfgs(objective(problem), theta, {
    iterations: stepsToSeparation,
    onStep: (step) => interrupted() || (step % 20 === 0 && separates(problem, theta))
  })
  return separatedAt(problem, point, { kind: 'float', values: theta }, options)
}

/** The point `reached` from another one, where it separates the samples; proved by `accepts`, else undefined. */
export function separatedAt(
  problem: Problem,
  from: Point,
  reached: Point,
  { accepts }: CertifyOptions
): Separated | undefined {
  const theta = toFloat(reached).values
  if (!accepts || !canBeEndless(problem) || !separates(problem, theta)) return undefined
  const lossAt = (values: Float64Array) =>
    approximateLoss(problem, values, (input) => evaluate(problem.network, values, input))
  const exact = toExact(problem.network, reached)
  const statement = separationStatement(problem, exact, lossAt(theta))
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
      distance: largestChange(toExact(problem.network, from), exact),
      drop: fromNumber(lossAt(toFloat(from).values) - toNumber(upper)),
      cell: 'interior',
      kinks: 0,
      hops: 0,
      unknowns: 0,
      fixed: 0
    }
  }
}

/** A loss below which every sample is on its right side, where there is then no minimum: that of one sample on the edge. Approximate. */
export const separatingLoss = (problem: Problem): number =>
  canBeEndless(problem) ? Math.LN2 / (problem.reduction === 'mean' ? problem.data.samples : 1) : 0

const interruption = ({ now = () => 0, timeLimit = Number.POSITIVE_INFINITY, interrupted }: CertifyOptions) => {
  const begun = now()
  return () => (interrupted?.() ?? false) || now() - begun > timeLimit
}
