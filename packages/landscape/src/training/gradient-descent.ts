import { minimiseAlong } from './ray-search.ts'
import { stepSize } from './step-sizes.ts'
import type { Trainer, TrainingState } from './trainer.ts'

export interface GradientDescentState extends TrainingState {
  /** The side of every pre-activation at the last gradient, and the step since which they have been the same. */
  sides: Uint8Array
  sameSince: number
}

/** theta - a_k grad R with all samples, a_k by a rule or the minimiser along the ray. Approximate. Reference: Cauchy 1847 for the exact search. */
export const gradientDescentTrainer: Trainer<GradientDescentState> = {
  name: 'gradient-descent',
  begin: ({ objective }, start) => ({
    step: 0,
    loss: Number.POSITIVE_INFINITY,
    theta: start.slice(),
    sides: new Uint8Array(objective.sideCount),
    sameSince: 0
  }),
  advance({ objective, settings }, state) {
    const { theta } = state
    const gradient = new Float64Array(theta.length)
    state.loss = objective.evaluate(theta, gradient)
    if (objective.updateSides(state.sides)) state.sameSince = state.step
    if (!Number.isFinite(state.loss)) return undefined
    let largest = 0
    for (const g of gradient) largest = Math.max(largest, Math.abs(g))
    if (largest <= settings.tolerance) return `the largest gradient entry is at most ${settings.tolerance}`
    if (settings.sizes === 'exact') {
      const direction = gradient.map((g) => -g)
      const found = minimiseAlong(objective, theta, state.loss, gradient, direction, settings.rate)
      if (found === undefined) return 'no further descent along the gradient'
      state.loss = found.loss
      theta.set(found.theta)
    } else {
      const rate = stepSize(settings.sizes, settings.rate, state.step, settings.steps)
      for (let k = 0; k < theta.length; k++) theta[k] = theta[k]! - rate * gradient[k]!
    }
    state.step++
    return undefined
  },
  length: ({ settings }) => settings.steps
}
