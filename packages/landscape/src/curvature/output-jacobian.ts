import { zero } from '@nadir/arithmetic'
import { orthonormalBasis, symmetricEigen } from '@nadir/kernels'
import type { Problem } from '../problem.ts'
import { denseCurvature } from './dense-curvature.ts'
import { norm } from './lanczos.ts'
import { incomingIndices, type LayeredNetwork } from './layered.ts'
import { linearize } from './linearization.ts'
import type { CauseCandidates } from './null-candidates.ts'
import { numericalNullDirections } from './null-directions.ts'
import { type NamedDimensions, nameDirections } from './null-space-attribution.ts'
import { numericalNullSpace } from './pivoted-qr.ts'
import { outputDerivatives } from './sensitivities.ts'

/** The derivatives of all outputs on the data by the parameters. */
export interface OutputJacobian {
  /**
   * Rank of the chosen columns, and for each of them the squared length of its axis inside the null space (1: the column is 0; 0: the parameter
   * is determined to first order).
   */
  readonly columns: (which: readonly number[]) => { readonly rank: number; readonly share: Float64Array }
  /** The directions that change no output, named. */
  readonly name: (candidates: readonly CauseCandidates<number>[]) => NamedDimensions
}

/** Multiplications that a QR factorization of the Jacobian may take; beyond, eigenvalues of J^T J stand in. */
const factorizationWork = 2e9

/** Approximate: singular values below 1e-10 of the largest column count as 0 (1e-6 for very many outputs). */
export function outputJacobian(problem: Problem, network: LayeredNetwork, theta: Float64Array): OutputJacobian {
  const size = network.parameters
  const rows = problem.data.samples * problem.data.targetCount
  return rows * size * size <= factorizationWork
    ? byFactorization(jacobianRows(problem, network, theta), rows, size)
    : byGram(problem, network, theta)
}

/** J, one row for each sample and output. Approximate. */
export function jacobianRows(problem: Problem, network: LayeredNetwork, theta: Float64Array): Float64Array {
  const { samples: n, targetCount: m } = problem.data
  const size = network.parameters
  const pass = linearize(problem, network.layers, theta, 0, n)
  const derivatives = outputDerivatives(pass, theta)
  const J = new Float64Array(n * m * size)
  for (const [l, { layer, input }] of pass.layers.entries())
    for (let j = 0; j < layer.outputs; j++) {
      const indices = incomingIndices(layer, j)
      for (let r = 0; r < n * m; r++) {
        const d = derivatives[l]![r * layer.outputs + j]!
        if (d === 0) continue
        const from = Math.floor(r / m) * layer.inputs
        for (const [k, at] of indices.entries()) J[r * size + at] = k < layer.inputs ? d * input[from + k]! : d
      }
    }
  return J
}

function byFactorization(J: Float64Array, rows: number, size: number): OutputJacobian {
  return {
    name(candidates) {
      const columns = new Float64Array(J.length)
      let largest = 0
      for (let k = 0; k < size; k++) {
        let square = 0
        for (let r = 0; r < rows; r++) square += (columns[k * rows + r] = J[r * size + k]!) ** 2
        largest = Math.max(largest, square)
      }
      return nameDirections(candidates, numericalNullDirections({ columns, rows, size }, 1e-10 * Math.sqrt(largest)))
    },
    columns(which) {
      const count = which.length
      const part = new Float64Array(rows * count)
      const squares = new Float64Array(count)
      for (let r = 0; r < rows; r++)
        for (const [c, at] of which.entries()) {
          const x = J[r * size + at]!
          part[r * count + c] = x
          squares[c] = squares[c]! + x * x
        }
      const limit = 1e-10 * Math.sqrt(squares.reduce((a, b) => Math.max(a, b), 0))
      const { rank, basis } = numericalNullSpace(part, rows, count, limit)
      const share = new Float64Array(count)
      const orthonormal = orthonormalBasis(count, Math.max(1, basis.length))
      for (const v of basis) {
        orthonormal.orthogonalise(v)
        orthonormal.append(v, 1 / norm(v))
        const q = orthonormal.vector(orthonormal.size() - 1)
        for (let k = 0; k < count; k++) share[k] = share[k]! + q[k]! ** 2
      }
      return { rank, share }
    }
  }
}

function byGram(problem: Problem, network: LayeredNetwork, theta: Float64Array): OutputJacobian {
  const plain: Problem = { ...problem, loss: 'squared', reduction: 'sum', weightDecay: zero }
  const gram = denseCurvature(plain, network, theta, 'gauss-newton')
  const size = network.parameters
  let largest = 0
  for (let k = 0; k < size; k++) largest = Math.max(largest, gram[k * (size + 1)]!)
  return {
    name: (candidates) =>
      nameDirections(candidates, numericalNullDirections({ columns: gram, rows: size, size }, 1e-12 * largest)),
    columns(which) {
      const count = which.length
      const part = new Float64Array(count * count)
      for (const [a, p] of which.entries())
        for (const [b, q] of which.entries()) part[a * count + b] = gram[p * size + q]!
      const { values, vectors } = symmetricEigen(part, count)
      const limit = 1e-12 * Math.max(values.at(-1) ?? 0, 0)
      const share = new Float64Array(count)
      let rank = 0
      for (const [k, x] of values.entries())
        if (x > limit) rank++
        else for (let i = 0; i < count; i++) share[i] = share[i]! + vectors[k * count + i]! ** 2
      return { rank, share }
    }
  }
}
