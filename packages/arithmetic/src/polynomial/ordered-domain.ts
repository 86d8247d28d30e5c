import { gcd } from '../integer.ts'

/**
 * Real numbers that are added, multiplied and compared exactly: the integers, or the numbers with integer coordinates of a
 * real number field. Polynomials, gcds, root isolation and signs at roots are written once, over any such domain.
 */
export interface OrderedDomain<T> {
  readonly zero: T
  readonly one: T
  readonly add: (a: T, b: T) => T
  readonly subtract: (a: T, b: T) => T
  readonly multiply: (a: T, b: T) => T
  /** n * a for an integer n. */
  readonly scale: (a: T, n: bigint) => T
  /** a / n for an integer n that divides every coordinate of a. */
  readonly shrink: (a: T, n: bigint) => T
  readonly sign: (a: T) => -1 | 0 | 1
  /** Largest integer that divides every coordinate of every entry; 0 when all are zero. */
  readonly content: (entries: readonly T[]) => bigint
  /** The entries times one positive real number, chosen to make them short; the last entry is not zero. */
  readonly associate: (entries: readonly T[]) => readonly T[]
  /** Integers low <= 2^bits a <= high; high - low stays bounded as bits grows. */
  readonly enclose: (a: T, bits: number) => readonly [bigint, bigint]
  /** A ring homomorphism to the integers modulo `prime`, where one is known: a cheap witness that a gcd is constant. */
  readonly residue: { readonly prime: number; readonly of: (a: T) => number } | undefined
}

const prime = 67108859 // the largest prime below 2^26: products of residues are exact doubles

function integerContent(entries: readonly bigint[]): bigint {
  let g = 0n
  for (const e of entries) {
    g = gcd(g, e)
    if (g === 1n) break
  }
  return g
}

/** The integers. Exact. */
export const integers: OrderedDomain<bigint> = {
  zero: 0n,
  one: 1n,
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  scale: (a, n) => a * n,
  shrink: (a, n) => a / n,
  sign: (a) => (a < 0n ? -1 : a > 0n ? 1 : 0),
  content: integerContent,
  associate: (entries) => {
    const g = integerContent(entries)
    return g <= 1n ? entries : entries.map((e) => e / g)
  },
  enclose: (a, bits) => [a << BigInt(bits), a << BigInt(bits)],
  residue: { prime, of: (a) => (Number(a % BigInt(prime)) + prime) % prime }
}
