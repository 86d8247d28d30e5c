import {
  compare,
  overCommonDenominator,
  type Rational,
  type RationalVector,
  rational,
  toNumber
} from '@nadir/arithmetic'
import { lossExactly } from '../cells/exact-evaluation.ts'
import type { ExactPoint } from '../point.ts'
import type { Problem } from '../problem.ts'
import { asOneHiddenLayer, type Obstacle, type OneHiddenLayer } from '../traits.ts'
import { boundedBy, type GlobalBound, patternEvidence } from './bound-certificate.ts'
import { type ConeSplit, crosses, fan, partsOf, splitAtKink } from './cones.ts'
import type { BoundOptions } from './decayed-bound.ts'
import { type ApproximateFit, approximateFit, exactLeaf, floatColumns, type Region, settledSamples } from './region.ts'

/** A split of one unit's cone, or a leaf with its coefficients; in preorder. */
export type RegionNode = (ConeSplit & { readonly unit: number }) | RationalVector

interface Node {
  readonly region: Region
  readonly fit: ApproximateFit
}

/**
 * The global minimum of a narrow network with one hidden layer, one output and squared loss, without weight decay: branch and bound over activation patterns. The
 * bound of a region is the best fit to the samples that lie on one side of all units there. Decided in doubles, then every leaf is proved exactly. The work
 * grows like (samples)^(weights of all units). Reference: Arora, Basu, Mianjy, Mukherjee (arXiv 1611.01491), Theorem 4.1, with pruning.
 */
export function narrowBound(problem: Problem, options: BoundOptions = {}): GlobalBound | Obstacle {
  const view = asOneHiddenLayer(problem)
  if ('kind' in view) return view
  const obstacle = (reason: string, tryNext: string): Obstacle => ({ kind: 'obstacle', reason, tryNext })
  if (problem.loss !== 'squared' || view.outputs !== 1)
    return obstacle(
      'the search over patterns covers one output and the squared loss',
      'use --loss squared and one target'
    )
  if (view.units * view.width > 8)
    return obstacle(
      `the units have ${view.units * view.width} incoming weights: the search covers eight`,
      'fewer hidden units or inputs, or weight decay'
    )
  const stop = options.stop ?? (() => false)
  const y = problem.data.approximateTargets
  const best = searchBest(view, y, stop, options.onProgress)
  if (!best) return obstacle('the search over patterns did not end in the given time', 'more time (--time-limit)')
  const leaf = exactLeaf(view, best.region, best.fit.active)
  if (!leaf) return obstacle('the best pattern could not be made exact', 'scale inputs and targets to about one')
  const point = pointOf(view, best.region, leaf.coefficients)
  const loss = lossExactly(problem, point)
  for (const target of [loss, below(loss)]) {
    const nodes = proveTree(view, y, target, stop, options.onProgress)
    if (!nodes) continue
    const parts = {
      problem,
      point,
      loss,
      method: `branch and bound over activation patterns, ${nodes.length} nodes`
    }
    return boundedBy(parts, target, patternEvidence(nodes))
  }
  return obstacle('the tree of patterns could not be proved', 'more time (--time-limit)')
}

/** A little less: for minima that are not reached exactly. */
const below = (loss: Rational): Rational => rational(loss.numerator * 999999999n, loss.denominator * 1000000000n)

function startRegions(view: OneHiddenLayer): Region[] {
  const cones = fan(view)
  const { units } = view
  const regions: Region[] = []
  for (let positives = 0; positives <= units; positives++) {
    const visit = (chosen: readonly number[]): void => {
      const unit = chosen.length
      if (unit === units) {
        regions.push(chosen.map((k, j) => ({ sign: j < positives ? 1 : -1, cone: cones[k]! })))
        return
      }
      const least = unit === 0 || unit === positives ? 0 : chosen[unit - 1]!
      for (let k = least; k < cones.length; k++) visit([...chosen, k])
    }
    visit([])
  }
  return regions
}

function nodeOf(view: OneHiddenLayer, y: Float64Array, region: Region): Node {
  const settled = settledSamples(view, region)
  return { region, fit: approximateFit(floatColumns(view, region, settled), y, settled, view.outputBias) }
}

/** The cut that settles samples fastest: the longest edge of the unit with most samples left, at the middle one of the kinks that cross it. */
function splitOf(view: OneHiddenLayer, region: Region): (ConeSplit & { unit: number }) | undefined {
  let best: { unit: number; first: number; second: number; samples: { sample: number; at: number }[] } | undefined
  let most = 0
  for (const [unit, { cone }] of region.entries()) {
    const open: number[] = []
    for (let i = 0; i < view.samples; i++) if (crosses(cone, i)) open.push(i)
    if (open.length <= most) continue
    most = open.length
    best = undefined
    for (let second = 1; second < cone.sides.length; second++)
      for (let first = 0; first < second; first++) {
        const samples = open.flatMap((sample) => {
          const a = cone.sides[first]![sample]!
          const b = cone.sides[second]![sample]!
          return a * b < 0 ? [{ sample, at: a / (a - b) }] : []
        })
        if (!best || samples.length > best.samples.length) best = { unit, first, second, samples }
      }
  }
  if (!best || best.samples.length === 0) return exactSplitOf(region)
  const { unit, first, second, samples } = best
  samples.sort((a, b) => a.at - b.at)
  const { sample } = samples[samples.length >> 1]!
  return { unit, ...splitAtKink(region[unit]!.cone, sample, first, second) }
}

/**
 * Where only slivers are left that shortened cuts made: a cut exactly at the kink of a sample that has generators on both sides, of the one with most generators on
 * its kink, so that the cuts come to an end.
 */
function exactSplitOf(region: Region): (ConeSplit & { unit: number }) | undefined {
  let best: (ConeSplit & { unit: number }) | undefined
  let most = -1
  for (const [unit, { cone }] of region.entries()) {
    for (let sample = 0; sample < cone.sizes.length; sample++) {
      const sides = cone.products.map((product) => product[sample]!)
      const above = sides.findIndex((t) => t > 0n)
      const below = sides.findIndex((t) => t < 0n)
      const begun = sides.filter((t) => t === 0n).length
      if (above < 0 || below < 0 || begun <= most) continue
      most = begun
      const [first, second] = above < below ? [above, below] : [below, above]
      best = { unit, ...splitAtKink(cone, sample, first, second, Number.POSITIVE_INFINITY) }
    }
  }
  return best
}

function parts(view: OneHiddenLayer, region: Region, split: ConeSplit & { unit: number }): Region[] {
  return partsOf(view, region[split.unit]!.cone, split).map((cone) =>
    region.map((one, unit) => (unit === split.unit ? { sign: one.sign, cone } : one))
  )
}

const ties = 1e-11

/** The region of the global minimum and its fit, best first. Approximate. */
function searchBest(
  view: OneHiddenLayer,
  y: Float64Array,
  stop: () => boolean,
  onProgress: BoundOptions['onProgress']
): Node | undefined {
  let open = startRegions(view).map((region) => nodeOf(view, y, region))
  const scale = y.reduce((sum, value) => sum + value * value, 0)
  for (let visited = 0; ; visited++) {
    if (open.length === 0 || stop()) return undefined
    // The list is kept sorted by its value, the least last.
    if (visited === 0) open.sort((a, b) => b.fit.value - a.fit.value)
    const node = open.pop()!
    if (visited % 500 === 0)
      onProgress?.(`patterns: ${visited} regions, ${open.length} open, bound ${node.fit.value.toPrecision(8)}`)
    const split = splitOf(view, node.region)
    if (!split) return node
    for (const region of parts(view, node.region, split)) {
      const child = nodeOf(view, y, region)
      // At ties the deeper region goes first.
      insert(open, child, ties * scale)
    }
    if (open.length > 500_000) open = open.slice(-500_000)
  }
}

function insert(open: Node[], node: Node, slack: number): void {
  let low = 0
  let high = open.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (open[middle]!.fit.value >= node.fit.value - slack) low = middle + 1
    else high = middle
  }
  open.splice(low, 0, node)
}

/** The tree whose leaves prove the target; undefined when some leaf does not, or the search was stopped. */
function proveTree(
  view: OneHiddenLayer,
  y: Float64Array,
  target: Rational,
  stop: () => boolean,
  onProgress: BoundOptions['onProgress']
): readonly RegionNode[] | undefined {
  const shares = view.problem.reduction === 'mean' ? BigInt(view.samples) : 1n
  // Of the added-up losses.
  const wanted = rational(target.numerator * shares, target.denominator)
  const least = toNumber(wanted)
  const nodes: RegionNode[] = []
  const open = startRegions(view).reverse()
  for (let region = open.pop(); region; region = open.pop()) {
    if (stop()) return undefined
    if (nodes.length % 500 === 0) onProgress?.(`proof: ${nodes.length} nodes, ${open.length} open`)
    const { fit } = nodeOf(view, y, region)
    const split = splitOf(view, region)
    if (fit.value >= least * (1 - 1e-10) || !split) {
      const leaf = exactLeaf(view, region, fit.active)
      if (leaf && compare(rational(leaf.bound.numerator, leaf.bound.denominator), wanted) >= 0) {
        nodes.push(leaf.coefficients)
        continue
      }
    }

    if (!split) return undefined
    nodes.push(split)
    const [first, second] = parts(view, region, split)
    open.push(second!, first!)
  }
  return nodes
}

/** The network whose units are the combinations of their generators, with outgoing weights 1 and -1. Exact. */
function pointOf(view: OneHiddenLayer, region: Region, { numerators, denominator }: RationalVector): ExactPoint {
  const { width, units } = view
  const d = view.problem.data.inputCount
  const weights = region.map(({ cone }, j) =>
    Array.from({ length: width }, (_, e) =>
      rational(
        cone.generators.reduce((sum, g, k) => sum + g[e]! * numerators[j * width + k]!, 0n),
        denominator
      )
    )
  )
  const tensors = [
    overCommonDenominator(weights.flatMap((row) => row.slice(0, d))),
    ...(view.hiddenBias ? [overCommonDenominator(weights.map((row) => row[d]!))] : []),
    overCommonDenominator(region.map(({ sign }) => rational(BigInt(sign)))),
    ...(view.outputBias ? [overCommonDenominator([rational(numerators[units * width]!, denominator)])] : [])
  ]
  return { kind: 'exact', tensors }
}
