import { reject } from '../outcome.ts'
import type { Context } from './context.ts'

/** Rejects unless the loss is zero, below which no loss can be. */
export const requireZeroLoss = ({ evaluation }: Context): void => {
  if (evaluation.loss.numerator !== 0n) reject('zero-loss', 'the loss is not zero')
}
