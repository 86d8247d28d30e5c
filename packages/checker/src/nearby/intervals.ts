import { floorDivide, type Interval, one, precision } from '../enclosure.ts'

export const nothing: Interval = { low: 0n, high: 0n }
export const unit: Interval = { low: one, high: one }

const floor = (product: bigint): bigint => product >> precision
const ceiling = (product: bigint): bigint => -(-product >> precision)

/** a b */
export const times = (a: Interval, b: Interval): Interval => {
  if (a.low >= 0n) {
    if (b.low >= 0n) return { low: floor(a.low * b.low), high: ceiling(a.high * b.high) }
    if (b.high <= 0n) return { low: floor(a.high * b.low), high: ceiling(a.low * b.high) }
    return { low: floor(a.high * b.low), high: ceiling(a.high * b.high) }
  }
  if (a.high <= 0n) {
    if (b.low >= 0n) return { low: floor(a.low * b.high), high: ceiling(a.high * b.low) }
    if (b.high <= 0n) return { low: floor(a.high * b.high), high: ceiling(a.low * b.low) }
    return { low: floor(a.low * b.high), high: ceiling(a.low * b.low) }
  }
  if (b.low >= 0n) return { low: floor(a.low * b.high), high: ceiling(a.high * b.high) }
  if (b.high <= 0n) return { low: floor(a.high * b.low), high: ceiling(a.low * b.low) }
  const least = a.low * b.high < a.high * b.low ? a.low * b.high : a.high * b.low
  const most = a.low * b.low > a.high * b.high ? a.low * b.low : a.high * b.high
  return { low: floor(least), high: ceiling(most) }
}

/** An interval divided by a positive whole number. */
export const dividedBy = ({ low, high }: Interval, divisor: bigint): Interval => ({
  low: floorDivide(low, divisor),
  high: -floorDivide(-high, divisor)
})

/** The largest absolute value in an interval. */
export const magnitude = ({ low, high }: Interval): bigint => (-low > high ? -low : high)

export const containsZero = ({ low, high }: Interval): boolean => low <= 0n && high >= 0n
