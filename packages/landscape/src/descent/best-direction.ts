import type { MergedData } from './merged-data.ts'

/** Where a free unit would help most. Approximate. */
export interface UnitPlace {
  readonly weights: Float64Array
  /** The outgoing weight that minimises the squared loss: -Phi(w)/S, S the sum of the squared activations. */
  readonly outer: number
  /** Twice the decrease: Phi(w)^2 / S. */
  readonly gain: number
}

/**
 * The best of many directions w for a free unit at residuals r: random ones, most of them with their kink through a sample, after `preferred` (taken at once when it gains at
 * all). Undefined when none gains. Approximate. The loss with the unit there is exactly R - Phi(w)^2 / (2 S).
 */
export function bestDirection(
  data: MergedData,
  residuals: Float64Array,
  slopes: { readonly positive: number; readonly negative: number },
  random: () => number,
  preferred?: Float64Array
): UnitPlace | undefined {
  const { samples: n, width, x, weight } = data
  const biased = x[width - 1] === 1
  let best: UnitPlace | undefined
  for (let trial = 0; trial < 300; trial++) {
    const w = trial === 0 && preferred ? preferred.slice() : randomDirection(data, random, biased && trial % 4 !== 3)
    let phi = 0
    let squares = 0
    for (let i = 0; i < n; i++) {
      let t = 0
      for (let k = 0; k < width; k++) t += w[k]! * x[i * width + k]!
      const h = t > 0 ? slopes.positive * t : slopes.negative * t
      phi += weight[i]! * residuals[i]! * h
      squares += weight[i]! * h * h
    }
    const gain = squares > 0 ? phi ** 2 / squares : 0
    if (gain > (best?.gain ?? 0)) best = { weights: w, outer: -phi / squares, gain }
    if (trial === 0 && preferred && best) break
  }
  return best
}

function randomDirection(data: MergedData, random: () => number, throughSample: boolean): Float64Array {
  const { samples: n, width, x } = data
  const w = Float64Array.from({ length: width }, () => gaussian(random))
  if (!throughSample) return w
  const a = Math.floor(random() * n)
  let dot = 0
  for (let k = 0; k < width - 1; k++) dot += w[k]! * x[a * width + k]!
  w[width - 1] = -dot * (1 + 0.01 * gaussian(random))
  return w
}

/** Standard normal by Box and Muller. */
export const gaussian = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
