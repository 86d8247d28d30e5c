import type { Problem } from '../problem.ts'
import { imageShapes } from './windows.ts'

/** Multiplications in one evaluation of the network on all samples. */
export function exactProducts({ network, data }: Problem): number {
  const shapes = imageShapes(network)
  const sizeOf = (at: number) => shapes[at]!.reduce((a, b) => a * b, 1)
  let products = 0
  for (const [l, layer] of network.layers.entries()) {
    if (layer.kind === 'dense') products += layer.outputs * sizeOf(l)
    else if (layer.kind === 'conv') products += sizeOf(l + 1) * shapes[l]![0] * layer.size[0] * layer.size[1]
  }
  return products * data.samples
}
