import type { BrokenLoss } from './broken-loss.ts'
import type { MergedData } from './merged-data.ts'

/**
 * One linear piece of a broken loss in the coordinates (u, c): the side of every sample for every unit and of every output at its break, and which kinks and
 * ties are held (they do not count in the gradient). Approximate; mutable, owned by one descent.
 */
export interface LinearPiece {
  readonly data: MergedData
  readonly loss: BrokenLoss
  readonly slopes: { readonly positive: number; readonly negative: number }
  readonly outputBias: boolean
  readonly kappa: Int8Array
  /** side[j * samples + g] = 1 when merged sample g counts as positive for unit j. */
  readonly side: Uint8Array
  /** above[i] = 1 when the output of sample i (not merged) counts as above its break. */
  readonly above: Uint8Array
  /** heldTie[i] = 1 when the output stays at its break, heldKink[j * classes + k] = 1 when u_j stays orthogonal to class k. */
  readonly heldTie: Uint8Array
  readonly heldKink: Uint8Array
}

/** kappa_j times the slope of merged sample g in unit j. */
export const unitSlope = (piece: LinearPiece, j: number, g: number): number =>
  piece.kappa[j]! * (piece.side[j * piece.data.samples + g] ? piece.slopes.positive : piece.slopes.negative)

/** How much the slope of unit j would grow on the positive side of a sample. */
export const slopeJump = (piece: LinearPiece, j: number): number =>
  piece.kappa[j]! * (piece.slopes.positive - piece.slopes.negative)

/** The derivative of the loss of sample i on its side; 0 where the tie is held. */
export const sampleSlope = (piece: LinearPiece, i: number): number =>
  piece.heldTie[i] ? 0 : piece.above[i] ? piece.loss.above[i]! : piece.loss.below[i]!

/** The sum of the samples' slopes for each merged sample. */
export function mergedSlopes(piece: LinearPiece): Float64Array {
  const { mergedOf, samples } = piece.data
  const sums = new Float64Array(samples)
  for (let i = 0; i < mergedOf.length; i++) sums[mergedOf[i]!] = sums[mergedOf[i]!]! + sampleSlope(piece, i)
  return sums
}

/** The number of coordinates: units x width, then the output bias. */
export const coordinatesOf = (piece: LinearPiece): number =>
  piece.kappa.length * piece.data.width + (piece.outputBias ? 1 : 0)

/** The side of unit j's class k: that of its first member. */
export const classSide = (piece: LinearPiece, j: number, k: number): number =>
  piece.side[j * piece.data.samples + piece.data.classes[k]![0]!]!

/** Every member of class k changes side in unit j. */
export function flipClass(piece: LinearPiece, j: number, k: number): void {
  const { samples, classes } = piece.data
  for (const g of classes[k]!) piece.side[j * samples + g] = 1 - piece.side[j * samples + g]!
}

/** The gradient of the loss on the piece, without the held ties. */
export function pieceGradient(piece: LinearPiece, out: Float64Array): void {
  const { data, kappa } = piece
  const { samples: n, width, x } = data
  const r = mergedSlopes(piece)
  out.fill(0)
  for (let j = 0; j < kappa.length; j++) {
    if (kappa[j] === 0) continue
    for (let g = 0; g < n; g++) {
      const s = r[g]! * unitSlope(piece, j, g)
      if (s === 0) continue
      for (let b = 0; b < width; b++) out[j * width + b] = out[j * width + b]! + s * x[g * width + b]!
    }
  }
  if (piece.outputBias) out[kappa.length * width] = r.reduce((sum, a) => sum + a, 0)
}

/** The output of merged sample g as a linear form of the coordinates. */
export function outputForm(piece: LinearPiece, g: number): Float64Array {
  const { data, kappa } = piece
  const { width, x } = data
  const form = new Float64Array(coordinatesOf(piece))
  for (let j = 0; j < kappa.length; j++) {
    const s = unitSlope(piece, j, g)
    for (let b = 0; b < width; b++) form[j * width + b] = s * x[g * width + b]!
  }
  if (piece.outputBias) form[kappa.length * width] = 1
  return form
}

/** The pre-activation of class k's first member in unit j as a linear form of the coordinates. */
export function kinkForm(piece: LinearPiece, j: number, k: number): Float64Array {
  const { width, x, classes } = piece.data
  const form = new Float64Array(coordinatesOf(piece))
  const g = classes[k]![0]!
  form.set(x.subarray(g * width, (g + 1) * width), j * width)
  return form
}

/** Outputs of the merged samples on the piece (linear beyond it), from pre-activations z. */
export function pieceOutputs({ data, kappa, slopes, side }: LinearPiece, z: Float64Array, c: number): Float64Array {
  const n = data.samples
  const f = new Float64Array(n).fill(c)
  for (let j = 0; j < kappa.length; j++) {
    const positive = kappa[j]! * slopes.positive
    const negative = kappa[j]! * slopes.negative
    for (let g = 0, at = j * n; g < n; g++, at++) f[g] = f[g]! + (side[at] ? positive : negative) * z[at]!
  }
  return f
}
