import { type Change, changeAlong } from '../along.ts'
import { reject } from '../outcome.ts'
import { type Point, requireShape } from '../point.ts'
import type { Context } from './context.ts'

/** The change of the loss along a direction; rejects a direction of another shape and one that changes nothing. */
const requireChange = (context: Context, direction: Point, step: string): Change => {
  const { problem, samples, point, budget } = context
  requireShape(problem.network, direction, step)
  const change = changeAlong(problem, samples, point, direction, budget)
  return change ?? reject(step, 'the loss does not change along the direction')
}

/** Rejects unless the loss falls along the direction, at first order if so asked. */
export const requireDescent = (context: Context, direction: Point, step: string, atFirstOrder: boolean): void => {
  const { order, sign } = requireChange(context, direction, step)
  if (sign > 0) reject(step, `the loss rises along the direction, at order ${order}`)
  if (atFirstOrder && order !== 1) reject(step, `the loss falls along the direction at order ${order} only`)
}

/** Rejects unless the loss rises along the direction. */
export const requireAscent = (context: Context, direction: Point, step: string): void => {
  const { order, sign } = requireChange(context, direction, step)
  if (sign < 0) reject(step, `the loss falls along the direction, at order ${order}`)
}
