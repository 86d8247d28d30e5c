import { addProduct, rowMajor, transposed } from '@nadir/kernels'
import type { CellState } from './cell-state.ts'
import type { MergedData } from './merged-data.ts'

/**
 * The Gram matrix of the features of a cell, kept up to date under single side changes. Coordinates: u_1, ..., u_H, then c when there is
 * an output bias. Approximate; rebuilt now and then so that rounding cannot pile up.
 */
export interface CellGram {
  readonly size: number
  readonly matrix: Float64Array
  rebuild(): void
  /** Sample i of unit j changes to the other side; updates the state too. */
  flip(j: number, i: number): void
}

export function cellGram(
  data: MergedData,
  state: CellState,
  slopes: { positive: number; negative: number },
  outputBias: boolean
): CellGram {
  const { samples: n, width, x, weight } = data
  const size = state.units * width + (outputBias ? 1 : 0)
  const matrix = new Float64Array(size * size)
  const { positive: p, negative: q } = slopes
  const last = size - 1
  let changes = 0

  const slopeOf = (j: number, i: number) => state.kappa[j]! * (state.side[j * n + i] ? p : q)

  /** Adds f * x_i x_i^T to block (j, k) and its mirror image. */
  function addOuter(j: number, k: number, i: number, f: number): void {
    const row = i * width
    for (let a = 0; a < width; a++) {
      const fa = f * x[row + a]!
      const at = (j * width + a) * size + k * width
      for (let b = 0; b < width; b++) matrix[at + b] = matrix[at + b]! + fa * x[row + b]!
    }
    if (j === k) return
    for (let a = 0; a < width; a++) {
      const fa = f * x[row + a]!
      const at = (k * width + a) * size + j * width
      for (let b = 0; b < width; b++) matrix[at + b] = matrix[at + b]! + fa * x[row + b]!
    }
  }
  function addBias(j: number, i: number, f: number): void {
    for (let a = 0; a < width; a++) {
      const value = f * x[i * width + a]!
      matrix[(j * width + a) * size + last] = matrix[(j * width + a) * size + last]! + value
      matrix[last * size + j * width + a] = matrix[last * size + j * width + a]! + value
    }
  }

  const features = new Float64Array(size * n)
  const roots = weight.map(Math.sqrt)

  /** G = F F^T, row (j, a) of F holding sqrt(weight_i) slope_ji x_ia. */
  function rebuild(): void {
    changes = 0
    for (let j = 0; j < state.units; j++)
      for (let i = 0; i < n; i++) {
        const s = roots[i]! * slopeOf(j, i)
        for (let a = 0; a < width; a++) features[(j * width + a) * n + i] = s * x[i * width + a]!
      }
    if (outputBias) features.set(roots, last * n)
    matrix.fill(0)
    const F = rowMajor(features, n)
    addProduct(rowMajor(matrix, size), F, transposed(F), size, size, n)
  }

  function flip(j: number, i: number): void {
    const before = slopeOf(j, i)
    state.side[j * n + i] = state.side[j * n + i] ? 0 : 1
    if (++changes > 400) {
      rebuild()
      return
    }
    const after = slopeOf(j, i)
    const w = weight[i]!
    for (let k = 0; k < state.units; k++) {
      const t = slopeOf(k, i)
      if (k !== j && t !== 0) addOuter(j, k, i, w * (after - before) * t)
    }
    addOuter(j, j, i, w * (after * after - before * before))
    if (outputBias) addBias(j, i, w * (after - before))
  }

  return { size, matrix, rebuild, flip }
}
