import {
  compare,
  fromNumber,
  multiply,
  overCommonDenominator,
  type Rational,
  rational,
  toNumber,
  toText
} from '@nadir/arithmetic'
import { type Certificate, pointDocument, seal } from '../certification/certificate.ts'
import { problemDocument } from '../certification/problem-document.ts'
import { parameterCount, parameterShapes } from '../network/network.ts'
import { type ExactPoint, toExact } from '../point.ts'
import type { Problem } from '../problem.ts'
import { randomStream } from '../random.ts'
import { initialise } from '../training/initialise.ts'
import { lbfgs } from '../training/lbfgs.ts'
import { objective } from '../training/objective.ts'
import type { Obstacle } from '../traits.ts'
import { type GlobalBound, shortBelow } from './bound-certificate.ts'
import { boxEnclosure } from './box-enclosure.ts'
import { searchBoxes, splitsOf } from './box-search.ts'
import type { BoundOptions } from './decayed-bound.ts'
import { decayedLoss } from './decayed-loss.ts'

const mostBoxes = 2_000_000
const starts = 24

/**
 * Branch and prune on a box of parameters, best first: the box whose bound is least is halved where that promises most, until no box lies below the loss found by
 * more than the accuracy. Enclosed bounds; the leaf list is the certificate. With weight decay on all parameters the claim is about all of them, else about the box.
 * The work grows exponentially with the parameters: practical up to about six. Reference: after BPGrad (Zhang et al., arXiv 1711.06959), with bounds on boxes for
 * an assumed Lipschitz constant.
 */
export function boxBound(problem: Problem, options: BoundOptions = {}): GlobalBound | Obstacle {
  const obstacle = (reason: string, tryNext: string): Obstacle => ({ kind: 'obstacle', reason, tryNext })
  const { network, weightDecay, decayBiases } = problem
  const enclose = boxEnclosure(problem)
  const document = problemDocument(problem)
  if (!enclose || !document)
    return obstacle(
      'branch and prune covers dense layers, activations of two slopes that are doubles, and the squared loss',
      'use --loss squared and relu, leaky-relu:0.25 or abs'
    )
  const size = parameterCount(network)
  const allDecay =
    weightDecay.numerator > 0n && (decayBiases || parameterShapes(network).every((t) => t.role !== 'bias'))
  if (options.box === undefined && !allDecay)
    return obstacle('some parameters do not decay, so that the minimum may be anywhere', 'give a box with --box')
  const reach = options.box === undefined ? undefined : dyadicAbove(toNumber(options.box))
  const risk = objective(problem)
  let best = new Float64Array(size)
  let value = risk.evaluate(best, new Float64Array(size))
  const limit = options.box === undefined ? Number.POSITIVE_INFINITY : toNumber(options.box)
  const zeroLoss = value
  const consider = (start: Float64Array): void => {
    lbfgs(risk, start, { iterations: 300 })
    const inside = start.map((x) => Math.max(-limit, Math.min(limit, x)))
    const reached = risk.evaluate(inside, new Float64Array(size))
    if (reached < value) [best, value] = [inside, reached]
  }
  const random = randomStream(1)
  for (let start = 0; start < starts; start++) consider(initialise(network, random))
  const accuracy = options.accuracy ?? 1e-3
  const slack = (): number => accuracy * Math.max(value, 1e-3 * zeroLoss)
  // Outside of it the decay alone is more than the loss found.
  const half = reach ?? dyadicAbove(Math.sqrt((2 * value) / toNumber(weightDecay)) * (1 + 1e-9) + 1e-9)
  const search = searchBoxes(enclose, new Float64Array(size).fill(-half), new Float64Array(size).fill(half), {
    enough: (bound) => bound >= value - slack(),
    onBox: ({ low, high }, boxes, bound) => {
      if (boxes % 5000 === 1) consider(low.map((end, k) => (end + high[k]!) / 2))
      if (boxes % 2000 === 1)
        options.onProgress?.(
          `branch and prune: ${boxes} boxes, loss ${value.toPrecision(8)}, bound ${bound.toPrecision(8)}`
        )
      return boxes > mostBoxes || (options.stop?.() ?? false)
    }
  })
  if (!search.finished)
    return obstacle(
      `the gap is still ${(value - search.bound).toPrecision(3)} after ${search.boxes} boxes`,
      'give more time with --time-limit, a smaller box, fewer parameters or a larger --accuracy'
    )
  const point = toExact(network, { kind: 'float', values: best })
  const loss = decayedLoss(problem, point)
  const proved = fromNumber(Math.min(search.bound, toNumber(loss)))
  const outside = multiply(multiply(weightDecay, rational(1n, 2n)), fromNumber(half * half))
  let bound = shortBelow(compare(proved, loss) > 0 ? loss : proved)
  if (reach === undefined && compare(outside, bound) < 0) bound = shortBelow(outside)
  const box =
    options.box === undefined
      ? undefined
      : { low: cube(problem, options.box, -1n), high: cube(problem, options.box, 1n) }
  const claim = {
    kind: box ? 'lower-bound-in-box' : 'lower-bound',
    point: pointDocument(point),
    loss: toText(loss),
    bound: toText(bound),
    ...(box ? { low: pointDocument(box.low), high: pointDocument(box.high) } : {})
  }
  const whole = fromNumber(half)
  const certificate: Certificate = seal(document, claim, {
    rule: 'box-tree',
    low: pointDocument(cube(problem, whole, -1n)),
    high: pointDocument(cube(problem, whole, 1n)),
    splits: splitsOf(search.root)
  })
  const method = `branch and prune, ${search.boxes} boxes between ${-half} and ${half}`
  return { problem, point, loss, bound, ...(box ? { box } : {}), certificate, method }
}

/** A double with few bits that is at least the number: its halves are doubles, exactly, for as deep as boxes are halved. */
function dyadicAbove(x: number): number {
  if (!(x > 0)) throw new RangeError(`boxBound: a box of half width ${x}`)
  const unit = 2 ** (Math.floor(Math.log2(x)) - 6)
  return Math.ceil(x / unit) * unit
}

/** The point whose parameters are all the same. */
const cube = ({ network }: Problem, reach: Rational, sign: bigint): ExactPoint => ({
  kind: 'exact',
  tensors: parameterShapes(network).map(({ shape }) =>
    overCommonDenominator(
      Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () =>
        rational(sign * reach.numerator, reach.denominator)
      )
    )
  )
})
