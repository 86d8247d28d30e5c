import { newInstance } from './instance.ts'

/** Columns column..column+width of a row, filled by a multiple of the row of one source. */
export interface Block {
  readonly source: number
  readonly column: number
}

/** Which rows of a sum to add to: row r of the left source goes to row at + r * stride. */
export interface RowPlaces {
  readonly at: number
  readonly stride: number
}

/**
 * A square matrix that is a sum of outer products whose right factors are made of blocks:
 *   M[at + r stride, columns of block b] += sum over c < count of left[live[c]][r] * coefficients[c][b] * source_b[live[c]].
 * Sources are row-major matrices of one row for each sample.
 */
export interface BlockSums {
  /** Replaces the values of a source, for as many samples as there are rows. */
  readonly load: (source: number, values: Float64Array) => void
  /** To be written before `add`: the samples, and for each of them one coefficient for each block (row-major). */
  readonly live: Int32Array
  readonly coefficients: Float64Array
  /** Adds for the first `count` live samples the blocks first..end, which must follow one another without gaps. Approximate. */
  readonly add: (count: number, left: number, rows: RowPlaces, first: number, end: number) => void
  /** The matrix, row-major with `stride` entries from row to row. Entries right of the last added column may hold zeros added. */
  readonly matrix: Float64Array
  readonly stride: number
}

/** Samples that are packed together; not a power of two, so that panels do not share cache sets. */
const strip = 120

/** A zero matrix of this size and its blocks, for at most `samples` samples at a time; `widths` are the widths of the sources. */
export function blockSums(
  size: number,
  samples: number,
  widths: readonly number[],
  blocks: readonly Block[]
): BlockSums {
  let bytes = 0
  const place = (count: number) => {
    const at = bytes
    bytes += 16 * Math.ceil(count / 16)
    return at
  }
  const stride = 4 * Math.ceil(size / 4) + 4
  const matrixAt = place(8 * stride * size + 64)
  const sourcesAt = widths.map((w) => place(8 * samples * w + 32))
  const liveAt = place(4 * samples)
  const coefficientsAt = place(8 * samples * blocks.length)
  const blocksAt = place(16 * blocks.length)
  const scratchAt = place(8 * stride + 64)
  const leftAt = place(8 * strip * (Math.max(...widths) + 4))
  const rightAt = place(8 * strip * stride)
  const routines = newInstance(bytes)
  const buffer = routines.memory.buffer
  const table = new Int32Array(buffer, blocksAt, 4 * blocks.length)
  for (const [b, { source, column }] of blocks.entries())
    table.set([sourcesAt[source]!, widths[source]!, column, 0], 4 * b)
  return {
    load(source, values) {
      new Float64Array(buffer, sourcesAt[source]!, values.length).set(values)
    },
    live: new Int32Array(buffer, liveAt, samples),
    coefficients: new Float64Array(buffer, coefficientsAt, samples * blocks.length),
    add(count, left, rows, first, end) {
      if (first >= end) return
      const last = blocks[end - 1]!
      const from = blocks[first]!.column
      const columns = last.column + widths[last.source]! - from
      const width = widths[left]!
      for (let c = 0; c < count; c += strip) {
        const depth = Math.min(strip, count - c)
        const live = liveAt + 4 * c
        const coefficients = coefficientsAt + 8 * (c * blocks.length + first)
        routines.packLiveRows(sourcesAt[left]!, width, live, depth, leftAt)
        routines.packBlockRows(
          blocksAt + 16 * first,
          end - first,
          coefficients,
          blocks.length,
          live,
          depth,
          columns,
          scratchAt,
          rightAt
        )
        const to = matrixAt + 8 * (rows.at * stride + from)
        routines.addTiles(width, (columns + 3) >> 2, depth, leftAt, rightAt, to, 8 * stride * rows.stride)
      }
    },
    matrix: new Float64Array(buffer, matrixAt, stride * size),
    stride
  }
}
