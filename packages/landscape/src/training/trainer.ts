import type { Problem } from '../problem.ts'
import type { Obstacle } from '../traits.ts'
import type { Objective } from './objective.ts'
import type { StepSizes } from './step-sizes.ts'

export const methodNames = [
  'adam+l-bfgs',
  'cell-descent',
  'adam',
  'l-bfgs',
  'gradient-descent',
  'sgd',
  'levenberg-marquardt',
  'iterated-convex',
  'block-coordinate',
  'bpgrad'
] as const
export type MethodName = (typeof methodNames)[number]

/** What may be chosen; each method takes what concerns it. */
export interface TrainingSettings {
  /** Steps at most. */
  readonly steps: number
  /** First learning rate. */
  readonly rate: number
  readonly sizes: StepSizes
  readonly momentum: number
  /** Samples in a batch. */
  readonly batch: number
  /** Steps of L-BFGS after Adam. */
  readonly polish: number
  /** A largest gradient entry, or a relative decrease of a block step, that counts as none. */
  readonly tolerance: number
  /** Convex steps within the first piece only, or on into adjacent ones. */
  readonly pieces: 'one' | 'across'
}

/** What a trainer works on. Everything that it does is a function of the task and the start: the same again after a stop and from a checkpoint. */
export interface TrainingTask {
  readonly problem: Problem
  readonly objective: Objective
  readonly seed: number
  readonly settings: TrainingSettings
}

/** Numbers, texts and typed arrays, nested: what a checkpoint can hold. */
export type StateValue =
  | number
  | string
  | boolean
  | null
  | Float64Array
  | Int32Array
  | Int8Array
  | Uint8Array
  | readonly StateValue[]
  | { readonly [key: string]: StateValue }

/** All that a run needs to go on. Owned by the run, changed in place. */
export interface TrainingState {
  /** Steps done. */
  step: number
  /** The loss at the last point where it was evaluated. */
  loss: number
  theta: Float64Array
  /** Why the run ended, once it has. */
  ended?: string
  [more: string]: unknown
}

/** One way to train. Approximate; nothing it says is a claim. */
export interface Trainer<State extends TrainingState = TrainingState> {
  readonly name: MethodName
  /** What it does to a problem it cannot train, in words; undefined when it can. */
  obstacle?(problem: Problem): Obstacle | undefined
  /** The state before the first step; `start` is not kept. */
  begin(task: TrainingTask, start: Float64Array): State
  /** One step, in place; a text when the run ends with it, saying why. */
  advance(task: TrainingTask, state: State): string | undefined
  /** About how many steps the run takes at most. */
  length(task: TrainingTask): number
}

/** The points of a run, one after each step, from wherever the state stands; returns why it ended. The yielded state is the run's own: copy what is kept. */
export function* trainingPoints<State extends TrainingState>(
  trainer: Trainer<State>,
  task: TrainingTask,
  state: State
): Generator<State, string> {
  const most = trainer.length(task)
  while (state.ended === undefined && state.step < most) {
    const before = state.theta.slice()
    const ended = trainer.advance(task, state)
    if (ended !== undefined) state.ended = ended
    if (!Number.isFinite(state.loss)) {
      state.theta.set(before)
      state.ended = `the loss left the numbers at step ${state.step}: a smaller rate may help`
      break
    }
    yield state
  }
  return state.ended ?? 'all steps done'
}
