import fc from 'fast-check'
import { expect, test } from 'vitest'
import { randomStream } from '../random.ts'
import { dot, leastSquaresMultipliers, moversOf, type RowSpace, rowSpace, shortestSolution } from './orthogonal.ts'

const length = 45
const row = (rows: Float64Array, a: number) => rows.subarray(a * length, (a + 1) * length)

/** `count` random rows and, at this place, the sum of the rows before it. */
function rowsWithSum(count: number, place: number, random: () => number): Float64Array {
  const rows = Float64Array.from({ length: (count + 1) * length }, () => 2 * random() - 1)
  const sum = row(rows, place)
  sum.fill(0)
  for (let a = 0; a < place; a++) for (let k = 0; k < length; k++) sum[k]! += rows[a * length + k]!
  return rows
}

/** Largest entry of what should be 0. */
const largest = (values: Iterable<number>): number => {
  let most = 0
  for (const x of values) most = Math.max(most, Math.abs(x))
  return most
}

function requireSolves(space: RowSpace, rows: Float64Array, random: () => number): void {
  const values = Float64Array.from(space.independent, () => random())
  const d = shortestSolution(space, values)
  const scale = 1 + largest(d)
  expect(largest(space.independent.map((a, at) => dot(row(rows, a), d) - values[at]!))).toBeLessThan(1e-9 * scale)
}

const cases = fc.record({
  seed: fc.integer({ min: 1, max: 1 << 30 }),
  count: fc.integer({ min: 1, max: 40 }),
  share: fc.double({ min: 0, max: 1, noNaN: true })
})

test('a row space splits what is given, finds dependent rows, and solves', () => {
  fc.assert(
    fc.property(cases, ({ seed, count, share }) => {
      const random = randomStream(seed)
      const place = 1 + Math.floor(share * (count - 1))
      const rows = rowsWithSum(count, place, random)
      const space = rowSpace(rows, count + 1, length)
      expect(space.independent).toEqual(Array.from({ length: count + 1 }, (_, a) => a).filter((a) => a !== place))
      const { basis } = space
      const all = Array.from({ length }, (_, k) => k)
      expect(
        largest(all.flatMap((i) => all.map((j) => dot(row(basis, i), row(basis, j)) - (i === j ? 1 : 0))))
      ).toBeLessThan(1e-12)
      expect(
        largest(all.slice(count).flatMap((k) => space.independent.map((a) => dot(row(rows, a), row(basis, k)))))
      ).toBeLessThan(1e-11)
      requireSolves(space, rows, random)
      const target = Float64Array.from({ length }, () => random())
      const s = leastSquaresMultipliers(space, target)
      const rest = target.map(
        (x, k) => x + s.reduce((sum, f, at) => sum + f * row(rows, space.independent[at]!)[k]!, 0)
      )
      expect(largest(all.slice(0, count).map((k) => dot(row(basis, k), rest)))).toBeLessThan(1e-9 * (1 + largest(s)))
    }),
    { numRuns: 60 }
  )
})

test('a mover moves its own row by 1, the others not at all, and is the shortest that does', () => {
  fc.assert(
    fc.property(cases, ({ seed, count }) => {
      const rows = rowsWithSum(count, count, randomStream(seed))
      const space = rowSpace(rows, count + 1, length)
      const movers = moversOf(space)
      const scale = 1 + largest(movers)
      for (let a = 0; a < count; a++) {
        for (let b = 0; b < count; b++)
          expect(Math.abs(dot(row(rows, b), row(movers, a)) - (a === b ? 1 : 0))).toBeLessThan(1e-9 * scale)
        for (let k = count; k < length; k++)
          expect(Math.abs(dot(row(space.basis, k), row(movers, a)))).toBeLessThan(1e-9 * scale)
      }
    }),
    { numRuns: 60 }
  )
})
