import { compare, entry, fromNumber, negate, type Rational, sign, subtract, toNumber, zero } from '@nadir/arithmetic'
import { type Point, toFloat } from '@nadir/landscape'
import { InputError } from './errors.ts'

/** Parameters rounded to doubles, and the largest change of any of them: exact, zero when every parameter is a double. */
export interface RoundedParameters {
  readonly values: Float64Array
  readonly largestChange: Rational
}

/** The type of the numbers of a file that is written. */
export type Precision = 'float64' | 'float32'

/** What is said of a precision. */
export const precisionWords: Readonly<Record<Precision, string>> = { float64: 'double', float32: 'float32' }

/** Each parameter rounded to the nearest double. @throws InputError when one is beyond the range of doubles */
export const roundToDoubles = (point: Point): RoundedParameters => rounded(point, 'float64')

/** Each parameter rounded to a double and, for `float32`, once more. @throws InputError when one is beyond the range */
export function rounded(point: Point, precision: Precision): RoundedParameters {
  const doubles = toFloat(point).values
  if (point.kind === 'float' && precision === 'float64') return { values: doubles, largestChange: zero }
  const values = precision === 'float32' ? doubles.map(Math.fround) : doubles
  const exact: Iterable<Rational> =
    point.kind === 'exact'
      ? point.tensors.flatMap((t) => t.numerators.map((_, i) => entry(t, i)))
      : Array.from(point.values, fromNumber)
  let largestChange = zero
  let k = 0
  for (const value of exact) {
    const written = values[k++]
    if (!Number.isFinite(written))
      throw new InputError(`parameter ${k - 1} is too large to be written as a ${precisionWords[precision]}`)
    const change = subtract(value, fromNumber(written))
    const size = sign(change) < 0 ? negate(change) : change
    if (compare(size, largestChange) > 0) largestChange = size
  }
  return { values, largestChange }
}

/** The sentence that states a rounding; none when nothing changed. */
export const roundingNotes = (what: string, largestChange: Rational, precision: Precision = 'float64'): string[] =>
  sign(largestChange) === 0
    ? []
    : [
        `${what} rounded to the nearest ${precision === 'float64' ? 'doubles' : 'float32'}; the largest change is about ${toNumber(largestChange).toPrecision(3)}`
      ]
