/** A step, and the shift of the eigenvalues that it is the Newton step for. */
export interface TrustRegionStep {
  readonly step: Float64Array
  readonly shift: number
}

/**
 * The step y of length at most `radius` that makes g . y + sum of w_k y_k^2 / 2 smallest, in the eigenbasis of the quadratic form (w ascending);
 * directions with |w| below `flat` are left alone unless the slope along them is felt. Approximate. Reference: Moré and Sorensen 1983.
 */
export function trustRegionStep(
  g: Float64Array,
  w: Float64Array,
  radius: number,
  flat: number,
  noise: number
): TrustRegionStep {
  const count = g.length
  const used = Array.from({ length: count }, (_, k) => k).filter(
    (k) => Math.abs(w[k]!) > flat || Math.abs(g[k]!) > noise
  )
  const y = new Float64Array(count)
  if (used.length === 0) return { step: y, shift: 0 }
  const least = w[used[0]!]!
  const lengthAt = (shift: number): number => {
    let sum = 0
    for (const k of used) sum += (g[k]! / (w[k]! + shift)) ** 2
    return Math.sqrt(sum)
  }
  const floor = Math.max(0, -least)
  const tiny = 1e-15 * Math.max(Math.abs(w[used.at(-1)!]!), Math.abs(least), 1e-300)
  let shift = floor
  if (least > flat && lengthAt(0) <= radius) shift = 0
  else {
    let low = floor + tiny
    if (lengthAt(low) <= radius) {
      // The hard case: what is missing goes along the lowest direction.
      for (const k of used) y[k] = -g[k]! / (w[k]! + low)
      if (least < -flat) {
        const missing = Math.sqrt(Math.max(0, radius ** 2 - lengthAt(low) ** 2))
        y[used[0]!] = y[used[0]!]! + (g[used[0]!]! > 0 ? -missing : missing)
      }
      return { step: y, shift: low }
    }
    let high = Math.max(2 * low, 1e-300)
    while (lengthAt(high) > radius) high *= 4
    for (let trial = 0; trial < 100 && high - low > 1e-6 * high; trial++) {
      const middle = Math.sqrt(low * high)
      if (lengthAt(middle) > radius) low = middle
      else high = middle
    }
    shift = high
  }
  for (const k of used) y[k] = -g[k]! / (w[k]! + shift)
  return { step: y, shift }
}
