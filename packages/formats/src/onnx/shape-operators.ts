import { integerAttribute, integersAttribute } from './attributes.ts'
import { flattenSample } from './image-operators.ts'
import { elementTypes, type OnnxNode } from './messages.ts'
import {
  constantInput,
  type DataValue,
  dataInput,
  isAtInput,
  nodeError,
  type Operator,
  type Walk,
  waitingInput
} from './walk.ts'

const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

export const identity: Operator = (walk, node) => waitingInput(walk, node, 0)

/** Inference: dropout is the identity, unless the file insists on training. */
export function dropout(walk: Walk, node: OnnxNode): DataValue {
  if (node.inputs[2] && constantInput(walk, node, 2)?.values[0] !== 0)
    throw nodeError(walk, node, 'training_mode is on: export the model for inference')
  return identity(walk, node)
}

/** A change of floating-point type: the function meant is the one without rounding. */
export function cast(walk: Walk, node: OnnxNode): DataValue {
  const to = integerAttribute(node, 'to', 0)
  const floats: readonly number[] = [
    elementTypes.float32,
    elementTypes.float64,
    elementTypes.float16,
    elementTypes.bfloat16
  ]
  if (!floats.includes(to)) throw nodeError(walk, node, `casts the data to element type ${to}`)
  if (to !== elementTypes.float64 && to !== walk.inputType)
    walk.notes.add('the file rounds values on the way (Cast); the network is read without that rounding')
  return identity(walk, node)
}

/** Flatten from axis 1: one row per sample. */
export function flatten(walk: Walk, node: OnnxNode): DataValue {
  const value = waitingInput(walk, node, 0)
  const axis = integerAttribute(node, 'axis', 1)
  if (axis !== 1 && axis !== -(value.shape?.length ?? 0)) throw nodeError(walk, node, `axis ${axis} mixes samples`)
  // A row of unknown length stays one.
  if (value.shape === undefined) return value
  return flattenSample(walk, node, value)
}

/** Reshape that keeps samples apart: to one row per sample, or, at the input, from a row to an image. */
export function reshape(walk: Walk, node: OnnxNode): DataValue {
  const value = waitingInput(walk, node, 0)
  const target = constantInput(walk, node, 1)
  if (!target || target.values.length > 8) throw nodeError(walk, node, 'the new shape is not a short constant')
  // The size of the batch, computed in the graph, is NaN: it stays what it is.
  const [first, ...rest] = Array.from(target.values, (n, k) => (Number.isNaN(n) && k === 0 ? 0 : n))
  const shape = value.shape
  if (!shape) throw nodeError(walk, node, 'the shape of the input is not known')
  const fail = () =>
    nodeError(walk, node, `reshapes samples [${shape.join(', ')}] to [${target.values.join(', ')}], batch included`)
  if (integerAttribute(node, 'allowzero', 0) !== 0 && target.values.includes(0)) throw fail()
  // A zero copies the dimension in its place (place 0 is the batch).
  const wanted = rest.map((n, i) => (n === 0 ? shape[i] : n))
  const known = size(wanted.filter((n) => n !== -1))
  const open = wanted.indexOf(-1)
  const keepsBatch = first === 0 || first === -1 || first === walk.batch
  if (open >= 0) wanted[open] = size(shape) / known
  if (wanted.some((n) => !Number.isSafeInteger(n) || n < 1) || size(wanted) !== size(shape)) throw fail()
  // With all of a sample's dimensions given, the batch is what is left; with one of them open, the batch must be told.
  if (open >= 0 && (!keepsBatch || first === -1)) throw fail()
  if (wanted.join() === shape.join()) return value
  if (wanted.length === 1 && shape.length > 0) return flattenSample(walk, node, value)
  if (wanted.length <= 1 && size(shape) === 1) return { ...value, shape: wanted }
  if (!isAtInput(walk, value)) throw fail()
  if (value.affine) throw fail()
  walk.inputs = wanted.length === 3 ? wanted : [size(shape)]
  return { ...value, shape: wanted }
}

/** The axes of Squeeze and Unsqueeze: an attribute before opset 13, an input since. */
function axes(walk: Walk, node: OnnxNode, rank: number): readonly number[] | undefined {
  const constant = constantInput(walk, node, 1)
  const given = constant ? [...constant.values] : integersAttribute(node, 'axes')
  return given && given.length <= rank ? given.map((a) => (a < 0 ? a + rank : a)) : undefined
}

/** Removes dimensions of size 1 after the batch. */
export function squeeze(walk: Walk, node: OnnxNode): DataValue {
  const value = dataInput(walk, node, 0)
  const shape = value.shape
  const removed = shape && axes(walk, node, shape.length + 1)
  if (!removed || removed.some((a) => a < 1 || shape[a - 1] !== 1))
    throw nodeError(walk, node, 'only dimensions of size 1 after the batch can be squeezed')
  const left = shape.filter((_, i) => !removed.includes(i + 1))
  if (shape.length === 3 && left.length === 1) return flattenSample(walk, node, value)
  if (left.length > 1) throw nodeError(walk, node, `leaves samples of shape [${left.join(', ')}]`)
  return { ...value, shape: left }
}

/** Adds dimensions of size 1 after the batch: at the input a channel, or back to a row of one. */
export function unsqueeze(walk: Walk, node: OnnxNode): DataValue {
  const value = dataInput(walk, node, 0)
  const added = value.shape && axes(walk, node, value.shape.length + 1 + 1)
  if (added?.length !== 1 || added[0] < 1 || added[0] > value.shape!.length + 1)
    throw nodeError(walk, node, 'only one dimension after the batch can be added')
  const shape = value.shape!.toSpliced(added[0] - 1, 0, 1)
  if (shape.length > 1 && !isAtInput(walk, value))
    throw nodeError(walk, node, `makes samples of shape [${shape.join(', ')}]`)
  if (shape.length === 3) walk.inputs = shape
  return { ...value, shape }
}

/** A transpose that moves nothing. */
export function transpose(walk: Walk, node: OnnxNode): DataValue {
  const order = integersAttribute(node, 'perm')
  if (!order || order.length === 0 || order.some((axis, i) => axis !== i))
    throw nodeError(walk, node, 'transposes the data')
  return identity(walk, node)
}
