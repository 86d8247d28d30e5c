import { addProduct, rowMajor, transposed } from '@nadir/kernels'
import { type NullSpaceBasis, nullSpaceBasis } from '../descent/null-space-basis.ts'
import { choleskySolve, semidefiniteCholesky } from '../descent/semidefinite-cholesky.ts'
import { dot } from './dot.ts'

/** A row of coefficients, zero outside from, from + 1, ... */
export interface ConstraintRow {
  readonly from: number
  readonly values: Float64Array
}

/** min gradient.q + q^T H q / 2 subject to rows_c . q + slack_c >= 0, H positive semidefinite, slack >= 0: q = 0 is allowed. Approximate. */
export interface QuadraticProgram {
  readonly hessian: Float64Array
  readonly gradient: Float64Array
  readonly rows: readonly ConstraintRow[]
  readonly slack: Float64Array
}

export interface QuadraticAnswer {
  readonly step: Float64Array
  /** How much the quadratic falls; never negative. */
  readonly decrease: number
  /** The rows that hold the answer, with their multipliers. */
  readonly active: readonly { readonly row: number; readonly multiplier: number }[]
}

/**
 * The minimiser of a convex quadratic program by a primal active-set method that starts at q = 0: Newton steps on the null space of the active rows, up to the next row; where they end, the row with
 * the most negative multiplier is given up. Flat directions are hardly used. Ends early, at an allowed point, when rounding makes it go round. Approximate. Reference: Nocedal and Wright, Numerical
 * Optimization, chapter 16.
 */
export function minimiseQuadratic(program: QuadraticProgram): QuadraticAnswer {
  const { hessian, rows, slack } = program
  const size = program.gradient.length
  const step = new Float64Array(size)
  const free = slack.slice()
  const active: number[] = []
  let gradient: Float64Array = program.gradient.slice()
  let decrease = 0
  let still = 0
  let multipliers: readonly number[] = []
  for (let iteration = 0; iteration < 20 * (size + 10) && still < 3 * size + 30; iteration++) {
    const basis = nullSpaceBasis(
      active.map((c) => dense(rows[c]!, size)),
      size
    )!
    multipliers = active.map((_, m) => dot(basis.solve.subarray(m * size, (m + 1) * size), gradient))
    const direction = newtonDirection(hessian, gradient, basis)
    const fall = -dot(gradient, direction)
    if (!(fall > 1e-15 * decrease) || !(fall > 1e-300)) {
      const worst = multipliers.reduce((w, m, c) => (w < 0 || m < multipliers[w]! ? c : w), -1)
      if (worst < 0 || multipliers[worst]! >= -1e-10 * largest(gradient)) break
      active.splice(worst, 1)
      still++
      continue
    }
    const rates = Float64Array.from(rows, (row) => along(row, direction))
    const length = Math.sqrt(dot(direction, direction))
    const blocked = new Set<number>()
    for (;;) {
      let reach = 1
      let blocking = -1
      for (const [c, rate] of rates.entries()) {
        if (!(rate < -1e-12 * length * norm(rows[c]!)) || active.includes(c) || blocked.has(c)) continue
        if (free[c]! < -rate * reach) {
          reach = free[c]! / -rate
          blocking = c
        }
      }
      // A row that depends on the active ones cannot be reached but by rounding.
      if (blocking >= 0 && !isIndependent(rows, active, blocking, size)) {
        blocked.add(blocking)
        continue
      }
      for (let k = 0; k < size; k++) step[k] = step[k]! + reach * direction[k]!
      for (const [c, rate] of rates.entries()) free[c] = Math.max(0, free[c]! + reach * rate)
      const curved = timesSymmetric(hessian, direction)
      decrease += reach * fall - (reach * reach * dot(direction, curved)) / 2
      gradient = gradient.map((g, k) => g + reach * curved[k]!)
      still = reach > 1e-14 ? 0 : still + 1
      if (blocking >= 0) {
        free[blocking] = 0
        active.push(blocking)
      }
      break
    }
  }
  return {
    step,
    decrease: Math.max(0, decrease),
    active: active.map((row, c) => ({ row, multiplier: multipliers[c] ?? 0 }))
  }
}

/** The step to the minimum of the quadratic on the null space of the active rows, flat directions left out. */
function newtonDirection(hessian: Float64Array, gradient: Float64Array, basis: NullSpaceBasis): Float64Array {
  const size = gradient.length
  const count = size - basis.rank
  const Z = rowMajor(basis.complement, size)
  const HZ = new Float64Array(size * count)
  addProduct(rowMajor(HZ, count), rowMajor(hessian, size), transposed(Z), size, count, size)
  const reduced = new Float64Array(count * count)
  addProduct(rowMajor(reduced, count), Z, rowMajor(HZ, count), count, count, size)
  // A curvature that is nothing beside the largest one is rounding: it must not make long steps.
  let top = 0
  for (let k = 0; k < size; k++) top = Math.max(top, hessian[k * (size + 1)]!)
  for (let m = 0; m < count; m++) reduced[m * (count + 1)] = reduced[m * (count + 1)]! + 1e-11 * top
  const skipped = new Uint8Array(count)
  semidefiniteCholesky(reduced, count, skipped)
  const place = Float64Array.from(
    { length: count },
    (_, m) => -dot(basis.complement.subarray(m * size, (m + 1) * size), gradient)
  )
  choleskySolve(reduced, count, skipped, place)
  const direction = new Float64Array(size)
  for (let m = 0; m < count; m++)
    for (let k = 0; k < size; k++) direction[k] = direction[k]! + place[m]! * basis.complement[m * size + k]!
  return direction
}

const isIndependent = (rows: readonly ConstraintRow[], active: readonly number[], row: number, size: number): boolean =>
  nullSpaceBasis(
    [...active, row].map((c) => dense(rows[c]!, size)),
    size
  ) !== undefined

function along({ from, values }: ConstraintRow, direction: Float64Array): number {
  let sum = 0
  for (let k = 0; k < values.length; k++) sum += values[k]! * direction[from + k]!
  return sum
}

function dense({ from, values }: ConstraintRow, size: number): Float64Array {
  const row = new Float64Array(size)
  row.set(values, from)
  return row
}

const norm = ({ values }: ConstraintRow): number => Math.sqrt(dot(values, values))

function timesSymmetric(H: Float64Array, d: Float64Array): Float64Array {
  const size = d.length
  const product = new Float64Array(size)
  for (let i = 0; i < size; i++) product[i] = dot(H.subarray(i * size, (i + 1) * size), d)
  return product
}

const largest = (values: Float64Array): number => values.reduce((m, x) => Math.max(m, Math.abs(x)), 0)
