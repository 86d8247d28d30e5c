import { newInstance } from './instance.ts'

/** Vectors that are orthonormal to working precision, kept for one run of a Krylov method; the memory goes with it. */
export interface OrthonormalBasis {
  readonly length: number
  readonly size: () => number
  /** Subtracts from w its components along the basis, twice where the first time cancels; w changes in place. Approximate. */
  readonly orthogonalise: (w: Float64Array) => void
  /** Appends w times `factor`. @throws RangeError when the basis is full */
  readonly append: (w: Float64Array, factor: number) => void
  /** A copy of vector j. */
  readonly vector: (j: number) => Float64Array
  /** The combination of the vectors with these coefficients. */
  readonly combine: (coefficients: Float64Array) => Float64Array
}

/** Classical Gram-Schmidt repeats when less than this share of the norm is left ("twice is enough", Kahan and Parlett). */
const cancellation = 0.7

/** An empty basis with room for `capacity` vectors of this length. */
export function orthonormalBasis(length: number, capacity: number): OrthonormalBasis {
  // Lengths are padded to even, the number of vectors to a multiple of 4, both by zeros.
  const even = length + (length & 1)
  const room = Math.ceil(capacity / 4) * 4
  const basis = 8 * even
  const coefficients = basis + 8 * even * room
  const routines = newInstance(coefficients + 8 * room)
  const work = new Float64Array(routines.memory.buffer, 0, length)
  const coefficientView = new Float64Array(routines.memory.buffer, coefficients, room)
  const place = (j: number) => new Float64Array(routines.memory.buffer, basis + 8 * even * j, length)
  const norm = () => {
    let sum = 0
    for (let k = 0; k < length; k++) sum += work[k]! ** 2
    return Math.sqrt(sum)
  }
  let size = 0
  const rounded = () => Math.ceil(size / 4) * 4
  return {
    length,
    size: () => size,
    orthogonalise(w) {
      if (size === 0) return
      work.set(w)
      let before = norm()
      for (let pass = 0; pass < 3; pass++) {
        routines.dots(basis, rounded(), even, 0, coefficients)
        routines.subtractCombination(basis, rounded(), even, 0, coefficients)
        const after = norm()
        if (after > cancellation * before || after === 0) break
        before = after
      }
      w.set(work)
    },
    append(w, factor) {
      if (size === capacity) throw new RangeError(`orthonormalBasis: full with ${capacity} vectors`)
      const to = place(size++)
      for (let k = 0; k < length; k++) to[k] = w[k]! * factor
    },
    vector: (j) => place(j).slice(),
    combine(c) {
      work.fill(0)
      for (let j = 0; j < room; j++) coefficientView[j] = j < Math.min(size, c.length) ? -c[j]! : 0
      routines.subtractCombination(basis, rounded(), even, 0, coefficients)
      return work.slice()
    }
  }
}
