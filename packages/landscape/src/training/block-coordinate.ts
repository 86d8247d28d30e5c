import {
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
 * Cyclic block coordinate descent: the convex problem of one layer within the piece, then of the next one from the new point, in turn. With `across`, a point that none of them lowers is left as in
 * iterated convex optimisation. Approximate.
 */
export const blockCoordinateTrainer: Trainer<BlockwiseState> = {
  name: 'block-coordinate',
  obstacle: blockwiseObstacle,
  begin: beginBlockwise,
  advance(task, state) {
    const { layers } = layersOf(task.problem)
    const step = blockStep(task, state.theta, state.sides, state.block)
    state.step++
    state.block = (state.block + 1) % layers.length
    state.idle = take(task, state, step) ? 0 : state.idle + 1
    if (state.idle < layers.length) return undefined
    if (task.settings.pieces === 'one')
      return 'a partial minimum of its piece: no layer alone lowers the loss within it; --pieces across looks for a way on'
    state.idle = 0
    const blocks = layers.map((_, l) => blockStep(task, state.theta, state.sides, l))
    if (crossAWall(task, state, blocks) || leaveSaddle(task, state)) return undefined
    return 'no layer alone lowers the loss, in this piece or across one wall, nor does any direction that was tried'
  },
  length: ({ settings }) => settings.steps
}
