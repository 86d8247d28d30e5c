import { add, compare, divide, multiply, type Rational, rational, sign, subtract } from '@nadir/arithmetic'
import { type ChainEnd, type Line, valueAt } from './spline-chain.ts'

/** A closed interval of slopes; an end that is missing is infinite. */
interface Slopes {
  readonly low?: Rational
  readonly high?: Rational
}

/** A union of intervals: the slopes with which a line through a given point meets another one in the gap between two samples. Exact. */
export type Crossings = readonly Slopes[]

export const allSlopes: Crossings = [{}]

/** A line with the given sign of its excess over another at one end of the gap must not exceed it at the other. */
const halfLine = (excess: number, limit: Rational): Crossings =>
  excess === 0 ? allSlopes : excess > 0 ? [{ high: limit }] : [{ low: limit }]

const secant = (a: ChainEnd, b: ChainEnd): Rational => divide(subtract(b.value, a.value), subtract(b.x, a.x))

/** Of a line through `to`, to meet `line` between `from` (left) and it. */
export const crossingsFrom = (line: Line, from: ChainEnd, to: ChainEnd): Crossings =>
  halfLine(sign(subtract(valueAt(line, to.x), to.value)), secant({ x: from.x, value: valueAt(line, from.x) }, to))

/** Of a line through `from`, to meet `line` between it and x (right of it). */
export const crossingsInto = (from: ChainEnd, line: Line, x: Rational): Crossings =>
  halfLine(sign(subtract(from.value, valueAt(line, from.x))), secant(from, { x, value: valueAt(line, x) }))

/** Of a line through `to`, to meet between both points a line through `from` with one of the slopes: both slopes on different sides of the secant. */
export function crossingsBetween(slopes: Crossings, from: ChainEnd, to: ChainEnd): Crossings {
  const between = secant(from, to)
  return [
    ...(some(slopes, [{ low: between }]) ? [{ high: between }] : []),
    ...(some(slopes, [{ high: between }]) ? [{ low: between }] : [])
  ]
}

/** A slope in both, the middle of the first common interval; undefined when there is none. */
export function some(a: Crossings, b: Crossings): Rational | undefined {
  for (const p of a)
    for (const q of b) {
      const low = !p.low || (q.low && compare(q.low, p.low) > 0) ? q.low : p.low
      const high = !p.high || (q.high && compare(q.high, p.high) < 0) ? q.high : p.high
      if (low && high) {
        if (compare(low, high) <= 0) return multiply(rational(1n, 2n), add(low, high))
      } else if (low) return low
      else return high ?? rational(0n)
    }
  return undefined
}
