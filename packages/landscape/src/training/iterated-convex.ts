import {
  type BlockStep,
  type BlockwiseState,
  beginBlockwise,
  blockStep,
  blockwiseObstacle,
  crossAWall,
  layersOf,
  leaveSaddle,
  take
} from './blockwise.ts'
import type { Trainer } from './trainer.ts'

/**
 * Iterated convex optimisation: the convex problems of all layers within the piece are solved from the same point, and the best one of their solutions is the next point. With `across`, a point that
 * none of them lowers is left over a wall of the piece or, if it is a saddle, along a direction in several layers. Approximate. Reference: Rister and Rubin, Piecewise convexity of artificial neural
 * networks, 2017.
 */
export const iteratedConvexTrainer: Trainer<BlockwiseState> = {
  name: 'iterated-convex',
  obstacle: blockwiseObstacle,
  begin: beginBlockwise,
  advance(task, state) {
    const blocks = layersOf(task.problem).layers.map((_, l) => blockStep(task, state.theta, state.sides, l))
    const best = blocks.reduce((a, b) => (gain(b) > gain(a) ? b : a))
    state.step++
    if (take(task, state, best)) return undefined
    if (task.settings.pieces === 'one')
      return 'a partial minimum of its piece: no layer alone lowers the loss within it; --pieces across looks for a way on'
    if (crossAWall(task, state, blocks) || leaveSaddle(task, state)) return undefined
    return 'no layer alone lowers the loss, in this piece or across one wall, nor does any direction that was tried'
  },
  length: ({ settings }) => settings.steps
}

const gain = ({ answer }: BlockStep): number => answer.decrease
