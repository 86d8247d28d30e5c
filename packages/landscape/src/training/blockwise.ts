import { symmetricEigen } from '@nadir/kernels'
import { denseCurvature } from '../curvature/dense-curvature.ts'
import { asLayered, type LayeredNetwork } from '../curvature/layered.ts'
import { gaussian } from '../descent/best-direction.ts'
import { weightDecayTerm } from '../loss/approximate-loss.ts'
import type { Problem } from '../problem.ts'
import { randomStream } from '../random.ts'
import type { Obstacle } from '../traits.ts'
import { forwardInPiece, type LayerProgram, layerProgram, type Sides, sidesAt, type Wall } from './layer-program.ts'
import { lbfgs } from './lbfgs.ts'
import { minimiseQuadratic, type QuadraticAnswer } from './quadratic-program.ts'
import type { TrainingState, TrainingTask } from './trainer.ts'

/** A point in a closed piece, moved by convex steps in one layer at a time. */
export interface BlockwiseState extends TrainingState {
  sides: Uint8Array[]
  /** The layer whose turn it is, and how many in a row have not helped. */
  block: number
  idle: number
  /** Walls crossed, and blockwise minima left that were none. */
  crossings: number
  escapes: number
  /** The step since which the piece has been the same, and the loss of the run's first point. */
  sameSince: number
  firstLoss: number
}

/** What stands in the way of convex steps. */
export function blockwiseObstacle(problem: Problem): Obstacle | undefined {
  const network = asLayered(problem.network)
  if (network.kind === 'obstacle') return network
  if (problem.loss !== 'squared')
    return {
      kind: 'obstacle',
      reason: `convex steps cover the squared loss, not the ${problem.loss} loss`,
      tryNext: '--method l-bfgs'
    }
  if (network.layers.some((layer) => layer.activation?.kind === 'smooth'))
    return {
      kind: 'obstacle',
      reason: 'with a smooth activation the loss has no convex pieces',
      tryNext: '--method levenberg-marquardt, or a piecewise linear activation'
    }
  return undefined
}

/** @throws RangeError where `blockwiseObstacle` says so */
export function layersOf(problem: Problem): LayeredNetwork {
  const network = asLayered(problem.network)
  if (network.kind === 'obstacle') throw new RangeError(network.reason)
  return network
}

export function beginBlockwise({ problem, objective }: TrainingTask, start: Float64Array): BlockwiseState {
  const loss = objective.evaluate(start, new Float64Array(start.length))
  return {
    step: 0,
    loss,
    theta: start.slice(),
    sides: sidesAt(problem, layersOf(problem).layers, start),
    block: 0,
    idle: 0,
    crossings: 0,
    escapes: 0,
    sameSince: 0,
    firstLoss: loss
  }
}

/** The minimiser of one layer within a closed piece. */
export interface BlockStep {
  readonly layer: number
  readonly program: LayerProgram
  readonly answer: QuadraticAnswer
}

export function blockStep(task: TrainingTask, theta: Float64Array, sides: Sides, layer: number): BlockStep {
  const program = layerProgram(task.problem, layersOf(task.problem).layers, theta, sides, layer)
  return { layer, program, answer: minimiseQuadratic(program) }
}

/** Takes a block step if the loss falls by it; false when it does not. */
export function take(task: TrainingTask, state: BlockwiseState, { program, answer }: BlockStep): boolean {
  const next = state.theta.slice()
  for (const [k, at] of program.indices.entries()) next[at] = next[at]! + answer.step[k]!
  const loss = lossInPiece(task.problem, next, state.sides)
  if (!(loss < state.loss * (1 - task.settings.tolerance))) return false
  state.theta.set(next)
  state.loss = loss
  return true
}

/** The loss with these sides: that of the network as long as no pre-activation is on its wrong side by more than rounding. */
function lossInPiece(problem: Problem, theta: Float64Array, sides: Sides): number {
  const { samples: n, targetCount: m, approximateTargets: Y } = problem.data
  const { layers } = layersOf(problem)
  const outputs = forwardInPiece(problem, layers, theta, sides).at(-1)!.z
  let total = 0
  for (let at = 0; at < n * m; at++) total += (outputs[at]! - Y[at]!) ** 2 / 2
  return (problem.reduction === 'mean' ? total / n : total) + weightDecayTerm(problem, theta)
}

const mostWalls = 24
/** A pre-activation of this size is zero for all one can tell. */
const onWall = 1e-10

const largestOf = (values: Float64Array): number => values.reduce((m, x) => Math.max(m, Math.abs(x)), 0)

/**
 * At a point that no block step lowers within its piece: goes to an adjacent piece, across one wall, in which one does; walls with the largest multipliers first. False when none helps.
 */
export function crossAWall(task: TrainingTask, state: BlockwiseState, blocks: readonly BlockStep[]): boolean {
  const walls = new Map<string, { wall: Wall; multiplier: number }>()
  for (const { program, answer } of blocks)
    for (const { row, multiplier } of answer.active) {
      // The minimiser may lie on walls that the point itself is not on.
      if (program.slack[row]! > onWall * (1 + largestOf(program.rows[row]!.values))) continue
      const wall = program.walls[row]!
      const key = `${wall.layer} ${wall.sample} ${wall.unit}`
      if ((walls.get(key)?.multiplier ?? Number.NEGATIVE_INFINITY) < multiplier) walls.set(key, { wall, multiplier })
    }
  const list = [...walls.values()].sort((a, b) => b.multiplier - a.multiplier).slice(0, mostWalls)
  for (const { wall } of list) {
    const { outputs } = layersOf(task.problem).layers[wall.layer]!
    const sides = state.sides[wall.layer]!
    const at = wall.sample * outputs + wall.unit
    sides[at] = 1 - sides[at]!
    for (const { layer } of blocks)
      if (take(task, state, blockStep(task, state.theta, state.sides, layer))) {
        state.crossings++
        state.sameSince = state.step
        return true
      }
    sides[at] = 1 - sides[at]!
  }
  return false
}

/**
 * At a point that no block lowers: tries directions that move several layers at once, those of most negative curvature first, then a short descent from beside the point. A lower point shows that
 * it was no local minimum or at least not a good one, and the run goes on from there. False when none is found, which proves nothing.
 */
export function leaveSaddle(task: TrainingTask, state: BlockwiseState): boolean {
  const { objective } = task
  const P = state.theta.length
  const random = randomStream((Math.imul(task.seed, 1_000_003) + state.step) | 0)
  const gradient = new Float64Array(P)
  const low = state.loss * (1 - 1e-9)
  const scale = state.theta.reduce((m, x) => Math.max(m, Math.abs(x)), 1)
  const beside = (d: Float64Array, t: number) => state.theta.map((x, k) => x + t * d[k]!)
  for (const d of curvedDown(task, state.theta))
    for (let length = scale; length > 1e-5 * scale; length /= 4)
      for (const t of [length, -length]) {
        const next = beside(d, t)
        if (objective.evaluate(next, gradient) < low) return goOnFrom(task, state, next)
      }
  for (let trial = 0; trial < 4; trial++) {
    const next = beside(
      Float64Array.from({ length: P }, () => gaussian(random)),
      scale / 4
    )
    if (lbfgs(objective, next, { iterations: 60 }) < low) return goOnFrom(task, state, next)
  }
  return false
}

function goOnFrom(task: TrainingTask, state: BlockwiseState, theta: Float64Array): true {
  state.theta.set(theta)
  state.loss = task.objective.evaluate(theta, new Float64Array(theta.length))
  state.sides = sidesAt(task.problem, layersOf(task.problem).layers, theta)
  state.escapes++
  state.sameSince = state.step
  return true
}

/** The directions of most negative curvature of small networks, three at most. */
function curvedDown({ problem }: TrainingTask, theta: Float64Array): Float64Array[] {
  const P = theta.length
  if (P > 400) return []
  const { values, vectors } = symmetricEigen(denseCurvature(problem, layersOf(problem), theta, 'hessian'), P)
  const negative = values.slice(0, 3).filter((x) => x < -1e-9 * Math.abs(values[P - 1]!))
  return Array.from(negative, (_, k) => vectors.slice(k * P, (k + 1) * P))
}
