import { compare, ratioToNumber, toNumber } from '@nadir/arithmetic'
import { type Configuration, locate, primitive } from '../cells/configuration.ts'
import type { Decision } from '../optimality/decision.ts'
import { decideFirstOrder } from '../optimality/first-order.ts'
import { decideGlobal } from '../optimality/global-bound.ts'
import type { ExactPoint, FloatPoint } from '../point.ts'
import type { OneHiddenLayer } from '../traits.ts'
import { cellDescent } from './cell-descent.ts'
import { type CellState, setSides } from './cell-state.ts'
import { initialState } from './initial-state.ts'
import { type MergedData, mergeData } from './merged-data.ts'
import { nullSpaceBasis } from './null-space-basis.ts'
import { settleVertex } from './settle-vertex.ts'
import type { Settled, SettleOptions } from './settled.ts'
import { settledPoint } from './settled-point.ts'
import { type SnappedState, snap } from './snap.ts'

const mostRounds = 12

/**
 * The exact point that a trained point leads to downhill, for the squared, absolute and hinge loss with one output. The answer's decision is exact; `undecided`, at the given point where nothing lower
 * was reached, when the rounds or the time run out.
 */
export function settle(view: OneHiddenLayer, start: FloatPoint, original: ExactPoint, options: SettleOptions): Settled {
  const method = view.problem.loss === 'squared' ? settleSquared : settleVertex
  const settled = method(view, start, original, options)
  const given = locate(view, original)
  if (toNumber(settled.configuration.loss) <= toNumber(given.loss) * (1 + 1e-9)) return settled
  return {
    ...settled,
    configuration: given,
    decision: {
      kind: 'undecided',
      reason: 'the descent in doubles lost its way: its end is above the given point',
      tryNext: 'train on and certify again'
    }
  }
}

/** Cell descent in doubles, one exact solve, the complete test; where the test finds a way down, on from there. Squared loss, one output. */
function settleSquared(view: OneHiddenLayer, start: FloatPoint, original: ExactPoint, options: SettleOptions): Settled {
  const now = options.now ?? (() => 0)
  const data = mergeData(view)
  const state = initialState(view, data, start)
  const outer = outerWeights(view, start)
  const slopes = {
    positive: Number(view.slopes.positive) / Number(view.slopes.denominator),
    negative: Number(view.slopes.negative) / Number(view.slopes.denominator)
  }
  let hops = 0
  let iterations = 0
  let restarts = 0
  let descentTime = 0
  let exactTime = 0
  let best: { configuration: Configuration; decision: Decision; snapped: SnappedState } | undefined
  for (let round = 0; round < mostRounds; round++) {
    const begun = now()
    const result = cellDescent(data, state, {
      slopes,
      outputBias: view.outputBias,
      crossKinks: (options.crossKinks ?? false) || round > 3,
      random: options.random,
      ...(options.stop ? { stop: options.stop } : {}),
      ...(options.onProgress ? { onProgress: options.onProgress } : {})
    })
    hops += result.hops
    iterations += result.iterations
    restarts += result.restarts
    const solved = now()
    descentTime += solved - begun
    const exact = snapAndRepair(view, data, state, outer, original)
    const decision = decideGlobal(exact.configuration) ?? decideFirstOrder(exact.configuration)
    exactTime += now() - solved
    if (!best || compare(exact.configuration.loss, best.configuration.loss) <= 0) best = { ...exact, decision }
    if (decision.kind === 'global-minimum' || decision.kind === 'local-minimum') {
      best = { ...exact, decision }
      break
    }
    if (options.stop?.() || !continueFrom(view, data, state, exact, decision, slopes)) break
  }
  return {
    configuration: best!.configuration,
    decision: best!.decision,
    hops,
    iterations,
    restarts,
    unknowns: best!.snapped.unknowns,
    fixed: best!.snapped.fixed,
    milliseconds: { descent: descentTime, exact: exactTime }
  }
}

function outerWeights(view: OneHiddenLayer, point: FloatPoint): Float64Array {
  const d = view.hiddenBias ? view.width - 1 : view.width
  const from = view.units * d + (view.hiddenBias ? view.units : 0)
  return point.values.slice(from, from + view.units)
}

/** One exact solve; where its signs contradict the state's, exactly those samples are put on their kinks and it is solved again. */
function snapAndRepair(
  view: OneHiddenLayer,
  data: MergedData,
  state: CellState,
  outer: Float64Array,
  original: ExactPoint
): { configuration: Configuration; snapped: SnappedState } {
  let attempt = 0
  for (;;) {
    const snapped = snap(view, data, state)
    if (silenceZeroUnits(view, state, snapped)) continue
    const configuration = locate(view, settledPoint(view, snapped, state.kappa, outer, original))
    if (attempt++ === 3) return { configuration, snapped }
    let added = false
    for (let j = 0; j < view.units; j++) {
      if (state.kappa[j] === 0) continue
      for (let i = 0; i < view.samples; i++) {
        const g = data.mergedOf[i]!
        const k = data.classOf[g]!
        const sign = configuration.signs[j * view.samples + i]!
        if (sign === 0 || sign > 0 === (state.side[j * data.samples + g] === 1) || state.kinks[j]!.includes(k)) continue
        if (addIndependent(data, state, j, k)) added = true
      }
    }
    if (!added) return { configuration, snapped }
  }
}

/** A unit that came out as w~ = 0 does nothing: it becomes a unit with outgoing weight 0, free to be restarted. */
function silenceZeroUnits(view: OneHiddenLayer, state: CellState, snapped: SnappedState): boolean {
  let any = false
  for (let j = 0; j < view.units; j++) {
    if (state.kappa[j] === 0) continue
    const own = snapped.u.numerators.slice(j * view.width, (j + 1) * view.width)
    if (own.some((a) => a !== 0n)) continue
    state.kappa[j] = 0
    state.kinks[j] = []
    any = true
  }
  return any
}

function addIndependent(data: MergedData, state: CellState, j: number, k: number): boolean {
  const rowOf = (c: number) => {
    const first = data.classes[c]![0]!
    return data.x.subarray(first * data.width, (first + 1) * data.width)
  }
  const kinks = [...state.kinks[j]!, k]
  if (kinks.length >= data.width || nullSpaceBasis(kinks.map(rowOf), data.width) === undefined) return false
  state.kinks[j] = kinks
  return true
}

/** Puts the state at the exact point and a small step along the way down that the exact test found; false when there is none. */
function continueFrom(
  view: OneHiddenLayer,
  data: MergedData,
  state: CellState,
  exact: { configuration: Configuration; snapped: SnappedState },
  decision: Decision,
  slopes: { positive: number; negative: number }
): boolean {
  const direction =
    decision.kind === 'saddle'
      ? decision.descent
      : decision.kind === 'not-stationary' || decision.kind === 'not-a-local-minimum'
        ? decision.direction
        : undefined
  const { configuration, snapped } = exact
  const { units, width } = view
  for (let a = 0; a < units * width; a++)
    if (state.kappa[Math.floor(a / width)] !== 0)
      state.u[a] = ratioToNumber(snapped.u.numerators[a]!, snapped.u.denominator)
  state.c = ratioToNumber(snapped.c.numerators[0]!, snapped.c.denominator)
  const zeros: number[][] = []
  for (let j = 0; j < units; j++) {
    setSides(data, state, j)
    zeros.push([])
    for (let i = 0; i < view.samples; i++) {
      const g = data.mergedOf[i]!
      const s = configuration.signs[j * view.samples + i]!
      state.side[j * data.samples + g] = s > 0 ? 1 : 0
      if (s === 0) zeros[j]!.push(data.classOf[g]!)
    }
    if (state.kappa[j] !== 0) for (const k of new Set(zeros[j])) addIndependent(data, state, j, k)
  }
  if (!direction) return false
  const [hidden] = direction.tensors
  const d = view.hiddenBias ? width - 1 : width
  for (let j = 0; j < units; j++) {
    const parts = hidden!.numerators.slice(j * d, (j + 1) * d)
    if (view.hiddenBias) parts.push(direction.tensors[1]!.numerators[j]!)
    const line = primitive(parts)
    if (line === undefined || state.kappa[j] === 0) continue
    // Kinks that the direction leaves are released to the side it enters.
    const kept: number[] = []
    for (const k of state.kinks[j]!) {
      const i = data.mergedOf.indexOf(data.classes[k]![0]!)
      let tau = 0n
      for (let b = 0; b < width; b++) {
        const x = view.extended[i * width + b]!
        tau += parts[b]! * x
      }
      if (tau === 0n) kept.push(k)
      else for (const g of data.classes[k]!) state.side[j * data.samples + g] = tau > 0n === data.factor[g]! > 0 ? 1 : 0
    }
    state.kinks[j] = kept
    nudge(data, state, j, parts, slopes)
  }
  return true
}

/** Moves unit j a little along the direction as far as the loss falls. */
function nudge(
  data: MergedData,
  state: CellState,
  j: number,
  parts: readonly bigint[],
  slopes: { positive: number; negative: number }
): void {
  const { width } = data
  let largest = 0n
  for (const x of parts) if (x > largest || -x > largest) largest = x < 0n ? -x : x
  const step = parts.map((x) => Number((x * 1_000_000_000n) / largest) / 1e9)
  let size = 0
  for (let b = 0; b < width; b++) size = Math.max(size, Math.abs(state.u[j * width + b]!))
  const base = loss(data, state, slopes)
  const kept = state.u.slice(j * width, (j + 1) * width)
  for (let t = size || 1; t > 1e-12 * (size || 1); t /= 4) {
    for (let b = 0; b < width; b++) state.u[j * width + b] = kept[b]! + t * step[b]!
    if (loss(data, state, slopes) < base) {
      setSides(data, state, j)
      return
    }
  }
  state.u.set(kept, j * width)
}

function loss(data: MergedData, state: CellState, slopes: { positive: number; negative: number }): number {
  let total = 0
  for (let i = 0; i < data.samples; i++) {
    let f = state.c
    for (let j = 0; j < state.units; j++) {
      let z = 0
      for (let b = 0; b < data.width; b++) z += state.u[j * data.width + b]! * data.x[i * data.width + b]!
      f += state.kappa[j]! * (z > 0 ? slopes.positive : slopes.negative) * z
    }
    total += data.weight[i]! * (f - data.y[i]!) ** 2
  }
  return total / 2
}
