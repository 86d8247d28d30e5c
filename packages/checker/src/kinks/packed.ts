/*
 * Kronecker's substitution: a row of integers as one, the sum of entry[c] 2^(width c), so that one product multiplies
 * them all. Exact for entries of sizes below 2^(width - 1), in a row as in what sums and products make of it.
 */

/** The row as one integer. */
export const packed = (row: readonly bigint[], width: number): bigint => {
  if (row.length === 1) return row[0]
  const half = row.length >> 1
  return packed(row.slice(0, half), width) + (packed(row.slice(half), width) << BigInt(width * half))
}

/** The row of so many integers that one stands for. */
export const unpacked = (whole: bigint, width: number, length: number): readonly bigint[] => {
  if (length === 1) return [whole]
  const half = length >> 1
  const low = BigInt.asIntN(width * half, whole)
  const high = (whole - low) >> BigInt(width * half)
  return [...unpacked(low, width, half), ...unpacked(high, width, length - half)]
}
