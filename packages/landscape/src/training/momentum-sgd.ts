import { randomStream } from '../random.ts'
import { stepSize } from './step-sizes.ts'
import type { Trainer, TrainingState } from './trainer.ts'

export interface MomentumState extends TrainingState {
  velocity: Float64Array
  /** The order in which this epoch visits the samples. */
  order: Int32Array
}

/**
 * Stochastic gradient descent with momentum: v <- m v - a_k g, theta <- theta + v, g the gradient of a batch scaled as if it were all samples. The samples are
 * shuffled anew each epoch, by the seed and the number of the epoch alone. `loss` is of all samples, once an epoch. Approximate. Reference: Polyak 1964.
 */
export const momentumTrainer: Trainer<MomentumState> = {
  name: 'sgd',
  begin: (task, start) => ({
    step: 0,
    loss: Number.POSITIVE_INFINITY,
    theta: start.slice(),
    velocity: new Float64Array(start.length),
    order: Int32Array.from({ length: task.problem.data.samples }, (_, i) => i)
  }),
  advance({ objective, problem, seed, settings }, state) {
    const { theta, velocity } = state
    const n = problem.data.samples
    const batch = Math.min(settings.batch, n)
    const perEpoch = Math.ceil(n / batch)
    const at = state.step % perEpoch
    const gradient = new Float64Array(theta.length)
    if (at === 0) {
      state.loss = objective.evaluate(theta, gradient)
      if (!Number.isFinite(state.loss)) return undefined
      state.order = shuffled(n, randomStream((Math.imul(seed, 1_000_003) + state.step / perEpoch) | 0))
    }
    objective.evaluateBatch(state.order.subarray(at * batch, Math.min(n, (at + 1) * batch)), theta, gradient)
    const rate = stepSize(settings.sizes, settings.rate, state.step, settings.steps)
    for (let k = 0; k < theta.length; k++) {
      velocity[k] = settings.momentum * velocity[k]! - rate * gradient[k]!
      theta[k] = theta[k]! + velocity[k]!
    }
    state.step++
    return undefined
  },
  length: ({ settings }) => settings.steps
}

function shuffled(n: number, random: () => number): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i)
  for (let i = n - 1; i > 0; i--) {
    const k = Math.floor(random() * (i + 1))
    const kept = order[i]!
    order[i] = order[k]!
    order[k] = kept
  }
  return order
}
