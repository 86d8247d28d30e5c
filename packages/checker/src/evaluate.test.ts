import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { changeAlong } from './along.ts'
import { newBudget } from './budget.ts'
import { evaluate } from './evaluate.ts'
import { forward } from './forward.ts'
import type { Point, Vector } from './point.ts'
import type { Layer, Problem } from './problem.ts'
import { compare, type Rational } from './rational.ts'
import { scaleSamples } from './samples.ts'
import { subdifferentialOf } from './subdifferential.ts'
import { momentsOf, unitSlopes } from './unit.ts'

const rational = fc
  .tuple(fc.bigInt({ min: -6n, max: 6n }), fc.bigInt({ min: 1n, max: 4n }))
  .map(([numerator, denominator]): Rational => ({ numerator, denominator }))

const list = <T>(item: fc.Arbitrary<T>, length: number): fc.Arbitrary<T[]> =>
  fc.array(item, { minLength: length, maxLength: length })

const vector = (length: number): fc.Arbitrary<Vector> =>
  fc
    .tuple(fc.bigInt({ min: 1n, max: 6n }), list(fc.bigInt({ min: -4n, max: 4n }), length))
    .map(([denominator, numerators]) => ({ denominator, numerators }))

const slopes = fc.constantFrom([1n, 0n], [1n, -1n], [0n, 1n], [2n, 1n])

type Instance = { readonly problem: Problem; readonly point: Point; readonly direction: Point }

/** Small problems with dense layers of these widths and activations between them, a point and a direction. */
const instance = (widths: readonly number[], kind: Problem['loss']['kind']): fc.Arbitrary<Instance> =>
  fc
    .tuple(list(fc.boolean(), widths.length - 1), slopes, fc.integer({ min: 1, max: 5 }))
    .chain(([biases, [p, q], samples]) => {
      const layers: Layer[] = []
      const lengths: number[] = []
      for (const [index, bias] of biases.entries()) {
        if (index > 0) {
          layers.push({
            kind: 'two-slope',
            positive: { numerator: p, denominator: 1n },
            negative: { numerator: q, denominator: 3n }
          })
        }
        layers.push({ kind: 'dense', outputs: widths[index + 1], bias })
        lengths.push(widths[index] * widths[index + 1], ...(bias ? [widths[index + 1]] : []))
      }
      const outputs = widths[widths.length - 1]
      const tensors = (): fc.Arbitrary<Point> => fc.tuple(...lengths.map(vector))
      return fc.record({
        problem: fc.record({
          network: fc.constant({ inputs: widths[0], layers, outputs }),
          loss: fc.constant({ kind, reduction: 'mean' as const }),
          inputs: list(list(rational, widths[0]), samples),
          targets: list(list(rational, outputs), samples)
        }),
        point: tensors(),
        direction: tensors()
      })
    })

const shallow = fc.oneof(
  instance([2, 3, 1], 'squared'),
  instance([1, 2, 2], 'squared'),
  instance([2, 2, 1], 'absolute'),
  instance([2, 2, 1], 'hinge')
)

const any = fc.oneof(
  shallow,
  instance([2, 1], 'squared'),
  instance([2, 2, 2, 1], 'squared'),
  instance([1, 2, 2, 1], 'hinge')
)

const lossAt = (problem: Problem, point: Point): Rational => {
  const budget = newBudget()
  return evaluate(problem, scaleSamples(problem, budget), point, budget).loss
}

const moved = (point: Point, direction: Point, step: bigint): Point =>
  point.map((tensor, k) => ({
    denominator: tensor.denominator * direction[k].denominator * step,
    numerators: tensor.numerators.map(
      (entry, index) => entry * direction[k].denominator * step + direction[k].numerators[index] * tensor.denominator
    )
  }))

describe('evaluation', () => {
  test('one hidden layer by signs and sums of weights is the forward pass layer by layer', () => {
    fc.assert(
      fc.property(shallow, ({ problem, point }) => {
        const budget = newBudget()
        const samples = scaleSamples(problem, budget)
        const fast = evaluate(problem, samples, point, budget)
        const slow = forward(problem.network, point, samples.inputs, budget)
        expect(fast.hidden).toBeDefined()
        const flat = fast.outputs.rows.flat()
        expect(flat.map((entry) => entry * slow.denominator)).toEqual(
          slow.rows.flat().map((entry) => entry * fast.outputs.denominator)
        )
      }),
      { seed: 41, numRuns: 300 }
    )
  })

  test('the loss does not depend on how vectors are written', () => {
    fc.assert(
      fc.property(any, fc.bigInt({ min: 1n, max: 50n }), ({ problem, point }, factor) => {
        const written = point.map((tensor, k) => {
          const by = factor + BigInt(k)
          return { denominator: tensor.denominator * by, numerators: tensor.numerators.map((entry) => entry * by) }
        })
        expect(compare(lossAt(problem, point), lossAt(problem, written))).toBe(0)
      }),
      { seed: 42 }
    )
  })
})

describe('the change along a direction', () => {
  test('has the sign of the change at two very small steps, and its order', () => {
    fc.assert(
      fc.property(any, ({ problem, point, direction }) => {
        const budget = newBudget()
        const change = changeAlong(problem, scaleSamples(problem, budget), point, [{ power: 1, direction }], budget)
        const start = lossAt(problem, point)
        const differences = [200n, 201n].map((power) => {
          const { numerator, denominator } = lossAt(problem, moved(point, direction, 1n << power))
          return {
            numerator: numerator * start.denominator - start.numerator * denominator,
            denominator: denominator * start.denominator
          }
        })
        for (const { numerator } of differences) {
          expect(numerator > 0n ? 1 : numerator < 0n ? -1 : 0).toBe(change?.sign ?? 0)
        }
        if (change === undefined) return
        // Half the step divides the change by 2^order, up to a relative error that vanishes with the step.
        const [whole, half] = differences
        const ratio = (whole.numerator * half.denominator * 1000n) / (half.numerator * whole.denominator)
        const expected = 1000n << BigInt(change.order)
        expect(ratio >= expected - 2n && ratio <= expected + 2n).toBe(true)
      }),
      { seed: 43, numRuns: 300 }
    )
  })
})

describe('the slopes of a unit', () => {
  test('give the first-order change of sum_i r_i h(z_i) for every direction of its weights', () => {
    const generous = fc.tuple(instance([2, 1, 2], 'squared'), list(fc.bigInt({ min: -3n, max: 3n }), 3))
    fc.assert(
      fc.property(generous, fc.boolean(), ([{ problem, point }, move], still) => {
        const budget = newBudget()
        const samples = scaleSamples(problem, budget)
        // Where the weights are zero, every sample is on the kink.
        const at = still ? point.map((tensor) => ({ ...tensor, numerators: tensor.numerators.map(() => 0n) })) : point
        const evaluation = evaluate(problem, samples, at, budget)
        const { low, denominator } = subdifferentialOf(problem, samples, evaluation)
        const { vectors, signs, slopes, weights } = evaluation.hidden!
        const moments = momentsOf(evaluation.hidden!, { rows: low, denominator }, budget)
        const found = unitSlopes(moments, signs[0], budget)
        const width = vectors.rows[0].length
        const d = move.slice(0, width)
        const product = (a: readonly bigint[], b: readonly bigint[]): bigint =>
          a.reduce((sum, x, k) => sum + x * b[k], 0n)
        const h = (t: bigint): bigint => (t > 0n ? slopes.positive : slopes.negative) * t
        for (let output = 0; output < low[0].length; output += 1) {
          let change = product(found.constant[output], d)
          for (const { direction, right, left } of found.classes) {
            const tau = product(direction, d)
            change += (tau > 0n ? right[output] : left[output]) * tau
          }
          // A step so small that no sign changes: weights times 10^9.
          const scale = 10n ** 9n
          const before = vectors.rows.map((x) => product(weights.rows[0], x) * scale)
          const after = vectors.rows.map((x, i) => before[i] + product(d, x))
          const direct = low.reduce((sum, row, i) => sum + row[output] * (h(after[i]) - h(before[i])), 0n)
          expect(change).toBe(direct)
        }
      }),
      { seed: 44, numRuns: 400 }
    )
  })
})
