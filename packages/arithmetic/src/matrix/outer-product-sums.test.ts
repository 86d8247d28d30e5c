import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { outerProductSums } from './outer-product-sums.ts'

/** The obvious twin. */
function naiveSum(vectors: readonly (readonly bigint[])[], weights: ArrayLike<number>): bigint[] {
  const d = vectors[0]?.length ?? 0
  const sum = new Array<bigint>(d * d).fill(0n)
  for (const [i, x] of vectors.entries()) {
    for (let a = 0; a < d; a++) for (let b = 0; b < d; b++) sum[a * d + b]! += BigInt(weights[i]!) * x[a]! * x[b]!
  }
  return sum
}

describe('weighted sums of outer products', () => {
  for (const bits of [1, 12, 15, 26, 27, 53, 300]) {
    it(`equal the sums in BigInt: entries of ${bits} bits`, () => {
      const bound = 1n << BigInt(bits)
      const cases = fc
        .record({ d: fc.integer({ min: 1, max: 6 }), n: fc.integer({ min: 1, max: 12 }) })
        .chain(({ d, n }) =>
          fc.record({
            vectors: fc.array(fc.array(fc.bigInt({ min: -bound, max: bound }), { minLength: d, maxLength: d }), {
              minLength: n,
              maxLength: n
            }),
            weights: fc.array(fc.oneof(fc.constantFrom(0, 1, -1), fc.integer({ min: -(2 ** 23), max: 2 ** 23 })), {
              minLength: n,
              maxLength: n
            })
          })
        )
      fc.assert(
        fc.property(cases, ({ vectors, weights }) => {
          expect(outerProductSums(vectors).sum(Int32Array.from(weights))).toEqual(naiveSum(vectors, weights))
        }),
        { numRuns: 80 }
      )
    })
  }

  it('stay exact over many samples of the largest limbs', () => {
    const n = 20000
    const vectors = Array.from({ length: n }, (_, i) => [2n ** 29n - BigInt(i % 3), 1n, -(2n ** 15n)])
    const sums = outerProductSums(vectors)
    const selection = Uint8Array.from({ length: n }, (_, i) => (i % 5 === 0 ? 0 : 1))
    expect(sums.sum(selection)).toEqual(naiveSum(vectors, selection))
    const weights = Int32Array.from({ length: n }, (_, i) => 10000 - (i % 2))
    expect(sums.sum(weights)).toEqual(naiveSum(vectors, weights))
  })

  it('refuse ragged vectors, missing weights and weights out of range', () => {
    expect(() => outerProductSums([[1n], [1n, 2n]])).toThrow('vector 1 has 2 entries')
    expect(() => outerProductSums([[1n]]).sum([])).toThrow('0 weights')
    expect(() => outerProductSums([[1n]]).sum([2 ** 24])).toThrow('weight 16777216')
    expect(() => outerProductSums([[1n]]).sum([0.5])).toThrow('weight 0.5')
    expect(() => outerProductSums([[1n]]).sum([Number.NaN])).toThrow('weight NaN')
    expect(outerProductSums([]).sum([])).toEqual([])
  })
})
