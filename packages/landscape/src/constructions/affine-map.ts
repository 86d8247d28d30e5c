import {
  add,
  entry,
  lcm,
  multiply,
  overCommonDenominator,
  type Rational,
  type RationalVector,
  reduceVector,
  zero
} from '@nadir/arithmetic'
import type { Dataset } from '../data/dataset.ts'

/** x -> a . x + c: the d coefficients and then the constant. Exact. */
export type AffineMap = RationalVector

/** sum_k factors[k] maps[k] + constant. */
export function combineMaps(
  terms: readonly (readonly [Rational, AffineMap])[],
  constant: Rational = zero,
  width = terms[0]![1].numerators.length
): AffineMap {
  const sums = new Array<Rational>(width).fill(zero)
  for (const [factor, map] of terms) {
    if (factor.numerator === 0n) continue
    for (let k = 0; k < width; k++)
      if (map.numerators[k] !== 0n) sums[k] = add(sums[k]!, multiply(factor, entry(map, k)))
  }
  sums[width - 1] = add(sums[width - 1]!, constant)
  return overCommonDenominator(sums)
}

export const constantMap = (value: Rational, inputs: number): AffineMap =>
  overCommonDenominator([...new Array<Rational>(inputs).fill(zero), value])

/** The values of a map at all samples, over one denominator. */
export function valuesAt(map: AffineMap, data: Dataset): RationalVector {
  const { inputs, inputCount: d } = data
  const { numerators: a } = map
  const shift = a[d]! * inputs.denominator
  const numerators: bigint[] = []
  for (let i = 0; i < data.samples; i++) {
    let sum = shift
    for (let k = 0; k < d; k++) if (a[k] !== 0n) sum += a[k]! * inputs.numerators[i * d + k]!
    numerators.push(sum)
  }
  return { denominator: map.denominator * inputs.denominator, numerators }
}

/** Least and greatest entry. */
export function extremes(values: RationalVector): { readonly least: Rational; readonly greatest: Rational } {
  let [least, greatest] = [0, 0]
  for (const [i, v] of values.numerators.entries()) {
    if (v < values.numerators[least]!) least = i
    if (v > values.numerators[greatest]!) greatest = i
  }
  return { least: entry(values, least), greatest: entry(values, greatest) }
}

/** Several vectors one after the other over one denominator. */
export function concatenate(vectors: readonly RationalVector[]): RationalVector {
  const denominator = vectors.reduce((common, v) => lcm(common, v.denominator), 1n)
  return reduceVector({
    denominator,
    numerators: vectors.flatMap((v) => v.numerators.map((a) => a * (denominator / v.denominator)))
  })
}
