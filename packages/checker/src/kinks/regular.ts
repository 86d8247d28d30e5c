import { type Budget, spend } from '../budget.ts'
import { floorDivide } from '../enclosure.ts'
import { bitLength, greatestBitLength, magnitude } from '../integers.ts'
import { reject } from '../outcome.ts'
import { type Ball, descale, precision, productRadius, strictSign } from './ball.ts'
import type { Derivative } from './kink-system.ts'
import { packed, unpacked } from './packed.ts'

/** A symmetric matrix Y over one denominator; row a holds the entries up to its diagonal. */
export type Inverse = { readonly rows: readonly (readonly bigint[])[]; readonly denominator: bigint }

/** What products of entries of Y and K0 take; longer ones are paid for apart. */
const usualWidth = 384

/** Rejects, naming the step, unless |Y G| + |1 - Y K0| rho + |Y| D rho < rho, row by row; D includes `extra` for every entry. All in units of 2^-precision. */
export const requireContraction = (
  { rows: inverse, denominator }: Inverse,
  { rows, spread }: Derivative,
  extra: bigint,
  values: readonly Ball[],
  radii: readonly bigint[],
  step: string,
  budget: Budget
): void => {
  const size = radii.length
  spend(budget, [size, size, size], 64, Number(precision))
  // Y K0 row by row, all columns at once: sums of `size` products.
  const bits = greatestBitLength(inverse)
  const width = bits + greatestBitLength(rows) + bitLength(BigInt(size)) + 1
  if (width > usualWidth) spend(budget, [size, size], bits, size * width)
  const columns = rows.map((_, b) =>
    packed(
      Array.from(rows, (row, c) => (b >= c ? rows[b][c] : row[b])),
      width
    )
  )
  const one = denominator << precision
  const common = extra * radii.reduce((total, radius) => total + radius, 0n)
  for (let a = 0; a < size; a += 1) {
    const y = Array.from({ length: size }, (_, b) => (a >= b ? inverse[a][b] : inverse[b][a]))
    let value = 0n
    let error = 0n
    let bound = 0n
    for (let b = 0; b < size; b += 1) {
      value += y[b] * values[b].middle
      error += magnitude(y[b]) * values[b].radius
      bound += magnitude(y[b]) * (spread[b] + common)
    }
    bound += (magnitude(value) + error) << precision
    const products = unpacked(
      columns.reduce((sum, column, b) => sum + y[b] * column, 0n),
      width,
      size
    )
    for (const [c, entry] of products.entries()) bound += magnitude(a === c ? one - entry : entry) * radii[c]
    if (bound >= (radii[a] * denominator) << precision) reject(step, `row ${a} does not contract`)
  }
}

/** What elimination finds: a matrix L E L^T within `error` units of K0, entry by entry, E with so many positive and negative eigenvalues. */
export type Elimination = { readonly positive: number; readonly negative: number; readonly error: bigint }

/** The greatest entry of the diagonal where it is at least half of every entry of the lower triangle, else the row and the column of the greatest entry. */
const pivotsOf = (rows: readonly (readonly bigint[])[]): readonly number[] => {
  let diagonal = 0
  let row = 0
  let column = 0
  let greatest = -1n
  let least = 1n
  for (let a = 0; a < rows.length; a += 1) {
    if (magnitude(rows[a][a]) > magnitude(rows[diagonal][diagonal])) diagonal = a
    for (let b = 0; b < a; b += 1) {
      const entry = rows[a][b]
      if (entry <= greatest && entry >= least) continue
      ;[row, column, greatest] = [a, b, magnitude(entry)]
      least = -greatest
    }
  }
  return 2n * magnitude(rows[diagonal][diagonal]) >= greatest ? [diagonal] : [column, row]
}

/**
 * Fixed-point elimination of K0 with pivots of Bunch and Parlett (1971), so that a zero on the diagonal is no obstacle. A block of two has one positive and one negative eigenvalue: its determinant is
 * at most -3 q^2 / 4, q the greatest entry.
 *
 * With a pivot d, the multipliers l = a / d and the updates a_ij - l_i a_j each rounded by less than a unit, l_i d l_j differs from what was subtracted by less than 1 unit and |a_i| + |d| <= 3 |d| units of units. With a
 * block P, whose multipliers a P^-1 are at most 2, l_i P differs from a_i by less than 3 |q| / 2 units of units, l_i P l_j from what was subtracted by less than a unit and 7 |q| units of units.
 */
export const eliminated = ({ rows }: Derivative, budget: Budget): Elimination => {
  const size = rows.length
  // A sixth of the cube, in products and differences.
  spend(budget, [size, size, Math.ceil(size / 3)], 128, 128)
  let left = rows
  let positive = 0
  let error = 0n
  while (left.length > 0) {
    const pivots = pivotsOf(left)
    const before = left
    const entry = (a: number, b: number): bigint => (a >= b ? before[a][b] : before[b][a])
    const others = Array.from(before.keys()).filter((a) => !pivots.includes(a))
    const columns = pivots.map((k) => others.map((a) => entry(a, k)))
    let factors: readonly (readonly bigint[])[]
    if (pivots.length === 1) {
      const d = entry(pivots[0], pivots[0])
      if (d === 0n) reject('(d)', `${before.length} pivots are 0`)
      if (d > 0n) positive += 1
      error += 4n + 3n * descale(magnitude(d))
      factors = [columns[0].map((above) => floorDivide(above << precision, d))]
    } else {
      const [p, q, r] = [entry(pivots[0], pivots[0]), entry(pivots[1], pivots[0]), entry(pivots[1], pivots[1])]
      const determinant = p * r - q * q
      positive += 1
      error += 8n + 7n * descale(magnitude(q))
      factors = [
        columns[0].map((above, a) => floorDivide((above * r - columns[1][a] * q) << precision, determinant)),
        columns[0].map((above, a) => floorDivide((columns[1][a] * p - above * q) << precision, determinant))
      ]
    }
    left = others.map((a, x) => {
      const row: bigint[] = []
      for (let y = 0; y <= x; y += 1) {
        let update = factors[0][x] * columns[0][y]
        if (factors.length > 1) update += factors[1][x] * columns[1][y]
        row.push(before[a][others[y]] - descale(update))
      }
      return row
    })
  }
  return { positive, negative: size - positive, error }
}

/** Rejects, naming the step, a square matrix of balls that may be singular. */
export const requireRegular = (matrix: readonly (readonly Ball[])[], step: string, budget: Budget): void => {
  const size = matrix.length
  spend(budget, [size, size, size], 192, 192)
  const rows = matrix.map((row) => [...row])
  for (let k = 0; k < size; k += 1) {
    let best = k
    for (let a = k + 1; a < size; a += 1) {
      if (magnitude(rows[a][k].middle) > magnitude(rows[best][k].middle)) best = a
    }
    ;[rows[k], rows[best]] = [rows[best], rows[k]]
    const pivot = rows[k][k]
    if (strictSign(pivot) === 0) reject(step, 'the fields may be dependent at the frozen parameters')
    const least = magnitude(pivot.middle) - pivot.radius
    for (let a = k + 1; a < size; a += 1) {
      const { middle: above, radius: error } = rows[a][k]
      if (above === 0n && error === 0n) continue
      const middle = floorDivide(above << precision, pivot.middle)
      const radius = ((error << precision) + magnitude(middle) * pivot.radius) / least + 3n
      for (let b = k; b < size; b += 1) {
        const other = rows[k][b]
        rows[a][b] = {
          middle: rows[a][b].middle - descale(middle * other.middle),
          radius: rows[a][b].radius + descale(productRadius({ middle, radius }, other)) + 2n
        }
      }
    }
  }
}
