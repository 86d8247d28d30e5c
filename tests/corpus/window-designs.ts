import type { Value } from './digests.ts'
import { type Fraction, fraction, multiply, one, over, sum, text } from './fraction.ts'
import type { KinkDesign, Sharing } from './planted-kinks.ts'

/*
 * Convolution and average pooling written out as dense layers whose entries are sums of shared parameters: for points planted in such
 * networks by what is known of dense ones.
 */

export type WindowLayer =
  | {
      readonly kind: 'conv'
      readonly outputs: number
      readonly size: readonly [number, number]
      readonly stride?: readonly [number, number]
      readonly padding?: readonly [number, number, number, number]
      readonly bias: boolean
    }
  | {
      readonly kind: 'average-pool'
      readonly size: readonly [number, number]
      readonly stride?: readonly [number, number]
    }
  | { readonly kind: 'flatten' }
  | { readonly kind: 'units' }
  | { readonly kind: 'dense'; readonly outputs: number; readonly bias: boolean }

/** Between two layers of units there is one layer with parameters, or several dense ones that follow one another. */
export type WindowDesign = Pick<KinkDesign, 'slopes' | 'xs' | 'decay' | 'reduction'> & {
  readonly image: readonly [channels: number, height: number, width: number]
  readonly layers: readonly WindowLayer[]
  /** One list for each weight and each bias. */
  readonly tensors: readonly (readonly (number | string)[])[]
}

type Form = { readonly parameter: number; readonly factor: Fraction }
type Image = readonly [number, number, number]

/** For every position the places that a window sees, undefined in the padding. */
const seenBy = (
  [, height, width]: Image,
  size: readonly [number, number],
  stride: readonly [number, number],
  [top, left, bottom, right]: readonly [number, number, number, number]
) => {
  const rows = Math.floor((height + top + bottom - size[0]) / stride[0]) + 1
  const columns = Math.floor((width + left + right - size[1]) / stride[1]) + 1
  const seen: (number | undefined)[][] = []
  for (let y = 0; y < rows; y += 1) {
    for (let x = 0; x < columns; x += 1) {
      const places: (number | undefined)[] = []
      for (let i = 0; i < size[0]; i += 1) {
        for (let j = 0; j < size[1]; j += 1) {
          const [row, column] = [y * stride[0] + i - top, x * stride[1] + j - left]
          places.push(row >= 0 && row < height && column >= 0 && column < width ? row * width + column : undefined)
        }
      }
      seen.push(places)
    }
  }
  return { rows, columns, seen }
}

/** What an entry is: sums over entries below of forms in the parameters (parameter -1: the number itself), and a form of biases. */
type Entry = { readonly weights: ReadonlyMap<number, readonly Form[]>; readonly bias: readonly Form[] }

const meanOf = (entries: readonly Entry[]): Entry => {
  const share = over(1n, BigInt(entries.length))
  const scaled = (forms: readonly Form[]): readonly Form[] =>
    forms.map(({ parameter, factor }) => ({ parameter, factor: multiply(share, factor) }))
  const weights = new Map<number, readonly Form[]>()
  for (const entry of entries) {
    for (const [at, forms] of entry.weights) weights.set(at, [...(weights.get(at) ?? []), ...scaled(forms)])
  }
  return { weights, bias: entries.flatMap(({ bias }) => scaled(bias)) }
}

/** The design as dense layers. */
export const writtenOut = (design: WindowDesign): KinkDesign => {
  const { layers, slopes, xs, decay, reduction } = design
  let image: Image = design.image
  const sizes = [image[0] * image[1] * image[2]]
  const identity = (count: number): Entry[] =>
    Array.from({ length: count }, (_, k) => ({ weights: new Map([[k, [{ parameter: -1, factor: one }]]]), bias: [] }))
  let entries = identity(sizes[0])
  const forms: (readonly Form[])[] = []
  const isBias: boolean[] = []
  let count = 0
  const close = (): void => {
    const width = sizes.at(-1) ?? 0
    for (const { weights } of entries) for (let k = 0; k < width; k += 1) forms.push(weights.get(k) ?? [])
    for (const { bias } of entries) forms.push(bias)
    sizes.push(entries.length)
    entries = identity(entries.length)
  }
  const affine = (seen: readonly (readonly (number | undefined)[])[], outputs: number, bias: boolean): void => {
    const row = seen[0].length
    const below = entries
    const start = count
    entries = Array.from({ length: outputs }, (_, o) =>
      seen.map((places): Entry => {
        const weights = new Map<number, readonly Form[]>()
        for (const [k, place] of places.entries()) {
          if (place === undefined) continue
          for (const [at, factors] of below[place].weights) {
            const added = factors.map(({ factor }) => ({ parameter: start + o * row + k, factor }))
            weights.set(at, [...(weights.get(at) ?? []), ...added])
          }
        }
        return { weights, bias: bias ? [{ parameter: start + outputs * row + o, factor: one }] : [] }
      })
    ).flat()
    count += outputs * row + (bias ? outputs : 0)
    isBias.push(...new Array<boolean>(outputs * row).fill(false), ...new Array<boolean>(bias ? outputs : 0).fill(true))
  }
  const documents: Value[] = []
  const linear: number[] = []
  for (const [index, layer] of layers.entries()) {
    const area = image[1] * image[2]
    if (layer.kind === 'units') {
      close()
      documents.push({ kind: 'two-slope', positive: text(fraction(slopes[0])), negative: text(fraction(slopes[1])) })
    } else if (layer.kind === 'flatten') {
      image = [image[0] * area, 1, 1]
      documents.push({ kind: 'flatten' })
    } else if (layer.kind === 'dense') {
      if (layers[index - 1]?.kind === 'dense') {
        linear.push(sizes.length - 1)
        close()
      }
      affine([[...entries.keys()]], layer.outputs, layer.bias)
      image = [layer.outputs, 1, 1]
      documents.push({ kind: 'dense', outputs: layer.outputs, bias: layer.bias })
    } else {
      const stride = layer.stride ?? [1, 1]
      const padding = (layer.kind === 'conv' && layer.padding) || ([0, 0, 0, 0] as const)
      const { rows, columns, seen } = seenBy(image, layer.size, stride, padding)
      const channels = Array.from({ length: image[0] }, (_, c) =>
        seen.map((places) => places.map((place) => (place === undefined ? undefined : c * area + place)))
      )
      if (layer.kind === 'conv') {
        affine(
          seen.map((_, position) => channels.flatMap((places) => places[position])),
          layer.outputs,
          layer.bias
        )
        image = [layer.outputs, rows, columns]
        const { outputs, size, bias } = layer
        documents.push({ kind: 'conv', outputs, size: [...size], stride: [...stride], padding: [...padding], bias })
      } else {
        const below = entries
        entries = channels.flat().map((places) => meanOf(places.map((place) => below[place ?? 0])))
        image = [image[0], rows, columns]
        documents.push({ kind: 'average-pool', size: [...layer.size], stride: [...stride] })
      }
    }
  }
  close()
  const own = design.tensors.flat().map(fraction)
  if (own.length !== count) throw new Error(`${own.length} parameters where ${count} are asked for`)
  const sharing: Sharing = {
    own: design.tensors,
    forms,
    isBias,
    network: { inputs: [...design.image], layers: documents }
  }
  const theta = forms.map((form) => text(sum(form.map(({ parameter, factor }) => multiply(factor, own[parameter])))))
  return {
    sizes,
    slopes,
    xs,
    tensors: [theta],
    bias: true,
    reduction,
    sharing,
    merged: true,
    linear,
    ...(decay ? { decay } : {})
  }
}
