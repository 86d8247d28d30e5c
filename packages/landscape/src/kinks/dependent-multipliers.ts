import { boundedLeastSquares } from './bounded-least-squares.ts'
import type { DependentKinks } from './dependent-kinks.ts'
import { type Kink, type KinkNetwork, placesOf } from './kink-network.ts'
import type { FirstOrder, Release } from './linearise.ts'
import { dot, type RowSpace, rowSpace, shortestSolution } from './orthogonal.ts'

/**
 * Kinks of one unit that depend on each other. The multipliers of the independent ones are totals: any numbers mu with 0 <= mu <= bound for all kinks, and the sum of mu_m row_m the totals, show that no slope leads off them.
 */
export interface KinkGroup {
  /** The independent ones first. */
  readonly kinks: readonly Kink[]
  /** The independent ones, by their places in the list of first order. */
  readonly of: readonly number[]
  /** A row for each kink, by the independent ones. */
  readonly rows: readonly Float64Array[]
  readonly totals: Float64Array
  readonly bounds: Float64Array
}

/** A departure from kinks that depend on each other: those that are left, those that are kept, the direction and its slope. */
export interface Departure {
  readonly releases: readonly Release[]
  readonly kept: readonly Kink[]
  readonly direction: Float64Array
  readonly size: number
}

/** The group of these independent kinks and those that follow from them, at first order. Approximate. */
export function kinkGroup(
  network: KinkNetwork,
  first: FirstOrder,
  { of, kinks: following, coefficients }: DependentKinks
): KinkGroup {
  const kinks = [...of.map((a) => first.kinks[a]!), ...following]
  return {
    kinks,
    of,
    rows: [...of.map((_, a) => Float64Array.from(of, (__, b) => (a === b ? 1 : 0))), ...coefficients],
    totals: Float64Array.from(of, (a) => first.multipliers[a]!),
    bounds: Float64Array.from(kinks, (kink) =>
      placesOf(network, kink).reduce((sum, place) => sum + first.jumps[kink.layer]![place]!, 0)
    )
  }
}

/**
 * Multipliers as far inside their bounds as they go, and their least distance from these relative to the bounds; undefined where there are none. Approximate.
 */
export function multipliersInside({
  rows,
  totals,
  bounds
}: KinkGroup): { readonly multipliers: Float64Array; readonly margin: number } | undefined {
  if (bounds.some((b) => !(b > 0))) return undefined
  const scale = rows.reduce(
    (sum, row, m) => sum + bounds[m]! * Math.sqrt(dot(row, row)),
    Math.sqrt(dot(totals, totals))
  )
  const at = (margin: number): Float64Array | undefined => {
    const { factors, rest } = boundedLeastSquares(
      rows,
      totals,
      bounds.map((b) => margin * b),
      bounds.map((b) => (1 - margin) * b)
    )
    return Math.sqrt(dot(rest, rest)) <= 1e-11 * scale ? factors : undefined
  }
  // What is closer to a bound is lost in the rounding above.
  let low = 1e-8
  let multipliers = at(low)
  if (!multipliers) return undefined
  let high = 0.5
  while (high > 1.01 * low) {
    const middle = high > 4 * low ? Math.sqrt(low * high) : (low + high) / 2
    const found = at(middle)
    if (found) {
      low = middle
      multipliers = found
    } else high = middle
  }
  return { multipliers, margin: low }
}

/** The departure with the steepest slope that leads off kinks that depend on each other; undefined where none does. Approximate. */
export function steepestDeparture(first: FirstOrder, groups: readonly KinkGroup[]): Departure | undefined {
  let best: Departure | undefined
  for (const group of groups) {
    const departure = departureFrom(first, group)
    if (departure && departure.size > (best?.size ?? 0)) best = departure
  }
  return best
}

/** The most corners of a group that are tried. */
const mostRays = 2000

function departureFrom(first: FirstOrder, group: KinkGroup): Departure | undefined {
  const { kinks, of, rows, totals, bounds } = group
  const factor = reciprocalRoot(first.space, of)
  if (!factor) return undefined
  // In these coordinates of the changes of the arguments lengths are those of changes of parameters that keep all other kinks.
  const columns = rows.map((row) => solveLower(factor, row))
  const target = solveLower(factor, totals)
  const steepest = boundedLeastSquares(
    columns,
    target,
    bounds.map((b) => Math.min(0, b)),
    bounds.map((b) => Math.max(0, b))
  )
  let direction = steepest.rest
  let size = Math.sqrt(dot(direction, direction))
  const noise =
    1e-12 *
    (Math.sqrt(dot(target, target)) +
      columns.reduce((sum, c, m) => sum + Math.abs(bounds[m]!) * Math.sqrt(dot(c, c)), 0))
  if (size <= noise) {
    if (bounds.every((b) => b >= 0)) return undefined
    // With kinks that hold nothing and push away slopes are no longer convex: they are least along a ray on which as many kinks as possible are kept.
    const slope = (r: Float64Array): number =>
      columns.reduce((sum, c, m) => sum + bounds[m]! * Math.max(0, dot(c, r)), -dot(target, r))
    size = noise
    for (const ray of raysOf(columns, of.length)) {
      const down = -slope(ray)
      if (down > size) {
        size = down
        direction = ray
      }
    }
    if (size <= noise) return undefined
  }
  const releases: Release[] = []
  const kept: Kink[] = []
  const long = Math.sqrt(dot(direction, direction))
  for (const [m, kink] of kinks.entries()) {
    const speed = dot(columns[m]!, direction)
    if (Math.abs(speed) <= 1e-9 * long * Math.sqrt(dot(columns[m]!, columns[m]!))) kept.push(kink)
    else releases.push({ kink, side: speed > 0 ? 1 : -1 })
  }
  if (releases.length === 0) return undefined
  const speeds = new Float64Array(first.space.independent.length)
  for (const [a, at] of of.entries()) speeds[at] = dot(columns[a]!, direction)
  return { releases, kept, direction: shortestSolution(first.space, speeds), size }
}

/** Unit vectors on which as many columns as can vanish do, and their opposites. */
function* raysOf(columns: readonly Float64Array[], length: number): Generator<Float64Array> {
  let left = mostRays
  function* chosen(from: number, among: readonly number[]): Generator<readonly number[]> {
    if (among.length === length - 1) {
      yield among
      return
    }
    for (let m = from; m < columns.length && left > 0; m++) yield* chosen(m + 1, [...among, m])
  }
  for (const among of chosen(0, [])) {
    if (left-- <= 0) return
    const rows = new Float64Array(among.length * length)
    for (const [k, m] of among.entries()) rows.set(columns[m]!, k * length)
    const space = rowSpace(rows, among.length, length, { tolerance: 1e-9 })
    if (space.independent.length < among.length) continue
    const ray = space.basis.slice((length - 1) * length, length * length)
    yield ray
    yield ray.map((x) => -x)
  }
}

/** A lower triangle L with L L^T the block of the inverse of the Gram matrix of all rows for these ones; undefined where it is singular in doubles. */
function reciprocalRoot(
  { triangle, independent, length }: RowSpace,
  of: readonly number[]
): readonly Float64Array[] | undefined {
  const count = independent.length
  const columns = of.map((at) => {
    const y = new Float64Array(count)
    for (let a = at; a < count; a++) {
      let sum = a === at ? 1 : 0
      for (let k = at; k < a; k++) sum -= triangle[a * length + k]! * y[k]!
      y[a] = sum / triangle[a * length + a]!
    }
    return y
  })
  const factor = of.map(() => new Float64Array(of.length))
  for (let a = 0; a < of.length; a++)
    for (let b = 0; b <= a; b++) {
      let sum = dot(columns[a]!, columns[b]!)
      for (let k = 0; k < b; k++) sum -= factor[a]![k]! * factor[b]![k]!
      if (a === b) {
        if (!(sum > 0)) return undefined
        factor[a]![a] = Math.sqrt(sum)
      } else factor[a]![b] = sum / factor[b]![b]!
    }
  return factor
}

function solveLower(factor: readonly Float64Array[], row: Float64Array): Float64Array {
  const y = new Float64Array(row.length)
  for (let a = 0; a < row.length; a++) {
    let sum = row[a]!
    for (let k = 0; k < a; k++) sum -= factor[a]![k]! * y[k]!
    y[a] = sum / factor[a]![a]!
  }
  return y
}
