import { bitLength } from '../integer.ts'
import { ratioToNumber } from '../rational.ts'
import type { BoxProgram } from './box-program.ts'

/** A basis to start the exact simplex method from. A proposal: nothing is claimed about it. */
export interface ProposedBasis {
  readonly basicColumns: readonly number[]
  /** The columns outside the basis that sit at their upper bound; the others sit at the lower one if there is one. */
  readonly atUpper: ReadonlySet<number>
}

const tolerance = 1e-9

/**
 * A basis that the simplex method in doubles believes to be optimal, or to prove that the polytope is empty; the cost may
 * be absent. Approximate: may be wrong in every respect.
 */
export function proposeBasis(program: BoxProgram, cost: readonly bigint[] | undefined): ProposedBasis {
  const { rows: m, columns: n } = program.matrix
  const scaled = scaleToDoubles(program, cost)
  const { columns, lower, upper } = scaled
  // Variables n, ..., n + m - 1 are the residuals of the rows, fixed to zero: they form the first basis.
  const basic = Int32Array.from({ length: m }, (_, i) => n + i)
  const isBasic = new Uint8Array(n)
  const value = Float64Array.from({ length: n }, (_, j) =>
    lower[j]! > -Infinity ? lower[j]! : upper[j]! < Infinity ? upper[j]! : 0
  )
  const inverse = new Float64Array(m * m)
  for (let i = 0; i < m; i++) inverse[i * m + i] = 1
  const bound = (variable: number, side: Float64Array): number => (variable < n ? side[variable]! : 0)
  const residual = new Float64Array(m)
  const x = new Float64Array(m)
  const y = new Float64Array(m)
  const step = new Float64Array(m)
  const side = new Int8Array(m)
  for (let iteration = 0; iteration < 10 * (m + n); iteration++) {
    residual.set(scaled.b)
    for (let j = 0; j < n; j++) {
      if (isBasic[j] || value[j] === 0) continue
      for (let i = 0; i < m; i++) residual[i]! -= columns[j * m + i]! * value[j]!
    }
    let infeasible = false
    for (let i = 0; i < m; i++) {
      let sum = 0
      for (let k = 0; k < m; k++) sum += inverse[i * m + k]! * residual[k]!
      x[i] = sum
      const slack = tolerance * (1 + Math.abs(sum))
      side[i] = sum < bound(basic[i]!, lower) - slack ? -1 : sum > bound(basic[i]!, upper) + slack ? 1 : 0
      if (side[i] !== 0) infeasible = true
    }
    if (!infeasible && !cost) break
    const weight = (i: number): number => (infeasible ? side[i]! : basic[i]! < n ? scaled.cost[basic[i]!]! : 0)
    y.fill(0)
    for (let i = 0; i < m; i++) {
      const w = weight(i)
      if (w !== 0) for (let k = 0; k < m; k++) y[k]! += w * inverse[i * m + k]!
    }
    let entering = -1
    let steepest = 0
    for (let j = 0; j < n; j++) {
      if (isBasic[j]) continue
      let reduced = infeasible ? 0 : scaled.cost[j]!
      let size = Math.abs(reduced)
      for (let i = 0; i < m; i++) {
        const product = y[i]! * columns[j * m + i]!
        reduced -= product
        size += Math.abs(product)
      }
      const open = reduced < 0 ? value[j]! < upper[j]! : value[j]! > lower[j]!
      if (open && Math.abs(reduced) > tolerance * size && Math.abs(reduced) > Math.abs(steepest)) {
        entering = j
        steepest = reduced
      }
    }
    if (entering < 0) break
    const direction = steepest < 0 ? 1 : -1
    let longest = direction > 0 ? upper[entering]! - value[entering]! : value[entering]! - lower[entering]!
    let leaving = -1
    let leavesAt = 0
    for (let i = 0; i < m; i++) {
      let sum = 0
      for (let k = 0; k < m; k++) sum += inverse[i * m + k]! * columns[entering * m + k]!
      step[i] = sum
      const rate = -direction * sum
      if (Math.abs(rate) < tolerance) continue
      const low = bound(basic[i]!, lower)
      const high = bound(basic[i]!, upper)
      const target =
        side[i]! < 0
          ? rate > 0
            ? low
            : -Infinity
          : side[i]! > 0
            ? rate < 0
              ? high
              : Infinity
            : rate < 0
              ? low
              : high
      if (!Number.isFinite(target)) continue
      const length = Math.max(0, (target - x[i]!) / rate)
      if (length < longest || (length === longest && leaving >= 0 && Math.abs(sum) > Math.abs(step[leaving]!))) {
        longest = length
        leaving = i
        leavesAt = target
      }
    }
    if (leaving < 0) {
      if (longest === Infinity) break
      value[entering] = direction > 0 ? upper[entering]! : lower[entering]!
      continue
    }
    const left = basic[leaving]!
    if (left < n) {
      isBasic[left] = 0
      value[left] = leavesAt
    }
    basic[leaving] = entering
    isBasic[entering] = 1
    const pivot = step[leaving]!
    for (let k = 0; k < m; k++) inverse[leaving * m + k]! /= pivot
    for (let i = 0; i < m; i++) {
      if (i === leaving || step[i] === 0) continue
      for (let k = 0; k < m; k++) inverse[i * m + k]! -= step[i]! * inverse[leaving * m + k]!
    }
  }
  const atUpper = new Set<number>()
  for (let j = 0; j < n; j++) if (!isBasic[j] && value[j] === upper[j] && value[j] !== lower[j]) atUpper.add(j)
  return { basicColumns: [...basic].filter((variable) => variable < n), atUpper }
}

/**
 * The program in doubles: rows and then columns divided by powers of two so that their largest entry is about 1, bounds
 * and right-hand sides divided by one more so that they stay in range.
 */
function scaleToDoubles({ matrix, b, lower, upper }: BoxProgram, cost: readonly bigint[] | undefined) {
  const { rows: m, columns: n, entries } = matrix
  const rowBits = Array.from({ length: m }, (_, i) => longest(entries.slice(i * n, (i + 1) * n)))
  const boundBits = Math.max(longest(lower), longest(upper), ...b.map((v, i) => bitLength(v) - rowBits[i]!))
  const costBits = longest(cost ?? [])
  const columns = new Float64Array(m * n)
  for (let i = 0; i < m; i++) {
    const scale = 1n << BigInt(rowBits[i]!)
    for (let j = 0; j < n; j++) columns[j * m + i] = ratioToNumber(entries[i * n + j]!, scale)
  }
  const unit = 1n << BigInt(boundBits)
  const scaled = {
    columns,
    b: Float64Array.from(b, (v, i) => ratioToNumber(v, unit << BigInt(rowBits[i]!))),
    lower: Float64Array.from(lower, (l) => (l === undefined ? -Infinity : ratioToNumber(l, unit))),
    upper: Float64Array.from(upper, (u) => (u === undefined ? Infinity : ratioToNumber(u, unit))),
    cost: Float64Array.from(cost ?? [], (c) => ratioToNumber(c, 1n << BigInt(costBits)))
  }
  for (let j = 0; j < n; j++) {
    let largest = 0
    for (let i = 0; i < m; i++) largest = Math.max(largest, Math.abs(columns[j * m + i]!))
    if (largest === 0) continue
    const scale = 2 ** Math.floor(Math.log2(largest))
    for (let i = 0; i < m; i++) columns[j * m + i]! /= scale
    scaled.lower[j]! *= scale
    scaled.upper[j]! *= scale
    if (cost) scaled.cost[j]! /= scale
  }
  return scaled
}

/** The number of bits of the longest of these integers. */
const longest = (integers: readonly (bigint | undefined)[]): number =>
  integers.reduce<number>((most, v) => Math.max(most, v === undefined ? 0 : bitLength(v)), 0)
