import type { OneHiddenLayer } from '../traits.ts'

/**
 * A loss that is linear in the output but for one break for each sample: ell_i(f) = (below_i if f < at_i else above_i) * (f - at_i), up to a constant.
 * A sample with f = at_i is tied. Absolute: at = y, slopes -1 and 1; hinge: at = 1/y, slopes -y and 0 or 0 and -y. Approximate.
 */
export interface BrokenLoss {
  readonly at: Float64Array
  readonly below: Float64Array
  readonly above: Float64Array
  /** The sum of the constants. */
  readonly offset: number
}

/** @throws RangeError for a loss that is not piecewise linear */
export function brokenLoss(view: OneHiddenLayer): BrokenLoss {
  const { loss, data } = view.problem
  const y = data.approximateTargets
  if (loss === 'absolute') {
    const slope = (side: number) => new Float64Array(y.length).fill(side)
    return { at: y, below: slope(-1), above: slope(1), offset: 0 }
  }
  if (loss !== 'hinge') throw new RangeError(`the ${loss} loss is not linear between breaks`)
  return {
    // A sample with target 0 costs 1 whatever the output.
    at: y.map((a) => (a === 0 ? 0 : 1 / a)),
    below: y.map((a) => (a > 0 ? -a : 0)),
    above: y.map((a) => (a < 0 ? -a : 0)),
    offset: y.reduce((sum, a) => (a === 0 ? sum + 1 : sum), 0)
  }
}

/** The sum of the losses at the outputs of the merged samples. Approximate. */
export function brokenLossAt(loss: BrokenLoss, mergedOf: Int32Array, outputs: Float64Array): number {
  let total = loss.offset
  for (let i = 0; i < mergedOf.length; i++) {
    const distance = outputs[mergedOf[i]!]! - loss.at[i]!
    total += (distance < 0 ? loss.below[i]! : loss.above[i]!) * distance
  }
  return total
}
