import { type Budget, hold, spend } from './budget.ts'
import { dot, greatestBitLength, magnitude, signOf } from './integers.ts'

export type Sign = -1 | 0 | 1

const leadingBits = 96

/*
 * Leading digits decide most signs: with weight = 2^shift lead + rest, 0 <= rest < 2^shift entry by entry,
 * |weight . vector - 2^shift lead . vector| <= 2^shift * (sum of |vector|). The others are decided by all digits.
 */
const signsOf = (
  weight: readonly bigint[],
  vectors: readonly (readonly bigint[])[],
  sums: readonly bigint[]
): readonly Sign[] => {
  const excess = greatestBitLength([weight]) - leadingBits
  if (excess <= 0) return vectors.map((vector) => signOf(dot(weight, vector)))
  const shift = BigInt(excess)
  const lead = weight.map((entry) => entry >> shift)
  return vectors.map((vector, index) => {
    const estimate = dot(lead, vector)
    if (estimate > sums[index]) return 1
    if (estimate < -sums[index]) return -1
    return signOf(dot(weight, vector))
  })
}

/** signs[j][i] is the sign of the scalar product of weight j and vector i. Exact. */
export const productSigns = (
  weights: readonly (readonly bigint[])[],
  vectors: readonly (readonly bigint[])[],
  budget: Budget
): readonly (readonly Sign[])[] => {
  spend(
    budget,
    [weights.length, vectors.length, vectors[0].length],
    greatestBitLength(weights),
    greatestBitLength(vectors)
  )
  hold(budget, [weights.length, vectors.length], 1)
  const sums = vectors.map((vector) => vector.reduce((sum, entry) => sum + magnitude(entry), 0n))
  return weights.map((weight) => signsOf(weight, vectors, sums))
}
