import { absolute, divide, multiply, negate, one, type Rational, rational, subtract, zero } from '@nadir/arithmetic'
import type { Dataset } from '../data/dataset.ts'
import { type AffineMap, combineMaps, valuesAt } from './affine-map.ts'
import type { Carrier, Shallow } from './carried-network.ts'
import { affineShallow } from './one-hinge.ts'

/** Groups of samples that follow one another along a direction, with a threshold between every two. */
export interface Partition {
  /** x -> a.x */
  readonly direction: AffineMap
  /** Ascending, one fewer than the groups. */
  readonly thresholds: readonly Rational[]
  readonly groups: readonly (readonly number[])[]
}

/** Units of the first layer that a jump network needs for m outputs and this many groups. */
export const jumpUnits = (outputs: number, groups: number): number => outputs + (groups - 1) * (outputs + 1)

/**
 * A shallow network that is the given affine map on each group, no sample on a kink, all signs being functions of the group. Between two groups the
 * difference D of their maps is switched on by h(D + k (a.x - t)) - h(k (a.x - t)) with k so large that D changes no sign: this is q D on the left
 * and p D on the right of the threshold for slopes p and q. Exact. After Liu (arXiv 2102.13233).
 */
export function gatedJump(
  { direction, thresholds }: Partition,
  maps: readonly (readonly AffineMap[])[],
  data: Dataset,
  carrier: Carrier
): Shallow {
  const { positive, negative } = carrier
  const gap = divide(one, subtract(positive, negative))
  const share = negate(multiply(negative, gap))
  const differences = thresholds.map((_, g) =>
    maps[g + 1]!.map((map, o) =>
      combineMaps([
        [one, map],
        [negate(one), maps[g]![o]!]
      ])
    )
  )
  const base = maps[0]!.map((map, o) =>
    combineMaps([[one, map], ...differences.map((all) => [share, all[o]!] as const)])
  )
  const carried = affineShallow(base, data, carrier)
  const units = [...carried.units]
  const weights = carried.weights.map((row) => [...row])
  for (const [g, t] of thresholds.entries()) {
    const line = combineMaps([[one, direction]], negate(t))
    const gate = combineMaps([[steepness(line, differences[g]!, data), line]])
    units.push(
      gate,
      ...differences[g]!.map((difference) =>
        combineMaps([
          [one, difference],
          [one, gate]
        ])
      )
    )
    for (const [o, row] of weights.entries()) row.push(negate(gap), ...weights.map((_, k) => (k === o ? gap : zero)))
  }
  return { units, weights, constants: carried.constants }
}

/** An integer k with k |line| > |D| at all samples, for every D. */
function steepness(line: AffineMap, differences: readonly AffineMap[], data: Dataset): Rational {
  const distance = valuesAt(line, data)
  let most = one
  for (const difference of differences) {
    const { denominator, numerators } = valuesAt(difference, data)
    for (const [i, v] of numerators.entries()) {
      const needed = rational(
        (absolute(v) * distance.denominator) / (denominator * absolute(distance.numerators[i]!)) + 1n
      )
      if (needed.numerator > most.numerator) most = needed
    }
  }
  return most
}

/**
 * The partition of the samples by thresholds midway between neighbouring distinct values of the direction; `cuts` counts the distinct values below each
 * threshold, ascending. Exact.
 */
export function partitionAt(direction: AffineMap, cuts: readonly number[], data: Dataset): Partition {
  const values = valuesAt(direction, data)
  const levels = distinctLevels(values.numerators)
  const thresholds = cuts.map((c) => rational(levels[c - 1]! + levels[c]!, 2n * values.denominator))
  const groups = [...cuts, levels.length].map((end, g) => {
    const from = g === 0 ? 0 : cuts[g - 1]!
    return values.numerators.flatMap((v, i) => (v >= levels[from]! && v <= levels[end - 1]! ? [i] : []))
  })
  return { direction, thresholds, groups }
}

/** The distinct entries, ascending. */
export const distinctLevels = (values: readonly bigint[]): readonly bigint[] =>
  [...new Set(values)].sort((a, b) => (a < b ? -1 : 1))
