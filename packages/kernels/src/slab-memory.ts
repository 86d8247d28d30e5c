import { newInstance } from './instance.ts'
import type { Strided } from './strided.ts'

/** A rows x columns matrix in slabs of 16 columns, [slab][row][16], at a byte offset of a slab memory; what pads the last slab is 0. */
export interface Slabs {
  readonly rows: number
  readonly columns: number
  readonly at: number
}

/**
 * A sparse rows x inner matrix in compressed rows, strip by strip of its inner index. Its values are its own, or gathered from a matrix in
 * slabs when it is used.
 */
interface Compressed {
  readonly rows: number
  readonly inner: number
  readonly starts: number
  readonly places: number
}
export interface SparseRows extends Compressed {
  readonly kind: 'sparse-rows'
  readonly values: number
}
export interface GatheredRows extends Compressed {
  readonly kind: 'gathered-rows'
  readonly offsets: number
}

/** Sparse rows that are written to `row`, in full, and appended one by one. */
export interface RowByRow {
  readonly row: Float64Array
  readonly append: () => void
  readonly done: () => SparseRows
}

/** Memory of one instance of the kernels, laid out piece after piece, with products of the matrices in it. All products are approximate. */
export interface SlabMemory {
  /** Bytes that are in use; `release` gives back what was laid out since they were so many. */
  readonly used: () => number
  readonly release: (used: number) => void
  /** Bytes that it holds, in use or not. */
  readonly capacity: () => number
  /** A matrix of zeros. */
  readonly zeros: (rows: number, columns: number) => Slabs
  /** The doubles of a matrix with its padding; valid until something is laid out. */
  readonly view: (m: Slabs) => Float64Array
  readonly clear: (m: Slabs) => void
  readonly set: (m: Slabs, from: Strided) => void
  /** to += m. */
  readonly addTo: (to: Strided, m: Slabs) => void
  /** The non-zero entries of a dense row-major matrix, or of its transpose. */
  readonly sparse: (dense: Float64Array, rows: number, columns: number, which: 'itself' | 'transpose') => SparseRows
  /** Which entries to gather from a matrix in slabs, or from its transpose: those with a number that is not 0 in the row-major `live`. */
  readonly gathered: (live: Uint8Array, rows: number, columns: number, which: 'itself' | 'transpose') => GatheredRows
  /** So many sparse rows to come, each at most one strip long. @throws RangeError for longer ones */
  readonly rowByRow: (rows: number, inner: number) => RowByRow
  /** C += S B. */
  readonly addSparse: (c: Slabs, s: SparseRows, b: Slabs) => void
  /** C += A B with the entries of A, or of A^T, that are gathered. */
  readonly addGathered: (c: Slabs, s: GatheredRows, a: Slabs, b: Slabs) => void
  /** Every row becomes the only row of `from`. */
  readonly repeat: (m: Slabs, from: Slabs) => void
  /** to += the sum of the rows. */
  readonly addColumnSums: (to: Slabs, m: Slabs) => void
  /** out = a b and out += a b, entry by entry. */
  readonly entrywise: (out: Slabs, a: Slabs, b: Slabs) => void
  readonly addEntrywise: (out: Slabs, a: Slabs, b: Slabs) => void
}

/** Columns that the kernel keeps in registers. */
const slab = 16
/** Rows of the dense factor that stay in the first-level cache meanwhile. */
export const strip = 192

const slabsOf = (columns: number) => Math.ceil(columns / slab)
const doubles = ({ rows, columns }: Slabs) => rows * slabsOf(columns) * slab

/** The index of an entry of a matrix in slabs among its doubles. */
export const slabIndex = (rows: number, i: number, j: number): number => (((j >> 4) * rows + i) << 4) + (j & 15)

export function slabMemory(): SlabMemory {
  const routines = newInstance(0)
  let used = 0
  const reserve = (bytes: number): number => {
    const at = used
    used += Math.ceil(bytes / 16) * 16
    const missing = used - routines.memory.buffer.byteLength
    if (missing > 0) routines.memory.grow(Math.ceil(missing / 65536))
    return at
  }
  const integers = (at: number, count: number) => new Int32Array(routines.memory.buffer, at, count)
  const view = (m: Slabs) => new Float64Array(routines.memory.buffer, m.at, doubles(m))

  /** Starts and places of the entries that are not 0, with what each of them is among the entries of the matrix. */
  function compressed(live: ArrayLike<number>, rows: number, columns: number, which: 'itself' | 'transpose') {
    const [outer, inner] = which === 'itself' ? [rows, columns] : [columns, rows]
    const strips = Math.max(1, Math.ceil(inner / strip))
    // Entries are counted, then placed; both passes read the matrix in its own order. starts[stripAt[k] + i] counts (i, k).
    const [down, across] = which === 'itself' ? [1, 0] : [0, 1]
    const stripAt = Int32Array.from({ length: inner }, (_, k) => Math.floor(k / strip) * (outer + 1))
    const begins = new Int32Array((outer + 1) * strips + 1)
    for (let i = 0, at = 0; i < rows; i++)
      for (let j = 0; j < columns; j++, at++)
        if (live[at] !== 0) {
          const to = stripAt[down * j + across * i]! + down * i + across * j + 1
          begins[to] = begins[to]! + 1
        }
    for (let s = 1; s < begins.length; s++) begins[s] = begins[s]! + begins[s - 1]!
    const count = begins.at(-1)!
    const starts = reserve(4 * begins.length)
    const places = reserve(4 * count)
    integers(starts, begins.length).set(begins)
    const placeView = integers(places, count)
    const sources = new Int32Array(count)
    for (let i = 0, at = 0; i < rows; i++)
      for (let j = 0; j < columns; j++, at++)
        if (live[at] !== 0) {
          const k = down * j + across * i
          const to = stripAt[k]! + down * i + across * j
          const place = begins[to]!
          begins[to] = place + 1
          placeView[place] = 8 * slab * k
          sources[place] = at
        }
    return { sources, form: { rows: outer, inner, starts, places } }
  }

  /** Visits pieces of rows as wide as a slab: the index of each among the doubles in slabs, its first index outside, length and step. */
  function eachPiece(
    { rows, columns }: Slabs,
    m: Strided,
    act: (at: number, from: number, length: number, step: number) => void
  ): void {
    for (let left = 0, at = 0; left < columns; left += slab)
      for (let k = 0; k < rows; k++, at += slab)
        act(at, m.at + k * m.rowStride + left * m.columnStride, Math.min(slab, columns - left), m.columnStride)
  }

  const inStrips = ({ rows, inner, starts }: Compressed, act: (starts: number) => void) => {
    for (let s = 0; s * strip < inner; s++) act(starts + 4 * s * (rows + 1))
  }

  return {
    used: () => used,
    release: (to) => {
      used = to
    },
    capacity: () => routines.memory.buffer.byteLength,
    zeros(rows, columns) {
      const at = reserve(8 * rows * slabsOf(columns) * slab)
      const m = { rows, columns, at }
      view(m).fill(0)
      return m
    },
    view,
    clear: (m) => view(m).fill(0),
    set(m, from) {
      const to = view(m)
      const { data } = from
      eachPiece(m, from, (at, first, length, step) => {
        for (let j = 0, k = first; j < length; j++, k += step) to[at + j] = data[k]!
      })
    },
    addTo(to, m) {
      const from = view(m)
      const { data } = to
      eachPiece(m, to, (at, first, length, step) => {
        for (let j = 0, k = first; j < length; j++, k += step) data[k] = data[k]! + from[at + j]!
      })
    },
    sparse(dense, rows, columns, which) {
      const { sources, form } = compressed(dense, rows, columns, which)
      const values = reserve(8 * sources.length)
      const valueView = new Float64Array(routines.memory.buffer, values, sources.length)
      for (let e = 0; e < sources.length; e++) valueView[e] = dense[sources[e]!]!
      return { kind: 'sparse-rows', ...form, values }
    },
    gathered(live, rows, columns, which) {
      const { sources, form } = compressed(live, rows, columns, which)
      const offsets = reserve(4 * sources.length)
      const offsetView = integers(offsets, sources.length)
      for (let e = 0; e < sources.length; e++) {
        const i = Math.floor(sources[e]! / columns)
        offsetView[e] = 8 * slabIndex(rows, i, sources[e]! - i * columns)
      }
      return { kind: 'gathered-rows', ...form, offsets }
    },
    rowByRow(rows, inner) {
      if (inner > strip) throw new RangeError(`rowByRow: ${inner} entries in a row, at most ${strip}`)
      const starts = reserve(4 * (rows + 1))
      const places = reserve(4 * (rows * inner + 1))
      const values = reserve(8 * (rows * inner + 1))
      const at = reserve(8 * inner)
      const startView = integers(starts, rows + 1)
      let filled = 0
      let count = 0
      startView[0] = 0
      return {
        row: new Float64Array(routines.memory.buffer, at, inner),
        append() {
          count = routines.appendRow(at, inner, places, values, count)
          startView[++filled] = count
        },
        done: () => ({ kind: 'sparse-rows', rows, inner, starts, places, values })
      }
    },
    addSparse(c, s, b) {
      inStrips(s, (starts) =>
        routines.sparseRows(s.rows, starts, s.places, s.values, b.at, 8 * slab * b.rows, slabsOf(b.columns), c.at)
      )
    },
    addGathered(c, s, a, b) {
      inStrips(s, (starts) =>
        routines.gatheredRows(
          s.rows,
          starts,
          s.places,
          s.offsets,
          a.at,
          b.at,
          8 * slab * b.rows,
          slabsOf(b.columns),
          c.at
        )
      )
    },
    repeat(m, from) {
      for (let s = 0; s < slabsOf(m.columns); s++)
        routines.repeatRow(from.at + 8 * slab * s, m.rows, m.at + 8 * slab * m.rows * s)
    },
    addColumnSums(to, m) {
      for (let s = 0; s < slabsOf(m.columns); s++)
        routines.addColumnSums(m.at + 8 * slab * m.rows * s, m.rows, to.at + 8 * slab * s)
    },
    entrywise: (out, a, b) => routines.entrywise(a.at, b.at, doubles(out), out.at),
    addEntrywise: (out, a, b) => routines.addEntrywise(a.at, b.at, doubles(out), out.at)
  }
}
