import { absolute, bitLength } from '../integer.ts'
import type { IntegerMatrix } from './integer-matrix.ts'

/** Bits of one limb. With primes below 2^22 it keeps dot products of up to 2^11 limbs and residues exact in doubles. */
export const limbBits = 22
const base = 2 ** limbBits
const half = base / 2

/**
 * An integer matrix as planes of limbs: entry (i, j) is the sum over l of planes[l][i * columns + j] * 2^(22 l), each
 * limb an integer of magnitude at most 2^21. Exact: doubles that hold integers.
 */
export interface LimbMatrix {
  readonly rows: number
  readonly columns: number
  readonly limbBits: 22
  readonly planes: readonly Float64Array[]
}

/** An integer matrix in either form. */
export type ExactMatrix = IntegerMatrix | LimbMatrix

/** The same matrix in limb planes; no plane above the largest entry's top limb. Exact. */
export function toLimbMatrix(a: ExactMatrix): LimbMatrix {
  if ('planes' in a) return a
  let largest = 0n
  for (const entry of a.entries) {
    const magnitude = absolute(entry)
    if (magnitude > largest) largest = magnitude
  }
  // The top limb may carry once more because limbs are centred.
  const count = Math.ceil((bitLength(largest) + 1) / limbBits) + 1
  const planes = Array.from({ length: count }, () => new Float64Array(a.entries.length))
  const limbs = new Float64Array(count)
  const small = largest < 2n ** 53n
  for (let at = 0; at < a.entries.length; at++) {
    if (small) {
      let rest = Number(a.entries[at]!)
      for (let l = 0; rest !== 0; l++) {
        const next = Math.round(rest / base)
        planes[l]![at] = rest - next * base
        rest = next
      }
    } else {
      writeLimbs(a.entries[at]!, limbs)
      for (let l = 0; l < count; l++) planes[l]![at] = limbs[l]!
    }
  }
  while (planes.length > 0 && planes.at(-1)!.every((limb) => limb === 0)) planes.pop()
  return { rows: a.rows, columns: a.columns, limbBits, planes }
}

/** The same matrix with BigInt entries. Exact. */
export function toIntegerMatrix(a: ExactMatrix): IntegerMatrix {
  if (!('planes' in a)) return a
  const entries: bigint[] = []
  for (let at = 0; at < a.rows * a.columns; at++) entries.push(entryAt(a.planes, at))
  return { rows: a.rows, columns: a.columns, entries }
}

function entryAt(planes: readonly Float64Array[], at: number): bigint {
  let value = 0n
  for (let l = planes.length - 1; l >= 0; l -= 2) {
    // Two limbs make an exact double below 2^44.
    if (l === 0) value = (value << 22n) + BigInt(planes[0]![at]!)
    else value = (value << 44n) + BigInt(planes[l]![at]! * base + planes[l - 1]![at]!)
  }
  return value
}

/** The entries in these rows and these columns, in that order. */
export function submatrix(a: LimbMatrix, rows: readonly number[], columns: readonly number[]): LimbMatrix
export function submatrix(a: IntegerMatrix, rows: readonly number[], columns: readonly number[]): IntegerMatrix
export function submatrix(a: ExactMatrix, rows: readonly number[], columns: readonly number[]): ExactMatrix
export function submatrix(a: ExactMatrix, rows: readonly number[], columns: readonly number[]): ExactMatrix {
  const places = rows.flatMap((i) => columns.map((j) => i * a.columns + j))
  const shape = { rows: rows.length, columns: columns.length }
  return 'planes' in a
    ? { ...shape, limbBits, planes: a.planes.map((plane) => Float64Array.from(places, (at) => plane[at]!)) }
    : { ...shape, entries: places.map((at) => a.entries[at]!) }
}

/** Centred base-2^22 digits of v, lowest first, into all of `limbs`, which must be long enough. */
function writeLimbs(v: bigint, limbs: Float64Array): void {
  limbs.fill(0)
  const negative = v < 0n
  writeDigits(negative ? -v : v, limbs, 0, limbs.length)
  let carry = 0
  for (let l = 0; l < limbs.length; l++) {
    let digit = limbs[l]! + carry
    carry = 0
    if (digit > half) {
      digit -= base
      carry = 1
    }
    limbs[l] = negative ? 0 - digit : digit
  }
}

/** Digits of v >= 0 in base 2^22 at positions from, ..., to - 1, by divide and conquer. */
function writeDigits(v: bigint, digits: Float64Array, from: number, to: number): void {
  if (v < 9007199254740992n) {
    let rest = Number(v)
    for (let l = from; rest > 0; l++) {
      const quotient = Math.floor(rest / base)
      digits[l] = rest - quotient * base
      rest = quotient
    }
    return
  }
  const middle = (from + to) >> 1
  const width = BigInt(limbBits * (middle - from))
  writeDigits(BigInt.asUintN(Number(width), v), digits, from, middle)
  writeDigits(v >> width, digits, middle, to)
}
