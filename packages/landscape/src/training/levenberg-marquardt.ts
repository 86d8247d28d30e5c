import { denseCurvature } from '../curvature/dense-curvature.ts'
import { asLayered } from '../curvature/layered.ts'
import { choleskySolve, semidefiniteCholesky } from '../descent/semidefinite-cholesky.ts'
import { dot } from './dot.ts'
import type { Trainer, TrainingState } from './trainer.ts'

export interface DampedState extends TrainingState {
  gradient: Float64Array
  /** The share of its diagonal that is added to the Gauss-Newton matrix. */
  damping: number
}

const mostParameters = 1500

/**
 * Levenberg-Marquardt: (G + mu diag G) d = -grad with the Gauss-Newton matrix G of the loss (J^T J for the squared loss); mu falls after good steps and rises until
 * the loss falls. Approximate. Reference: Marquardt 1963; Nielsen 1999 for mu.
 */
export const levenbergMarquardtTrainer: Trainer<DampedState> = {
  name: 'levenberg-marquardt',
  obstacle(problem) {
    const network = asLayered(problem.network)
    if (network.kind === 'obstacle') return network
    if (problem.loss === 'absolute' || problem.loss === 'hinge')
      return {
        kind: 'obstacle',
        reason: `the ${problem.loss} loss has no curvature for Gauss-Newton steps`,
        tryNext: '--method cell-descent or l-bfgs'
      }
    if (network.parameters > mostParameters)
      return {
        kind: 'obstacle',
        reason: `${network.parameters} parameters are too many for dense Gauss-Newton steps (${mostParameters} at most)`,
        tryNext: '--method l-bfgs'
      }
    return undefined
  },
  begin({ objective }, start) {
    const gradient = new Float64Array(start.length)
    const loss = objective.evaluate(start, gradient)
    return { step: 0, loss, theta: start.slice(), gradient, damping: 1e-2 }
  },
  advance({ problem, objective, settings }, state) {
    const network = asLayered(problem.network)
    if (network.kind === 'obstacle') return network.reason
    const P = state.theta.length
    let largest = 0
    for (const g of state.gradient) largest = Math.max(largest, Math.abs(g))
    if (largest <= settings.tolerance) return `the largest gradient entry is at most ${settings.tolerance}`
    const G = denseCurvature(problem, network, state.theta, 'gauss-newton')
    let top = 0
    for (let k = 0; k < P; k++) top = Math.max(top, G[k * (P + 1)]!)
    const next = new Float64Array(P)
    const nextGradient = new Float64Array(P)
    const skipped = new Uint8Array(P)
    for (let trial = 0; trial < 40; trial++) {
      const M = G.slice()
      for (let k = 0; k < P; k++)
        M[k * (P + 1)] = M[k * (P + 1)]! * (1 + state.damping) + 1e-12 * top * Math.max(state.damping, 1e-6)
      semidefiniteCholesky(M, P, skipped)
      const step = state.gradient.map((g) => -g)
      choleskySolve(M, P, skipped, step)
      const predicted = -dot(state.gradient, step) - quadratic(G, step) / 2
      for (let k = 0; k < P; k++) next[k] = state.theta[k]! + step[k]!
      const loss = objective.evaluate(next, nextGradient)
      if (loss < state.loss) {
        const ratio = predicted > 0 ? (state.loss - loss) / predicted : 1
        state.damping *= Math.max(1 / 3, 1 - (2 * ratio - 1) ** 3)
        state.damping = Math.min(Math.max(state.damping, 1e-12), 1e12)
        state.theta.set(next)
        state.gradient = nextGradient
        state.loss = loss
        state.step++
        return undefined
      }
      state.damping *= 4
    }
    return 'no further descent'
  },
  length: ({ settings }) => settings.steps
}

function quadratic(G: Float64Array, d: Float64Array): number {
  let sum = 0
  for (let i = 0; i < d.length; i++) {
    let row = 0
    for (let k = 0; k < d.length; k++) row += G[i * d.length + k]! * d[k]!
    sum += d[i]! * row
  }
  return sum
}
