// @ts-nocheck AssemblyScript: f64x2 and pointers are types of its own compiler.
// Every routine has a slow twin in ../src/reference. Memory is laid out by the host; nothing is allocated here.

/**
 * Packs rows of a row-major matrix as panels of 4 rows [panel][k][4]. `rows` is rounded up to whole panels; the caller sees to zeros.
 */
export function packRows(from: usize, rows: i32, depth: i32, to: usize): void {
  const stride: usize = (<usize>depth) << 3
  for (let r = 0; r < rows; r += 4) {
    let a = from + <usize>r * stride
    let b = a + stride
    let c = b + stride
    let d = c + stride
    let at = to + <usize>r * stride
    let k = 0
    for (; k + 1 < depth; k += 2) {
      const x = v128.load(a)
      const y = v128.load(b)
      const z = v128.load(c)
      const w = v128.load(d)
      v128.store(at, v128.shuffle<f64>(x, y, 0, 2))
      v128.store(at, v128.shuffle<f64>(z, w, 0, 2), 16)
      v128.store(at, v128.shuffle<f64>(x, y, 1, 3), 32)
      v128.store(at, v128.shuffle<f64>(z, w, 1, 3), 48)
      a += 16
      b += 16
      c += 16
      d += 16
      at += 64
    }
    if (k < depth) {
      store<f64>(at, load<f64>(a))
      store<f64>(at, load<f64>(b), 8)
      store<f64>(at, load<f64>(c), 16)
      store<f64>(at, load<f64>(d), 24)
    }
  }
}

/** Packs columns of a row-major matrix of `depth` rows with `stride` entries (a multiple of 4) as panels of 4 columns [panel][k][4]. */
export function packColumns(from: usize, stride: i32, depth: i32, to: usize): void {
  const panels = stride >> 2
  for (let k = 0; k < depth; k++) {
    const row = from + ((<usize>k * <usize>stride) << 3)
    for (let p = 0; p < panels; p++) {
      const at = to + ((<usize>p * <usize>depth + <usize>k) << 5)
      v128.store(at, v128.load(row + ((<usize>p) << 5)))
      v128.store(at, v128.load(row + ((<usize>p) << 5), 16), 16)
    }
  }
}

/**
 * Out += S D for a sparse S in compressed rows and a dense D in slabs of 16 columns [slab][row][16]; Out in the same form. `starts` are 32-bit
 * counts, `places` 32-bit byte offsets of rows inside a slab. The 16 sums of a row stay in registers.
 */
export function sparseRows(
  rows: i32,
  starts: usize,
  places: usize,
  values: usize,
  dense: usize,
  slabBytes: usize,
  slabs: i32,
  out: usize
): void {
  for (let slab = 0; slab < slabs; slab++) {
    const from = dense + <usize>slab * slabBytes
    for (let i = 0; i < rows; i++) {
      const first = load<i32>(starts + ((<usize>i) << 2))
      const last = load<i32>(starts + ((<usize>i) << 2), 4)
      if (first === last) continue
      const o = out + ((<usize>slab * <usize>rows + <usize>i) << 7)
      let s0 = v128.load(o)
      let s1 = v128.load(o, 16)
      let s2 = v128.load(o, 32)
      let s3 = v128.load(o, 48)
      let s4 = v128.load(o, 64)
      let s5 = v128.load(o, 80)
      let s6 = v128.load(o, 96)
      let s7 = v128.load(o, 112)
      let place = places + ((<usize>first) << 2)
      let value = values + ((<usize>first) << 3)
      const end = values + ((<usize>last) << 3)
      for (; value < end; value += 8) {
        const x = v128.load_splat<f64>(value)
        const d = from + <usize>load<i32>(place)
        place += 4
        s0 = f64x2.add(s0, f64x2.mul(x, v128.load(d)))
        s1 = f64x2.add(s1, f64x2.mul(x, v128.load(d, 16)))
        s2 = f64x2.add(s2, f64x2.mul(x, v128.load(d, 32)))
        s3 = f64x2.add(s3, f64x2.mul(x, v128.load(d, 48)))
        s4 = f64x2.add(s4, f64x2.mul(x, v128.load(d, 64)))
        s5 = f64x2.add(s5, f64x2.mul(x, v128.load(d, 80)))
        s6 = f64x2.add(s6, f64x2.mul(x, v128.load(d, 96)))
        s7 = f64x2.add(s7, f64x2.mul(x, v128.load(d, 112)))
      }
      v128.store(o, s0)
      v128.store(o, s1, 16)
      v128.store(o, s2, 32)
      v128.store(o, s3, 48)
      v128.store(o, s4, 64)
      v128.store(o, s5, 80)
      v128.store(o, s6, 96)
      v128.store(o, s7, 112)
    }
  }
}

/** The same with values that are gathered from `left` by 32-bit byte offsets: the entries of a matrix that may differ from 0. */
export function gatheredRows(
  rows: i32,
  starts: usize,
  places: usize,
  offsets: usize,
  left: usize,
  dense: usize,
  slabBytes: usize,
  slabs: i32,
  out: usize
): void {
  for (let slab = 0; slab < slabs; slab++) {
    const from = dense + <usize>slab * slabBytes
    for (let i = 0; i < rows; i++) {
      const first = load<i32>(starts + ((<usize>i) << 2))
      const last = load<i32>(starts + ((<usize>i) << 2), 4)
      if (first === last) continue
      const o = out + ((<usize>slab * <usize>rows + <usize>i) << 7)
      let s0 = v128.load(o)
      let s1 = v128.load(o, 16)
      let s2 = v128.load(o, 32)
      let s3 = v128.load(o, 48)
      let s4 = v128.load(o, 64)
      let s5 = v128.load(o, 80)
      let s6 = v128.load(o, 96)
      let s7 = v128.load(o, 112)
      let place = places + ((<usize>first) << 2)
      let offset = offsets + ((<usize>first) << 2)
      const end = offsets + ((<usize>last) << 2)
      for (; offset < end; offset += 4) {
        const x = v128.load_splat<f64>(left + <usize>load<i32>(offset))
        const d = from + <usize>load<i32>(place)
        place += 4
        s0 = f64x2.add(s0, f64x2.mul(x, v128.load(d)))
        s1 = f64x2.add(s1, f64x2.mul(x, v128.load(d, 16)))
        s2 = f64x2.add(s2, f64x2.mul(x, v128.load(d, 32)))
        s3 = f64x2.add(s3, f64x2.mul(x, v128.load(d, 48)))
        s4 = f64x2.add(s4, f64x2.mul(x, v128.load(d, 64)))
        s5 = f64x2.add(s5, f64x2.mul(x, v128.load(d, 80)))
        s6 = f64x2.add(s6, f64x2.mul(x, v128.load(d, 96)))
        s7 = f64x2.add(s7, f64x2.mul(x, v128.load(d, 112)))
      }
      v128.store(o, s0)
      v128.store(o, s1, 16)
      v128.store(o, s2, 32)
      v128.store(o, s3, 48)
      v128.store(o, s4, 64)
      v128.store(o, s5, 80)
      v128.store(o, s6, 96)
      v128.store(o, s7, 112)
    }
  }
}

/**
 * Appends the entries of a row that are not 0 to compressed rows that have `count` entries; the new count. Without a branch: the entry after
 * the last is written too.
 */
export function appendRow(row: usize, length: i32, places: usize, values: usize, count: i32): i32 {
  for (let k = 0; k < length; k++) {
    const x = load<f64>(row + ((<usize>k) << 3))
    store<i32>(places + ((<usize>count) << 2), k << 7)
    store<f64>(values + ((<usize>count) << 3), x)
    count += <i32>(x !== 0)
  }
  return count
}

/** Copies the 16 doubles at `from` into every row of a slab. */
export function repeatRow(from: usize, rows: i32, to: usize): void {
  const end = to + ((<usize>rows) << 7)
  for (; to < end; to += 128) memory.copy(to, from, 128)
}

/** to[k] += sum over the rows of a slab, for its 16 columns. */
export function addColumnSums(from: usize, rows: i32, to: usize): void {
  for (let half: usize = 0; half < 128; half += 64) {
    let s0 = v128.load(to + half)
    let s1 = v128.load(to + half, 16)
    let s2 = v128.load(to + half, 32)
    let s3 = v128.load(to + half, 48)
    const end = from + half + ((<usize>rows) << 7)
    for (let at = from + half; at < end; at += 128) {
      s0 = f64x2.add(s0, v128.load(at))
      s1 = f64x2.add(s1, v128.load(at, 16))
      s2 = f64x2.add(s2, v128.load(at, 32))
      s3 = f64x2.add(s3, v128.load(at, 48))
    }
    v128.store(to + half, s0)
    v128.store(to + half, s1, 16)
    v128.store(to + half, s2, 32)
    v128.store(to + half, s3, 48)
  }
}

/** out[k] = a[k] b[k] for an even number of doubles. */
export function entrywise(a: usize, b: usize, count: i32, out: usize): void {
  const bytes = (<usize>count) << 3
  for (let k: usize = 0; k < bytes; k += 16) v128.store(out + k, f64x2.mul(v128.load(a + k), v128.load(b + k)))
}

/** out[k] += a[k] b[k] for an even number of doubles. */
export function addEntrywise(a: usize, b: usize, count: i32, out: usize): void {
  const bytes = (<usize>count) << 3
  for (let k: usize = 0; k < bytes; k += 16)
    v128.store(out + k, f64x2.add(v128.load(out + k), f64x2.mul(v128.load(a + k), v128.load(b + k))))
}

/** The sum of the two halves. */
function total(x: v128): f64 {
  return f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1)
}

/** x . y for vectors of even length. */
export function dot(x: usize, y: usize, length: i32): f64 {
  const bytes = (<usize>length) << 3
  const end = bytes & ~63
  let s0 = f64x2.splat(0)
  let s1 = f64x2.splat(0)
  let s2 = f64x2.splat(0)
  let s3 = f64x2.splat(0)
  let k: usize = 0
  for (; k < end; k += 64) {
    s0 = f64x2.add(s0, f64x2.mul(v128.load(x + k), v128.load(y + k)))
    s1 = f64x2.add(s1, f64x2.mul(v128.load(x + k, 16), v128.load(y + k, 16)))
    s2 = f64x2.add(s2, f64x2.mul(v128.load(x + k, 32), v128.load(y + k, 32)))
    s3 = f64x2.add(s3, f64x2.mul(v128.load(x + k, 48), v128.load(y + k, 48)))
  }
  for (; k < bytes; k += 16) s0 = f64x2.add(s0, f64x2.mul(v128.load(x + k), v128.load(y + k)))
  return total(f64x2.add(f64x2.add(s0, s1), f64x2.add(s2, s3)))
}

/** to += factor x for vectors of even length. */
export function addMultiple(to: usize, x: usize, factor: f64, length: i32): void {
  const f = f64x2.splat(factor)
  const bytes = (<usize>length) << 3
  for (let k: usize = 0; k < bytes; k += 16)
    v128.store(to + k, f64x2.add(v128.load(to + k), f64x2.mul(f, v128.load(x + k))))
}

/** out[j] = q_j . w for `count` vectors of even length `length`, one after the other in `basis`; count a multiple of 4. */
export function dots(basis: usize, count: i32, length: i32, w: usize, out: usize): void {
  const stride: usize = (<usize>length) << 3
  for (let j = 0; j < count; j += 4) {
    const q0 = basis + <usize>j * stride
    const q1 = q0 + stride
    const q2 = q1 + stride
    const q3 = q2 + stride
    let s0 = f64x2.splat(0)
    let s1 = f64x2.splat(0)
    let s2 = f64x2.splat(0)
    let s3 = f64x2.splat(0)
    for (let k: usize = 0; k < stride; k += 16) {
      const x = v128.load(w + k)
      s0 = f64x2.add(s0, f64x2.mul(x, v128.load(q0 + k)))
      s1 = f64x2.add(s1, f64x2.mul(x, v128.load(q1 + k)))
      s2 = f64x2.add(s2, f64x2.mul(x, v128.load(q2 + k)))
      s3 = f64x2.add(s3, f64x2.mul(x, v128.load(q3 + k)))
    }
    const o = out + ((<usize>j) << 3)
    store<f64>(o, total(s0))
    store<f64>(o, total(s1), 8)
    store<f64>(o, total(s2), 16)
    store<f64>(o, total(s3), 24)
  }
}

/** w -= sum over j of coefficients[j] q_j, laid out as for `dots`. */
export function subtractCombination(basis: usize, count: i32, length: i32, w: usize, coefficients: usize): void {
  const stride: usize = (<usize>length) << 3
  for (let j = 0; j < count; j += 4) {
    const q0 = basis + <usize>j * stride
    const q1 = q0 + stride
    const q2 = q1 + stride
    const q3 = q2 + stride
    const c = coefficients + ((<usize>j) << 3)
    const c0 = v128.load_splat<f64>(c)
    const c1 = v128.load_splat<f64>(c, 8)
    const c2 = v128.load_splat<f64>(c, 16)
    const c3 = v128.load_splat<f64>(c, 24)
    for (let k: usize = 0; k < stride; k += 16) {
      let x = v128.load(w + k)
      x = f64x2.sub(x, f64x2.mul(c0, v128.load(q0 + k)))
      x = f64x2.sub(x, f64x2.mul(c1, v128.load(q1 + k)))
      x = f64x2.sub(x, f64x2.mul(c2, v128.load(q2 + k)))
      x = f64x2.sub(x, f64x2.mul(c3, v128.load(q3 + k)))
      v128.store(w + k, x)
    }
  }
}

/** Adds an accumulator pair to four consecutive doubles. */
function addToRow(at: usize, x0: v128, x1: v128): void {
  v128.store(at, f64x2.add(v128.load(at), x0))
  v128.store(at, f64x2.add(v128.load(at, 16), x1), 16)
}

/**
 * C += A B on packed operands, A in panels of 4 rows [panel][k][4], B in panels of 4 columns; C with `rows` rows of `rowBytes` bytes; whole panels of columns are written, rows beyond
 * `rows` are not.
 */
export function addTiles(
  rows: i32,
  columnPanels: i32,
  depth: i32,
  a: usize,
  b: usize,
  c: usize,
  rowBytes: usize
): void {
  const stride: usize = (<usize>depth) << 5
  for (let j = 0; j < columnPanels; j++) {
    for (let i = 0; i < rows; i += 4) {
      let pa = a + (<usize>i >> 2) * stride
      let pb = b + <usize>j * stride
      let c00 = f64x2.splat(0)
      let c01 = f64x2.splat(0)
      let c10 = f64x2.splat(0)
      let c11 = f64x2.splat(0)
      let c20 = f64x2.splat(0)
      let c21 = f64x2.splat(0)
      let c30 = f64x2.splat(0)
      let c31 = f64x2.splat(0)
      for (let k = 0; k < depth; k++) {
        const b0 = v128.load(pb)
        const b1 = v128.load(pb, 16)
        let s = v128.load_splat<f64>(pa)
        c00 = f64x2.add(c00, f64x2.mul(s, b0))
        c01 = f64x2.add(c01, f64x2.mul(s, b1))
        s = v128.load_splat<f64>(pa, 8)
        c10 = f64x2.add(c10, f64x2.mul(s, b0))
        c11 = f64x2.add(c11, f64x2.mul(s, b1))
        s = v128.load_splat<f64>(pa, 16)
        c20 = f64x2.add(c20, f64x2.mul(s, b0))
        c21 = f64x2.add(c21, f64x2.mul(s, b1))
        s = v128.load_splat<f64>(pa, 24)
        c30 = f64x2.add(c30, f64x2.mul(s, b0))
        c31 = f64x2.add(c31, f64x2.mul(s, b1))
        pa += 32
        pb += 32
      }
      const at = c + <usize>i * rowBytes + ((<usize>j) << 5)
      addToRow(at, c00, c01)
      if (i + 1 < rows) addToRow(at + rowBytes, c10, c11)
      if (i + 2 < rows) addToRow(at + 2 * rowBytes, c20, c21)
      if (i + 3 < rows) addToRow(at + 3 * rowBytes, c30, c31)
    }
  }
}

/**
 * One step of Householder's reduction on the lower triangle of the leading `order` rows of A: A -= u q^T + q u^T, and p = A w with the
 * new A, in one sweep. Vectors u, q, w and p hold `order` doubles; p must be zero.
 */
export function symmetricSweep(a: usize, rowBytes: usize, order: i32, u: usize, q: usize, w: usize, p: usize): void {
  for (let j = 0; j < order; j++) {
    const row = a + <usize>j * rowBytes
    const place = (<usize>j) << 3
    const uj = load<f64>(u + place)
    const qj = load<f64>(q + place)
    const wj = load<f64>(w + place)
    const u2 = f64x2.splat(uj)
    const q2 = f64x2.splat(qj)
    const w2 = f64x2.splat(wj)
    let s0 = f64x2.splat(0)
    let s1 = f64x2.splat(0)
    let k: usize = 0
    const end = place & ~31
    for (; k < end; k += 32) {
      let x = v128.load(row + k)
      let y = v128.load(row + k, 16)
      x = f64x2.sub(f64x2.sub(x, f64x2.mul(u2, v128.load(q + k))), f64x2.mul(q2, v128.load(u + k)))
      y = f64x2.sub(f64x2.sub(y, f64x2.mul(u2, v128.load(q + k, 16))), f64x2.mul(q2, v128.load(u + k, 16)))
      v128.store(row + k, x)
      v128.store(row + k, y, 16)
      s0 = f64x2.add(s0, f64x2.mul(x, v128.load(w + k)))
      s1 = f64x2.add(s1, f64x2.mul(y, v128.load(w + k, 16)))
      v128.store(p + k, f64x2.add(v128.load(p + k), f64x2.mul(w2, x)))
      v128.store(p + k, f64x2.add(v128.load(p + k, 16), f64x2.mul(w2, y)), 16)
    }
    let sum = total(f64x2.add(s0, s1))
    for (; k < place; k += 8) {
      const x = load<f64>(row + k) - uj * load<f64>(q + k) - qj * load<f64>(u + k)
      store<f64>(row + k, x)
      sum += x * load<f64>(w + k)
      store<f64>(p + k, load<f64>(p + k) + wj * x)
    }
    const diagonal = load<f64>(row + place) - 2 * uj * qj
    store<f64>(row + place, diagonal)
    store<f64>(p + place, sum + diagonal * wj)
  }
}

/** A plane rotation of two rows: (x, y) <- (c x - s y, s x + c y). */
export function rotate(x: usize, y: usize, count: i32, c: f64, s: f64): void {
  const c2 = f64x2.splat(c)
  const s2 = f64x2.splat(s)
  const bytes = (<usize>count) << 3
  for (let k: usize = 0; k < bytes; k += 16) {
    const a = v128.load(x + k)
    const b = v128.load(y + k)
    v128.store(x + k, f64x2.sub(f64x2.mul(c2, a), f64x2.mul(s2, b)))
    v128.store(y + k, f64x2.add(f64x2.mul(s2, a), f64x2.mul(c2, b)))
  }
}

/** Every row m of a matrix becomes m - factor (m . u) u, a reflection from the right; u has an even number of entries. */
export function reflectRows(m: usize, rowBytes: usize, rows: i32, u: usize, count: i32, factor: f64): void {
  const bytes = (<usize>count) << 3
  for (let j = 0; j < rows; j++) {
    const row = m + <usize>j * rowBytes
    let s0 = f64x2.splat(0)
    for (let k: usize = 0; k < bytes; k += 16) s0 = f64x2.add(s0, f64x2.mul(v128.load(row + k), v128.load(u + k)))
    const s = f64x2.splat(factor * total(s0))
    for (let k: usize = 0; k < bytes; k += 16)
      v128.store(row + k, f64x2.sub(v128.load(row + k), f64x2.mul(s, v128.load(u + k))))
  }
}
