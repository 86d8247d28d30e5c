import type { Value } from './digests.ts'
import {
  add,
  commonDenominator,
  divide,
  type Fraction,
  fraction,
  inner,
  isLess,
  multiply,
  negate,
  none,
  nullspace,
  one,
  over,
  sign,
  subtract,
  sum,
  text
} from './fraction.ts'
import { vectorOf } from './planted.ts'

/*
 * Trees of cones for the rules dual-bound and pattern-tree, made in the plainest way: fractions, all candidates tried.
 */

type Vector = readonly Fraction[]
type Slopes = readonly [Fraction, Fraction]

export const fan = (size: number): readonly (readonly Vector[])[] => {
  const rays = Array.from({ length: size + 1 }, (_, k) =>
    Array.from({ length: size }, (_, e) => fraction(k === size ? -1 : k === e ? 1 : 0))
  )
  return rays.map((_, left) => rays.filter((_, k) => k !== left))
}

const slopeAt = ([p, q]: Slopes, t: Fraction): Fraction => (sign(t) >= 0 ? p : q)

const majorant = (z: Vector, xs: readonly Vector[], cone: readonly Vector[], slopes: Slopes): Vector => {
  const heights = cone.map(() => none)
  for (const [i, x] of xs.entries()) {
    const ts = cone.map((g) => inner(x, g))
    const leaning = ts.map((t, k) => divide(t, sum(cone[k].map((entry) => (sign(entry) < 0 ? negate(entry) : entry)))))
    const extremes = [
      leaning.reduce((a, b) => (isLess(a, b) ? b : a)),
      leaning.reduce((a, b) => (isLess(b, a) ? b : a))
    ]
    const bends = sign(multiply(z[i], subtract(slopes[0], slopes[1]))) >= 0
    for (const [k, t] of ts.entries()) {
      const slope = slopeAt(slopes, bends ? t : sum(extremes))
      heights[k] = add(heights[k], multiply(z[i], multiply(slope, t)))
    }
  }
  return heights
}

const scaled = (vector: Vector, by: Fraction): Vector => vector.map((entry) => multiply(entry, by))

/** A solution of the square system whose rows are given; undefined where there is more than one. */
const solution = (rows: readonly Vector[], right: Vector): Vector | undefined => {
  const basis = nullspace(
    rows.map((row, k) => [...row, negate(right[k])]),
    rows.length + 1
  )
  const [only] = basis
  if (basis.length !== 1 || sign(only[rows.length]) === 0) return undefined
  return only.slice(0, rows.length).map((entry) => divide(entry, only[rows.length]))
}

/** The shortest vector r with r . g_k >= height_k, for one or two generators; undefined where there is none. */
const shortest = (cone: readonly Vector[], heights: Vector): Vector | undefined => {
  const size = cone[0].length
  const candidates: Vector[] = [Array.from({ length: size }, () => none)]
  for (const [k, g] of cone.entries()) {
    if (sign(inner(g, g)) > 0) candidates.push(scaled(g, divide(heights[k], inner(g, g))))
  }
  const all = cone.length === size ? solution(cone, heights) : undefined
  if (all) candidates.push(all)
  const allowed = candidates.filter((r) => cone.every((g, k) => !isLess(inner(r, g), heights[k])))
  return allowed.length === 0
    ? undefined
    : allowed.reduce((best, r) => (isLess(inner(r, r), inner(best, best)) ? r : best))
}

type Split = { readonly first: number; readonly second: number; readonly alpha: bigint; readonly beta: bigint }

/** A split of the cone at the kink of a sample, where one crosses it. */
const splitAt = (cone: readonly Vector[], x: Vector): Split | undefined => {
  const ts = cone.map((g) => inner(x, g))
  for (const [second, right] of ts.entries()) {
    for (const [first, left] of ts.slice(0, second).entries()) {
      if (sign(left) * sign(right) >= 0) continue
      const ratio = divide(right, left)
      return { first, second, alpha: -ratio.n, beta: ratio.d }
    }
  }
  return undefined
}

const partsOf = (cone: readonly Vector[], { first, second, alpha, beta }: Split): readonly (readonly Vector[])[] => {
  const [a, b] = [over(alpha, 1n), over(beta, 1n)]
  const g = cone[first].map((entry, k) => add(multiply(a, entry), multiply(b, cone[second][k])))
  return [second, first].map((at) => cone.map((old, k) => (k === at ? g : old)))
}

const splitNode = ({ first, second, alpha, beta }: Split): Value => [first, second, `${alpha}`, `${beta}`]

/** The tree that shows sum z_i h(u . x_i) <= L |u| for all u; with a free bias L |u| is without the last entry. */
export const coneTree = (
  z: Vector,
  xs: readonly Vector[],
  slopes: Slopes,
  limit: Fraction,
  freeBias: boolean
): Value => {
  const nodes: (Split | Vector)[] = []
  const visit = (cone: readonly Vector[]): void => {
    const heights = majorant(z, xs, cone, slopes)
    const seen = freeBias ? cone.map((g) => g.slice(0, -1)) : cone
    const r = shortest(seen, heights)
    if (r && !isLess(multiply(limit, limit), inner(r, r))) {
      nodes.push(freeBias ? [...r, none] : r)
      return
    }
    const split = xs.map((x) => splitAt(cone, x)).find((found) => found !== undefined)
    if (!split) throw new Error('the numbers are too large')
    nodes.push(split)
    for (const part of partsOf(cone, split)) visit(part)
  }
  for (const cone of fan(xs[0].length)) visit(cone)
  const leaves = nodes.filter((node): node is Vector => Array.isArray(node))
  const denominator = commonDenominator(leaves.flat())
  return {
    denominator: `${denominator}`,
    nodes: nodes.map((node) =>
      Array.isArray(node) ? (node as Vector).map(({ n, d }) => `${(n * denominator) / d}`) : splitNode(node as Split)
    )
  }
}

type Unit = { readonly sign: Fraction; readonly cone: readonly Vector[] }

/** Settings of the rule pattern-tree. */
export type Narrow = {
  readonly xs: readonly Vector[]
  readonly ys: Vector
  readonly slopes: Slopes
  readonly units: number
  readonly outputBias: boolean
}

const regionsOf = ({ xs, units }: Narrow): readonly (readonly Unit[])[] => {
  const cones = fan(xs[0].length)
  const lists = (length: number): readonly (readonly number[])[] =>
    length === 0 ? [[]] : lists(length - 1).flatMap((list) => cones.map((_, k) => [...list, k]))
  return Array.from({ length: units + 1 }, (_, positives) =>
    lists(units)
      .filter((list) => list.every((k, unit) => unit === 0 || unit === positives || list[unit - 1] <= k))
      .map((list) => list.map((k, unit) => ({ sign: fraction(unit < positives ? 1 : -1), cone: cones[k] })))
  ).flat()
}

/** Least squares on the chosen columns: their coefficients, zero for the others. */
const leastSquares = (columns: readonly Vector[], chosen: readonly number[], ys: Vector): Vector | undefined => {
  const rows = chosen.map((k) => chosen.map((l) => inner(columns[k], columns[l])))
  const right = chosen.map((k) => inner(columns[k], ys))
  const found = chosen.length === 0 ? [] : solution(rows, right)
  return found && columns.map((_, k) => (chosen.includes(k) ? found[chosen.indexOf(k)] : none))
}

/** The coefficients of the best combination, those of the generators not negative, and what it leaves: z. */
const bestFit = (region: readonly Unit[], problem: Narrow): { readonly e: Vector; readonly z: Vector } => {
  const { xs, ys, slopes, outputBias } = problem
  const ts = region.map(({ cone }) => cone.map((g) => xs.map((x) => inner(g, x))))
  const settled = xs.map((_, i) =>
    ts.every((unit) => unit.every((t) => sign(t[i]) >= 0) || unit.every((t) => sign(t[i]) <= 0))
  )
  const kept = (vector: Vector): Vector => vector.map((entry, i) => (settled[i] ? entry : none))
  const sides = region.flatMap((unit, j) =>
    ts[j].map((t) => kept(t.map((value) => multiply(unit.sign, multiply(slopeAt(slopes, value), value)))))
  )
  const columns = outputBias ? [...sides, kept(xs.map(() => one))] : sides
  const targets = kept(ys)
  for (let code = 0; code < 2 ** sides.length; code += 1) {
    const chosen = columns.map((_, k) => k).filter((k) => k >= sides.length || Math.floor(code / 2 ** k) % 2 === 1)
    const e = leastSquares(columns, chosen, targets)
    if (!e || sides.some((_, k) => sign(e[k]) < 0)) continue
    const z = targets.map((y, i) => subtract(y, sum(columns.map((column, k) => multiply(e[k], column[i])))))
    if (sides.every((column) => sign(inner(z, column)) <= 0)) return { e, z }
  }
  throw new Error('no best combination')
}

/** The tree that shows sum (f - y)^2 / 2 >= bound for all networks of the kind. */
export const regionTree = (problem: Narrow, bound: Fraction): readonly Value[] => {
  const nodes: Value[] = []
  const visit = (region: readonly Unit[]): void => {
    const { e, z } = bestFit(region, problem)
    const proved = subtract(inner(z, problem.ys), multiply(fraction('1/2'), inner(z, z)))
    if (!isLess(proved, bound)) {
      nodes.push(vectorOf(e.map(text)))
      return
    }
    for (const [unit, { cone }] of region.entries()) {
      const split = problem.xs.map((x) => splitAt(cone, x)).find((found) => found !== undefined)
      if (!split) continue
      nodes.push([unit, ...(splitNode(split) as readonly Value[])])
      for (const part of partsOf(cone, split)) {
        visit(region.map((one_, j) => (j === unit ? { ...one_, cone: part } : one_)))
      }
      return
    }
    throw new Error(`the bound is above ${text(proved)}`)
  }
  for (const region of regionsOf(problem)) visit(region)
  return nodes
}
