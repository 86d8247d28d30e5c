import { feasibleInBox, integerMatrix } from '@nadir/arithmetic'
import type { OneHiddenLayer } from '../traits.ts'

/** An open cell of the parameters of one hidden unit: the side of every sample, and a point of the cell. Exact. */
export interface ActivationCell {
  /** 1 or -1 for each sample; 0 where x~ = 0, on which no parameters have a say. */
  readonly signs: readonly (1 | 0 | -1)[]
  readonly witness: readonly bigint[]
}

/**
 * All activation cells of one hidden unit on the data: the sign vectors of w~ . x~_i that parameters w~ take, sample by sample; whether the other side of a sample is reached from a cell is one exact linear program. A network
 * with k hidden units has (2 * cells)^k open cells of parameters, the signs of the outgoing weights included. Exact; for small data: the number grows like samples^width. Reference: Cover 1965 for the
 * count in general position.
 */
export function activationCells(view: OneHiddenLayer): readonly ActivationCell[] {
  const { samples, width, extended } = view
  const rows = Array.from({ length: samples }, (_, i) => extended.slice(i * width, (i + 1) * width))
  let cells: ActivationCell[] = [{ signs: [], witness: new Array<bigint>(width).fill(0n) }]
  for (const [i, row] of rows.entries())
    cells = cells.flatMap(({ signs, witness }) => {
      if (row.every((x) => x === 0n)) return [{ signs: [...signs, 0 as const], witness }]
      const value = row.reduce((sum, x, k) => sum + x * witness[k]!, 0n)
      return ([1, -1] as const).flatMap((side) => {
        const own = [...signs, side]
        if (value * BigInt(side) > 0n) return [{ signs: own, witness }]
        const found = pointWithSigns(rows.slice(0, i + 1), own)
        return found ? [{ signs: own, witness: found }] : []
      })
    })
  return cells
}

/** A w with sign_i (x_i . w) >= 1 for all i, scaled to integers; undefined when there is none. */
function pointWithSigns(rows: readonly (readonly bigint[])[], signs: readonly (1 | 0 | -1)[]): bigint[] | undefined {
  const width = rows[0]!.length
  const used = rows.flatMap((row, i) => (signs[i] === 0 ? [] : [row.map((x) => x * BigInt(signs[i]!))]))
  const entries = used.flatMap((row, i) => [...row, ...used.map((_, k) => (k === i ? -1n : 0n))])
  const free = new Array<undefined>(width).fill(undefined)
  const answer = feasibleInBox(
    integerMatrix(used.length, width + used.length, entries),
    used.map(() => 1n),
    [...free, ...used.map(() => 0n)],
    [...free, ...used.map(() => undefined)]
  )
  return answer.kind === 'feasible' ? answer.numerators.slice(0, width) : undefined
}
