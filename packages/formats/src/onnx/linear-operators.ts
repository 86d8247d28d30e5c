import { fromNumber, one, type Rational, toNumber } from '@nadir/arithmetic'
import { assertFinite, transposed } from '../float-parameters.ts'
import { floatAttribute, integerAttribute } from './attributes.ts'
import type { Constant } from './constant.ts'
import { isVariable } from './expression.ts'
import type { OnnxNode } from './messages.ts'
import type { ParameterTensor } from './parameters.ts'
import {
  type Affine,
  addLayer,
  allow,
  constantInput,
  type DataValue,
  nextStage,
  nodeError,
  type Walk,
  waitingInput
} from './walk.ts'

const shown = (shape: readonly number[] | undefined): string => `[${shape?.join(', ') ?? 'unknown'}]`

/** A constant in the place of a parameter: finite, and told when its type or its sharing matters. */
export function parameterTensor(
  walk: Walk,
  node: OnnxNode,
  constant: Constant,
  values: Float64Array,
  scale: Rational
): ParameterTensor {
  const where = `${walk.file}: tensor ${constant.label}`
  if (constant.type === 'integer') throw nodeError(walk, node, `tensor ${constant.label} holds integers, not weights`)
  assertFinite(values, where)
  if (constant.type !== 'float64')
    walk.notes.add(`parameters are stored as ${constant.type}; their exact values are used`)
  if (walk.usedInitializers.has(constant.label))
    walk.notes.add(`tensor ${constant.label} is used in several places; each use counts as parameters of its own`)
  walk.usedInitializers.add(constant.label)
  return { values, scale }
}

/** A constant spread over the last axis of [batch, outputs], as a bias; undefined when it is not of that kind. */
export function biasValues(walk: Walk, c: Constant, outputs: number): Float64Array | undefined {
  const last = c.shape.at(-1) ?? 1
  if (c.values.length !== last || (last !== 1 && last !== outputs)) return undefined
  if (last === outputs) return c.values
  walk.notes.add(`the single number ${c.label} is read as a bias of ${outputs} parameters`)
  return new Float64Array(outputs).fill(c.values[0])
}

/**
 * Weight and bias after a normalisation of the inputs: W (s x + t) + b = (W s) x + (W t + b). The weight has the inputs
 * (channels) as its second axis. Rounded to doubles.
 */
export function takenUp(
  walk: Walk,
  node: OnnxNode,
  { scale, shift }: Affine,
  tensors: readonly ParameterTensor[],
  outputs: number
): ParameterTensor[] {
  const [weight, bias] = tensors.map(({ values, scale: factor }) => values.map((w) => w * toNumber(factor)))
  const size = weight.length / outputs / scale.length
  const input = (k: number): number => Math.floor(k / size) % scale.length
  const moved = bias ?? new Float64Array(outputs)
  for (const [k, w] of weight.entries()) moved[Math.floor(k / (size * scale.length))] += w * shift[input(k)]
  const folded = [weight.map((w, k) => w * scale[input(k)]), moved]
  for (const values of folded) assertFinite(values, `${walk.file}: node "${node.name}": the folded parameters`)
  return folded.map((values) => ({ values, scale: one }))
}

/** x W^T + b with the weight given as a constant matrix. */
function dense(
  walk: Walk,
  node: OnnxNode,
  weight: { constant: Constant; storedInOut: boolean; scale: Rational },
  bias?: { constant: Constant; scale: Rational }
): DataValue {
  const { constant, storedInOut, scale } = weight
  const value = waitingInput(walk, node, 0)
  if (constant.shape.length !== 2)
    throw nodeError(walk, node, `weight ${constant.label} is ${shown(constant.shape)}, expected two dimensions`)
  const [outputs, inputs] = storedInOut ? constant.shape.toReversed() : constant.shape
  const shape = value.shape ?? [inputs]
  if (shape.length !== 1 || shape[0] !== inputs)
    throw nodeError(walk, node, `weight ${constant.label} takes ${inputs} values, but a sample here is ${shown(shape)}`)
  if (outputs < 1 || inputs < 1) throw nodeError(walk, node, `weight ${constant.label} is empty`)
  if (walk.stage === 0) walk.inputs ??= shape
  allow(walk, node, constant.values.length + outputs)
  const values = storedInOut ? transposed(constant.values, inputs) : constant.values
  let tensors = [parameterTensor(walk, node, constant, values, scale)]
  if (bias) {
    const b = biasValues(walk, bias.constant, outputs)
    if (!b)
      throw nodeError(walk, node, `bias ${bias.constant.label} is ${shown(bias.constant.shape)}, expected [${outputs}]`)
    tensors.push(parameterTensor(walk, node, bias.constant, b, bias.scale))
  }
  if (value.affine) tensors = takenUp(walk, node, value.affine, tensors, outputs)
  return addLayer(walk, node, value, { kind: 'dense', outputs, bias: tensors.length === 2 }, [outputs], tensors)
}

/** alpha A B + beta C with A the data, B and C constant. */
export function gemm(walk: Walk, node: OnnxNode): DataValue {
  if (integerAttribute(node, 'transA', 0) !== 0) throw nodeError(walk, node, 'transA = 1 transposes the data')
  const constant = constantInput(walk, node, 1)
  if (!constant) throw nodeError(walk, node, 'the second factor is not a constant')
  const scale = fromNumber(finite(walk, node, 'alpha'))
  const weight = { constant, storedInOut: integerAttribute(node, 'transB', 0) === 0, scale }
  if (!node.inputs[2]) return dense(walk, node, weight)
  const bias = constantInput(walk, node, 2)
  if (!bias) throw nodeError(walk, node, 'the third input is not a constant')
  return dense(walk, node, weight, { constant: bias, scale: fromNumber(finite(walk, node, 'beta')) })
}

function finite(walk: Walk, node: OnnxNode, name: string): number {
  const x = floatAttribute(node, name, 1)
  if (!Number.isFinite(x)) throw nodeError(walk, node, `${name} is ${x}`)
  return x
}

/** The data times a constant matrix [in, out]. */
export function matMul(walk: Walk, node: OnnxNode): DataValue {
  const constant = constantInput(walk, node, 1)
  if (constant) return dense(walk, node, { constant, storedInOut: true, scale: one })
  const left = constantInput(walk, node, 0)
  throw nodeError(
    walk,
    node,
    left
      ? `the constant ${left.label} is on the left; samples are rows, so it belongs on the right`
      : 'no factor is a constant'
  )
}

/** A constant added to the result of a layer without bias is its bias; undefined when it cannot be that. */
export function addBias(walk: Walk, node: OnnxNode, value: DataValue, constant: Constant): DataValue | undefined {
  const layer = walk.layers.at(-1)
  if (!isVariable(value.expression) || (layer?.kind !== 'dense' && layer?.kind !== 'conv') || layer.bias)
    return undefined
  // A channel's bias is constant over height and width.
  const perChannel = layer.kind === 'conv' && constant.shape.slice(-2).every((n) => n === 1)
  const along =
    layer.kind === 'dense' ? constant : perChannel ? { ...constant, shape: constant.shape.slice(0, -2) } : undefined
  const values = along && biasValues(walk, along, layer.outputs)
  if (!values) return undefined
  walk.layers[walk.layers.length - 1] = { ...layer, bias: true }
  walk.tensors.push(parameterTensor(walk, node, constant, values, one))
  return nextStage(walk, value.shape)
}
