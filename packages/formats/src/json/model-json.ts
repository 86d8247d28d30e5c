import {
  bitLength,
  entry,
  fromNumber,
  lcm,
  overCommonDenominator,
  type RationalVector,
  toText
} from '@nadir/arithmetic'
import { type Layer, type Network, parameterShapes, tensorSize } from '@nadir/landscape'
import { InputError } from '../errors.ts'
import { denominatorBits } from '../limits.ts'
import type { DecodedModel, EncodedModel, Model } from '../model.ts'
import { checkedShapes } from '../network-check.ts'
import { decodeText } from '../text.ts'
import { type Json, parseJson } from './json.ts'
import { inputsFromJson, inputsToJson, layerFromJson, layerToJson, type WrittenTensor } from './layer-json.ts'
import { asArray, asObject } from './shape-of-json.ts'

/** The layers of a file in nadir's own format, and the tensors that are written out in it. */
function writtenNetwork(json: Json, name: string): { network: Network; tensors: readonly WrittenTensor[] } {
  const object = asObject(json, name)
  const inputs = inputsFromJson(object.get('inputs'), `${name}: inputs`)
  const written = asArray(object.get('layers'), `${name}: layers`).map((layer, l) =>
    layerFromJson(layer, `${name}: layers[${l}]`)
  )
  const layers = written.flatMap((w): Layer[] => (w.layer ? [w.layer] : []))
  return { network: { inputs, layers }, tensors: written.flatMap((w) => w.tensors) }
}

/** The entries over one denominator. @throws InputError when it would be out of all proportion to the file */
function overOneDenominator(tensor: WrittenTensor, fileLength: number): RationalVector {
  const most = Math.max(denominatorBits.atLeast, denominatorBits.perFileBit * 8 * fileLength)
  let denominator = 1n
  for (const e of tensor.entries) {
    if (denominator % e.denominator === 0n) continue
    denominator = lcm(denominator, e.denominator)
    if (bitLength(denominator) * tensor.entries.length > most)
      throw new InputError(`${tensor.where}: the common denominator of these fractions is too long`)
  }
  return overCommonDenominator(tensor.entries)
}

/**
 * A network with parameters in nadir's own format: decimals and fractions are read exactly, so the point is exact.
 * @throws InputError
 */
export function decodeModelJson(bytes: Uint8Array, name: string): DecodedModel {
  const { network, tensors } = writtenNetwork(parseJson(decodeText(bytes, name), name), name)
  const shapes = checkedShapes(network, name)
  if (tensors.length < shapes.length)
    throw new InputError(`${name}: describes an architecture without numbers ("outputs" in place of "weight")`)
  for (const [i, { shape }] of shapes.entries())
    if (shape.join() !== tensors[i].shape.join())
      throw new InputError(
        `${tensors[i].where}: expected shape [${shape.join(', ')}], found [${tensors[i].shape.join(', ')}]`
      )
  return {
    network,
    parameters: { kind: 'exact', tensors: tensors.map((t) => overOneDenominator(t, bytes.length)) },
    notes: []
  }
}

/** The architecture that a file in nadir's own format describes, with numbers or without. @throws InputError */
export function decodeDescription(json: Json, name: string): Network {
  const { network } = writtenNetwork(json, name)
  checkedShapes(network, name)
  return network
}

const document = (network: Network, layers: readonly string[]): string =>
  `{ "inputs": ${inputsToJson(network.inputs)},\n  "layers": [\n    ${layers.join(',\n    ')}\n  ] }\n`

/** nadir's own format without numbers: the architecture alone. */
export const describeNetwork = (network: Network): string =>
  document(
    network,
    network.layers.map((layer) => layerToJson(layer, undefined))
  )

/**
 * A network with parameters in nadir's own format, each parameter as its exact fraction; nothing is rounded (a negative
 * zero is written as zero).
 */
export function encodeModelJson(model: Model): EncodedModel {
  const { network, parameters } = model
  let start = 0
  const tensors = parameterShapes(network).map((t, k) => {
    const size = tensorSize(t)
    const exact = Array.from({ length: size }, (_, i) =>
      parameters.kind === 'exact' ? entry(parameters.tensors[k], i) : fromNumber(parameters.values[start + i])
    )
    start += size
    return { layer: t.layer, shape: t.shape, texts: exact.map(toText) }
  })
  const layers = network.layers.map((layer, l) =>
    layerToJson(
      layer,
      tensors.filter((t) => t.layer === l)
    )
  )
  return { bytes: new TextEncoder().encode(document(network, layers)), notes: [] }
}
