import fc from 'fast-check'
import { expect, test } from 'vitest'
import { randomStream } from '../random.ts'
import { boundedLeastSquares } from './bounded-least-squares.ts'
import { dot } from './orthogonal.ts'

/** Coordinate by coordinate to the best within the bounds, again and again. */
function slowly(rows: readonly Float64Array[], target: Float64Array, low: Float64Array, high: Float64Array): number {
  const factors = low.slice()
  const rest = target.slice()
  const move = (m: number, by: number) => {
    factors[m] = factors[m]! + by
    for (let k = 0; k < rest.length; k++) rest[k] = rest[k]! - by * rows[m]![k]!
  }
  for (const [m, x] of low.entries()) {
    factors[m] = 0
    move(m, x)
  }
  for (let turn = 0; turn < 4000; turn++)
    for (const [m, row] of rows.entries()) {
      const wanted = factors[m]! + dot(row, rest) / dot(row, row)
      move(m, Math.min(high[m]!, Math.max(low[m]!, wanted)) - factors[m]!)
    }
  return dot(rest, rest)
}

test('what is left is as short as descent by coordinates makes it, and no number could do more', () => {
  fc.assert(
    fc.property(
      fc.record({
        seed: fc.integer({ min: 1, max: 1 << 30 }),
        length: fc.integer({ min: 1, max: 4 }),
        count: fc.integer({ min: 1, max: 9 })
      }),
      ({ seed, length, count }) => {
        const random = randomStream(seed)
        // Small integers: many rows are parallel, and many targets are reached.
        const integer = () => Math.floor(7 * random()) - 3
        const rows = Array.from({ length: count }, () => {
          const row = Float64Array.from({ length }, integer)
          if (dot(row, row) === 0) row[0] = 1
          return row
        })
        const target = Float64Array.from({ length }, () => 2 * integer())
        const low = Float64Array.from({ length: count }, () => -Math.floor(2 * random()))
        const high = low.map((x) => x + Math.floor(3 * random()) / 2)
        const { factors, rest } = boundedLeastSquares(rows, target, low, high)
        const left = target.slice()
        for (const [m, row] of rows.entries()) {
          expect(factors[m]).toBeGreaterThanOrEqual(low[m]!)
          expect(factors[m]).toBeLessThanOrEqual(high[m]!)
          for (let k = 0; k < length; k++) left[k] = left[k]! - factors[m]! * row[k]!
          const along = dot(row, rest)
          if (factors[m]! < high[m]!) expect(along).toBeLessThan(1e-9)
          if (factors[m]! > low[m]!) expect(along).toBeGreaterThan(-1e-9)
        }
        for (const [k, x] of rest.entries()) expect(Math.abs(x - left[k]!)).toBeLessThan(1e-12)
        expect(dot(rest, rest)).toBeLessThan(slowly(rows, target, low, high) + 1e-9)
      }
    ),
    { numRuns: 60 }
  )
})
