import type { Problem } from '../problem.ts'
import { adamTrainer } from './adam.ts'
import { blockCoordinateTrainer } from './block-coordinate.ts'
import { bpgradTrainer } from './bpgrad.ts'
import { cellDescentTrainer } from './cell-descent.ts'
import { gradientDescentTrainer } from './gradient-descent.ts'
import { adamThenLbfgsTrainer } from './in-sequence.ts'
import { iteratedConvexTrainer } from './iterated-convex.ts'
import { lbfgsTrainer } from './lbfgs.ts'
import { levenbergMarquardtTrainer } from './levenberg-marquardt.ts'
import { momentumTrainer } from './momentum-sgd.ts'
import type { MethodName, Trainer, TrainingSettings } from './trainer.ts'

const trainers: Readonly<Record<MethodName, Trainer>> = {
  'adam+l-bfgs': adamThenLbfgsTrainer as Trainer,
  'cell-descent': cellDescentTrainer as Trainer,
  adam: adamTrainer as Trainer,
  'l-bfgs': lbfgsTrainer as Trainer,
  'gradient-descent': gradientDescentTrainer as Trainer,
  sgd: momentumTrainer as Trainer,
  'levenberg-marquardt': levenbergMarquardtTrainer as Trainer,
  'iterated-convex': iteratedConvexTrainer as Trainer,
  'block-coordinate': blockCoordinateTrainer as Trainer,
  bpgrad: bpgradTrainer as Trainer
}

export const trainerOf = (method: MethodName): Trainer => trainers[method]

const common: TrainingSettings = {
  steps: 3000,
  rate: 0.01,
  sizes: 'fixed',
  momentum: 0.9,
  batch: 32,
  polish: 1000,
  tolerance: 1e-13,
  pieces: 'across'
}

/** Settings that suit a method; a `sum` over the samples takes rates divided by their number. */
export function defaultSettings(method: MethodName, { data, reduction }: Problem): TrainingSettings {
  const share = reduction === 'sum' ? 1 / data.samples : 1
  if (method === 'cell-descent') return { ...common, steps: 10_000 }
  if (method === 'gradient-descent') return { ...common, steps: 10_000, rate: 0.1 * share }
  if (method === 'bpgrad') return { ...common, steps: 20_000, rate: 1 }
  if (method === 'sgd') return { ...common, steps: 20_000, rate: 0.01 * share, sizes: 'inverse' }
  if (method === 'l-bfgs' || method === 'levenberg-marquardt') return { ...common, steps: 1000 }
  if (method === 'iterated-convex' || method === 'block-coordinate') return { ...common, steps: 300, tolerance: 1e-10 }
  return common
}
