import { sign } from '@nadir/arithmetic'
import type { Problem } from '../problem.ts'
import type { Obstacle } from '../traits.ts'
import type { GlobalBound } from './bound-certificate.ts'
import { type BoundOptions, decayedBound } from './decayed-bound.ts'
import { narrowBound } from './pattern-search.ts'

/**
 * A proved lower bound on the loss over all parameters of the network, with a point that comes near it, or what stands in the way. Weight decay: the convex program
 * over activation patterns. Without: branch and bound over the patterns of a narrow network.
 */
export function globalBound(problem: Problem, options: BoundOptions = {}): GlobalBound | Obstacle {
  return sign(problem.weightDecay) !== 0 ? decayedBound(problem, options) : narrowBound(problem, options)
}
