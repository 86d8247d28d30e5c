import { type BrokenLoss, brokenLossAt } from './broken-loss.ts'
import type { CellState } from './cell-state.ts'
import { flipClass, type LinearPiece } from './linear-piece.ts'
import type { MergedData } from './merged-data.ts'
import { followRay } from './piecewise-ray.ts'
import {
  edgeDirection,
  freeDirection,
  kinkBend,
  type Multipliers,
  multipliersOf,
  type Release
} from './released-direction.ts'
import { restartedUnit, retireUnit } from './restarted-unit.ts'
import { norm } from './vertex-basis.ts'
import { hold, itemOf, type VertexItem } from './vertex-items.ts'
import {
  correct,
  enter,
  move,
  refresh,
  restoreBreaks,
  shiftBreaks,
  type VertexState,
  vertexState
} from './vertex-state.ts'

export interface VertexDescentOptions {
  readonly slopes: { readonly positive: number; readonly negative: number }
  readonly outputBias: boolean
  readonly random: () => number
  /** Asked between steps: true ends the descent where it stands. */
  readonly stop?: () => boolean
  /** Told now and then how far it is. */
  readonly onProgress?: (loss: number, hops: number) => void
}

/** Where a descent has ended: independent ties, kinks and coordinates that together determine the point. */
export interface Vertex {
  /** `converged`: nothing wants to be released. */
  readonly status: 'converged' | 'stopped' | 'stalled'
  readonly items: readonly VertexItem[]
  readonly piece: LinearPiece
  readonly iterations: number
  /** How many times samples on one line changed side. */
  readonly hops: number
}

/** Steps shorter than this share of the point's length are rounding. */
const noMove = 1e-12
/** Steps of length 0 in a row before the breaks are shifted, and how often that is done. */
const patience = 8
const mostShifts = 40

/**
 * The simplex method on a broken loss, through all cells: along the coordinates that are still free, then along the edge whose one-sided slope is lowest, each time over all breaks until the loss
 * stops falling, where a tie or a kink takes the place of what was released. Units with u_j = 0 are put to use. In place; the loss never rises but for rounding. Approximate: it ends with a
 * guess of ties and kinks that exact arithmetic must confirm. Reference: Barrodale and Roberts 1973 for one cell; here sides change as well.
 */
export function vertexDescent(
  data: MergedData,
  loss: BrokenLoss,
  point: CellState,
  options: VertexDescentOptions
): Vertex {
  const state = vertexState(data, loss, point, options)
  const { piece, items } = state
  /** What promised a descent that did not come: not again before something has moved. */
  const refused = new Set<string>()
  let hops = 0
  let still = 0
  let shifts = 0
  let status: Vertex['status'] = 'stalled'
  let iterations = 0
  const most = 200 + 60 * (items.coordinates + data.samples)
  for (; iterations < most && still <= 20 * items.coordinates; iterations++) {
    if (options.stop?.()) {
      status = 'stopped'
      break
    }
    if (iterations % 100 === 99) options.onProgress?.(brokenLossAt(loss, data.mergedOf, state.f), hops)
    const release = nextRelease(state, refused, options.random)
    if (!release) {
      if (!restoreBreaks(state)) {
        status = 'converged'
        break
      }
      still = 0
      refused.clear()
      continue
    }
    const { place, direction, promises } = release
    const end = followRay(piece, state.z, state.f, direction)
    if (!end) {
      if (place >= 0) hold(piece, itemOf(items, state.basis.items[place]!), 1)
      for (const promise of promises) refused.add(promise)
      continue
    }
    hops += end.hops
    move(state, direction, end.length)
    enter(state, end.item, place)
    if (end.length * norm(direction) > noMove * (norm(point.u) + Math.abs(point.c))) {
      still = 0
      refused.clear()
    } else if (++still % patience === 0 && shifts++ < mostShifts) shiftBreaks(state, options.random)
  }
  restoreBreaks(state)
  return {
    status,
    items: Array.from(state.basis.items, (number) => itemOf(items, number)),
    piece,
    iterations,
    hops
  }
}

/** The next way down; undefined when there is none. */
function nextRelease(state: VertexState, refused: Set<string>, random: () => number): Release | undefined {
  const { point, piece, basis, items } = state
  const { width } = piece.data
  const multipliers = multipliersOf(piece, basis, items)
  for (let j = 0; j < point.units; j++) {
    const own = point.u.subarray(j * width, (j + 1) * width)
    if (norm(own) > noMove * norm(point.u)) continue
    own.fill(0)
    if (!refused.has(`unit ${j}`)) {
      // Once, unless something moves.
      refused.add(`unit ${j}`)
      const restarted = restartedUnit(state, multipliers, j, random)
      if (restarted) return restarted
    }
    if (retireUnit(state, multipliers, j)) return nextRelease(state, refused, random)
  }
  const found = freeDirection(basis, multipliers, refused) ?? edgeDirection(piece, basis, items, multipliers, refused)
  return found ?? (crossConcaveKink(state, multipliers, refused) ? nextRelease(state, refused, random) : undefined)
}

/** Looks at the other side of a kink that the point lies on without holding it and where the loss is concave; false when there is none left. */
function crossConcaveKink(state: VertexState, { slopes, flat }: Multipliers, refused: Set<string>): boolean {
  const { point, piece, z } = state
  const { samples, width, classes, x } = piece.data
  for (let j = 0; j < point.units; j++) {
    const own = norm(point.u.subarray(j * width, (j + 1) * width))
    for (const [k, members] of classes.entries()) {
      const name = `kink ${j} ${k}`
      const g = members[0]!
      const length = norm(x.subarray(g * width, (g + 1) * width))
      if (piece.heldKink[j * classes.length + k] || refused.has(name)) continue
      if (Math.abs(z[j * samples + g]!) > 1e-10 * own * length || kinkBend(piece, slopes, j, k) >= -flat) continue
      refused.add(name)
      flipClass(piece, j, k)
      refresh(state)
      correct(state)
      return true
    }
  }
  return false
}
