import { integerAttribute, integersAttribute } from './attributes.ts'
import type { Constant } from './constant.ts'
import type { OnnxNode } from './messages.ts'
import { allow, constantInput, nodeError, type Walk } from './walk.ts'

/**
 * Exporters compute shapes in the graph: `Shape`, then a few operators on short lists of integers, then `Reshape`. They
 * are followed here; the size of the batch, which no network depends on, stands as NaN in these lists.
 */
export const batchSize = Number.NaN

const longest = 64

const integers = (label: string, shape: readonly number[], values: readonly number[]): Constant => ({
  label,
  shape,
  values: Float64Array.from(values),
  type: 'integer'
})

/** The list of integers that a node computes from shapes and constants; undefined when it is no such node. */
export function foldShape(walk: Walk, node: OnnxNode): Constant | undefined {
  const label = `"${node.outputs[0]}"`
  if (node.operator === 'Shape') return shapeOf(walk, node, label)
  const first = constantInput(walk, node, 0)
  if (first?.type !== 'integer' || first.values.length > longest) return undefined
  const values = [...first.values]
  const vector = (list: readonly number[]): Constant => integers(label, [list.length], list)
  switch (node.operator) {
    case 'Gather': {
      const index = constantInput(walk, node, 1)
      if (!index || first.shape.length !== 1 || integerAttribute(node, 'axis', 0) !== 0) return undefined
      const picked = Array.from(index.values, (k) => values[k < 0 ? k + values.length : k])
      if (picked.some((n) => n === undefined)) throw nodeError(walk, node, `gathers outside ${first.label}`)
      return integers(label, index.shape, picked)
    }
    case 'Slice':
      return first.shape.length === 1 ? vector(values.slice(...sliceBounds(walk, node, values.length))) : undefined
    case 'Concat': {
      const parts = node.inputs.map((_, k) => constantInput(walk, node, k))
      if (parts.some((part) => part?.type !== 'integer' || part.shape.length !== 1)) return undefined
      const joined = parts.flatMap((part) => [...part!.values])
      allow(walk, node, joined.length)
      return vector(joined)
    }
    case 'Unsqueeze':
      return first.shape.length === 0 ? vector(values) : undefined
    case 'Squeeze':
      return values.length === 1 ? integers(label, [], values) : undefined
    case 'Reshape':
      return first.shape.length <= 1 ? vector(values) : undefined
    case 'Add':
    case 'Sub':
    case 'Mul':
    case 'Div':
      return arithmetic(walk, node, label, first)
    default:
      return undefined
  }
}

function shapeOf(walk: Walk, node: OnnxNode, label: string): Constant {
  const constant = constantInput(walk, node, 0)
  const value = walk.data.get(node.inputs[0])
  const shape = constant ? constant.shape : value?.shape && [batchSize, ...value.shape]
  if (!shape) throw nodeError(walk, node, 'the shape of the input is not known')
  const end = node.attributes.get('end')?.integer
  const part = shape.slice(integerAttribute(node, 'start', 0), end)
  return integers(label, [part.length], part)
}

/** Begin and end, for steps of one: attributes before opset 10, inputs since. */
function sliceBounds(walk: Walk, node: OnnxNode, length: number): [number, number] {
  const given = (name: string, k: number): number | undefined => {
    const list = constantInput(walk, node, k)?.values ?? integersAttribute(node, name)
    return list?.length === 1 ? list[0] : undefined
  }
  const [start, end] = [given('starts', 1), given('ends', 2)]
  if (start === undefined || end === undefined || (given('steps', 4) ?? 1) !== 1 || (given('axes', 3) ?? 0) !== 0)
    throw nodeError(walk, node, 'only slices of one list of integers, in steps of one, are read')
  return [Math.max(start, -length), end]
}

function arithmetic(walk: Walk, node: OnnxNode, label: string, a: Constant): Constant | undefined {
  const b = constantInput(walk, node, 1)
  if (b?.type !== 'integer' || (a.values.length !== b.values.length && a.values.length !== 1 && b.values.length !== 1))
    return undefined
  const longer = a.values.length >= b.values.length ? a : b
  const of = {
    Add: (x: number, y: number) => x + y,
    Sub: (x: number, y: number) => x - y,
    Mul: (x: number, y: number) => x * y
  }
  const compute =
    node.operator === 'Div' ? (x: number, y: number) => Math.trunc(x / y) : of[node.operator as keyof typeof of]
  const values = Array.from(longer.values, (_, k) =>
    compute(a.values[a.values.length === 1 ? 0 : k], b.values[b.values.length === 1 ? 0 : k])
  )
  // NaN would pass for the batch itself.
  if (!values.every(Number.isSafeInteger)) throw nodeError(walk, node, 'computes with the size of the batch')
  return integers(label, longer.shape, values)
}
