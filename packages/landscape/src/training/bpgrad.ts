import { dot } from './dot.ts'
import type { Trainer, TrainingState } from './trainer.ts'

/** `theta` and `loss` are of the best point so far. */
export interface BpgradState extends TrainingState {
  at: Float64Array
  velocity: Float64Array
  /** The largest gradient seen: what a Lipschitz constant is at least. */
  steepest: number
  /** The part of the best loss that the balls stay above, and the step and loss since which it has been the same. */
  share: number
  since: number
  lossThen: number
}

/** Steps in which the best loss has to fall by a thousandth. */
const patience = 200
const nearOne = 1 - 1e-7

/**
 * The published branch-and-prune heuristic: were L a Lipschitz constant of the loss, the ball of radius (R(x) - rho best) / L about x would hold nothing below rho best; the next point is on its rim, downhill, with
 * momentum. rho starts at 0 and goes half of the way to 1 whenever the best loss stalls. L is the largest gradient seen so far over the rate, which proves nothing: of all balls only the last one is looked at,
 * and no bound follows (`boxBound` has one). Approximate. Reference: Zhang, Wu and Wang, BPGrad (arXiv 1711.06959), section 4.
 */
export const bpgradTrainer: Trainer<BpgradState> = {
  name: 'bpgrad',
  begin: ({ objective }, start) => {
    const loss = objective.evaluate(start, new Float64Array(start.length))
    return {
      step: 0,
      loss,
      theta: start.slice(),
      at: start.slice(),
      velocity: new Float64Array(start.length),
      steepest: 0,
      share: 0,
      since: 0,
      lossThen: loss
    }
  },
  advance({ objective, settings }, state) {
    const { at, velocity } = state
    const gradient = new Float64Array(at.length)
    const loss = objective.evaluate(at, gradient)
    if (loss < state.loss) {
      state.loss = loss
      state.theta.set(at)
    }
    const size = Math.sqrt(dot(gradient, gradient))
    if (loss === 0) return 'zero loss'
    if (size <= settings.tolerance) return `the gradient is at most ${settings.tolerance}`
    // A loss that left the numbers: back to the best point, slower.
    if (!Number.isFinite(size + loss)) {
      at.set(state.theta)
      velocity.fill(0)
      state.share = (1 + state.share) / 2
    } else {
      state.steepest = Math.max(state.steepest, size)
      const radius = (settings.rate * (loss - state.share * state.loss)) / state.steepest
      for (let k = 0; k < at.length; k++) {
        velocity[k] = settings.momentum * velocity[k]! - (radius * gradient[k]!) / size
        at[k] = at[k]! + velocity[k]!
      }
    }
    state.step++
    if (state.loss < 0.999 * state.lossThen) {
      state.since = state.step
      state.lossThen = state.loss
    } else if (state.step - state.since >= patience) {
      if (state.share > nearOne) return 'the balls have shrunk to nothing'
      state.share = (1 + state.share) / 2
      state.since = state.step
      state.lossThen = state.loss
      at.set(state.theta)
      velocity.fill(0)
    }
    return undefined
  },
  length: ({ settings }) => settings.steps
}
