import { rational } from '@nadir/arithmetic'
import { jacobiEigen, symmetricEigenvalues } from '@nadir/kernels'
import { describe, expect, it } from 'vitest'
import { activationFunction } from '../network/activation-values.ts'
import type { Problem } from '../problem.ts'
import { objective } from '../training/objective.ts'
import { denseCurvature } from './dense-curvature.ts'
import { extremalEigenvalues } from './lanczos.ts'
import { asLayered, type LayeredNetwork } from './layered.ts'
import { lossAndGradient, preactivations } from './linearization.ts'
import { type CurvatureKind, curvatureOperator, principalBlock } from './operator.ts'
import { spectrum } from './spectrum.ts'
import { piecewiseLinearActivations, randomProblem, smoothActivations } from './testing/random-problem.ts'
import { hutchinsonTrace, structuredTrace, xtrace } from './trace.ts'

const losses = ['squared', 'logistic', 'cross-entropy'] as const
const decay = rational(1n, 10n)

function layered(problem: Problem): LayeredNetwork {
  const network = asLayered(problem.network)
  if (network.kind !== 'layered') throw new Error(network.reason)
  return network
}

/** The twin: central differences of the gradient that training uses. Right to about 1e-7 where no kink lies within reach. */
function hessianByDifferences(problem: Problem, theta: Float64Array): Float64Array {
  const size = theta.length
  const { evaluate } = objective(problem)
  const H = new Float64Array(size * size)
  const step = 2 ** -17
  for (let k = 0; k < size; k++) {
    const [above, below] = [step, -step].map((h) => {
      const moved = Float64Array.from(theta)
      moved[k] = moved[k]! + h
      const gradient = new Float64Array(size)
      evaluate(moved, gradient)
      return gradient
    })
    for (let j = 0; j < size; j++) H[k * size + j] = (above![j]! - below![j]!) / (2 * step)
  }
  return H
}

const largestDifference = (a: Float64Array, b: Float64Array) =>
  a.reduce((worst, x, k) => Math.max(worst, Math.abs(x - b[k]!)), 0)
const largest = (a: Float64Array) => a.reduce((worst, x) => Math.max(worst, Math.abs(x)), 0)

/** The smallest |z| of any unit: differences with a smaller reach stay in the cell. */
function nearestKink(problem: Problem, network: LayeredNetwork, theta: Float64Array): number {
  let input = problem.data.approximateInputs
  let nearest = Number.POSITIVE_INFINITY
  for (const layer of network.layers) {
    const z = preactivations(layer, theta, input, problem.data.samples)
    if (layer.activation) nearest = Math.min(nearest, ...z.map(Math.abs))
    input = layer.activation ? z.map(activationFunction(layer.activation).value) : z
  }
  return nearest
}

describe('structured assembly', () => {
  it('agrees with differences of the gradient on 120 random networks', () => {
    let compared = 0
    for (let seed = 0; seed < 120; seed++) {
      const activations = seed % 3 === 0 ? piecewiseLinearActivations : smoothActivations
      const { problem, theta } = randomProblem(seed, { activations, losses, decay })
      const network = layered(problem)
      const kinked = activations === piecewiseLinearActivations || /elu/.test(JSON.stringify(problem.network))
      if (kinked && nearestKink(problem, network, theta) < 1e-3) continue
      const H = denseCurvature(problem, network, theta, 'hessian')
      const difference = largestDifference(H, hessianByDifferences(problem, theta))
      expect(difference, `seed ${seed}`).toBeLessThan(1e-6 * Math.max(1, largest(H)))
      compared++
    }
    expect(compared).toBeGreaterThanOrEqual(100)
  })

  it('gives the gradient that training uses', () => {
    for (let seed = 0; seed < 30; seed++) {
      const { problem, theta } = randomProblem(seed, { activations: smoothActivations, losses, decay })
      const gradient = new Float64Array(theta.length)
      const loss = objective(problem).evaluate(theta, gradient)
      const ours = lossAndGradient(problem, layered(problem).layers, theta)
      expect(Math.abs(ours.loss - loss)).toBeLessThan(1e-12 * Math.max(1, Math.abs(loss)))
      expect(largestDifference(ours.gradient, gradient)).toBeLessThan(1e-12 * Math.max(1, largest(gradient)))
    }
  })
})

describe('operators', () => {
  const kinds: readonly CurvatureKind[] = ['hessian', 'gauss-newton', 'empirical-fisher']

  it.each(kinds)('%s: products in batches are those of the assembled matrix', (kind) => {
    for (let seed = 0; seed < 24; seed++) {
      const activations = [...smoothActivations, ...piecewiseLinearActivations]
      const { problem, theta } = randomProblem(seed, { activations, losses, decay, width: 10 })
      const network = layered(problem)
      const size = network.parameters
      const matrix = denseCurvature(problem, network, theta, kind)
      const operator = curvatureOperator(problem, network, theta, kind, { batch: 3, memory: seed % 2 ? 0 : 1e9 })
      const block = Array.from({ length: size }, (_, k) => Float64Array.from({ length: size }, (_, j) => +(j === k)))
      const products = operator.multiply(block)
      for (const [k, product] of products.entries())
        expect(largestDifference(product, matrix.subarray(k * size, (k + 1) * size))).toBeLessThan(
          1e-12 * Math.max(1, largest(matrix))
        )
      const layer = network.layers[0]!
      const end = network.layers[1]!.weightAt
      const part = principalBlock(operator, 0, end).multiply([new Float64Array(end).fill(1)])[0]!
      for (let k = 0; k < end; k++) {
        let sum = 0
        for (let j = 0; j < end; j++) sum += matrix[k * size + j]!
        expect(Math.abs(part[k]! - sum)).toBeLessThan(1e-11 * Math.max(1, largest(matrix)))
      }
      expect(layer.weightAt).toBe(0)
    }
  })

  it('multiplies sparse inputs by compressed rows', () => {
    const { problem, theta } = randomProblem(3, { activations: smoothActivations, depth: 1, width: 1, samples: 30 })
    const wide = {
      ...problem,
      network: {
        ...problem.network,
        layers: problem.network.layers.map((l, k) => (k === 0 && l.kind === 'dense' ? { ...l, outputs: 9 } : l))
      }
    }
    const inputs = problem.data.approximateInputs.map((x, k) => (k % 4 === 0 ? x : 0))
    const sparse = { ...wide, data: { ...problem.data, approximateInputs: inputs } }
    const network = layered(sparse)
    const point = Float64Array.from({ length: network.parameters }, (_, k) => Math.sin(k + theta[0]!))
    const matrix = denseCurvature(sparse, network, point, 'hessian')
    const operator = curvatureOperator(sparse, network, point, 'hessian')
    const v = point.map(Math.cos)
    const product = operator.multiply([v])[0]!
    const size = network.parameters
    for (let k = 0; k < size; k++) {
      let sum = 0
      for (let j = 0; j < size; j++) sum += matrix[k * size + j]! * v[j]!
      expect(Math.abs(product[k]! - sum)).toBeLessThan(1e-11 * largest(matrix))
    }
  })

  it('is the Fisher information where there is one', () => {
    const { problem, theta } = randomProblem(5, { activations: smoothActivations, losses: ['cross-entropy'] })
    const network = layered(problem)
    const fisher = denseCurvature(problem, network, theta, 'fisher')
    expect(fisher).toEqual(denseCurvature(problem, network, theta, 'gauss-newton'))
    // By definition: the mean over labels drawn from the model of the outer products of gradients.
    const { data } = problem
    const m = data.targetCount
    const size = theta.length
    const sum = new Float64Array(size * size)
    for (let label = 0; label < m; label++) {
      for (let i = 0; i < data.samples; i++) {
        const one = {
          ...problem,
          reduction: 'sum' as const,
          data: {
            ...data,
            samples: 1,
            approximateInputs: data.approximateInputs.slice(i * data.inputCount, (i + 1) * data.inputCount),
            approximateTargets: Float64Array.from({ length: m }, (_, o) => +(o === label))
          }
        }
        const { loss, gradient } = lossAndGradient(one, network.layers, theta)
        const weight = Math.exp(-loss) * (problem.reduction === 'mean' ? 1 / data.samples : 1)
        for (let a = 0; a < size; a++)
          for (let b = 0; b < size; b++) sum[a * size + b] = sum[a * size + b]! + weight * gradient[a]! * gradient[b]!
      }
    }
    expect(largestDifference(sum, fisher)).toBeLessThan(1e-12 * Math.max(1, largest(fisher)))
  })
})

describe('figures from products', () => {
  it('finds both ends of the spectrum within the stated radii', () => {
    for (let seed = 0; seed < 60; seed++) {
      const { problem, theta } = randomProblem(seed, { activations: smoothActivations, losses, width: 8 })
      const network = layered(problem)
      const size = network.parameters
      const values = symmetricEigenvalues(denseCurvature(problem, network, theta, 'hessian'), size)
      const found = extremalEigenvalues(curvatureOperator(problem, network, theta, 'hessian'), {
        largest: 2,
        smallest: 2,
        seed
      })
      const scale = Math.max(Math.abs(values[0]!), values[size - 1]!)
      expect(Math.abs(found.largest[0]!.value - values[size - 1]!)).toBeLessThan(1e-10 * scale)
      expect(Math.abs(found.smallest[0]!.value - values[0]!)).toBeLessThan(1e-10 * scale)
      for (const { value, error } of [...found.largest, ...found.smallest]) {
        const distance = values.reduce((nearest, x) => Math.min(nearest, Math.abs(x - value)), Number.POSITIVE_INFINITY)
        expect(distance).toBeLessThanOrEqual(error + 1e-12 * Math.max(1, scale))
      }
    }
  })

  it('radii hold before convergence', () => {
    for (let seed = 0; seed < 20; seed++) {
      const { problem, theta } = randomProblem(seed, { activations: smoothActivations, width: 12, depth: 2 })
      const network = layered(problem)
      const values = symmetricEigenvalues(denseCurvature(problem, network, theta, 'hessian'), network.parameters)
      const operator = curvatureOperator(problem, network, theta, 'hessian')
      const found = extremalEigenvalues(operator, { largest: 3, smallest: 3, steps: 8, seed })
      for (const { value, error } of [...found.largest, ...found.smallest])
        expect(values.some((x) => Math.abs(x - value) <= error)).toBe(true)
    }
  })

  it('the structured trace is within its rounding bound', () => {
    for (let seed = 0; seed < 60; seed++) {
      const activations = [...smoothActivations, ...piecewiseLinearActivations]
      const { problem, theta } = randomProblem(seed, { activations, losses, decay })
      const network = layered(problem)
      const size = network.parameters
      for (const kind of ['hessian', 'gauss-newton'] as const) {
        const matrix = denseCurvature(problem, network, theta, kind)
        let sum = 0
        for (let k = 0; k < size; k++) sum += matrix[k * (size + 1)]!
        const trace = structuredTrace(problem, network, theta, kind)!
        expect(Math.abs(trace.value - sum)).toBeLessThanOrEqual(trace.error)
        expect(trace.error).toBeLessThan(1e-10 * Math.max(1, largest(matrix) * size))
      }
    }
  })

  it('95 % intervals of both estimators cover the trace at least nine times in ten', () => {
    const { problem, theta } = randomProblem(4, { activations: smoothActivations, depth: 2, width: 16, samples: 40 })
    const network = layered(problem)
    const size = network.parameters
    expect(size).toBeGreaterThan(30)
    const operator = curvatureOperator(problem, network, theta, 'hessian')
    const truth = structuredTrace(problem, network, theta, 'hessian')!.value
    const runs = 200
    const covered = { hutchinson: 0, xtrace: 0 }
    const width = { hutchinson: 0, xtrace: 0 }
    for (let seed = 0; seed < runs; seed++) {
      for (const [name, trace] of [
        ['hutchinson', hutchinsonTrace(operator, { probes: 16, seed: 1000 * seed })],
        ['xtrace', xtrace(operator, { probes: 8, seed: 1000 * seed })]
      ] as const) {
        if (Math.abs(trace.value - truth) <= trace.error) covered[name]++
        width[name] += trace.error / runs
        expect(trace.products).toBe(16)
      }
    }
    expect(covered.hutchinson).toBeGreaterThan(0.9 * runs)
    expect(covered.xtrace).toBeGreaterThan(0.9 * runs)
    expect(width.xtrace).toBeLessThan(width.hutchinson)
  })

  it('xtrace is exact when the rank is below the number of probes', () => {
    const { problem, theta } = randomProblem(2, { activations: smoothActivations, samples: 4, width: 8, depth: 2 })
    const network = layered(problem)
    const operator = curvatureOperator(problem, network, theta, 'gauss-newton')
    const truth = structuredTrace(problem, network, theta, 'gauss-newton')!.value
    const trace = xtrace(operator, { probes: 12 })
    expect(Math.abs(trace.value - truth)).toBeLessThanOrEqual(1e-10 * Math.abs(truth))
    expect(trace.error).toBeLessThan(1e-9 * Math.abs(truth))
  })
})

describe('figures from all eigenvalues', () => {
  it('rotations by Jacobi find the same eigenvalues within the stated error, on 100 random networks', () => {
    const activations = [...smoothActivations, ...piecewiseLinearActivations]
    for (let seed = 0; seed < 100; seed++) {
      const { problem, theta } = randomProblem(seed + 900, {
        activations,
        losses,
        width: 3,
        depth: 1 + (seed % 2)
      })
      const found = spectrum(problem, { kind: 'float', values: theta }, { stop: () => true })
      if (found.kind !== 'spectrum') throw new Error(found.reason)
      const network = layered(problem)
      const matrix = denseCurvature(problem, network, theta, 'hessian')
      const { values } = jacobiEigen(matrix, network.parameters)
      const { error } = found.largest[0]!
      for (const [k, value] of values.entries())
        expect(Math.abs(value - found.eigenvalues![k]!)).toBeLessThanOrEqual(error)
      const trace = values.reduce((sum, x) => sum + x, 0)
      expect(Math.abs(trace - found.trace!.value)).toBeLessThanOrEqual(found.trace!.error)
    }
  })
})
