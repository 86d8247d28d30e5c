export const magnitude = (value: bigint): bigint => (value < 0n ? -value : value)

export const signOf = (value: bigint): -1 | 0 | 1 => (value > 0n ? 1 : value < 0n ? -1 : 0)

export const greatestOf = (values: readonly bigint[]): bigint =>
  values.reduce((most, value) => (value > most ? value : most))

/** At least the bit length of the integer, by fewer than four bits too many. */
export const bitLength = (value: bigint): number => magnitude(value).toString(16).length * 4

/** At least the bit length of every entry of every row. */
export const greatestBitLength = (rows: readonly (readonly bigint[])[]): number => {
  let least = 0n
  let most = 0n
  for (const row of rows) {
    for (const value of row) {
      if (value > most) most = value
      else if (value < least) least = value
    }
  }
  return bitLength(most > -least ? most : least)
}

/** The greatest common divisor of two integers that are not both zero; positive. */
export const greatestCommonDivisor = (left: bigint, right: bigint): bigint => {
  let a = magnitude(left)
  let b = magnitude(right)
  while (b !== 0n) [a, b] = [b, a % b]
  return a
}

/**
 * A positive common multiple of two positive integers: the one that the other divides, else their product. Not always
 * the least: a quotient is cheaper than a greatest common divisor of long integers.
 */
export const commonMultiple = (left: bigint, right: bigint): bigint => {
  if (left === right || left % right === 0n) return left
  return right % left === 0n ? right : left * right
}

/** The scalar product; `right` may be longer than `left`, never shorter. */
export const dot = (left: readonly bigint[], right: readonly bigint[]): bigint => {
  let sum = 0n
  for (let index = 0; index < left.length; index += 1) sum += left[index] * right[index]
  return sum
}
