import type { RationalVector } from '@nadir/arithmetic'
import type { ExactEvaluation } from '../cells/exact-evaluation.ts'
import { type ExactRows, integerSlopes, isQuadratic, parametersByLayer, patchRows } from '../network/evaluate-exact.ts'
import { type ImageShape, imageShapes, windowsOf } from '../network/windows.ts'

/**
 * The gradient of the loss, tensor by tensor, without the factor of the reduction; undefined where the loss is not differentiable because a
 * pre-activation or a tie sits on a kink. Networks without max-pool and smooth activations other than the quadratic one, any depth. Exact.
 */
export function exactGradient(evaluation: ExactEvaluation): readonly RationalVector[] | undefined {
  const { problem, point, values, residuals, ties } = evaluation
  if (ties.length > 0) return undefined
  const { layers } = problem.network
  const shapes = imageShapes(problem.network)
  const parameters = parametersByLayer(problem.network, point)
  const gradient: RationalVector[] = []
  let deltas: ExactRows = residuals
  for (let l = layers.length - 1; l >= 0; l--) {
    const layer = layers[l]!
    const inputs = values[l]!
    const shape = shapes[l]!
    if (layer.kind === 'dense') {
      const [weight, bias] = parameters[l]!
      if (bias) gradient.unshift({ denominator: deltas.denominator, numerators: columnSums(deltas) })
      gradient.unshift(outerProducts(deltas, inputs))
      if (l > 0) deltas = timesWeight(deltas, weight!, layer.outputs)
    } else if (layer.kind === 'conv') {
      const windows = windowsOf(layer, shape, shapes[l + 1]!)
      const [weight, bias] = parameters[l]!
      const byPosition = positionRows(deltas, layer.outputs)
      if (bias) gradient.unshift({ denominator: deltas.denominator, numerators: columnSums(byPosition) })
      gradient.unshift(outerProducts(byPosition, patchRows(inputs, windows, shape)))
      if (l > 0) deltas = scattered(timesWeight(byPosition, weight!, layer.outputs), windows, shape)
    } else if (layer.kind === 'average-pool') {
      const windows = windowsOf(layer, shape, shapes[l + 1]!)
      const patches = positionRows(deltas, shape[0])
      const spread = patches.rows.map((row) => row.flatMap((d) => windows[0]!.map(() => d)))
      const denominator = deltas.denominator * BigInt(windows[0]!.length)
      deltas = scattered({ rows: spread, denominator }, windows, shape)
    } else if (isQuadratic(layer)) {
      deltas = {
        rows: deltas.rows.map((row, i) => row.map((d, u) => 2n * d * inputs.rows[i]![u]!)),
        denominator: deltas.denominator * inputs.denominator
      }
    } else if (layer.kind === 'activation') {
      const slopes = integerSlopes(layer.activation)
      if (!slopes) throw new RangeError(`exactGradient: layer ${l} is not piecewise linear`)
      if (inputs.rows.some((row) => row.includes(0n))) return undefined
      deltas = {
        rows: deltas.rows.map((row, i) =>
          row.map((d, u) => d * (inputs.rows[i]![u]! > 0n ? slopes.positive : slopes.negative))
        ),
        denominator: deltas.denominator * slopes.denominator
      }
    }
  }
  return gradient
}

/** Images of this many channels as rows of channels, one for each sample and position. */
const positionRows = ({ rows, denominator }: ExactRows, channels: number): ExactRows => ({
  denominator,
  rows: rows.flatMap((row) => {
    const positions = row.length / channels
    return Array.from({ length: positions }, (_, p) =>
      Array.from({ length: channels }, (_, c) => row[c * positions + p]!)
    )
  })
})

/** The sum over all windows of what they say about the places that they look at: the transpose of taking patches. */
function scattered(
  { rows, denominator }: ExactRows,
  windows: ReturnType<typeof windowsOf>,
  [channels, h, w]: ImageShape
): ExactRows {
  const taps = windows[0]!.length
  const images = Array.from({ length: rows.length / windows.length }, () =>
    new Array<bigint>(channels * h * w).fill(0n)
  )
  for (const [k, row] of rows.entries()) {
    const image = images[Math.floor(k / windows.length)]!
    for (const [tap, q] of windows[k % windows.length]!.entries())
      if (q >= 0) for (let c = 0; c < channels; c++) image[c * h * w + q]! += row[c * taps + tap]!
  }
  return { rows: images, denominator }
}

function columnSums({ rows }: ExactRows): bigint[] {
  const sums = rows[0]!.map(() => 0n)
  for (const row of rows) for (const [k, d] of row.entries()) sums[k]! += d
  return sums
}

/** sum_i delta_i a_i^T, row-major. */
function outerProducts(deltas: ExactRows, inputs: ExactRows): RationalVector {
  const width = inputs.rows[0]!.length
  const sums = new Array<bigint>(deltas.rows[0]!.length * width).fill(0n)
  for (const [i, row] of deltas.rows.entries())
    for (const [u, d] of row.entries()) {
      if (d === 0n) continue
      for (const [e, a] of inputs.rows[i]!.entries()) if (a !== 0n) sums[u * width + e]! += d * a
    }
  return { denominator: deltas.denominator * inputs.denominator, numerators: sums }
}

function timesWeight(deltas: ExactRows, weight: RationalVector, outputs: number): ExactRows {
  const width = weight.numerators.length / outputs
  return {
    rows: deltas.rows.map((row) => {
      const sums = new Array<bigint>(width).fill(0n)
      for (const [u, d] of row.entries()) {
        if (d === 0n) continue
        for (let e = 0; e < width; e++) {
          const w = weight.numerators[u * width + e]!
          if (w !== 0n) sums[e]! += d * w
        }
      }
      return sums
    }),
    denominator: deltas.denominator * weight.denominator
  }
}

/** Whether every entry is zero. */
export const isZero = (vectors: readonly RationalVector[]): boolean =>
  vectors.every(({ numerators }) => numerators.every((a) => a === 0n))

/** The direction of steps of size one against the signs of a gradient: short numbers, and a negative slope when the gradient is not zero. */
export const againstSigns = (gradient: readonly RationalVector[]): readonly RationalVector[] =>
  gradient.map(({ numerators }) => ({
    denominator: 1n,
    numerators: numerators.map((a) => (a > 0n ? -1n : a < 0n ? 1n : 0n))
  }))
