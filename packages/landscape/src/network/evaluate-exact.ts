import { lcm, overCommonDenominator, type RationalVector } from '@nadir/arithmetic'
import type { ExactPoint } from '../point.ts'
import type { Activation } from './activation.ts'
import type { Layer, Network } from './network.ts'
import { type ImageShape, imageShapes, windowsOf } from './windows.ts'

/** A matrix over one positive denominator: entry k of row i is rows[i][k] / denominator. Exact. */
export interface ExactRows {
  readonly rows: readonly (readonly bigint[])[]
  readonly denominator: bigint
}

/** The rows of a row-major matrix with this many columns. */
export function exactRows(matrix: RationalVector, columns: number): ExactRows {
  const rows: bigint[][] = []
  for (let at = 0; at < matrix.numerators.length; at += columns) rows.push(matrix.numerators.slice(at, at + columns))
  return { rows, denominator: matrix.denominator }
}

/** The two slopes of an activation as integers over one positive denominator; undefined for a smooth one. */
export function integerSlopes(activation: Activation) {
  if (activation.kind !== 'two-slope') return undefined
  const { denominator, numerators } = overCommonDenominator([activation.positive, activation.negative])
  return { positive: numerators[0]!, negative: numerators[1]!, denominator }
}

/** The parameters of every layer of a network, layer by layer; layers without parameters have none. */
export function parametersByLayer(network: Network, point: ExactPoint): readonly (readonly RationalVector[])[] {
  let next = 0
  return network.layers.map((layer) => {
    if (layer.kind !== 'dense' && layer.kind !== 'conv') return []
    const count = layer.bias ? 2 : 1
    next += count
    return point.tensors.slice(next - count, next)
  })
}

/** Whether `evaluateThrough` knows every layer: all but max-pool and smooth activations other than the quadratic one. */
export const isExactlyEvaluable = (network: Network): boolean =>
  network.layers.every((layer) =>
    layer.kind === 'activation'
      ? layer.activation.kind === 'two-slope' || layer.activation.name === 'quadratic'
      : layer.kind !== 'max-pool'
  )

/**
 * What every layer is applied to, layer by layer, and then the outputs; one row for each row of inputs, images channel by channel and row by row.
 * Exact. @throws RangeError for a layer without exact arithmetic
 */
export function evaluateThrough(network: Network, point: ExactPoint, inputs: ExactRows): readonly ExactRows[] {
  const parameters = parametersByLayer(network, point)
  const shapes = imageShapes(network)
  const values = [inputs]
  for (const [l, layer] of network.layers.entries()) {
    const before = values[l]!
    const slopes = layer.kind === 'activation' ? integerSlopes(layer.activation) : undefined
    if (layer.kind === 'dense') values.push(throughDense(before, layer.outputs, parameters[l]!))
    else if (layer.kind === 'flatten') values.push(before)
    else if (isQuadratic(layer))
      values.push({
        rows: before.rows.map((row) => row.map((z) => z * z)),
        denominator: before.denominator * before.denominator
      })
    else if (layer.kind === 'conv' || layer.kind === 'average-pool') {
      const windows = windowsOf(layer, shapes[l]!, shapes[l + 1]!)
      values.push(
        layer.kind === 'conv'
          ? throughConvolution(before, layer.outputs, parameters[l]!, windows, shapes[l]!)
          : throughAverage(before, windows, shapes[l]!)
      )
    } else if (slopes) {
      const { positive, negative, denominator } = slopes
      values.push({
        rows: before.rows.map((row) => row.map((z) => (z > 0n ? positive * z : negative * z))),
        denominator: before.denominator * denominator
      })
    } else throw new RangeError(`evaluateThrough: layer ${l} (${layer.kind}) has no exact arithmetic`)
  }
  return values
}

/** t -> t^2, the smooth activation with rational values. */
export const isQuadratic = (layer: Layer): boolean =>
  layer.kind === 'activation' && layer.activation.kind === 'smooth' && layer.activation.name === 'quadratic'

type Windows = ReturnType<typeof windowsOf>

/** What a convolution sees at every position, as rows: row i * positions + p is the patch of sample i at position p. */
export function patchRows({ rows, denominator }: ExactRows, windows: Windows, [channels, h, w]: ImageShape): ExactRows {
  const patches: bigint[][] = []
  for (const row of rows)
    for (const window of windows) {
      const patch: bigint[] = []
      for (let c = 0; c < channels; c++) for (const q of window) patch.push(q < 0 ? 0n : row[c * h * w + q]!)
      patches.push(patch)
    }
  return { rows: patches, denominator }
}

/** A dense layer at every position. */
function throughConvolution(
  before: ExactRows,
  outputs: number,
  parameters: readonly RationalVector[],
  windows: Windows,
  shape: ImageShape
): ExactRows {
  const { rows, denominator } = throughDense(patchRows(before, windows, shape), outputs, parameters)
  const positions = windows.length
  return {
    rows: before.rows.map((_, i) =>
      Array.from(
        { length: outputs * positions },
        (_, k) => rows[i * positions + (k % positions)]![Math.floor(k / positions)]!
      )
    ),
    denominator
  }
}

function throughAverage(before: ExactRows, windows: Windows, [channels, h, w]: ImageShape): ExactRows {
  return {
    rows: before.rows.map((row) =>
      Array.from({ length: channels * windows.length }, (_, k) => {
        const c = Math.floor(k / windows.length)
        return windows[k % windows.length]!.reduce((sum, q) => sum + row[c * h * w + q]!, 0n)
      })
    ),
    denominator: before.denominator * BigInt(windows[0]!.length)
  }
}

function throughDense(before: ExactRows, outputs: number, [weight, bias]: readonly RationalVector[]): ExactRows {
  const width = weight!.numerators.length / outputs
  const common = bias ? lcm(weight!.denominator, bias.denominator) : weight!.denominator
  const scale = common / weight!.denominator
  // Rows of the weight as lists of its non-zero entries: constructed networks are sparse.
  const units = Array.from({ length: outputs }, (_, k) => {
    const entries: { readonly e: number; readonly w: bigint }[] = []
    for (let e = 0; e < width; e++) {
      const w = weight!.numerators[k * width + e]!
      if (w !== 0n) entries.push({ e, w: w * scale })
    }
    return { entries, shift: bias ? bias.numerators[k]! * (common / bias.denominator) * before.denominator : 0n }
  })
  const rows = before.rows.map((row) =>
    units.map(({ entries, shift }) => {
      let sum = shift
      for (const { e, w } of entries) if (row[e] !== 0n) sum += w * row[e]!
      return sum
    })
  )
  return { rows, denominator: common * before.denominator }
}
