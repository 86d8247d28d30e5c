import { compare, entry, fromNumber, negate, type Rational, sign, subtract, toNumber, zero } from '@nadir/arithmetic'
import { type Point, toFloat } from '@nadir/landscape'
import { InputError } from './errors.ts'

/** Parameters rounded to doubles, and the largest change of any of them: exact, zero when every parameter is a double. */
export interface RoundedParameters {
  readonly values: Float64Array
  readonly largestChange: Rational
}

/** Each parameter rounded to the nearest double. @throws InputError when one is beyond the range of doubles */
export function roundToDoubles(point: Point): RoundedParameters {
  const { values } = toFloat(point)
  if (point.kind === 'float') return { values, largestChange: zero }
  let largestChange = zero
  let k = 0
  for (const tensor of point.tensors)
    for (let i = 0; i < tensor.numerators.length; i++, k++) {
      if (!Number.isFinite(values[k])) throw new InputError(`parameter ${k} is too large to be written as a double`)
      const change = subtract(entry(tensor, i), fromNumber(values[k]))
      const size = sign(change) < 0 ? negate(change) : change
      if (compare(size, largestChange) > 0) largestChange = size
    }
  return { values, largestChange }
}

/** The sentence that states a rounding; none when nothing changed. */
export const roundingNotes = (what: string, largestChange: Rational): string[] =>
  sign(largestChange) === 0
    ? []
    : [`${what} rounded to the nearest doubles; the largest change is about ${toNumber(largestChange).toPrecision(3)}`]
