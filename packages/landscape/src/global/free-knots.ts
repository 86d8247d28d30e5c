import {
  add,
  compare,
  divide,
  multiply,
  type Rational,
  rational,
  sign,
  subtract,
  toNumber,
  zero
} from '@nadir/arithmetic'
import type { Dataset } from '../data/dataset.ts'
import type { Obstacle } from '../traits.ts'
import { pop, push } from './heap.ts'
import { type Chain, chainsOf, type Line, valueAt } from './spline-chain.ts'
import { allSlopes, type Crossings, crossingsBetween, crossingsFrom, crossingsInto, some } from './spline-slopes.ts'

/** A continuous piecewise linear function of one input: line k holds between knots k - 1 and k. Exact. */
export interface Spline {
  readonly knots: readonly Rational[]
  readonly lines: readonly Line[]
}

export interface SplineFit {
  readonly spline: Spline
  /** Of the squared residuals, exact. */
  readonly sumOfSquares: Rational
  /** Arrangements of the knots that were looked at. */
  readonly arrangements: number
}

/** Chains from left to right; `joint` is the number of knots in the gap before the chain, 0 for the first. */
interface Placed {
  readonly chain: Chain
  readonly joint: 0 | 1 | 2
  readonly before: Placed | undefined
  /** The slopes that are left to a chain of a single place. */
  readonly slopes: Crossings
}

/**
 * A part of a fit. The chain under way starts at the place `start` and has knots at the places `knots`; with `end` it is to end there, `next` knots lie in the gap after it (0: it is the last chain), and
 * what that costs is still to be found out; with `knot` the same for one more knot.
 */
interface Node {
  readonly bound: number
  /** Lower bounds of the costs of `placed`, and of the chain under way as far as its last knot. */
  readonly done: number
  readonly inside: number
  /** Knots left. */
  readonly left: number
  readonly placed: Placed | undefined
  readonly joint: 0 | 1 | 2
  readonly start: number
  readonly knots: readonly number[]
  readonly end?: number
  readonly next?: 0 | 1 | 2
  readonly knot?: number
}

const mostNodes = 300_000
const lower = (x: number): number => x * (1 - 2 ** -50)
/** At most the number that was rounded; tiny ones, which doubles round badly, count as nothing. */
const below = (near: number): number => (near < 1e-290 ? 0 : lower(near))
const doubleBelow = (x: Rational): number => below(toNumber(x))

/**
 * The best continuous piecewise linear fit with at most so many knots, which may lie anywhere: a free-knot linear spline of least squares, globally, in exact arithmetic. At the optimum a knot lies on a
 * sample, or inside a gap between samples, where it is no condition; two in one gap join any two lines. So the fit is made of chains with knots on samples that do not
 * depend on each other, and all arrangements are searched, best first; bounds are least squares lines without continuity, rounded down. Equal inputs count as often as they occur. Reference: the
 * enumeration of gaps and active sets for broken lines with free joints (Hudson 1966).
 */
export function freeKnotFit(
  data: Dataset,
  knots: number,
  options: { readonly stop?: () => boolean; readonly onProgress?: (line: string) => void } = {}
): SplineFit | Obstacle {
  const obstacle = (reason: string, tryNext: string): Obstacle => ({ kind: 'obstacle', reason, tryNext })
  if (data.inputCount !== 1 || data.targetCount !== 1)
    return obstacle(
      `splines have one input and one output, these data ${data.inputCount} and ${data.targetCount}`,
      'choose columns with --inputs and --target'
    )
  const { places, chain, lineCost } = chainsOf(data)
  const n = places.length
  const lines = Array.from({ length: n }, (_, i) =>
    Float64Array.from({ length: n - i }, (_, k) => below(lineCost(i, i + k)))
  )
  const line = (i: number, j: number): number => lines[i]![j - i]!
  // least[k][i]: a lower bound for all from place i on with k knots, each of which starts an independent line.
  const least = Array.from({ length: knots + 1 }, () => new Float64Array(n + 1))
  for (let i = n - 1; i >= 0; i--)
    for (let k = 0; k <= knots; k++) {
      let best = Number.POSITIVE_INFINITY
      for (let j = i; j < n; j++) {
        if (j < n - 1 && k === 0) continue
        const rest = j === n - 1 ? 0 : least[k - 1]![j + 1]!
        best = Math.min(best, lower(line(i, j) + rest))
      }
      least[k]![i] = best
    }
  const open: Node[] = []
  let best = placedOf(onSamples(chain, n, knots))
  let enough = above(best.cost)
  push(open, {
    bound: least[knots]![0]!,
    done: 0,
    inside: 0,
    left: knots,
    placed: undefined,
    joint: 0,
    start: 0,
    knots: []
  })
  let looked = 0
  for (let node = pop(open); node && node.bound < enough; node = pop(open)) {
    looked++
    if (looked > mostNodes || options.stop?.())
      return obstacle(
        `the search over the places of ${knots} knots did not end (${looked} arrangements)`,
        'fewer knots or samples, or more time with --time-limit'
      )
    if (looked % 1000 === 0)
      options.onProgress?.(`knots: ${looked} arrangements, ${open.length} open, bound ${node.bound.toPrecision(8)}`)
    const { start, left, joint, done } = node
    if (node.knot !== undefined) {
      const inside = doubleBelow(chain(start, node.knot, node.knots).cost)
      const bound = lower(lower(done + inside) + least[left]![node.knot + 1]!)
      const { knot, ...rest } = node
      push(open, { ...rest, bound, inside, knots: [...node.knots, knot] })
      continue
    }
    if (node.end !== undefined && node.next !== undefined) {
      const { end, next } = node
      const placed = place(chain(start, end, node.knots), joint, node.placed)
      if (!placed) continue
      if (next === 0) {
        const cost = costOf(placed)
        if (compare(cost, best.cost) >= 0) continue
        best = { placed, cost }
        enough = above(cost)
        continue
      }
      const sum = lower(done + doubleBelow(placed.chain.cost))
      const bound = lower(sum + least[left]![end + 1]!)
      push(open, { bound, done: sum, inside: 0, left, placed, joint: next, start: end + 1, knots: [] })
      continue
    }
    const from = node.knots.at(-1) === undefined ? start : node.knots.at(-1)! + 1
    for (let j = from; j < n; j++) {
      // What comes after the last knot costs at least what a line of its own does.
      const sum = lower(lower(done + node.inside) + line(from, j))
      const child = (spent: number, more: Pick<Node, 'end' | 'next' | 'knot'>): void => {
        if (spent > left) return
        const bound = lower(sum + (j === n - 1 ? 0 : least[left - spent]![j + 1]!))
        if (bound < enough) push(open, { ...node, bound, left: left - spent, ...more })
      }
      if (j === n - 1) child(0, { end: j, next: 0 })
      else {
        if (j > start) child(1, { knot: j })
        child(1, { end: j, next: 1 })
        child(2, { end: j, next: 2 })
      }
    }
  }
  return { spline: splineOf(best.placed), sumOfSquares: best.cost, arrangements: looked }
}

/** At least the number. */
const above = (x: Rational): number => (x.numerator === 0n ? 0 : Math.max(1e-290, toNumber(x) * (1 + 2 ** -50)))

const placedOf = (chain: Chain): { readonly placed: Placed; readonly cost: Rational } => ({
  placed: { chain, joint: 0, before: undefined, slopes: allSlopes },
  cost: chain.cost
})

/** A good fit to start with: knots on samples, moved one by one as long as that helps. */
function onSamples(
  chain: (from: number, to: number, knots: readonly number[]) => Chain,
  n: number,
  knots: number
): Chain {
  const count = Math.min(knots, Math.max(0, n - 2))
  let at = Array.from({ length: count }, (_, k) => 1 + Math.floor(((k + 1) * (n - 2)) / (count + 1)))
  let best = chain(0, n - 1, at)
  for (let moved = true; moved; ) {
    moved = false
    for (let k = 0; k < count; k++)
      for (let t = (at[k - 1] ?? 0) + 1; t < (at[k + 1] ?? n - 1); t++) {
        const other = at.with(k, t)
        const made = chain(0, n - 1, other)
        if (compare(made.cost, best.cost) >= 0) continue
        best = made
        at = other
        moved = true
      }
  }
  return best
}

const costOf = (placed: Placed | undefined): Rational => (placed ? add(placed.chain.cost, costOf(placed.before)) : zero)

/** The chain behind the others, if the knot between them can lie in its gap. */
function place(chain: Chain, joint: 0 | 1 | 2, before: Placed | undefined): Placed | undefined {
  const placed = (slopes: Crossings): Placed | undefined =>
    slopes.length === 0 ? undefined : { chain, joint, before, slopes }
  if (joint !== 1 || !before) return placed(allSlopes)
  const left = before.chain
  const single = chain.lines.length === 0
  if (left.lines.length > 0) {
    const line = left.lines.at(-1)!
    if (single) return placed(crossingsFrom(line, left.last, chain.first))
    const [a, b] = [left.last.x, chain.first.x].map((x) => subtract(valueAt(line, x), valueAt(chain.lines[0]!, x))) as [
      Rational,
      Rational
    ]
    return sign(a) * sign(b) <= 0 ? placed(allSlopes) : undefined
  }
  if (single) return placed(crossingsBetween(before.slopes, left.last, chain.first))
  return some(before.slopes, crossingsInto(left.last, chain.lines[0]!, chain.first.x)) === undefined
    ? undefined
    : placed(allSlopes)
}

/** The function itself: slopes of single places are chosen from right to left, knots in gaps where the lines meet. */
function splineOf(last: Placed): Spline {
  const lines: Line[] = []
  const knots: Rational[] = []
  let right: Placed | undefined
  for (let placed: Placed | undefined = last; placed; placed = placed.before) {
    const { chain } = placed
    let own = chain.lines
    if (own.length === 0) {
      let allowed: Crossings = allSlopes
      if (right?.joint === 1) {
        const { first, lines: next } = right.chain
        const line = lines[0]!
        allowed =
          next.length > 0
            ? crossingsInto(chain.last, line, first.x)
            : crossingsBetween([{ low: line.slope, high: line.slope }], first, chain.last)
      }
      const slope = some(placed.slopes, allowed)
      if (!slope) throw new Error('splineOf: a slope was promised')
      own = [{ slope, intercept: subtract(chain.last.value, multiply(slope, chain.last.x)) }]
    }
    if (right) {
      const a = chain.last.x
      const b = right.chain.first.x
      const [from, to] = [own.at(-1)!, lines[0]!]
      if (right.joint === 2) {
        const third = divide(subtract(b, a), rational(3n))
        const [p, q] = [add(a, third), subtract(b, third)]
        const slope = divide(subtract(valueAt(to, q), valueAt(from, p)), third)
        lines.unshift({ slope, intercept: subtract(valueAt(from, p), multiply(slope, p)) })
        knots.unshift(p, q)
      } else if (compare(from.slope, to.slope) === 0) lines.shift()
      else {
        const knot = divide(subtract(to.intercept, from.intercept), subtract(from.slope, to.slope))
        // A line that ends where it begins is none.
        if (knots[0] && compare(knots[0], knot) === 0) lines.shift()
        else knots.unshift(knot)
      }
    }
    lines.unshift(...own)
    knots.unshift(...chain.knots)
    right = placed
  }
  return { knots, lines }
}
