import { gcd } from '@nadir/arithmetic'

/**
 * A growing basis of a space of integer vectors in reduced echelon form: vector a is non-zero at its own pivot and zero at
 * the pivots of all others, so that v = sum_a (v[pivot_a] / vector_a[pivot_a]) vector_a for every v of the space. Exact.
 */
export interface EchelonBasis {
  readonly vectors: { readonly pivot: number; readonly entries: readonly bigint[] }[]
}

export const emptyBasis = (): EchelonBasis => ({ vectors: [] })

/** Adds a vector to the space; false when it lies in it already. */
export function extend({ vectors }: EchelonBasis, vector: readonly bigint[]): boolean {
  let rest = vector
  for (const { pivot, entries } of vectors) rest = eliminate(rest, entries, pivot)
  const pivot = rest.findIndex((a) => a !== 0n)
  if (pivot < 0) return false
  const added = { pivot, entries: primitive(rest, pivot) }
  for (const [a, other] of vectors.entries())
    if (other.entries[pivot] !== 0n)
      vectors[a] = {
        pivot: other.pivot,
        entries: primitive(eliminate(other.entries, added.entries, pivot), other.pivot)
      }
  vectors.push(added)
  return true
}

/** A multiple of `vector` minus a multiple of `by` that is zero at the pivot of `by`, where `by` is positive. */
function eliminate(vector: readonly bigint[], by: readonly bigint[], pivot: number): readonly bigint[] {
  const factor = vector[pivot]!
  if (factor === 0n) return vector
  const lead = by[pivot]!
  const common = gcd(lead, factor)
  const [p, q] = [lead / common, factor / common]
  return vector.map((a, k) => p * a - q * by[k]!)
}

/** Divided by the greatest common divisor, positive at the pivot. */
function primitive(vector: readonly bigint[], pivot: number): readonly bigint[] {
  let common = 0n
  for (const a of vector) common = gcd(common, a)
  if (vector[pivot]! < 0n) common = -common
  return common === 1n ? vector : vector.map((a) => a / common)
}
