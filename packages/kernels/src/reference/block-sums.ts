import type { Block, BlockSums } from '../block-sums.ts'

/** `blockSums` by its definition. Approximate (doubles). */
export function blockSumsSlowly(
  size: number,
  samples: number,
  widths: readonly number[],
  blocks: readonly Block[]
): BlockSums {
  const matrix = new Float64Array(size * size)
  const sources: Float64Array[] = widths.map((w) => new Float64Array(samples * w))
  const live = new Int32Array(samples)
  const coefficients = new Float64Array(samples * blocks.length)
  return {
    load: (source, values) => sources[source]!.set(values),
    live,
    coefficients,
    add(count, left, rows, first, end) {
      for (let c = 0; c < count; c++)
        for (let r = 0; r < widths[left]!; r++)
          for (let b = first; b < end; b++) {
            const { source, column } = blocks[b]!
            const factor = sources[left]![live[c]! * widths[left]! + r]! * coefficients[c * blocks.length + b]!
            for (let k = 0; k < widths[source]!; k++) {
              const at = (rows.at + r * rows.stride) * size + column + k
              matrix[at] = matrix[at]! + factor * sources[source]![live[c]! * widths[source]! + k]!
            }
          }
    },
    matrix,
    stride: size
  }
}
