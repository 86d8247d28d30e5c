import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addProduct,
  addProductSlowly,
  jacobiEigen,
  orthonormalBasis,
  rowMajor,
  slabMemory,
  symmetricEigen,
  symmetricEigenvalues,
  transposed
} from './index.ts'

/** Entries in [-1, 1) that follow from the seed. */
function entries(count: number, seed: number): Float64Array {
  let state = (seed * 2654435761) >>> 0
  return Float64Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  })
}

const apart = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((worst, x, k) => Math.max(worst, Math.abs(x - b[k]!)), 0)

describe('products', () => {
  it('agree with the definition for all shapes and orientations', () => {
    const shape = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constantFrom(255, 256, 257, 300))
    fc.assert(
      fc.property(shape, shape, shape, fc.boolean(), fc.boolean(), fc.nat(), (m, n, k, turnA, turnB, seed) => {
        const pad = 3
        const a = entries(m * k + pad, seed)
        const b = entries(n * k + pad, seed + 1)
        const left = turnA ? transposed(rowMajor(a, m, pad)) : rowMajor(a, k, pad)
        const right = turnB ? transposed(rowMajor(b, k, pad)) : rowMajor(b, n, pad)
        const fast = entries(m * n, seed + 2)
        const slow = Float64Array.from(fast)
        addProduct(rowMajor(fast, n), left, right, m, n, k)
        addProductSlowly(rowMajor(slow, n), left, right, m, n, k)
        expect(apart(fast, slow)).toBeLessThan(1e-13 * (k + 10))
      }),
      { numRuns: 60 }
    )
  })
})

describe('slab memory', () => {
  const inner = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constantFrom(191, 192, 193, 400))
  const shape = fc.tuple(fc.integer({ min: 1, max: 12 }), inner, fc.integer({ min: 1, max: 40 }), fc.nat())

  it('sparse and gathered matrices and their transposes multiply like dense ones', () => {
    fc.assert(
      fc.property(shape, ([rows, columns, width, seed]) => {
        const dense = entries(rows * columns, seed).map((x) => (x > 0.3 ? x : 0))
        const memory = slabMemory()
        const left = memory.zeros(rows, columns)
        memory.set(left, rowMajor(dense, columns))
        const live = Uint8Array.from(dense, (x) => +(x !== 0))
        for (const which of ['itself', 'transpose'] as const) {
          const [outer, depth] = which === 'itself' ? [rows, columns] : [columns, rows]
          const right = entries(depth * width, seed + 5)
          const before = entries(outer * width, seed + 6)
          const slow = Float64Array.from(before)
          const turned = which === 'itself' ? rowMajor(dense, columns) : transposed(rowMajor(dense, columns))
          addProductSlowly(rowMajor(slow, width), turned, rowMajor(right, width), outer, width, depth)
          const b = memory.zeros(depth, width)
          memory.set(b, rowMajor(right, width))
          const [c, d] = [memory.zeros(outer, width), memory.zeros(outer, width)]
          for (const m of [c, d]) memory.set(m, rowMajor(before, width))
          memory.addSparse(c, memory.sparse(dense, rows, columns, which), b)
          memory.addGathered(d, memory.gathered(live, rows, columns, which), left, b)
          for (const m of [c, d]) {
            const fast = new Float64Array(outer * width)
            // Written transposed and read back: both ways through strides.
            const across = new Float64Array(outer * width)
            memory.addTo(transposed(rowMajor(across, outer)), m)
            for (let i = 0; i < outer; i++) for (let j = 0; j < width; j++) fast[i * width + j] = across[j * outer + i]!
            expect(apart(fast, slow)).toBeLessThan(1e-13 * (depth + 10))
          }
        }
      }),
      { numRuns: 60 }
    )
  })

  it('rows that are appended, repeated rows, sums of columns, products of entries', () => {
    fc.assert(
      fc.property(shape, ([rows, columns, width, seed]) => {
        const memory = slabMemory()
        const used = memory.used()
        const [a, b] = [entries(rows * width, seed), entries(rows * width, seed + 1)]
        const [x, y, out, bias] = [...[1, 2, 3].map(() => memory.zeros(rows, width)), memory.zeros(1, width)] as const
        memory.set(x!, rowMajor(a, width))
        memory.set(y!, rowMajor(b, width))
        const read = (m: NonNullable<typeof x>) => {
          const values = new Float64Array(m.rows * m.columns)
          memory.addTo(rowMajor(values, m.columns), m)
          return values
        }
        memory.entrywise(out!, x!, y!)
        memory.addEntrywise(out!, x!, x!)
        expect(
          apart(
            read(out!),
            a.map((t, k) => t * b[k]! + t * t)
          )
        ).toBeLessThan(1e-15)
        memory.addColumnSums(bias!, x!)
        const sums = Float64Array.from({ length: width }, (_, j) =>
          a.reduce((sum, t, k) => sum + (k % width === j ? t : 0), 0)
        )
        expect(apart(read(bias!), sums)).toBeLessThan(1e-14)
        memory.repeat(out!, bias!)
        expect(
          apart(
            read(out!),
            a.map((_, k) => sums[k % width]!)
          )
        ).toBeLessThan(1e-14)
        const depth = Math.min(columns, rows)
        const appended = memory.rowByRow(3, depth)
        const left = entries(3 * depth, seed + 2).map((t) => (t > 0 ? t : 0))
        for (let i = 0; i < 3; i++) {
          appended.row.set(left.subarray(i * depth, (i + 1) * depth))
          appended.append()
        }
        const right = memory.zeros(depth, width)
        memory.set(right, rowMajor(a, width))
        const product = memory.zeros(3, width)
        memory.addSparse(product, appended.done(), right)
        const slow = new Float64Array(3 * width)
        addProductSlowly(rowMajor(slow, width), rowMajor(left, depth), rowMajor(a, width), 3, width, depth)
        expect(apart(read(product), slow)).toBeLessThan(1e-14)
        memory.release(used)
        expect(memory.view(memory.zeros(rows, width)).every((t) => t === 0)).toBe(true)
        expect(() => memory.rowByRow(1, 193)).toThrow(/193/)
      }),
      { numRuns: 60 }
    )
  })
})

describe('orthonormal basis', () => {
  it('stays orthonormal on nearly dependent vectors', () => {
    const length = 41
    const basis = orthonormalBasis(length, 7)
    const seedVector = entries(length, 3)
    for (let j = 0; j < 7; j++) {
      const w = entries(length, 10 + j).map((x, k) => seedVector[k]! + 1e-9 * x)
      basis.orthogonalise(w)
      basis.append(w, 1 / Math.hypot(...w))
    }
    for (let i = 0; i < 7; i++)
      for (let j = 0; j < 7; j++) {
        const product = basis.vector(i).reduce((sum, x, k) => sum + x * basis.vector(j)[k]!, 0)
        expect(Math.abs(product - (i === j ? 1 : 0))).toBeLessThan(1e-14)
      }
    const combined = basis.combine(Float64Array.from([0, 2, 0, 0, -1, 0, 0]))
    expect(
      apart(
        combined,
        basis.vector(1).map((x, k) => 2 * x - basis.vector(4)[k]!)
      )
    ).toBeLessThan(1e-15)
    expect(() => basis.append(seedVector, 1)).toThrow(/full/)
  })
})

describe('the next direction of a Krylov space', () => {
  it('is what the definition leaves, orthogonal to all vectors', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 9 }), fc.nat(), (length, count, seed) => {
        const size = Math.min(count, length)
        const basis = orthonormalBasis(length, size)
        for (let j = 0; j < size; j++) {
          const w = entries(length, seed + j)
          basis.orthogonalise(w)
          const norm = Math.sqrt(w.reduce((sum, x) => sum + x * x, 0))
          if (norm < 1e-3) return
          basis.append(w, 1 / norm)
        }
        const w = entries(length, seed + 100)
        const slow = Float64Array.from(w)
        const inner = (j: number) => basis.peek(j).reduce((sum, x, k) => sum + x * slow[k]!, 0)
        const alpha = inner(size - 1)
        for (let pass = 0; pass < 2; pass++)
          for (let j = 0; j < size; j++) {
            const along = inner(j)
            for (let k = 0; k < length; k++) slow[k] = slow[k]! - along * basis.peek(j)[k]!
          }
        const beta = size > 1 ? 0.7 : 0
        const found = basis.nextDirection(w, beta)
        expect(Math.abs(found.alpha - alpha)).toBeLessThan(1e-13)
        expect(apart(w, slow)).toBeLessThan(1e-12)
        expect(Math.abs(found.norm - Math.sqrt(slow.reduce((sum, x) => sum + x * x, 0)))).toBeLessThan(1e-12)
        for (let j = 0; j < size; j++)
          expect(Math.abs(basis.peek(j).reduce((sum, x, k) => sum + x * w[k]!, 0))).toBeLessThan(1e-14)
      }),
      { numRuns: 100 }
    )
  })
})

describe('symmetric eigenvalues', () => {
  /** Sums of `rank` signed squares: multiple and zero eigenvalues come with the rank. */
  function symmetric(n: number, rank: number, seed: number): Float64Array {
    const matrix = new Float64Array(n * n)
    for (let r = 0; r < rank; r++) {
      const v = entries(n, seed + r)
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) matrix[i * n + j] = matrix[i * n + j]! + (r % 3 === 0 ? -1 : 1) * v[i]! * v[j]!
    }
    return matrix
  }

  it('agree with rotations by Jacobi; vectors are orthonormal and residuals small', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 24 }), fc.integer({ min: 0, max: 24 }), fc.nat(), (n, rank, seed) => {
        const matrix = symmetric(n, rank, seed)
        const { values, vectors } = symmetricEigen(matrix, n)
        const size = Math.max(1, ...matrix.map(Math.abs)) * n
        expect(apart(values, jacobiEigen(matrix, n).values)).toBeLessThan(1e-13 * size)
        expect(apart(values, symmetricEigenvalues(matrix, n))).toBeLessThan(1e-13 * size)
        for (let k = 0; k < n; k++) {
          const v = vectors.subarray(k * n, (k + 1) * n)
          for (let i = 0; i < n; i++) {
            let image = 0
            for (let j = 0; j < n; j++) image += matrix[i * n + j]! * v[j]!
            expect(Math.abs(image - values[k]! * v[i]!)).toBeLessThan(1e-13 * size)
          }
          for (let j = 0; j < n; j++) {
            const product = vectors.subarray(j * n, (j + 1) * n).reduce((sum, x, i) => sum + x * v[i]!, 0)
            expect(Math.abs(product - (j === k ? 1 : 0))).toBeLessThan(1e-12)
          }
        }
      }),
      { numRuns: 60 }
    )
  })

  it('rows and columns of very different sizes, down to numbers whose squares are 0', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 16 }), fc.nat(), fc.nat(290), (n, seed, smallness) => {
        const scales = entries(n, seed + 1).map((x) => 10 ** (-140 * Math.abs(x)))
        const matrix = symmetric(n, n, seed).map(
          (x, at) => x * scales[Math.floor(at / n)]! * scales[at % n]! * 10 ** -smallness
        )
        const size = matrix.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
        const { values, vectors } = symmetricEigen(matrix, n)
        for (let k = 0; k < n; k++) {
          const v = vectors.subarray(k * n, (k + 1) * n)
          for (let i = 0; i < n; i++) {
            let image = 0
            for (let j = 0; j < n; j++) image += matrix[i * n + j]! * v[j]!
            expect(Math.abs(image - values[k]! * v[i]!)).toBeLessThanOrEqual(1e-13 * n * size + 1e-320)
          }
        }
      }),
      { numRuns: 200 }
    )
  })

  it('known spectra: the second difference matrix, diagonal matrices, wide scales', () => {
    const n = 50
    const second = new Float64Array(n * n)
    for (let i = 0; i < n; i++) {
      second[i * n + i] = 2
      if (i > 0) second[i * n + i - 1] = second[(i - 1) * n + i] = -1
    }
    const known = Float64Array.from({ length: n }, (_, k) => 2 - 2 * Math.cos(((k + 1) * Math.PI) / (n + 1)))
    expect(apart(symmetricEigenvalues(second, n), known)).toBeLessThan(1e-13)
    const diagonal = Float64Array.from({ length: 9 }, (_, k) => (k % 4 === 0 ? [1e-200, 3, -1e150][k / 4]! : 0))
    expect(Array.from(symmetricEigenvalues(diagonal, 3))).toEqual([-1e150, 1e-200, 3])
    expect(symmetricEigenvalues(new Float64Array(0), 0)).toHaveLength(0)
    expect(() => symmetricEigenvalues(Float64Array.of(Number.NaN), 1)).toThrow(/finite/)
  })
})
