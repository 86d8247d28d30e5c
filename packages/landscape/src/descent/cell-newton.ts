import type { CellGram } from './cell-gram.ts'
import type { NullSpaceBasis } from './null-space-basis.ts'
import { choleskySolve, semidefiniteCholesky } from './semidefinite-cholesky.ts'

/** Newton steps within closed cells, from the Gram matrix and the kinks of the units. Approximate; keeps what has not changed between steps. */
export interface CellNewton {
  /** Unit j, its kinks or its row of the Gram matrix have changed; without j all have. */
  readonly touch: (j?: number) => void
  /** Writes the step that minimises the quadratic of the cell on the null space of the kinks into `step`; returns the predicted decrease. */
  readonly solve: (gradient: Float64Array, step: Float64Array) => number
}

/** A curvature along kinks below this share of the terms that it is the sum of is what rounding has left of 0: a step by it would be arbitrarily long. */
const roundingShare = 1e-13

/** `bases` holds the basis of each unit's kinks (undefined: none) and may change between steps. */
export function cellNewton(
  gram: CellGram,
  units: number,
  width: number,
  outputBias: boolean,
  bases: readonly (NullSpaceBasis | undefined)[]
): CellNewton {
  const H = units
  const size = gram.size
  const reduced = new Float64Array(size * size)
  const projected = new Float64Array(size * size)
  const dirty = new Uint8Array(H).fill(1)
  const rhs = new Float64Array(size)
  const skipped = new Uint8Array(size)
  const dimensions = new Int32Array(H)
  const offsets = new Int32Array(H)
  const scratch = new Float64Array(width * width)

  /** Block (j, k) of Q^T G Q into `projected`, at the place of the block in G. */
  function projectBlock(j: number, k: number): void {
    const G = gram.matrix
    const right = bases[k]
    const left = bases[j]
    const columns = dimensions[k]!
    for (let a = 0; a < width; a++) {
      const from = (j * width + a) * size + k * width
      for (let b = 0; b < columns; b++) {
        let sum = 0
        if (right === undefined) sum = G[from + b]!
        else for (let m = 0; m < width; m++) sum += G[from + m]! * right.complement[b * width + m]!
        scratch[a * width + b] = sum
      }
    }
    for (let a = 0; a < dimensions[j]!; a++) {
      const target = (j * width + a) * size + k * width
      for (let b = 0; b < columns; b++) {
        let sum = 0
        if (left === undefined) sum = scratch[a * width + b]!
        else for (let m = 0; m < width; m++) sum += left.complement[a * width + m]! * scratch[m * width + b]!
        projected[target + b] = sum
      }
    }
  }

  /** Above every term of q^T G q, q column a of the null space of unit j's kinks. */
  function largestTerm(j: number, basis: NullSpaceBasis, a: number): number {
    let sum = 0
    for (let m = 0; m < width; m++) {
      const at = j * width + m
      sum += Math.abs(basis.complement[a * width + m]!) * Math.sqrt(gram.matrix[at * size + at]!)
    }
    return sum ** 2
  }

  function solve(gradient: Float64Array, step: Float64Array): number {
    let N = 0
    for (let j = 0; j < H; j++) {
      offsets[j] = N
      dimensions[j] = width - (bases[j]?.rank ?? 0)
      N += dimensions[j]!
    }
    const total = N + (outputBias ? 1 : 0)
    const G = gram.matrix
    // reduced = Q^T G Q, lower triangle; Q_j is the identity without kinks. Only blocks of units that changed are projected anew.
    for (let j = 0; j < H; j++) {
      for (let k = 0; k <= j; k++) {
        if (dirty[j] || dirty[k]) projectBlock(j, k)
        const columns = dimensions[k]!
        for (let a = 0; a < dimensions[j]!; a++) {
          const from = (j * width + a) * size + k * width
          const target = (offsets[j]! + a) * total + offsets[k]!
          for (let b = 0; b < columns; b++) reduced[target + b] = projected[from + b]!
        }
      }
      const basis = bases[j]
      if (basis !== undefined)
        for (let a = 0; a < dimensions[j]!; a++) {
          const at = (offsets[j]! + a) * total + offsets[j]! + a
          if (reduced[at]! <= roundingShare * largestTerm(j, basis, a)) reduced[at] = 0
        }
      for (let a = 0; a < dimensions[j]!; a++) {
        let g = 0
        let coupling = 0
        for (let m = 0; m < width; m++) {
          const qm = basis === undefined ? (m === a ? 1 : 0) : basis.complement[a * width + m]!
          g += qm * gradient[j * width + m]!
          if (outputBias) coupling += qm * G[(size - 1) * size + j * width + m]!
        }
        rhs[offsets[j]! + a] = -g
        if (outputBias) reduced[N * total + offsets[j]! + a] = coupling
      }
    }
    dirty.fill(0)
    if (outputBias) {
      reduced[N * total + N] = G[(size - 1) * size + size - 1]!
      rhs[N] = -gradient[size - 1]!
    }
    semidefiniteCholesky(reduced, total, skipped)
    const negativeGradient = rhs.slice(0, total)
    choleskySolve(reduced, total, skipped, rhs)
    let decrease = 0
    for (let a = 0; a < total; a++) decrease += negativeGradient[a]! * rhs[a]!
    step.fill(0)
    for (let j = 0; j < H; j++) {
      const basis = bases[j]
      for (let a = 0; a < dimensions[j]!; a++) {
        const value = rhs[offsets[j]! + a]!
        if (basis === undefined) step[j * width + a] = value
        else
          for (let m = 0; m < width; m++)
            step[j * width + m] = step[j * width + m]! + value * basis.complement[a * width + m]!
      }
    }
    if (outputBias) step[size - 1] = rhs[N]!
    return decrease / 2
  }

  return {
    touch(j) {
      if (j === undefined) dirty.fill(1)
      else dirty[j] = 1
    },
    solve
  }
}
