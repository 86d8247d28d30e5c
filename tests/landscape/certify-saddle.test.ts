import { rational, sign, toNumber, zero } from '@nadir/arithmetic'
import { parseNetwork } from '@nadir/formats'
import { symmetricEigenvalues } from '@nadir/kernels'
import {
  adam,
  asLayered,
  type Certificate,
  certificateText,
  certify,
  dataset,
  denseCurvature,
  empiricalRisk,
  evaluate,
  initialise,
  type LossKind,
  lbfgs,
  lossAndGradient,
  objective,
  type Problem,
  parameterCount,
  randomStream,
  toFloat
} from '@nadir/landscape'
import fc from 'fast-check'
import { checkDocument } from 'nadir-checker'
import { describe, expect, test } from 'vitest'

const accepts = (certificate: Certificate) => checkDocument(certificateText(certificate)).outcome === 'accepted'

const smoothNames = ['tanh', 'sigmoid', 'softplus', 'arctan', 'gelu', 'silu', 'sine'] as const

/** Inputs and targets in tenths; labels 0 and 1 for the losses of classes. */
function problemOf(shape: string, name: string, loss: LossKind, decay: number, seed: number): Problem {
  const random = randomStream(seed)
  const network = parseNetwork(`${shape} ${name}`)
  const m = Number(shape.split('-').at(-1))
  const tenths = () => rational(BigInt(Math.round(20 * random() - 10)), 10n)
  const X = Array.from({ length: 12 }, () => network.inputs.flatMap(() => [tenths(), tenths()]))
  const one = rational(1n)
  const Y = X.map(([a], i) =>
    Array.from({ length: m }, (_, o) => {
      if (loss === 'squared') return tenths()
      const label = a!.numerator > 0n === i > 1 ? 0 : 1
      return m === 1 ? (label === 1 ? one : zero) : label === o ? one : zero
    })
  )
  return empiricalRisk({
    network,
    data: dataset(X, Y),
    loss,
    reduction: 'mean',
    weightDecay: decay === 0 ? zero : rational(1n, BigInt(Math.round(1 / decay)))
  })
}

const layersOf = (problem: Problem) => {
  const layered = asLayered(problem.network)
  if (layered.kind !== 'layered') throw new Error(layered.reason)
  return layered
}

/** Eigenvalues of the Hessian in doubles, ascending. */
const eigenvaluesAt = (problem: Problem, theta: Float64Array): Float64Array =>
  symmetricEigenvalues(denseCurvature(problem, layersOf(problem), theta, 'hessian'), theta.length)

/** Zero parameters, but for the output biases, which gradient descent brings to rest. */
function silent(problem: Problem): Float64Array {
  const { layers } = layersOf(problem)
  const { biasAt, outputs } = layers.at(-1)!
  const theta = new Float64Array(parameterCount(problem.network))
  for (let step = 0; step < 4000; step++) {
    const { gradient } = lossAndGradient(problem, layers, theta)
    for (let o = 0; o < outputs; o++) theta[biasAt! + o] = theta[biasAt! + o]! - 0.5 * gradient[biasAt! + o]!
  }
  return theta
}

const claimOf = (certificate: Certificate | undefined) =>
  certificate?.claim as { readonly kind: string; readonly index?: number } | undefined

describe('training that has stopped at zero weights', () => {
  for (const name of smoothNames)
    for (const [shape, loss, decay] of [
      ['2-3-1', 'squared', 0],
      ['2-3-1', 'squared', 1 / 500],
      ['2-3-1', 'logistic', 0],
      ['2-3-2', 'squared', 1 / 500],
      ['2-3-2', 'cross-entropy', 1 / 500]
    ] as const)
      test(`${name} ${shape}, ${loss}, decay ${decay}: is at a saddle`, () => {
        const problem = problemOf(shape, name, loss, decay, 7)
        const theta = silent(problem)
        const { settled, certificate } = certify(problem, { kind: 'float', values: theta }, { accepts })
        expect(settled?.claim).toBe('saddle')
        // With decay a sigmoid's value at 0 pulls its outgoing weight a little.
        expect(settled!.distance).toBeLessThan(decay === 0 ? 1e-6 : 0.01)
        const there = toFloat(settled!.point).values
        expect(
          Math.max(...lossAndGradient(problem, layersOf(problem).layers, there).gradient.map(Math.abs))
        ).toBeLessThan(1e-12)
        const values = eigenvaluesAt(problem, there)
        const negative = values.filter((x) => x < -1e-12).length
        expect(negative).toBeGreaterThan(0)
        const { kind, index } = claimOf(certificate)!
        expect(kind).toBe('saddle-nearby')
        if (index !== undefined) expect(index).toBe(negative)
      })

  test('two units that training kept equal, with weight decay', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.constantFrom(...smoothNames), (seed, name) => {
        const problem = problemOf('2-2-1', name, 'squared', 1 / 200, seed)
        const theta = initialise(problem.network, randomStream(seed))
        // Two equal units stay equal: gradient descent from there ends at a saddle or at a minimum with equal units.
        const tie = (v: Float64Array) => {
          for (const [a, b] of [
            [0, 2],
            [1, 3],
            [4, 5],
            [6, 7]
          ] as const)
            v[a] = v[b] = (v[a]! + v[b]!) / 2
        }
        tie(theta)
        const risk = objective(problem)
        const tied = {
          ...risk,
          evaluate: (at: Float64Array, gradient: Float64Array) => {
            const value = risk.evaluate(at, gradient)
            tie(gradient)
            return value
          }
        }
        lbfgs(tied, theta, { iterations: 500 })
        const { settled } = certify(problem, { kind: 'float', values: theta }, { accepts })
        const values = eigenvaluesAt(problem, theta)
        if (settled?.claim === 'saddle')
          expect(eigenvaluesAt(problem, toFloat(settled.point).values)[0]).toBeLessThan(0)
        else if (values[0]! < -1e-4 && values.every((x) => Math.abs(x) > 1e-6)) expect(settled?.claim).toBe('saddle')
      }),
      { numRuns: 12 }
    )
  })
})

describe('minima are no saddles', () => {
  test('where training with weight decay ends, a saddle is claimed only where doubles see a negative eigenvalue', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.constantFrom(...smoothNames),
        fc.constantFrom('squared', 'logistic'),
        fc.constantFrom('2-3-1', '2-2-2-1'),
        (seed, name, loss, shape) => {
          const problem = problemOf(shape, name, loss as LossKind, 1 / 100, seed)
          const theta = initialise(problem.network, randomStream(seed))
          adam(objective(problem), theta, { steps: 300, rate: 0.02 })
          lbfgs(objective(problem), theta, { iterations: 300 })
          const verdict = certify(problem, { kind: 'float', values: theta }, { accepts })
          const { settled } = verdict
          if (!settled) return
          const least = eigenvaluesAt(problem, toFloat(settled.point).values)[0]!
          // Trained to a minimum: a saddle only where doubles see one, a minimum only where they see none.
          expect(settled.claim).toBe(least > 0 ? 'local-minimum' : 'saddle')
        }
      ),
      { numRuns: 12 }
    )
  })
})

test('the loss of the saddle is between the bounds', () => {
  const problem = problemOf('2-3-1', 'tanh', 'squared', 1 / 500, 3)
  const theta = silent(problem)
  const { settled } = certify(problem, { kind: 'float', values: theta }, { accepts })
  const { radius, lower } = settled!.within!
  const { samples, approximateInputs, approximateTargets } = problem.data
  let loss = theta.reduce((sum, t) => sum + (t * t) / 1000, 0)
  for (let i = 0; i < samples; i++) {
    const [f] = evaluate(problem.network, theta, approximateInputs.slice(2 * i, 2 * i + 2))
    loss += (f! - approximateTargets[i]!) ** 2 / (2 * samples)
  }
  expect(sign(radius)).toBe(1)
  expect(loss).toBeGreaterThan(toNumber(lower))
  expect(loss).toBeLessThan(toNumber(settled!.loss))
})
