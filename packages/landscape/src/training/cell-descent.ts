import type { CellState } from '../descent/cell-state.ts'
import { initialState } from '../descent/initial-state.ts'
import { type MergedData, mergeData } from '../descent/merged-data.ts'
import { type StateDescent, stateDescent } from '../descent/state-descent.ts'
import type { Problem } from '../problem.ts'
import { randomStream } from '../random.ts'
import { asOneHiddenLayer, type OneHiddenLayer } from '../traits.ts'
import { balancedPoint, newStart } from './new-start.ts'
import type { Trainer, TrainingState } from './trainer.ts'

/** `theta` and `loss` are of the best point so far; a step is about the work of one gradient. */
export interface CellDescentState extends TrainingState {
  /** The descent under way. */
  cell: CellState | null
  /** Descents done, and those since the best point was found. */
  rounds: number
  sinceBest: number
}

/** Iterations between two points of the run. */
const stride = 100

/**
 * Descents from cell to cell, each to a point that no release of a kink and no step in a cell lowers; first from the start, then from the best point with its least useful unit put where
 * it gains most, with units moved or shaken, and from fresh starts. Ends when the work is done or the loss is zero. Reference: active-set method for convex quadratic programs, cell by cell.
 */
export const cellDescentTrainer: Trainer<CellDescentState> = {
  name: 'cell-descent',
  obstacle(problem) {
    const view = asOneHiddenLayer(problem)
    if ('kind' in view) return view
    if (view.outputs === 1) return undefined
    return {
      kind: 'obstacle',
      reason: `cell descent takes networks with one output, this one has ${view.outputs}`,
      tryNext: '--method adam+l-bfgs or levenberg-marquardt'
    }
  },
  begin({ objective }, start) {
    return {
      step: 0,
      loss: objective.evaluate(start, new Float64Array(start.length)),
      theta: start.slice(),
      cell: null,
      rounds: 0,
      sinceBest: 0
    }
  },
  advance({ problem, objective, seed }, state) {
    const { view, data, descend, loss } = preparedFor(problem)
    const random = randomStream((Math.imul(seed, 1_000_003) + state.step) | 0)
    const best = { kind: 'float', values: state.theta } as const
    state.cell ??=
      state.rounds === 0 ? initialState(view, data, best) : newStart(view, data, best, state.sinceBest, random)
    const { finished, work } = descend(state.cell, { random, stop: () => false, iterations: stride })
    state.step += 1 + Math.round(work / (6 * data.samples * objective.parameters + 4000))
    const reached = loss(state.cell)
    if (reached < state.loss) {
      if (reached < state.loss * (1 - 1e-9)) state.sinceBest = -1
      state.loss = reached
      state.theta.set(balancedPoint(view, state.cell).values)
    }
    if (!finished) return undefined
    state.cell = null
    state.rounds++
    state.sinceBest++
    return state.loss <= 1e-24 * data.y.reduce((sum, y) => sum + y * y, data.offset) ? 'zero loss' : undefined
  },
  length: ({ settings }) => settings.steps
}

interface Prepared extends StateDescent {
  readonly view: OneHiddenLayer
  readonly data: MergedData
}

const prepared = new WeakMap<Problem, Prepared>()

/** What all steps on a problem share. */
function preparedFor(problem: Problem): Prepared {
  const known = prepared.get(problem)
  if (known) return known
  const view = asOneHiddenLayer(problem)
  if ('kind' in view) throw new RangeError(`cell descent: ${view.reason}`)
  const data = mergeData(view)
  const made = { view, data, ...stateDescent(view, data) }
  prepared.set(problem, made)
  return made
}
