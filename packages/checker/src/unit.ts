import { type Budget, hold, spend } from './budget.ts'
import type { HiddenLayer } from './hidden-layer.ts'
import { greatestBitLength, greatestCommonDivisor, magnitude } from './integers.ts'
import type { IntegerSlopes } from './parameters.ts'
import type { Scaled } from './samples.ts'
import type { Sign } from './signs.ts'

/*
 * The first-order change of sum_i r_i h(z_ij) when the weights of one hidden unit move. Everything is in the integer
 * vectors X_i = S (x_i, 1) (or S x_i without a hidden bias), S > 0 the denominator of the inputs: a common positive
 * factor changes neither which samples are parallel nor whether a sum of vectors is zero.
 */

/** A sample's vector as multiple * direction; parallel vectors have the same direction. */
export type Ray = { readonly key: string; readonly direction: readonly bigint[]; readonly multiple: bigint }

/** Samples on the kink whose vectors are parallel, with the slopes of their sum along `direction`. */
export type KinkClass = {
  /** The member of smallest index. */
  readonly representative: number
  readonly direction: readonly bigint[]
  /** X_k = multiple * direction for the representative k; positive. */
  readonly multiple: bigint
  /** For each output the slope right[o] / denominator where direction . d > 0, left[o] / denominator where it is < 0. */
  readonly right: readonly bigint[]
  readonly left: readonly bigint[]
}

export type UnitSlopes = {
  /** constant[o] / denominator: the linear part, from the samples away from the kink. */
  readonly constant: readonly (readonly bigint[])[]
  /** In ascending order of their representatives. */
  readonly classes: readonly KinkClass[]
}

/** What all units of a hidden layer share. */
export type Moments = {
  /** For each sample on a kink; undefined for a vector of zeros, which no weight can move. */
  readonly rays: readonly (Ray | undefined)[]
  /** moments[o][i] = r_i^o X_i */
  readonly moments: readonly (readonly (readonly bigint[])[])[]
  readonly subgradients: Scaled
  readonly positive: bigint
  readonly negative: bigint
  /** The positive denominator of all slopes of all units. */
  readonly denominator: bigint
}

const rayOf = (vector: readonly bigint[], budget: Budget): Ray | undefined => {
  const lead = vector.find((entry) => entry !== 0n)
  if (lead === undefined) return undefined
  const bits = greatestBitLength([vector])
  spend(budget, [vector.length, bits], bits, 1)
  const divisor = vector.reduce((common, entry) => greatestCommonDivisor(common, entry), lead)
  const multiple = lead < 0n ? -magnitude(divisor) : magnitude(divisor)
  const direction = vector.map((entry) => entry / multiple)
  return { key: direction.map((entry) => entry.toString(16)).join(), direction, multiple }
}

/** Prepares the sums of all units: one multiplication for each sample, entry and output. */
export const momentsOf = ({ vectors, signs, slopes }: HiddenLayer, subgradients: Scaled, budget: Budget): Moments => {
  const vectorBits = greatestBitLength(vectors.rows)
  const subgradientBits = greatestBitLength(subgradients.rows)
  const counts = [vectors.rows.length, vectors.rows[0].length, subgradients.rows[0].length]
  spend(budget, counts, vectorBits, subgradientBits)
  hold(budget, counts, vectorBits + subgradientBits)
  hold(budget, [2, vectors.rows.length, vectors.rows[0].length], vectorBits)
  return {
    rays: vectors.rows.map((vector, sample) =>
      signs.some((unit) => unit[sample] === 0) ? rayOf(vector, budget) : undefined
    ),
    moments: subgradients.rows[0].map((_, output) =>
      vectors.rows.map((vector, sample) => vector.map((entry) => subgradients.rows[sample][output] * entry))
    ),
    subgradients,
    positive: slopes.positive,
    negative: slopes.negative,
    denominator: slopes.denominator * subgradients.denominator
  }
}

const sumWhere = (moments: readonly (readonly bigint[])[], signs: readonly Sign[], sign: Sign): readonly bigint[] => {
  const sum = moments[0].map(() => 0n)
  for (const [sample, moment] of moments.entries()) {
    if (signs[sample] !== sign) continue
    for (let entry = 0; entry < sum.length; entry += 1) sum[entry] += moment[entry]
  }
  return sum
}

/** The two slopes along a direction of the sum of samples on the kink that are these multiples of it. */
export const kinkSlopes = (
  members: readonly { readonly sample: number; readonly multiple: bigint }[],
  subgradients: Scaled['rows'],
  { positive, negative }: Pick<IntegerSlopes, 'positive' | 'negative'>
): Pick<KinkClass, 'right' | 'left'> => {
  const ahead = subgradients[0].map(() => 0n)
  const behind = subgradients[0].map(() => 0n)
  for (const { sample, multiple } of members) {
    const sums = multiple > 0n ? ahead : behind
    for (let output = 0; output < sums.length; output += 1) sums[output] += subgradients[sample][output] * multiple
  }
  return {
    right: ahead.map((sum, output) => sum * positive + behind[output] * negative),
    left: ahead.map((sum, output) => sum * negative + behind[output] * positive)
  }
}

const kinkClass = (layer: Moments, members: readonly number[]): KinkClass => {
  const representative = members[0]
  const first = layer.rays[representative]!
  const orientation = first.multiple > 0n ? 1n : -1n
  const multiples = members.map((sample) => ({ sample, multiple: layer.rays[sample]!.multiple * orientation }))
  return {
    representative,
    direction: first.direction.map((entry) => entry * orientation),
    multiple: magnitude(first.multiple),
    ...kinkSlopes(multiples, layer.subgradients.rows, layer)
  }
}

/** The slopes of one unit, whose pre-activations have these signs. */
export const unitSlopes = (layer: Moments, signs: readonly Sign[], budget: Budget): UnitSlopes => {
  const { positive, negative } = layer
  const counts = [2, layer.moments.length, signs.length, layer.moments[0][0].length]
  spend(budget, counts, greatestBitLength(layer.subgradients.rows), 1)
  const groups = new Map<string, number[]>()
  for (const [sample, sign] of signs.entries()) {
    const ray = sign === 0 ? layer.rays[sample] : undefined
    if (ray === undefined) continue
    const group = groups.get(ray.key)
    if (group === undefined) groups.set(ray.key, [sample])
    else group.push(sample)
  }
  const zeros = Array.from({ length: layer.moments[0][0].length }, () => 0n)
  const constant = layer.moments.map((moments) => {
    const ahead = positive === 0n ? zeros : sumWhere(moments, signs, 1)
    const behind = negative === 0n ? zeros : sumWhere(moments, signs, -1)
    return ahead.map((sum, entry) => sum * positive + behind[entry] * negative)
  })
  return { constant, classes: [...groups.values()].map((members) => kinkClass(layer, members)) }
}
