import type { KinkDesign } from '../corpus/planted-kinks.ts'
import type { Gauge } from '../corpus/planted-kinks-documents.ts'

/**
 * Without decay every unit is rescaled, its first incoming weight frozen; undefined where that is 0. With cross-entropy every entry of the last layer that does not decay is lifted, its first outgoing
 * weight frozen.
 */
export const gaugeOf = ({ sizes, tensors, decay, loss }: KinkDesign): Gauge | undefined => {
  const frozen: number[] = []
  const symmetries: (string | number)[][] = []
  let at = 0
  for (let l = 0; l < sizes.length - 2; l += 1) {
    for (let u = 0; !decay && u < sizes[l + 1]; u += 1) {
      if (tensors[2 * l][u * sizes[l]] === 0) return undefined
      frozen.push(at + u * sizes[l])
      symmetries.push(['rescale', l, u])
    }
    at += sizes[l + 1] * (sizes[l] + 1)
  }
  if (loss === 'cross-entropy' && !decay?.biases) {
    const [inputs, outputs] = sizes.slice(-2)
    for (let e = decay ? inputs : 0; e <= inputs; e += 1) {
      frozen.push(e < inputs ? at + e : at + inputs * outputs)
      symmetries.push(['lift', e])
    }
  }
  return { frozen, symmetries }
}
