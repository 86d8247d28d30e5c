import type { Layer } from '@nadir/landscape'
import { InputError } from '../errors.ts'
import { type Constant, constantOf } from './constant.ts'
import { activationsOf, type Expression, expressionText, isVariable, variable } from './expression.ts'
import type { OnnxNode, OnnxTensor } from './messages.ts'
import type { ParameterTensor } from './parameters.ts'

/**
 * What flows through the graph for one sample: a pointwise function of the result of the latest layer. `stage` counts
 * layers: a value of an earlier stage has been left behind, and using it would be a branch. `shape` leaves the batch out.
 */
export interface DataValue {
  readonly stage: number
  readonly expression: Expression
  readonly shape: readonly number[] | undefined
  /** A normalisation that waits for the next layer to take it up. */
  readonly affine?: Affine | undefined
  /** Not the value, but whether it is beyond this number. */
  readonly condition?: { readonly beyond: number }
}

/** x * scale + shift, for each channel of an image or each entry of a row. Approximate. */
export interface Affine {
  readonly scale: Float64Array
  readonly shift: Float64Array
}

/** The network as read so far, walking from node to node. */
export interface Walk {
  readonly file: string
  readonly data: Map<string, DataValue>
  readonly constants: Map<string, Constant | OnnxTensor>
  readonly notes: Set<string>
  /** The bytes of a file beside the model, which holds tensors of it. */
  readonly external: ((location: string) => Uint8Array) | undefined
  readonly outside: Map<string, Uint8Array>
  /** Entries that may still be copied for parameters and constants: bounds memory by the size of the file. */
  allowance: number
  batch: number | undefined
  inputType: number | undefined
  inputs: readonly number[] | undefined
  stage: number
  readonly layers: Layer[]
  readonly tensors: ParameterTensor[]
  readonly usedInitializers: Set<string>
}

/** The value that a node computes. @throws InputError naming the node */
export type Operator = (walk: Walk, node: OnnxNode) => DataValue

const nodeName = (node: OnnxNode): string =>
  `operator ${node.domain === '' || node.domain === 'ai.onnx' ? '' : `${node.domain}.`}${node.operator}, node "${node.name}" at byte ${node.offset}`

export const nodeError = (walk: Walk, node: OnnxNode, message: string): InputError =>
  new InputError(`${walk.file}: ${nodeName(node)}: ${message}`)

/** @throws InputError when the numbers of the tensor cannot be had */
export function decodedConstant(walk: Walk, tensor: OnnxTensor): Constant {
  const constant = constantOf(tensor, walk.external)
  if (typeof constant === 'string') throw new InputError(`${walk.file}: ${constant}`)
  return constant
}

/** The constant that is input k of the node; undefined when that input is left out or is no constant. */
export function constantInput(walk: Walk, node: OnnxNode, k: number): Constant | undefined {
  const name = node.inputs[k]
  const found = name ? walk.constants.get(name) : undefined
  if (found === undefined || 'values' in found) return found
  const constant = decodedConstant(walk, found)
  walk.constants.set(name, constant)
  return constant
}

/** The data that is input k of the node. @throws InputError for a constant, an unknown name and a branch */
export function dataInput(walk: Walk, node: OnnxNode, k: number): DataValue {
  const value = waitingInput(walk, node, k)
  if (value.affine) throw nodeError(walk, node, 'follows a normalisation that no dense layer or convolution is beside')
  return value
}

/** The same for operators that let a normalisation through or take it up. */
export function waitingInput(walk: Walk, node: OnnxNode, k: number): DataValue {
  const name = node.inputs[k]
  const value = name ? walk.data.get(name) : undefined
  if (value?.condition) throw nodeError(walk, node, `"${name}" is a comparison, not a number`)
  if (value && value.stage === walk.stage) return value
  if (value)
    throw nodeError(walk, node, `uses "${name}" again after another layer took it; only sequential networks are read`)
  if (!name) throw nodeError(walk, node, `input ${k} is missing`)
  const kind = walk.constants.has(name) ? 'is a constant where the data is expected' : 'is not computed before'
  throw nodeError(walk, node, `input "${name}" ${kind}`)
}

/** Writes the pointwise function of a value as activation layers, before a further layer or at the end. */
export function settle(walk: Walk, value: DataValue, fail: (message: string) => InputError): void {
  const found = activationsOf(value.expression)
  if (!found) {
    const text = expressionText(value.expression).slice(0, 200)
    throw fail(`the operators before compute ${text} of x, which is no known activation`)
  }
  if (found.approximately)
    walk.notes.add('GELU is spelled out with rounded constants; it is read as the function with the exact constants')
  for (const activation of found.activations) walk.layers.push({ kind: 'activation', activation })
}

/** Adds a layer after `value`: its result, of the given shape. */
export function addLayer(
  walk: Walk,
  node: OnnxNode,
  value: DataValue,
  layer: Layer,
  shape: readonly number[],
  tensors: readonly ParameterTensor[] = []
): DataValue {
  settle(walk, value, (message) => nodeError(walk, node, message))
  walk.layers.push(layer)
  walk.tensors.push(...tensors)
  return nextStage(walk, shape)
}

/** The result of the latest layer; everything before it is left behind. */
export function nextStage(walk: Walk, shape: readonly number[] | undefined): DataValue {
  walk.stage++
  return { stage: walk.stage, expression: variable, shape }
}

/** Is no layer written yet, and nothing applied? Then the shape of the input is still free. */
export const isAtInput = (walk: Walk, value: DataValue): boolean => walk.stage === 0 && isVariable(value.expression)

/** Takes `entries` from what may still be copied. */
export function allow(walk: Walk, node: OnnxNode, entries: number): void {
  walk.allowance -= entries
  if (walk.allowance < 0)
    throw nodeError(walk, node, 'constants are shared or transformed too often for a file of this size')
}
