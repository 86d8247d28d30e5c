import { InputError } from '../errors.ts'
import type { DecodedModel } from '../model.ts'
import { checkedShapes } from '../network-check.ts'
import { foldConstant } from './constant-operators.ts'
import { expressionText, longestExpression, variable } from './expression.ts'
import { averagePool, conv, globalAveragePool, globalMaxPool, maxPool } from './image-operators.ts'
import { gemm, matMul } from './linear-operators.ts'
import { decodeMessages, type OnnxGraph, type OnnxNode } from './messages.ts'
import { batchNormalization } from './normalization.ts'
import { pointOf } from './parameters.ts'
import { pointwiseOperators } from './pointwise-operators.ts'
import { cast, dropout, flatten, identity, reshape, squeeze, transpose, unsqueeze } from './shape-operators.ts'
import { greater, where } from './threshold.ts'
import { dataInput, nodeError, type Operator, settle, type Walk } from './walk.ts'

/** The operators that are read, by name, in the default domain of ONNX. */
export const operators: Readonly<Record<string, Operator>> = {
  ...pointwiseOperators,
  AveragePool: averagePool,
  BatchNormalization: batchNormalization,
  Cast: cast,
  Conv: conv,
  Dropout: dropout,
  Flatten: flatten,
  Gemm: gemm,
  GlobalAveragePool: globalAveragePool,
  GlobalMaxPool: globalMaxPool,
  Greater: greater,
  Identity: identity,
  MatMul: matMul,
  MaxPool: maxPool,
  Reshape: reshape,
  Squeeze: squeeze,
  Transpose: transpose,
  Unsqueeze: unsqueeze,
  Where: where
}

/** All operators that are read, also those on constants and shapes. */
export const onnxOperators: readonly string[] = [
  ...Object.keys(operators),
  'Concat',
  'Constant',
  'Gather',
  'Shape',
  'Slice'
].sort()

/** Before this opset broadcasting meant something else. */
const oldestOpset = 7

/** The bytes of a file beside the model, read once; constants may then be as large as it is, too. */
function outside(walk: Walk, location: string, read: (location: string) => Uint8Array): Uint8Array {
  let bytes = walk.outside.get(location)
  if (!bytes) {
    bytes = read(location)
    walk.outside.set(location, bytes)
    walk.allowance += 2 * bytes.length
  }
  return bytes
}

/** The single value among `values` that is no initialiser. */
function only<T extends { readonly name: string }>(values: readonly T[], what: string, file: string): T {
  if (values.length === 1) return values[0]
  const names = values.map((v) => v.name).join(', ')
  throw new InputError(
    `${file}: the graph has ${values.length} ${what}${names && ` (${names})`}; networks with one are read`
  )
}

/** The nodes that the output depends on, in their order: exporters leave unused ones behind. */
function neededNodes(graph: OnnxGraph, output: string): OnnxNode[] {
  const needed = new Set([output])
  const nodes: OnnxNode[] = []
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((name) => needed.has(name))) continue
    for (const name of node.inputs) if (name !== '') needed.add(name)
    nodes.push(node)
  }
  return nodes.toReversed()
}

function step(walk: Walk, node: OnnxNode): void {
  const [name] = node.outputs
  if (walk.data.has(name) || walk.constants.has(name)) throw nodeError(walk, node, `"${name}" is computed twice`)
  const standard = node.domain === '' || node.domain === 'ai.onnx'
  const constant = standard ? foldConstant(walk, node) : undefined
  if (constant) {
    walk.constants.set(name, constant)
    return
  }
  const operator = standard && Object.hasOwn(operators, node.operator) ? operators[node.operator] : undefined
  const hint = /softmax/i.test(node.operator) ? ': losses are computed from logits, export the network without it' : ''
  if (!operator) throw nodeError(walk, node, `this operator is not supported${hint}`)
  const value = operator(walk, node)
  if (expressionText(value.expression).length > longestExpression)
    throw nodeError(walk, node, 'this combination of operators is no activation')
  walk.data.set(name, value)
}

/**
 * The network of a sequential ONNX graph, and its parameters exactly as stored: doubles, or rationals where factors of
 * the graph (alpha of Gemm) make products that are no doubles; `external` reads files beside it that hold its tensors.
 * Where a normalisation is folded into a layer, the parameters are rounded, and a note says so.
 * @throws InputError naming the node or the byte
 */
export function decodeOnnx(bytes: Uint8Array, file: string, external?: (location: string) => Uint8Array): DecodedModel {
  const { opset, graph } = decodeMessages(bytes, file)
  if (opset !== undefined && opset < oldestOpset)
    throw new InputError(`${file}: opset ${opset} is too old, ${oldestOpset} or later is read`)
  const initializers = new Map(graph.initializers.map((t) => [t.name, t]))
  const output = only(graph.outputs, 'outputs', file)
  const input = only(
    graph.inputs.filter((v) => !initializers.has(v.name)),
    'inputs',
    file
  )
  if (input.dims && input.dims.length < 2)
    throw new InputError(
      `${file}: input "${input.name}" has ${input.dims.length} dimensions, expected [batch, features]`
    )
  const [batch, ...sample] = input.dims ?? []
  const known = sample.filter((n) => n !== undefined)
  const walk: Walk = {
    file,
    data: new Map(),
    constants: new Map(initializers),
    notes: new Set(),
    external: external && ((location) => outside(walk, location, external)),
    outside: new Map(),
    allowance: 2 * bytes.length,
    batch,
    inputType: input.type,
    inputs: undefined,
    stage: 0,
    layers: [],
    tensors: [],
    usedInitializers: new Set()
  }
  const shape = input.dims && known.length === sample.length ? known : undefined
  walk.data.set(input.name, { stage: 0, expression: variable, shape })
  for (const node of neededNodes(graph, output.name)) step(walk, node)
  const end: OnnxNode = {
    name: output.name,
    operator: 'output',
    domain: '',
    inputs: [output.name],
    outputs: [],
    attributes: new Map(),
    offset: 0
  }
  settle(walk, dataInput(walk, end, 0), (message) => new InputError(`${file}: output "${output.name}": ${message}`))
  const network = { inputs: walk.inputs ?? [], layers: walk.layers }
  checkedShapes(network, file)
  return { network, parameters: pointOf(walk.tensors), notes: [...walk.notes] }
}
