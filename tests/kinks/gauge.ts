import type { Gauge, KinkDesign } from '../corpus/planted-kinks.ts'

/** Without decay every unit is rescaled, its first incoming weight frozen; undefined where that is 0. */
export const gaugeOf = ({ sizes, tensors, decay }: KinkDesign): Gauge | undefined => {
  const frozen: number[] = []
  const symmetries: (string | number)[][] = []
  let at = 0
  for (let l = 0; !decay && l < sizes.length - 2; l += 1) {
    for (let u = 0; u < sizes[l + 1]; u += 1) {
      if (tensors[2 * l][u * sizes[l]] === 0) return undefined
      frozen.push(at + u * sizes[l])
      symmetries.push(['rescale', l, u])
    }
    at += sizes[l + 1] * (sizes[l] + 1)
  }
  return { frozen, symmetries }
}
