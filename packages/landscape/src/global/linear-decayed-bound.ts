import {
  add,
  definiteness,
  divide,
  entry,
  integerMatrix,
  multiply,
  overCommonDenominator,
  type Rational,
  type RationalVector,
  rational,
  subtract,
  toNumber,
  zero
} from '@nadir/arithmetic'
import { newtonDescent } from '../descent/newton-minimum.ts'
import { toExact } from '../point.ts'
import type { Problem } from '../problem.ts'
import { randomStream } from '../random.ts'
import { initialise } from '../training/initialise.ts'
import { lbfgs } from '../training/lbfgs.ts'
import { objective } from '../training/objective.ts'
import type { Obstacle } from '../traits.ts'
import { boundedBy, type GlobalBound, linearDualEvidence } from './bound-certificate.ts'
import type { BoundOptions } from './decayed-bound.ts'
import { decayedLoss } from './decayed-loss.ts'
import { withUnits } from './decayed-program.ts'
import { symmetricEigen } from './symmetric-eigen.ts'

/** Whether a problem is of two linear layers with weight decay. */
export const isDecayedPair = ({ network, weightDecay, loss }: Problem): boolean =>
  network.layers.length === 2 &&
  network.layers.every(({ kind }) => kind === 'dense') &&
  network.inputs.length === 1 &&
  loss === 'squared' &&
  weightDecay.numerator > 0n

const starts = 2
const iterations = 4000
/** Of a Hessian that is decomposed in every step. */
const mostParameters = 200
/** Singular values below this part of the largest are none. */
const none = 1e-7

/**
 * The minimum of two linear layers with weight decay, which is a penalty on the sum of the singular values of what they compute, and a proved bound for networks of any width: they meet, up to rounding, where the width
 * suffices. Found by descent with as many units as can be needed; the bound is the dual value of the residuals, shortened until a rational matrix is positive semidefinite. Reference: Srebro, Rennie and Jaakkola
 * 2004.
 */
export function linearDecayedBound(problem: Problem, options: BoundOptions = {}): GlobalBound | Obstacle {
  if (!isDecayedPair(problem)) throw new RangeError('linearDecayedBound: two linear layers with weight decay expected')
  const { data, reduction, weightDecay } = problem
  const layers = problem.network.layers.flatMap((layer) => (layer.kind === 'dense' ? [layer] : []))
  const [d, m, n] = [data.inputCount, data.targetCount, data.samples]
  const firstBias = layers[0]!.bias
  const full = Math.min(firstBias ? d + 1 : d, m)
  const wide = withUnits(problem, full)
  const risk = objective(wide)
  const random = randomStream(1)
  let best = initialise(wide.network, random)
  let value = Number.POSITIVE_INFINITY
  for (let start = 0; start < starts && !options.stop?.(); start++) {
    const theta = start === 0 ? best.slice() : initialise(wide.network, random)
    const reached = lbfgs(risk, theta, { iterations })
    options.onProgress?.(`linear layers: start ${start + 1} of ${starts}, loss ${reached.toPrecision(10)}`)
    if (reached < value) [best, value] = [theta, reached]
  }
  best = settled(wide, best, options)
  const factors = balancedFactors(best, d, m, full, firstBias)
  const needed = Math.max(1, factors.sizes.filter((size) => size > none * factors.sizes[0]!).length)
  const width = options.smallestWidth ? needed : layers[0]!.outputs
  const sized = withUnits(problem, width)
  const theta = factors.parameters(width, layers[1]!.bias ? best.subarray(best.length - m) : new Float64Array(0))
  lbfgs(objective(sized), theta, { iterations })
  const point = toExact(sized.network, { kind: 'float', values: settled(sized, theta, options) })
  const parts = {
    problem: sized,
    point,
    loss: decayedLoss(sized, point),
    method: `the dual of the sum of the singular values; the optimum has ${needed} hidden unit${needed === 1 ? '' : 's'}`
  }
  const limit = reduction === 'mean' ? multiply(weightDecay, rational(BigInt(n))) : weightDecay
  const residuals = clipped(problem, residualsOf(wide, best, firstBias, layers[1]!.bias, full), toNumber(limit))
  for (let margin = 1e-15; margin < 1e-2; margin *= 4) {
    const dual = dualOf(problem, residuals, 1 - margin)
    if (isWithin(momentsExactly(problem, dual), limit))
      return boundedBy(parts, dualValue(problem, dual, limit), linearDualEvidence(dual))
  }
  return {
    kind: 'obstacle',
    reason: 'no dual vectors could be proved',
    tryNext: 'scale inputs and targets to about one'
  }
}

/** The end of Newton's method, where that is not too much work: what the residuals lack to a critical point the bound loses. */
const settled = (problem: Problem, theta: Float64Array, { stop }: BoundOptions): Float64Array =>
  theta.length > mostParameters ? theta : (newtonDescent(problem, theta, () => stop?.() ?? false)?.theta ?? theta)

/** The parameters turned so that the units are the singular directions of what they compute, largest first. Approximate. */
function balancedFactors(theta: Float64Array, d: number, m: number, units: number, firstBias: boolean) {
  const s = firstBias ? d + 1 : d
  const outerAt = units * s
  const rows = Array.from({ length: units }, (_, j) =>
    Array.from({ length: s }, (_, k) => (k < d ? theta[j * d + k]! : theta[units * d + j]!))
  )
  const outer = Array.from({ length: m }, (_, o) =>
    Array.from(theta.subarray(outerAt + o * units, outerAt + (o + 1) * units))
  )
  // At a minimum the weights of both layers have the same Gram matrix; its eigenvalues are the singular values.
  const gram = rows.map((_, a) => rows.map((_, b) => outer.reduce((sum, row) => sum + row[a]! * row[b]!, 0)))
  const { values, vectors } = symmetricEigen(gram)
  return {
    sizes: values,
    parameters: (width: number, lastBias: Float64Array): Float64Array => {
      const turned = Array.from({ length: width }, (_, k) => vectors[k])
      const first = turned.map((q) =>
        q ? rows[0]!.map((_, e) => q.reduce((sum, x, j) => sum + x * rows[j]![e]!, 0)) : new Array<number>(s).fill(0)
      )
      return Float64Array.from([
        ...first.flatMap((row) => row.slice(0, d)),
        ...(firstBias ? first.map((row) => row[d]!) : []),
        ...outer.flatMap((row) => turned.map((q) => (q ? q.reduce((sum, x, j) => sum + x * row[j]!, 0) : 0))),
        ...lastBias
      ])
    }
  }
}

/** y - N(x), sample by sample; without decay of biases they add up to zero. Approximate. */
function residualsOf(
  { data, decayBiases }: Problem,
  theta: Float64Array,
  firstBias: boolean,
  lastBias: boolean,
  units: number
): Float64Array {
  const [d, m, n] = [data.inputCount, data.targetCount, data.samples]
  const outerAt = units * (firstBias ? d + 1 : d)
  const residuals = new Float64Array(n * m)
  for (let i = 0; i < n; i++) {
    const hidden = Array.from({ length: units }, (_, j) => {
      let sum = firstBias ? theta[units * d + j]! : 0
      for (let k = 0; k < d; k++) sum += theta[j * d + k]! * data.approximateInputs[i * d + k]!
      return sum
    })
    for (let o = 0; o < m; o++) {
      let sum = lastBias ? theta[outerAt + m * units + o]! : 0
      for (let j = 0; j < units; j++) sum += theta[outerAt + o * units + j]! * hidden[j]!
      residuals[i * m + o] = data.approximateTargets[i * m + o]! - sum
    }
  }
  if (!decayBiases && (firstBias || lastBias))
    for (let o = 0; o < m; o++) {
      let mean = 0
      for (let i = 0; i < n; i++) mean += residuals[i * m + o]! / n
      for (let i = 0; i < n; i++) residuals[i * m + o]! -= mean
    }
  return residuals
}

const hasExtendedInputs = ({ network, decayBiases }: Problem): boolean => {
  const [first] = network.layers
  return first?.kind === 'dense' && first.bias && decayBiases
}

function momentsOf(problem: Problem, z: Float64Array): number[][] {
  const { data } = problem
  const [d, m, n] = [data.inputCount, data.targetCount, data.samples]
  const size = hasExtendedInputs(problem) ? d + 1 : d
  return Array.from({ length: m }, (_, o) =>
    Array.from({ length: size }, (_, k) => {
      let sum = 0
      for (let i = 0; i < n; i++) sum += z[i * m + o]! * (k < d ? data.approximateInputs[i * d + k]! : 1)
      return sum
    })
  )
}

/**
 * The nearest vectors, in the directions of the inputs, whose moments have no singular value above the limit. Shortening all of them would cost much more where one singular value is almost the limit. Approximate.
 */
function clipped(problem: Problem, z: Float64Array, limit: number): Float64Array {
  const { data, network, decayBiases } = problem
  const [d, m, n] = [data.inputCount, data.targetCount, data.samples]
  const free = !decayBiases && network.layers.some((layer) => layer.kind === 'dense' && layer.bias)
  const moments = momentsOf(problem, z)
  const { values, vectors } = symmetricEigen(squareOf(moments))
  // D = sum over the singular values s above the limit of (1 - limit / s) u u^T M.
  const excess = moments.map((row) => row.map(() => 0))
  for (const [k, square] of values.entries()) {
    const size = Math.sqrt(Math.max(0, square))
    if (size <= limit) continue
    const u = vectors[k]!
    for (const [e] of excess[0]!.entries()) {
      const part = (1 - limit / size) * u.reduce((sum, x, o) => sum + x * moments[o]![e]!, 0)
      for (let o = 0; o < m; o++) excess[o]![e]! += part * u[o]!
    }
  }
  const size = moments[0]!.length
  const inputs = Array.from({ length: n }, (_, i) =>
    Array.from({ length: size }, (_, k) => (k < d ? data.approximateInputs[i * d + k]! : 1))
  )
  const means = inputs[0]!.map((_, k) => (free ? inputs.reduce((sum, x) => sum + x[k]! / n, 0) : 0))
  const centred = inputs.map((x) => x.map((value, k) => value - means[k]!))
  const gram = symmetricEigen(
    means.map((_, a) => means.map((_, b) => centred.reduce((sum, x) => sum + x[a]! * x[b]!, 0)))
  )
  return z.map((value, at) => {
    const x = centred[Math.floor(at / m)]!
    let correction = 0
    for (const [k, spread] of gram.values.entries()) {
      if (!(spread > 1e-12 * gram.values[0]!)) continue
      const v = gram.vectors[k]!
      const along = v.reduce((sum, w, e) => sum + w * x[e]!, 0)
      correction += (along / spread) * v.reduce((sum, w, e) => sum + w * excess[at % m]![e]!, 0)
    }
    return value - correction
  })
}

const squareOf = (rows: readonly (readonly number[])[]): number[][] =>
  rows.map((a) => rows.map((b) => a.reduce((sum, x, k) => sum + x * b[k]!, 0)))

const bits = 60

/** The residuals times a factor as rationals; those of an output add up to zero exactly where biases are free. */
function dualOf({ network, data, decayBiases }: Problem, residuals: Float64Array, factor: number): RationalVector {
  const m = data.targetCount
  const largest = residuals.reduce((most, r) => Math.max(most, Math.abs(r)), 0) || 1
  const shift = Math.max(0, bits - Math.floor(Math.log2(largest)))
  const scale = 1n << BigInt(shift)
  // A double times a power of two is an integer or all but one: the doubles keep all their digits.
  const numerators = Array.from(residuals, (r) => BigInt(Math.round(r * factor * 2 ** Math.min(shift, 1000))))
  if (!decayBiases && network.layers.some((layer) => layer.kind === 'dense' && layer.bias)) {
    const n = BigInt(data.samples)
    for (let o = 0; o < m; o++) {
      let sum = 0n
      for (let i = 0; i < data.samples; i++) sum += numerators[i * m + o]!
      for (let i = 0; i < data.samples; i++) numerators[i * m + o]! += (sum * BigInt(i)) / n - (sum * BigInt(i + 1)) / n
    }
  }
  return { denominator: scale, numerators }
}

function momentsExactly(problem: Problem, dual: RationalVector): Rational[][] {
  const { data } = problem
  const [d, m, n] = [data.inputCount, data.targetCount, data.samples]
  const size = hasExtendedInputs(problem) ? d + 1 : d
  const one = rational(1n)
  return Array.from({ length: m }, (_, o) =>
    Array.from({ length: size }, (_, k) => {
      let sum = zero
      for (let i = 0; i < n; i++)
        sum = add(sum, multiply(entry(dual, i * m + o), k < d ? entry(data.inputs, i * d + k) : one))
      return sum
    })
  )
}

/** Condition (b) of the rule linear-dual. Exact. */
function isWithin(moments: readonly (readonly Rational[])[], limit: Rational): boolean {
  const square = multiply(limit, limit)
  const difference = moments.flatMap((a, r) =>
    moments.map((b, c) =>
      subtract(
        r === c ? square : zero,
        a.reduce((sum, x, k) => add(sum, multiply(x, b[k]!)), zero)
      )
    )
  )
  const m = moments.length
  return (
    definiteness(integerMatrix(m, m, overCommonDenominator(difference).numerators)).kind !== 'not-positive-semidefinite'
  )
}

/** The number B of the rule linear-dual. Exact. */
function dualValue(
  { network, data, reduction, decayBiases }: Problem,
  dual: RationalVector,
  limit: Rational
): Rational {
  const m = data.targetCount
  const sums = new Array<Rational>(m).fill(zero)
  let total = zero
  for (let at = 0; at < dual.numerators.length; at++) {
    const z = entry(dual, at)
    total = add(total, multiply(z, subtract(entry(data.targets, at), multiply(z, rational(1n, 2n)))))
    sums[at % m] = add(sums[at % m]!, z)
  }
  const last = network.layers[1]!
  if (last.kind === 'dense' && last.bias && decayBiases)
    for (const sum of sums) total = subtract(total, divide(multiply(sum, sum), multiply(rational(2n), limit)))
  return reduction === 'mean' ? divide(total, rational(BigInt(data.samples))) : total
}
