import { dot } from '../matrix/integer-matrix.ts'
import type { RationalVector } from '../rational-vector.ts'
import { type ProposedBasis, proposeBasis } from './approximate-simplex.ts'
import { type BoxProgram, requireBoxProgram } from './box-program.ts'

export type SimplexOutcome =
  | { readonly kind: 'optimal'; readonly point: RationalVector; readonly y: RationalVector; readonly basis: number[] }
  | { readonly kind: 'unbounded'; readonly point: RationalVector; readonly ray: bigint[] }
  | { readonly kind: 'infeasible'; readonly y: bigint[] }

/**
 * The simplex method for bounded variables in integers. Exact. Starts from the basis that doubles propose, which is as a
 * rule the last one; infeasible basic variables are driven to their bounds by minimising the sum of infeasibilities.
 * Without a cost it stops at the first point of the polytope. Ends because every degenerate step is followed by Bland's
 * rule until the objective falls.
 *
 * The basis inverse is kept as E / D with D > 0 the absolute value of the determinant, E integral: pivots divide exactly.
 * Variables outside the basis sit at integer bounds (or at zero when free), so the point is integral over D.
 */
export function exactSimplex(program: BoxProgram, cost: readonly bigint[] | undefined): SimplexOutcome {
  requireBoxProgram(program)
  const { matrix, lower, upper } = program
  const { rows: m, columns: n } = matrix
  const proposal: ProposedBasis = proposeBasis(program, cost)
  const columns = Array.from({ length: n }, (_, j) => Array.from({ length: m }, (_, i) => matrix.entries[i * n + j]!))
  // Variables n, ..., n + m - 1 are the residuals of the rows, fixed to zero; they fill the basis where columns do not.
  const basic = Array.from({ length: m }, (_, i) => n + i)
  const isBasic = new Uint8Array(n)
  let inverse: bigint[][] = Array.from({ length: m }, (_, i) =>
    Array.from({ length: m }, (_, k) => (i === k ? 1n : 0n))
  )
  let determinant = 1n
  const lowerOf = (variable: number): bigint | undefined => (variable < n ? lower[variable] : 0n)
  const upperOf = (variable: number): bigint | undefined => (variable < n ? upper[variable] : 0n)

  /** Replaces the basic variable of a row by column q, of which E q is given; the pivot (E q)[row] is not zero. */
  function pivot(row: number, q: number, column: readonly bigint[]): void {
    const left = basic[row]!
    if (left < n) isBasic[left] = 0
    basic[row] = q
    isBasic[q] = 1
    const pivotRow = inverse[row]!
    const element = column[row]!
    inverse = inverse.map((entries, i) =>
      i === row ? pivotRow : entries.map((e, k) => (e * element - column[i]! * pivotRow[k]!) / determinant)
    )
    determinant = element
    if (determinant < 0n) {
      determinant = -determinant
      inverse = inverse.map((entries) => entries.map((e) => -e))
    }
  }

  for (const q of proposal.basicColumns) {
    const column = inverse.map((row) => dot(row, columns[q]!))
    const row = column.findIndex((c, i) => c !== 0n && basic[i]! >= n)
    if (row >= 0) pivot(row, q, column)
  }
  const value = Array.from(
    { length: n },
    (_, j) => (proposal.atUpper.has(j) ? upper[j] : undefined) ?? lower[j] ?? upper[j] ?? 0n
  )
  const residual = [...program.b]
  const addToResidual = (j: number, factor: bigint): void => {
    if (factor !== 0n) for (let i = 0; i < m; i++) residual[i]! += factor * columns[j]![i]!
  }
  for (let j = 0; j < n; j++) if (!isBasic[j]) addToResidual(j, -value[j]!)

  /** The present point; x are the numerators of the basic variables. */
  function pointAt(x: readonly bigint[]): RationalVector {
    const numerators = value.map((v) => v * determinant)
    for (const [i, variable] of basic.entries()) if (variable < n) numerators[variable] = x[i]!
    return { denominator: determinant, numerators }
  }

  for (let degenerate = false; ; ) {
    const x = inverse.map((row) => dot(row, residual))
    // -1 below the lower bound, 1 above the upper bound, 0 within.
    const outside = x.map((v, i) => {
      const [l, u] = [lowerOf(basic[i]!), upperOf(basic[i]!)]
      return l !== undefined && v < l * determinant ? -1n : u !== undefined && v > u * determinant ? 1n : 0n
    })
    const infeasible = outside.some((o) => o !== 0n)
    if (!infeasible && !cost) {
      return {
        kind: 'optimal',
        point: pointAt(x),
        y: { denominator: 1n, numerators: residual.map(() => 0n) },
        basis: basisOf()
      }
    }
    const weights = infeasible ? outside : basic.map((variable) => (variable < n ? cost![variable]! : 0n))
    const y = Array.from({ length: m }, (_, k) =>
      dot(
        weights,
        inverse.map((row) => row[k]!)
      )
    )
    let entering = -1
    let steepest = 0n
    for (let j = 0; j < n && !(degenerate && entering >= 0); j++) {
      if (isBasic[j]) continue
      const reduced = (infeasible ? 0n : cost![j]! * determinant) - dot(y, columns[j]!)
      if (reduced === 0n || value[j] === (reduced < 0n ? upper[j] : lower[j])) continue
      const size = reduced < 0n ? -reduced : reduced
      if (size > (steepest < 0n ? -steepest : steepest)) {
        entering = j
        steepest = reduced
      }
    }
    if (entering < 0) {
      return infeasible
        ? { kind: 'infeasible', y }
        : { kind: 'optimal', point: pointAt(x), y: { denominator: determinant, numerators: y }, basis: basisOf() }
    }
    const increasing = steepest < 0n
    const column = inverse.map((row) => dot(row, columns[entering]!))
    // The longest step is length / rate; the entering variable may itself reach its other bound first.
    const [l, u] = [lower[entering], upper[entering]]
    let length = l === undefined || u === undefined ? undefined : u - l
    let rate = 1n
    let leaving = -1
    let leavesAt = 0n
    for (let i = 0; i < m; i++) {
      if (column[i] === 0n) continue
      const rising = column[i]! < 0n === increasing
      // A variable outside its bounds stops at the bound it comes to, one within them at the bound it would pass.
      const target = rising
        ? outside[i]! < 0n
          ? lowerOf(basic[i]!)
          : outside[i]! > 0n
            ? undefined
            : upperOf(basic[i]!)
        : outside[i]! > 0n
          ? upperOf(basic[i]!)
          : outside[i]! < 0n
            ? undefined
            : lowerOf(basic[i]!)
      if (target === undefined) continue
      const distance = rising ? target * determinant - x[i]! : x[i]! - target * determinant
      const speed = column[i]! < 0n ? -column[i]! : column[i]!
      const difference = length === undefined ? -1n : distance * rate - length * speed
      if (difference < 0n || (difference === 0n && leaving >= 0 && basic[i]! < basic[leaving]!)) {
        length = distance
        rate = speed
        leaving = i
        leavesAt = target
      }
    }
    if (length === undefined) {
      const ray = new Array<bigint>(n).fill(0n)
      ray[entering] = increasing ? determinant : -determinant
      for (const [i, variable] of basic.entries())
        if (variable < n) ray[variable] = increasing ? -column[i]! : column[i]!
      return { kind: 'unbounded', point: pointAt(x), ray }
    }
    degenerate = length === 0n
    if (leaving < 0) {
      const other = increasing ? u! : l!
      addToResidual(entering, value[entering]! - other)
      value[entering] = other
      continue
    }
    const left = basic[leaving]!
    addToResidual(entering, value[entering]!)
    pivot(leaving, entering, column)
    if (left < n) {
      value[left] = leavesAt
      addToResidual(left, -leavesAt)
    }
  }

  function basisOf(): number[] {
    return basic.filter((variable) => variable < n).sort((i, j) => i - j)
  }
}
