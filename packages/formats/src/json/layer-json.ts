import { type Rational, toText } from '@nadir/arithmetic'
import { type Activation, activationName, type Layer } from '@nadir/landscape'
import { isIdentity, parseActivation } from '../activation-text.ts'
import { InputError } from '../errors.ts'
import { exactNumber } from '../exact-number.ts'
import type { Json } from './json.ts'
import { asArray, asCount, asCounts, asObject, asText, expected, isArray, isNumber, isObject } from './shape-of-json.ts'

/** A tensor written as nested lists: entries row-major, and where in the file it stands. */
export interface WrittenTensor {
  readonly where: string
  readonly shape: readonly number[]
  readonly entries: readonly Rational[]
}

/** A layer of nadir's own format; no layer for `identity`, no tensors where only the sizes are written. */
export interface WrittenLayer {
  readonly layer: Layer | undefined
  readonly tensors: readonly WrittenTensor[]
}

function exactEntry(value: Json, where: string): Rational {
  const text = isNumber(value) ? value.text : value
  if (typeof text !== 'string') throw expected('a number or a fraction in quotes', value, where)
  const number = exactNumber(text)
  if (number === undefined) throw expected('a decimal, an integer or a fraction p/q', value, where)
  return number
}

/** The numbers of nested lists, this many levels deep. @throws InputError */
export function writtenTensor(value: Json | undefined, rank: number, where: string): WrittenTensor {
  const shape: number[] = []
  const entries: Rational[] = []
  const walk = (part: Json | undefined, depth: number, path: () => string): void => {
    if (depth === rank) {
      if (part === undefined || part === null || typeof part === 'boolean' || isArray(part) || isObject(part))
        throw expected('a number or a fraction in quotes', part, path())
      entries.push(exactEntry(part, where))
      return
    }
    if (!isArray(part)) throw expected(`a list (${rank - depth} deep)`, part, path())
    shape[depth] ??= part.length
    if (part.length !== shape[depth] || part.length === 0)
      throw new InputError(`${path()}: expected ${shape[depth] || 'some'} entries, found ${part.length}`)
    for (const [i, item] of part.entries()) walk(item, depth + 1, () => `${path()}[${i}]`)
  }
  walk(value, 0, () => where)
  return { where, shape, entries }
}

/** Weight and bias where numbers are written, `outputs` and `bias` (true or false) where only sizes are. */
function parameters(
  body: Json | undefined,
  rank: number,
  where: string,
  others: readonly string[]
): { outputs: number; size: readonly number[] | undefined; bias: boolean; tensors: readonly WrittenTensor[] } {
  const object = asObject(body, where, ['weight', 'bias', 'outputs', ...others])
  const bias = object.get('bias')
  if (object.has('weight')) {
    if (object.has('outputs')) throw new InputError(`${where}: write "weight" or "outputs", not both`)
    const weight = writtenTensor(object.get('weight'), rank, `${where}.weight`)
    const tensors = bias === undefined || bias === null ? [weight] : [weight, writtenTensor(bias, 1, `${where}.bias`)]
    return { outputs: weight.shape[0], size: weight.shape.slice(2), bias: tensors.length === 2, tensors }
  }
  if (bias !== undefined && typeof bias !== 'boolean') throw expected('true or false', bias, `${where}.bias`)
  return {
    outputs: asCount(object.get('outputs'), 1, `${where}.outputs`),
    size: undefined,
    bias: bias ?? true,
    tensors: []
  }
}

const pair = (value: Json | undefined, where: string): readonly [number, number] => {
  const [a, b] = asCounts(value, 2, 1, where)
  return [a, b]
}

function conv(body: Json | undefined, where: string): WrittenLayer {
  const { outputs, size, bias, tensors } = parameters(body, 4, where, ['size', 'stride', 'padding'])
  const object = asObject(body, where)
  const kernel = size ? ([size[0], size[1]] as const) : pair(object.get('size'), `${where}.size`)
  if (size && object.has('size')) throw new InputError(`${where}: the size is that of "weight", leave "size" out`)
  const stride = object.has('stride') ? pair(object.get('stride'), `${where}.stride`) : ([1, 1] as const)
  const [top, left, bottom, right] = object.has('padding')
    ? asCounts(object.get('padding'), 4, 0, `${where}.padding`)
    : [0, 0, 0, 0]
  const padding = [top, left, bottom, right] as const
  return { layer: { kind: 'conv', outputs, size: kernel, stride, padding, bias }, tensors }
}

function activation(value: Json | undefined, rest: ReadonlyMap<string, Json>, where: string): Activation {
  const name = asText(value, `${where}.activation`)
  const slopes = { 'leaky-relu': ['slope'], 'two-slope': ['positive', 'negative'] }[name] ?? []
  asObject(rest, where, ['activation', ...slopes])
  const given = slopes.filter((key) => rest.has(key))
  if (given.length < (name === 'two-slope' ? 2 : 0))
    throw new InputError(`${where}: two-slope needs "positive" and "negative"`)
  const texts = given.map((key) => toText(exactEntry(rest.get(key)!, `${where}.${key}`)))
  return parseActivation(texts.length === 0 ? name : `${name}:${texts.join(',')}`, where)
}

/** One entry of `layers`. @throws InputError, its line beginning with `where` */
export function layerFromJson(value: Json, where: string): WrittenLayer {
  const object = asObject(value, where)
  if (object.has('activation')) {
    const found = activation(object.get('activation'), object, where)
    return { layer: isIdentity(found) ? undefined : { kind: 'activation', activation: found }, tensors: [] }
  }
  const kinds = ['dense', 'conv', 'averagePool', 'maxPool', 'flatten']
  if (object.size !== 1) throw new InputError(`${where}: expected one of ${kinds.join(', ')}, activation`)
  asObject(object, where, [...kinds, 'activation'])
  const [[kind, body]] = object
  const inside = `${where}.${kind}`
  if (kind === 'dense') {
    const { outputs, bias, tensors } = parameters(body, 2, inside, [])
    return { layer: { kind: 'dense', outputs, bias }, tensors }
  }
  if (kind === 'conv') return conv(body, inside)
  if (kind === 'flatten') {
    if (body !== true) throw expected('true', body, inside)
    return { layer: { kind: 'flatten' }, tensors: [] }
  }
  const pool = asObject(body, inside, ['size', 'stride'])
  const size = pair(pool.get('size'), `${inside}.size`)
  const stride = pool.has('stride') ? pair(pool.get('stride'), `${inside}.stride`) : size
  return { layer: { kind: kind === 'maxPool' ? 'max-pool' : 'average-pool', size, stride }, tensors: [] }
}

/** The shape before the first layer: a count, or [channels, height, width]. */
export function inputsFromJson(value: Json | undefined, where: string): number[] {
  if (!isArray(value)) return [asCount(value, 1, where)]
  return asCounts(value, asArray(value, where).length === 1 ? 1 : 3, 1, where)
}

/** `[1,2]` for [1, 2]. */
const list = (items: readonly unknown[]): string => `[${items.join(',')}]`

/** Nested lists of quoted numbers, rows on lines of their own. */
function nested(texts: readonly string[], shape: readonly number[], indent: string): string {
  if (shape.length === 1) return list(texts.map((t) => `"${t}"`))
  const size = texts.length / shape[0]
  const inner = `${indent}  `
  const parts = Array.from({ length: shape[0] }, (_, i) =>
    nested(texts.slice(i * size, (i + 1) * size), shape.slice(1), inner)
  )
  return `[\n${inner}${parts.join(`,\n${inner}`)}\n${indent}]`
}

/**
 * The JSON text of a layer. `tensors` are the texts and shapes of its parameters, weight before bias; undefined writes
 * the sizes only.
 */
export function layerToJson(
  layer: Layer,
  tensors: readonly { readonly texts: readonly string[]; readonly shape: readonly number[] }[] | undefined
): string {
  if (layer.kind === 'flatten') return '{ "flatten": true }'
  if (layer.kind === 'activation') {
    const a = layer.activation
    if (a.kind === 'smooth') return `{ "activation": "${a.name}" }`
    const [name, slopes] = activationName(a).split(':')
    if (slopes === undefined) return `{ "activation": "${name}" }`
    return name === 'leaky-relu'
      ? `{ "activation": "leaky-relu", "slope": "${slopes}" }`
      : `{ "activation": "two-slope", "positive": "${toText(a.positive)}", "negative": "${toText(a.negative)}" }`
  }
  if (layer.kind !== 'dense' && layer.kind !== 'conv') {
    const name = layer.kind === 'max-pool' ? 'maxPool' : 'averagePool'
    return `{ "${name}": { "size": ${list(layer.size)}, "stride": ${list(layer.stride)} } }`
  }
  const numbers = tensors?.map((t, i) => `"${i === 0 ? 'weight' : 'bias'}": ${nested(t.texts, t.shape, '      ')}`)
  const sizes = [`"outputs": ${layer.outputs}`, `"bias": ${layer.bias}`]
  if (layer.kind === 'dense') return `{ "dense": { ${(numbers ?? sizes).join(', ')} } }`
  const rest = [`"stride": ${list(layer.stride)}`, `"padding": ${list(layer.padding)}`]
  const head = numbers ?? [...sizes, `"size": ${list(layer.size)}`]
  return `{ "conv": { ${[...head, ...rest].join(', ')} } }`
}

/** The JSON text of `inputs`. */
export const inputsToJson = (inputs: readonly number[]): string => (inputs.length === 1 ? `${inputs[0]}` : list(inputs))
