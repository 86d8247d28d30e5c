import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import {
  compare,
  equal,
  fromNumber,
  negate,
  one,
  type Rational,
  sign,
  subtract,
  toNumber,
  zero
} from '@nadir/arithmetic'
import {
  type Activation,
  activationName,
  type Network,
  parameterShapes,
  type SmoothName,
  shapesThrough,
  tensorSize
} from '@nadir/landscape'
import { InputError } from '../errors.ts'
import type { EncodedModel, Model } from '../model.ts'
import { type Precision, precisionWords, rounded, roundingNotes } from '../rounding.ts'
import { elementTypes } from './messages.ts'

type Attribute = number | readonly number[] | string
interface Node {
  readonly operator: string
  readonly inputs: readonly string[]
  readonly output: string
  readonly attributes: Readonly<Record<string, Attribute>>
}
interface Tensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly values: Float64Array
}

/** Operators of activations that have one of their own; Gelu came with opset 20. */
const named: Readonly<Record<Exclude<SmoothName, 'silu' | 'quadratic'>, string>> = {
  tanh: 'Tanh',
  sigmoid: 'Sigmoid',
  softplus: 'Softplus',
  gelu: 'Gelu',
  'gelu-tanh': 'Gelu',
  elu: 'Elu',
  selu: 'Selu',
  arctan: 'Atan',
  sine: 'Sin'
}

/** Nodes and constants under construction, one value flowing through. */
interface Graph {
  readonly nodes: Node[]
  readonly tensors: Tensor[]
  readonly precision: Precision
  readonly roundedSlopes: Rational[]
}

function addNode(
  graph: Graph,
  operator: string,
  inputs: readonly string[],
  output: string,
  attributes: Node['attributes'] = {}
): string {
  graph.nodes.push({ operator, inputs, output, attributes })
  return output
}

function scalar(graph: Graph, name: string, value: Rational): string {
  const x = graph.precision === 'float32' ? Math.fround(toNumber(value)) : toNumber(value)
  if (!Number.isFinite(x))
    throw new InputError(`a slope is too large to be written as a ${precisionWords[graph.precision]}`)
  const change = subtract(value, fromNumber(x))
  graph.roundedSlopes.push(sign(change) < 0 ? negate(change) : change)
  graph.tensors.push({ name, shape: [], values: Float64Array.of(x) })
  return name
}

/** Two-slope functions are written with Relu, so that slopes are doubles: those of LeakyRelu are float32. */
function addActivation(graph: Graph, a: Activation, x: string, y: string): void {
  if (a.kind === 'smooth') {
    if (a.name === 'quadratic') addNode(graph, 'Mul', [x, x], y)
    else if (a.name === 'silu') addNode(graph, 'Mul', [x, addNode(graph, 'Sigmoid', [x], `${y}.sigmoid`)], y)
    else addNode(graph, named[a.name], [x], y, a.name === 'gelu-tanh' ? { approximate: 'tanh' } : {})
    return
  }
  const name = activationName(a)
  if (name === 'relu' || name === 'abs') {
    addNode(graph, name === 'relu' ? 'Relu' : 'Abs', [x], y)
    return
  }
  const up = addNode(graph, 'Relu', [x], `${y}.positive`)
  const mirrored = addNode(graph, 'Neg', [x], `${y}.mirrored`)
  const down = addNode(graph, 'Relu', [mirrored], `${y}.negative`)
  const scaled = (part: string, slope: Rational): string =>
    addNode(graph, 'Mul', [part, scalar(graph, `${part}_slope`, slope)], `${part}_scaled`)
  addNode(graph, 'Add', [equal(a.positive, one) ? up : scaled(up, a.positive), scaled(down, negate(a.negative))], y)
}

/** Nodes and constants of a network whose parameters are these tensors, weight before bias, layer by layer. */
function graphOf(network: Network, parameters: readonly Tensor[], precision: Precision): Graph {
  const graph: Graph = { nodes: [], tensors: [...parameters], precision, roundedSlopes: [] }
  const shapes = shapesThrough(network)
  let x = 'input'
  for (const [l, layer] of network.layers.entries()) {
    const y = l === network.layers.length - 1 ? 'output' : `${l}.output`
    const inputs = ['weight', ...('bias' in layer && layer.bias ? ['bias'] : [])].map((role) => `${l}.${role}`)
    const before = l === 0 ? network.inputs : shapes[l - 1]
    const row =
      layer.kind === 'dense' && before.length > 1 ? addNode(graph, 'Flatten', [x], `${l}.row`, { axis: 1 }) : x
    if (layer.kind === 'activation') addActivation(graph, layer.activation, x, y)
    else if (layer.kind === 'dense') addNode(graph, 'Gemm', [row, ...inputs], y, { transB: 1 })
    else if (layer.kind === 'flatten') addNode(graph, 'Flatten', [x], y, { axis: 1 })
    else {
      const window = { kernel_shape: layer.size, strides: layer.stride }
      if (layer.kind === 'conv') addNode(graph, 'Conv', [x, ...inputs], y, { ...window, pads: layer.padding })
      else addNode(graph, layer.kind === 'max-pool' ? 'MaxPool' : 'AveragePool', [x], y, window)
    }
    x = y
  }
  return graph
}

const messageField = (writer: BinaryWriter, field: number, write: (inner: BinaryWriter) => void): void => {
  writer.tag(field, WireType.LengthDelimited).fork()
  write(writer)
  writer.join()
}
const textField = (w: BinaryWriter, field: number, text: string): void => {
  w.tag(field, WireType.LengthDelimited).string(text)
}
const integerField = (w: BinaryWriter, field: number, n: number): void => {
  w.tag(field, WireType.Varint).int64(n)
}

function writeAttribute(w: BinaryWriter, name: string, value: Attribute): void {
  textField(w, 1, name)
  if (typeof value === 'number') integerField(w, 3, value)
  else if (typeof value === 'string') textField(w, 4, value)
  else for (const n of value) integerField(w, 8, n)
  integerField(w, 20, typeof value === 'number' ? 2 : typeof value === 'string' ? 3 : 7)
}

function writeNode(w: BinaryWriter, node: Node): void {
  for (const name of node.inputs) textField(w, 1, name)
  textField(w, 2, node.output)
  textField(w, 3, node.output)
  textField(w, 4, node.operator)
  for (const [name, value] of Object.entries(node.attributes)) messageField(w, 5, (a) => writeAttribute(a, name, value))
}

function writeTensor(w: BinaryWriter, tensor: Tensor, precision: Precision): void {
  for (const n of tensor.shape) integerField(w, 1, n)
  integerField(w, 2, elementTypes[precision])
  textField(w, 8, tensor.name)
  const size = precision === 'float64' ? 8 : 4
  const raw = new Uint8Array(size * tensor.values.length)
  const view = new DataView(raw.buffer)
  for (const [i, x] of tensor.values.entries())
    if (precision === 'float64') view.setFloat64(size * i, x, true)
    else view.setFloat32(size * i, x, true)
  w.tag(9, WireType.LengthDelimited).bytes(raw)
}

/** A value, [batch, ...shape]. */
function writeValue(w: BinaryWriter, name: string, shape: readonly number[], precision: Precision): void {
  textField(w, 1, name)
  messageField(w, 2, (type) =>
    messageField(type, 1, (tensor) => {
      integerField(tensor, 1, elementTypes[precision])
      messageField(tensor, 2, (dims) => {
        messageField(dims, 1, (batch) => textField(batch, 2, 'batch'))
        for (const n of shape) messageField(dims, 1, (dim) => integerField(dim, 1, n))
      })
    })
  )
}

/** Operators for which ONNX Runtime 1.30 has no kernel in float64. */
const float32Only = ['Conv', 'AveragePool', 'Softplus', 'Elu', 'Selu', 'Atan', 'Gelu']

function withoutKernels(graph: Graph): string[] {
  const missing = float32Only.filter((operator) => graph.nodes.some((node) => node.operator === operator))
  return missing.length === 0
    ? []
    : [
        `ONNX Runtime has no float64 kernel for ${missing.join(', ')}: to run the file there, write it with --precision float32`
      ]
}

/**
 * An ONNX file (opset 17; 20 where Gelu is needed) with initialisers of the given precision, named as by PyTorch's Sequential.
 * Parameters and slopes are rounded to it, and `notes` says by how much. Reading it gives the same network and the
 * same doubles, but for a Flatten written before a dense layer that follows an image.
 */
export function encodeOnnx({ network, parameters }: Model, precision: Precision = 'float64'): EncodedModel {
  const { values, largestChange } = rounded(parameters, precision)
  let start = 0
  const tensors = parameterShapes(network).map((t): Tensor => {
    const end = start + tensorSize(t)
    const tensor = { name: `${t.layer}.${t.role}`, shape: t.shape, values: values.subarray(start, end) }
    start = end
    return tensor
  })
  const graph = graphOf(network, tensors, precision)
  const gelu = graph.nodes.some((n) => n.operator === 'Gelu')
  const w = new BinaryWriter()
  integerField(w, 1, gelu ? 9 : 8)
  textField(w, 2, 'nadir')
  messageField(w, 7, (g) => {
    for (const node of graph.nodes) messageField(g, 1, (n) => writeNode(n, node))
    textField(g, 2, 'network')
    for (const tensor of graph.tensors) messageField(g, 5, (t) => writeTensor(t, tensor, precision))
    messageField(g, 11, (v) => writeValue(v, 'input', network.inputs, precision))
    messageField(g, 12, (v) => writeValue(v, 'output', shapesThrough(network).at(-1) ?? network.inputs, precision))
  })
  messageField(w, 8, (o) => integerField(o, 2, gelu ? 20 : 17))
  const slopeChange = graph.roundedSlopes.reduce((a, b) => (compare(a, b) < 0 ? b : a), zero)
  return {
    bytes: w.finish(),
    notes: [
      ...roundingNotes('parameters', largestChange, precision),
      ...roundingNotes('slopes', slopeChange, precision),
      ...(precision === 'float64' ? withoutKernels(graph) : [])
    ]
  }
}
