import type { Activation } from '../network/activation.ts'
import { inputCount, type Network } from '../network/network.ts'
import type { Obstacle } from '../traits.ts'

/** A dense layer and the activation that follows it: a_l = sigma(z_l), z_l = W_l a_(l-1) + b_l. */
export interface DenseLayer {
  readonly inputs: number
  readonly outputs: number
  /** Index of W_l[0][0] and of b_l[0] in the flat parameter vector. */
  readonly weightAt: number
  readonly biasAt: number | undefined
  /** undefined: the identity. */
  readonly activation: Activation | undefined
}

/** A network seen as dense layers only. */
export interface LayeredNetwork {
  readonly kind: 'layered'
  readonly layers: readonly DenseLayer[]
  readonly parameters: number
}

/** The dense layers of a network, or what else it has. */
export function asLayered(network: Network): LayeredNetwork | Obstacle {
  const layers: DenseLayer[] = []
  let inputs = inputCount(network)
  let at = 0
  for (const [l, layer] of network.layers.entries()) {
    if (layer.kind === 'flatten') continue
    if (layer.kind === 'activation') {
      const last = layers.at(-1)
      if (!last || last.activation)
        return {
          kind: 'obstacle',
          reason: `layer ${l} is an activation that does not follow a dense layer`,
          tryNext: 'curvature covers dense layers, each with at most one activation'
        }
      layers[layers.length - 1] = { ...last, activation: layer.activation }
      continue
    }
    if (layer.kind !== 'dense')
      return {
        kind: 'obstacle',
        reason: `layer ${l} is a ${layer.kind} layer: curvature covers dense layers`,
        tryNext: 'flatten the network to dense layers'
      }
    const biasAt = layer.bias ? at + inputs * layer.outputs : undefined
    layers.push({ inputs, outputs: layer.outputs, weightAt: at, biasAt, activation: undefined })
    at += (inputs + (layer.bias ? 1 : 0)) * layer.outputs
    inputs = layer.outputs
  }
  if (layers.length === 0)
    return { kind: 'obstacle', reason: 'the network has no parameters', tryNext: 'give a network with a dense layer' }
  return { kind: 'layered', layers, parameters: at }
}

/** Index of the incoming weight of unit j from input k in the flat parameter vector. */
export const weightIndex = (layer: DenseLayer, j: number, k: number): number => layer.weightAt + j * layer.inputs + k

/** Length of the incoming parameters (w_j, b_j) of one unit. */
export const fanIn = (layer: DenseLayer): number => layer.inputs + (layer.biasAt === undefined ? 0 : 1)

/** Indices of the incoming parameters of unit j: the weights in order, then the bias when there is one. */
export function incomingIndices(layer: DenseLayer, j: number): number[] {
  const indices = Array.from({ length: layer.inputs }, (_, k) => weightIndex(layer, j, k))
  if (layer.biasAt !== undefined) indices.push(layer.biasAt + j)
  return indices
}
