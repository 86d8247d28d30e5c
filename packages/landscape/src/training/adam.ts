import type { LossAndGradient } from './objective.ts'
import type { Trainer, TrainingState } from './trainer.ts'

export interface AdamOptions {
  readonly steps: number
  /** First learning rate; it falls to `lastRate` along a cosine. */
  readonly rate: number
  readonly lastRate?: number
  /** Called after each step with the loss before it; true ends the run. */
  readonly onStep?: (step: number, loss: number) => boolean | undefined
}

export interface AdamState extends TrainingState {
  /** Running means of the gradient and of its squares. */
  first: Float64Array
  second: Float64Array
}

const adamState = (theta: Float64Array): AdamState => ({
  step: 0,
  loss: Number.POSITIVE_INFINITY,
  theta,
  first: new Float64Array(theta.length),
  second: new Float64Array(theta.length)
})

function adamStep(objective: LossAndGradient, state: AdamState, gradient: Float64Array, options: AdamOptions): void {
  const { theta, first, second } = state
  state.loss = objective.evaluate(theta, gradient)
  const t = ++state.step
  const last = options.lastRate ?? options.rate * 1e-4
  const rate = last + ((options.rate - last) * (1 + Math.cos((Math.PI * (t - 1)) / options.steps))) / 2
  const c1 = 1 - 0.9 ** t
  const c2 = 1 - 0.999 ** t
  for (let k = 0; k < theta.length; k++) {
    const g = gradient[k]!
    first[k] = 0.9 * first[k]! + 0.1 * g
    second[k] = 0.999 * second[k]! + 0.001 * g * g
    theta[k] = theta[k]! - (rate * first[k]!) / c1 / (Math.sqrt(second[k]! / c2) + 1e-8)
  }
}

/** Adam with full batches (beta 0.9, 0.999, epsilon 1e-8), in place; returns the last loss seen. Approximate. Reference: Kingma and Ba 2015. */
export function adam(objective: LossAndGradient, theta: Float64Array, options: AdamOptions): number {
  const state = adamState(theta)
  const gradient = new Float64Array(theta.length)
  while (state.step < options.steps) {
    adamStep(objective, state, gradient, options)
    if (options.onStep?.(state.step, state.loss)) break
  }
  return state.loss
}

/** Adam as a trainer: full batches, the rate falling along a cosine to a ten-thousandth. */
export const adamTrainer: Trainer<AdamState> = {
  name: 'adam',
  begin: (_, start) => adamState(start.slice()),
  advance({ objective, settings }, state) {
    adamStep(objective, state, new Float64Array(state.theta.length), settings)
    return undefined
  },
  length: ({ settings }) => settings.steps
}
