import { compare, one, rational, toNumber, toText } from '@nadir/arithmetic'
import {
  type Activation,
  dataset,
  evaluate,
  objective,
  randomStream,
  relu,
  type SmoothName,
  toFloat
} from '@nadir/landscape'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { builtPoints, claimsOf, construct, smallData } from './building.ts'

const smooth = (name: SmoothName): Activation => ({ kind: 'smooth', name })
const names: readonly SmoothName[] = [
  'sigmoid',
  'tanh',
  'arctan',
  'softplus',
  'elu',
  'selu',
  'gelu',
  'silu',
  'sine',
  'quadratic'
]
const seeds = fc.integer({ min: 1, max: 1_000_000 })

describe('yun2019-smooth', () => {
  test.each(names)('%s: outputs 1/3 and loss 1/3, a point of loss 0', (name) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 5 }),
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom('sum' as const, 'mean' as const),
        (width, count, reduction) => {
          const construction = construct('yun2019-smooth', {
            activation: smooth(name),
            hidden: [width],
            count,
            reduction
          })
          const points = builtPoints(construction)
          expect(claimsOf(points)).toEqual(new Array(count).fill('spurious'))
          for (const { loss, problem, point } of points) {
            expect(toText(loss)).toBe(reduction === 'sum' ? '1/3' : '1/9')
            const theta = toFloat(point).values
            for (const x of [
              [1, 0],
              [0, 1],
              [0.5, 0.5]
            ])
              expect(evaluate(problem.network, theta, Float64Array.from(x))[0]).toBeCloseTo(1 / 3, 12)
            const gradient = new Float64Array(theta.length)
            objective(problem).evaluate(theta, gradient)
            expect(Math.max(...gradient.map(Math.abs))).toBeLessThan(1e-12)
          }
          if (construction.kind === 'built')
            expect(compare(construction.better!.loss, rational(1n, 10n ** 11n))).toBeLessThan(0)
        }
      ),
      { numRuns: 4 }
    )
  })

  test('refuses what has no curvature that is known, other data, one unit, other losses', () => {
    const refusal = (parts: Parameters<typeof construct>[1]) =>
      construct('yun2019-smooth', { activation: smooth('tanh'), ...parts })
    expect(refusal({ activation: relu })).toMatchObject({ found: expect.stringContaining('yun2019-relu') })
    expect(refusal({ activation: smooth('gelu-tanh') })).toMatchObject({ found: expect.stringContaining('gelu-tanh') })
    expect(refusal({ hidden: [1] })).toMatchObject({ found: 'hidden layers 1' })
    expect(refusal({ hidden: [3, 3] })).toMatchObject({ found: 'hidden layers 3, 3' })
    expect(refusal({ loss: 'absolute' })).toMatchObject({ found: 'the absolute loss' })
    expect(refusal({ data: dataset([[one]], [[one]]) })).toMatchObject({
      hypothesis: expect.stringContaining('three samples')
    })
  })
})

describe('oleary2020-constant-output', () => {
  test('a local minimum with the inputs of any data that leave room', () => {
    let built = 0
    const cases = fc.record({
      data: smallData({ inputs: 3, outputs: 1, samples: 16 }),
      name: fc.constantFrom(...names),
      width: fc.integer({ min: 1, max: 4 }),
      reduction: fc.constantFrom('sum' as const, 'mean' as const),
      seed: seeds
    })
    fc.assert(
      fc.property(cases, ({ data, name, width, reduction, seed }) => {
        const construction = construct('oleary2020-constant-output', {
          data,
          activation: smooth(name),
          hidden: [width],
          reduction,
          random: randomStream(seed)
        })
        if (construction.kind === 'refused') {
          expect(construction.hypothesis).toMatch(/residuals/)
          return
        }
        built++
        for (const claim of claimsOf(builtPoints(construction))) expect(['spurious', 'local-minimum']).toContain(claim)
      }),
      { numRuns: 60 }
    )
    expect(built).toBeGreaterThan(15)
  })

  test('targets that fulfil the hypotheses are kept', () => {
    const data = dataset(
      [-1n, 0n, 1n].map((x) => [rational(x)]),
      [0n, 1n, 0n].map((y) => [rational(y)])
    )
    const construction = construct('oleary2020-constant-output', { data, activation: smooth('tanh'), hidden: [2] })
    const [point] = builtPoints(construction)
    expect(toText(point!.loss)).toBe('1/3')
    expect(point!.problem.data.targets).toEqual(data.targets)
    expect(construction).toMatchObject({ notes: ['the given targets fulfil the hypotheses and are kept'] })
  })

  test('refuses: too few samples, piecewise linear, several outputs', () => {
    const two = dataset([[one], [rational(2n)]], [[one], [rational(5n)]])
    const refusal = (parts: Parameters<typeof construct>[1]) =>
      construct('oleary2020-constant-output', { data: two, activation: smooth('tanh'), ...parts })
    expect(refusal({})).toMatchObject({ found: expect.stringContaining('input 1 takes two values only') })
    expect(refusal({ activation: relu })).toMatchObject({ found: 'the activation is piecewise linear' })
    expect(refusal({ hidden: [2, 2] })).toMatchObject({ found: 'hidden layers 2, 2, 1 outputs, the squared loss' })
  })
})

describe('oleary2020-derivative-zero', () => {
  test('a saddle for all targets that are correlated with an input', () => {
    let built = 0
    const cases = fc.record({
      data: smallData({ inputs: 3, outputs: 1, samples: 12 }),
      name: fc.constantFrom<SmoothName>('gelu', 'silu', 'sine', 'quadratic'),
      width: fc.integer({ min: 1, max: 4 }),
      reduction: fc.constantFrom('sum' as const, 'mean' as const)
    })
    fc.assert(
      fc.property(cases, ({ name, width, ...parts }) => {
        const construction = construct('oleary2020-derivative-zero', {
          ...parts,
          activation: smooth(name),
          hidden: [width]
        })
        if (construction.kind === 'refused') {
          expect(construction.hypothesis).toBe('the targets are correlated with some input')
          return
        }
        built++
        for (const { claim, problem, point, loss } of builtPoints(construction)) {
          expect(claim).toBe('saddle')
          const theta = toFloat(point).values
          const gradient = new Float64Array(theta.length)
          const value = objective(problem).evaluate(theta, gradient)
          expect(Math.max(...gradient.map(Math.abs))).toBeLessThan(1e-9)
          const size = toNumber(loss)
          expect(Math.abs(value - size)).toBeLessThan(1e-9 * (1 + size))
        }
      }),
      { numRuns: 60 }
    )
    expect(built).toBeGreaterThan(30)
  })

  test('refuses activations whose derivative has no zero, and uncorrelated targets', () => {
    const data = dataset(
      [-1n, 0n, 1n].map((x) => [rational(x)]),
      [0n, 1n, 0n].map((y) => [rational(y)])
    )
    const refusal = (activation: Activation) =>
      construct('oleary2020-derivative-zero', { data, activation, hidden: [2] })
    expect(refusal(smooth('tanh'))).toMatchObject({ found: 'the activation is tanh' })
    expect(refusal(relu)).toMatchObject({ found: 'the activation is relu' })
    expect(refusal(smooth('gelu'))).toMatchObject({ hypothesis: 'the targets are correlated with some input' })
  })
})
