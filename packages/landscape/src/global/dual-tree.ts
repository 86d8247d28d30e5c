import {
  absolute,
  integerMatrix,
  overCommonDenominator,
  type Rational,
  type RationalVector,
  rational,
  ratioToNumber,
  reduceVector,
  solveLinear,
  vectorToNumbers
} from '@nadir/arithmetic'
import type { OneHiddenLayer } from '../traits.ts'
import { splitForMajorant } from './cone-choice.ts'
import { type Cone, type ConeSplit, fan, partsOf } from './cones.ts'
import { heightsOver, type ShortestMajorant, shortestMajorant, subsets } from './shortest-majorant.ts'

/** A tree over the cones of the fan in preorder: splits, and at the leaves vectors over one denominator. */
export interface ConeTree {
  readonly denominator: bigint
  readonly nodes: readonly (ConeSplit | readonly bigint[])[]
}

export type TreeAnswer =
  | { readonly kind: 'tree'; readonly tree: ConeTree }
  /** In some cell the numbers are too large (by about this factor), or the search was stopped. */
  | { readonly kind: 'none'; readonly excess: number }

/**
 * A tree that proves sum_i z_i h(u . x~_i) <= limit |u| for all u, |u| of the first `measured` entries; z over its denominator. Every leaf is exact and checked
 * here; where to split is decided in doubles.
 */
export function dualTree(
  view: OneHiddenLayer,
  z: RationalVector,
  limit: Rational,
  measured: number,
  stop: () => boolean
): TreeAnswer {
  const { positive, negative, denominator } = view.slopes
  const p = Number(positive) / Number(denominator)
  const q = Number(negative) / Number(denominator)
  const floats = vectorToNumbers(z)
  const wanted = ratioToNumber(limit.numerator, limit.denominator)
  const nodes: (ConeSplit | RationalVector)[] = []
  const open = [...fan(view)].reverse()
  for (let cone = open.pop(); cone; cone = open.pop()) {
    if (stop()) return { kind: 'none', excess: Number.NaN }
    const shortest = shortestMajorant(cone, heightsOver(cone, floats, p, q), measured)
    const leaf =
      shortest && shortest.length <= wanted * (1 + 1e-12) ? leafOf(view, cone, z, limit, measured, shortest) : undefined
    if (leaf) {
      nodes.push(leaf)
      continue
    }
    const split = splitForMajorant(cone, floats, p, q)
    if (!split) return { kind: 'none', excess: shortest ? shortest.length / wanted : Number.POSITIVE_INFINITY }
    nodes.push(split)
    const [first, second] = partsOf(view, cone, split)
    open.push(second, first)
  }
  let common = 1n
  for (const node of nodes) {
    if (!('numerators' in node) || common % node.denominator === 0n) continue
    common = overCommonDenominator([rational(1n, common), rational(1n, node.denominator)]).denominator
  }
  return {
    kind: 'tree',
    tree: {
      denominator: common,
      nodes: nodes.map((node) =>
        'numerators' in node ? node.numerators.map((entry) => entry * (common / node.denominator)) : node
      )
    }
  }
}

/** The heights Psi_k at the integer generators, times `denominator`. Exact. */
function exactHeights(view: OneHiddenLayer, cone: Cone, z: RationalVector) {
  const { positive, negative, denominator } = view.slopes
  const heights = cone.products.map(() => 0n)
  const sizes = cone.generators.map((generator) => generator.reduce((sum, g) => sum + absolute(g), 0n))
  for (const [i, number] of z.numerators.entries()) {
    if (number === 0n) continue
    const bends = number * (positive - negative) >= 0n
    const forwards = !bends && leansForwards(cone, i, sizes)
    for (const [k, product] of cone.products.entries()) {
      const t = product[i]!
      heights[k]! += number * ((bends ? t >= 0n : forwards) ? positive : negative) * t
    }
  }
  return { heights, denominator: z.denominator * denominator * view.scale }
}

/** Whether the greatest t / size plus the least of them is at least zero. Exact. */
function leansForwards(cone: Cone, sample: number, sizes: readonly bigint[]): boolean {
  const side = (k: number): bigint => cone.products[k]![sample]!
  let most = 0
  let least = 0
  for (let k = 1; k < sizes.length; k++) {
    if (side(k) * sizes[most]! > side(most) * sizes[k]!) most = k
    if (side(k) * sizes[least]! < side(least) * sizes[k]!) least = k
  }
  return side(most) * sizes[least]! + side(least) * sizes[most]! >= 0n
}

const bits = 50

/** A vector that is exactly above the heights and exactly short enough; undefined when none was found. */
function leafOf(
  view: OneHiddenLayer,
  cone: Cone,
  z: RationalVector,
  limit: Rational,
  measured: number,
  shortest: ShortestMajorant
): RationalVector | undefined {
  const { heights, denominator } = exactHeights(view, cone, z)
  const holds = ({ numerators, denominator: below }: RationalVector): boolean => {
    const square = numerators.reduce((sum, entry) => sum + entry * entry, 0n)
    return (
      square * limit.denominator ** 2n <= limit.numerator ** 2n * below * below &&
      cone.generators.every(
        (generator, k) =>
          generator.reduce((sum, g, e) => sum + g * numerators[e]!, 0n) * denominator >= heights[k]! * below
      )
    )
  }
  const { r } = shortest
  if (heights.every((height) => height <= 0n)) {
    const zero = { denominator: 1n, numerators: cone.generators[0]!.map(() => 0n) }
    if (holds(zero)) return zero
  }
  // Outwards: along this vector every generator gains.
  const outward = shortestMajorant(cone, { heights: new Float64Array(r.length).fill(1), rounding: 0 }, measured)?.r
  const wanted = ratioToNumber(limit.numerator, limit.denominator)
  const exponent = Math.floor(Math.log2(wanted))
  const scale = 2 ** (bits - exponent)
  for (const push of [0, 4e-15, 1e-13, 1e-11, 1e-9, 1e-6, 1e-3]) {
    const numerators = Array.from(r, (entry, e) =>
      e < measured ? BigInt(Math.round((entry + push * wanted * (outward?.[e] ?? 0)) * scale)) : 0n
    )
    const shift = bits - exponent
    const vector =
      shift >= 0
        ? { denominator: 1n << BigInt(shift), numerators }
        : { denominator: 1n, numerators: numerators.map((entry) => entry << BigInt(-shift)) }
    if (holds(vector)) return vector
  }
  for (const active of [shortest.active, ...(measured < r.length ? smallSubsets(r.length, measured) : [])]) {
    const exact = exactlyShortest(cone, heights, denominator, measured, active)
    if (exact && holds(exact)) return exact
  }
  return undefined
}

/** Where a bias is free the majorant may have to be met exactly on both sides of it, and doubles do not tell which generators do. */
const smallSubsets = (size: number, most: number): readonly (readonly number[])[] =>
  Array.from({ length: most }, (_, k) => subsets(size, k + 1)).flat()

/** The shortest vector with equality at the active generators. Exact; undefined where these depend on one another. */
function exactlyShortest(
  cone: Cone,
  heights: readonly bigint[],
  denominator: bigint,
  measured: number,
  active: readonly number[]
): RationalVector | undefined {
  const gram = active.flatMap((k) =>
    active.map((j) => {
      let sum = 0n
      for (let e = 0; e < measured; e++) sum += cone.generators[k]![e]! * cone.generators[j]![e]!
      return sum
    })
  )
  const solved = solveLinear(
    integerMatrix(active.length, active.length, gram),
    active.map((k) => heights[k]!)
  )
  if (solved.kind !== 'solved') return undefined
  const numerators = cone.generators[0]!.map((_, e) =>
    e < measured ? active.reduce((sum, k, at) => sum + solved.numerators[at]! * cone.generators[k]![e]!, 0n) : 0n
  )
  return reduceVector({ denominator: solved.denominator * denominator, numerators })
}
