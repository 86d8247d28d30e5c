import type { KinkDesign } from '../corpus/planted-kinks.ts'
import type { WindowDesign, WindowLayer } from '../corpus/window-designs.ts'

export type WindowKind = Pick<WindowDesign, 'image' | 'layers'> & {
  readonly samples: number
  readonly slopes?: KinkDesign['slopes']
  readonly decay?: KinkDesign['decay']
  readonly reduction?: 'sum' | 'mean'
  /** Greatest size of an input; 0 is as frequent as all others together. */
  readonly greatest?: number
}

type Tensor = { readonly entries: number[]; readonly outputs: number; readonly isBias: boolean }

const squares = (row: readonly number[]): number => row.reduce((sum, x) => sum + x * x, 0)

/** The entries of an output, or those of every output for a channel of the layer below. */
const ofOutput = ({ entries, outputs }: Tensor, j: number): number[] =>
  entries.slice((j * entries.length) / outputs, ((j + 1) * entries.length) / outputs)
const fromChannel = (tensor: Tensor, j: number, channels: number): number[] =>
  Array.from({ length: tensor.outputs }, (_, o) => {
    const row = ofOutput(tensor, o)
    return row.slice((j * row.length) / channels, ((j + 1) * row.length) / channels)
  }).flat()

const sizesOf = (
  layers: readonly WindowLayer[],
  image: WindowDesign['image']
): (readonly [number, number, boolean])[] => {
  let [channels, height, width] = image
  const found: (readonly [number, number, boolean])[] = []
  for (const layer of layers) {
    if (layer.kind === 'units') continue
    if (layer.kind === 'flatten') [channels, height, width] = [channels * height * width, 1, 1]
    else if (layer.kind === 'dense') {
      found.push([layer.outputs * channels * height * width, layer.outputs, layer.bias])
      ;[channels, height, width] = [layer.outputs, 1, 1]
    } else {
      const [top, left, bottom, right] = (layer.kind === 'conv' && layer.padding) || [0, 0, 0, 0]
      const [down, along] = layer.stride ?? [1, 1]
      if (layer.kind === 'conv') {
        found.push([layer.outputs * channels * layer.size[0] * layer.size[1], layer.outputs, layer.bias])
        channels = layer.outputs
      }
      height = Math.floor((height + top + bottom - layer.size[0]) / down) + 1
      width = Math.floor((width + left + right - layer.size[1]) / along) + 1
    }
  }
  return found
}

/** Small integers; with weight decay every channel has incoming and outgoing weights of equal length, or the design is undefined. */
export const randomWindows = (kind: WindowKind, below: (count: number) => number): WindowDesign | undefined => {
  const { image, layers, samples, slopes = [1, 0], decay, reduction = 'sum', greatest = 3 } = kind
  const tensors: Tensor[] = []
  for (const [weights, outputs, bias] of sizesOf(layers, image)) {
    const draw = (count: number): number[] => Array.from({ length: count }, () => below(5) - 2)
    tensors.push({ entries: draw(weights), outputs, isBias: false })
    if (bias) tensors.push({ entries: draw(outputs), outputs, isBias: true })
  }
  const weights = tensors.filter(({ isBias }) => !isBias)
  for (const [l, tensor] of decay ? weights.slice(0, -1).entries() : []) {
    const bias = tensors[tensors.indexOf(tensor) + 1]
    for (let j = 0; j < tensor.outputs; j += 1) {
      const into = ofOutput(tensor, j)
      if (bias?.isBias && decay?.biases) into.push(bias.entries[j])
      const out = squares(fromChannel(weights[l + 1], j, tensor.outputs))
      if (squares(into) !== out || out === 0) return undefined
    }
  }
  const pixel = (): number => (below(2) === 0 ? 0 : below(2 * greatest + 1) - greatest)
  const xs = Array.from({ length: samples }, () => Array.from({ length: image[0] * image[1] * image[2] }, pixel))
  return {
    image,
    layers,
    slopes,
    xs,
    tensors: tensors.map(({ entries }) => entries),
    reduction,
    ...(decay ? { decay } : {})
  }
}
