import { bitLength, lcm, type Rational, type RationalVector } from '@nadir/arithmetic'
import type { Json } from '../certification/canonical.ts'

/** Numbers z_i, samples x~_i of length s and a limit: for every u of R^s, kappa sum z_i max(0, u . x~_i) <= limit |u| is to be shown. Exact. */
export interface ConeDemand {
  readonly numbers: RationalVector
  /** One row of s integers for each sample, over `scale`. */
  readonly rows: readonly (readonly bigint[])[]
  readonly scale: bigint
  readonly limit: Rational
  /** A vector of length limit, for the cone in which the sum reaches it. */
  readonly peak: RationalVector
}

type Generator = readonly bigint[]

const mostNodes = 20_000
/** Vectors of leaves are rounded to this many binary places, relative to the limit. */
const places = 24n

/**
 * A tree over the cones of the fan, every leaf with a vector that is above the majorant of its cone and not longer than the limit, in the words of the
 * certificate format; undefined when it would have too many nodes. Vectors are found in doubles and checked exactly.
 * Reference: the rule dual-bound of the specification.
 */
export function coneTree(demand: ConeDemand, kappa: 1n | -1n): Json | undefined {
  const { numbers, rows, limit, peak } = demand
  const size = rows[0]!.length
  const live = rows.flatMap((row, i) =>
    numbers.numerators[i] === 0n ? [] : [{ row, z: kappa * numbers.numerators[i]! }]
  )
  const denominator = lcm(peak.denominator, limit.denominator << (places + BigInt(bitLength(limit.denominator))))
  const factor = denominator / peak.denominator
  const candidates = [new Array<bigint>(size).fill(0n), peak.numerators.map((a) => a * factor)]
  const nodes: Json[] = []
  const open = fan(size).reverse()
  while (open.length > 0) {
    if (nodes.length > mostNodes) return undefined
    const cone = open.pop()!
    const heights = majorant(cone, live)
    const isLeaf = (r: readonly bigint[]): boolean =>
      cone.every((g, k) => dot(r, g) * demand.scale * numbers.denominator >= heights[k]! * denominator) &&
      dot(r, r) * limit.denominator ** 2n <= (limit.numerator * denominator) ** 2n
    const found = candidates.find(isLeaf) ?? shortest(cone, heights, demand, denominator, isLeaf)
    if (found) {
      nodes.push(found.map(String))
      continue
    }
    const { a, b, alpha, beta } = widest(cone)
    const between = cone[a]!.map((entry, c) => alpha * entry + beta * cone[b]![c]!)
    nodes.push([a, b, alpha.toString(), beta.toString()])
    open.push(replaced(cone, a, between), replaced(cone, b, between))
  }
  return { denominator: denominator.toString(), nodes }
}

const dot = (a: readonly bigint[], b: readonly bigint[]): bigint => a.reduce((sum, value, k) => sum + value * b[k]!, 0n)

const replaced = (cone: readonly Generator[], at: number, by: Generator): Generator[] =>
  cone.map((g, k) => (k === at ? by : g))

/** The s + 1 cones spanned by s of the unit vectors and minus their sum. */
function fan(size: number): Generator[][] {
  const all = [
    ...Array.from({ length: size }, (_, k) => Array.from({ length: size }, (_, c) => (c === k ? 1n : 0n))),
    new Array<bigint>(size).fill(-1n)
  ]
  return all.map((_, left) => all.filter((_, k) => k !== left))
}

/** At every generator the sum of z max(0, t) over positive z; over negative z the sum of z t or of 0, whichever is right in the middle of the cone. */
function majorant(
  cone: readonly Generator[],
  live: readonly { readonly row: readonly bigint[]; readonly z: bigint }[]
) {
  const heights = cone.map(() => 0n)
  for (const { row, z } of live) {
    const t = cone.map((g) => dot(row, g))
    const isOn = t.reduce((a, b) => a + b, 0n) >= 0n
    for (const [k, value] of t.entries()) if (z > 0n ? value > 0n : isOn) heights[k]! += z * value
  }
  return heights
}

/** The shortest vector above the majorant, rounded; undefined when it is too long or rounding spoils it. */
function shortest(
  cone: readonly Generator[],
  heights: readonly bigint[],
  { scale, numbers, limit }: ConeDemand,
  denominator: bigint,
  isLeaf: (r: readonly bigint[]) => boolean
): readonly bigint[] | undefined {
  const most = Number(limit.numerator) / Number(limit.denominator)
  const lengths = cone.map((g) => Math.hypot(...g.map(Number)))
  const unit = cone.map((g, k) => g.map((entry) => Number(entry) / lengths[k]!))
  // A little above, for rounding.
  const needed = heights.map((h, k) => Number(h) / Number(scale * numbers.denominator) / lengths[k]! + 1e-7 * most)
  const r = leastNorm(unit, needed)
  if (!r || Math.hypot(...r) > most) return undefined
  const grid = 2 ** 40 / most
  const whole = BigInt(Math.round(2 ** 40))
  const rounded = r.map((value) => {
    const share = BigInt(Math.round(value * grid))
    // share / 2^40 times the limit, over the denominator.
    return (share * limit.numerator * (denominator / limit.denominator)) / whole
  })
  return isLeaf(rounded) ? rounded : undefined
}

/** The shortest r with unit[k] . r >= needed[k], by trying which of the inequalities are equations. Approximate. */
function leastNorm(unit: readonly (readonly number[])[], needed: readonly number[]): readonly number[] | undefined {
  const size = unit.length
  const product = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, k) => sum + value * b[k]!, 0)
  for (let mask = 0; mask < 1 << size; mask++) {
    const active = unit.flatMap((_, k) => ((mask >> k) & 1 ? [k] : []))
    const gram = active.map((k) => active.map((l) => product(unit[k]!, unit[l]!)))
    const shares = solve(
      gram,
      active.map((k) => needed[k]!)
    )
    if (!shares || shares.some((share) => share < 0)) continue
    const r = unit[0]!.map((_, c) => active.reduce((sum, k, at) => sum + shares[at]! * unit[k]![c]!, 0))
    if (unit.every((g, k) => product(g, r) >= needed[k]! - 1e-12 * (1 + Math.abs(needed[k]!)))) return r
  }
  return undefined
}

/** A small dense system by elimination; undefined when it is singular. Approximate. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] | undefined {
  const rows = matrix.map((row, i) => [...row, right[i]!])
  for (let k = 0; k < rows.length; k++) {
    const at = rows.reduce((best, row, i) => (i >= k && Math.abs(row[k]!) > Math.abs(rows[best]![k]!) ? i : best), k)
    const pivot = rows[at]!
    if (Math.abs(pivot[k]!) < 1e-12) return undefined
    rows[at] = rows[k]!
    rows[k] = pivot
    for (let i = 0; i < rows.length; i++) {
      if (i === k) continue
      const share = rows[i]![k]! / pivot[k]!
      for (let c = k; c <= rows.length; c++) rows[i]![c]! -= share * pivot[c]!
    }
  }
  return rows.map((row, k) => row[rows.length]! / row[k]!)
}

/** The two generators with the widest angle, and whole numbers that put their sum near the middle. */
function widest(cone: readonly Generator[]) {
  const lengths = cone.map((g) => Math.hypot(...g.map(Number)))
  let best = { a: 0, b: 1, cosine: 2 }
  for (let b = 1; b < cone.length; b++)
    for (let a = 0; a < b; a++) {
      const cosine =
        cone[a]!.reduce((sum, value, c) => sum + Number(value) * Number(cone[b]![c]!), 0) / (lengths[a]! * lengths[b]!)
      if (cosine < best.cosine) best = { a, b, cosine }
    }
  const ratio = lengths[best.b]! / lengths[best.a]!
  return {
    a: best.a,
    b: best.b,
    alpha: BigInt(Math.max(1, Math.round(ratio))),
    beta: BigInt(Math.max(1, Math.round(1 / ratio)))
  }
}
