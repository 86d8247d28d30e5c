import { integerAttribute, integersAttribute } from './attributes.ts'
import { type Constant, transposeConstant } from './constant.ts'
import { elementTypes, type OnnxNode } from './messages.ts'
import { foldShape } from './shape-vectors.ts'
import { allow, constantInput, decodedConstant, nodeError, type Walk } from './walk.ts'

/** The constant that a Constant node holds. */
function literal(walk: Walk, node: OnnxNode): Constant {
  const label = `"${node.outputs[0]}"`
  const scalar = (value: number, type: Constant['type']): Constant => ({
    label,
    shape: [],
    values: Float64Array.of(value),
    type
  })
  const list = (values: readonly number[], type: Constant['type']): Constant => ({
    label,
    shape: [values.length],
    values: Float64Array.from(values),
    type
  })
  for (const [key, a] of node.attributes) {
    if (key === 'value' && a.tensor) {
      return { ...decodedConstant(walk, a.tensor), label }
    }
    if (key === 'value_float' && a.float !== undefined) return scalar(a.float, 'float32')
    if (key === 'value_int' && a.integer !== undefined) return scalar(a.integer, 'integer')
    if (key === 'value_floats') return list(a.floats, 'float32')
    if (key === 'value_ints') return list(a.integers, 'integer')
  }
  throw nodeError(walk, node, 'holds no number')
}

const asFloat32 = (c: Constant): Constant => ({ ...c, values: c.values.map(Math.fround), type: 'float32' })

/** A constant computed from the constant that is the first input; undefined when the operator is not one of these. */
export function foldConstant(walk: Walk, node: OnnxNode): Constant | undefined {
  if (node.operator === 'Constant') return literal(walk, node)
  const shape = foldShape(walk, node)
  if (shape) return shape
  const c = constantInput(walk, node, 0)
  if (!c) return undefined
  switch (node.operator) {
    case 'Identity':
      return c
    case 'Transpose': {
      allow(walk, node, c.values.length)
      const out = transposeConstant(c, integersAttribute(node, 'perm') ?? [])
      if (!out) throw nodeError(walk, node, `${c.label} of shape [${c.shape.join(', ')}]: only matrices are transposed`)
      return out
    }
    case 'Cast': {
      const to = integerAttribute(node, 'to', 0)
      allow(walk, node, c.values.length)
      if (to === elementTypes.float64) return { ...c, type: 'float64' }
      if (to === elementTypes.float32) return asFloat32(c)
      if ((to === elementTypes.int64 || to === elementTypes.int32) && c.type === 'integer') return c
      throw nodeError(walk, node, `casts ${c.label} to element type ${to}`)
    }
    case 'Neg':
      allow(walk, node, c.values.length)
      return { ...c, values: c.values.map((x) => -x) }
    default:
      return undefined
  }
}
