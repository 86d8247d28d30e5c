import { type Activation, activationName } from './activation.ts'

/**
 * One step of a network. Parameters live in `dense` and `conv` only, in the order weight, bias.
 * Shapes: dense weight [outputs][inputs] row-major, bias [outputs]; conv weight [outputs][channels][height][width].
 */
export type Layer =
  | { readonly kind: 'dense'; readonly outputs: number; readonly bias: boolean }
  | { readonly kind: 'activation'; readonly activation: Activation }
  | {
      readonly kind: 'conv'
      readonly outputs: number
      readonly size: readonly [number, number]
      readonly stride: readonly [number, number]
      /** top, left, bottom, right */
      readonly padding: readonly [number, number, number, number]
      readonly bias: boolean
    }
  | {
      readonly kind: 'average-pool' | 'max-pool'
      readonly size: readonly [number, number]
      readonly stride: readonly [number, number]
    }
  | { readonly kind: 'flatten' }

/** An architecture without its parameters. `inputs` is [features] or [channels, height, width]. */
export interface Network {
  readonly inputs: readonly number[]
  readonly layers: readonly Layer[]
}

/** A tensor of parameters: where it sits and its shape. */
export interface ParameterShape {
  readonly layer: number
  readonly role: 'weight' | 'bias'
  readonly shape: readonly number[]
}

const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

/** Shape of the values after each layer. @throws Error naming the layer that does not fit */
export function shapesThrough(network: Network): readonly (readonly number[])[] {
  const shapes: (readonly number[])[] = []
  let shape = network.inputs
  for (const [l, layer] of network.layers.entries()) {
    if (layer.kind === 'dense') shape = [layer.outputs]
    else if (layer.kind === 'flatten') shape = [product(shape)]
    else if (layer.kind !== 'activation') {
      if (shape.length !== 3)
        throw new Error(`layer ${l} (${layer.kind}) needs [channels, height, width], got [${shape}]`)
      const pad = layer.kind === 'conv' ? layer.padding : [0, 0, 0, 0]
      const height = Math.floor((shape[1]! + pad[0]! + pad[2]! - layer.size[0]) / layer.stride[0]) + 1
      const width = Math.floor((shape[2]! + pad[1]! + pad[3]! - layer.size[1]) / layer.stride[1]) + 1
      if (height < 1 || width < 1) throw new Error(`layer ${l} (${layer.kind}) is larger than its input [${shape}]`)
      shape = [layer.kind === 'conv' ? layer.outputs : shape[0]!, height, width]
    }
    shapes.push(shape)
  }
  return shapes
}

/** The parameter tensors in storage order: layer by layer, weight before bias. */
export function parameterShapes(network: Network): readonly ParameterShape[] {
  const after = shapesThrough(network)
  return network.layers.flatMap((layer, l): ParameterShape[] => {
    if (layer.kind !== 'dense' && layer.kind !== 'conv') return []
    const before = l === 0 ? network.inputs : after[l - 1]!
    const shape =
      layer.kind === 'dense'
        ? [layer.outputs, product(before)]
        : [layer.outputs, before[0]!, layer.size[0], layer.size[1]]
    const weight: ParameterShape = { layer: l, role: 'weight', shape }
    return layer.bias ? [weight, { layer: l, role: 'bias', shape: [layer.outputs] }] : [weight]
  })
}

/** Number of parameters of one tensor. */
export const tensorSize = (t: ParameterShape): number => product(t.shape)

export const parameterCount = (network: Network): number =>
  parameterShapes(network).reduce((n, t) => n + tensorSize(t), 0)

/** Number of values that one sample has, and number of outputs. */
export const inputCount = (network: Network): number => product(network.inputs)
export const outputCount = (network: Network): number => product(shapesThrough(network).at(-1) ?? network.inputs)

/** Short name such as `10-16-1 relu`, `2-4-1 relu, no biases`, or `1x8x8 conv4(3x3) relu average-pool(2x2) flatten 10`. */
export function networkName(network: Network): string {
  const activations = [
    ...new Set(network.layers.flatMap((l) => (l.kind === 'activation' ? [activationName(l.activation)] : [])))
  ]
  const dense = network.layers.filter((l) => l.kind === 'dense')
  const plain =
    network.inputs.length === 1 && network.layers.every((l) => l.kind === 'dense' || l.kind === 'activation')
  if (plain && activations.length <= 1) {
    const sizes = [network.inputs[0]!, ...dense.map((l) => l.outputs)].join('-')
    const biases = dense.every((l) => l.bias) ? '' : dense.some((l) => l.bias) ? ', some biases missing' : ', no biases'
    return `${sizes} ${activations[0] ?? 'linear'}${biases}`
  }
  const words = network.layers.map((l) => {
    if (l.kind === 'dense') return `${l.outputs}`
    if (l.kind === 'activation') return activationName(l.activation)
    if (l.kind === 'flatten') return 'flatten'
    return `${l.kind}${l.kind === 'conv' ? l.outputs : ''}(${l.size.join('x')})`
  })
  return [network.inputs.join('x'), ...words].join(' ')
}
