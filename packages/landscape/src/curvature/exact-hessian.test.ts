import {
  add,
  divide,
  entry,
  multiply,
  overCommonDenominator,
  type Rational,
  rational,
  subtract,
  toNumber,
  zero
} from '@nadir/arithmetic'
import { describe, expect, it } from 'vitest'
import { decayMask } from '../loss/approximate-loss.ts'
import { type Activation, leakyRelu, relu, twoSlope } from '../network/activation.ts'
import { parameterShapes, tensorSize } from '../network/network.ts'
import { type ExactPoint, toExact } from '../point.ts'
import type { Problem } from '../problem.ts'
import { randomStream } from '../random.ts'
import { denseCurvature } from './dense-curvature.ts'
import { type ExactCell, exactCell } from './exact-cell.ts'
import { exactHessian } from './exact-hessian.ts'
import { asLayered, type LayeredNetwork } from './layered.ts'
import { lossAndGradient } from './linearization.ts'
import { piecewiseLinearActivations, randomProblem } from './testing/random-problem.ts'

function setting(problem: Problem, theta: Float64Array) {
  const network = asLayered(problem.network)
  if (network.kind !== 'layered') throw new Error(network.reason)
  const cell = exactCell(problem, network, toExact(problem.network, { kind: 'float', values: theta }))
  if (cell.kind !== 'cell') throw new Error(cell.reason)
  return { network, cell }
}

/** The loss of the polynomial that the loss is inside the cell, slope by slope, sample by sample. */
function lossInCell(problem: Problem, network: LayeredNetwork, cell: ExactCell, theta: readonly Rational[]): Rational {
  const { samples: n, inputCount: d, targetCount: m, inputs, targets } = problem.data
  let total = zero
  for (let i = 0; i < n; i++) {
    let values = Array.from({ length: d }, (_, k) => entry(inputs, i * d + k))
    for (const [l, layer] of network.layers.entries()) {
      const { slopes, slopeDenominator } = cell.layers[l]!
      values = Array.from({ length: layer.outputs }, (_, j) => {
        let z = layer.biasAt === undefined ? zero : theta[layer.biasAt + j]!
        for (const [k, a] of values.entries()) z = add(z, multiply(theta[layer.weightAt + j * layer.inputs + k]!, a))
        return multiply(z, rational(slopes[i * layer.outputs + j]!, slopeDenominator))
      })
    }
    for (const [o, f] of values.entries()) {
      const y = entry(targets, i * m + o)
      const e = subtract(f, y)
      if (problem.loss === 'squared') total = add(total, divide(multiply(e, e), rational(2n)))
      else if (problem.loss === 'absolute') total = add(total, e.numerator < 0n ? subtract(zero, e) : e)
      else {
        const margin = subtract(rational(1n), multiply(y, f))
        total = add(total, margin.numerator > 0n ? margin : zero)
      }
    }
  }
  if (problem.reduction === 'mean') total = divide(total, rational(BigInt(n)))
  let squares = zero
  const decaying = decayMask(problem)
  for (const [k, t] of theta.entries()) if (decaying[k]) squares = add(squares, multiply(t, t))
  return add(total, divide(multiply(problem.weightDecay, squares), rational(2n)))
}

describe('exact Hessian', () => {
  /** The loss is bi-quadratic in two coordinates, so the mixed difference with any step is the derivative itself. */
  it('equals mixed differences of the exact loss inside the cell', () => {
    let compared = 0
    for (let seed = 0; seed < 60; seed++) {
      const { problem, theta } = randomProblem(seed, {
        activations: piecewiseLinearActivations,
        losses: ['squared'],
        width: 2,
        samples: 3,
        ...(seed % 2 ? { decay: rational(1n, 7n) } : {})
      })
      const { network, cell } = setting(problem, theta)
      const exact = exactHessian(problem, network, cell)
      if (exact.kind !== 'exact') {
        expect(exact.kind).toBe('on-kink')
        continue
      }
      const size = network.parameters
      const point = Array.from(theta, (x) => rational(BigInt(x * 512), 512n))
      const at = (moves: readonly (readonly [number, bigint])[]) => {
        const moved = [...point]
        for (const [k, h] of moves) moved[k] = add(moved[k]!, rational(h))
        return lossInCell(problem, network, cell, moved)
      }
      for (let a = 0; a < size; a++)
        for (let b = 0; b < a; b += 1 + (seed % 3)) {
          const mixed = subtract(
            add(
              at([
                [a, 1n],
                [b, 1n]
              ]),
              at([
                [a, -1n],
                [b, -1n]
              ])
            ),
            add(
              at([
                [a, 1n],
                [b, -1n]
              ]),
              at([
                [a, -1n],
                [b, 1n]
              ])
            )
          )
          const claimed = rational(exact.hessian.entries[a * size + b]!, exact.denominator)
          expect(claimed).toEqual(divide(mixed, rational(4n)))
        }
      for (let a = 0; a < size; a++) {
        const second = subtract(add(at([[a, 1n]]), at([[a, -1n]])), multiply(rational(2n), at([])))
        expect(rational(exact.hessian.entries[a * size + a]!, exact.denominator)).toEqual(second)
        const slope = divide(subtract(at([[a, 1n]]), at([[a, -1n]])), rational(2n))
        expect(entry(exact.gradient, a)).toEqual(slope)
      }
      compared++
    }
    expect(compared).toBeGreaterThan(40)
  })

  it('rounds to the assembled matrix, for every loss and depth', () => {
    for (let seed = 0; seed < 60; seed++) {
      const { problem, theta } = randomProblem(seed, {
        activations: piecewiseLinearActivations,
        losses: ['squared', 'absolute', 'hinge'],
        width: 6
      })
      const { network, cell } = setting(problem, theta)
      const exact = exactHessian(problem, network, cell)
      if (exact.kind !== 'exact') continue
      const matrix = denseCurvature(problem, network, theta, 'hessian')
      const size = Math.max(1, ...matrix.map(Math.abs))
      for (const [k, x] of matrix.entries())
        expect(Math.abs(toNumber(rational(exact.hessian.entries[k]!, exact.denominator)) - x)).toBeLessThan(
          1e-12 * size
        )
      const { gradient } = lossAndGradient(problem, network.layers, theta)
      const steepest = Math.max(1, ...gradient.map(Math.abs))
      for (const [k, x] of gradient.entries())
        expect(Math.abs(toNumber(entry(exact.gradient, k)) - x)).toBeLessThan(1e-12 * steepest)
    }
  })

  it('takes rational parameters that are no doubles', () => {
    const { problem } = randomProblem(8, { activations: [leakyRelu(rational(1n, 3n))], depth: 2 })
    const random = randomStream(5)
    const tensors = parameterShapes(problem.network).map((t) =>
      overCommonDenominator(
        Array.from({ length: tensorSize(t) }, () => rational(BigInt(Math.floor(random() * 41)) - 20n, 7n))
      )
    )
    const point: ExactPoint = { kind: 'exact', tensors }
    const network = asLayered(problem.network) as LayeredNetwork
    const cell = exactCell(problem, network, point) as ExactCell
    const exact = exactHessian(problem, network, cell)
    if (exact.kind !== 'exact') throw new Error(exact.reason)
    const theta = Float64Array.from(tensors.flatMap((t) => t.numerators.map((_, k) => toNumber(entry(t, k)))))
    const matrix = denseCurvature(problem, network, theta, 'hessian')
    const size = Math.max(...matrix.map(Math.abs))
    for (const [k, x] of matrix.entries())
      expect(Math.abs(toNumber(rational(exact.hessian.entries[k]!, exact.denominator)) - x)).toBeLessThan(1e-12 * size)
  })

  it('says when a pre-activation is exactly on a kink, and when the loss is', () => {
    const { problem, theta } = randomProblem(1, { activations: [relu], depth: 1 })
    const network = asLayered(problem.network) as LayeredNetwork
    const still = theta.map((x, k) => (k < network.layers[1]!.weightAt ? 0 : x))
    const at = setting(problem, still)
    expect(at.cell.kinks).toHaveLength(problem.data.samples * network.layers[0]!.outputs)
    expect(exactHessian(problem, at.network, at.cell).kind).toBe('on-kink')
    const linear: Activation = twoSlope(rational(2n), rational(2n))
    const other = randomProblem(1, { activations: [linear], depth: 1, losses: ['absolute'] })
    expect(
      setting(
        other.problem,
        other.theta.map(() => 0)
      ).cell.kinks
    ).toHaveLength(0)
  })
})
