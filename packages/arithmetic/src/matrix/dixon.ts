import { bitLength, lcm } from '../integer.ts'
import { invertModulo, residuesModulo } from '../modular/elimination.ts'
import { centredResidue, roundingShift } from '../modular/prime-field.ts'
import { rationalReconstruction } from '../modular/reconstruction.ts'
import { type RationalVector, reduceVector } from '../rational-vector.ts'
import { columnMatrix, type IntegerMatrix } from './integer-matrix.ts'
import { type ExactMatrix, type LimbMatrix, limbBits, toIntegerMatrix, toLimbMatrix } from './limb-matrix.ts'
import { carryLimbs } from './limbs.ts'
import { requireSquareSystem, solves } from './square-solution.ts'

const limbBase = 2 ** limbBits

/** Dot products of this length stay below 2^53: 2^11 products of numbers of at most 2^21, less a little, and a carry. */
const longestDot = 2048

/** Spare bits that a reconstructed fraction must leave before it is believed enough to be substituted. */
const spareBits = 30

/**
 * The solution of the square system K X = B by lifting modulo powers of a prime below 2^22; undefined when the prime
 * divides the determinant. Exact: every column is proved by substitution. Reference: Dixon 1982.
 *
 * Inside the lifting loop numbers are doubles holding integers: limbs of 22 bits, centred, and residues.
 */
export function dixonSolve(matrix: ExactMatrix, rhs: IntegerMatrix, prime: number): RationalVector | undefined {
  requireSquareSystem(matrix, rhs)
  const limbs = toLimbMatrix(matrix)
  const integers = toIntegerMatrix(matrix)
  const inverse = invertModulo(residuesModulo(limbs, prime), matrix.rows, prime)
  if (!inverse) return undefined
  const columns: RationalVector[] = []
  let denominator = 1n
  for (let j = 0; j < rhs.columns; j++) {
    const b = Array.from({ length: rhs.rows }, (_, i) => rhs.entries[i * rhs.columns + j]!)
    const x = solveColumn(limbs, integers, inverse, b, prime, denominator)
    columns.push(x)
    denominator = lcm(denominator, x.denominator)
  }
  const factors = columns.map((x) => denominator / x.denominator)
  const numerators: bigint[] = []
  for (let i = 0; i < rhs.rows; i++) {
    for (let j = 0; j < rhs.columns; j++) numerators.push(columns[j]!.numerators[i]! * factors[j]!)
  }
  return reduceVector({ denominator, numerators })
}

function solveColumn(
  limbs: LimbMatrix,
  integers: IntegerMatrix,
  inverse: Float64Array,
  rhs: readonly bigint[],
  prime: number,
  likelyDenominator: bigint
): RationalVector {
  const n = rhs.length
  if (rhs.every((b) => b === 0n)) return { denominator: 1n, numerators: rhs }
  const column = columnMatrix(rhs)
  const lift = startLifting(limbs, inverse, column, prime)
  const digits: Float64Array[] = []
  // Entries are tried in an order that starts with the one that failed last: it needs the most digits.
  const order = Array.from({ length: n }, (_, i) => i)
  for (let target = 8; ; target = Math.ceil(target * 1.15)) {
    while (digits.length < target) digits.push(lift())
    const candidate = reconstruct(digits, prime, order, likelyDenominator)
    if (candidate && solves(integers, candidate.numerators, candidate.denominator, column)) return candidate
  }
}

/** Starts the lifting of K^-1 b; each call gives the next digit vector of its expansion in powers of the prime. */
function startLifting(
  matrix: LimbMatrix,
  inverse: Float64Array,
  rhs: IntegerMatrix,
  prime: number
): () => Float64Array {
  const n = matrix.rows
  const reciprocal = 1 / prime
  const shift = centredResidue(limbBase, prime, reciprocal)
  const rhsPlanes = toLimbMatrix(rhs).planes
  // The residual never exceeds max(|b|, n |K|): one limb above each holds it.
  const count = Math.max(matrix.planes.length, rhsPlanes.length) + 1
  const residual = Array.from({ length: count }, (_, l) =>
    l < rhsPlanes.length ? Float64Array.from(rhsPlanes[l]!) : new Float64Array(n)
  )
  const residue = new Float64Array(n)
  const product = new Float64Array(n)
  return function next() {
    residue.fill(0)
    for (let l = count - 1; l >= 0; l--) {
      const limb = residual[l]!
      for (let i = 0; i < n; i++) residue[i] = centredResidue(residue[i]! * shift + limb[i]!, prime, reciprocal)
    }
    const digit = new Float64Array(n)
    for (let from = 0; from < n; from += longestDot) {
      const to = Math.min(n, from + longestDot)
      multiply(inverse, residue, product, n, from, to)
      for (let i = 0; i < n; i++) {
        digit[i] = centredResidue(digit[i]! + centredResidue(product[i]!, prime, reciprocal), prime, reciprocal)
      }
    }
    for (let from = 0; from < n; from += longestDot) {
      const to = Math.min(n, from + longestDot)
      for (let l = 0; l < matrix.planes.length; l++) {
        const limb = residual[l]!
        multiply(matrix.planes[l]!, digit, product, n, from, to)
        for (let i = 0; i < n; i++) limb[i] = limb[i]! - product[i]!
      }
      carryLimbs(residual, limbBits)
    }
    divideExactly(residual, prime)
    return digit
  }
}

/** product = columns from, ..., to - 1 of the n x n matrix times the vector. Four rows at a time. */
function multiply(
  matrix: Float64Array,
  vector: Float64Array,
  product: Float64Array,
  n: number,
  from: number,
  to: number
): void {
  let i = 0
  for (; i + 3 < n; i += 4) {
    let s0 = 0
    let s1 = 0
    let s2 = 0
    let s3 = 0
    const r0 = i * n
    const r1 = r0 + n
    const r2 = r1 + n
    const r3 = r2 + n
    for (let j = from; j < to; j++) {
      const v = vector[j]!
      s0 += matrix[r0 + j]! * v
      s1 += matrix[r1 + j]! * v
      s2 += matrix[r2 + j]! * v
      s3 += matrix[r3 + j]! * v
    }
    product[i] = s0
    product[i + 1] = s1
    product[i + 2] = s2
    product[i + 3] = s3
  }
  for (; i < n; i++) {
    let sum = 0
    for (let j = from; j < to; j++) sum += matrix[i * n + j]! * vector[j]!
    product[i] = sum
  }
}

/** Divides every entry by the prime, which divides it, from the top limb down. */
function divideExactly(limbs: readonly Float64Array[], prime: number): void {
  const reciprocal = 1 / prime
  const remainder = new Float64Array(limbs[0]!.length)
  for (let l = limbs.length - 1; l >= 0; l--) {
    const limb = limbs[l]!
    for (let i = 0; i < limb.length; i++) {
      const value = remainder[i]! * limbBase + limb[i]!
      const quotient = value * reciprocal + roundingShift - roundingShift
      remainder[i] = value - quotient * prime
      limb[i] = quotient
    }
  }
}

/**
 * Rationals with the given expansion modulo prime^digits, over one denominator, when they are so short that chance is
 * an unlikely reason; undefined otherwise. A guess: to be substituted. Moves the entry that failed to the front of `order`.
 */
function reconstruct(
  digits: readonly Float64Array[],
  prime: number,
  order: number[],
  likelyDenominator: bigint
): RationalVector | undefined {
  const expansion = { digits, prime, powers: powersFor(digits.length, prime) }
  const full = modulusOf(prime, digits.length)
  // Once the denominator is known a numerator needs only about its own length: fewer digits, of which this many bits.
  let short = full
  let denominator = likelyDenominator
  let denominatorBits = bitLength(denominator)
  const numerators = new Array<bigint>(order.length).fill(0n)
  // numerators[i] belongs to the denominator that was common when entry i was found.
  const denominators = new Array<bigint>(order.length).fill(1n)
  for (let at = 0; at < order.length; at++) {
    const i = order[at]!
    let numerator = centredProduct(radixValue(expansion, i, short.digits), denominator, short.modulus)
    if (bitLength(numerator) + spareBits > short.bits || denominatorBits + spareBits > full.bits) {
      numerator = centredProduct(radixValue(expansion, i, full.digits), denominator, full.modulus)
    }
    if (bitLength(numerator) + denominatorBits + spareBits > full.bits) {
      const fraction = rationalReconstruction(numerator < 0n ? numerator + full.modulus : numerator, full.modulus)
      const bits = fraction ? bitLength(fraction.numerator) + bitLength(fraction.denominator) : full.bits
      if (!fraction || bits + denominatorBits + spareBits > full.bits) {
        order.splice(at, 1)
        order.unshift(i)
        return undefined
      }
      numerator = fraction.numerator
      denominator *= fraction.denominator
      denominatorBits = bitLength(denominator)
      const needed = bitLength(numerator) + 3 * spareBits
      short = modulusOf(prime, Math.min(full.digits, Math.ceil(needed / Math.log2(prime))))
    }
    numerators[i] = numerator
    denominators[i] = denominator
  }
  return reduceVector({
    denominator,
    numerators: numerators.map((numerator, i) => numerator * (denominator / denominators[i]!))
  })
}

interface PrimePower {
  readonly digits: number
  readonly modulus: bigint
  readonly bits: number
}

function modulusOf(prime: number, digits: number): PrimePower {
  const modulus = BigInt(prime) ** BigInt(digits)
  return { digits, modulus, bits: bitLength(modulus) }
}

/** The residue of a b modulo m that is least in magnitude. */
function centredProduct(a: bigint, b: bigint, m: bigint): bigint {
  const residue = (a * b) % m
  const half = m >> 1n
  return residue > half ? residue - m : residue < -half ? residue + m : residue
}

/** prime^2, prime^4, prime^8, ... as far as joining that many digits in pairs of pairs needs them. */
function powersFor(digits: number, prime: number): bigint[] {
  const powers = [BigInt(prime) ** 2n]
  for (let joined = 4; joined < digits; joined *= 2) powers.push(powers.at(-1)! ** 2n)
  return powers
}

interface Expansion {
  readonly digits: readonly Float64Array[]
  readonly prime: number
  readonly powers: readonly bigint[]
}

/** The integer whose lowest `count` base-prime digits are entries i of the digit vectors, by divide and conquer. */
function radixValue({ digits, prime, powers }: Expansion, i: number, count: number): bigint {
  let values: bigint[] = []
  for (let k = 0; k < count; k += 2) {
    // Two digits make an exact double below 2^44.
    values.push(BigInt(digits[k]![i]! + (k + 1 < count ? digits[k + 1]![i]! * prime : 0)))
  }
  for (let level = 0; values.length > 1; level++) {
    const power = powers[level]!
    const joined: bigint[] = []
    for (let k = 0; k < values.length; k += 2) {
      joined.push(k + 1 < values.length ? values[k]! + values[k + 1]! * power : values[k]!)
    }
    values = joined
  }
  return values[0]!
}
