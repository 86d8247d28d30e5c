import type { OneHiddenLayer } from '../traits.ts'
import { brokenLoss, brokenLossAt } from './broken-loss.ts'
import { cellDescent } from './cell-descent.ts'
import { type CellState, preActivations } from './cell-state.ts'
import type { MergedData } from './merged-data.ts'
import { vertexDescent } from './vertex-descent.ts'

/** The descent in doubles that fits the loss of a problem, and the loss of a state in the problem's own reduction. Approximate. */
export interface StateDescent {
  /** In place, downhill through all cells; ends after `iterations` (default 3000) where the loss has them. */
  readonly descend: (
    state: CellState,
    options: { random: () => number; stop: () => boolean; iterations?: number }
  ) => Descended
  readonly loss: (state: CellState) => number
}

/** Whether a descent has come to its end, and about how many multiplications it took. */
export interface Descended {
  readonly finished: boolean
  readonly work: number
}

/** The slopes of the activation in doubles. */
export const floatSlopes = (view: OneHiddenLayer): { readonly positive: number; readonly negative: number } => ({
  positive: Number(view.slopes.positive) / Number(view.slopes.denominator),
  negative: Number(view.slopes.negative) / Number(view.slopes.denominator)
})

/** Cell descent for the squared loss, vertex descent for the absolute and the hinge loss. One output. */
export function stateDescent(view: OneHiddenLayer, data: MergedData): StateDescent {
  const network = { slopes: floatSlopes(view), outputBias: view.outputBias }
  const reduced = (sum: number) => (view.problem.reduction === 'mean' ? sum / view.samples : sum)
  if (view.problem.loss === 'squared')
    return {
      descend(state, { random, stop, iterations: most = 3000 }) {
        const { status, iterations, hops, restarts } = cellDescent(data, state, {
          ...network,
          random,
          stop,
          crossKinks: true,
          maxIterations: most
        })
        return {
          finished: iterations < most && status !== 'stopped',
          work:
            (1 + iterations) * iterationWork(view, data) +
            hops * 4 * view.units * view.width ** 2 +
            restarts * 300 * data.samples * (view.width + 4)
        }
      },
      loss: (state) => {
        let total = data.offset
        for (const [g, f] of outputsOf(view, data, state).entries())
          total += (data.weight[g]! * (f - data.y[g]!) ** 2) / 2
        return reduced(total)
      }
    }
  const broken = brokenLoss(view)
  return {
    descend(state, { random, stop }) {
      const { status, iterations } = vertexDescent(data, broken, state, { ...network, random, stop })
      return { finished: status !== 'stopped', work: (1 + iterations) * iterationWork(view, data) }
    },
    loss: (state) => reduced(brokenLossAt(broken, data.mergedOf, outputsOf(view, data, state)))
  }
}

/** One step of a descent: a factorization, projections, a few products with the data, the breaks of a ray in order, and what each step costs whatever its size. */
function iterationWork(view: OneHiddenLayer, { samples }: MergedData): number {
  const size = view.units * view.width
  return size ** 3 / 5 + size ** 2 * view.width + samples * view.units * (8 * view.width + 80) + 100_000
}

/** The outputs of a state on the merged samples. */
function outputsOf(view: OneHiddenLayer, data: MergedData, state: CellState): Float64Array {
  const { positive, negative } = floatSlopes(view)
  const n = data.samples
  const z = new Float64Array(state.units * n)
  preActivations(data, state.u, state.units, z)
  const f = new Float64Array(n).fill(state.c)
  for (let j = 0; j < state.units; j++)
    for (let g = 0; g < n; g++) {
      const t = z[j * n + g]!
      f[g] = f[g]! + state.kappa[j]! * (t > 0 ? positive : negative) * t
    }
  return f
}
