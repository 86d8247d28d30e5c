import { sign } from '@nadir/arithmetic'
import { parameterCount } from '../network/network.ts'
import type { Problem } from '../problem.ts'
import type { Obstacle } from '../traits.ts'
import type { GlobalBound } from './bound-certificate.ts'
import { boxBound } from './box-bound.ts'
import { type BoundOptions, decayedBound } from './decayed-bound.ts'
import { asDecayedProblem } from './decayed-program.ts'
import { linearBound } from './linear-bound.ts'
import { isDecayedPair, linearDecayedBound } from './linear-decayed-bound.ts'
import { narrowBound } from './pattern-search.ts'

/** Beyond so many parameters boxes are not halved unless a box was asked for. */
const fewParameters = 6

/**
 * A proved lower bound on the loss over all parameters of the network (of a box, where one is given), with a point that comes near it, or what stands in the way.
 * Weight decay: the singular values of two linear layers; the convex program over activation patterns; where neither reaches, branch and prune on a few parameters. Without: the spectrum of linear networks,
 * branch and bound over the patterns of narrow ones.
 */
export function globalBound(problem: Problem, options: BoundOptions = {}): GlobalBound | Obstacle {
  const { network, weightDecay } = problem
  if (options.box) return boxBound(problem, options)
  if (sign(weightDecay) === 0)
    return network.layers.every(({ kind }) => kind === 'dense') ? linearBound(problem) : narrowBound(problem, options)
  if (isDecayedPair(problem)) return linearDecayedBound(problem, options)
  const decayed = asDecayedProblem(problem)
  return 'kind' in decayed && parameterCount(network) <= fewParameters
    ? boxBound(problem, options)
    : decayedBound(problem, options)
}
