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
  /** Sampling could not resolve some interval, or some kink lies too near to the margin to compare. */
  readonly undecided: boolean
}

/** Compares counts, positions and slopes of E on both sides, for both orientations. */
export function agreementWithSampling(target: PiecewisePolynomial): Agreement {
  const one = enumerateWidthOne(rationalPieces(riskOf(target))!)
  const length = toNumber(one.right.pieces.b) - toNumber(one.right.pieces.a)
  const [low, high] = [toNumber(one.right.pieces.a) + margin * length, toNumber(one.right.pieces.b) - margin * length]
  const differences: string[] = []
  let undecided = false
  let count = 0
  for (const [oriented, f] of [
    [one.right, target],
    [one.left, mirrorImage(target)]
  ] as const) {
    const sampled = kinksBySampling(f)
    if (sampled.unresolved.length > 0) undecided = true
    const exact = oriented.critical.kinks.map(({ root, slopes }) => ({
      at: toNumber(refineRoot(integers, root, 100).lower),
      slopes
    }))
    if (exact.some(({ at }) => Math.abs(at - low) < 1e-6 * length || Math.abs(at - high) < 1e-6 * length))
      undecided = true
    const inside = exact.filter(({ at }) => low < at && at < high)
    count += inside.length
    if (inside.length !== sampled.kinks.length) {
      differences.push(`${oriented.orientation}: ${inside.length} by roots, ${sampled.kinks.length} by sampling`)
      continue
    }
    for (const [i, { at, slopes }] of inside.entries()) {
      const found = sampled.kinks[i]!
      const rounding = 1e-12 * length
      if (at < found.low - rounding || at > found.high + rounding)
        differences.push(`${at} is not in [${found.low}, ${found.high}]`)
      const told = found.slopes[0] !== 0
      if (told && (slopes[0] !== found.slopes[0] || slopes[1] !== found.slopes[1])) {
        differences.push(`slopes at ${at}: ${slopes} by roots, ${found.slopes} by sampling`)
      }
    }
  }
  return { kinks: count, differences, undecided }
}
