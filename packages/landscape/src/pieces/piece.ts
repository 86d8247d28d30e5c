import type { RationalVector } from '@nadir/arithmetic'
import { asLayered, type DenseLayer } from '../curvature/layered.ts'
import { type ExactRows, evaluateThrough, exactRows, integerSlopes } from '../network/evaluate-exact.ts'
import type { ExactPoint } from '../point.ts'
import type { Problem } from '../problem.ts'
import type { Obstacle } from '../traits.ts'

/** A wall of the pieces: the pre-activation of unit `unit` of dense layer `layer` is 0 on a sample. All numbers from 0. */
export interface WallPlace {
  readonly layer: number
  readonly unit: number
  readonly sample: number
}

/** A dense layer at a point: what goes in, what comes out before the activation, and its parameters. Exact. */
export interface LayerAtPoint {
  readonly layer: DenseLayer
  readonly weight: RationalVector
  readonly bias: RationalVector | undefined
  /** One row for each sample. */
  readonly input: ExactRows
  readonly z: ExactRows
  /** Slopes of the activation over one denominator; undefined for the identity. */
  readonly slopes: ReturnType<typeof integerSlopes>
}

/**
 * Where a point lies in the piecewise structure of the loss. As a function of all parameters the loss has one piece for each choice of sides: there every layer alone sees a convex function (with the
 * squared, absolute or hinge loss). The point lies in the interior of one piece, or on walls between several.
 */
export interface Piece {
  readonly kind: 'piece'
  readonly problem: Problem
  readonly layers: readonly LayerAtPoint[]
  /** The outputs, one row for each sample. */
  readonly outputs: ExactRows
  readonly walls: readonly WallPlace[]
}

/** The piece or pieces that a point lies in, for dense networks with two-slope activations, any depth. Exact. */
export function pieceAt(problem: Problem, point: ExactPoint): Piece | Obstacle {
  const network = asLayered(problem.network)
  if (network.kind === 'obstacle') return network
  if (network.layers.some(({ activation }) => activation?.kind === 'smooth'))
    return {
      kind: 'obstacle',
      reason: 'a smooth activation has no linear pieces',
      tryNext: 'pieces exist for relu, leaky-relu, abs and other two-slope activations'
    }
  const values = evaluateThrough(problem.network, point, exactRows(problem.data.inputs, problem.data.inputCount))
  const layers: LayerAtPoint[] = []
  let tensor = 0
  for (const [at, layer] of problem.network.layers.entries()) {
    if (layer.kind !== 'dense') continue
    const dense = network.layers[layers.length]!
    layers.push({
      layer: dense,
      weight: point.tensors[tensor++]!,
      bias: layer.bias ? point.tensors[tensor++]! : undefined,
      input: values[at]!,
      z: values[at + 1]!,
      slopes: dense.activation && integerSlopes(dense.activation)
    })
  }
  const walls = layers.flatMap(({ z, slopes }, layer) =>
    slopes === undefined || slopes.positive === slopes.negative
      ? []
      : z.rows.flatMap((row, sample) => row.flatMap((t, unit) => (t === 0n ? [{ layer, unit, sample }] : [])))
  )
  return { kind: 'piece', problem, layers, outputs: values.at(-1)!, walls }
}

/** Which walls count as positive. */
export type WallSides = ReadonlySet<string>

export const wallKey = ({ layer, unit, sample }: WallPlace): string => `${layer} ${unit} ${sample}`

/**
 * A row vector on z_k of one sample taken back to z_l, k >= l: v W_k D_(k-1) ... D_l, the walls on the given sides; over a positive denominator that depends on k and l alone. Exact.
 */
export function pullBack(
  { layers }: Piece,
  vector: readonly bigint[],
  k: number,
  l: number,
  sample: number,
  positive: WallSides
): bigint[] {
  let row = [...vector]
  for (let at = k; at > l; at--) {
    const { weight, layer } = layers[at]!
    const below = new Array<bigint>(layer.inputs).fill(0n)
    for (const [u, c] of row.entries())
      if (c !== 0n) for (let e = 0; e < layer.inputs; e++) below[e]! += c * weight.numerators[u * layer.inputs + e]!
    const { slopes, z } = layers[at - 1]!
    row = slopes
      ? below.map((c, unit) => {
          const t = z.rows[sample]![unit]!
          const up = t > 0n || (t === 0n && positive.has(wallKey({ layer: at - 1, unit, sample })))
          return c * (up ? slopes.positive : slopes.negative)
        })
      : below
  }
  return row
}

/** The denominator of `pullBack` from k to l. */
export function pullBackDenominator({ layers }: Piece, k: number, l: number): bigint {
  let denominator = 1n
  for (let at = k; at > l; at--)
    denominator *= layers[at]!.weight.denominator * (layers[at - 1]!.slopes?.denominator ?? 1n)
  return denominator
}

/** A covector on z_l of one sample as a covector on the parameters of layer l: its product with (a, 1), unit by unit; over the denominator of the layer's inputs. Exact. */
export function onParameters({ layer, input }: LayerAtPoint, vector: readonly bigint[], sample: number): bigint[] {
  const row = input.rows[sample]!
  return vector.flatMap((c) => {
    const own = row.map((a) => c * a)
    if (layer.biasAt !== undefined) own.push(c * input.denominator)
    return own
  })
}
