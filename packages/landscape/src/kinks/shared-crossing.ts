import type { Pass } from './frozen-function.ts'
import type { KinkNetwork } from './kink-network.ts'
import { readsOf } from './shared-reads.ts'

/**
 * Adds the second derivatives across layers to H, row-major P x P, for networks that share parameters: for every term the adjoint of what is given times the gradient of what is read, in the row and the column of the
 * parameter.
 */
export function addSharedCrossing(
  { layers, parameters: P, samples: n }: KinkNetwork,
  theta: Float64Array,
  pass: Pass,
  deltas: readonly Float64Array[],
  H: Float64Array
): void {
  const all = layers.map(readsOf)
  for (let i = 0; i < n; i++) {
    // below[e * P + k]: derivative of entry e by parameter k; only parameters before `known` occur.
    let below = new Float64Array(0)
    let known = 0
    for (const [l, layer] of layers.entries()) {
      const { inputs, outputs, channels, weightAt, biasAt } = layer
      const { given, entries, parameters, divisor } = all[l]!
      const h = pass.values[l]!
      const delta = deltas[l]!
      const isLast = l === layers.length - 1
      const next = new Float64Array(isLast ? 0 : outputs * P)
      for (let t = 0; t < given.length; t++) {
        const u = given[t]!
        const e = entries[t]! * P
        const parameter = parameters[t]!
        const d = delta[i * outputs + u]! / divisor
        if (d !== 0)
          for (let k = 0; k < known; k++) {
            const x = below[e + k]!
            if (x === 0) continue
            H[parameter * P + k] = H[parameter * P + k]! + d * x
            H[k * P + parameter] = H[k * P + parameter]! + d * x
          }
        if (isLast) continue
        const slope = pass.slopes[l]![i * outputs + u]! / divisor
        if (slope === 0) continue
        next[u * P + parameter] = next[u * P + parameter]! + slope * h[i * inputs + entries[t]!]!
        const w = slope * theta[parameter]!
        if (w !== 0) for (let k = 0; k < known; k++) next[u * P + k] = next[u * P + k]! + w * below[e + k]!
      }
      if (isLast) break
      if (biasAt >= 0)
        for (let u = 0; u < outputs; u++)
          next[u * P + biasAt + Math.floor((u * channels) / outputs)] = pass.slopes[l]![i * outputs + u]!
      below = next
      known = weightAt + layer.row * channels + (biasAt < 0 ? 0 : channels)
    }
  }
}
