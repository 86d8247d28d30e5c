import { carryLimbs, fromLimbs, toLimbs } from './limbs.ts'

/** Limbs of this size hold a product of two numbers of three decimals in one piece. */
const bits = 30

/** The sum of the weights that keeps sums of limbs, with a carry, below 2^53. */
const largestWeight = 2 ** 23

/** Weighted sums of the outer products x_i x_i^T of fixed integer vectors x_0, x_1, ... */
export interface OuterProductSums {
  readonly samples: number
  readonly dimension: number
  /**
   * The sum over i of weights[i] * x_i x_i^T as dimension * dimension entries, row-major. Exact. One integer weight for
   * each vector; a selection is weights 0 and 1. @throws RangeError for a wrong number of weights or one above 2^23
   */
  readonly sum: (weights: ArrayLike<number>) => bigint[]
}

/**
 * Prepares weighted sums of the outer products of integer vectors of one dimension: products are taken once, in BigInt;
 * each sum then adds doubles that hold integers. Exact. @throws RangeError when dimensions differ
 */
export function outerProductSums(vectors: readonly (readonly bigint[])[]): OuterProductSums {
  const samples = vectors.length
  const dimension = vectors[0]?.length ?? 0
  const products: bigint[] = []
  for (const [i, x] of vectors.entries()) {
    if (x.length !== dimension) throw new RangeError(`outerProductSums: vector ${i} has ${x.length} entries`)
    for (let a = 0; a < dimension; a++) for (let b = 0; b <= a; b++) products.push(x[a]! * x[b]!)
  }
  const planes = toLimbs(products, bits)
  const triangle = (dimension * (dimension + 1)) / 2
  return {
    samples,
    dimension,
    sum(weights) {
      if (weights.length !== samples) throw new RangeError(`outerProductSums: ${weights.length} weights`)
      const sums = Array.from({ length: planes.length + 1 }, () => new Float64Array(triangle))
      let added = 0
      for (let i = 0; i < samples; i++) {
        const weight = weights[i]!
        if (weight === 0) continue
        const magnitude = Math.abs(weight)
        if (!(Number.isInteger(weight) && magnitude <= largestWeight)) {
          throw new RangeError(`outerProductSums: weight ${weight} of sample ${i}`)
        }
        if (added + magnitude > largestWeight) {
          carryLimbs(sums, bits)
          added = 0
        }
        added += magnitude
        for (let l = 0; l < planes.length; l++) addMultiple(sums[l]!, weight, planes[l]!, i * triangle)
      }
      carryLimbs(sums, bits)
      const lower = fromLimbs(sums, bits, triangle)
      return Array.from({ length: dimension * dimension }, (_, at) => {
        const a = Math.floor(at / dimension)
        const b = at % dimension
        return a >= b ? lower[(a * (a + 1)) / 2 + b]! : lower[(b * (b + 1)) / 2 + a]!
      })
    }
  }
}

function addMultiple(sum: Float64Array, weight: number, plane: Float64Array, from: number): void {
  for (let t = 0; t < sum.length; t++) sum[t] = sum[t]! + weight * plane[from + t]!
}
