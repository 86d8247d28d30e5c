import { type Budget, spend } from '../budget.ts'
import { floorDivide } from '../enclosure.ts'
import { magnitude } from '../integers.ts'
import { reject } from '../outcome.ts'
import { type Ball, descale, precision, productRadius, strictSign } from './ball.ts'
import type { Derivative } from './kink-system.ts'

/** A symmetric matrix Y over one denominator; row a holds the entries up to its diagonal. */
export type Inverse = { readonly rows: readonly (readonly bigint[])[]; readonly denominator: bigint }

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
  const full = Array.from({ length: size }, (_, a) =>
    Array.from({ length: size }, (_, b) => (a >= b ? rows[a][b] : rows[b][a]))
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
    for (let c = 0; c < size; c += 1) {
      const column = full[c]
      let entry = a === c ? one : 0n
      for (let b = 0; b < size; b += 1) entry -= y[b] * column[b]
      bound += magnitude(entry) * radii[c]
    }
    if (bound >= (radii[a] * denominator) << precision) reject(step, `row ${a} does not contract`)
  }
}

/** What elimination without exchanges finds: a matrix L D L^T within `error` units of K0, entry by entry. */
export type Elimination = { readonly positive: number; readonly negative: number; readonly error: bigint }

/**
 * Fixed-point elimination of K0. With the pivot d, the multipliers l = a / d and the updates a_ij - l_i a_j each rounded by
 * less than a unit, l_i d l_j differs from what was subtracted by less than 1 + |a_i| + |d| units of units.
 */
export const eliminated = ({ rows }: Derivative, budget: Budget): Elimination => {
  const size = rows.length
  spend(budget, [size, size, size], 128, 128)
  const left = rows.map((row) => [...row])
  let positive = 0
  let error = 0n
  for (let k = 0; k < size; k += 1) {
    const pivot = left[k][k]
    if (pivot === 0n) reject('(d)', `pivot ${k} is 0`)
    if (pivot > 0n) positive += 1
    let greatest = magnitude(pivot)
    for (let a = k + 1; a < size; a += 1) if (magnitude(left[a][k]) > greatest) greatest = magnitude(left[a][k])
    error += 3n + 2n * descale(greatest)
    for (let a = k + 1; a < size; a += 1) {
      const above = left[a][k]
      if (above === 0n) continue
      const factor = floorDivide(above << precision, pivot)
      const row = left[a]
      for (let b = k + 1; b <= a; b += 1) row[b] -= descale(factor * left[b][k])
    }
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
