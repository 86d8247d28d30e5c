import { InputError } from '../errors.ts'
import { assertFinite } from '../float-parameters.ts'
import type { Dataset } from '../hdf5/dataset.ts'
import { type Hdf5File, type Hdf5Object, openHdf5 } from '../hdf5/object.ts'
import { parseJson } from '../json/json.ts'
import type { DecodedModel } from '../model.ts'
import { type Binding, type BoundNetwork, bindInOrder } from '../tensors/architecture.ts'
import { type ArchitectureSource, decodeTensors } from '../tensors/decode.ts'
import { elementCount, type NamedTensor } from '../tensors/named-tensor.ts'
import { decodeText } from '../text.ts'
import { isZip, unzip } from '../zip.ts'
import { type KerasNetwork, kerasNetwork } from './config.ts'

/** The parameters of one layer, kernel before bias, as Keras stores them. */
interface StoredLayer {
  readonly name: string
  readonly datasets: readonly { readonly name: string; readonly dataset: Dataset }[]
}

/** `dense_10` comes after `dense_2`. */
const natural = (a: string, b: string): number => {
  const number = (text: string): number => Number(/_(\d+)$/.exec(text)?.[1] ?? -1)
  return number(a) - number(b) || (a < b ? -1 : 1)
}

/** The layers with parameters in the older format: attributes name the layers and their weights, in order. */
function namedLayers(file: Hdf5File, group: Hdf5Object, where: string): StoredLayer[] {
  return (group.attributes.get('layer_names') ?? []).flatMap((name): StoredLayer[] => {
    const layer = file.follow(group, name)
    if (!layer) throw new InputError(`${where}: layer "${name}" is missing`)
    const weights = layer.attributes.get('weight_names') ?? []
    const datasets = weights.map((path) => {
      const dataset = file.follow(layer, ...path.split('/'))?.dataset
      if (!dataset) throw new InputError(`${where}: weight "${path}" of layer "${name}" is missing`)
      return { name: `${name}/${path.split('/').at(-1)!.replace(/:\d+$/, '')}`, dataset }
    })
    return datasets.length === 0 ? [] : [{ name, datasets }]
  })
}

/** The layers with parameters in the format of Keras 3: `layers/NAME/vars/0`, the kernel, and `/1`, the bias. */
function numberedLayers(file: Hdf5File, layers: Hdf5Object): StoredLayer[] {
  return [...layers.links.keys()].sort(natural).flatMap((name): StoredLayer[] => {
    const vars = file.follow(layers, name, 'vars')
    const datasets = [...(vars?.links.keys() ?? [])].sort().flatMap((key) => {
      const dataset = file.follow(vars!, key)?.dataset
      return dataset ? [{ name: `${name}/${['kernel', 'bias'][Number(key)] ?? key}`, dataset }] : []
    })
    return datasets.length === 0 ? [] : [{ name, datasets }]
  })
}

/** Axes of Keras to axes here: dense [in, out] to [out, in], convolution [h, w, in, out] to [out, in, h, w]. */
const axesHere: Readonly<Record<number, readonly number[]>> = { 0: [], 1: [0], 2: [1, 0], 4: [3, 2, 0, 1] }

/** The tensor with its axes in the order of this package; inputs of flattened images channels first. */
function asTensor(
  { name, dataset }: StoredLayer['datasets'][number],
  file: string,
  flattened: readonly number[] | undefined
): NamedTensor {
  const where = `${file}: byte ${dataset.at}`
  const axes = axesHere[dataset.shape.length]
  const shape = axes?.map((axis) => dataset.shape[axis]) ?? dataset.shape
  const values = (): Float64Array => {
    if (!dataset.type.startsWith('float'))
      throw new InputError(`${where}: "${name}" holds ${dataset.type}, expected floats`)
    const stored = dataset.values()
    assertFinite(stored, `${where}: "${name}"`)
    const strides = dataset.shape.map((_, axis) => elementCount(dataset.shape.slice(axis + 1)))
    const out = new Float64Array(stored.length)
    for (let k = 0; k < out.length; k++) {
      let from = 0
      for (let axis = shape.length - 1, rest = k; axis >= 0; axis--) {
        let index = rest % shape[axis]
        rest = Math.floor(rest / shape[axis])
        if (axis === 1 && shape.length === 2 && flattened) index = channelsLast(index, flattened)
        from += index * strides[axes?.[axis] ?? axis]
      }
      out[k] = stored[from]
    }
    return out
  }
  return { name, shape, where, type: dataset.type, oriented: true, values }
}

/** Where entry k of an image [channels, height, width] stands in [height, width, channels]. */
function channelsLast(k: number, [channels, height, width]: readonly number[]): number {
  const place = k % (height * width)
  return place * channels + Math.floor(k / (height * width))
}

/** Layer by layer as the configuration names them. */
function bound(
  { network, parameterLayers }: KerasNetwork,
  layers: readonly StoredLayer[],
  byName: boolean,
  file: string
): BoundNetwork {
  const bindings = parameterLayers.flatMap((layer): Binding[] => {
    const stored = layers.find((l) => l.name === (byName ? layer.name : layer.classed))
    if (!stored) throw new InputError(`${file}: layer "${layer.name}" has no parameters in the file`)
    return stored.datasets.map((d) => ({ tensor: asTensor(d, file, layer.flattened), transposed: false }))
  })
  return {
    ...bindInOrder(
      network,
      bindings.map((b) => b.tensor),
      file
    ),
    notes: []
  }
}

/**
 * A network saved by Keras: `.h5` (architecture inside, or weights only), `.weights.h5` (weights only), `.keras`. Kernels
 * are turned to [out, in] and [out, in, height, width]; each number exactly as stored. @throws InputError
 */
export function decodeKeras(bytes: Uint8Array, name: string, source: ArchitectureSource = {}): DecodedModel {
  if (isZip(bytes)) return decodeKerasArchive(bytes, name, source)
  const file = openHdf5(bytes, name)
  const text = file.root.attributes.get('model_config')?.[0]
  const where = `${name}: model_config`
  return decodeWith(
    file,
    name,
    source,
    text === undefined ? undefined : () => kerasNetwork(parseJson(text, where), where)
  )
}

function decodeKerasArchive(bytes: Uint8Array, name: string, source: ArchitectureSource): DecodedModel {
  const files = unzip(bytes, name)
  const [weights, config] = ['model.weights.h5', 'config.json'].map((entry) => {
    const content = files.get(entry)
    if (!content) throw new InputError(`${name}: an archive without ${entry}: not written by Keras`)
    return content
  })
  const where = `${name}: config.json`
  return decodeWith(openHdf5(weights, name), name, source, () =>
    kerasNetwork(parseJson(decodeText(config, where), where), where)
  )
}

function decodeWith(
  file: Hdf5File,
  name: string,
  source: ArchitectureSource,
  configuration: (() => KerasNetwork) | undefined
): DecodedModel {
  const numbered = file.follow(file.root, 'layers')
  const layers = numbered
    ? numberedLayers(file, numbered)
    : namedLayers(file, file.follow(file.root, 'model_weights') ?? file.root, name)
  if (layers.length === 0) throw new InputError(`${name}: holds no weights of Keras layers`)
  const tensors = layers.flatMap((l) => l.datasets.map((d) => asTensor(d, name, undefined)))
  const own = configuration && (() => bound(configuration(), layers, !numbered, name))
  return decodeTensors({ name, kind: 'files of Keras weights', tensors, notes: [], own }, source)
}
