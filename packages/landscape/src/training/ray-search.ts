import { dot } from './dot.ts'
import type { Objective } from './objective.ts'

/**
 * A minimiser of the loss along a ray, to the last digits of t: the first place found where the slope turns from negative to positive, by doubling and then halving. The
 * slope may jump there (a kink). Undefined when the loss does not fall. Approximate.
 */
export function minimiseAlong(
  objective: Objective,
  from: Float64Array,
  loss: number,
  gradient: Float64Array,
  direction: Float64Array,
  first: number
): { readonly theta: Float64Array; readonly loss: number; readonly length: number } | undefined {
  if (!(dot(gradient, direction) < 0)) return undefined
  const theta = new Float64Array(from.length)
  const slopes = new Float64Array(from.length)
  const slopeAt = (t: number): { loss: number; slope: number } => {
    for (let k = 0; k < from.length; k++) theta[k] = from[k]! + t * direction[k]!
    const value = objective.evaluate(theta, slopes)
    return { loss: value, slope: dot(slopes, direction) }
  }
  let low = 0
  let best = { t: 0, loss }
  const keep = (t: number, value: number) => {
    if (value < best.loss) best = { t, loss: value }
  }
  let high = first
  for (let trial = 0; ; trial++) {
    const here = slopeAt(high)
    keep(high, here.loss)
    if (!(here.slope < 0) || !(here.loss <= loss)) break
    if (trial === 60) break
    low = high
    high *= 2
  }
  // The largest t below which the loss was seen to fall, and one beyond it where it rises or is higher than at the start.
  for (let trial = 0; trial < 90 && high - low > 1e-14 * high; trial++) {
    const t = (low + high) / 2
    const here = slopeAt(t)
    keep(t, here.loss)
    if (here.slope < 0 && here.loss <= loss) low = t
    else high = t
  }
  if (best.t === 0) return undefined
  for (let k = 0; k < from.length; k++) theta[k] = from[k]! + best.t * direction[k]!
  return { theta, loss: best.loss, length: best.t }
}
