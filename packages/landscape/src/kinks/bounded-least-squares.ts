import { dot, leastSquaresMultipliers, rowSpace } from './orthogonal.ts'

/** Numbers within bounds, and what they leave of the target. */
export interface BoundedFit {
  readonly factors: Float64Array
  readonly rest: Float64Array
}

/**
 * The numbers x with low <= x <= high that make target - sum of x_m row_m shortest, by active sets. Approximate. Reference: Stark and Parker 1995.
 */
export function boundedLeastSquares(
  rows: readonly Float64Array[],
  target: Float64Array,
  low: Float64Array,
  high: Float64Array
): BoundedFit {
  const factors = low.slice()
  const sizes = rows.map((row) => Math.sqrt(dot(row, row)))
  const scale =
    Math.sqrt(dot(target, target)) +
    sizes.reduce((sum, size, m) => sum + size * Math.max(Math.abs(low[m]!), Math.abs(high[m]!)), 0)
  const restOf = (): Float64Array => {
    const rest = target.slice()
    for (const [m, row] of rows.entries())
      for (let k = 0; k < rest.length; k++) rest[k] = rest[k]! - factors[m]! * row[k]!
    return rest
  }
  const isFree = new Uint8Array(rows.length)
  const barred = new Uint8Array(rows.length)
  for (let turn = 0; turn < 10 * rows.length + 10; turn++) {
    const rest = restOf()
    let best = -1
    let steepest = 1e-14 * scale
    for (const [m, row] of rows.entries()) {
      if (isFree[m] === 1 || barred[m] === 1 || !(high[m]! > low[m]!)) continue
      const along = dot(row, rest) / (sizes[m]! || 1)
      const slope = factors[m] === low[m] ? along : -along
      if (slope > steepest) {
        steepest = slope
        best = m
      }
    }
    if (best < 0) return { factors, rest }
    isFree[best] = 1
    const before = dot(rest, rest)
    for (let inner = 0; inner <= rows.length; inner++) if (settle()) break
    const after = restOf()
    // Rounding alone: freeing this one leads nowhere.
    if (!(dot(after, after) < before)) barred[best] = 1
    else barred.fill(0)
  }
  return { factors, rest: restOf() }

  /** Least squares in the free numbers, or as far on the way there as the bounds allow; whether it came there. */
  function settle(): boolean {
    const free = [...isFree.keys()].filter((m) => isFree[m] === 1)
    const matrix = new Float64Array(free.length * target.length)
    for (const [k, m] of free.entries()) matrix.set(rows[m]!, k * target.length)
    const space = rowSpace(matrix, free.length, target.length, { tolerance: 1e-12, complete: false })
    const moves = leastSquaresMultipliers(
      space,
      restOf().map((x) => -x)
    )
    let share = 1
    let stop = -1
    for (const [k, at] of space.independent.entries()) {
      const m = free[at]!
      const end = factors[m]! + moves[k]!
      const bound = end < low[m]! ? low[m]! : end > high[m]! ? high[m]! : undefined
      if (bound === undefined) continue
      const reached = (bound - factors[m]!) / moves[k]!
      if (stop < 0 || reached < share) {
        share = reached
        stop = m
      }
    }
    for (const [k, at] of space.independent.entries()) {
      const m = free[at]!
      factors[m] = Math.min(high[m]!, Math.max(low[m]!, factors[m]! + share * moves[k]!))
    }
    if (stop < 0) return true
    isFree[stop] = 0
    factors[stop] = factors[stop]! - low[stop]! < high[stop]! - factors[stop]! ? low[stop]! : high[stop]!
    return false
  }
}
