import { readFileSync } from 'node:fs'
import { compare, multiply, parseExact, type Rational, rational, subtract, toText, zero } from '@nadir/arithmetic'
import {
  dataset,
  empiricalRisk,
  freeKnotFit,
  narrowBound,
  randomStream,
  relu,
  type SplineFit,
  splineNetwork
} from '@nadir/landscape'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lossExactly } from '../../packages/landscape/src/cells/exact-evaluation.ts'

const { freeKnots } = JSON.parse(readFileSync(new URL('../reference/global-minima.json', import.meta.url), 'utf8'))
const exact = (text: string) => parseExact(text)!
const half = rational(1n, 2n)
const column = (values: readonly Rational[]) => values.map((x) => [x])

function fitOf(x: readonly Rational[], y: readonly Rational[], knots: number): SplineFit {
  const fit = freeKnotFit(dataset(column(x), column(y)), knots)
  if ('kind' in fit) throw new Error(fit.reason)
  return fit
}

/** Points of a small grid (ties, lines, equal inputs) or decimals. */
function points(seed: number, samples: number, grid: boolean): { x: Rational[]; y: Rational[] } {
  const random = randomStream(seed)
  const number = () => exact(grid ? `${Math.floor(6 * random()) - 2}` : (4 * random() - 2).toFixed(2))
  return { x: Array.from({ length: samples }, number), y: Array.from({ length: samples }, number) }
}

const settings = fc.record({
  seed: fc.integer({ min: 1, max: 1 << 30 }),
  samples: fc.integer({ min: 1, max: 8 }),
  knots: fc.integer({ min: 0, max: 3 }),
  grid: fc.boolean()
})

describe('splines with free knots', () => {
  test.each(freeKnots.free_knot as { K: number; sse: string; knots: string[]; segments_slope_intercept: string[] }[])(
    'the best one with $K knots is that of the reference',
    ({ K, sse, knots, segments_slope_intercept }) => {
      const { spline, sumOfSquares } = fitOf(freeKnots.x.map(exact), freeKnots.y.map(exact), K)
      expect(toText(sumOfSquares)).toBe(sse)
      expect(spline.knots.map(toText)).toEqual(knots)
      expect(spline.lines.flatMap(({ slope, intercept }) => [slope, intercept].map(toText))).toEqual(
        segments_slope_intercept
      )
    }
  )

  test('are networks, whose exact loss is the one promised', () => {
    fc.assert(
      fc.property(settings, ({ seed, samples, knots, grid }) => {
        const { x, y } = points(seed, samples, grid)
        const { spline, sumOfSquares } = fitOf(x, y, knots)
        expect(spline.knots.length).toBeLessThanOrEqual(knots)
        expect(spline.lines.length).toBe(spline.knots.length + 1)
        for (const [k, knot] of spline.knots.entries()) if (k > 0) expect(compare(spline.knots[k - 1]!, knot)).toBe(-1)
        const { network, point } = splineNetwork(spline)
        const problem = empiricalRisk({ network, data: dataset(column(x), column(y)) })
        expect(lossExactly(problem, point)).toEqual(multiply(half, sumOfSquares))
      }),
      { numRuns: 150 }
    )
  })

  test('with k knots are at least as good as every network of k units, with k - 1 knots at most as good as the best', () => {
    fc.assert(
      fc.property(settings, fc.integer({ min: 1, max: 2 }), ({ seed, samples, grid }, units) => {
        const { x, y } = points(seed, Math.min(samples, 6), grid)
        const network = {
          inputs: [1],
          layers: [
            { kind: 'dense', outputs: units, bias: true },
            { kind: 'activation', activation: relu },
            { kind: 'dense', outputs: 1, bias: true }
          ]
        } as const
        const best = narrowBound(empiricalRisk({ network, data: dataset(column(x), column(y)) }))
        if ('kind' in best) throw new Error(best.reason)
        const of = (knots: number) => multiply(half, fitOf(x, y, knots).sumOfSquares)
        expect(compare(of(units), best.loss)).toBeLessThanOrEqual(0)
        expect(compare(best.bound, of(units - 1))).toBeLessThanOrEqual(0)
      }),
      { numRuns: 25 }
    )
  })

  test('are not beaten by any spline whose knots lie on a fine grid', () => {
    fc.assert(
      fc.property(settings, ({ seed, samples, knots, grid }) => {
        const { x, y } = points(seed, samples, grid)
        const { sumOfSquares } = fitOf(x, y, Math.min(knots, 2))
        expect(compare(sumOfSquares, bestOnGrid(x, y, Math.min(knots, 2)))).toBeLessThanOrEqual(0)
      }),
      { numRuns: 40 }
    )
  })

  test('with many knots meet every sample', () => {
    const x = [0, 1, 2, 3, 4, 5].map((t) => rational(BigInt(t)))
    const y = [0, 3, -1, 2, 2, 5].map((t) => rational(BigInt(t)))
    expect(fitOf(x, y, 4).sumOfSquares).toEqual(zero)
    expect(compare(fitOf(x, y, 1).sumOfSquares, zero)).toBe(1)
  })

  test('are for one input', () => {
    expect(freeKnotFit(dataset([[zero, zero]], [[zero]]), 1)).toMatchObject({ kind: 'obstacle' })
  })
})

/** The obvious twin: least squares on all choices of knots among the samples and six places in each gap. Exact. */
function bestOnGrid(x: readonly Rational[], y: readonly Rational[], knots: number): Rational {
  const places = [...new Map(x.map((t) => [toText(t), t])).values()].sort(compare)
  const grid = places.flatMap((a, k) => {
    const b = places[k + 1]
    return b
      ? Array.from({ length: 7 }, (_, s) => {
          const gap = subtract(b, a)
          return rational(
            a.numerator * gap.denominator * 7n + a.denominator * gap.numerator * BigInt(s),
            a.denominator * gap.denominator * 7n
          )
        })
      : []
  })
  const choose = (from: number, count: number): Rational[][] =>
    count === 0
      ? [[]]
      : grid.slice(from).flatMap((t, k) => choose(from + k + 1, count - 1).map((others) => [t, ...others]))
  let best: Rational | undefined
  for (let count = 0; count <= knots; count++)
    for (const chosen of choose(0, count)) {
      const value = leastSquares(x, y, chosen)
      if (!best || compare(value, best) < 0) best = value
    }
  return best!
}

/** The sum of squares left by the projection on 1, x and the hinges at the knots, by orthogonalisation. Exact. */
function leastSquares(x: readonly Rational[], y: readonly Rational[], knots: readonly Rational[]): Rational {
  const dot = (a: readonly Rational[], b: readonly Rational[]) =>
    a.map((s, i) => multiply(s, b[i]!)).reduce((s, t) => subtract(s, subtract(zero, t)), zero)
  const without = (a: readonly Rational[], b: readonly Rational[], square: Rational) => {
    const product = dot(a, b)
    const factor = rational(product.numerator * square.denominator, product.denominator * square.numerator)
    return a.map((s, i) => subtract(s, multiply(factor, b[i]!)))
  }
  const basis: { vector: Rational[]; square: Rational }[] = []
  const features = [
    x.map(() => rational(1n)),
    [...x],
    ...knots.map((t) => x.map((s) => (compare(s, t) > 0 ? subtract(s, t) : zero)))
  ]
  for (let vector of features) {
    for (const b of basis) vector = without(vector, b.vector, b.square)
    const square = dot(vector, vector)
    if (square.numerator !== 0n) basis.push({ vector, square })
  }
  let rest = [...y]
  for (const b of basis) rest = without(rest, b.vector, b.square)
  return dot(rest, rest)
}
