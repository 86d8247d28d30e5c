/** Fractional bits of the numbers here; each operation rounds, nothing is enclosed. Approximate, to about 35 decimals. */
export const bits = 128n

export const toFixed = (x: number): bigint => {
  if (x === 0) return 0n
  // Doubles are dyadic: scale by a power of two that leaves an integer.
  const exponent = Math.floor(Math.log2(Math.abs(x)))
  const shift = Math.min(1000, Math.max(-900, 60 - exponent))
  const integer = BigInt(Math.round(x * 2 ** shift))
  const places = bits - BigInt(shift)
  return places >= 0n ? integer << places : integer >> -places
}
export const toDouble = (x: bigint): number => {
  const size = x < 0n ? -x : x
  const length = size.toString(16).length * 4
  if (length <= 1000) return Number(x) * 2 ** -Number(bits)
  return Number(x >> BigInt(length - 900)) * 2 ** (length - 900 - Number(bits))
}
