import { one } from '@nadir/arithmetic'
import type { Layer } from '@nadir/landscape'
import { integerAttribute, integersAttribute, textAttribute } from './attributes.ts'
import { biasValues, parameterTensor, takenUp } from './linear-operators.ts'
import type { OnnxNode } from './messages.ts'
import {
  addLayer,
  allow,
  constantInput,
  type DataValue,
  isAtInput,
  nodeError,
  type Walk,
  waitingInput
} from './walk.ts'

/** The sample as [channels, height, width]; tells the network so when it is the input. */
function imageInput(walk: Walk, node: OnnxNode): { value: DataValue; image: readonly [number, number, number] } {
  const value = waitingInput(walk, node, 0)
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

/** Zeros so that windows give ceil(size / stride) places: top, left, bottom, right; the odd one at the end or the start. */
function samePadding(
  image: readonly number[],
  size: readonly number[],
  stride: readonly number[],
  oddAtEnd: boolean
): readonly number[] {
  const total = image.map((n, axis) => Math.max(0, (Math.ceil(n / stride[axis]) - 1) * stride[axis] + size[axis] - n))
  const before = total.map((n) => (oddAtEnd ? Math.floor(n / 2) : Math.ceil(n / 2)))
  return [before[0], before[1], total[0] - before[0], total[1] - before[1]]
}

/** Size, stride and padding of a window that slides over an image, and the size of the result. */
function window(
  walk: Walk,
  node: OnnxNode,
  size: readonly number[],
  [, height, width]: readonly [number, number, number]
) {
  const automatic = textAttribute(node, 'auto_pad', 'NOTSET')
  if (!['NOTSET', 'VALID', 'SAME_UPPER', 'SAME_LOWER'].includes(automatic))
    throw nodeError(walk, node, `auto_pad ${automatic} is not known`)
  if (counts(walk, node, 'dilations', [1, 1], 1).some((d) => d !== 1))
    throw nodeError(walk, node, 'dilations other than 1 are not supported')
  const stride = counts(walk, node, 'strides', [1, 1], 1)
  const padding = automatic.startsWith('SAME')
    ? samePadding([height, width], size, stride, automatic === 'SAME_UPPER')
    : automatic === 'VALID'
      ? [0, 0, 0, 0]
      : counts(walk, node, 'pads', [0, 0, 0, 0], 0)
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
  let tensors = [parameterTensor(walk, node, weight, weight.values, one)]
  if (node.inputs[2]) {
    const bias = constantInput(walk, node, 2)
    const values = bias && biasValues(walk, bias, outputs)
    if (!values) throw nodeError(walk, node, `the bias is no constant of shape [${outputs}]`)
    tensors.push(parameterTensor(walk, node, bias, values, one))
  }
  if (value.affine) {
    if (rest.padding.some((n) => n > 0) && value.affine.shift.some((t) => t !== 0))
      throw nodeError(walk, node, 'pads what a normalisation has moved away from zero')
    tensors = takenUp(walk, node, value.affine, tensors, outputs)
  }
  const layer: Layer = { kind: 'conv', outputs, ...rest, bias: tensors.length === 2 }
  return addLayer(walk, node, value, layer, [outputs, ...result], tensors)
}

/** Average or maximum over windows without padding. */
const pool = (kind: 'average-pool' | 'max-pool', everywhere: boolean) => (walk: Walk, node: OnnxNode) => {
  const { value, image } = imageInput(walk, node)
  if (value.affine && kind === 'max-pool') throw nodeError(walk, node, 'follows a normalisation')
  const whole = [image[1], image[2]] as const
  // An average of x * scale + shift is that of x, times scale, plus shift.
  const passed = (after: DataValue): DataValue => ({ ...after, affine: value.affine })
  if (everywhere) return passed(addLayer(walk, node, value, { kind, size: whole, stride: whole }, [image[0], 1, 1]))
  const size = counts(walk, node, 'kernel_shape', [0, 0], 1)
  if (size[0] < 1) throw nodeError(walk, node, 'kernel_shape is missing')
  const { result, padding, ...rest } = window(walk, node, size, image)
  if (padding.some((p) => p !== 0)) throw nodeError(walk, node, 'pooling with padding is not supported')
  return passed(addLayer(walk, node, value, { kind, ...rest }, [image[0], ...result]))
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
    const spread = (perChannel: Float64Array): Float64Array =>
      Float64Array.from({ length: size }, (_, k) => perChannel[Math.floor((k * perChannel.length) / size)])
    const affine = value.affine && { scale: spread(value.affine.scale), shift: spread(value.affine.shift) }
    return { ...addLayer(walk, node, value, { kind: 'flatten' }, [size]), affine }
  }
  if (isAtInput(walk, value)) walk.inputs = [size]
  else if (value.shape!.length > 1) throw nodeError(walk, node, `samples of shape [${value.shape!.join(', ')}]`)
  return { ...value, shape: [size] }
}
