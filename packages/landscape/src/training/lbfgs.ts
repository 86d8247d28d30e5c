import { dot } from './dot.ts'
import type { LossAndGradient } from './objective.ts'
import type { Trainer, TrainingState } from './trainer.ts'

export interface LbfgsOptions {
  readonly iterations: number
  /** Number of remembered steps. */
  readonly memory?: number
  /** Stop when the largest gradient entry is below this. */
  readonly tolerance?: number
  readonly onStep?: (step: number, loss: number) => boolean | undefined
}

/** Remembered differences of points and gradients. */
export interface Pair {
  readonly s: Float64Array
  readonly y: Float64Array
  readonly rho: number
}

export interface LbfgsState extends TrainingState {
  gradient: Float64Array
  pairs: Pair[]
}

function lbfgsState(objective: LossAndGradient, theta: Float64Array): LbfgsState {
  const gradient = new Float64Array(theta.length)
  return { step: 0, theta, loss: objective.evaluate(theta, gradient), gradient, pairs: [] }
}

/** One step down, in place; or why there is none. */
function lbfgsStep(
  objective: LossAndGradient,
  state: LbfgsState,
  memory: number,
  tolerance: number
): string | undefined {
  const { theta, pairs } = state
  const P = theta.length
  const next = new Float64Array(P)
  const nextGradient = new Float64Array(P)
  let nextLoss = state.loss
  for (;;) {
    const { gradient, loss } = state
    let largest = 0
    for (const g of gradient) largest = Math.max(largest, Math.abs(g))
    if (largest <= tolerance) return `the largest gradient entry is at most ${tolerance}`
    const direction = quasiNewtonDirection(gradient, pairs)
    const slope = dot(gradient, direction)
    let accepted = false
    if (slope < 0) {
      let low = 0
      let high = Number.POSITIVE_INFINITY
      let t = 1
      for (let trial = 0; trial < 40; trial++) {
        for (let k = 0; k < P; k++) next[k] = theta[k]! + t * direction[k]!
        nextLoss = objective.evaluate(next, nextGradient)
        if (!(nextLoss <= loss + 1e-4 * t * slope)) high = t
        else {
          accepted = true
          if (dot(nextGradient, direction) >= 0.9 * slope) break
          low = t
        }
        t = high < Number.POSITIVE_INFINITY ? (low + high) / 2 : 2 * t
      }
    }
    if (accepted && nextLoss < loss) break
    if (pairs.length === 0) return 'no further descent'
    pairs.length = 0
  }
  const s = new Float64Array(P)
  const y = new Float64Array(P)
  for (let k = 0; k < P; k++) {
    s[k] = next[k]! - theta[k]!
    y[k] = nextGradient[k]! - state.gradient[k]!
  }
  const sy = dot(s, y)
  if (sy > 1e-300) {
    pairs.push({ s, y, rho: 1 / sy })
    if (pairs.length > memory) pairs.shift()
  }
  theta.set(next)
  state.gradient = nextGradient
  state.loss = nextLoss
  state.step++
  return undefined
}

/** Minus the gradient times the estimate of the inverse Hessian, by two loops over the pairs. */
function quasiNewtonDirection(gradient: Float64Array, pairs: readonly Pair[]): Float64Array {
  const P = gradient.length
  const direction = new Float64Array(P)
  for (let k = 0; k < P; k++) direction[k] = -gradient[k]!
  const alphas: number[] = []
  for (let a = pairs.length - 1; a >= 0; a--) {
    const { s, y, rho } = pairs[a]!
    const alpha = rho * dot(s, direction)
    alphas[a] = alpha
    for (let k = 0; k < P; k++) direction[k] = direction[k]! - alpha * y[k]!
  }
  const newest = pairs.at(-1)
  const size = newest ? 1 / (newest.rho * dot(newest.y, newest.y)) : Math.min(1, 1 / Math.sqrt(dot(gradient, gradient)))
  for (let k = 0; k < P; k++) direction[k] = direction[k]! * size
  for (let a = 0; a < pairs.length; a++) {
    const { s, y, rho } = pairs[a]!
    const beta = rho * dot(y, direction)
    for (let k = 0; k < P; k++) direction[k] = direction[k]! + (alphas[a]! - beta) * s[k]!
  }
  return direction
}

const defaultMemory = 20

/** Limited-memory BFGS with a weak-Wolfe bisection line search, in place; returns the last loss. Approximate. Reference: Liu and Nocedal 1989; Lewis and Overton 2013 for the search. */
export function lbfgs(objective: LossAndGradient, theta: Float64Array, options: LbfgsOptions): number {
  const state = lbfgsState(objective, theta)
  while (state.step < options.iterations) {
    if (lbfgsStep(objective, state, options.memory ?? defaultMemory, options.tolerance ?? 1e-13) !== undefined) break
    if (options.onStep?.(state.step, state.loss)) break
  }
  return state.loss
}

/** L-BFGS as a trainer. */
export const lbfgsTrainer: Trainer<LbfgsState> = {
  name: 'l-bfgs',
  begin: ({ objective }, start) => lbfgsState(objective, start.slice()),
  advance: ({ objective, settings }, state) => lbfgsStep(objective, state, defaultMemory, settings.tolerance),
  length: ({ settings }) => settings.steps
}
