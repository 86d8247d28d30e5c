import { one } from '@nadir/arithmetic'
import type { Layer } from '@nadir/landscape'
import { integerAttribute, integersAttribute, textAttribute } from './attributes.ts'
import { biasValues, parameterTensor } from './linear-operators.ts'
import type { OnnxNode } from './messages.ts'
import { addLayer, allow, constantInput, type DataValue, dataInput, isAtInput, nodeError, type Walk } from './walk.ts'

/** The sample as [channels, height, width]; tells the network so when it is the input. */
function imageInput(walk: Walk, node: OnnxNode): { value: DataValue; image: readonly [number, number, number] } {
  const value = dataInput(walk, node, 0)
  const shape = value.shape
  if (shape?.length !== 3)
    throw nodeError(
      walk,
      node,
      `needs samples of known shape [channels, height, width], got [${shape?.join(', ') ?? 'unknown'}]`
    )
  if (walk.stage === 0) walk.inputs ??= shape
  return { value, image: [shape[0], shape[1], shape[2]] }
}

/** A list of whole numbers, `least` or more, from an attribute. */
function counts(
  walk: Walk,
  node: OnnxNode,
  name: string,
  otherwise: readonly number[],
  least: number
): readonly number[] {
  const given = integersAttribute(node, name)
  if (!given || given.length === 0) return otherwise
  if (given.length !== otherwise.length || given.some((n) => !Number.isSafeInteger(n) || n < least))
    throw nodeError(
      walk,
      node,
      `${name} is [${given.join(', ')}], expected ${otherwise.length} numbers, at least ${least}`
    )
  return given
}

/** Size, stride and padding of a window that slides over an image, and the size of the result. */
function window(
  walk: Walk,
  node: OnnxNode,
  size: readonly number[],
  [, height, width]: readonly [number, number, number]
) {
  const automatic = textAttribute(node, 'auto_pad', 'NOTSET')
  if (automatic !== 'NOTSET' && automatic !== 'VALID')
    throw nodeError(walk, node, `auto_pad ${automatic} is not supported, write the pads out`)
  if (counts(walk, node, 'dilations', [1, 1], 1).some((d) => d !== 1))
    throw nodeError(walk, node, 'dilations other than 1 are not supported')
  const stride = counts(walk, node, 'strides', [1, 1], 1)
  const padding = automatic === 'VALID' ? [0, 0, 0, 0] : counts(walk, node, 'pads', [0, 0, 0, 0], 0)
  const room = [height + padding[0] + padding[2] - size[0], width + padding[1] + padding[3] - size[1]]
  if (room.some((r) => r < 0)) throw nodeError(walk, node, `the window [${size.join(', ')}] is larger than its input`)
  const ragged = room.some((r, i) => r % stride[i] !== 0)
  if (ragged && integerAttribute(node, 'ceil_mode', 0) !== 0)
    throw nodeError(walk, node, 'ceil_mode = 1 with windows over the edge is not supported')
  const result = room.map((r, i) => Math.floor(r / stride[i]) + 1)
  return {
    size: [size[0], size[1]] as const,
    stride: [stride[0], stride[1]] as const,
    padding: [padding[0], padding[1], padding[2], padding[3]] as const,
    result
  }
}

/** Two-dimensional convolution (correlation) with one group and no dilation. */
export function conv(walk: Walk, node: OnnxNode): DataValue {
  const { value, image } = imageInput(walk, node)
  const weight = constantInput(walk, node, 1)
  if (!weight) throw nodeError(walk, node, 'the weight is not a constant')
  if (integerAttribute(node, 'group', 1) !== 1) throw nodeError(walk, node, 'group other than 1 is not supported')
  const [outputs, channels, ...size] = weight.shape
  if (size.length !== 2 || channels !== image[0] || weight.values.length === 0)
    throw nodeError(
      walk,
      node,
      `weight ${weight.label} is [${weight.shape.join(', ')}] for samples [${image.join(', ')}]`
    )
  if (counts(walk, node, 'kernel_shape', size, 1).join() !== size.join())
    throw nodeError(walk, node, `kernel_shape is not the size of weight ${weight.label}`)
  const { result, ...rest } = window(walk, node, size, image)
  allow(walk, node, weight.values.length + outputs)
  const tensors = [parameterTensor(walk, node, weight, weight.values, one)]
  if (node.inputs[2]) {
    const bias = constantInput(walk, node, 2)
    const values = bias && biasValues(walk, bias, outputs)
    if (!values) throw nodeError(walk, node, `the bias is no constant of shape [${outputs}]`)
    tensors.push(parameterTensor(walk, node, bias, values, one))
  }
  const layer: Layer = { kind: 'conv', outputs, ...rest, bias: tensors.length === 2 }
  return addLayer(walk, node, value, layer, [outputs, ...result], tensors)
}

/** Average or maximum over windows without padding. */
const pool = (kind: 'average-pool' | 'max-pool', everywhere: boolean) => (walk: Walk, node: OnnxNode) => {
  const { value, image } = imageInput(walk, node)
  const whole = [image[1], image[2]] as const
  if (everywhere) return addLayer(walk, node, value, { kind, size: whole, stride: whole }, [image[0], 1, 1])
  const size = counts(walk, node, 'kernel_shape', [0, 0], 1)
  if (size[0] < 1) throw nodeError(walk, node, 'kernel_shape is missing')
  const { result, padding, ...rest } = window(walk, node, size, image)
  if (padding.some((p) => p !== 0)) throw nodeError(walk, node, 'pooling with padding is not supported')
  return addLayer(walk, node, value, { kind, ...rest }, [image[0], ...result])
}

export const averagePool = pool('average-pool', false)
export const maxPool = pool('max-pool', false)
export const globalAveragePool = pool('average-pool', true)
export const globalMaxPool = pool('max-pool', true)

/** Puts [channels, height, width] into one row; nothing to do when a sample is a row already. */
export function flattenSample(walk: Walk, node: OnnxNode, value: DataValue): DataValue {
  const size = value.shape?.reduce((a, b) => a * b, 1)
  if (size === undefined) throw nodeError(walk, node, 'the shape of the input is not known')
  if (value.shape?.length === 3) {
    if (walk.stage === 0) walk.inputs ??= value.shape
    return addLayer(walk, node, value, { kind: 'flatten' }, [size])
  }
  if (isAtInput(walk, value)) walk.inputs = [size]
  else if (value.shape!.length > 1) throw nodeError(walk, node, `samples of shape [${value.shape!.join(', ')}]`)
  return { ...value, shape: [size] }
}
