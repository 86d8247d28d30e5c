import { rational } from '@nadir/arithmetic'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { asLayered } from '../curvature/layered.ts'
import { dataset } from '../data/dataset.ts'
import type { LossKind } from '../loss/loss.ts'
import { type Activation, leakyRelu, relu } from '../network/activation.ts'
import { empiricalRisk, type Problem } from '../problem.ts'
import { randomStream } from '../random.ts'
import type { BlockwiseState } from './blockwise.ts'
import { convergenceReport } from './guarantees.ts'
import { initialise } from './initialise.ts'
import { forwardInPiece, layerProgram, sidesAt } from './layer-program.ts'
import { defaultSettings, trainerOf } from './methods.ts'
import { objective } from './objective.ts'
import { minimiseQuadratic, type QuadraticProgram } from './quadratic-program.ts'
import { minimiseAlong } from './ray-search.ts'
import { stateFromText, stateText } from './state-text.ts'
import { type MethodName, methodNames, type TrainingSettings, type TrainingTask, trainingPoints } from './trainer.ts'

const seeds = fc.integer({ min: 1, max: 1_000_000 })

interface Shape {
  readonly samples: number
  readonly sizes: readonly number[]
  readonly activation?: Activation
  readonly loss?: LossKind
  readonly decay?: bigint
  readonly reduction?: 'sum' | 'mean'
}

function problemOf(seed: number, shape: Shape): Problem {
  const random = randomStream(seed)
  const { samples, sizes, activation = relu, decay = 0n } = shape
  const grid = () => rational(BigInt(Math.round(40 * random()) - 20), 10n)
  const rows = (width: number) => Array.from({ length: samples }, () => Array.from({ length: width }, grid))
  const layers = sizes
    .slice(1)
    .flatMap((outputs, l) => [
      { kind: 'dense' as const, outputs, bias: true },
      ...(l < sizes.length - 2 ? [{ kind: 'activation' as const, activation }] : [])
    ])
  return empiricalRisk({
    network: { inputs: [sizes[0]!], layers },
    data: dataset(rows(sizes[0]!), rows(sizes.at(-1)!)),
    loss: shape.loss ?? 'squared',
    reduction: shape.reduction ?? 'sum',
    weightDecay: rational(decay, 10n)
  })
}

const taskOf = (
  problem: Problem,
  method: MethodName,
  seed: number,
  more: Partial<TrainingSettings> = {}
): TrainingTask => ({
  problem,
  objective: objective(problem),
  seed,
  settings: { ...defaultSettings(method, problem), ...more }
})

/** The rate for sgd is small: some data are steep. */
const shortRun: Readonly<Record<MethodName, Partial<TrainingSettings>>> = {
  'adam+l-bfgs': { steps: 30, polish: 20 },
  'cell-descent': { steps: 600 },
  adam: { steps: 40 },
  'l-bfgs': { steps: 30 },
  'gradient-descent': { steps: 25, rate: 1e-3, sizes: 'exact' },
  sgd: { steps: 30, rate: 1e-5, batch: 3 },
  'levenberg-marquardt': { steps: 15 },
  'iterated-convex': { steps: 6 },
  'block-coordinate': { steps: 10 },
  bpgrad: { steps: 500 }
}
const neverRising: ReadonlySet<MethodName> = new Set([
  'cell-descent',
  'l-bfgs',
  'levenberg-marquardt',
  'iterated-convex',
  'block-coordinate',
  'bpgrad'
])

describe.each(methodNames)('%s', (method) => {
  const shapes: Shape[] = [
    { samples: 9, sizes: [2, 3, 1], activation: leakyRelu(), reduction: 'mean' },
    { samples: 12, sizes: [1, 4, 1] },
    ...(method === 'cell-descent' ? [] : [{ samples: 8, sizes: [2, 3, 2, 1], decay: 1n }])
  ]
  const trainer = trainerOf(method)

  test('comes to the same end from a checkpoint at any step', () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom(...shapes), fc.nat(30), (seed, shape, at) => {
        const problem = problemOf(seed, shape)
        const task = taskOf(problem, method, seed, shortRun[method])
        const start = initialise(problem.network, randomStream(seed))
        const whole = trainer.begin(task, start)
        const losses = [...trainingPoints(trainer, task, whole)].map(() => 0)
        const first = trainer.begin(task, start)
        let steps = 0
        for (const _ of trainingPoints(trainer, task, first)) if (++steps >= at) break
        // A new task, as in a new process: nothing but the text is left.
        const again = stateFromText(stateText(first))
        for (const _ of trainingPoints(trainer, taskOf(problem, method, seed, shortRun[method]), again)) steps++
        expect(steps).toBeGreaterThanOrEqual(losses.length)
        expect(stateText(again)).toBe(stateText(whole))
      }),
      { numRuns: 8 }
    )
  })

  test('ends at numbers, and never rises where it promises so', () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom(...shapes), (seed, shape) => {
        const problem = problemOf(seed, shape)
        const task = taskOf(problem, method, seed, shortRun[method])
        const start = initialise(problem.network, randomStream(seed))
        const scratch = new Float64Array(start.length)
        const before = task.objective.evaluate(start, scratch)
        const state = trainer.begin(task, start)
        let last = Number.POSITIVE_INFINITY
        for (const { loss } of trainingPoints(trainer, task, state)) {
          if (neverRising.has(method)) expect(loss).toBeLessThanOrEqual(last)
          last = loss
        }
        expect(state.theta.every(Number.isFinite)).toBe(true)
        const after = task.objective.evaluate(state.theta, scratch)
        if (neverRising.has(method)) {
          expect(after).toBeLessThanOrEqual(before * (1 + 1e-9))
          expect(Math.abs(after - state.loss)).toBeLessThanOrEqual(1e-7 * (1 + before))
        }
        const report = convergenceReport(task, method, state, () => false)
        for (const { theorem, because } of report.guarantees) expect(theorem.length * because.length).toBeGreaterThan(0)
        expect(report.notProved).not.toBe('')
      }),
      { numRuns: 8 }
    )
  })
})

test('the text of a state keeps every bit', () => {
  const numbers = [0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, 0.1, -1 / 3]
  const state = {
    step: 3,
    loss: Number.POSITIVE_INFINITY,
    theta: Float64Array.from(numbers),
    sides: [Uint8Array.of(1, 0), Int8Array.of(-1)],
    inner: { Float64Array: 'a name', order: Int32Array.of(2, 1), none: null, numbers, yes: true }
  }
  const back = stateFromText(stateText(state))
  expect(back).toEqual(state)
  expect(Object.is(back.theta[1], -0)).toBe(true)
  expect(() => stateFromText('{"record":{"step":1}}')).toThrow('not the state')
})

test('batches that cover all samples add up to the gradient', () => {
  fc.assert(
    fc.property(seeds, fc.constantFrom('sum' as const, 'mean' as const), (seed, reduction) => {
      const problem = problemOf(seed, { samples: 6, sizes: [2, 3, 2], reduction, decay: 2n })
      const risk = objective(problem)
      const theta = initialise(problem.network, randomStream(seed))
      const whole = new Float64Array(theta.length)
      const part = new Float64Array(theta.length)
      const sum = new Float64Array(theta.length)
      const loss = risk.evaluate(theta, whole)
      let total = 0
      for (const batch of [
        [0, 3],
        [5, 1],
        [2, 4]
      ]) {
        total += risk.evaluateBatch(batch, theta, part) / 3
        for (const [k, g] of part.entries()) sum[k] = sum[k]! + g / 3
      }
      expect(total).toBeCloseTo(loss, 9)
      for (const [k, g] of whole.entries()) expect(sum[k]).toBeCloseTo(g, 8)
    })
  )
})

/** The obvious twin: the unconstrained minimisers on all sets of active rows that are allowed, in two variables. */
function leastByActiveSets({ hessian: H, gradient: g, rows, slack }: QuadraticProgram): number {
  const value = (x: number, y: number) =>
    g[0]! * x + g[1]! * y + (H[0]! * x * x + 2 * H[1]! * x * y + H[3]! * y * y) / 2
  const normal = (c: number) => [rows[c]!.values[0]!, rows[c]!.values[1]!] as const
  const points: [number, number][] = [[0, 0]]
  const det = H[0]! * H[3]! - H[1]! ** 2
  points.push([(-g[0]! * H[3]! + g[1]! * H[1]!) / det, (-g[1]! * H[0]! + g[0]! * H[1]!) / det])
  for (const c of rows.keys()) {
    const [a, b] = normal(c)
    const square = a * a + b * b
    const [px, py] = [(-slack[c]! * a) / square, (-slack[c]! * b) / square]
    const curvature = H[0]! * b * b - 2 * H[1]! * a * b + H[3]! * a * a
    const slope = (g[0]! + H[0]! * px + H[1]! * py) * -b + (g[1]! + H[1]! * px + H[3]! * py) * a
    points.push([px + (slope / curvature) * b, py - (slope / curvature) * a])
    for (let e = 0; e < c; e++) {
      const [k, l] = normal(e)
      const cross = a * l - b * k
      if (Math.abs(cross) < 1e-9) continue
      points.push([(-slack[c]! * l + slack[e]! * b) / cross, (-slack[e]! * a + slack[c]! * k) / cross])
    }
  }
  const allowed = points.filter(([x, y]) =>
    rows.every((_, c) => normal(c)[0] * x + normal(c)[1] * y + slack[c]! >= -1e-9)
  )
  return Math.min(...allowed.map(([x, y]) => value(x, y)))
}

test('quadratic programs: the same minimum as over all active sets', () => {
  fc.assert(
    fc.property(seeds, fc.nat(6), (seed, count) => {
      const random = randomStream(seed)
      const draw = () => Math.round(20 * random() - 10) / 5
      const [p, q, r] = [draw(), draw(), draw()]
      const program: QuadraticProgram = {
        hessian: Float64Array.of(p * p + 0.5, p * q, p * q, q * q + r * r + 0.5),
        gradient: Float64Array.of(draw(), draw()),
        rows: Array.from({ length: count }, () => ({ from: 0, values: Float64Array.of(draw(), draw()) })).filter(
          ({ values }) => values[0] !== 0 || values[1] !== 0
        ),
        slack: Float64Array.from({ length: count }, () => Math.max(0, draw()))
      }
      const { step, decrease, active } = minimiseQuadratic(program)
      for (const [c, { values }] of program.rows.entries())
        expect(values[0]! * step[0]! + values[1]! * step[1]! + program.slack[c]!).toBeGreaterThan(-1e-8)
      expect(-decrease).toBeCloseTo(leastByActiveSets(program), 6)
      for (const { multiplier } of active) expect(multiplier).toBeGreaterThan(-1e-6)
    }),
    { numRuns: 300 }
  )
})

test('the program of a layer is the loss, exactly as long as no side changes', () => {
  fc.assert(
    fc.property(
      seeds,
      fc.constantFrom<Shape>(
        { samples: 7, sizes: [2, 3, 2], decay: 3n },
        { samples: 6, sizes: [2, 3, 2, 1], activation: leakyRelu(), reduction: 'mean' },
        { samples: 5, sizes: [1, 2, 2, 2, 1], decay: 1n }
      ),
      (seed, shape) => {
        const problem = problemOf(seed, shape)
        const network = asLayered(problem.network)
        if (network.kind === 'obstacle') throw new Error(network.reason)
        const { layers } = network
        const random = randomStream(seed)
        const theta = initialise(problem.network, random)
        const sides = sidesAt(problem, layers, theta)
        const risk = objective(problem)
        const whole = new Float64Array(theta.length)
        const loss = risk.evaluate(theta, whole)
        for (const l of layers.keys()) {
          const { indices, gradient, hessian, rows, slack, walls } = layerProgram(problem, layers, theta, sides, l)
          for (const [k, at] of indices.entries()) expect(gradient[k]).toBeCloseTo(whole[at]!, 8)
          // A step of any length keeps the sides when the network is evaluated with them.
          const q = Float64Array.from(indices, () => 2 * random() - 1)
          const moved = theta.slice()
          for (const [k, at] of indices.entries()) moved[at] = moved[at]! + q[k]!
          const passes = forwardInPiece(problem, layers, moved, sides)
          let after = 0
          for (const [at, f] of passes.at(-1)!.z.entries()) after += (f - problem.data.approximateTargets[at]!) ** 2 / 2
          if (problem.reduction === 'mean') after /= problem.data.samples
          const decay = shape.decay === undefined ? 0 : Number(shape.decay) / 10
          for (const x of moved) after += (decay / 2) * x * x
          let model = loss
          for (const [k, a] of q.entries()) {
            model += gradient[k]! * a
            for (const [m, b] of q.entries()) model += (hessian[k * q.length + m]! * a * b) / 2
          }
          expect(Math.abs(model - after)).toBeLessThan(1e-8 * (1 + Math.abs(after)))
          for (const [c, { from, values }] of rows.entries()) {
            const { layer, sample, unit } = walls[c]!
            const z = passes[layer]!.z[sample * layers[layer]!.outputs + unit]!
            const side = sides[layer]![sample * layers[layer]!.outputs + unit] ? 1 : -1
            const moving = values.reduce((sum, a, k) => sum + a * q[from + k]!, slack[c]!)
            expect(moving).toBeCloseTo(side * z, 8)
          }
        }
      }
    ),
    { numRuns: 40 }
  )
})

test('the search along a ray finds what a fine grid finds, on a parabola to the last digits', () => {
  const parabola = {
    evaluate(theta: Float64Array, gradient: Float64Array) {
      gradient[0] = theta[0]! - Math.PI
      return (theta[0]! - Math.PI) ** 2 / 2
    }
  }
  const risk = { ...objective(problemOf(1, { samples: 2, sizes: [1, 1, 1] })), ...parabola }
  const found = minimiseAlong(
    risk,
    Float64Array.of(0),
    Math.PI ** 2 / 2,
    Float64Array.of(-Math.PI),
    Float64Array.of(1),
    0.01
  )
  expect(found!.theta[0]).toBeCloseTo(Math.PI, 7)
  expect(
    minimiseAlong(risk, Float64Array.of(0), 1, Float64Array.of(-Math.PI), Float64Array.of(-1), 0.01)
  ).toBeUndefined()
})

/** f(w1, w2) = (w1 w2 - 1)^2 / 2 + (w1^2 + w2^2) / 4: the origin is a strict minimum in each weight and yet a saddle; the minimum is 3/8. */
const twoWeights = empiricalRisk({
  network: {
    inputs: [1],
    layers: [
      { kind: 'dense', outputs: 1, bias: false },
      { kind: 'dense', outputs: 1, bias: false }
    ]
  },
  data: dataset([[rational(1n)]], [[rational(1n)]]),
  weightDecay: rational(1n, 2n)
})

describe('a minimum of each layer alone that is a saddle', () => {
  const start = Float64Array.of(1, 0)
  test('holds cyclic minimisation within one piece', () => {
    const task = taskOf(twoWeights, 'block-coordinate', 1, { pieces: 'one' })
    const trainer = trainerOf('block-coordinate')
    const state = trainer.begin(task, start)
    const run = trainingPoints(trainer, task, state)
    let end = run.next()
    while (!end.done) end = run.next()
    expect(end.value).toContain('partial minimum')
    expect(Math.hypot(state.theta[0]!, state.theta[1]!)).toBeLessThan(1e-7)
    expect(state.loss).toBeCloseTo(1 / 2, 12)
  })
  test.each(['block-coordinate', 'iterated-convex'] as const)('is recognised and left: %s', (method) => {
    const task = taskOf(twoWeights, method, 1)
    const trainer = trainerOf(method)
    const state = trainer.begin(task, method === 'block-coordinate' ? start : Float64Array.of(0, 0)) as BlockwiseState
    for (const _ of trainingPoints(trainer, task, state));
    expect(state.escapes).toBe(1)
    expect(state.loss).toBeCloseTo(3 / 8, 8)
  })
  test('of a deep linear network whose derivatives vanish to high order', () => {
    const problem = problemOf(5, { samples: 6, sizes: [2, 2, 2, 2, 1], activation: leakyRelu(rational(1n)) })
    const task = taskOf(problem, 'iterated-convex', 3, { steps: 40 })
    const trainer = trainerOf('iterated-convex')
    const zeros = new Float64Array(task.objective.parameters)
    const state = trainer.begin(task, zeros) as BlockwiseState
    for (const _ of trainingPoints(trainer, task, state));
    expect(state.escapes).toBeGreaterThan(0)
    expect(state.loss).toBeLessThan(0.99 * state.firstLoss)
  })
})

test('a smaller loss never asks for a larger ball: the iterates of regularised convex steps stay in theirs', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const problem = problemOf(seed, { samples: 8, sizes: [2, 3, 1], decay: 5n })
      const task = taskOf(problem, 'iterated-convex', seed, { steps: 8 })
      const trainer = trainerOf('iterated-convex')
      const state = trainer.begin(task, initialise(problem.network, randomStream(seed))) as BlockwiseState
      const radius = Math.sqrt((2 * state.firstLoss) / 0.5)
      for (const { theta } of trainingPoints(trainer, task, state))
        expect(Math.hypot(...theta)).toBeLessThanOrEqual(radius)
      const report = convergenceReport(task, 'iterated-convex', state, () => false)
      expect(report.guarantees[1]).toMatchObject({ holds: true })
    }),
    { numRuns: 15 }
  )
})

describe('what is said of a limit', () => {
  const problem = problemOf(2, { samples: 6, sizes: [1, 2, 1] })
  const verdicts = (method: MethodName, more: Partial<TrainingSettings>) => {
    const task = taskOf(problem, method, 1, { steps: 20, rate: 1e-4, ...more })
    const trainer = trainerOf(method)
    const state = trainer.begin(task, initialise(problem.network, randomStream(1)))
    for (const _ of trainingPoints(trainer, task, state));
    return convergenceReport(task, method, state, () => false).guarantees.map(({ holds }) => holds)
  }
  test('follows the step sizes of gradient descent', () => {
    expect(verdicts('gradient-descent', { sizes: 'fixed' })).toEqual(['unknown'])
    expect(verdicts('gradient-descent', { sizes: 'exponential' })).toEqual([false])
    expect(verdicts('gradient-descent', { sizes: 'cosine' })).toEqual([false])
  })
  test('follows sizes and momentum of stochastic steps', () => {
    expect(verdicts('sgd', { sizes: 'inverse', momentum: 0 })).toEqual(['unknown'])
    expect(verdicts('sgd', { sizes: 'inverse', momentum: 0.9 })).toEqual([false])
    expect(verdicts('sgd', { sizes: 'square-root', momentum: 0 })).toEqual([false])
  })
  test('is an exact verdict after cell descent', () => {
    expect(verdicts('cell-descent', { steps: 2000 })).toEqual([true])
  })
  test('knows that nothing bounds the iterates without weight decay', () => {
    expect(verdicts('iterated-convex', { steps: 2 })[1]).toBe(false)
  })
})
