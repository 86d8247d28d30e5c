import { integers, refineRoot, toNumber } from '@nadir/arithmetic'
import type { PiecewisePolynomial } from '../piecewise-polynomial.ts'
import { rationalPieces } from '../risk-pieces.ts'
import { enumerateWidthOne } from '../width-one.ts'
import { kinksBySampling, margin } from './kinks-by-sampling.ts'
import { mirrorImage, riskOf } from './random-risks.ts'

/** How the exact list of zeros of the kink equation compares with the sampled one. */
export interface Agreement {
  readonly kinks: number
  /** One line for each difference. */
  readonly differences: readonly string[]
  /** Kinks that sampling could not confirm: in its unresolved intervals, or at the margin. */
  readonly unconfirmed: number
  /** False where the search was given up, because the best risk is flat on an interval. */
  readonly finished: boolean
}

/** Compares counts, positions and slopes of E on both sides, for both orientations. */
export function agreementWithSampling(target: PiecewisePolynomial): Agreement {
  const one = enumerateWidthOne(rationalPieces(riskOf(target))!)
  const [a, b] = [toNumber(one.right.pieces.a), toNumber(one.right.pieces.b)]
  const [low, high] = [a + margin * (b - a), b - margin * (b - a)]
  const rounding = 1e-12 * (b - a)
  const holds = (interval: { low: number; high: number }, x: number) =>
    interval.low - rounding <= x && x <= interval.high + rounding
  const differences: string[] = []
  let [kinks, unconfirmed, finished] = [0, 0, true]
  for (const [{ critical, orientation }, f] of [
    [one.right, target],
    [one.left, mirrorImage(target)]
  ] as const) {
    const sampled = kinksBySampling(f)
    finished &&= sampled.finished
    const exact = critical.kinks.map(({ root, slopes }) => ({
      at: toNumber(refineRoot(integers, root, 100).lower),
      slopes
    }))
    for (const { at, slopes } of exact) {
      if (at < low || at > high) continue
      kinks++
      const found = sampled.kinks.filter((kink) => holds(kink, at))
      if (found.length === 0 && sampled.unresolved.some((interval) => holds(interval, at))) unconfirmed++
      else if (found.length !== 1) differences.push(`${orientation}: ${found.length} sampled kinks at ${at}`)
      else if (found[0]!.slopes[0] !== 0 && `${slopes}` !== `${found[0]!.slopes}`) {
        differences.push(`${orientation}: slopes at ${at} are ${slopes} by roots, ${found[0]!.slopes} by sampling`)
      }
    }
    for (const kink of sampled.kinks) {
      const inside = exact.filter(({ at }) => holds(kink, at))
      if (inside.length !== 1)
        differences.push(`${orientation}: ${inside.length} kinks by roots in [${kink.low}, ${kink.high}]`)
    }
  }
  return { kinks, differences, unconfirmed, finished }
}
