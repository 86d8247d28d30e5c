import { absolute, bitLength } from '../integer.ts'
import { roundingShift } from '../modular/prime-field.ts'

/**
 * Integers as planes of limbs: number i is the sum over l of planes[l][i] * 2^(bits l), each limb an integer of magnitude
 * at most 2^(bits - 1), bits <= 32. No plane lies above the top limb of the largest number. Exact.
 */
export function toLimbs(integers: readonly bigint[], bits: number): Float64Array[] {
  let largest = 0n
  for (const v of integers) {
    const magnitude = absolute(v)
    if (magnitude > largest) largest = magnitude
  }
  // The top limb may carry once more because limbs are centred.
  const count = Math.ceil((bitLength(largest) + 1) / bits) + 1
  const planes = Array.from({ length: count }, () => new Float64Array(integers.length))
  const base = 2 ** bits
  const digits = new Float64Array(count)
  const small = largest < 2n ** 53n
  for (let i = 0; i < integers.length; i++) {
    if (small) {
      let rest = Number(integers[i]!)
      for (let l = 0; rest !== 0; l++) {
        const next = Math.round(rest / base)
        planes[l]![i] = rest - next * base
        rest = next
      }
    } else {
      digits.fill(0)
      writeDigits(absolute(integers[i]!), bits, digits, 0, count)
      const negative = integers[i]! < 0n
      let carry = 0
      for (let l = 0; l < count; l++) {
        const digit = digits[l]! + carry
        carry = digit > base / 2 ? 1 : 0
        const limb = digit - carry * base
        planes[l]![i] = negative ? 0 - limb : limb
      }
    }
  }
  while (planes.length > 0 && planes.at(-1)!.every((limb) => limb === 0)) planes.pop()
  return planes
}

/** Digits of v >= 0 in base 2^bits at positions from, ..., to - 1, by divide and conquer. */
function writeDigits(v: bigint, bits: number, digits: Float64Array, from: number, to: number): void {
  if (v < 9007199254740992n) {
    const base = 2 ** bits
    for (let l = from, rest = Number(v); rest > 0; l++) {
      const next = Math.floor(rest / base)
      digits[l] = rest - next * base
      rest = next
    }
    return
  }
  const middle = (from + to) >> 1
  const width = bits * (middle - from)
  writeDigits(BigInt.asUintN(width, v), bits, digits, from, middle)
  writeDigits(v >> BigInt(width), bits, digits, middle, to)
}

/** The integers with these limbs, which may be any integers below 2^52 in magnitude. Exact. */
export function fromLimbs(planes: readonly Float64Array[], bits: number, length: number): bigint[] {
  const base = 2 ** bits
  const joinable = 2 ** (51 - bits)
  return Array.from({ length }, (_, i) => {
    let value = 0n
    // Several limbs are joined in a double as long as it stays exact.
    let head = 0
    let pending = 0
    for (let l = planes.length - 1; l >= 0; l--) {
      const limb = planes[l]![i]!
      if (Math.abs(head) >= joinable) {
        value = (value << BigInt(pending)) + BigInt(head)
        head = limb
        pending = bits
      } else {
        head = head * base + limb
        pending += bits
      }
    }
    return value === 0n ? BigInt(head) : (value << BigInt(pending)) + BigInt(head)
  })
}

/** Moves what exceeds a centred limb of this many bits to the next higher limb, plane by plane; the top plane keeps all. */
export function carryLimbs(planes: readonly Float64Array[], bits: number): void {
  const base = 2 ** bits
  for (let l = 0; l + 1 < planes.length; l++) {
    const low = planes[l]!
    const high = planes[l + 1]!
    for (let i = 0; i < low.length; i++) {
      const excess = low[i]! / base + roundingShift - roundingShift
      low[i] = low[i]! - excess * base
      high[i] = high[i]! + excess
    }
  }
}
