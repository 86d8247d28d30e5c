import { type Layer, type Network, networkName, type ParameterShape } from '@nadir/landscape'
import { isIdentity, parseActivation } from '../activation-text.ts'
import { InputError } from '../errors.ts'
import type { Json, JsonArray } from '../json/json.ts'
import { decodeDescription } from '../json/model-json.ts'
import { asArray, asCount, asObject, asText, isArray, isNumber, isObject } from '../json/shape-of-json.ts'
import { checkedShapes } from '../network-check.ts'
import type { NamedTensor } from './named-tensor.ts'

/** A tensor of the file in the place of a parameter tensor; `transposed`: a weight stored [in, out]. */
export interface Binding {
  readonly tensor: NamedTensor
  readonly transposed: boolean
}

/** A network, and the tensors of the file in the order of its parameters. */
export interface BoundNetwork {
  readonly network: Network
  readonly bindings: readonly Binding[]
  readonly notes: readonly string[]
}

const shown = (shape: readonly number[]): string => `[${shape.join(', ')}]`
const layerWord = (s: ParameterShape): string => `the ${s.role} of layer ${s.layer}`

/** @throws InputError when a tensor does not have the shape of its parameter */
function checkShapes(bound: BoundNetwork, name: string): BoundNetwork {
  for (const [k, s] of checkedShapes(bound.network, name).entries()) {
    const { tensor, transposed } = bound.bindings[k]
    const shape = transposed ? tensor.shape.toReversed() : tensor.shape
    if (shape.join() !== s.shape.join())
      throw new InputError(
        `${tensor.where}: tensor "${tensor.name}" is ${shown(tensor.shape)}, but ${layerWord(s)} of ` +
          `"${networkName(bound.network)}" is ${shown(transposed ? s.shape.toReversed() : s.shape)}`
      )
  }
  return bound
}

const numbered = /^(.*?)(\d+)\.(weight|bias)$/

/**
 * The tensors as PyTorch's Sequential numbers them (`0.weight`, `0.bias`, `2.weight`, ... or `fc1.weight`, ...), weight
 * before bias; any other names in file order, where one dimension means a bias. @throws InputError
 */
export function bindInOrder(network: Network, tensors: readonly NamedTensor[], name: string): BoundNetwork {
  const wanted = checkedShapes(network, name)
  const names = tensors.map((t) => numbered.exec(t.name))
  const sequential = names.every((m) => m !== null && m[1] === names[0]![1])
  const keyed = tensors.map((tensor, k) => ({
    tensor,
    order: sequential ? Number(names[k]![2]) : k,
    role: sequential ? names[k]![3] : tensor.shape.length <= 1 ? 'bias' : 'weight'
  }))
  keyed.sort((a, b) => a.order - b.order)
  const counted = (list: readonly { readonly role: string }[]): string => {
    const weights = list.filter((t) => t.role === 'weight').length
    return `${weights} weights and ${list.length - weights} biases`
  }
  if (counted(keyed) !== counted(wanted))
    throw new InputError(
      `${name}: holds ${counted(keyed)}, but "${networkName(network)}" has ${counted(wanted)}: ` +
        tensors.map((t) => `${t.name} ${shown(t.shape)}`).join(', ')
    )
  const next = { weight: 0, bias: 0 }
  const ofRole = { weight: keyed.filter((t) => t.role === 'weight'), bias: keyed.filter((t) => t.role === 'bias') }
  const matched = wanted.map((s) => ofRole[s.role][next[s.role]++])
  if (sequential)
    for (const [k, s] of wanted.entries())
      if (s.role === 'bias' && matched[k].order !== matched[k - 1].order)
        throw new InputError(`${name}: "${matched[k - 1].tensor.name}" has no bias, but ${layerWord(s)} is wanted`)
  const list = wanted.map((s, k) => `${matched[k].tensor.name} is ${layerWord(s)}`).join(', ')
  const notes = sequential ? [] : [`tensors matched to layers in the order of the file: ${list}`]
  const isTransposed = storedInOut(wanted, matched)
  if (isTransposed) notes.push('weights are stored [in, out], as the shapes show, and are read so')
  const square = wanted.every((t) => t.shape.length !== 2 || t.shape[0] === t.shape[1])
  if (!sequential && square && matched.some(({ tensor }) => !tensor.oriented && tensor.shape[0] > 1))
    notes.push('square weights do not show how they are stored; they are read as [out, in]')
  const bindings = matched.map(({ tensor }) => ({ tensor, transposed: isTransposed && tensor.shape.length === 2 }))
  return checkShapes({ network, bindings, notes }, name)
}

/** Do the weights fit as [in, out] and not as [out, in]? Square ones fit both ways and are [out, in]. */
function storedInOut(wanted: readonly ParameterShape[], matched: readonly { readonly tensor: NamedTensor }[]): boolean {
  const dense = wanted.flatMap((s, k) =>
    s.shape.length === 2 ? [{ wanted: s.shape, found: matched[k].tensor.shape }] : []
  )
  return (
    dense.some((d) => d.found.join() !== d.wanted.join()) &&
    dense.every((d) => d.found.toReversed().join() === d.wanted.join())
  )
}

/** The text of a network that has these tensors, with relu where the activation would stand: a suggestion. */
export function likelyNetwork(tensors: readonly NamedTensor[]): string {
  const weights = tensors.filter((t) => t.shape.length === 2).map((t) => t.shape)
  const chained = (inputs: 0 | 1): string | undefined => {
    if (weights.length === 0 || weights.length > 20) return undefined
    const sizes = [weights[0][inputs], ...weights.map((shape) => shape[1 - inputs])]
    return weights.every((shape, k) => shape[inputs] === sizes[k]) ? sizes.join('-') : undefined
  }
  const sizes = chained(1) ?? chained(0) ?? '10-16-1'
  const biases = tensors.some((t) => t.shape.length <= 1) || weights.length === 0 ? '' : ', no biases'
  return `${sizes} relu${biases}`
}

const dimensions = (value: Json | undefined, where: string): readonly [number, number] => {
  const list = isArray(value) ? value.map((n, i) => asCount(n, 1, `${where}[${i}]`)) : [asCount(value, 1, where)]
  return [list[0], list[1] ?? list[0]]
}

/**
 * An architecture that names its tensors: `"layers": [["linear", "0.weight", "0.bias"], ["relu"], ...]` with `linear`
 * (weight [out, in]), `affine` (weight [in, out]), `conv` (weight, bias; stride 1, no padding), `avgpool` and `maxpool`
 * (size), `flatten` and the activations; null for a missing bias; `inputShape` where the first layer does not tell.
 */
function bindByName(
  layersJson: JsonArray,
  inputShape: Json | undefined,
  tensors: readonly NamedTensor[],
  where: string,
  name: string
): BoundNetwork {
  const byName = new Map(tensors.map((t) => [t.name, t]))
  const bindings: Binding[] = []
  const used = new Set<string>()
  const bind = (value: Json | undefined, transposed: boolean, rank: number, at: string): NamedTensor => {
    const tensorName = asText(value, at)
    const tensor = byName.get(tensorName)
    if (!tensor) throw new InputError(`${at}: ${name} has no tensor "${tensorName}"`)
    if (used.has(tensorName)) throw new InputError(`${at}: tensor "${tensorName}" is used twice`)
    if (tensor.shape.length !== rank)
      throw new InputError(`${at}: tensor "${tensorName}" is ${shown(tensor.shape)}, expected ${rank} dimensions`)
    used.add(tensorName)
    bindings.push({ tensor, transposed })
    return tensor
  }
  let firstInputs: number[] | undefined
  const layers = layersJson.flatMap((value, l): Layer[] => {
    const at = `${where}: layers[${l}]`
    const item = asArray(value, at)
    const kind = asText(item[0], `${at}[0]`).toLowerCase()
    if (kind === 'flatten') return [{ kind: 'flatten' }]
    if (kind === 'avgpool' || kind === 'maxpool') {
      const size = dimensions(item[1], `${at}[1]`)
      return [{ kind: kind === 'avgpool' ? 'average-pool' : 'max-pool', size, stride: size }]
    }
    if (kind === 'linear' || kind === 'affine' || kind === 'conv') {
      const { shape } = bind(item[1], kind === 'affine', kind === 'conv' ? 4 : 2, `${at}[1]`)
      const bias = item[2] !== null && item[2] !== undefined
      if (bias) bind(item[2], false, 1, `${at}[2]`)
      const [outputs, inputs] = kind === 'affine' ? shape.toReversed() : shape
      if (kind !== 'conv') {
        if (l === 0) firstInputs = [inputs]
        return [{ kind: 'dense', outputs, bias }]
      }
      return [{ kind, outputs, size: [shape[2], shape[3]], stride: [1, 1], padding: [0, 0, 0, 0], bias }]
    }
    const slopes = item.slice(1).map((s, i) => (isNumber(s) ? s.text : asText(s, `${at}[${i + 1}]`)))
    const activation = parseActivation(slopes.length === 0 ? kind : `${kind}:${slopes.join(',')}`, at)
    return isIdentity(activation) ? [] : [{ kind: 'activation', activation }]
  })
  const inputs = inputShape
    ? asArray(inputShape, `${where}: inputShape`).map((n, i) => asCount(n, 1, `${where}: inputShape[${i}]`))
    : firstInputs
  if (!inputs) throw new InputError(`${where}: "inputShape" is needed when the first layer is not linear`)
  const unused = tensors.find((t) => !used.has(t.name))
  if (unused) throw new InputError(`${where}: no layer uses tensor "${unused.name}" of ${name}`)
  return checkShapes({ network: { inputs, layers }, bindings, notes: [] }, name)
}

/** The architecture in a JSON description: layers that name their tensors, or nadir's own format. @throws InputError */
export function bindDescription(
  json: Json,
  where: string,
  tensors: readonly NamedTensor[],
  name: string
): BoundNetwork {
  const object = asObject(json, where)
  const layers = object.get('layers')
  if (isArray(layers) && layers.length > 0 && layers.every((layer) => !isObject(layer)))
    return bindByName(layers, object.get('inputShape'), tensors, where, name)
  return bindInOrder(decodeDescription(json, where), tensors, name)
}
