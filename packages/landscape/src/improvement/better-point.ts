import { compare, fromNumber, overCommonDenominator, toNumber } from '@nadir/arithmetic'
import { type Configuration, locate } from '../cells/configuration.ts'
import type { ValuedPoint } from '../certification/certificate.ts'
import { bestDirection, gaussian } from '../descent/best-direction.ts'
import { type CellState, copyState, preActivations, setSides } from '../descent/cell-state.ts'
import { initialState } from '../descent/initial-state.ts'
import { type MergedData, mergeData } from '../descent/merged-data.ts'
import { floatSlopes, stateDescent } from '../descent/state-descent.ts'
import { type ExactPoint, toExact, toFloat } from '../point.ts'
import { initialise } from '../training/initialise.ts'
import type { OneHiddenLayer } from '../traits.ts'
import { freeAUnit, withUnit } from './free-units.ts'

/** A strictly better point of the same network, and how it was found. */
export interface BetterPoint extends ValuedPoint {
  readonly source: 'freed unit' | 'search'
  /** True when every parameter is a double. */
  readonly doubles: boolean
}

export interface SearchOptions {
  readonly random: () => number
  /** Asked between descents: true ends the search. */
  readonly stop: () => boolean
  /** End at the first strictly better point; otherwise search on until `stop`, keeping the best. */
  readonly firstOnly: boolean
  /** Told before each start: its number and the best loss so far. */
  readonly onStart?: (start: number, loss: number) => void
}

/** Improvements below this share of the loss are not worth the name; the comparison itself is exact. */
const leastGain = 1e-9

/**
 * A strictly better point than the given one, its loss exact: a freed unit (dead, silent or mergeable) put to use, then descents from many starts:
 * random ones and perturbations of the best point known. Undefined when none was found, which proves nothing. Squared, absolute and hinge loss, one output.
 */
export function findBetter(configuration: Configuration, options: SearchOptions): BetterPoint | undefined {
  const { view } = configuration
  const data = mergeData(view)
  const { descend, loss } = stateDescent(view, data)
  let best: BetterPoint | undefined
  const bound = () => best?.loss ?? configuration.loss
  const consider = (candidate: BetterPoint) => {
    if (compare(candidate.loss, bound()) >= 0) return
    best = candidate
  }
  const useful = (state: CellState) => loss(state) < toNumber(bound()) * (1 - leastGain)
  const placed = view.problem.loss === 'squared' ? freedUnit(configuration, data, options.random) : undefined
  if (placed) consider({ ...placed, source: 'freed unit', doubles: false })
  // Vertex descent itself finds a place for a unit that does nothing.
  const freed = view.problem.loss === 'squared' ? placed : freeAUnit(configuration)
  if (freed) {
    const state = initialState(view, data, toFloat(freed.point))
    descend(state, options)
    const valued = valuedState(view, state)
    if (useful(state)) consider({ ...valued, source: 'freed unit', doubles: true })
  }
  for (let start = 0; !options.stop() && !(options.firstOnly && best); start++) {
    options.onStart?.(start, toNumber(bound()))
    const state = startingState(view, data, best?.point ?? configuration.point, start, options.random)
    descend(state, options)
    if (useful(state)) consider({ ...valuedState(view, state), source: 'search', doubles: true })
  }
  return best
}

/**
 * The first starts empty one unit each, the one that contributes least first: the descent puts an empty unit where it gains most. After
 * that, in turn: two units moved at random, all units shaken, a fresh start.
 */
function startingState(
  view: OneHiddenLayer,
  data: MergedData,
  from: ExactPoint,
  start: number,
  random: () => number
): CellState {
  const { units, width } = view
  const turn = start < units ? 'empty' : (['move', 'shake', 'fresh'] as const)[start % 3]!
  if (turn === 'fresh')
    return initialState(view, data, { kind: 'float', values: initialise(view.problem.network, random) })
  const state = copyState(initialState(view, data, toFloat(from)))
  if (turn === 'empty') {
    const j = unitsByContribution(data, state)[start]!
    state.u.fill(0, j * width, (j + 1) * width)
    state.kinks[j] = []
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

/** The state as a point of doubles with balanced scales, |w~_j| about |v_j|, and its exact loss. */
export function valuedState(view: OneHiddenLayer, state: CellState): ValuedPoint {
  const { units, width, hiddenBias, outputBias } = view
  const d = hiddenBias ? width - 1 : width
  const weights: number[] = []
  const biases: number[] = []
  const outer: number[] = []
  for (let j = 0; j < units; j++) {
    let norm = 0
    for (let k = 0; k < width; k++) norm += state.u[j * width + k]! ** 2
    // A power of two: dividing by it is exact.
    const scale = norm > 0 ? 2 ** Math.round(Math.log2(norm) / 4) : 1
    outer.push(state.kappa[j]! * scale)
    for (let k = 0; k < width; k++) (k < d ? weights : biases).push(state.u[j * width + k]! / scale)
  }
  const values = [...weights, ...(hiddenBias ? biases : []), ...outer, ...(outputBias ? [state.c] : [])]
  const point = toExact(view.problem.network, { kind: 'float', values: Float64Array.from(values) })
  return { point, loss: locate(view, point).loss }
}

/**
 * The point after a unit has been freed and put at the best direction found, with outgoing weight -Phi(w)/S: its loss is exactly
 * R - Phi(w)^2 / (2 S) before rounding of the weight. Undefined when no unit can be freed or no direction gains. Squared loss.
 */
function freedUnit(configuration: Configuration, data: MergedData, random: () => number): ValuedPoint | undefined {
  const { view } = configuration
  const freed = freeAUnit(configuration)
  if (!freed) return undefined
  const { positive, negative } = floatSlopes(view)
  const state = initialState(view, data, toFloat(freed.point))
  const r = new Float64Array(data.samples)
  for (let i = 0; i < data.samples; i++) {
    let f = state.c
    for (let j = 0; j < state.units; j++) {
      let z = 0
      for (let b = 0; b < data.width; b++) z += state.u[j * data.width + b]! * data.x[i * data.width + b]!
      f += state.kappa[j]! * (z > 0 ? positive : negative) * z
    }
    r[i] = f - data.y[i]!
  }
  const place = bestDirection(data, r, floatSlopes(view), random)
  if (!place) return undefined
  const point = withUnit(view, freed.point, freed.free, {
    weights: overCommonDenominator(Array.from(place.weights, fromNumber)),
    outer: fromNumber(place.outer)
  })
  const loss = locate(view, point).loss
  return compare(loss, configuration.loss) < 0 ? { point, loss } : undefined
}
