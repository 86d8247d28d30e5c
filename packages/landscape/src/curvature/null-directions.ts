import { gcd, type IntegerMatrix, integerMatrix, lcm, nullSpace, primeBelow, type Rational } from '@nadir/arithmetic'
import { orthonormalBasis } from '@nadir/kernels'
import { norm } from './lanczos.ts'
import type { Candidate } from './null-candidates.ts'
import { numericalNullSpace } from './pivoted-qr.ts'

/**
 * Takes candidates in portions and counts the dimension of the null directions in the span of all candidates so far: combinations count
 * too, also those of candidates that are not null by themselves.
 */
export interface NullDirections<S> {
  readonly add: (candidates: readonly Candidate<S>[]) => void
  readonly dimension: () => number
}

/** A matrix by its columns: row k of `columns` is column k, with `rows` entries. A symmetric matrix is its own. */
export interface ByColumns {
  readonly columns: Float64Array
  readonly rows: number
  readonly size: number
}

/** Null directions of a matrix with `size` columns, |A q| <= tolerance for unit vectors q. Approximate. */
export function numericalNullDirections(matrix: ByColumns, tolerance: number): NullDirections<number> {
  const { columns, rows: height, size } = matrix
  const found = orthonormalBasis(size, size)
  let pool: Float64Array[] = []
  const apply = (v: Float64Array) => {
    const product = new Float64Array(height)
    for (let k = 0; k < size; k++) {
      const x = v[k]!
      if (x !== 0) for (let i = 0; i < height; i++) product[i] = product[i]! + x * columns[k * height + i]!
    }
    return product
  }
  /** What is left of a unit vector beside both parts; undefined when it is nothing but rounding. */
  const rest = (v: Float64Array): Float64Array | undefined => {
    for (let pass = 0; pass < 2; pass++) {
      found.orthogonalise(v)
      for (const q of pool) {
        let sum = 0
        for (let k = 0; k < size; k++) sum += q[k]! * v[k]!
        for (let k = 0; k < size; k++) v[k] = v[k]! - sum * q[k]!
      }
    }
    const length = norm(v)
    return length > 1e-9 ? v.map((x) => x / length) : undefined
  }
  const unit = (v: Float64Array) => {
    const length = norm(v)
    return v.map((x) => x / length)
  }
  return {
    dimension: () => found.size(),
    add(candidates) {
      for (const candidate of candidates) {
        const dense = new Float64Array(size)
        for (const [at, x] of candidate) dense[at] = dense[at]! + x
        if (norm(dense) === 0) continue
        const q = rest(unit(dense))
        if (!q) continue
        if (norm(apply(q)) <= tolerance) found.append(q, 1)
        else pool.push(q)
      }
      if (pool.length === 0) return
      const images = pool.map(apply)
      const rows = new Float64Array(height * pool.length)
      for (const [j, image] of images.entries()) for (let i = 0; i < height; i++) rows[i * pool.length + j] = image[i]!
      const { basis } = numericalNullSpace(rows, height, pool.length, tolerance)
      if (basis.length === 0) return
      const old = pool
      pool = []
      const combine = (c: Float64Array) => {
        const v = new Float64Array(size)
        for (const [j, x] of c.entries()) for (let k = 0; k < size; k++) v[k] = v[k]! + x * old[j]![k]!
        return v
      }
      for (const c of basis) {
        const q = rest(unit(combine(c)))
        if (q) found.append(q, 1)
      }
      for (const v of old) {
        const q = rest(Float64Array.from(v))
        if (q) pool.push(q)
      }
    }
  }
}

/** Combinations are looked for among at most this many candidates that are not null by themselves. */
const poolLimit = 48

/**
 * Null directions of a symmetric integer matrix, each multiplied out. Exact; the dimension is the rank of the vectors modulo a prime, a lower
 * bound of their rank.
 */
export function exactNullDirections(
  matrix: IntegerMatrix
): NullDirections<Rational> & { readonly vectors: () => readonly (readonly bigint[])[] } {
  const size = matrix.rows
  const prime = primeBelow(2 ** 22)
  const vectors: (readonly bigint[])[] = []
  const independent = modularSpan(prime)
  let pool: { vector: readonly bigint[]; image: readonly bigint[] }[] = []
  const take = (vector: readonly bigint[]) => {
    if (independent.add(vector)) vectors.push(vector)
  }
  return {
    dimension: () => vectors.length,
    vectors: () => vectors,
    add(candidates) {
      for (const candidate of candidates) {
        const vector = toIntegers(candidate, size)
        const image = sparseProduct(matrix, vector)
        if (image.every((x) => x === 0n)) take(vector)
        else if (pool.length < poolLimit) pool.push({ vector, image })
      }
      if (pool.length === 0) return
      const columns = integerMatrix(
        size,
        pool.length,
        Array.from({ length: size }, (_, i) => pool.map((p) => p.image[i]!)).flat()
      )
      const { basis, pivotColumns } = nullSpace(columns)
      for (const c of basis) {
        const sum = new Array<bigint>(size).fill(0n)
        for (const [j, x] of c.entries())
          if (x !== 0n) for (let k = 0; k < size; k++) sum[k]! += x * pool[j]!.vector[k]!
        take(sum)
      }
      // The others are combinations of null directions and of those with a pivot.
      pool = pool.filter((_, j) => pivotColumns.includes(j))
    }
  }
}

function toIntegers(candidate: Candidate<Rational>, size: number): readonly bigint[] {
  const common = candidate.reduce((d, [, x]) => lcm(d, x.denominator), 1n)
  const vector = new Array<bigint>(size).fill(0n)
  for (const [at, x] of candidate) vector[at]! += x.numerator * (common / x.denominator)
  const divisor = vector.reduce(gcd, 0n)
  return divisor > 1n ? vector.map((x) => x / divisor) : vector
}

function sparseProduct(matrix: IntegerMatrix, v: readonly bigint[]): bigint[] {
  const product = new Array<bigint>(matrix.rows).fill(0n)
  for (const [k, x] of v.entries()) {
    if (x === 0n) continue
    // Row k is column k.
    for (let i = 0; i < matrix.rows; i++) product[i]! += x * matrix.entries[k * matrix.columns + i]!
  }
  return product
}

/** Integer vectors that are independent modulo a prime, hence over the rationals. */
function modularSpan(prime: number) {
  const rows: { lead: number; row: Float64Array }[] = []
  return {
    /** False when the vector is dependent modulo the prime. */
    add(vector: readonly bigint[]): boolean {
      const modulus = BigInt(prime)
      const row = Float64Array.from(vector, (x) => Number(((x % modulus) + modulus) % modulus))
      // Rows are cleared against each other without division; products of two residues stay below 2^44.
      for (const known of rows) {
        const factor = row[known.lead]!
        const pivot = known.row[known.lead]!
        if (factor === 0) continue
        for (let k = 0; k < row.length; k++) row[k] = (row[k]! * pivot + (prime - factor) * known.row[k]!) % prime
      }
      const lead = row.findIndex((x) => x !== 0)
      if (lead < 0) return false
      rows.push({ lead, row })
      return true
    }
  }
}
