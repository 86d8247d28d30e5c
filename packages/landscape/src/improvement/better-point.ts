import { compare, fromNumber, overCommonDenominator, toNumber } from '@nadir/arithmetic'
import { type Configuration, locate } from '../cells/configuration.ts'
import type { ValuedPoint } from '../certification/certificate.ts'
import { bestDirection } from '../descent/best-direction.ts'
import type { CellState } from '../descent/cell-state.ts'
import { initialState } from '../descent/initial-state.ts'
import { type MergedData, mergeData } from '../descent/merged-data.ts'
import { floatSlopes, stateDescent } from '../descent/state-descent.ts'
import { toExact, toFloat } from '../point.ts'
import { balancedPoint, newStart } from '../training/new-start.ts'
import type { OneHiddenLayer } from '../traits.ts'
import { convexStart } from './convex-start.ts'
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
 * A strictly better point than the given one, its loss exact: a freed unit (dead, silent or mergeable) put to use, then descents from many starts (the convex program first when the best of many is wanted):
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
  let sinceBest = 0
  for (let start = 0; !options.stop() && !(options.firstOnly && best); start++) {
    options.onStart?.(start, toNumber(bound()))
    const convex = start === 0 && !options.firstOnly ? convexStart(view.problem) : undefined
    const state = convex
      ? initialState(view, data, { kind: 'float', values: convex })
      : newStart(view, data, toFloat(best?.point ?? configuration.point), sinceBest++, options.random)
    descend(state, options)
    if (!useful(state)) continue
    consider({ ...valuedState(view, state), source: 'search', doubles: true })
    sinceBest = 0
  }
  return best
}

/** The state as a point of doubles with balanced scales, and its exact loss. */
export function valuedState(view: OneHiddenLayer, state: CellState): ValuedPoint {
  const point = toExact(view.problem.network, balancedPoint(view, state))
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
