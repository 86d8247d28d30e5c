import { compare } from '@nadir/arithmetic'
import { type Configuration, locate } from '../cells/configuration.ts'
import type { Decision } from '../optimality/decision.ts'
import { decideGlobal } from '../optimality/global-bound.ts'
import { decideNonsmooth, decideWithSubgradients } from '../optimality/nonsmooth-first-order.ts'
import type { ExactPoint, FloatPoint } from '../point.ts'
import type { OneHiddenLayer } from '../traits.ts'
import { gaussian } from './best-direction.ts'
import { brokenLoss } from './broken-loss.ts'
import { type CellState, setSides } from './cell-state.ts'
import { initialState } from './initial-state.ts'
import { type MergedData, mergeData } from './merged-data.ts'
import type { Settled, SettleOptions } from './settled.ts'
import { settledPoint } from './settled-point.ts'
import type { SnappedState } from './snap.ts'
import { floatSlopes } from './state-descent.ts'
import { norm } from './vertex-basis.ts'
import { type Vertex, vertexDescent } from './vertex-descent.ts'
import { snapVertex, vertexSubgradients, vertexSystem } from './vertex-snap.ts'

const mostRounds = 12
/** The exact linear program is left out where it has more ties times unknowns. */
const largestProgram = 1500

interface Reached {
  readonly configuration: Configuration
  readonly decision: Decision
  readonly snapped: SnappedState
}

/**
 * Vertex descent in doubles, one exact solve for the point and one for the subgradients, the first-order test; where that is silent the point is shaken and the descent starts again. Absolute and hinge
 * loss, one output. The answer's decision is exact; `undecided` when the rounds or the time run out.
 */
export function settleVertex(
  view: OneHiddenLayer,
  start: FloatPoint,
  original: ExactPoint,
  options: SettleOptions
): Settled {
  const now = options.now ?? (() => 0)
  const data = mergeData(view)
  const loss = brokenLoss(view)
  const state = initialState(view, data, start)
  let best: Reached | undefined
  const total = { hops: 0, iterations: 0, descent: 0, exact: 0 }
  for (let round = 0; round < mostRounds && !(best && isMinimum(best.decision)); round++) {
    if (round > 0) {
      if (options.stop?.()) break
      shake(data, state, 0.005 * 1.5 ** round, options.random)
    }
    const begun = now()
    const vertex = vertexDescent(data, loss, state, {
      slopes: floatSlopes(view),
      outputBias: view.outputBias,
      random: options.random,
      ...(options.stop ? { stop: options.stop } : {}),
      ...(options.onProgress ? { onProgress: options.onProgress } : {})
    })
    const descended = now()
    const reached = decideVertex(view, state, vertex, start, original)
    total.hops += vertex.hops
    total.iterations += vertex.iterations
    total.descent += descended - begun
    total.exact += now() - descended
    if (reached && (!best || compare(reached.configuration.loss, best.configuration.loss) <= 0)) best = reached
  }
  const configuration = best?.configuration ?? locate(view, original)
  const unknowns = view.units * view.width + (view.outputBias ? 1 : 0)
  const small = configuration.ties.length * unknowns <= largestProgram
  return {
    configuration,
    decision: best && (isMinimum(best.decision) || !small) ? best.decision : decideNonsmooth(configuration),
    hops: total.hops,
    iterations: total.iterations,
    restarts: 0,
    unknowns: best?.snapped.unknowns ?? 0,
    fixed: best?.snapped.fixed ?? unknowns,
    milliseconds: { descent: total.descent, exact: total.exact }
  }
}

const isMinimum = (decision: Decision): boolean =>
  decision.kind === 'global-minimum' || decision.kind === 'local-minimum'

/** The exact point of a vertex and what the subgradients of the vertex prove of it. */
function decideVertex(
  view: OneHiddenLayer,
  state: CellState,
  vertex: Vertex,
  start: FloatPoint,
  original: ExactPoint
): Reached | undefined {
  const system = vertexSystem(view, state, vertex)
  const snapped = snapVertex(view, state, vertex, system)
  if (!snapped) return undefined
  const configuration = locate(
    view,
    settledPoint(view, snapped, state.kappa, outerWeights(view, state, start), original)
  )
  const global = decideGlobal(configuration)
  const subgradients = global ? undefined : vertexSubgradients(configuration, vertex, system)
  return {
    configuration,
    snapped,
    decision: global ??
      (subgradients && decideWithSubgradients(configuration, subgradients)) ?? {
        kind: 'undecided',
        reason: 'the subgradients that balance the ties and kinks of the point leave their intervals',
        tryNext: 'train on from the point reached and certify that'
      }
  }
}

/** The given outgoing weights, but for units that have grown far out of their proportion: those are balanced. */
function outerWeights(view: OneHiddenLayer, state: CellState, start: FloatPoint): Float64Array {
  const { units, width, hiddenBias } = view
  const d = hiddenBias ? width - 1 : width
  const from = units * (hiddenBias ? d + 1 : d)
  return Float64Array.from({ length: units }, (_, j) => {
    const v = Math.abs(start.values[from + j]!)
    const own = norm(start.values.subarray(j * d, (j + 1) * d))
    const grown = norm(state.u.subarray(j * width, (j + 1) * width))
    return grown > 10 * v * (own + v) ? Math.sqrt(grown) : v
  })
}

/** Moves every unit by about this share of the longest one. */
function shake(data: MergedData, state: CellState, share: number, random: () => number): void {
  const { width } = data
  const units = Array.from({ length: state.units }, (_, j) => j)
  const longest = Math.max(...units.map((j) => norm(state.u.subarray(j * width, (j + 1) * width)))) || 1
  for (let a = 0; a < state.u.length; a++)
    state.u[a] = state.u[a]! + (share * longest * gaussian(random)) / Math.sqrt(width)
  for (const j of units) setSides(data, state, j)
}
