import type { Network } from '../network/network.ts'
import { parameterShapes, tensorSize } from '../network/network.ts'

/** Where a parameter sits: `layer` counts the layers with parameters, `unit` is its output unit, `input` is undefined for a bias. */
export interface ParameterPlace {
  readonly index: number
  readonly layer: number
  readonly unit: number
  readonly input: number | undefined
}

/** The place of each parameter of the flat vector. */
export function parameterPlaces(network: Network): readonly ParameterPlace[] {
  const places: ParameterPlace[] = []
  let layer = -1
  for (const tensor of parameterShapes(network)) {
    if (tensor.role === 'weight') layer++
    const inputs = tensor.role === 'weight' ? tensorSize(tensor) / tensor.shape[0]! : 1
    for (let k = 0; k < tensorSize(tensor); k++) {
      const unit = Math.floor(k / inputs)
      places.push({ index: places.length, layer, unit, input: tensor.role === 'weight' ? k % inputs : undefined })
    }
  }
  return places
}

/** In words, layers with parameters and units counted from 1. */
export const parameterName = ({ layer, unit, input }: ParameterPlace): string =>
  input === undefined
    ? `the bias of unit ${unit + 1} of layer ${layer + 1}`
    : `weight ${input + 1} of unit ${unit + 1} of layer ${layer + 1}`
