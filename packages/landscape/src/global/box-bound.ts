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
import { type BoxEnclosure, boxEnclosure } from './box-enclosure.ts'
import type { BoundOptions } from './decayed-bound.ts'
import { decayedLoss } from './decayed-loss.ts'

interface BoxNode {
  readonly low: Float64Array
  readonly high: Float64Array
  readonly enclosure: BoxEnclosure
  /** The parameter that is split, and both halves. */
  split: number
  halves: readonly BoxNode[]
}

const mostNodes = 2_000_000
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
  const node = (low: Float64Array, high: Float64Array): BoxNode => ({
    low,
    high,
    enclosure: enclose(low, high),
    split: -1,
    halves: []
  })
  const root = node(new Float64Array(size).fill(-half), new Float64Array(size).fill(half))
  const heap = [root]
  let count = 1
  let least = root.enclosure.bound
  while (heap.length > 0 && heap[0]!.enclosure.bound < value - slack()) {
    if (count > mostNodes || options.stop?.())
      return obstacle(
        `the gap is still ${(value - heap[0]!.enclosure.bound).toPrecision(3)} after ${count} boxes`,
        'give more time with --time-limit, a smaller box, fewer parameters or a larger --accuracy'
      )
    const parent = pop(heap)
    least = parent.enclosure.bound
    if (count % 2000 === 1)
      options.onProgress?.(
        `branch and prune: ${count} boxes, loss ${value.toPrecision(8)}, bound ${least.toPrecision(8)}`
      )
    const split = parent.enclosure.reaches.reduce((most, x, k, all) => (x > all[most]! ? k : most), 0)
    const middle = (parent.low[split]! + parent.high[split]!) / 2
    const lower = node(parent.low, parent.high.with(split, middle))
    const upper = node(parent.low.with(split, middle), parent.high)
    parent.split = split
    parent.halves = [lower, upper]
    for (const child of parent.halves) push(heap, child)
    count += 2
    if (count % 5000 === 1) consider(parent.low.map((end, k) => (end + parent.high[k]!) / 2))
  }
  const point = toExact(network, { kind: 'float', values: best })
  const loss = decayedLoss(problem, point)
  const proved = fromNumber(Math.min(...leavesOf(root).map(({ enclosure }) => enclosure.bound), toNumber(loss)))
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
    splits: splitsOf(root)
  })
  const method = `branch and prune, ${count} boxes between ${-half} and ${half}`
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

const leavesOf = (node: BoxNode): readonly BoxNode[] => {
  const leaves: BoxNode[] = []
  const open = [node]
  for (let next = open.pop(); next; next = open.pop()) {
    if (next.split < 0) leaves.push(next)
    else open.push(...next.halves)
  }
  return leaves
}

/** The tree in preorder: 0 for a leaf, else the parameter, from 1. */
function splitsOf(root: BoxNode): readonly number[] {
  const splits: number[] = []
  const open = [root]
  for (let node = open.pop(); node; node = open.pop()) {
    splits.push(node.split + 1)
    if (node.split >= 0) open.push(node.halves[1]!, node.halves[0]!)
  }
  return splits
}

/** A binary heap, the least bound on top. */
function push(heap: BoxNode[], node: BoxNode): void {
  let at = heap.push(node) - 1
  for (let up = (at - 1) >> 1; at > 0 && heap[up]!.enclosure.bound > node.enclosure.bound; up = (at - 1) >> 1) {
    heap[at] = heap[up]!
    at = up
  }
  heap[at] = node
}

function pop(heap: BoxNode[]): BoxNode {
  const top = heap[0]!
  const last = heap.pop()!
  if (heap.length === 0) return top
  let at = 0
  for (;;) {
    let down = 2 * at + 1
    if (down >= heap.length) break
    if (down + 1 < heap.length && heap[down + 1]!.enclosure.bound < heap[down]!.enclosure.bound) down++
    if (heap[down]!.enclosure.bound >= last.enclosure.bound) break
    heap[at] = heap[down]!
    at = down
  }
  heap[at] = last
  return top
}
