import { compare, lcm } from '@nadir/arithmetic'
import type { AffineMap } from '../affine-map.ts'
import {
  type HalfSpace,
  type HomogeneousPoint,
  type OpenCell,
  shortWitness,
  splitCell,
  wholeSpace
} from './open-cell.ts'
import { greatestLeast, mapAt, type PiecewiseLinear, primitiveRow, type TooMany } from './piecewise-linear.ts'

/** F(x) = max over the sets of min over the set of pieces[j](x). Exact. */
export interface MaxMinForm {
  readonly kind: 'max-min'
  readonly pieces: readonly AffineMap[]
  readonly sets: readonly (readonly number[])[]
  /** One point inside every cell in which the order of the pieces does not change. */
  readonly points: readonly HomogeneousPoint[]
}

/**
 * The max-min form of a continuous piecewise linear function. In every open cell of the arrangement of all hyperplanes p_i = p_j the function is one piece p_i, and
 * S = { j : p_j >= p_i there } is a set; F is the greatest of the least pieces of all sets. Sets that contain another are left out. The equality is proved cell by
 * cell: in a cell both sides are one piece each, the pieces have different values there, and the values agree at a point inside. Exact.
 * Reference: Tarela and Martinez; Ovchinnikov (max-min representation of piecewise linear functions).
 */
export function maxMinForm(f: PiecewiseLinear, limit: number): MaxMinForm | TooMany {
  const cells = orderCells(f, limit)
  if (!cells)
    return { kind: 'too-many', what: `more than ${limit} cells of the order of its ${f.pieces.length} pieces` }
  const points = cells.map(shortWitness)
  const values = points.map((point) => ({ value: f.at(point), pieces: f.pieces.map((map) => mapAt(map, point)) }))
  const sets = antichain(
    values.map(({ value, pieces }) => pieces.flatMap((p, j) => (compare(p, value) >= 0 ? [j] : [])))
  )
  for (const [c, { value, pieces }] of values.entries())
    if (!pieces.some((p) => compare(p, value) === 0) || compare(greatestLeast(sets, pieces), value) !== 0)
      throw new Error(`maxMinForm: the form differs from the function in cell ${c}`)
  return { kind: 'max-min', pieces: f.pieces, sets, points }
}

/** The cells in which the order of the pieces does not change; undefined when there are more than the limit. */
function orderCells({ inputs, pieces }: PiecewiseLinear, limit: number): readonly OpenCell[] | undefined {
  const hyperplanes = new Map<string, HalfSpace>()
  for (const [i, p] of pieces.entries())
    for (const q of pieces.slice(0, i)) {
      const common = lcm(p.denominator, q.denominator)
      const difference = p.numerators.map(
        (a, k) => a * (common / p.denominator) - q.numerators[k]! * (common / q.denominator)
      )
      if (difference.slice(0, -1).every((a) => a === 0n)) continue
      const row = primitiveRow(difference)
      const isTurned = row.find((a) => a !== 0n)! < 0n
      const normal = isTurned ? row.map((a) => -a) : row
      hyperplanes.set(normal.join(), normal)
    }
  let cells: readonly OpenCell[] = [wholeSpace(inputs)]
  for (const h of hyperplanes.values()) {
    const next: OpenCell[] = []
    for (const cell of cells) {
      const { above, below } = splitCell(cell, h)
      if (above) next.push(above)
      if (below) next.push(below)
    }
    if (next.length > limit) return undefined
    cells = next
  }
  return cells
}

/** The sets without repetitions and without those that contain another. */
function antichain(sets: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const different = [...new Map(sets.map((set) => [set.join(), set])).values()]
  return different.filter(
    (set) => !different.some((other) => other.length < set.length && other.every((j) => set.includes(j)))
  )
}
