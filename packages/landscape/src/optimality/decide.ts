import type { Configuration } from '../cells/configuration.ts'
import type { Decision } from './decision.ts'
import { decideFirstOrder } from './first-order.ts'
import { decideGlobal } from './global-bound.ts'
import { decideNonsmooth } from './nonsmooth-first-order.ts'

/** What kind of point: global by a bound, else by the first-order test. Exact. */
export const decide = (configuration: Configuration): Decision =>
  decideGlobal(configuration) ??
  (configuration.view.problem.loss === 'squared' ? decideFirstOrder(configuration) : decideNonsmooth(configuration))
