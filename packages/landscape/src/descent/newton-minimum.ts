import { symmetricEigen } from '@nadir/kernels'
import { denseCurvature } from '../curvature/dense-curvature.ts'
import { asLayered } from '../curvature/layered.ts'
import { lossAndGradient } from '../curvature/linearization.ts'
import type { Problem } from '../problem.ts'

/** Where a descent in doubles ended. */
export interface NewtonEnd {
  readonly theta: Float64Array
  readonly loss: number
  readonly gradient: Float64Array
}

/** The same with a lower triangular L for which L^T H L is about the identity, H the Hessian there. */
export interface NewtonMinimum extends NewtonEnd {
  /** P x P, row-major. */
  readonly factor: Float64Array
}

const mostSteps = 500

const farAway = 1e6

/** Newton's method to a point with positive definite Hessian; undefined when it ends elsewhere. Approximate. Dense networks. */
export function newtonMinimum(
  problem: Problem,
  start: Float64Array,
  interrupted: () => boolean
): NewtonMinimum | undefined {
  const network = asLayered(problem.network)
  const end = newtonDescent(problem, start, interrupted)
  if (network.kind !== 'layered' || !end) return undefined
  const factor = inverseFactor(denseCurvature(problem, network, end.theta, 'hessian'), start.length)
  return factor && { ...end, factor }
}

/**
 * Newton's method through the eigenvalues of the Hessian, negative ones turned round, with halved steps until the loss falls; in the end plain steps down to rounding. Undefined where parameters run away.
 * Approximate. Dense networks.
 */
export function newtonDescent(
  problem: Problem,
  start: Float64Array,
  interrupted: () => boolean
): NewtonEnd | undefined {
  const network = asLayered(problem.network)
  if (network.kind !== 'layered') return undefined
  const size = start.length
  let theta = start.slice()
  let here = lossAndGradient(problem, network.layers, theta)
  let quiet = 0
  for (let step = 0; step < mostSteps && quiet < 3 && !interrupted(); step++) {
    const hessian = denseCurvature(problem, network, theta, 'hessian')
    // Where there is no minimum the parameters run away.
    if (theta.some((t) => Math.abs(t) > farAway) || !hessian.every(Number.isFinite)) return undefined
    const { values, vectors } = symmetricEigen(withoutDust(hessian), size)
    const largest = Math.max(...values.map(Math.abs))
    if (!(largest > 1e-100)) return undefined
    const direction = new Float64Array(size)
    for (let e = 0; e < size; e++) {
      let along = 0
      for (let k = 0; k < size; k++) along += vectors[e * size + k]! * here.gradient[k]!
      const scale = -along / Math.max(Math.abs(values[e]!), 1e-12 * largest)
      for (let k = 0; k < size; k++) direction[k] = direction[k]! + scale * vectors[e * size + k]!
    }
    let moved = false
    for (let share = 1; share > 1e-9; share /= 2) {
      const next = theta.map((t, k) => t + share * direction[k]!)
      const there = lossAndGradient(problem, network.layers, next)
      // Near the end the loss no longer tells, the gradient does.
      const isFlat = Math.abs(there.loss - here.loss) <= 1e-14 * (1 + here.loss)
      if (there.loss < here.loss && !isFlat ? true : isFlat && norm(there.gradient) < norm(here.gradient)) {
        moved = true
        quiet = isFlat ? quiet + 1 : 0
        theta = next
        here = there
        break
      }
    }
    if (!moved) break
  }
  return { theta, loss: here.loss, gradient: here.gradient }
}

/** What is nothing beside the largest entry is left out: numbers near the least that doubles know keep the eigenvalues from settling. */
export function withoutDust(matrix: Float64Array): Float64Array {
  const scale = matrix.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
  return matrix.map((x) => (Math.abs(x) < 1e-30 * scale ? 0 : x))
}

const norm = (v: Float64Array): number => Math.sqrt(v.reduce((sum, x) => sum + x * x, 0))

/** The lower triangular L with L^T H L = I; undefined when H is not positive definite. Approximate. */
function inverseFactor(H: Float64Array, n: number): Float64Array | undefined {
  // H = U U^T with U upper triangular, from the last row up; L = U^-T.
  const U = new Float64Array(n * n)
  for (let j = n - 1; j >= 0; j--) {
    let pivot = H[j * n + j]!
    for (let k = j + 1; k < n; k++) pivot -= U[j * n + k]! ** 2
    if (!(pivot > 1e-14 * H[j * n + j]!)) return undefined
    const root = Math.sqrt(pivot)
    U[j * n + j] = root
    for (let i = 0; i < j; i++) {
      let sum = H[i * n + j]!
      for (let k = j + 1; k < n; k++) sum -= U[i * n + k]! * U[j * n + k]!
      U[i * n + j] = sum / root
    }
  }
  // U^T L = I: forward substitution, column by column.
  const L = new Float64Array(n * n)
  for (let c = 0; c < n; c++)
    for (let i = c; i < n; i++) {
      let sum = i === c ? 1 : 0
      for (let k = c; k < i; k++) sum -= U[k * n + i]! * L[k * n + c]!
      L[i * n + c] = sum / U[i * n + i]!
    }
  return L
}
