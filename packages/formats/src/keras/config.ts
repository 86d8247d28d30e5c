import { type Layer, type Network, shapesThrough } from '@nadir/landscape'
import { isIdentity, parseActivation } from '../activation-text.ts'
import { InputError } from '../errors.ts'
import type { Json, JsonObject } from '../json/json.ts'
import { asArray, asCount, asObject, asText, isArray, isNumber, isObject } from '../json/shape-of-json.ts'

/** A layer of a Keras configuration that has parameters, and the names that these bear in files. */
export interface KerasLayer {
  readonly name: string
  /** The name after its class that Keras 3 gives it in files of weights: `dense`, `dense_1`, ... */
  readonly classed: string
  /** A dense layer after flattened images: their shape, since Keras flattens them channels last. */
  readonly flattened: readonly number[] | undefined
}

export interface KerasNetwork {
  readonly network: Network
  /** The layers that have parameters, in order. */
  readonly parameterLayers: readonly KerasLayer[]
}

const activationWords: Readonly<Record<string, string>> = {
  linear: 'identity',
  relu: 'relu',
  tanh: 'tanh',
  sigmoid: 'sigmoid',
  softplus: 'softplus',
  elu: 'elu',
  selu: 'selu',
  gelu: 'gelu',
  silu: 'silu',
  swish: 'silu',
  leaky_relu: 'leaky-relu:0.2'
}

function activation(word: string, where: string): Layer[] {
  if (word === 'softmax')
    throw new InputError(`${where}: ends in softmax: losses are computed from logits, save the model without it`)
  if (!Object.hasOwn(activationWords, word)) throw new InputError(`${where}: the activation "${word}" is not supported`)
  const found = parseActivation(activationWords[word], where)
  return isIdentity(found) ? [] : [{ kind: 'activation', activation: found }]
}

const decimal = (value: Json | undefined, otherwise: string): string => (isNumber(value) ? value.text : otherwise)
const pair = (value: Json | undefined, where: string): readonly [number, number] => {
  const list = isArray(value) ? value.map((n, k) => asCount(n, 1, `${where}[${k}]`)) : [asCount(value, 1, where)]
  return [list[0], list[1] ?? list[0]]
}

/** Zeros around an image of this size so that windows give ceil(size / stride) places: the odd one below and right. */
const samePadding = (size: number, window: number, stride: number): readonly [number, number] => {
  const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + window - size)
  return [Math.floor(total / 2), total - Math.floor(total / 2)]
}

function leaky(config: JsonObject, key: string, otherwise: string, where: string): Layer[] {
  return [
    { kind: 'activation', activation: parseActivation(`leaky-relu:${decimal(config.get(key), otherwise)}`, where) }
  ]
}

/** The layers that one layer of Keras is, after samples of this shape. */
function layersOf(kind: string, config: JsonObject, shape: readonly number[], where: string): Layer[] {
  const word = config.get('activation')
  const after = word === undefined || word === null ? [] : activation(asText(word, `${where}.activation`), where)
  const bias = config.get('use_bias') !== false
  const channelsLast = (): void => {
    if (config.get('data_format') === 'channels_first')
      throw new InputError(`${where}: data_format channels_first is not read`)
  }
  const window = (key: string) => {
    channelsLast()
    const size = pair(config.get(key), `${where}.${key}`)
    const strides = config.get('strides')
    const stride = strides === undefined || strides === null ? size : pair(strides, `${where}.strides`)
    const same = config.get('padding') === 'same'
    const [top, bottom] = same ? samePadding(shape[1], size[0], stride[0]) : [0, 0]
    const [left, right] = same ? samePadding(shape[2], size[1], stride[1]) : [0, 0]
    return { size, stride, padding: [top, left, bottom, right] as const }
  }
  switch (kind) {
    case 'Dense':
      return [{ kind: 'dense', outputs: asCount(config.get('units'), 1, `${where}.units`), bias }, ...after]
    case 'Conv2D': {
      for (const key of ['dilation_rate', 'groups']) {
        const value = config.get(key)
        const numbers = isArray(value) ? value : [value]
        if (numbers.some((n) => decimal(n, '1') !== '1'))
          throw new InputError(`${where}: ${key} other than 1 is not supported`)
      }
      const outputs = asCount(config.get('filters'), 1, `${where}.filters`)
      return [{ kind: 'conv', outputs, ...window('kernel_size'), bias }, ...after]
    }
    case 'AveragePooling2D':
    case 'MaxPooling2D': {
      const { size, stride, padding } = window('pool_size')
      if (padding.some((n) => n > 0)) throw new InputError(`${where}: pooling with padding is not supported`)
      return [{ kind: kind === 'MaxPooling2D' ? 'max-pool' : 'average-pool', size, stride }]
    }
    case 'GlobalAveragePooling2D':
    case 'GlobalMaxPooling2D': {
      channelsLast()
      const whole = [shape[1], shape[2]] as const
      const pooled: Layer = {
        kind: kind === 'GlobalMaxPooling2D' ? 'max-pool' : 'average-pool',
        size: whole,
        stride: whole
      }
      return config.get('keepdims') === true ? [pooled] : [pooled, { kind: 'flatten' }]
    }
    case 'Flatten':
      channelsLast()
      return shape.length === 3 ? [{ kind: 'flatten' }] : []
    case 'Activation':
      return after
    case 'ReLU':
      if (isNumber(config.get('max_value')) || Number(decimal(config.get('threshold'), '0')) !== 0)
        throw new InputError(`${where}: a ReLU with a largest value or a threshold is not supported`)
      return leaky(config, 'negative_slope', '0', where)
    case 'LeakyReLU':
      return leaky(config, config.has('alpha') ? 'alpha' : 'negative_slope', '0.3', where)
    case 'ELU':
      if (Number(decimal(config.get('alpha'), '1')) !== 1)
        throw new InputError(`${where}: alpha other than 1 is not supported`)
      return activation('elu', where)
    case 'Dropout':
    case 'GaussianNoise':
    case 'GaussianDropout':
    case 'ActivityRegularization':
      return []
    case 'Softmax':
      return activation('softmax', where)
    default:
      throw new InputError(`${where}: layers of class ${kind} are not supported`)
  }
}

/** The shape of a sample, channels first. */
function inputShape(value: Json | undefined, where: string): number[] {
  const [, ...sizes] = asArray(value, where)
  const shape = sizes.map((n, k) => asCount(n, 1, `${where}[${k + 1}]`))
  if (shape.length === 1) return shape
  if (shape.length !== 3 || shape[2] !== 1)
    throw new InputError(`${where}: samples of shape [${shape.join(', ')}]; rows and images with one channel are read`)
  return [1, shape[0], shape[1]]
}

/** The texts anywhere in a value that are names of layers. */
function namesIn(value: Json | undefined, names: ReadonlySet<string>): readonly string[] {
  if (typeof value === 'string') return names.has(value) ? [value] : []
  if (isArray(value)) return value.flatMap((item) => namesIn(item, names))
  return value !== undefined && isObject(value) ? [...value.values()].flatMap((item) => namesIn(item, names)) : []
}

/**
 * The network of a Keras configuration (`Sequential`, or `Functional` when it is one chain). Images are channels last
 * there, here channels first. @throws InputError naming the layer
 */
export function kerasNetwork(json: Json, where: string): KerasNetwork {
  const model = asObject(json, where)
  const kind = asText(model.get('class_name'), `${where}.class_name`)
  if (!['Sequential', 'Functional', 'Model'].includes(kind))
    throw new InputError(`${where}: models of class ${kind} are not read`)
  const config = model.get('config')
  // Before Keras 2.2.3 the configuration of a Sequential was the list itself.
  const list = asArray(
    config !== undefined && isObject(config) ? config.get('layers') : config,
    `${where}.config.layers`
  )
  const entries = list.map((item, k) => {
    const at = `${where}: layers[${k}]`
    const object = asObject(item, at)
    const body = asObject(object.get('config'), `${at}.config`)
    const name = asText(body.get('name') ?? object.get('name'), `${at}.config.name`)
    return {
      at: `${at} ("${name}")`,
      name,
      kind: asText(object.get('class_name'), at),
      body,
      inbound: object.get('inbound_nodes')
    }
  })
  const names = new Set(entries.map((e) => e.name))
  for (const [k, entry] of entries.entries())
    if (kind !== 'Sequential' && k > 0 && namesIn(entry.inbound, names).join() !== entries[k - 1].name)
      throw new InputError(`${entry.at}: only networks that are one chain of layers are read`)
  let inputs: number[] | undefined
  const layers: Layer[] = []
  const parameterLayers: KerasLayer[] = []
  let flattened: readonly number[] | undefined
  const used = new Map<string, number>()
  for (const { at, name, kind: word, body } of entries) {
    const count = used.get(word) ?? 0
    used.set(word, count + 1)
    const declared = body.get('batch_input_shape') ?? body.get('batch_shape')
    if (declared !== undefined && declared !== null) inputs ??= inputShape(declared, `${at}: batch shape`)
    if (word === 'InputLayer') continue
    if (!inputs) {
      const built = model.get('build_config')
      const shape = built !== undefined && isObject(built) ? built.get('input_shape') : undefined
      if (shape === undefined) throw new InputError(`${at}: the shape of the input is not stated`)
      inputs = inputShape(shape, `${where}.build_config.input_shape`)
    }
    const shape = shapesThrough({ inputs, layers }).at(-1) ?? inputs
    const added = layersOf(word, body, shape, at)
    for (const layer of added) {
      if (layer.kind === 'flatten') flattened = shapesThrough({ inputs, layers }).at(-1) ?? inputs
      if ((layer.kind === 'conv' || layer.kind.endsWith('pool')) && shape.length !== 3)
        throw new InputError(`${at}: needs images, got samples of shape [${shape.join(', ')}]`)
      if (layer.kind === 'dense' && shape.length !== 1)
        throw new InputError(`${at}: a dense layer on images, without flattening`)
      layers.push(layer)
    }
    if (added.some((l) => l.kind === 'dense' || l.kind === 'conv')) {
      const classed = count === 0 ? word.toLowerCase() : `${word.toLowerCase()}_${count}`
      parameterLayers.push({ name, classed, flattened })
      flattened = undefined
    }
  }
  return { network: { inputs: inputs ?? [], layers }, parameterLayers }
}
