import { divide, fromNumber, negate, one, type Rational, sign, zero } from '@nadir/arithmetic'
import { type Activation, absoluteValue, leakyRelu, relu, type SmoothName, twoSlope } from '@nadir/landscape'
import { assertFinite } from '../float-parameters.ts'
import { floatAttribute, textAttribute } from './attributes.ts'
import { type Constant, scalarOf } from './constant.ts'
import { applied, constantExpression, type Expression, productOf, scaledBy, sumOf } from './expression.ts'
import { addBias } from './linear-operators.ts'
import type { OnnxNode } from './messages.ts'
import { normalized } from './normalization.ts'
import {
  allow,
  constantInput,
  type DataValue,
  dataInput,
  isAtInput,
  nodeError,
  type Operator,
  type Walk,
  waitingInput
} from './walk.ts'

/** Applies a function of one number to the first input. */
const unary =
  (of: (walk: Walk, node: OnnxNode) => Activation | 'erf'): Operator =>
  (walk, node) => {
    const value = dataInput(walk, node, 0)
    return { ...value, expression: applied(of(walk, node), value.expression) }
  }
const smooth = (name: SmoothName): Operator => unary(() => ({ kind: 'smooth', name }))

function exactScalar(walk: Walk, node: OnnxNode, constant: Constant): Rational {
  const x = scalarOf(constant)
  if (x === undefined || !Number.isFinite(x))
    throw nodeError(
      walk,
      node,
      `the constant ${constant.label} of shape [${constant.shape.join(', ')}] is not one number`
    )
  return fromNumber(x)
}

/** The slope of LeakyRelu is a float32 in the file: its exact value is taken. */
const leaky = unary((walk, node) => {
  const alpha = floatAttribute(node, 'alpha', Math.fround(0.01))
  if (!Number.isFinite(alpha)) throw nodeError(walk, node, `alpha is ${alpha}`)
  if (String(alpha).length > 12)
    walk.notes.add(`the slope of LeakyRelu is ${alpha}, a float32: not the decimal it was written as`)
  return leakyRelu(fromNumber(alpha))
})

/** One slope for all units, taken as part of the architecture. */
const prelu = unary((walk, node) => {
  const slope = constantInput(walk, node, 1)
  if (!slope || slope.values.length === 0) throw nodeError(walk, node, 'the slope is not a constant')
  allow(walk, node, slope.values.length)
  if (slope.values.some((s) => s !== slope.values[0]))
    throw nodeError(walk, node, `${slope.label} holds different slopes; one slope for all units is read`)
  if (!Number.isFinite(slope.values[0])) throw nodeError(walk, node, `${slope.label} is ${slope.values[0]}`)
  walk.notes.add(`the slope ${slope.label} of PRelu counts as part of the architecture, not as a parameter`)
  return leakyRelu(fromNumber(slope.values[0]))
})

/** Parametrised smooth functions are read with the parameters that their name stands for. */
const standard = (name: SmoothName, parameters: Readonly<Record<string, number>>): Operator =>
  unary((walk, node) => {
    for (const [key, usual] of Object.entries(parameters)) {
      const found = floatAttribute(node, key, Math.fround(usual))
      if (found !== Math.fround(usual)) throw nodeError(walk, node, `${key} is ${found}, only ${usual} is supported`)
      if (found !== usual)
        walk.notes.add(`${node.operator} is read with its defining constants, which the file holds rounded to float32`)
    }
    return { kind: 'smooth', name }
  })

const gelu = unary((walk, node) => {
  const form = textAttribute(node, 'approximate', 'none')
  if (form !== 'none' && form !== 'tanh') throw nodeError(walk, node, `approximate is "${form}"`)
  return { kind: 'smooth', name: form === 'tanh' ? 'gelu-tanh' : 'gelu' }
})

type Side = { readonly constant: Constant; readonly side: 0 | 1 } | undefined

/** Which input is a constant, if one is. */
function constantSide(walk: Walk, node: OnnxNode): Side {
  const right = constantInput(walk, node, 1)
  if (right) return { constant: right, side: 1 }
  const left = constantInput(walk, node, 0)
  return left && { constant: left, side: 0 }
}

/**
 * The input of the network (or what was so made of it) with numbers added, subtracted, multiplied or divided, as when
 * inputs are standardised in the graph; undefined for anything else.
 */
function standardization(walk: Walk, node: OnnxNode, { constant, side }: NonNullable<Side>): DataValue | undefined {
  const value = waitingInput(walk, node, 1 - side)
  const { shape } = value
  if ((!value.affine && !isAtInput(walk, value)) || (shape?.length !== 1 && shape?.length !== 3)) return undefined
  // A list along the channels: [n] or [1, n] for rows, [c, 1, 1] for images.
  const along = shape.length === 3 ? constant.shape.slice(0, -2) : constant.shape
  const single = constant.values.length === 1
  if (!single && (along.at(-1) !== shape[0] || constant.values.length !== shape[0])) return undefined
  if (constant.type === 'integer') return undefined
  assertFinite(constant.values, `${walk.file}: tensor ${constant.label}`)
  allow(walk, node, 2 * shape[0])
  const numbers = Float64Array.from({ length: shape[0] }, (_, k) => constant.values[single ? 0 : k])
  const all = (x: number): Float64Array => new Float64Array(numbers.length).fill(x)
  switch (node.operator) {
    case 'Add':
      return normalized(walk, node, value, { scale: all(1), shift: numbers })
    case 'Sub':
      return side === 1
        ? normalized(walk, node, value, { scale: all(1), shift: numbers.map((c) => -c) })
        : normalized(walk, node, value, { scale: all(-1), shift: numbers })
    case 'Mul':
      return normalized(walk, node, value, { scale: numbers, shift: all(0) })
    default:
      if (numbers.includes(0)) throw nodeError(walk, node, 'divides by zero')
      return normalized(walk, node, value, { scale: numbers.map((c) => 1 / c), shift: all(0) })
  }
}

/** Two inputs of the same shape, or one of them a constant number. */
const binary =
  (of: (a: Expression, b: Expression) => Expression): Operator =>
  (walk, node) => {
    const found = constantSide(walk, node)
    if (found) {
      const standardized = standardization(walk, node, found)
      if (standardized) return standardized
      const value = dataInput(walk, node, 1 - found.side)
      const c = constantExpression(exactScalar(walk, node, found.constant))
      return {
        ...value,
        expression: found.side === 1 ? of(value.expression, c) : of(c, value.expression)
      }
    }
    const a = dataInput(walk, node, 0)
    const b = dataInput(walk, node, 1)
    if (a.shape?.join() !== b.shape?.join()) throw nodeError(walk, node, 'the two inputs have different shapes')
    return { ...a, expression: of(a.expression, b.expression) }
  }

const sum = binary(sumOf)
const add: Operator = (walk, node) => {
  const found = constantSide(walk, node)
  if (found) {
    const standardized = standardization(walk, node, found)
    if (standardized) return standardized
    const value = dataInput(walk, node, 1 - found.side)
    const biased = addBias(walk, node, value, found.constant)
    if (biased) return biased
    if (found.constant.values.length !== 1)
      throw nodeError(walk, node, `adds the constant ${found.constant.label} where no layer wants a bias`)
  }
  return sum(walk, node)
}

const divideBy: Operator = (walk, node) => {
  const constant = constantInput(walk, node, 1)
  if (!constant) throw nodeError(walk, node, 'the divisor is not a constant')
  const standardized = standardization(walk, node, { constant, side: 1 })
  if (standardized) return standardized
  const divisor = exactScalar(walk, node, constant)
  if (sign(divisor) === 0) throw nodeError(walk, node, 'divides by zero')
  const value = dataInput(walk, node, 0)
  return { ...value, expression: scaledBy(divide(one, divisor), value.expression) }
}

const power: Operator = (walk, node) => {
  const constant = constantInput(walk, node, 1)
  const exponent = constant && scalarOf(constant)
  if (exponent !== 2 && exponent !== 3) throw nodeError(walk, node, 'only the powers 2 and 3 are supported')
  const value = dataInput(walk, node, 0)
  const square = productOf(value.expression, value.expression)
  return { ...value, expression: exponent === 2 ? square : productOf(square, value.expression) }
}

/** Maximum or minimum with the number 0: a ramp. */
const ramp =
  (activation: Activation): Operator =>
  (walk, node) => {
    const found = node.inputs.length === 2 ? constantSide(walk, node) : undefined
    if (!found || scalarOf(found.constant) !== 0)
      throw nodeError(walk, node, 'only the comparison with the number 0 is supported')
    const value = dataInput(walk, node, 1 - found.side)
    return { ...value, expression: applied(activation, value.expression) }
  }

export const pointwiseOperators: Readonly<Record<string, Operator>> = {
  Abs: unary(() => absoluteValue),
  Add: add,
  Atan: smooth('arctan'),
  Div: divideBy,
  Elu: standard('elu', { alpha: 1 }),
  Erf: unary(() => 'erf'),
  Gelu: gelu,
  LeakyRelu: leaky,
  Max: ramp(relu),
  Min: ramp(twoSlope(zero, one)),
  Mul: binary(productOf),
  Neg: (walk, node) => {
    const value = dataInput(walk, node, 0)
    return { ...value, expression: scaledBy(negate(one), value.expression) }
  },
  PRelu: prelu,
  Pow: power,
  Relu: unary(() => relu),
  Selu: standard('selu', { alpha: 1.6732632423543772, gamma: 1.0507009873554805 }),
  Sigmoid: smooth('sigmoid'),
  Sin: smooth('sine'),
  Softplus: smooth('softplus'),
  Sub: binary((a, b) => sumOf(a, scaledBy(negate(one), b))),
  Tanh: smooth('tanh')
}
