import { add, divide, lcm, multiply, type Rational, rational, ratioToNumber, subtract, zero } from '@nadir/arithmetic'
import type { Dataset } from '../data/dataset.ts'

/** slope x + intercept. */
export interface Line {
  readonly slope: Rational
  readonly intercept: Rational
}

export const valueAt = ({ slope, intercept }: Line, x: Rational): Rational => add(multiply(slope, x), intercept)

/** Where a chain begins or ends, with its value there. */
export interface ChainEnd {
  readonly x: Rational
  readonly value: Rational
}

/** The least squares fit to neighbouring samples with knots on given ones. No lines when it has a single place: its slope is free. Exact. */
export interface Chain {
  readonly lines: readonly Line[]
  readonly knots: readonly Rational[]
  readonly first: ChainEnd
  readonly last: ChainEnd
  /** The sum of the squared residuals. */
  readonly cost: Rational
}

/** The different inputs in ascending order, and the chains over them, each made once. */
export function chainsOf(data: Dataset): {
  readonly places: readonly Rational[]
  readonly chain: (from: number, to: number, knots: readonly number[]) => Chain
  /** The cost of a chain without knots, rounded to the nearest double. */
  readonly lineCost: (from: number, to: number) => number
} {
  const { inputs, targets } = data
  const scale = lcm(inputs.denominator, targets.denominator)
  // Integers: inputs and targets times the scale.
  const samples = Array.from({ length: data.samples }, (_, i) => ({
    x: inputs.numerators[i]! * (scale / inputs.denominator),
    y: targets.numerators[i]! * (scale / targets.denominator)
  })).sort((a, b) => (a.x < b.x ? -1 : a.x > b.x ? 1 : 0))
  const xs = samples.map(({ x }) => x).filter((x, k, all) => k === 0 || x !== all[k - 1])
  // Sums over the samples of all places before a place: 1, x, x^2, y, x y, y^2.
  const sums: bigint[][] = [[0n, 0n, 0n, 0n, 0n, 0n]]
  let at = 0
  for (const x of xs) {
    const sum = [...sums.at(-1)!]
    for (; at < samples.length && samples[at]!.x === x; at++) {
      const { y } = samples[at]!
      for (const [k, term] of [1n, x, x * x, y, x * y, y * y].entries()) sum[k]! += term
    }
    sums.push(sum)
  }
  const between = (from: number, to: number) => sums[to]!.map((s, k) => s - sums[from]![k]!)
  const unscaled = (x: bigint): Rational => rational(x, scale)
  const cache = new Map<string, Chain>()

  const make = (from: number, to: number, knots: readonly number[]): Chain => {
    const nodes = from === to ? [from] : [from, ...knots, to]
    const m = nodes.length
    const diagonal = new Array<Rational>(m).fill(zero)
    const beside = new Array<Rational>(m).fill(zero)
    const right = new Array<Rational>(m).fill(zero)
    for (const [k, node] of nodes.entries()) {
      const [w, , , y] = between(node, node + 1)
      diagonal[k] = add(diagonal[k]!, rational(w!))
      right[k] = add(right[k]!, rational(y!))
      if (k + 1 === m) break
      // The samples between two nodes: hat functions (b - x) / h and (x - a) / h.
      const next = nodes[k + 1]!
      const [a, b] = [xs[node]!, xs[next]!]
      const h = b - a
      const [s, sx, sxx, sy, sxy] = between(node + 1, next) as [bigint, bigint, bigint, bigint, bigint]
      diagonal[k] = add(diagonal[k]!, rational(b * b * s - 2n * b * sx + sxx, h * h))
      beside[k] = rational((a + b) * sx - a * b * s - sxx, h * h)
      diagonal[k + 1] = add(diagonal[k + 1]!, rational(sxx - 2n * a * sx + a * a * s, h * h))
      right[k] = add(right[k]!, rational(b * sy - sxy, h))
      right[k + 1] = add(right[k + 1]!, rational(sxy - a * sy, h))
    }
    const values = solveTridiagonal(diagonal, beside, right)
    const squares = between(from, to + 1)[5]!
    const cost = values.reduce((sum, v, k) => subtract(sum, multiply(v, right[k]!)), rational(squares))
    const ends = nodes.map((node, k) => ({
      x: unscaled(xs[node]!),
      value: divide(values[k]!, rational(scale))
    }))
    return {
      lines: ends.slice(1).map((b, k) => lineThrough(ends[k]!, b)),
      knots: ends.slice(1, -1).map(({ x }) => x),
      first: ends[0]!,
      last: ends.at(-1)!,
      cost: divide(cost, rational(scale * scale))
    }
  }
  const lineCost = (from: number, to: number): number => {
    const [w, x, xx, y, xy, yy] = between(from, to + 1) as [bigint, bigint, bigint, bigint, bigint, bigint]
    const spread = w * xx - x * x
    const common = w * scale * scale
    if (spread === 0n) return ratioToNumber(w * yy - y * y, common)
    const slope = w * xy - x * y
    return ratioToNumber((w * yy - y * y) * spread - slope * slope, spread * common)
  }
  return {
    lineCost,
    places: xs.map(unscaled),
    chain: (from, to, knots) => {
      const key = `${from} ${to} ${knots}`
      const known = cache.get(key)
      if (known) return known
      const made = make(from, to, knots)
      cache.set(key, made)
      return made
    }
  }
}

export function lineThrough(a: ChainEnd, b: ChainEnd): Line {
  const slope = divide(subtract(b.value, a.value), subtract(b.x, a.x))
  return { slope, intercept: subtract(a.value, multiply(slope, a.x)) }
}

/** Every node has a sample on it: the matrix is positive definite. */
function solveTridiagonal(
  diagonal: readonly Rational[],
  beside: readonly Rational[],
  right: readonly Rational[]
): Rational[] {
  const d = [...diagonal]
  const r = [...right]
  for (let k = 1; k < d.length; k++) {
    const factor = divide(beside[k - 1]!, d[k - 1]!)
    d[k] = subtract(d[k]!, multiply(factor, beside[k - 1]!))
    r[k] = subtract(r[k]!, multiply(factor, r[k - 1]!))
  }
  const x = new Array<Rational>(d.length)
  for (let k = d.length - 1; k >= 0; k--)
    x[k] = divide(k + 1 < d.length ? subtract(r[k]!, multiply(beside[k]!, x[k + 1]!)) : r[k]!, d[k]!)
  return x
}
