import type { PatternProgram } from './barrier-program.ts'
import type { BalancedUnit } from './decayed-program.ts'

/** Units whose share of the outputs is below this part of the largest are left out. */
const negligible = 1e-7

/**
 * Units with the same outputs and no more decay: parallel ones of one sign are merged; while the outputs of the units depend on each other linearly, weight is
 * moved along the dependence until a unit vanishes. What is left has linearly independent outputs, so there are at most as many units as samples. Approximate.
 * Reference: Caratheodory's theorem.
 */
export function fewerUnits(
  program: PatternProgram,
  given: readonly BalancedUnit[],
  residuals: Float64Array
): readonly BalancedUnit[] {
  let units = merged(given.filter(({ outer }) => outer !== 0))
  const largest = Math.max(0, ...units.map(({ outer }) => outer * outer))
  units = units.filter(({ outer }) => outer * outer > negligible * largest)
  for (;;) {
    // Outputs for each unit of |weights| |outer|.
    const outputs = units.map((unit) => outputsOf(program, unit).map((f) => f / (unit.outer * unit.outer)))
    const dependence = dependenceOf(outputs)
    if (!dependence) return units
    // The decay grows by sum_k a_k, which is zero at an optimum; rounding decides nothing here.
    const gain = dependence.reduce((sum, a, k) => sum + a * inner(outputs[k]!, residuals), 0)
    const sign = gain > 0 ? -1 : 1
    let length = Number.POSITIVE_INFINITY
    for (const [k, a] of dependence.entries())
      if (sign * a < 0) length = Math.min(length, units[k]!.outer ** 2 / Math.abs(a))
    if (!Number.isFinite(length)) return units
    units = units
      .map((unit, k) => resized(unit, unit.outer ** 2 + sign * length * dependence[k]!))
      .filter(({ outer }) => outer * outer > negligible * largest)
  }
}

const inner = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0)

/** The unit with another |weights| |outer|. */
export function resized({ weights, outer }: BalancedUnit, size: number): BalancedUnit {
  const factor = Math.sqrt(Math.max(0, size)) / Math.abs(outer)
  return { weights: weights.map((w) => w * factor), outer: outer * factor }
}

/** The outputs of a unit at all samples. */
export function outputsOf(
  { samples, width, X, slopes }: PatternProgram,
  { weights, outer }: BalancedUnit
): Float64Array {
  return Float64Array.from({ length: samples }, (_, i) => {
    let z = 0
    for (let e = 0; e < width; e++) z += X[i * width + e]! * weights[e]!
    return outer * (z >= 0 ? slopes.positive : slopes.negative) * z
  })
}

/** Units of one sign with parallel weights as one. */
function merged(units: readonly BalancedUnit[]): readonly BalancedUnit[] {
  const groups: BalancedUnit[] = []
  for (const unit of units) {
    const at = groups.findIndex((other) => other.outer * unit.outer > 0 && areParallel(other.weights, unit.weights))
    if (at < 0) groups.push(unit)
    else {
      const other = groups[at]!
      const size = other.outer ** 2 + unit.outer ** 2
      // The heavier one gives the direction.
      groups[at] = resized(Math.abs(other.outer) > Math.abs(unit.outer) ? other : unit, size)
    }
  }
  return groups
}

function areParallel(a: Float64Array, b: Float64Array): boolean {
  const lengths = Math.hypot(...a) * Math.hypot(...b)
  return inner(a, b) > lengths * (1 - 1e-12)
}

/** Numbers a_k, not all zero, with sum_k a_k column_k = 0; undefined when the columns are independent. */
function dependenceOf(columns: readonly Float64Array[]): number[] | undefined {
  const basis: { readonly vector: Float64Array; readonly from: number[] }[] = []
  for (const [k, column] of columns.entries()) {
    const vector = column.slice()
    const from = columns.map((_, j) => (j === k ? 1 : 0))
    const size = Math.hypot(...vector)
    for (let pass = 0; pass < 2; pass++)
      for (const element of basis) {
        const part = inner(vector, element.vector)
        for (let i = 0; i < vector.length; i++) vector[i]! -= part * element.vector[i]!
        for (let j = 0; j < from.length; j++) from[j]! -= part * element.from[j]!
      }
    const rest = Math.hypot(...vector)
    if (rest <= 1e-9 * size) return from
    basis.push({ vector: vector.map((value) => value / rest), from: from.map((value) => value / rest) })
  }
  return undefined
}
