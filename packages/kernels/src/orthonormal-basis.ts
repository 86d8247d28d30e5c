import { newInstance } from './instance.ts'

/** Vectors that are orthonormal to working precision, kept for one run of a Krylov method; the memory goes with it. */
export interface OrthonormalBasis {
  readonly length: number
  readonly size: () => number
  /** Subtracts from w its components along the basis, twice where the first time cancels; w changes in place. Approximate. */
  readonly orthogonalise: (w: Float64Array) => void
  /** Appends w times `factor`. @throws RangeError when the basis is full */
  readonly append: (w: Float64Array, factor: number) => void
  /**
   * For the next step of Lanczos' method: from w, the image of the last vector q, subtracts alpha q with alpha = q . w, beta times the vector
   * before q, and what is left along the basis. The rest takes the place of w; its norm is returned. Approximate.
   */
  readonly nextDirection: (w: Float64Array, beta: number) => { readonly alpha: number; readonly norm: number }
  /** Vector j where it stands: not to be written to. */
  readonly peek: (j: number) => Float64Array
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
  const at = (j: number) => basis + 8 * even * j
  const place = (j: number) => new Float64Array(routines.memory.buffer, at(j), length)
  const norm = () => Math.sqrt(routines.dot(0, 0, even))
  let size = 0
  const rounded = () => Math.ceil(size / 4) * 4
  /** Makes the vector at work orthogonal; its norm. */
  const clean = (): number => {
    let before = norm()
    for (let pass = 0; pass < 3; pass++) {
      routines.dots(basis, rounded(), even, 0, coefficients)
      routines.subtractCombination(basis, rounded(), even, 0, coefficients)
      const after = norm()
      if (after > cancellation * before || after === 0) return after
      before = after
    }
    return before
  }
  return {
    length,
    size: () => size,
    orthogonalise(w) {
      if (size === 0) return
      work.set(w)
      clean()
      w.set(work)
    },
    nextDirection(w, beta) {
      work.set(w)
      const alpha = routines.dot(0, at(size - 1), even)
      routines.addMultiple(0, at(size - 1), -alpha, even)
      if (beta !== 0) routines.addMultiple(0, at(size - 2), -beta, even)
      const norm = clean()
      w.set(work)
      return { alpha, norm }
    },
    peek: place,
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
