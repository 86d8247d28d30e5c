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

export const point = (x: number): DoubleInterval => ({ low: x, high: x })
/** Encloses a number of which `x` is the nearest double. */
export const nearly = (x: number): DoubleInterval => outward(x, x)
export const plus = (a: DoubleInterval, b: DoubleInterval) => outward(a.low + b.low, a.high + b.high)
export const minus = (a: DoubleInterval, b: DoubleInterval) => outward(a.low - b.high, a.high - b.low)
export function times(a: DoubleInterval, b: DoubleInterval): DoubleInterval {
  const ends = [a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high]
  return outward(Math.min(...ends), Math.max(...ends))
}
/** @throws RangeError when b contains 0 */
export function over(a: DoubleInterval, b: DoubleInterval): DoubleInterval {
  if (b.low <= 0 && b.high >= 0) throw new RangeError('over: the divisor contains zero')
  const ends = [a.low / b.low, a.low / b.high, a.high / b.low, a.high / b.high]
  return outward(Math.min(...ends), Math.max(...ends))
}
export const signOf = (a: DoubleInterval): -1 | 1 | undefined => (a.low > 0 ? 1 : a.high < 0 ? -1 : undefined)

/** A function value and its derivative, both enclosed. */
export interface Jet {
  readonly value: DoubleInterval
  readonly slope: DoubleInterval
}

export const constantJet = (x: DoubleInterval): Jet => ({ value: x, slope: point(0) })
export const addJets = (f: Jet, g: Jet): Jet => ({ value: plus(f.value, g.value), slope: plus(f.slope, g.slope) })
export const subtractJets = (f: Jet, g: Jet): Jet => ({
  value: minus(f.value, g.value),
  slope: minus(f.slope, g.slope)
})
export const multiplyJets = (f: Jet, g: Jet): Jet => ({
  value: times(f.value, g.value),
  slope: plus(times(f.slope, g.value), times(f.value, g.slope))
})
export function divideJets(f: Jet, g: Jet): Jet {
  const value = over(f.value, g.value)
  return { value, slope: over(minus(f.slope, times(value, g.slope)), g.value) }
}
