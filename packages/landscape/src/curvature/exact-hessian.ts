import { gcd, type IntegerMatrix, integerMatrix, lcm, type RationalVector, reduceVector, sign } from '@nadir/arithmetic'
import { decayMask } from '../loss/approximate-loss.ts'
import type { Problem } from '../problem.ts'
import { type ExactCell, exactSlopes } from './exact-cell.ts'
import { incomingIndices, type LayeredNetwork } from './layered.ts'

/** The Hessian of the loss, matrix / denominator with denominator > 0, and the gradient. Exact. */
export interface ExactCurvature {
  readonly kind: 'exact'
  readonly hessian: IntegerMatrix
  readonly denominator: bigint
  readonly gradient: RationalVector
}

/** Why there is no exact Hessian at a point. */
export interface NoExactCurvature {
  readonly kind: 'on-kink' | 'on-loss-kink' | 'irrational-loss' | 'too-large'
  readonly reason: string
}

/**
 * The Hessian of a piecewise linear dense network of any depth at a rational point off all kinks, for squared, absolute and hinge loss. Exact.
 * The formula is that of `denseCurvature` with sigma'' = 0: G = F sum_o (d f_o / d z_u)(d f_o / d z_u') and the terms across layers.
 * `work` limits the number of products of integers.
 */
export function exactHessian(
  problem: Problem,
  network: LayeredNetwork,
  cell: ExactCell,
  work = 4e7
): ExactCurvature | NoExactCurvature {
  const { samples: n, targetCount: m } = problem.data
  if (cell.kinks.length > 0) return { kind: 'on-kink', reason: `${cell.kinks.length} pre-activations are exactly 0` }
  const slopes = exactSlopes(problem, cell)
  if (!slopes)
    return problem.loss === 'absolute' || problem.loss === 'hinge'
      ? { kind: 'on-loss-kink', reason: `a sample is exactly on the kink of the ${problem.loss} loss` }
      : { kind: 'irrational-loss', reason: `the ${problem.loss} loss leaves the rational numbers` }
  const size = network.parameters
  if ((n * m * size * size) / 4 > work)
    return { kind: 'too-large', reason: `${size} parameters on ${n} samples take too long in exact arithmetic` }
  const { layers } = cell
  const last = layers.length - 1
  const firstUnit = layers.map((_, l) => layers.slice(0, l).reduce((sum, x) => sum + x.layer.outputs, 0))
  const units = layers.flatMap(({ layer }, l) =>
    Array.from({ length: layer.outputs }, (_, index) => ({ layer: l, indices: incomingIndices(layer, index) }))
  )
  // common = d_0 prod_l D_l s_l: a derivative of an output by a parameter of layer l is an integer times D_l over it.
  const common = cell.outputs.denominator
  const { numerators: residuals, denominator: residualDenominator } = slopes.slopes
  // Everything over residualDenominator * common, a multiple of common^2 / F.
  const factor = problem.reduction === 'mean' ? BigInt(n) : 1n
  const outerFactor = residualDenominator / (common * factor)
  const H = new Array<bigint>(size * size).fill(0n)
  const gradient = new Array<bigint>(size).fill(0n)
  for (let i = 0; i < n; i++) {
    // outputs[l][o * width + q] = d f_o / d z_(l, q); chains[l][b][k * width_b + q] = d a_(l, k) / d z_(b, q). Integers.
    const { outputs, chains } = derivatives(cell, i, m)
    const incoming = layers.map(({ layer, input, inputDenominator }) => {
      const values = input.slice(i * layer.inputs, (i + 1) * layer.inputs)
      return layer.biasAt === undefined ? values : [...values, inputDenominator]
    })
    const rows: { at: number; value: bigint }[][] = []
    for (let o = 0; o < m; o++) {
      const row: { at: number; value: bigint }[] = []
      for (const [u, unit] of units.entries()) {
        const l = unit.layer
        const d = outputs[l]![o * layers[l]!.layer.outputs + u - firstUnit[l]!]!
        if (d === 0n) continue
        const scaled = d * layers[l]!.denominator
        for (const [k, at] of unit.indices.entries()) {
          const a = incoming[l]![k]!
          if (a !== 0n) row.push({ at, value: scaled * a })
        }
      }
      rows.push(row)
    }
    for (let o = 0; o < m; o++) {
      const r = residuals[i * m + o]!
      if (r !== 0n) for (const { at, value } of rows[o]!) gradient[at]! += r * value
      if (!slopes.curved) continue
      for (const x of rows[o]!) {
        const scaled = x.value * outerFactor
        for (const y of rows[o]!) if (y.at <= x.at) H[x.at * size + y.at]! += scaled * y.value
      }
    }
    for (let l = 1; l <= last; l++) {
      const { layer, denominator } = layers[l]!
      for (let p = 0; p < layer.outputs; p++) {
        let delta = 0n
        for (let o = 0; o < m; o++) delta += residuals[i * m + o]! * outputs[l]![o * layer.outputs + p]!
        if (delta === 0n) continue
        delta *= denominator
        for (let k = 0; k < layer.inputs; k++)
          for (let b = 0; b < l; b++) {
            const width = layers[b]!.layer.outputs
            for (let q = 0; q < width; q++) {
              const chain = chains[l - 1]![b]![k * width + q]!
              if (chain === 0n) continue
              const scaled = delta * chain * layers[b]!.denominator
              const row = units[firstUnit[l]! + p]!.indices[k]!
              for (const [c, at] of units[firstUnit[b]! + q]!.indices.entries())
                H[row * size + at]! += scaled * incoming[b]![c]!
            }
          }
      }
    }
  }
  const denominator = residualDenominator * common
  // Weight decay: lambda theta to the gradient, lambda to the diagonal.
  const decay = problem.weightDecay
  const scale = decay.denominator
  if (sign(decay) !== 0) {
    const theta = flatParameters(cell, size)
    for (let k = 0; k < H.length; k++) H[k] = H[k]! * scale
    const decaying = decayMask(problem)
    for (let k = 0; k < size; k++) {
      gradient[k] = gradient[k]! * scale
      if (decaying[k] === 0) continue
      H[k * size + k]! += decay.numerator * denominator
      gradient[k]! += decay.numerator * theta.numerators[k]! * (denominator / theta.denominator)
    }
  }
  for (let a = 0; a < size; a++) for (let b = 0; b < a; b++) H[b * size + a] = H[a * size + b]!
  const divisor = content(H, denominator * scale)
  return {
    kind: 'exact',
    hessian: integerMatrix(size, size, divisor === 1n ? H : H.map((x) => x / divisor)),
    denominator: (denominator * scale) / divisor,
    gradient: reduceVector({ denominator: denominator * scale, numerators: gradient })
  }
}

/** The parameters as one flat vector. Exact. */
export function flatParameters(cell: ExactCell, size: number): RationalVector {
  const denominator = cell.layers.reduce((d, l) => lcm(d, l.denominator), 1n)
  const numerators = new Array<bigint>(size).fill(0n)
  for (const { layer, denominator: own, weight, bias } of cell.layers) {
    const factor = denominator / own
    for (const [k, w] of weight.entries()) numerators[layer.weightAt + k] = w * factor
    for (const [k, b] of (bias ?? []).entries()) numerators[layer.biasAt! + k] = b * factor
  }
  return { denominator, numerators }
}

/** The common factor of the entries and the denominator. */
function content(entries: readonly bigint[], denominator: bigint): bigint {
  let g = denominator
  for (const x of entries) {
    if (x === 0n) continue
    g = gcd(g, x)
    if (g === 1n) break
  }
  return g
}

/** Derivatives at one sample, as integers: their denominators are products of those of the layers passed, and are left out. */
function derivatives(cell: ExactCell, i: number, m: number) {
  const { layers } = cell
  const last = layers.length - 1
  const slopeOf = (l: number, q: number) => layers[l]!.slopes[i * layers[l]!.layer.outputs + q]!
  /** Rows of derivatives in z_(l, .), times W_l, times the slopes of layer l - 1. */
  const below = (rows: readonly bigint[], count: number, l: number): bigint[] => {
    const { weight, layer } = layers[l]!
    const next: bigint[] = []
    for (let r = 0; r < count; r++)
      for (let k = 0; k < layer.inputs; k++) {
        const slope = slopeOf(l - 1, k)
        let sum = 0n
        if (slope !== 0n)
          for (let p = 0; p < layer.outputs; p++) {
            const d = rows[r * layer.outputs + p]!
            if (d !== 0n) sum += d * weight[p * layer.inputs + k]!
          }
        next.push(sum * slope)
      }
    return next
  }
  const diagonal = (l: number) => {
    const width = layers[l]!.layer.outputs
    return Array.from({ length: width * width }, (_, at) =>
      at % (width + 1) === 0 ? slopeOf(l, at / (width + 1)) : 0n
    )
  }
  const chainsFrom = (l: number, count: number) => {
    const list = [diagonal(l)]
    for (let b = l; b > 0; b--) list.unshift(below(list[0]!, count, b))
    return list
  }
  return {
    outputs: chainsFrom(last, m),
    chains: Array.from({ length: last }, (_, l) => chainsFrom(l, layers[l]!.layer.outputs))
  }
}
