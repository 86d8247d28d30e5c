import type { OneHiddenLayer } from '../traits.ts'
import { splitForMajorant } from './cone-choice.ts'
import { type Cone, fan, partsOf } from './cones.ts'
import { heightsOver, type ShortestMajorant, shortestMajorant } from './shortest-majorant.ts'

/** A direction of incoming weights with large |sum_i z_i h(u . x~_i)|. */
export interface SteepUnit {
  readonly sign: 1 | -1
  /** Of length one where it decays. */
  readonly direction: Float64Array
  readonly value: number
  /** +1 where the samples are on the positive side of every unit of this cell, -1 elsewhere. */
  readonly pattern: Int8Array
  /** A point inside the cell. */
  readonly inside: Float64Array
}

export interface SteepSearch {
  /** No u with |u| <= 1 has a larger |sum_i z_i h(u . x~_i)|. Infinite when the search ended early. */
  readonly bound: number
  readonly units: readonly SteepUnit[]
  readonly cones: number
}

interface Candidate {
  readonly sign: 1 | -1
  readonly cone: Cone
  readonly shortest: ShortestMajorant | undefined
  readonly length: number
}

/**
 * The greatest |sum_i z_i h(u . x~_i)| over all u whose decaying part has length at most one, by branch and bound over cones, best first, and the cells where it
 * is above `enough`: up to `count` of them. Approximate.
 */
export function steepestUnits(
  view: OneHiddenLayer,
  z: Float64Array,
  measured: number,
  options: { readonly enough: number; readonly count: number; readonly stop?: () => boolean; readonly cones?: number }
): SteepSearch {
  const { positive, negative, denominator } = view.slopes
  const p = Number(positive) / Number(denominator)
  const q = Number(negative) / Number(denominator)
  const signed = { 1: z, [-1]: z.map((number) => -number) }
  const queue = new Heap()
  const add = (cone: Cone, sign: 1 | -1): void => {
    const shortest = shortestMajorant(cone, heightsOver(cone, signed[sign]!, p, q), measured)
    const length = shortest ? shortest.length : Number.POSITIVE_INFINITY
    if (length > options.enough) queue.push({ sign, cone, shortest, length })
  }
  for (const cone of fan(view)) {
    add(cone, 1)
    add(cone, -1)
  }
  const units: SteepUnit[] = []
  let bound = options.enough
  let cones = 0
  for (let candidate = queue.pop(); candidate; candidate = queue.pop()) {
    const { sign, cone, shortest, length } = candidate
    if (++cones > (options.cones ?? 200_000) || options.stop?.())
      return { bound: Number.POSITIVE_INFINITY, units, cones }
    const split = splitForMajorant(cone, signed[sign]!, p, q)
    if (split) {
      for (const part of partsOf(view, cone, split)) add(part, sign)
      continue
    }
    if (!shortest) return { bound: Number.POSITIVE_INFINITY, units, cones }
    if (units.length === 0) bound = Math.max(bound, length)
    const unit = unitIn(view, cone, sign, shortest)
    if (!units.some((other) => other.sign === sign && isNear(other.direction, unit.direction))) units.push(unit)
    if (units.length >= options.count) break
  }
  return { bound, units, cones }
}

/** Whether two directions are so near that one of them is enough. */
function isNear(a: Float64Array, b: Float64Array): boolean {
  let product = 0
  for (const [e, entry] of a.entries()) product += entry * b[e]!
  return product > 0.98 * Math.hypot(...a) * Math.hypot(...b)
}

function unitIn(view: OneHiddenLayer, cone: Cone, sign: 1 | -1, { multipliers, length }: ShortestMajorant): SteepUnit {
  const inside = new Float64Array(view.width)
  const direction = new Float64Array(view.width)
  for (const [k, ray] of cone.rays.entries())
    for (const [e, entry] of ray.entries()) {
      inside[e]! += entry
      direction[e]! += (entry * multipliers[k]!) / length
    }
  const pattern = Int8Array.from({ length: view.samples }, (_, i) =>
    cone.sides.reduce((sum, side) => sum + side[i]!, 0) >= 0 ? 1 : -1
  )
  return { sign, direction, value: length, pattern, inside }
}

/** A binary heap of candidates, the longest on top. */
class Heap {
  private readonly items: Candidate[] = []

  push(item: Candidate): void {
    const { items } = this
    let at = items.push(item) - 1
    for (let up = (at - 1) >> 1; at > 0 && items[up]!.length < item.length; up = (at - 1) >> 1) {
      items[at] = items[up]!
      at = up
    }
    items[at] = item
  }

  pop(): Candidate | undefined {
    const { items } = this
    const top = items[0]
    const last = items.pop()
    if (!last || items.length === 0) return top
    let at = 0
    for (;;) {
      let down = 2 * at + 1
      if (down >= items.length) break
      if (down + 1 < items.length && items[down + 1]!.length > items[down]!.length) down++
      if (items[down]!.length <= last.length) break
      items[at] = items[down]!
      at = down
    }
    items[at] = last
    return top
  }
}
