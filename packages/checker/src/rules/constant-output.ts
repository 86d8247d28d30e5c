import { type Budget, hold, spend } from '../budget.ts'
import { applySmooth, combination, enclose, type Interval, precision } from '../enclosure.ts'
import { dot, greatestBitLength, signOf } from '../integers.ts'
import { reject } from '../outcome.ts'
import { denseParameters, withConstant } from '../parameters.ts'
import { type Point, requireShape } from '../point.ts'
import { type Dense, isSmooth, type Problem, type Quadratic, type Smooth } from '../problem.ts'
import { compare, type Rational } from '../rational.ts'
import type { Samples, Scaled } from '../samples.ts'

type Layers = { readonly hidden: Dense; readonly activation: Quadratic | Smooth; readonly output: Dense }

const requireNetwork = ({ network, loss }: Problem): Layers => {
  const [hidden, activation, output] = network.layers
  const isForm =
    network.layers.length === 3 &&
    hidden.kind === 'dense' &&
    (activation.kind === 'quadratic' || activation.kind === 'smooth') &&
    output.kind === 'dense'
  if (!isForm || !output.bias || network.outputs !== 1 || loss.kind !== 'squared') {
    return reject('network', 'the rule is for one hidden smooth layer, one output with a bias, and the squared loss')
  }
  return { hidden, activation, output }
}

/** The sign of the second derivative of the activation where the argument has this sign; 0 where none is known. */
const curvatureSign = (activation: Quadratic | Smooth, argument: -1 | 0 | 1): number => {
  if (activation.kind === 'quadratic' || activation.name === 'softplus') return 1
  if (activation.name === 'elu' || activation.name === 'selu') return argument < 0 ? 1 : 0
  return -argument
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

/** Condition (a): for every unit the sign of its argument, which is the same number at all samples. */
const constantArguments = (layer: Dense, point: Point, inputs: Scaled, budget: Budget): readonly (-1 | 0 | 1)[] => {
  const { rows } = denseParameters(layer, point.slice(0, layer.bias ? 2 : 1))
  const vectors = layer.bias ? withConstant(inputs).rows : inputs.rows
  const bits = greatestBitLength(rows)
  spend(budget, [rows.length, vectors.length, vectors[0].length], bits, greatestBitLength(vectors))
  return rows.map((row, unit) => {
    const first = dot(row, vectors[0])
    if (vectors.some((vector) => dot(row, vector) !== first)) {
      reject('(a)', `the argument of unit ${unit} is not the same at all samples`)
    }
    return signOf(first)
  })
}

/** Rejects unless conditions (a) to (c) hold and the loss is that of the mean of the targets. */
export const requireConstantOutput = (
  problem: Problem,
  samples: Samples,
  point: Point,
  loss: Rational,
  budget: Budget
): void => {
  const { hidden, activation } = requireNetwork(problem)
  const { inputs, targets } = samples
  const count = BigInt(inputs.rows.length)
  const values = targets.rows.map(([value]) => value)
  const total = values.reduce((sum, value) => sum + value, 0n)
  // n r_i, over the denominator of the targets.
  const residuals = values.map((value) => total - count * value)
  const squares = residuals.reduce((sum, residual) => sum + residual * residual, 0n)
  const scale = count * targets.denominator
  const shares = problem.loss.reduction === 'mean' ? count : 1n
  if (compare(loss, { numerator: squares, denominator: 2n * scale * scale * shares }) !== 0) {
    reject('evaluation', 'the loss is not that of the mean of the targets')
  }
  const argumentSigns = constantArguments(hidden, point, inputs, budget)
  const width = inputs.rows[0].length
  for (let entry = 0; entry < width; entry += 1) {
    const moment = inputs.rows.reduce((sum, row, sample) => sum + residuals[sample] * row[entry], 0n)
    if (moment !== 0n) reject('(b)', `the residuals are not orthogonal to input ${entry}`)
  }
  const curvature = secondMoments(residuals, inputs.rows, budget)
  const means = Array.from({ length: width }, (_, entry) => inputs.rows.reduce((sum, row) => sum + row[entry], 0n))
  const centred = inputs.rows.map((row) => row.map((entry, k) => count * entry - means[k]))
  const rank = semidefiniteRank(
    secondMoments(
      values.map(() => 1n),
      centred,
      budget
    ),
    budget
  )
  const outer = point[hidden.bias ? 2 : 1].numerators
  const signs = new Set(
    argumentSigns.map((sign, unit) => {
      const product = signOf(outer[unit]) * curvatureSign(activation, sign)
      return product === 0 ? reject(`(c) unit ${unit}`, 'the sign of v sigma is zero or not known') : product
    })
  )
  for (const sign of signs) {
    const matrix = curvature.map((row) => row.map((entry) => BigInt(sign) * entry))
    if (semidefiniteRank(matrix, budget) !== rank) reject('(c)', 'the second moments of the residuals are not definite')
  }
}

/** The point with an output bias of zeros in place of the balanced one; rejects where the network has none. */
export const completed = (problem: Problem, point: Point): Point => {
  const last = problem.network.layers.at(-1)
  if (last?.kind !== 'dense' || !last.bias) return reject('network', 'the output has no bias that could be balanced')
  return [...point, { denominator: 1n, numerators: Array.from({ length: last.outputs }, () => 0n) }]
}

/** Rejects unless the loss at a point of a network with smooth layers is proved to be at most the claimed number. */
export const requireLossAtMost = (
  problem: Problem,
  samples: Samples,
  point: Point,
  most: Rational,
  step: string,
  budget: Budget
): void => {
  requireShape(problem.network, point, step)
  if (problem.loss.kind !== 'squared') reject(step, 'enclosures are for the squared loss')
  const { inputs, targets } = samples
  const wordBits = Number(precision) * 4
  let values: readonly (readonly Interval[])[] = inputs.rows.map((row) =>
    row.map((entry) => enclose(entry, inputs.denominator))
  )
  let tensor = 0
  for (const layer of problem.network.layers) {
    const counts = [values.length, values[0].length]
    if (layer.kind === 'dense') {
      const end = tensor + (layer.bias ? 2 : 1)
      const { rows, denominator } = denseParameters(layer, point.slice(tensor, end))
      spend(budget, [2, ...counts, layer.outputs], greatestBitLength(rows), wordBits)
      const constant = layer.bias ? [enclose(1n, 1n)] : []
      values = values.map((row) => rows.map((weights) => combination(weights, [...row, ...constant], denominator)))
      tensor = end
    } else if (isSmooth(layer)) {
      spend(budget, [256, ...counts], wordBits, wordBits)
      values = values.map((row) => row.map((argument) => applySmooth(layer.name, argument)))
    } else {
      reject('network', 'enclosures are for networks of dense and smooth layers')
    }
    hold(budget, [2, values.length, values[0].length], wordBits)
  }
  let total = 0n
  for (const [sample, row] of values.entries()) {
    for (const [output, { low, high }] of row.entries()) {
      const target = enclose(targets.rows[sample][output], targets.denominator)
      const [below, above] = [low - target.high, high - target.low]
      const size = -below > above ? -below : above
      total += size * size
    }
  }
  const shares = problem.loss.reduction === 'mean' ? BigInt(samples.inputs.rows.length) : 1n
  const bound = { numerator: total, denominator: (2n * shares) << (2n * precision) }
  if (compare(bound, most) > 0) reject(step, 'the loss there is not proved to be at most the claimed number')
}
