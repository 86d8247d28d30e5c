import { activationFunction } from '../network/activation-values.ts'
import type { Problem } from '../problem.ts'
import { hasKinkAtZero } from './activation-curvature.ts'
import type { ExactCell } from './exact-cell.ts'
import type { LayeredNetwork } from './layered.ts'
import { batches, preactivations } from './linearization.ts'

/**
 * How near the data are to the kinks of the activations, where the loss has no second derivative. The distance of a pair (sample, unit) is
 * |z| / |a~|: how far the incoming parameters of the unit must move, to first order, before the sample changes side.
 */
export interface KinkReport {
  /** Pairs on a kink: exactly 0 where `decided`, else those that doubles cannot tell from 0. */
  readonly pairs: number
  readonly samples: number
  readonly decided: boolean
  /** Samples with a pair at a distance of at most `reach`: a difference quotient with that step crosses kinks there. */
  readonly samplesWithinReach: number
  readonly reach: number
  /** The smallest distance; infinite when no activation has a kink. */
  readonly nearest: number
}

/** Distances in doubles; which pairs are exactly 0 is taken from the exact cell where there is one. */
export function kinkReport(
  problem: Problem,
  network: LayeredNetwork,
  theta: Float64Array,
  cell: ExactCell | undefined,
  reach: number
): KinkReport {
  const { data } = problem
  let nearest = Number.POSITIVE_INFINITY
  let samplesWithinReach = 0
  let doubtfulPairs = 0
  let doubtfulSamples = 0
  const kinked = network.layers.map((l) => l.activation !== undefined && hasKinkAtZero(l.activation))
  if (kinked.includes(true))
    for (const [from, to] of batches(data.samples, 1024)) {
      const n = to - from
      const distance = new Float64Array(n).fill(Number.POSITIVE_INFINITY)
      const doubtful = new Int32Array(n)
      let input: Float64Array = data.approximateInputs.subarray(from * data.inputCount, to * data.inputCount)
      for (const [l, layer] of network.layers.entries()) {
        const z = preactivations(layer, theta, input, n)
        const { inputs, outputs, biasAt, weightAt } = layer
        for (let i = 0; kinked[l] && i < n; i++) {
          let square = biasAt === undefined ? 0 : 1
          for (let k = 0; k < inputs; k++) square += input[i * inputs + k]! ** 2
          for (let j = 0; j < outputs; j++) {
            const size = Math.abs(z[i * outputs + j]!)
            const d = size === 0 ? 0 : size / Math.sqrt(square)
            distance[i] = Math.min(distance[i]!, d)
            // Rounding of a sum of products is below (inputs + 2) eps times |w||a~|.
            let weights = biasAt === undefined ? 0 : theta[biasAt + j]! ** 2
            if (d < 1e-6) {
              for (let k = 0; k < inputs; k++) weights += theta[weightAt + j * inputs + k]! ** 2
              if (d <= (inputs + 2) * Number.EPSILON * Math.sqrt(weights)) doubtful[i]!++
            }
          }
        }
        input = layer.activation ? z.map(activationFunction(layer.activation).value) : z
      }
      for (let i = 0; i < n; i++) {
        nearest = Math.min(nearest, distance[i]!)
        if (distance[i]! <= reach) samplesWithinReach++
        doubtfulPairs += doubtful[i]!
        if (doubtful[i]! > 0) doubtfulSamples++
      }
    }
  return {
    pairs: cell ? cell.kinks.length : doubtfulPairs,
    samples: cell ? new Set(cell.kinks.map((k) => k.sample)).size : doubtfulSamples,
    decided: cell !== undefined || doubtfulPairs === 0,
    samplesWithinReach,
    reach,
    nearest
  }
}
