/** The first `count` primes. */
const primes = (count: number): readonly number[] => {
  const found: number[] = []
  for (let candidate = 2; found.length < count; candidate += 1) {
    if (found.every((prime) => candidate % prime !== 0)) found.push(candidate)
  }
  return found
}

/** The first 32 bits of the fractional part of the root of this degree of the prime: floor(root * 2^32) mod 2^32. */
const fractionalBits = (prime: number, degree: bigint): number => {
  const scaled = BigInt(prime) << (32n * degree)
  let low = 0n
  let high = 1n << 40n
  while (high - low > 1n) {
    const middle = (low + high) >> 1n
    if (middle ** degree <= scaled) low = middle
    else high = middle
  }
  return Number(low & 0xffffffffn) | 0
}

const initialState = Int32Array.from(primes(8), (prime) => fractionalBits(prime, 2n))
const roundConstants = Int32Array.from(primes(64), (prime) => fractionalBits(prime, 3n))

const rotate = (word: number, by: number): number => (word >>> by) | (word << (32 - by))

const compress = (state: Int32Array, schedule: Int32Array): void => {
  for (let t = 16; t < 64; t += 1) {
    const early = schedule[t - 15]
    const late = schedule[t - 2]
    const sigma0 = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3)
    const sigma1 = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10)
    schedule[t] = (schedule[t - 16] + sigma0 + schedule[t - 7] + sigma1) | 0
  }
  let [a, b, c, d, e, f, g, h] = state
  for (let t = 0; t < 64; t += 1) {
    const sum1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
    const choice = (e & f) ^ (~e & g)
    const first = (h + sum1 + choice + roundConstants[t] + schedule[t]) | 0
    const sum0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
    const majority = (a & b) ^ (a & c) ^ (b & c)
    h = g
    g = f
    f = e
    e = (d + first) | 0
    d = c
    c = b
    b = a
    a = (first + sum0 + majority) | 0
  }
  for (const [index, word] of [a, b, c, d, e, f, g, h].entries()) state[index] = (state[index] + word) | 0
}

/** SHA-256 (FIPS 180-4) of a text whose every character is ASCII, as 64 lower-case hexadecimal digits. */
export const sha256 = (text: string): string => {
  const state = initialState.slice()
  const schedule = new Int32Array(64)
  const length = text.length
  // One 1 bit, zeros, and the length in bits as 64 bits fill the last block.
  const blocks = ((length + 8) >>> 6) + 1
  const byteAt = (index: number): number => (index < length ? text.charCodeAt(index) : index === length ? 0x80 : 0)
  for (let block = 0; block < blocks; block += 1) {
    for (let t = 0; t < 16; t += 1) {
      const at = block * 64 + t * 4
      schedule[t] = (byteAt(at) << 24) | (byteAt(at + 1) << 16) | (byteAt(at + 2) << 8) | byteAt(at + 3)
    }
    if (block === blocks - 1) {
      schedule[14] = length >>> 29
      schedule[15] = length << 3
    }
    compress(state, schedule)
  }
  return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
}
