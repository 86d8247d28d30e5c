import type { KinkNetwork } from './kink-network.ts'

/** A channel of a hidden layer: for dense layers, a unit. */
export interface HiddenUnit {
  readonly layer: number
  readonly unit: number
}

/** Indices of the incoming weights of a unit, its bias last. */
export function incomingOf({ layers }: KinkNetwork, { layer, unit }: HiddenUnit): readonly number[] {
  const { row, weightAt, biasAt } = layers[layer]!
  const at = Array.from({ length: row }, (_, k) => weightAt + unit * row + k)
  if (biasAt >= 0) at.push(biasAt + unit)
  return at
}

/** Indices of the outgoing weights of a unit. */
export function outgoingOf({ layers }: KinkNetwork, { layer, unit }: HiddenUnit): readonly number[] {
  const { row, channels, weightAt } = layers[layer + 1]!
  const share = row / layers[layer]!.channels
  return Array.from(
    { length: channels * share },
    (_, k) => weightAt + Math.floor(k / share) * row + unit * share + (k % share)
  )
}

export const hiddenUnits = ({ layers }: KinkNetwork): readonly HiddenUnit[] =>
  layers.slice(0, -1).flatMap(({ channels }, layer) => Array.from({ length: channels }, (_, unit) => ({ layer, unit })))

export const normOf = (theta: Float64Array, indices: readonly number[]): number =>
  Math.sqrt(indices.reduce((sum, k) => sum + theta[k]! ** 2, 0))
