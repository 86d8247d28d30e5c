import { type AdamState, adamTrainer } from './adam.ts'
import { type LbfgsState, lbfgsTrainer } from './lbfgs.ts'
import type { Trainer, TrainingState, TrainingTask } from './trainer.ts'

export interface SequenceState extends TrainingState {
  /** The run of the method whose turn it is. */
  inner: AdamState | LbfgsState
  phase: 'adam' | 'l-bfgs'
}

/** Adam, and L-BFGS from where it ends. */
export const adamThenLbfgsTrainer: Trainer<SequenceState> = {
  name: 'adam+l-bfgs',
  begin(task, start) {
    const inner = adamTrainer.begin(task, start)
    return { step: 0, loss: inner.loss, theta: inner.theta, inner, phase: 'adam' }
  },
  advance(task, state) {
    const { steps } = task.settings
    if (state.step === steps) {
      state.inner = lbfgsTrainer.begin(task, state.theta)
      state.phase = 'l-bfgs'
    }
    const ended =
      state.phase === 'adam'
        ? adamTrainer.advance(task, state.inner as AdamState)
        : lbfgsTrainer.advance(task, state.inner as LbfgsState)
    state.step++
    state.theta = state.inner.theta
    state.loss = state.inner.loss
    return ended
  },
  length: ({ settings }: TrainingTask) => settings.steps + settings.polish
}
