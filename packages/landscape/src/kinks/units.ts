import type { KinkNetwork } from './kink-network.ts'

/** A unit of a hidden layer. */
export interface HiddenUnit {
  readonly layer: number
  readonly unit: number
}

/** Indices of the incoming weights of a unit, its bias last. */
export function incomingOf({ layers }: KinkNetwork, { layer, unit }: HiddenUnit): readonly number[] {
  const { inputs, weightAt, biasAt } = layers[layer]!
  const at = Array.from({ length: inputs }, (_, k) => weightAt + unit * inputs + k)
  if (biasAt >= 0) at.push(biasAt + unit)
  return at
}

/** Indices of the outgoing weights of a unit. */
export function outgoingOf({ layers }: KinkNetwork, { layer, unit }: HiddenUnit): readonly number[] {
  const { inputs, outputs, weightAt } = layers[layer + 1]!
  return Array.from({ length: outputs }, (_, o) => weightAt + o * inputs + unit)
}

export const hiddenUnits = ({ layers }: KinkNetwork): readonly HiddenUnit[] =>
  layers.slice(0, -1).flatMap(({ outputs }, layer) => Array.from({ length: outputs }, (_, unit) => ({ layer, unit })))

export const normOf = (theta: Float64Array, indices: readonly number[]): number =>
  Math.sqrt(indices.reduce((sum, k) => sum + theta[k]! ** 2, 0))
