import type { OneHiddenLayer } from '../traits.ts'
import { brokenLoss, brokenLossAt } from './broken-loss.ts'
import { cellDescent } from './cell-descent.ts'
import { type CellState, preActivations } from './cell-state.ts'
import type { MergedData } from './merged-data.ts'
import { vertexDescent } from './vertex-descent.ts'

/** The descent in doubles that fits the loss of a problem, and the loss of a state in the problem's own reduction. Approximate. */
export interface StateDescent {
  /** In place, downhill through all cells. */
  readonly descend: (state: CellState, options: { random: () => number; stop: () => boolean }) => void
  readonly loss: (state: CellState) => number
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
      descend: (state, options) =>
        cellDescent(data, state, { ...network, ...options, crossKinks: true, maxIterations: 3000 }),
      loss: (state) => {
        let total = data.offset
        for (const [g, f] of outputsOf(view, data, state).entries())
          total += (data.weight[g]! * (f - data.y[g]!) ** 2) / 2
        return reduced(total)
      }
    }
  const broken = brokenLoss(view)
  return {
    descend: (state, options) => vertexDescent(data, broken, state, { ...network, ...options }),
    loss: (state) => reduced(brokenLossAt(broken, data.mergedOf, outputsOf(view, data, state)))
  }
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
