import { type Budget, hold, spend } from '../budget.ts'
import { dot, greatestBitLength, magnitude, signOf } from '../integers.ts'
import { reject } from '../outcome.ts'
import { denseParameters, withConstant } from '../parameters.ts'
import type { Point } from '../point.ts'
import type { Dense, Problem, Quadratic, Smooth } from '../problem.ts'
import type { Rational } from '../rational.ts'
import type { Samples, Scaled } from '../samples.ts'
import { momentOf, residualsOfMean } from './residuals-of-mean.ts'
import { requireSmoothNetwork } from './smooth-network.ts'

/** Between these, over ten to the 20, lies pi. */
const piScale = 10n ** 20n
const piLow = 314159265358979323846n
const piHigh = piLow + 1n

/** The sign of sin(p/q) for p, q > 0; 0 where it is not known. */
const signOfSine = (p: bigint, q: bigint): number => {
  const k = (p * piScale) / (q * piHigh)
  const isInside = k * piHigh * q < p * piScale && p * piScale < (k + 1n) * piLow * q
  return isInside ? (k % 2n === 0n ? 1 : -1) : 0
}

/** The sign of the second derivative of the activation at p/q, q > 0; 0 where none is known. */
const curvatureSign = (activation: Quadratic | Smooth, p: bigint, q: bigint): number => {
  const size = magnitude(p)
  switch (activation.kind === 'quadratic' ? 'quadratic' : activation.name) {
    case 'quadratic':
    case 'softplus':
      return 1
    case 'sigmoid':
    case 'tanh':
    case 'arctan':
      return -signOf(p)
    case 'elu':
    case 'selu':
      return p < 0n ? 1 : 0
    case 'gelu':
      return signOf(2n * q * q - p * p)
    case 'silu':
      return size * 10000n < 23993n * q ? 1 : size * 10000n > 23994n * q ? -1 : 0
    case 'sine':
      return -signOf(p) * signOfSine(size, q)
  }
}

/** The rank of a symmetric matrix that is positive semidefinite; undefined when it is not. Fraction-free elimination. */
export const semidefiniteRank = (matrix: Scaled['rows'], budget: Budget): number | undefined => {
  const size = matrix.length
  // Every intermediate number is a minor of the matrix.
  const bits = (greatestBitLength(matrix) + 8) * size
  spend(budget, [3, size, size, size], bits, bits)
  hold(budget, [size, size], bits)
  let rows = matrix.map((row) => [...row])
  let previous = 1n
  for (let rank = 0; ; rank += 1) {
    if (rows.some((row, index) => row[index] < 0n)) return undefined
    const at = rows.findIndex((row, index) => row[index] > 0n)
    if (at < 0) return rows.every((row) => row.every((entry) => entry === 0n)) ? rank : undefined
    const pivot = rows[at]
    const lead = pivot[at]
    const others = rows.filter((_, index) => index !== at)
    const divisor = previous
    rows = others.map((row) =>
      row.map((entry, k) => (lead * entry - row[at] * pivot[k]) / divisor).filter((_, k) => k !== at)
    )
    previous = lead
  }
}

/** sum over the samples of weights[i] x_i x_i^T. */
const secondMoments = (weights: readonly bigint[], vectors: Scaled['rows'], budget: Budget): Scaled['rows'] => {
  const width = vectors[0].length
  const bits = greatestBitLength(vectors)
  spend(budget, [2, vectors.length, width, width], greatestBitLength([weights]) + bits, bits)
  const sums = Array.from({ length: width }, () => Array.from({ length: width }, () => 0n))
  for (const [sample, vector] of vectors.entries()) {
    for (const [row, entry] of vector.entries()) {
      const factor = weights[sample] * entry
      if (factor === 0n) continue
      for (let column = 0; column < width; column += 1) sums[row][column] += factor * vector[column]
    }
  }
  return sums
}

/** Condition (a): for every unit its argument, which is the same number at all samples, over one denominator. */
const constantArguments = (
  layer: Dense,
  point: Point,
  inputs: Scaled,
  budget: Budget
): { readonly numerators: readonly bigint[]; readonly denominator: bigint } => {
  const { rows, denominator } = denseParameters(layer, point.slice(0, layer.bias ? 2 : 1))
  const vectors = layer.bias ? withConstant(inputs).rows : inputs.rows
  const bits = greatestBitLength(rows)
  spend(budget, [rows.length, vectors.length, vectors[0].length], bits, greatestBitLength(vectors))
  const numerators = rows.map((row, unit) => {
    const first = dot(row, vectors[0])
    if (vectors.some((vector) => dot(row, vector) !== first)) {
      reject('(a)', `the argument of unit ${unit} is not the same at all samples`)
    }
    return first
  })
  return { numerators, denominator: denominator * inputs.denominator }
}

/** Rejects unless conditions (a) to (c) hold and the loss is that of the mean of the targets. */
export const requireConstantOutput = (
  problem: Problem,
  samples: Samples,
  point: Point,
  loss: Rational,
  budget: Budget
): void => {
  const { hidden, activation } = requireSmoothNetwork(problem)
  const { inputs } = samples
  const residuals = residualsOfMean(problem, samples, loss)
  const betas = constantArguments(hidden, point, inputs, budget)
  const width = inputs.rows[0].length
  for (let entry = 0; entry < width; entry += 1) {
    if (momentOf(residuals, inputs, entry) !== 0n) reject('(b)', `the residuals are not orthogonal to input ${entry}`)
  }
  const curvature = secondMoments(residuals, inputs.rows, budget)
  const count = BigInt(inputs.rows.length)
  const means = Array.from({ length: width }, (_, entry) => inputs.rows.reduce((sum, row) => sum + row[entry], 0n))
  const centred = inputs.rows.map((row) => row.map((entry, k) => count * entry - means[k]))
  const rank = semidefiniteRank(
    secondMoments(
      centred.map(() => 1n),
      centred,
      budget
    ),
    budget
  )
  const outer = point[hidden.bias ? 2 : 1].numerators
  const signs = new Set(
    betas.numerators.map((beta, unit) => {
      const product = signOf(outer[unit]) * curvatureSign(activation, beta, betas.denominator)
      return product === 0 ? reject(`(c) unit ${unit}`, 'the sign of v sigma is zero or not known') : product
    })
  )
  for (const sign of signs) {
    const matrix = curvature.map((row) => row.map((entry) => BigInt(sign) * entry))
    if (semidefiniteRank(matrix, budget) !== rank) reject('(c)', 'the second moments of the residuals are not definite')
  }
}
