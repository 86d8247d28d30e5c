import fc from 'fast-check'
import { expect, test } from 'vitest'
import { randomStream } from '../random.ts'
import { type KinkGroup, multipliersInside, steepestDeparture } from './dependent-multipliers.ts'
import type { FirstOrder } from './linearise.ts'
import { dot, rowSpace } from './orthogonal.ts'

const P = 7

/** Random normals, of which the group has some in the middle, and kinks that follow with small integers for coefficients. */
function scene(seed: number, count: number, following: number, concave: boolean) {
  const random = randomStream(seed)
  const others = 2
  const normals = Float64Array.from({ length: (count + others) * P }, () => 2 * random() - 1)
  const space = rowSpace(normals, count + others, P)
  const of = Array.from({ length: count }, (_, a) => a + 1)
  const rows = [
    ...of.map((_, a) => Float64Array.from(of, (__, b) => (a === b ? 1 : 0))),
    ...Array.from({ length: following }, () => Float64Array.from(of, () => Math.floor(5 * random()) - 2))
  ].filter((row) => dot(row, row) > 0)
  const bounds = Float64Array.from(rows, () => random() - (concave && random() < 0.3 ? 1 : 0))
  const group: KinkGroup = {
    kinks: rows.map((_, m) => ({ layer: 0, unit: 0, sample: m })),
    of,
    rows,
    totals: Float64Array.from(of, () => 3 * random() - 1),
    bounds
  }
  const normal = (a: number) => normals.subarray(a * P, (a + 1) * P)
  /** The slope along a direction that keeps the other kinks. */
  const slope = (direction: Float64Array): number => {
    const t = Float64Array.from(of, (a) => dot(normal(a), direction))
    return rows.reduce((sum, row, m) => sum + bounds[m]! * Math.max(0, dot(row, t)), -dot(group.totals, t))
  }
  return { group, first: { space } as FirstOrder, normal, slope, random, ends: [0, count + 1] }
}

const cases = fc.record({
  seed: fc.integer({ min: 1, max: 1 << 30 }),
  count: fc.integer({ min: 1, max: 3 }),
  following: fc.integer({ min: 1, max: 6 })
})

test('either multipliers lie inside their bounds, or a departure has the steepest slope down', () => {
  let inside = 0
  fc.assert(
    fc.property(cases, ({ seed, count, following }) => {
      const { group, first, normal, slope, random, ends } = scene(seed, count, following, false)
      const found = multipliersInside(group)
      const departure = steepestDeparture(first, [group])
      if (found) {
        inside++
        expect(departure).toBeUndefined()
        for (const [m, mu] of found.multipliers.entries()) {
          expect(mu).toBeGreaterThan(0)
          expect(mu).toBeLessThan(group.bounds[m]!)
        }
        for (const [a, total] of group.totals.entries())
          expect(group.rows.reduce((sum, row, m) => sum + found.multipliers[m]! * row[a]!, 0)).toBeCloseTo(total, 8)
        return
      }
      // At the edge there may be neither.
      if (!departure) return
      const { direction, size, releases, kept } = departure
      const length = Math.sqrt(dot(direction, direction))
      for (const a of ends) expect(Math.abs(dot(normal(a), direction))).toBeLessThan(1e-9 * length)
      expect(slope(direction) / length).toBeCloseTo(-size, 8)
      expect(releases.length + kept.length).toBe(group.kinks.length)
      const t = Float64Array.from(group.of, (a) => dot(normal(a), direction))
      for (const { kink, side } of releases) expect(dot(group.rows[kink.sample]!, t) * side).toBeGreaterThan(0)
      for (const { sample } of kept) expect(Math.abs(dot(group.rows[sample]!, t))).toBeLessThan(1e-7 * length)
      const outer = rowSpace(Float64Array.from([...normal(ends[0]!), ...normal(ends[1]!)]), 2, P)
      for (let trial = 0; trial < 200; trial++) {
        const other = new Float64Array(P)
        for (let k = 2; k < P; k++) {
          const factor = 2 * random() - 1
          for (let c = 0; c < P; c++) other[c] = other[c]! + factor * outer.basis[k * P + c]!
        }
        expect(slope(other) / Math.sqrt(dot(other, other))).toBeGreaterThan(-size - 1e-8)
      }
    }),
    { numRuns: 100 }
  )
  expect(inside).toBeGreaterThan(0)
})

test('where kinks push away, a departure leads down, and without one no ray does', () => {
  fc.assert(
    fc.property(cases, ({ seed, count, following }) => {
      const { group, first, slope, random } = scene(seed, count, following, true)
      const departure = steepestDeparture(first, [group])
      if (departure) {
        const { direction, size } = departure
        expect(slope(direction) / Math.sqrt(dot(direction, direction))).toBeLessThan(-0.999 * size)
        return
      }
      for (let trial = 0; trial < 500; trial++) {
        const direction = Float64Array.from({ length: P }, () => 2 * random() - 1)
        expect(slope(direction) / Math.sqrt(dot(direction, direction))).toBeGreaterThan(-1e-8)
      }
    }),
    { numRuns: 100 }
  )
})
