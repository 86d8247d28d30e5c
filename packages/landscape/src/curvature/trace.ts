import { orthonormalBasis } from '@nadir/kernels'
import type { Problem } from '../problem.ts'
import { dot, probeStream, randomSigns, type Watch } from './lanczos.ts'
import { fanIn, type LayeredNetwork } from './layered.ts'
import { batches, linearize } from './linearization.ts'
import type { CurvatureKind, SymmetricOperator } from './operator.ts'
import { secondDerivativeDiagonal } from './sensitivities.ts'
import { meanWithError } from './student.ts'
import { decayDiagonal } from './weight-decay.ts'

/** A trace and its error: a bound of the rounding for `structured`, half the width of an interval of about 95 % for the estimators. */
export interface Trace {
  readonly value: number
  readonly error: number
  readonly method: 'structured' | 'hutchinson' | 'xtrace'
  readonly products: number
  /** The shares of the layers, where it is known exactly to rounding. */
  readonly layers?: readonly number[]
}

/**
 * The trace itself, sum_i sum_u G_i[u,u] |a~_u|^2: products of weights of different layers have no diagonal. Costs about one backward pass
 * for each output, and where activations bend one for each hidden unit. Approximate, to rounding.
 */
export function structuredTrace(
  problem: Problem,
  network: LayeredNetwork,
  theta: Float64Array,
  kind: CurvatureKind,
  watch: Watch = {}
): Trace | undefined {
  const units = network.layers.reduce((sum, l) => sum + l.outputs, 0)
  const widest = Math.max(...network.layers.map((l) => l.outputs))
  const size = Math.max(1, Math.min(1024, Math.floor(4e6 / (units * widest))))
  const layers = network.layers.map(() => 0)
  let absolute = 0
  const parts = batches(problem.data.samples, size)
  for (const [k, [from, to]] of parts.entries()) {
    if (watch.stop?.()) return undefined
    watch.progress?.(k, parts.length)
    const pass = linearize(problem, network.layers, theta, from, to)
    const diagonal = secondDerivativeDiagonal(pass, theta, kind)
    for (const [l, { layer, input }] of pass.layers.entries())
      for (let i = 0; i < pass.samples; i++) {
        let square = fanIn(layer) - layer.inputs
        for (let k = 0; k < layer.inputs; k++) square += input[i * layer.inputs + k]! ** 2
        for (let q = 0; q < layer.outputs; q++) {
          const { sum, size } = diagonal(i, l, q)
          layers[l] = layers[l]! + sum * square
          absolute += size * square
        }
      }
  }
  const decay = decayDiagonal(problem, kind)
  for (const [l, { weightAt }] of network.layers.entries()) {
    const end = network.layers[l + 1]?.weightAt ?? network.parameters
    const added = decay.subarray(weightAt, end).reduce((sum, x) => sum + x, 0)
    layers[l] = layers[l]! + added
    absolute += added
  }
  const value = layers.reduce((sum, x) => sum + x, 0)
  return { value, error: 64 * Number.EPSILON * units * absolute, method: 'structured', products: 0, layers }
}

/** How many products with the operator the structured trace is worth. */
export const structuredTraceCost = (network: LayeredNetwork, bends: boolean): number =>
  (network.layers.at(-1)!.outputs + (bends ? network.layers.slice(0, -1).reduce((sum, l) => sum + l.outputs, 0) : 0)) /
  6

/**
 * tr A = E v^T A v for random signs v (Hutchinson 1990), with 2.5 standard deviations from the bound 2 |A|_F^2 of the variance, where
 * |A|_F^2 = E |A v|^2: sample variances would be too small when a few eigenvalues dominate. Approximate.
 */
export function hutchinsonTrace(
  operator: SymmetricOperator,
  options: { probes: number; seed?: number } & Watch
): Trace {
  let sum = 0
  let squares = 0
  let products = 0
  while (products < options.probes && !options.stop?.()) {
    const v = randomSigns(operator.size, (options.seed ?? 0) + products)
    const image = operator.multiply([v])[0]!
    sum += dot(v, image)
    squares += dot(image, image)
    products++
    options.progress?.(products, options.probes)
  }
  const error = products === 0 ? Number.POSITIVE_INFINITY : (2.5 * Math.sqrt(2 * squares)) / products
  return { value: sum / products, error, method: 'hutchinson', products }
}

/**
 * XTrace (Epperly, Tropp and Webber 2024): the trace on the range of A Omega, and for each probe left out an estimate of what is missing
 * from that range. Twice as many products as probes. Exact to rounding where the rank is below the number of probes. Approximate.
 */
export function xtrace(operator: SymmetricOperator, options: { probes: number; seed?: number } & Watch): Trace {
  const n = operator.size
  const probes = Math.min(options.probes, n)
  const random = probeStream(options.seed ?? 0)
  // Uniform on the sphere of radius sqrt(n).
  const omega = Array.from({ length: probes }, () => {
    const v = Float64Array.from({ length: n }, () => gaussian(random))
    const scale = Math.sqrt(n / dot(v, v))
    return v.map((x) => scale * x)
  })
  const basis = orthonormalBasis(n, probes)
  const image: Float64Array[] = []
  // R column by column, Y = Q R.
  const R: Float64Array[] = []
  let complete = false
  for (const v of omega) {
    if (options.stop?.()) break
    const y = operator.multiply([v])[0]!
    const rest = Float64Array.from(y)
    basis.orthogonalise(rest)
    const left = Math.sqrt(dot(rest, rest))
    const column = new Float64Array(probes)
    for (let j = 0; j < basis.size(); j++) column[j] = dot(basis.vector(j), y)
    column[basis.size()] = left
    if (left <= 1e-12 * Math.sqrt(dot(y, y))) {
      // The range is exhausted: the trace on it is all.
      complete = true
      break
    }
    basis.append(rest, 1 / left)
    image.push(y)
    R.push(column)
    options.progress?.(image.length, 2 * probes)
  }
  const k = basis.size()
  const Q = Array.from({ length: k }, (_, j) => basis.vector(j))
  const Z: Float64Array[] = []
  for (const q of Q) {
    if (options.stop?.()) break
    Z.push(operator.multiply([q])[0]!)
    options.progress?.(k + Z.length, 2 * probes)
  }
  const products = image.length + Z.length
  if (Z.length < k) return { value: Number.NaN, error: Number.POSITIVE_INFINITY, method: 'xtrace', products }
  const H = Q.map((q) => Z.map((z) => dot(q, z)))
  let onRange = 0
  let size = 0
  for (let j = 0; j < k; j++) {
    onRange += H[j]![j]!
    size += Math.abs(H[j]![j]!)
  }
  if (complete || k === n) return { value: onRange, error: 1e-13 * n * size, method: 'xtrace', products }
  const inverse = inverseTransposeColumns(R, k)
  const estimates = inverse.map((s, i) => {
    const w = Q.map((q) => dot(q, omega[i]!))
    const t = Z.map((z) => dot(z, omega[i]!))
    const along = s.reduce((sum, x, j) => sum + x * w[j]!, 0)
    const c = w.map((x, j) => x - along * s[j]!)
    const quadratic = (x: ArrayLike<number>) => {
      let sum = 0
      for (let a = 0; a < k; a++) for (let b = 0; b < k; b++) sum += x[a]! * H[a]![b]! * x[b]!
      return sum
    }
    const cc = c.reduce((sum, x) => sum + x * x, 0)
    const outside = dot(omega[i]!, image[i]!) - 2 * c.reduce((sum, x, j) => sum + x * t[j]!, 0) + quadratic(c)
    return onRange - quadratic(s) + (outside * (n - k + 1)) / (n - cc)
  })
  return { ...meanWithError(estimates), method: 'xtrace', products }
}

/** The columns of R^-T, each made a unit vector; R upper triangular, given by columns. */
function inverseTransposeColumns(R: readonly Float64Array[], k: number): Float64Array[] {
  // R^T x = e_i: forward substitution, entry j uses column j of R.
  return Array.from({ length: k }, (_, i) => {
    const x = new Float64Array(k)
    for (let j = i; j < k; j++) {
      let sum = j === i ? 1 : 0
      for (let a = i; a < j; a++) sum -= R[j]![a]! * x[a]!
      x[j] = sum / R[j]![j]!
    }
    const length = Math.sqrt(dot(x, x))
    return x.map((y) => y / length)
  })
}

function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}
