import { gaussian } from '../descent/best-direction.ts'
import { type CellState, copyState, preActivations, setSides } from '../descent/cell-state.ts'
import { initialState } from '../descent/initial-state.ts'
import type { MergedData } from '../descent/merged-data.ts'
import type { FloatPoint } from '../point.ts'
import type { OneHiddenLayer } from '../traits.ts'
import { initialise } from './initialise.ts'

/**
 * Where the next descent begins, made from the best point so far. The first starts empty one unit each, the one that contributes least first: the descent
 * puts an empty unit where it gains most. After that, in turn: two units moved at random, the unit that contributes most split in two at the expense of the one that contributes least, all units
 * shaken, a fresh start. Approximate.
 */
export function newStart(
  view: OneHiddenLayer,
  data: MergedData,
  from: FloatPoint,
  start: number,
  random: () => number
): CellState {
  const { units, width } = view
  const turn = start < units ? 'empty' : (['move', 'split', 'shake', 'fresh'] as const)[start % 4]!
  if (turn === 'fresh')
    return initialState(view, data, { kind: 'float', values: initialise(view.problem.network, random) })
  const state = copyState(initialState(view, data, from))
  if (turn === 'empty') {
    const j = unitsByContribution(data, state)[start]!
    state.u.fill(0, j * width, (j + 1) * width)
    state.kinks[j] = []
    return state
  }
  if (turn === 'split') {
    const order = unitsByContribution(data, state)
    splitUnit(data, state, order.at(-1)!, order[0]!, random)
    return state
  }
  let scale = 0
  for (const a of state.u) scale = Math.max(scale, Math.abs(a))
  const moved = turn === 'move' ? [Math.floor(random() * units), Math.floor(random() * units)] : []
  for (let j = 0; j < units; j++) {
    if (state.kappa[j] === 0 || moved.includes(j)) {
      state.kappa[j] = random() < 0.5 ? -1 : 1
      for (let k = 0; k < width; k++) state.u[j * width + k] = 0.3 * scale * gaussian(random)
    } else if (turn === 'shake')
      for (let k = 0; k < width; k++) state.u[j * width + k] = state.u[j * width + k]! * (1 + 0.5 * gaussian(random))
    setSides(data, state, j)
  }
  return state
}

/** Unit j does half of the work of unit k, each half turned a little the other way. */
function splitUnit(data: MergedData, state: CellState, k: number, j: number, random: () => number): void {
  if (j === k) return
  const { width } = data
  for (let a = 0; a < width; a++) {
    const half = state.u[k * width + a]! / 2
    const turn = 0.3 * half * gaussian(random)
    state.u[j * width + a] = half + turn
    state.u[k * width + a] = half - turn
  }
  state.kappa[j] = state.kappa[k]!
  setSides(data, state, j)
  setSides(data, state, k)
}

/** Units in ascending order of the spread of what they add to the output. */
function unitsByContribution(data: MergedData, state: CellState): number[] {
  const n = data.samples
  const z = new Float64Array(state.units * n)
  preActivations(data, state.u, state.units, z)
  const spread = Array.from({ length: state.units }, (_, j) => {
    let sum = 0
    let squares = 0
    for (let i = 0; i < n; i++) {
      const h = state.side[j * n + i] ? z[j * n + i]! : 0
      sum += h
      squares += h * h
    }
    return squares - (sum * sum) / n
  })
  return spread.map((_, j) => j).sort((a, b) => spread[a]! - spread[b]!)
}

/** The state as parameters with balanced scales, |w~_j| about |v_j|: w~_j = u_j / s_j, v_j = kappa_j s_j with powers of two s_j, so that nothing is rounded. */
export function balancedPoint(view: OneHiddenLayer, state: CellState): FloatPoint {
  const { units, width, hiddenBias, outputBias } = view
  const d = hiddenBias ? width - 1 : width
  const weights: number[] = []
  const biases: number[] = []
  const outer: number[] = []
  for (let j = 0; j < units; j++) {
    let norm = 0
    for (let k = 0; k < width; k++) norm += state.u[j * width + k]! ** 2
    const scale = norm > 0 ? 2 ** Math.round(Math.log2(norm) / 4) : 1
    outer.push(state.kappa[j]! * scale)
    for (let k = 0; k < width; k++) (k < d ? weights : biases).push(state.u[j * width + k]! / scale)
  }
  const values = [...weights, ...(hiddenBias ? biases : []), ...outer, ...(outputBias ? [state.c] : [])]
  return { kind: 'float', values: Float64Array.from(values) }
}
