import { equal, one, toNumber } from '@nadir/arithmetic'
import { assertFinite } from '../float-parameters.ts'
import { floatAttribute, integerAttribute } from './attributes.ts'
import type { Constant } from './constant.ts'
import { isVariable } from './expression.ts'
import type { OnnxNode } from './messages.ts'
import type { ParameterTensor } from './parameters.ts'
import {
  type Affine,
  allow,
  constantInput,
  type DataValue,
  nextStage,
  nodeError,
  type Walk,
  waitingInput
} from './walk.ts'

const note =
  'normalisation is folded into the layer beside it, as at inference; its weights are rounded to doubles and are those of the folded network'

/** Row o of a weight times factor[o]; every row is as long as the others. */
const rowsTimes = (values: Float64Array, factor: Float64Array): Float64Array => {
  const row = values.length / factor.length
  return values.map((w, k) => w * factor[Math.floor(k / row)])
}

const plain = ({ values, scale }: ParameterTensor): Float64Array =>
  equal(scale, one) ? values : values.map((w) => w * toNumber(scale))

/** x * scale + shift for each channel, after the layer before: folded into it. Undefined when there is no such layer. */
function foldedBack(walk: Walk, node: OnnxNode, value: DataValue, { scale, shift }: Affine): DataValue | undefined {
  const layer = walk.layers.at(-1)
  if (!isVariable(value.expression) || value.affine || (layer?.kind !== 'dense' && layer?.kind !== 'conv'))
    return undefined
  if (layer.outputs !== scale.length) return undefined
  const bias = layer.bias ? plain(walk.tensors.pop()!) : new Float64Array(layer.outputs)
  const weight = rowsTimes(plain(walk.tensors.pop()!), scale)
  const moved = bias.map((b, o) => b * scale[o] + shift[o])
  for (const folded of [weight, moved]) assertFinite(folded, `${walk.file}: node "${node.name}": the folded parameters`)
  allow(walk, node, weight.length)
  walk.tensors.push({ values: weight, scale: one }, { values: moved, scale: one })
  walk.layers[walk.layers.length - 1] = { ...layer, bias: true }
  return nextStage(walk, value.shape)
}

/** The value after x * scale + shift: folded into the layer before, else waiting for the layer after. */
export function normalized(walk: Walk, node: OnnxNode, value: DataValue, affine: Affine): DataValue {
  walk.notes.add(note)
  const folded = foldedBack(walk, node, value, affine)
  if (folded) return folded
  const { scale, shift } = affine
  const before = value.affine
  if (!before) return { ...value, affine }
  return {
    ...value,
    affine: {
      scale: scale.map((s, k) => s * before.scale[k]),
      shift: shift.map((t, k) => t + scale[k] * before.shift[k])
    }
  }
}

/** (x - mean) / sqrt(variance + epsilon) * scale + shift for each channel. */
export function batchNormalization(walk: Walk, node: OnnxNode): DataValue {
  const value = waitingInput(walk, node, 0)
  if (integerAttribute(node, 'training_mode', 0) !== 0)
    throw nodeError(walk, node, 'training_mode is on: export the model for inference')
  const channels = value.shape?.[0]
  const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((k): Constant => {
    const constant = constantInput(walk, node, k)
    if (
      !constant ||
      constant.type === 'integer' ||
      constant.shape.length !== 1 ||
      (channels ?? constant.values.length) !== constant.values.length
    )
      throw nodeError(walk, node, `input ${k} is no constant list with one number for each channel`)
    assertFinite(constant.values, `${walk.file}: tensor ${constant.label}`)
    return constant
  })
  if (new Set([gamma, beta, mean, variance].map((c) => c.values.length)).size !== 1)
    throw nodeError(walk, node, 'its lists have different lengths')
  const epsilon = floatAttribute(node, 'epsilon', Math.fround(1e-5))
  allow(walk, node, 2 * gamma.values.length)
  const scale = gamma.values.map((g, k) => g / Math.sqrt(variance.values[k] + epsilon))
  const shift = beta.values.map((b, k) => b - mean.values[k] * scale[k])
  for (const numbers of [scale, shift]) assertFinite(numbers, `${walk.file}: node "${node.name}": its factors`)
  return normalized(walk, node, value, { scale, shift })
}
