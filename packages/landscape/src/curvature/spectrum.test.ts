import {
  add,
  entry,
  fromNumber,
  inertiaOf,
  multiply,
  nullSpace,
  overCommonDenominator,
  quadraticForm,
  type Rational,
  rational,
  timesVector,
  toNumber
} from '@nadir/arithmetic'
import { symmetricEigen } from '@nadir/kernels'
import { describe, expect, it } from 'vitest'
import { evaluateExactly } from '../cells/exact-evaluation.ts'
import { dataset } from '../data/dataset.ts'
import { type Activation, absoluteValue, leakyRelu, relu, type SmoothName } from '../network/activation.ts'
import { activationFunction } from '../network/activation-values.ts'
import { evaluate } from '../network/evaluate.ts'
import type { Network } from '../network/network.ts'
import { toExact } from '../point.ts'
import { empiricalRisk, type Problem } from '../problem.ts'
import { randomStream } from '../random.ts'
import { secondDerivative } from './activation-curvature.ts'
import { activationRow } from './activation-table.ts'
import { exactCell } from './exact-cell.ts'
import { exactHessian } from './exact-hessian.ts'
import { asLayered, type LayeredNetwork } from './layered.ts'
import { causes } from './null-candidates.ts'
import type { Attribution } from './null-space-attribution.ts'
import { prune } from './prune.ts'
import { spectrum } from './spectrum.ts'
import type { Spectrum } from './spectrum-report.ts'
import { secondDerivativeSign } from './statements.ts'
import { piecewiseLinearActivations, randomProblem, smoothActivations } from './testing/random-problem.ts'
import { activationZeros } from './testing/reference-points.ts'
import { nearestDoubles, verifiedSigns } from './verified-signs.ts'

const smooth = (name: SmoothName): Activation => ({ kind: 'smooth', name })

function oneHidden(activation: Activation, inputs: number, units: number): Network {
  return {
    inputs: [inputs],
    layers: [
      { kind: 'dense', outputs: units, bias: true },
      { kind: 'activation', activation },
      { kind: 'dense', outputs: 1, bias: true }
    ]
  }
}

function done(problem: Problem, theta: Float64Array, options = {}): Spectrum {
  const result = spectrum(problem, { kind: 'float', values: theta }, options)
  if (result.kind !== 'spectrum') throw new Error(result.reason)
  return result
}

const named = (a: Attribution) => Object.fromEntries(Object.entries(a).filter(([, count]) => count !== 0))

describe('activation table', () => {
  it('isolated zeros agree with 30 known digits', () => {
    const rows = { silu: activationRow(smooth('silu')), gelu: activationRow(smooth('gelu')) }
    const first = (set: ReturnType<typeof activationRow>['value']) => (set.kind === 'points' ? set : undefined)!
    for (const [set, digits] of [
      [first(rows.silu.derivative), activationZeros.silu_dsigma_zero],
      [first(rows.gelu.derivative), activationZeros.gelu_dsigma_zero],
      [first(rows.silu.secondDerivative), activationZeros.silu_d2_zero]
    ] as const) {
      expect(set.digits).toBe(digits)
      expect(Math.abs(set.points[0]! - Number(digits))).toBeLessThan(1e-15 * 4)
    }
    expect(first(rows.gelu.secondDerivative).points[0]).toBeCloseTo(Math.SQRT2, 14)
    const at = (name: SmoothName, text: string) => activationFunction(smooth(name)).value(Number(text))
    expect(at('silu', activationZeros.silu_dsigma_zero)).toBeCloseTo(Number(activationZeros.silu_min), 14)
    expect(at('gelu', activationZeros.gelu_dsigma_zero)).toBeCloseTo(Number(activationZeros.gelu_min), 14)
  })

  it('zero sets hold: the functions vanish there and nowhere between', () => {
    const inside = (set: ReturnType<typeof activationRow>['value'], t: number) => {
      switch (set.kind) {
        case 'negative':
          return t < 0
        case 'positive':
          return t > 0
        case 'everywhere':
          return true
        case 'off-zero':
          return t !== 0
        case 'points':
          return set.points.some((p) => Math.abs(p - t) < 1e-9)
        case 'progression':
          return Math.abs(Math.sin(((t - set.start) * Math.PI) / set.step)) < 1e-9
        default:
          return false
      }
    }
    for (const activation of [...smoothActivations, ...piecewiseLinearActivations]) {
      const row = activationRow(activation)
      const { value, derivative } = activationFunction(activation)
      const second = secondDerivative(activation) ?? (() => 0)
      for (const [set, f] of [
        [row.value, value],
        [row.derivative, derivative],
        [row.secondDerivative, second]
      ] as const) {
        const probes = Array.from({ length: 401 }, (_, k) => (k - 200) / 50 + 0.0007)
        const listed = set.kind === 'points' ? set.points : set.kind === 'progression' ? [set.start + set.step] : []
        for (const t of [...probes, ...listed])
          if (inside(set, t)) expect(Math.abs(f(t))).toBeLessThan(1e-14)
          else expect(Math.abs(f(t))).toBeGreaterThan(0)
        // Between isolated zeros the sign is constant.
        if (set.kind === 'points' && activation.kind === 'smooth') {
          const cuts = [-4, ...set.points.toSorted((a, b) => a - b), 4]
          for (let k = 1; k < cuts.length; k++) {
            const signs = probes
              .filter((t) => t > cuts[k - 1]! + 1e-6 && t < cuts[k]! - 1e-6)
              .map((t) => Math.sign(f(t)))
            expect(new Set(signs.filter((s) => s !== 0)).size).toBeLessThanOrEqual(1)
          }
        }
      }
    }
  })

  it('signs of second derivatives are those of the doubles', () => {
    for (const activation of smoothActivations)
      for (let k = -60; k <= 60; k++) {
        const b = rational(BigInt(k), 20n)
        const claimed = secondDerivativeSign(activation, b)
        if (claimed !== undefined) expect(Math.sign(secondDerivative(activation)!(k / 20))).toBe(claimed)
      }
  })

  it('predictions follow from the zero sets', () => {
    expect(activationRow(relu).predictions).toEqual(
      expect.arrayContaining(['dead-units', 'positive-scaling', 'affine-segment-minima'])
    )
    expect(activationRow(leakyRelu()).predictions).not.toContain('dead-units')
    expect(activationRow(smooth('tanh')).predictions).toEqual([
      'saddle-at-zero-weights',
      'constant-output-minima',
      'mirrored-units'
    ])
    expect(activationRow(smooth('silu')).predictions).toContain('stationary-at-extrema')
    expect(activationRow(smooth('softplus')).predictions).not.toContain('saddle-at-zero-weights')
    expect(activationRow(undefined).predictions).toContain('linear-mixing')
  })
})

/** Short random dyadic numbers. */
function shortNumbers(count: number, seed: number): Float64Array {
  const random = randomStream(seed)
  return Float64Array.from({ length: count }, () => Math.round((2 * random() - 1) * 64) / 16)
}

function points(count: number, dimension: number, seed: number): Rational[][] {
  const flat = Array.from(shortNumbers(count * dimension, seed), fromNumber)
  return Array.from({ length: count }, (_, i) => flat.slice(i * dimension, (i + 1) * dimension))
}

/** A problem whose targets are the exact outputs of the network: a global minimum with zero loss. */
function fitted(network: Network, theta: Float64Array, X: Rational[][]): Problem {
  const zeros = dataset(
    X,
    X.map(() => [rational(0n)])
  )
  const values = evaluateExactly(
    empiricalRisk({ network, data: zeros }),
    toExact(network, { kind: 'float', values: theta })
  ).values.at(-1)!
  const flat = values.rows.map((row) => rational(row[0]!, values.denominator))
  return empiricalRisk({
    network,
    data: dataset(
      X,
      flat.map((y) => [y])
    )
  })
}

describe('proofs for piecewise linear networks', () => {
  it('nullity, inertia and causes at fitted points of deep networks equal those of elimination', () => {
    let proved = 0
    for (let seed = 0; seed < 24; seed++) {
      const activation = [relu, leakyRelu(rational(1n, 4n)), absoluteValue][seed % 3]!
      const depth = 1 + (seed % 2)
      const layers = Array.from({ length: depth }, (_, l) => [
        { kind: 'dense' as const, outputs: 3 - l, bias: true },
        { kind: 'activation' as const, activation }
      ]).flat()
      const network: Network = { inputs: [2], layers: [...layers, { kind: 'dense', outputs: 1, bias: true }] }
      const size = (asLayered(network) as LayeredNetwork).parameters
      const theta = shortNumbers(size, seed)
      const X = points(12, 2, seed + 100)
      const problem = fitted(network, theta, X)
      const cell = exactCell(
        problem,
        asLayered(network) as LayeredNetwork,
        toExact(network, { kind: 'float', values: theta })
      )
      if (cell.kind !== 'cell' || cell.kinks.length > 0) continue
      const exact = exactHessian(problem, asLayered(network) as LayeredNetwork, cell)
      if (exact.kind !== 'exact') throw new Error(exact.reason)
      const found = done(problem, theta)
      const twin = inertiaOf(exact.hessian)
      expect(found.nullity).toMatchObject({ value: twin.zero, proved: true, exact: twin.zero })
      expect(found.inertia).toEqual({ ...twin, proved: true })
      expect(Object.values(found.causes).reduce((a, b) => a + b)).toBe(twin.zero)
      expect(twin.zero).toBe(nullSpace(exact.hessian).basis.length)
      if (!('nullVectors' in found.exact)) throw new Error('no exact part')
      for (const v of found.exact.nullVectors) expect(timesVector(exact.hessian, v).every((x) => x === 0n)).toBe(true)
      proved++
    }
    expect(proved).toBeGreaterThan(15)
  })

  it('names what was built in: dead, silent, duplicated and unused', () => {
    const network = oneHidden(relu, 2, 5)
    // Units: two live, one dead, one copy of the first, one with zero outgoing weight. The third input column is missing: x_2 = 0.
    const theta = Float64Array.from([
      ...[1, 0.5, -1, 0.75, -1, 0, 1, 0.5, 0.5, 0.25],
      ...[0.25, 0.75, -9, 0.25, 0.625],
      ...[1, -2, 1, 0.5, 0],
      0.25
    ])
    const X = Array.from({ length: 9 }, (_, i) => [rational(BigInt(i - 4), 2n), rational(0n)])
    const problem = fitted(network, theta, X)
    const { causes: found, nullity, illPosedness: report, statements } = done(problem, theta)
    expect(nullity.proved).toBe(true)
    expect(found['dead-units']).toBe(4)
    expect(found['inputs-not-spanning']).toBe(4)
    expect(found['zero-outgoing']).toBe(2)
    expect(found['positive-scaling']).toBe(3)
    expect(Object.values(found).reduce((a, b) => a + b)).toBe(nullity.value)
    expect(found.remaining).toBe(0)
    expect(statements.map((s) => [s.id, s.unit])).toEqual(
      expect.arrayContaining([
        ['S0', 2],
        ['S1', 4]
      ])
    )
    expect(report!.pruned!.removed.map((r) => [r.unit, r.cause]).sort()).toEqual([
      [2, 'dead-units'],
      [3, 'duplicates'],
      [4, 'zero-outgoing']
    ])
    // Weights on the second input change nothing: the data say nothing about them.
    const blind = report!.unidentified.filter((p) => p.layer === 0 && p.input === 1 && p.share > 0.999)
    expect(blind).toHaveLength(5)
  })

  it('certifies negative curvature by a rational direction', () => {
    let found = 0
    for (let seed = 0; seed < 30; seed++) {
      const { problem, theta } = randomProblem(seed, { activations: [relu, leakyRelu()], width: 5, samples: 8 })
      const network = asLayered(problem.network) as LayeredNetwork
      const result = done(problem, theta)
      const claim = result.negativeCurvature
      if (result.eigenvalues![0]! < -1e-6 && result.kinks.pairs === 0) expect(claim).toBeDefined()
      if (!claim) continue
      const cell = exactCell(problem, network, toExact(problem.network, { kind: 'float', values: theta }))
      if (cell.kind !== 'cell') throw new Error(cell.reason)
      const exact = exactHessian(problem, network, cell)
      if (exact.kind !== 'exact') throw new Error(exact.reason)
      const { direction, value } = claim
      const form = rational(
        quadraticForm(exact.hessian, direction.numerators),
        exact.denominator * direction.denominator ** 2n
      )
      expect(form).toEqual(value)
      expect(value.numerator < 0n).toBe(true)
      found++
    }
    expect(found).toBeGreaterThan(10)
  })

  it('on a kink there is no exact Hessian and the report says how many samples are near', () => {
    const network = oneHidden(relu, 1, 1)
    const theta = Float64Array.from([1, -0.5, 1, 0])
    const X = [0, 0.5, 0.5000001, 1].map((x) => [fromNumber(x)])
    const problem = empiricalRisk({ network, data: dataset(X, X) })
    const found = done(problem, theta)
    expect(found.kinks).toMatchObject({ pairs: 1, samples: 1, decided: true, samplesWithinReach: 2, nearest: 0 })
    expect(found.exact).toMatchObject({ kind: 'on-kink' })
    expect(found.nullity.proved).toBe(false)
    expect(done(problem, theta, { reach: 1 }).kinks.samplesWithinReach).toBe(4)
  })

  it('verified signs never exceed the true inertia, and reach it off the null space', () => {
    for (let seed = 0; seed < 20; seed++) {
      const { problem, theta } = randomProblem(seed, { activations: piecewiseLinearActivations, width: 4 })
      const network = asLayered(problem.network) as LayeredNetwork
      const cell = exactCell(problem, network, toExact(problem.network, { kind: 'float', values: theta }))
      if (cell.kind !== 'cell') throw new Error(cell.reason)
      const exact = exactHessian(problem, network, cell)
      if (exact.kind !== 'exact') continue
      const truth = inertiaOf(exact.hessian)
      const near = nearestDoubles(exact.hessian, exact.denominator)
      const size = near.size
      const { vectors } = symmetricEigen(near.matrix, size)
      const rows = Array.from({ length: size }, (_, k) => vectors.subarray(k * size, (k + 1) * size))
      const random = randomStream(seed)
      const any = Array.from({ length: size }, () => Float64Array.from({ length: size }, () => random() - 0.5))
      for (const choice of [rows, any, rows.slice(0, 3), []]) {
        const signs = verifiedSigns(near, choice)
        expect(signs.positive).toBeLessThanOrEqual(truth.positive)
        expect(signs.negative).toBeLessThanOrEqual(truth.negative)
      }
      const all = verifiedSigns(near, rows)
      expect(all.positive + all.negative).toBeGreaterThan(0)
      // A radius as large as the matrix leaves nothing to prove.
      expect(verifiedSigns({ ...near, radius: 1e6 }, rows)).toEqual({ positive: 0, negative: 0 })
    }
  })
})

describe('causes in general', () => {
  it('never name more than there is, and nothing at generic points of smooth networks', () => {
    for (let seed = 0; seed < 40; seed++) {
      const { problem, theta } = randomProblem(seed, { activations: smoothActivations, samples: 30, width: 3 })
      const { causes: found, nullity } = done(problem, theta)
      const total = causes.reduce((sum, c) => sum + found[c], 0)
      expect(total + found.remaining).toBe(nullity.value)
      expect(found.remaining).toBeGreaterThanOrEqual(0)
    }
  })

  /** Rank lost by a planted cause at zero misfit, for input dimension d: the table of expected losses. */
  it('planted causes lose the rank that theory says, for several outputs and activations', () => {
    const d = 2
    const random = randomStream(77)
    const plant = (name: SmoothName, change: (w: number[][], b: number[], v: number[][]) => void, m: number) => {
      const units = 3
      const w = Array.from({ length: units }, () => [random() * 2 - 1, random() * 2 - 1])
      const b = Array.from({ length: units }, () => random() - 0.5)
      const v = Array.from({ length: m }, () => Array.from({ length: units }, () => 0.5 + random()))
      change(w, b, v)
      const network: Network = {
        inputs: [d],
        layers: [
          { kind: 'dense', outputs: units, bias: true },
          { kind: 'activation', activation: smooth(name) },
          { kind: 'dense', outputs: m, bias: true }
        ]
      }
      const theta = Float64Array.from([...w.flat(), ...b, ...v.flat(), ...Array.from({ length: m }, () => random())])
      const X = Array.from({ length: 60 }, () => [fromNumber(4 * random() - 2), fromNumber(4 * random() - 2)])
      const Y = X.map((x) => Array.from(evaluate(network, theta, Float64Array.from(x, toNumber)), fromNumber))
      const { causes: found, nullity } = done(empiricalRisk({ network, data: dataset(X, Y) }), theta)
      expect(found.remaining, name).toBe(0)
      expect(nullity.value).toBe(causes.reduce((sum, c) => sum + found[c], 0))
      return named(found)
    }
    const copy = (sign: number) => (w: number[][], b: number[], v: number[][]) => {
      w[1] = w[0]!.map((x) => sign * x)
      b[1] = sign * b[0]!
      if (v.length > 1) for (const row of v) row[1] = 2 * row[0]!
    }
    expect(plant('tanh', copy(1), 1)).toEqual({ duplicates: d + 2 })
    expect(plant('tanh', copy(1), 2)).toEqual({ duplicates: d + 1 + 2 })
    expect(plant('tanh', copy(-1), 1)).toEqual({ mirrored: d + 2 })
    expect(plant('sigmoid', copy(-1), 2)).toEqual({ mirrored: d + 1 + 2 })
    expect(plant('arctan', copy(-1), 1)).toEqual({ mirrored: d + 2 })
    expect(plant('softplus', copy(-1), 1)).toEqual({ mirrored: 2 })
    expect(plant('gelu', copy(-1), 2)).toEqual({ mirrored: 2 })
    expect(plant('gelu-tanh', copy(-1), 1)).toEqual({ mirrored: 2 })
    expect(
      plant(
        'silu',
        (_, __, v) => {
          for (const row of v) row[2] = 0
        },
        1
      )
    ).toEqual({ 'zero-outgoing': d + 1 })
    expect(
      plant(
        'tanh',
        (w) => {
          w[2] = [0, 0]
        },
        1
      )
    ).toEqual({ 'constant-units': 2 })
  })

  it('name the null space of the Jacobian at any point, critical or not', () => {
    for (let seed = 0; seed < 40; seed++) {
      const { problem, theta } = randomProblem(seed, {
        activations: [relu, leakyRelu(), smooth('tanh')],
        losses: ['squared', 'cross-entropy', 'logistic'],
        width: 5,
        samples: 4 + seed
      })
      const { illPosedness: report, parameters } = done(problem, theta)
      const { jacobianRank, causes: found } = report!
      const total = causes.reduce((sum, c) => sum + found[c], 0)
      expect(found.remaining).toBeGreaterThanOrEqual(0)
      expect(total + found.remaining).toBe(parameters - jacobianRank)
      expect(found['shared-output-shift']).toBe(0)
    }
  })

  it('cross-entropy does not see a common shift of the outputs', () => {
    const { problem, theta } = randomProblem(3, {
      activations: [smooth('tanh')],
      losses: ['cross-entropy'],
      depth: 1,
      width: 3,
      samples: 40
    })
    const network = asLayered(problem.network) as LayeredNetwork
    const { causes: found, nullity } = done(problem, theta)
    const shifts = network.layers[1]!.inputs + (network.layers[1]!.biasAt === undefined ? 0 : 1)
    expect(network.layers[1]!.activation).toBeUndefined()
    expect(named(found)).toEqual({ 'shared-output-shift': shifts })
    expect(nullity.value).toBe(shifts)
    expect(done(problem, theta, { denseLimit: 0, probes: 1, steps: 3 }).nullity.value).toBe(shifts)
  })

  it('deep piecewise linear: one null direction for each live hidden unit', () => {
    const network: Network = {
      inputs: [2],
      layers: [
        { kind: 'dense', outputs: 4, bias: true },
        { kind: 'activation', activation: leakyRelu(rational(1n, 2n)) },
        { kind: 'dense', outputs: 3, bias: true },
        { kind: 'activation', activation: leakyRelu(rational(1n, 2n)) },
        { kind: 'dense', outputs: 1, bias: true }
      ]
    }
    const theta = shortNumbers(31, 5)
    const X = points(80, 2, 9)
    const { causes: found, nullity } = done(fitted(network, theta, X), theta)
    expect(nullity.proved).toBe(true)
    expect(found['positive-scaling']).toBe(7)
    expect(nullity.value).toBe(7)
  })
})

describe('pruning', () => {
  it('keeps the outputs, exactly, and the rank of the Jacobian as predicted', () => {
    let removals = 0
    for (let seed = 0; seed < 40; seed++) {
      const activation = [relu, leakyRelu(), absoluteValue, smooth('tanh'), smooth('sigmoid')][seed % 5]!
      const { problem, theta } = randomProblem(seed, {
        activations: [activation],
        width: 6,
        samples: 10,
        depth: 1 + (seed % 2)
      })
      const network = asLayered(problem.network) as LayeredNetwork
      // Plant a copy, a mirror image and a silent unit where there is room.
      const first = network.layers[0]!
      const set = (to: number, from: number, sign: number) => {
        for (let k = 0; k < first.inputs; k++)
          theta[first.weightAt + to * first.inputs + k] = sign * theta[first.weightAt + from * first.inputs + k]!
        if (first.biasAt !== undefined) theta[first.biasAt + to] = sign * theta[first.biasAt + from]!
      }
      if (first.outputs > 2) set(2, 0, 1)
      if (first.outputs > 3) set(3, 1, -1)
      const above = network.layers[1]!
      if (first.outputs > 4) for (let k = 0; k < above.outputs; k++) theta[above.weightAt + k * above.inputs + 4] = 0
      const smaller = prune(problem, { kind: 'float', values: theta })
      if (smaller.kind !== 'pruned') throw new Error(smaller.reason)
      removals += smaller.removed.length
      const difference = smaller.identity.kind === 'by-identity' ? smaller.identity.largestDifference : 0
      expect(difference).toBeLessThan(1e-12)
      if (activation.kind === 'two-slope') {
        expect(smaller.identity.kind).toBe('equal-on-data')
        const before = evaluateExactly(problem, toExact(problem.network, { kind: 'float', values: theta }))
        expect(evaluateExactly(smaller.problem, smaller.point).loss).toEqual(before.loss)
      }
      const report = done(problem, theta).illPosedness!
      const advised = report.advice.filter((a) => a.action === 'remove-unit' || a.action === 'merge-units')
      expect(advised).toHaveLength(smaller.removed.length)
      const last = advised.at(-1)
      if (!last) continue
      const after = spectrum(smaller.problem, smaller.point)
      if (after.kind !== 'spectrum') throw new Error(after.reason)
      expect(after.parameters).toBe(last.parametersAfter)
      expect(after.illPosedness!.jacobianRank, `seed ${seed}`).toBe(last.rankAfter)
    }
    expect(removals).toBeGreaterThan(40)
  })

  it('merges units of one pattern although their weights differ', () => {
    const network = oneHidden(relu, 1, 2)
    const theta = Float64Array.from([1, 2, 1, 3, 1, 2, 0])
    const X = [1, 2, 5].map((x) => [rational(BigInt(x))])
    const problem = fitted(network, theta, X)
    const smaller = prune(problem, { kind: 'float', values: theta })
    if (smaller.kind !== 'pruned') throw new Error(smaller.reason)
    expect(smaller.removed).toEqual([{ layer: 0, unit: 1, cause: 'shared-pattern', into: 0 }])
    expect(smaller.identity).toEqual({ kind: 'equal-on-data', samples: 3 })
    expect(entry(smaller.point.tensors[0]!, 0)).toEqual(add(rational(1n), multiply(rational(2n), rational(2n))))
    expect(overCommonDenominator([rational(7n)])).toEqual(smaller.point.tensors[1])
  })
})

describe('large networks', () => {
  it('Lanczos, trace and density agree with all eigenvalues', () => {
    for (let seed = 0; seed < 6; seed++) {
      const { problem, theta } = randomProblem(seed + 200, {
        activations: [smooth('tanh'), relu],
        samples: 40,
        width: 9
      })
      const full = done(problem, theta)
      const sketch = done(problem, theta, { denseLimit: 0, largest: 3, smallest: 2, steps: 40, probes: 3 })
      const scale = Math.max(Math.abs(full.largest[0]!.value), Math.abs(full.smallest[0]!.value))
      expect(Math.abs(sketch.largest[0]!.value - full.largest[0]!.value)).toBeLessThan(1e-9 * scale)
      expect(Math.abs(sketch.smallest[0]!.value - full.smallest[0]!.value)).toBeLessThan(1e-9 * scale)
      expect(Math.abs(sketch.trace!.value - full.trace!.value)).toBeLessThanOrEqual(
        sketch.trace!.error + full.trace!.error
      )
      expect(sketch.nullity.kind).toBe('at-least')
      expect(sketch.nullity.value).toBeLessThanOrEqual(full.nullity.value)
      expect(sketch.unfinished).toEqual([])
    }
  })

  it('stops when asked and says what is missing', () => {
    const { problem, theta } = randomProblem(7, { activations: [smooth('tanh')], width: 9, depth: 2 })
    let asked = 0
    const part = done(problem, theta, { denseLimit: 0, stop: () => ++asked > 12 })
    expect(part.unfinished).toContain('density')
    expect(part.largest.length).toBeGreaterThan(0)
    const none = done(problem, theta, { denseLimit: 0, stop: () => true })
    expect(none.unfinished).toEqual(['extremes', 'trace', 'density'])
  })

  it('stopped as often as you like and resumed, gives the numbers of one run', () => {
    for (let seed = 0; seed < 8; seed++) {
      const { problem, theta } = randomProblem(seed + 300, {
        activations: [smooth('tanh'), relu],
        width: 9,
        samples: 20
      })
      const options = { denseLimit: 0, largest: 2, smallest: 2, steps: 15, probes: 3, seed, perLayer: true }
      const whole = done(problem, theta, options)
      expect(whole.rest).toBeUndefined()
      let part: Spectrum | undefined
      let visits = 0
      do {
        let asked = 0
        const stop = () => ++asked > 3 + ((seed + visits) % 9)
        part = done(problem, theta, { ...options, stop, resume: part?.rest })
        expect(++visits).toBeLessThan(200)
      } while (part.rest && !(part.unfinished.length === 1 && part.unfinished[0] === 'layers'))
      const last = done(problem, theta, { ...options, resume: part.rest })
      for (const key of ['largest', 'smallest', 'trace', 'rules', 'density', 'layers'] as const)
        if (part.rest) expect(last[key]).toEqual(whole[key])
      expect(visits).toBeGreaterThan(2)
    }
  })

  it('layers one by one: their ends and traces are those of the blocks', () => {
    for (let seed = 0; seed < 6; seed++) {
      const { problem, theta } = randomProblem(seed + 400, { activations: [relu], width: 7, samples: 25, depth: 2 })
      const full = done(problem, theta)
      const sketch = done(problem, theta, { denseLimit: 0, probes: 1, steps: 5, perLayer: true })
      for (const [l, layer] of full.layers.entries()) {
        const scale = Math.max(1e-12, Math.abs(layer.largest), Math.abs(layer.smallest))
        expect(Math.abs(sketch.layers[l]!.largest - layer.largest)).toBeLessThan(1e-5 * scale)
        expect(Math.abs(sketch.layers[l]!.smallest - layer.smallest)).toBeLessThan(1e-5 * scale)
        expect(Math.abs(sketch.layers[l]!.trace! - layer.trace!)).toBeLessThan(1e-9 * scale * layer.parameters)
      }
    }
  })
})
