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
  let a = state[0]
  let b = state[1]
  let c = state[2]
  let d = state[3]
  let e = state[4]
  let f = state[5]
  let g = state[6]
  let h = state[7]
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
  state[0] += a
  state[1] += b
  state[2] += c
  state[3] += d
  state[4] += e
  state[5] += f
  state[6] += g
  state[7] += h
}

/** The text, one 1 bit, zeros up to a whole block, and the length in bits as the last 64 bits, as big-endian words. */
const paddedWords = (text: string): Int32Array => {
  const length = text.length
  const words = new Int32Array((((length + 8) >>> 6) + 1) << 4)
  for (let at = 0; at < length; at += 1) words[at >>> 2] |= text.charCodeAt(at) << (24 - ((at & 3) << 3))
  words[length >>> 2] |= 0x80 << (24 - ((length & 3) << 3))
  words[words.length - 2] = length >>> 29
  words[words.length - 1] = length << 3
  return words
}

/** SHA-256 (FIPS 180-4) of a text whose every character is ASCII, as 64 lower-case hexadecimal digits. */
export const sha256 = (text: string): string => {
  const state = initialState.slice()
  const words = paddedWords(text)
  const schedule = new Int32Array(64)
  for (let start = 0; start < words.length; start += 16) {
    schedule.set(words.subarray(start, start + 16))
    compress(state, schedule)
  }
  return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
}
