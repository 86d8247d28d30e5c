import type { KinkDesign } from '../corpus/planted-kinks.ts'

export type DesignKind = {
  readonly sizes: readonly number[]
  readonly samples: number
  readonly slopes?: readonly [number | string, number | string]
  readonly decay?: KinkDesign['decay']
  readonly reduction?: 'sum' | 'mean'
  readonly loss?: KinkDesign['loss']
}

/**
 * Small integer weights; with weight decay every hidden unit has incoming and outgoing weights of equal length, as stationary points
 * do, or the design is undefined.
 */
export const randomDesign = (kind: DesignKind, below: (count: number) => number): KinkDesign | undefined => {
  const { sizes, samples, slopes = [1, 0], decay, reduction = 'sum', loss } = kind
  const tensors: number[][] = []
  for (let l = 1; l < sizes.length; l += 1) {
    tensors.push(
      Array.from({ length: sizes[l] * sizes[l - 1] }, () => below(5) - 2),
      Array.from({ length: sizes[l] }, () => below(5) - 2)
    )
  }
  const squares = (row: readonly number[]): number => row.reduce((sum, x) => sum + x * x, 0)
  for (let l = 0; decay && l < sizes.length - 2; l += 1) {
    for (let u = 0; u < sizes[l + 1]; u += 1) {
      const into = tensors[2 * l].slice(u * sizes[l], (u + 1) * sizes[l])
      if (decay.biases) into.push(tensors[2 * l + 1][u])
      const out = squares(tensors[2 * l + 2].filter((_, k) => k % sizes[l + 1] === u))
      if (squares(into) !== out || out === 0) return undefined
    }
  }
  const xs = Array.from({ length: samples }, () => Array.from({ length: sizes[0] }, () => below(7) - 3))
  return { sizes, slopes, xs, tensors, bias: true, reduction, ...(decay && { decay }), ...(loss && { loss }) }
}
