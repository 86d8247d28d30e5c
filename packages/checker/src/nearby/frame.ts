import { type Budget, hold } from '../budget.ts'
import { combination, type Interval, one, plus } from '../enclosure.ts'
import { bitLength } from '../integers.ts'
import { reject } from '../outcome.ts'
import type { Vector } from '../point.ts'
import { magnitude } from './intervals.ts'

/** A square matrix S over one positive denominator, row by row. */
export type Frame = { readonly denominator: bigint; readonly rows: readonly (readonly bigint[])[] }

/** The matrix that these vectors are the rows of; rejects another number of rows or entries than `count`. */
export const frameOf = (vectors: readonly Vector[], count: number, step: string, budget: Budget): Frame => {
  if (vectors.length !== count) reject(step, `${vectors.length} rows for ${count} parameters`)
  for (const [k, { numerators, denominator }] of vectors.entries()) {
    if (numerators.length !== count) reject(step, `row ${k} has not ${count} entries`)
    if (denominator !== vectors[0].denominator) reject(step, 'the rows have not one denominator')
  }
  const denominator = count === 0 ? 1n : vectors[0].denominator
  hold(budget, [count, count], bitLength(denominator))
  return { denominator, rows: vectors.map(({ numerators }) => numerators) }
}

/** S^T v, an entry for each column. */
export const transposedTimes = ({ rows, denominator }: Frame, v: readonly Interval[]): readonly Interval[] =>
  rows.map((_, column) =>
    combination(
      rows.map((row) => row[column]),
      v,
      denominator
    )
  )

/** S^T M S for a symmetric matrix M, its columns. */
export const turned = (frame: Frame, matrix: readonly (readonly Interval[])[]): readonly (readonly Interval[])[] => {
  const images = matrix.map((row) => transposedTimes(frame, row))
  return frame.rows.map((_, column) =>
    transposedTimes(
      frame,
      images.map((image) => image[column])
    )
  )
}

/** The largest row sum of absolute values that a matrix I - D M can have, M given by columns and D diagonal with -1 in the first `negative` places, then 1; in units of 2^-precision. */
export const distanceToSigns = (columns: readonly (readonly Interval[])[], negative: number): bigint => {
  let worst = 0n
  for (let row = 0; row < columns.length; row += 1) {
    const sign = row < negative ? one : -one
    let sum = 0n
    for (const [column, entries] of columns.entries()) {
      sum += magnitude(row === column ? plus(entries[row], { low: sign, high: sign }) : entries[row])
    }
    if (sum > worst) worst = sum
  }
  return worst
}
