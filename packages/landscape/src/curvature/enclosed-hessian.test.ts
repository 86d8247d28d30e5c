import { rational } from '@nadir/arithmetic'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dataset } from '../data/dataset.ts'
import type { LossKind } from '../loss/loss.ts'
import type { Activation, SmoothName } from '../network/activation.ts'
import { relu } from '../network/activation.ts'
import type { Layer, Network } from '../network/network.ts'
import { empiricalRisk, type Problem } from '../problem.ts'
import { randomStream } from '../random.ts'
import { denseCurvature } from './dense-curvature.ts'
import { enclosedHessian } from './enclosed-hessian.ts'
import { asLayered, type LayeredNetwork } from './layered.ts'

const names: readonly SmoothName[] = [
  'tanh',
  'sigmoid',
  'softplus',
  'gelu',
  'silu',
  'elu',
  'selu',
  'arctan',
  'sine',
  'quadratic'
]

const settings = fc.record({
  seed: fc.integer({ min: 1, max: 1 << 30 }),
  inputs: fc.integer({ min: 1, max: 2 }),
  widths: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 2 }),
  outputs: fc.integer({ min: 1, max: 2 }),
  name: fc.constantFrom<SmoothName | 'relu'>(...names, 'relu'),
  loss: fc.constantFrom<LossKind>('squared', 'logistic', 'cross-entropy'),
  reduction: fc.constantFrom('sum' as const, 'mean' as const),
  decay: fc.boolean()
})
type Setting = typeof settings extends fc.Arbitrary<infer S> ? S : never

function random({ seed, inputs, widths, outputs, name, loss, reduction, decay }: Setting) {
  const draw = randomStream(seed)
  const activation: Activation = name === 'relu' ? relu : { kind: 'smooth', name }
  const network: Network = {
    inputs: [inputs],
    layers: [
      ...widths.flatMap((width): Layer[] => [
        { kind: 'dense', outputs: width, bias: true },
        { kind: 'activation', activation }
      ]),
      { kind: 'dense', outputs, bias: true }
    ]
  }
  const number = () => rational(BigInt(Math.round(40 * draw() - 20)), 10n)
  const labels = () => Array.from({ length: outputs }, (_, o) => rational(o === 0 ? 1n : 0n))
  const rows = Array.from({ length: 5 }, () => Array.from({ length: inputs }, number))
  const targets = rows.map(() => (loss === 'squared' ? labels().map(number) : labels()))
  const problem: Problem = empiricalRisk({
    network,
    data: dataset(rows, targets),
    loss,
    reduction,
    ...(decay ? { weightDecay: rational(1n, 7n) } : {})
  })
  const layered = asLayered(network) as LayeredNetwork
  return { problem, layered, theta: Float64Array.from({ length: layered.parameters }, () => 2 * draw() - 1) }
}

describe('the enclosed Hessian', () => {
  test('is narrow and holds what structured assembly gives', () => {
    fc.assert(
      fc.property(settings, (setting) => {
        const { problem, layered, theta } = random(setting)
        const near = enclosedHessian(problem, layered, theta)
        if ('reason' in near) return expect(near.kind).toBe('on-kink')
        const dense = denseCurvature(problem, layered, theta, 'hessian')
        const size = Math.hypot(...near.matrix)
        expect(near.radius).toBeLessThan(1e-8 * (1 + size))
        const distance = Math.hypot(...dense.map((x, k) => x - near.matrix[k]!))
        expect(distance).toBeLessThan(near.radius + 1e-11 * (1 + size))
      }),
      { numRuns: 80 }
    )
  })

  test('holds the exact Hessian of t -> t^2', () => {
    // R = (v (w x)^2 - y)^2 / 2 at x = 1, y = 0, w = 1/3, v = 3: all entries are known fractions of the doubles.
    const network: Network = {
      inputs: [1],
      layers: [
        { kind: 'dense', outputs: 1, bias: false },
        { kind: 'activation', activation: { kind: 'smooth', name: 'quadratic' } },
        { kind: 'dense', outputs: 1, bias: false }
      ]
    }
    const problem = empiricalRisk({ network, data: dataset([[rational(1n)]], [[rational(0n)]]) })
    const near = enclosedHessian(problem, asLayered(network) as LayeredNetwork, Float64Array.of(0.5, 4))
    if ('reason' in near) throw new Error(near.reason)
    // f = v w^2 = 1: d2/dw2 = (2 v w)^2 + f 2 v = 24, d2/dwdv = 2 v w w^2 + f 2 w = 2, d2/dv2 = w^4 = 1/16.
    const expected = [24, 2, 2, 1 / 16]
    expect(Math.hypot(...expected.map((x, k) => x - near.matrix[k]!))).toBeLessThanOrEqual(near.radius)
    expect(near.radius).toBeLessThan(1e-12)
  })

  test('says why there is none', () => {
    const { problem, layered, theta } = random({
      seed: 3,
      inputs: 1,
      widths: [2],
      outputs: 1,
      name: 'tanh',
      loss: 'squared',
      reduction: 'sum',
      decay: false
    })
    expect(enclosedHessian({ ...problem, loss: 'absolute' }, layered, theta)).toMatchObject({ kind: 'not-enclosed' })
    expect(enclosedHessian(problem, layered, theta, 10)).toMatchObject({ kind: 'too-large' })
    expect(enclosedHessian(problem, layered, theta.fill(1e5))).toMatchObject({ kind: 'not-enclosed' })
  })
})
