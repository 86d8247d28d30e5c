import { integerMatrix, type RationalVector, reduceVector, solveLinear } from '@nadir/arithmetic'
import type { OneHiddenLayer } from '../traits.ts'
import type { Cone } from './cones.ts'

/** For every hidden unit the sign of its outgoing weight and a cone of its incoming weights. */
export type Region = readonly { readonly sign: 1 | -1; readonly cone: Cone }[]

/** What a leaf of a pattern tree proves: coefficients of the generators (and of the constant), unit by unit, and the bound of the added-up losses. */
export interface RegionLeaf {
  readonly coefficients: RationalVector
  /** Exact: numerator / denominator, not in lowest terms. */
  readonly bound: { readonly numerator: bigint; readonly denominator: bigint }
}

/** Samples on one side of every unit, for all weights in the region. Exact. */
export function settledSamples(view: OneHiddenLayer, region: Region): boolean[] {
  return Array.from({ length: view.samples }, (_, i) =>
    region.every(({ cone }) => cone.products.every((t) => t[i]! >= 0n) || cone.products.every((t) => t[i]! <= 0n))
  )
}

/** Least squares with non-negative coefficients for the generators, in doubles. */
export interface ApproximateFit {
  readonly value: number
  /** Columns with positive coefficients; the constant is the last column. */
  readonly active: readonly number[]
  readonly coefficients: Float64Array
}

/** The outputs of the generators (of length one) at the settled samples, in doubles. */
export function floatColumns(view: OneHiddenLayer, region: Region, settled: readonly boolean[]): Float64Array[] {
  const { positive, negative, denominator } = view.slopes
  const p = Number(positive) / Number(denominator)
  const q = Number(negative) / Number(denominator)
  const columns = region.flatMap(({ sign, cone }) =>
    cone.sides.map((side) => side.map((t, i) => (settled[i] ? sign * (t >= 0 ? p : q) * t : 0)))
  )
  if (view.outputBias) columns.push(Float64Array.from(settled, (s) => (s ? 1 : 0)))
  return columns
}

/**
 * Non-negative least squares (a constant is free) by active sets, in doubles. Approximate: a proposal. Reference: Lawson and Hanson 1974.
 */
export function approximateFit(
  columns: readonly Float64Array[],
  y: Float64Array,
  settled: readonly boolean[],
  freeLast: boolean
): ApproximateFit {
  const m = columns.length
  const gram = columns.map((a) => columns.map((b) => inner(a, b)))
  const target = columns.map((a) => inner(a, y))
  const sizes = gram.map((row, k) => Math.sqrt(row[k]!))
  const x = new Float64Array(m)
  const active = new Set<number>()
  if (freeLast && sizes[m - 1]! > 0) active.add(m - 1)
  const isFree = (k: number): boolean => freeLast && k === m - 1
  const scale = Math.sqrt(inner(y, y)) || 1
  const settle = (): void => {
    for (;;) {
      const list = [...active].sort((a, b) => a - b)
      const solved = solveSymmetric(gram, target, list)
      if (!solved) {
        // Dependent columns: the newest leaves.
        const last = list.filter((k) => !isFree(k)).at(-1)
        if (last === undefined) return
        active.delete(last)
        x[last] = 0
        continue
      }
      let step = 1
      let leaving = -1
      for (const [at, k] of list.entries()) {
        const next = solved[at]!
        if (isFree(k) || next > 0) continue
        const length = x[k]! / (x[k]! - next || 1)
        if (length < step || leaving < 0) {
          step = Math.min(step, length)
          leaving = k
        }
      }
      for (const [at, k] of list.entries()) x[k]! += step * (solved[at]! - x[k]!)
      if (leaving < 0) return
      active.delete(leaving)
      x[leaving] = 0
    }
  }
  settle()
  for (let round = 0; round < 4 * m; round++) {
    let best = -1
    let most = 1e-11
    for (let k = 0; k < m; k++) {
      if (active.has(k) || !(sizes[k]! > 0)) continue
      let slope = target[k]!
      for (const j of active) slope -= gram[k]![j]! * x[j]!
      const gain = slope / (sizes[k]! * scale)
      if (gain > most) {
        most = gain
        best = k
      }
    }
    if (best < 0) break
    active.add(best)
    const before = x[best]!
    settle()
    if (!active.has(best) && before === 0 && x[best] === 0) break
  }
  const rest = y.map((value, i) => (settled[i] ? value : 0))
  for (const k of active) for (let i = 0; i < rest.length; i++) rest[i]! -= x[k]! * columns[k]![i]!
  return { value: inner(rest, rest) / 2, active: [...active].sort((a, b) => a - b), coefficients: x }
}

const inner = (a: Float64Array, b: Float64Array): number => {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

function solveSymmetric(gram: number[][], target: number[], list: readonly number[]): Float64Array | undefined {
  const m = list.length
  const a = list.map((k) => [...list.map((j) => gram[k]![j]!), target[k]!])
  for (let at = 0; at < m; at++) {
    const pivot = a[at]![at]!
    if (!(pivot > 1e-13 * gram[list[at]!]![list[at]!]!)) return undefined
    for (let row = at + 1; row < m; row++) {
      const factor = a[row]![at]! / pivot
      if (factor !== 0) for (let e = at; e <= m; e++) a[row]![e]! -= factor * a[at]![e]!
    }
  }
  const x = new Float64Array(m)
  for (let at = m - 1; at >= 0; at--) {
    let sum = a[at]![m]!
    for (let e = at + 1; e < m; e++) sum -= a[at]![e]! * x[e]!
    x[at] = sum / a[at]![at]!
  }
  return x
}

/** Outputs of the integer generators times `scale` times the denominator of the slopes: all integers. */
function exactColumns(view: OneHiddenLayer, region: Region, settled: readonly boolean[]): bigint[][] {
  const { positive, negative, denominator } = view.slopes
  const columns = region.flatMap(({ sign, cone }) =>
    cone.products.map((product) =>
      product.map((t, i) => (settled[i] ? BigInt(sign) * (t >= 0n ? positive : negative) * t : 0n))
    )
  )
  if (view.outputBias) columns.push(settled.map((s) => (s ? denominator * view.scale : 0n)))
  return columns
}

const innerExact = (a: readonly bigint[], b: readonly bigint[]): bigint =>
  a.reduce((sum, entry, i) => (entry === 0n ? sum : sum + entry * b[i]!), 0n)

/**
 * The leaf whose active columns are given, and those that it needs besides: exact least squares on them. Undefined when there is none for the rule pattern-tree. The region
 * must be that of the certificate. Exact; checked here.
 */
export function exactLeaf(view: OneHiddenLayer, region: Region, active: readonly number[]): RegionLeaf | undefined {
  const { targets } = view.problem.data
  const settled = settledSamples(view, region)
  const columns = exactColumns(view, region, settled)
  const y = targets.numerators.map((value, i) => (settled[i] ? value : 0n))
  const gram = active.flatMap((k) => active.map((j) => innerExact(columns[k]!, columns[j]!)))
  const solved =
    active.length === 0
      ? { kind: 'solved' as const, denominator: 1n, numerators: [] }
      : solveLinear(
          integerMatrix(active.length, active.length, gram),
          active.map((k) => innerExact(columns[k]!, y))
        )
  if (solved.kind !== 'solved') return undefined
  // z = y - sum_k x_k column_k, over solved.denominator * targets.denominator.
  const z = y.map((value, i) => {
    let sum = 0n
    for (const [at, k] of active.entries()) sum += solved.numerators[at]! * columns[k]![i]!
    return settled[i] ? value * solved.denominator - sum : 0n
  })
  const sides = columns.length - (view.outputBias ? 1 : 0)
  for (let k = 0; k < sides; k++)
    // In a sliver doubles miss a generator: with one more the bound may fall, but the condition holds.
    if (innerExact(z, columns[k]!) > 0n) return exactLeaf(view, region, [...active, k])
  if (view.outputBias && z.reduce((sum, entry) => sum + entry, 0n) !== 0n) return undefined
  // z.y - |z|^2/2 with z = numbers / (D T), y over T.
  const D = solved.denominator
  const T = targets.denominator
  const energy = 2n * D * innerExact(z, y) - innerExact(z, z)
  // Columns are the true ones times slopes.denominator * scale, and y is over T: so coefficients are x * slopes.denominator * scale / T.
  const factor = view.slopes.denominator * view.scale
  const coefficients = new Array<bigint>(columns.length).fill(0n)
  for (const [at, k] of active.entries()) coefficients[k] = solved.numerators[at]! * factor
  return {
    coefficients: reduceVector({ denominator: D * T, numerators: coefficients }),
    bound: { numerator: energy, denominator: 2n * D * D * T * T }
  }
}
