/** All doubles, and all real numbers, from low to high. */
export interface DoubleInterval {
  readonly low: number
  readonly high: number
}

// Rounding to nearest is off by less than this share of the result, plus the smallest subnormal.
const spread = 2 ** -52

const outward = (low: number, high: number): DoubleInterval => ({
  low: low - Math.abs(low) * spread - Number.MIN_VALUE,
  high: high + Math.abs(high) * spread + Number.MIN_VALUE
})

export const exactInterval = (x: number): DoubleInterval => ({ low: x, high: x })
/** Encloses a number of which `x` is the nearest double. */
export const nearly = (x: number): DoubleInterval => outward(x, x)
export const addIntervals = (a: DoubleInterval, b: DoubleInterval) => outward(a.low + b.low, a.high + b.high)
export const subtractIntervals = (a: DoubleInterval, b: DoubleInterval) => outward(a.low - b.high, a.high - b.low)
export function multiplyIntervals(a: DoubleInterval, b: DoubleInterval): DoubleInterval {
  const ends = [a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high]
  return outward(Math.min(...ends), Math.max(...ends))
}
/** @throws RangeError when b contains 0 */
export function divideIntervals(a: DoubleInterval, b: DoubleInterval): DoubleInterval {
  if (b.low <= 0 && b.high >= 0) throw new RangeError('divideIntervals: the divisor contains zero')
  const ends = [a.low / b.low, a.low / b.high, a.high / b.low, a.high / b.high]
  return outward(Math.min(...ends), Math.max(...ends))
}
export const signOf = (a: DoubleInterval): -1 | 1 | undefined => (a.low > 0 ? 1 : a.high < 0 ? -1 : undefined)
