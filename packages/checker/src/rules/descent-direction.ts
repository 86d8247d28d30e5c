import { type Change, changeAlong } from '../along.ts'
import type { Curve } from '../deep-evidence.ts'
import { reject } from '../outcome.ts'
import { requireShape } from '../point.ts'
import type { Context } from './context.ts'

/** The change of the loss along a curve; rejects a direction of another shape and a curve that changes nothing. */
const requireChange = (context: Context, curve: Curve, step: string): Change => {
  const { problem, samples, point, budget } = context
  for (const { direction } of curve) requireShape(problem.network, direction, step)
  const change = changeAlong(problem, samples, point, curve, budget)
  return change ?? reject(step, 'the loss does not change along the direction')
}

/** Rejects unless the loss falls along the curve, at first order if so asked. */
export const requireDescent = (context: Context, curve: Curve, step: string, atFirstOrder: boolean): void => {
  const { order, sign } = requireChange(context, curve, step)
  if (sign > 0) reject(step, `the loss rises along the direction, at order ${order}`)
  if (atFirstOrder && order !== 1) reject(step, `the loss falls along the direction at order ${order} only`)
}

/** Rejects unless the loss rises along the curve. */
export const requireAscent = (context: Context, curve: Curve, step: string): void => {
  const { order, sign } = requireChange(context, curve, step)
  if (sign < 0) reject(step, `the loss falls along the direction, at order ${order}`)
}
