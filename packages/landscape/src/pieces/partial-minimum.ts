import { feasibleInBox, integerMatrix, type RationalVector } from '@nadir/arithmetic'
import { fanIn } from '../curvature/layered.ts'
import { exactLoss } from '../loss/exact-loss.ts'
import { isRationalLoss } from '../loss/loss.ts'
import type { Obstacle } from '../traits.ts'
import { onParameters, type Piece, pullBack, pullBackDenominator, type WallPlace, wallKey } from './piece.ts'

/** In one adjacent piece: the gradient of the layer is the sum of multipliers >= 0 times the inward normals of the walls, so the layer alone cannot do better there. */
export interface PieceMultipliers {
  /** The walls that matter, the piece's side of each, and the multipliers, in one order. */
  readonly walls: readonly WallPlace[]
  readonly positive: readonly boolean[]
  readonly multipliers: RationalVector
}

/** Whether a layer alone can lower the loss, with the proof. Parameters of the layer are listed unit by unit: its weights, then its bias. */
export type LayerVerdict =
  | { readonly kind: 'minimum'; readonly layer: number; readonly pieces: readonly PieceMultipliers[] }
  | {
      readonly kind: 'descent'
      readonly layer: number
      /** A direction of the layer's parameters along which the loss falls, into the piece in which it was found. */
      readonly direction: readonly bigint[]
    }
  | { readonly kind: 'undecided'; readonly layer: number; readonly reason: string }

/** Choices of sides that are gone through for one group of walls. */
const mostPieces = 4096

/**
 * For every layer whether the point is a minimum of the loss over this layer alone, in every adjacent piece. Convexity makes the first-order condition sufficient: a non-negative combination of the walls' normals
 * that equals the gradient proves it, and where there is none, a direction of descent exists. All layers passing makes the point a partial minimum, which may still be a saddle. Exact. Reference: Rister and
 * Rubin 2017.
 */
export function partialMinimum(piece: Piece): readonly LayerVerdict[] | Obstacle {
  const { problem } = piece
  if (!isRationalLoss(problem.loss))
    return {
      kind: 'obstacle',
      reason: `the ${problem.loss} loss leaves the rational numbers`,
      tryNext: 'squared, absolute and hinge loss are decided exactly'
    }
  const { residuals, ties } = exactLoss(problem, piece.outputs)
  if (ties.length > 0)
    return {
      kind: 'obstacle',
      reason: `the ${problem.loss} loss is not differentiable on ${ties.length} samples`,
      tryNext: 'the squared loss has no such samples'
    }
  return piece.layers.map((_, l) => layerVerdict(piece, l, residuals))
}

function layerVerdict(
  piece: Piece,
  l: number,
  residuals: { readonly rows: readonly (readonly bigint[])[]; readonly denominator: bigint }
): LayerVerdict {
  const { layers, walls } = piece
  const last = layers.length - 1
  const width = fanIn(layers[l]!.layer)
  const above = walls.filter(({ layer }) => layer >= l)
  // In the last hidden layer the sides of a unit concern its own parameters only.
  const split = l === last - 1
  const groups = split
    ? Array.from({ length: layers[l]!.layer.outputs }, (_, unit) => ({
        own: above.filter((w) => w.unit === unit),
        from: unit * width,
        to: (unit + 1) * width
      }))
    : [{ own: above, from: 0, to: layers[l]!.layer.outputs * width }]
  const found: PieceMultipliers[] = []
  for (const { own, from, to } of groups) {
    if (2 ** own.length > mostPieces)
      return {
        kind: 'undecided',
        layer: l,
        reason: `${own.length} walls meet here: 2^${own.length} pieces are too many`
      }
    for (let choice = 0; choice < 2 ** own.length; choice++) {
      const positive = own.map((_, k) => ((choice >> k) & 1) === 1)
      const sides = new Set(own.flatMap((w, k) => (positive[k] ? [wallKey(w)] : [])))
      const gradient = layerGradient(piece, l, residuals, sides).slice(from, to)
      const normals = own.map((w, k) => {
        const unit = layers[w.layer]!.layer.outputs
        const start = Array.from({ length: unit }, (_, u) => (u === w.unit ? (positive[k] ? 1n : -1n) : 0n))
        return onParameters(layers[l]!, pullBack(piece, start, w.layer, l, w.sample, sides), w.sample).slice(from, to)
      })
      const size = to - from
      const matrix = integerMatrix(
        size,
        own.length,
        Array.from({ length: size * own.length }, (_, at) => normals[at % own.length]![Math.floor(at / own.length)]!)
      )
      const answer =
        own.length === 0
          ? emptyAnswer(gradient)
          : feasibleInBox(
              matrix,
              gradient,
              own.map(() => 0n),
              own.map(() => undefined)
            )
      if (answer.kind === 'infeasible') {
        const direction = new Array<bigint>(layers[l]!.layer.outputs * width).fill(0n)
        for (const [k, y] of answer.certificate.entries()) direction[from + k] = -y
        return { kind: 'descent', layer: l, direction }
      }
      found.push({
        walls: own,
        positive,
        multipliers: { denominator: answer.denominator, numerators: answer.numerators }
      })
    }
  }
  return { kind: 'minimum', layer: l, pieces: found }
}

/** Without walls the gradient itself must vanish; where it does not it is the certificate. */
const emptyAnswer = (gradient: readonly bigint[]) =>
  gradient.every((g) => g === 0n)
    ? { kind: 'feasible' as const, denominator: 1n, numerators: [] as bigint[] }
    : { kind: 'infeasible' as const, certificate: gradient }

/** A positive multiple of the gradient of the loss by the parameters of layer l, the walls on the given sides. */
function layerGradient(
  piece: Piece,
  l: number,
  residuals: { readonly rows: readonly (readonly bigint[])[]; readonly denominator: bigint },
  sides: ReadonlySet<string>
): bigint[] {
  const { problem, layers } = piece
  const own = layers[l]!
  const last = layers.length - 1
  const sums = new Array<bigint>(own.layer.outputs * fanIn(own.layer)).fill(0n)
  for (const [i, row] of residuals.rows.entries())
    for (const [k, g] of onParameters(own, pullBack(piece, row, last, l, i, sides), i).entries()) sums[k]! += g
  const { weightDecay, decayBiases, reduction, data } = problem
  if (weightDecay.numerator === 0n) return sums
  // (1/n) sums / denominator + decay * parameters, times everything that divides.
  const shares = reduction === 'mean' ? BigInt(data.samples) : 1n
  const denominator = residuals.denominator * pullBackDenominator(piece, last, l) * own.input.denominator * shares
  const { weight, bias, layer } = own
  const biasDenominator = bias?.denominator ?? 1n
  const width = fanIn(layer)
  return sums.map((s, at) => {
    const unit = Math.floor(at / width)
    const k = at % width
    const isBias = k === layer.inputs
    const parameter = isBias
      ? decayBiases
        ? bias!.numerators[unit]! * weight.denominator
        : 0n
      : weight.numerators[unit * layer.inputs + k]! * biasDenominator
    return (
      s * weightDecay.denominator * weight.denominator * biasDenominator +
      weightDecay.numerator * parameter * denominator
    )
  })
}
