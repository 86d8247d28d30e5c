import type { Cone } from './cones.ts'

export interface Heights {
  readonly heights: Float64Array
  /** About the error that rounding leaves in each of them: where terms cancel they are not small beside it. */
  readonly rounding: number
}

/**
 * The heights Psi_k over the generators of length one: sum_i z_i h(u . x~_i) <= sum_k c_k Psi_k for u = sum_k c_k ray_k, c >= 0. Where z_i bends h upwards the
 * terms are values at the generators, elsewhere those of the slope of the side on which the cone reaches further. Approximate.
 */
export function heightsOver(cone: Cone, z: Float64Array, positive: number, negative: number): Heights {
  const heights = new Float64Array(cone.sides.length)
  let size = 0
  for (let i = 0; i < z.length; i++) {
    const number = z[i]!
    if (number === 0) continue
    size += Math.abs(number) * cone.sizes[i]!
    const bends = number * (positive - negative) >= 0
    let most = Number.NEGATIVE_INFINITY
    let least = Number.POSITIVE_INFINITY
    if (!bends)
      for (const side of cone.sides) {
        most = Math.max(most, side[i]!)
        least = Math.min(least, side[i]!)
      }
    for (const [k, side] of cone.sides.entries()) {
      const t = side[i]!
      heights[k]! += number * ((bends ? t : most + least) >= 0 ? positive : negative) * t
    }
  }
  return { heights, rounding: 1e-14 * size * Math.max(Math.abs(positive), Math.abs(negative)) }
}

/** The shortest r with r . ray_k >= height_k for every generator, and the multipliers of the rays that make it up. */
export interface ShortestMajorant {
  readonly r: Float64Array
  readonly length: number
  readonly multipliers: Float64Array
  /** The generators whose inequalities are equalities. */
  readonly active: readonly number[]
}

/**
 * The shortest majorant; only the first `measured` entries of r are used and count. Undefined when there is none. Approximate. All sets of active inequalities
 * are tried, the small ones first: there are few generators.
 */
export function shortestMajorant(
  cone: Cone,
  { heights, rounding }: Heights,
  measured: number
): ShortestMajorant | undefined {
  if (measured === cone.rays[0]!.length) return shortestAbove(cone.rays, heights, measured)
  // Without its last entries a generator may be short, or nothing at all: then its height must be zero, up to rounding.
  const lengths = cone.rays.map((ray) => Math.hypot(...ray.subarray(0, measured)))
  const kept = lengths.flatMap((length, k) => (length > 1e-12 ? [k] : []))
  if (lengths.some((length, k) => length <= 1e-12 && heights[k]! > 10 * rounding)) return undefined
  const found = shortestAbove(
    kept.map((k) => cone.rays[k]!.map((entry) => entry / lengths[k]!)),
    Float64Array.from(kept, (k) => heights[k]! / lengths[k]!),
    measured,
    kept.map((k) => rounding / lengths[k]!)
  )
  if (!found) return undefined
  const multipliers = new Float64Array(heights.length)
  for (const [at, k] of kept.entries()) multipliers[k] = found.multipliers[at]! / lengths[k]!
  return { ...found, multipliers, active: found.active.map((at) => kept[at]!) }
}

function shortestAbove(
  rays: readonly Float64Array[],
  heights: Float64Array,
  measured: number,
  roundings?: readonly number[]
): ShortestMajorant | undefined {
  const size = heights.length
  if (size === 0) return undefined
  let scale = 0
  for (const height of heights) scale = Math.max(scale, Math.abs(height))
  const slack = 1e-12 * scale
  const gram = new Float64Array(size * size)
  for (let a = 0; a < size; a++)
    for (let b = 0; b < size; b++) {
      let sum = 0
      for (let e = 0; e < measured; e++) sum += rays[a]![e]! * rays[b]![e]!
      gram[a * size + b] = sum
    }
  for (let count = 0; count <= size; count++) {
    for (const active of subsets(size, count)) {
      const solved = solvePositive(gram, size, active, heights)
      if (!solved) continue
      const multipliers = new Float64Array(size)
      for (const [at, k] of active.entries()) multipliers[k] = solved[at]!
      let holds = true
      for (let k = 0; k < size && holds; k++) {
        let value = 0
        for (const j of active) value += gram[k * size + j]! * multipliers[j]!
        holds = value >= heights[k]! - slack - (roundings?.[k] ?? 0)
      }
      if (!holds) continue
      const r = new Float64Array(rays[0]!.length)
      for (const j of active) for (let e = 0; e < measured; e++) r[e]! += multipliers[j]! * rays[j]![e]!
      return { r, length: Math.hypot(...r), multipliers, active }
    }
  }
  return undefined
}

const known: (readonly (readonly number[])[])[][] = []

/** All subsets of 0, ..., size - 1 with this many elements. */
export function subsets(size: number, count: number): readonly (readonly number[])[] {
  known[size] ??= []
  known[size]![count] ??= Array.from({ length: 1 << size }, (_, code) =>
    Array.from({ length: size }, (_, k) => k).filter((k) => (code >> k) & 1)
  ).filter((subset) => subset.length === count)
  return known[size]![count]!
}

/** The solution of the equations of the chosen rows and columns, by elimination; undefined when it has a negative entry or there is none. */
function solvePositive(
  gram: Float64Array,
  size: number,
  chosen: readonly number[],
  right: Float64Array
): Float64Array | undefined {
  const m = chosen.length
  const a = chosen.map((k) => Float64Array.from([...chosen.map((j) => gram[k * size + j]!), right[k]!]))
  for (let at = 0; at < m; at++) {
    let best = at
    for (let row = at + 1; row < m; row++) if (Math.abs(a[row]![at]!) > Math.abs(a[best]![at]!)) best = row
    const pivot = a[best]!
    if (Math.abs(pivot[at]!) < 1e-14) return undefined
    a[best] = a[at]!
    a[at] = pivot
    for (let row = 0; row < m; row++) {
      if (row === at) continue
      const factor = a[row]![at]! / pivot[at]!
      if (factor !== 0) for (let e = at; e <= m; e++) a[row]![e]! -= factor * pivot[e]!
    }
  }
  const solution = Float64Array.from(a, (row, k) => row[m]! / row[k]!)
  return solution.every((x) => x >= 0) ? solution : undefined
}
