import { floorDivide, type Interval, negative, one, precision } from './enclosure.ts'
import { decline } from './outcome.ts'

/*
 * Enclosures of the exponential, the logarithm, the arctangent, the sine and the normal distribution function at x / 2^precision.
 */

const largestArgument = 1n << 12n

/** e^x for x / 2^precision: Taylor's series at x / 2^halvings, then squaring. */
export const exponential = (x: bigint): Interval => {
  const size = x < 0n ? -x : x
  if (size > largestArgument * one) return decline('the exponential of a number beyond 4096')
  const halvings = BigInt((size >> precision).toString(2).length + 8)
  const working = precision + halvings + 64n
  const unit = 1n << working
  // |y| < 2^-8, exactly x / 2^halvings.
  const y = x << (working - precision - halvings)
  const terms = 24n
  let term = unit
  let sum = unit
  for (let k = 1n; k <= terms; k += 1n) {
    term = (term * y) / (unit * k)
    sum += term
  }
  // Each term is off by less than 2 units, the terms left out by less than one.
  const slack = 2n * terms + 2n
  let low = sum - slack
  let high = sum + slack
  for (let k = 0n; k < halvings; k += 1n) {
    low = (low * low) >> working
    high = ((high * high) >> working) + 1n
  }
  const excess = working - precision
  return { low: low >> excess, high: (high >> excess) + 1n }
}

/** 2 artanh(t) = log((1 + t) / (1 - t)) for t / 2^working, 0 <= t <= 1/3. */
const twiceArtanh = (t: bigint, working: bigint): { readonly value: bigint; readonly slack: bigint } => {
  const square = (t * t) >> working
  const terms = working / 3n + 2n
  let power = t
  let sum = 0n
  for (let k = 0n; k < terms; k += 1n) {
    sum += power / (2n * k + 1n)
    power = (power * square) >> working
  }
  // Each power is off by less than 2 units and its quotient by less than 3; the rest is below 3^-2terms < 1 unit.
  return { value: 2n * sum, slack: 6n * terms + 4n }
}

/** log x for x / 2^precision >= 1: x = 2^k m with 1 <= m < 2, log x = k log 2 + 2 artanh((m - 1) / (m + 1)). */
export const logarithm = (x: bigint): Interval => {
  const working = precision + 32n
  const exponent = BigInt(x.toString(2).length) - 1n - precision
  const unit = 1n << precision
  // m / 2^precision, rounded down by less than one unit, which changes the quotient by less than 2^-precision.
  const m = x >> exponent
  const ratio = ((m - unit) << working) / (m + unit)
  const part = twiceArtanh(ratio, working)
  const two = twiceArtanh((1n << working) / 3n, working)
  const value = exponent * two.value + part.value
  // log 2 is artanh of exactly 1/3, rounded down by less than one unit.
  const slack = exponent * (two.slack + 4n) + part.slack + (8n << (working - precision))
  const excess = working - precision
  return { low: (value - slack) >> excess, high: ((value + slack) >> excess) + 1n }
}

const squareRoot = (value: bigint): bigint => {
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1)
  for (;;) {
    const next = (root + value / root) >> 1n
    if (next >= root) return root
    root = next
  }
}

/** arctan x = 2 arctan(x / (1 + sqrt(1 + x^2))), four times, then the series at |y| < 0.1; x >= 0. */
const arctanOfPositive = (x: bigint): Interval => {
  const working = precision + 32n
  const unit = 1n << working
  let low = x << 32n
  let high = low
  for (let k = 0; k < 4; k += 1) {
    const below = unit + squareRoot(unit * unit + low * low)
    const above = unit + squareRoot(unit * unit + high * high) + 1n
    // x / (1 + sqrt(1 + x^2)) grows with x.
    low = (low << working) / (below + 1n)
    high = (high << working) / (above - 1n) + 1n
  }
  const series = (y: bigint): bigint => {
    const square = (y * y) >> working
    let power = y
    let sum = 0n
    for (let k = 0n; power > 0n; k += 1n) {
      sum += (k % 2n === 0n ? power : -power) / (2n * k + 1n)
      power = (power * square) >> working
    }
    return sum
  }
  // Fewer than 64 terms, each off by less than 3 units.
  const slack = 256n
  return { low: (16n * (series(low) - slack)) >> 32n, high: ((16n * (series(high) + slack)) >> 32n) + 1n }
}

export const arctangent = (x: bigint): Interval => (x < 0n ? negative(arctanOfPositive(-x)) : arctanOfPositive(x))

/** pi in units of 2^-working by Machin's formula 16 arctan 1/5 - 4 arctan 1/239. */
const piIn = (working: bigint): Interval => {
  const arctanOfReciprocal = (m: bigint): bigint => {
    let power = (1n << working) / m
    let sum = 0n
    for (let k = 0n; power > 0n; k += 1n) {
      sum += (k % 2n === 0n ? power : -power) / (2n * k + 1n)
      power /= m * m
    }
    return sum
  }
  const value = 16n * arctanOfReciprocal(5n) - 4n * arctanOfReciprocal(239n)
  // Fewer than working / 4 terms each, every one off by less than 2 units; what is left out is less than 2 units.
  const slack = 20n * (working / 2n + 2n)
  return { low: value - slack, high: value + slack }
}

const sineBits = precision + 64n
const sinePi = piIn(sineBits)

/** sin x = (-1)^k sin(x - k pi) by Taylor's series, k the whole number nearest to x / pi. */
export const sine = (x: bigint): Interval => {
  if ((x < 0n ? -x : x) > largestArgument * one) return decline('the sine of a number beyond 4096')
  const scaled = x << (sineBits - precision)
  const k = floorDivide(2n * scaled + sinePi.high, 2n * sinePi.high)
  const ends = [scaled - k * sinePi.low, scaled - k * sinePi.high]
  const y = (ends[0] + ends[1]) >> 1n
  const width = ends[0] < ends[1] ? ends[1] - ends[0] : ends[0] - ends[1]
  const square = (y * y) >> sineBits
  let term = y
  let sum = 0n
  for (let j = 1n; term !== 0n; j += 1n) {
    sum += term
    term = -((term * square) >> sineBits) / (2n * j * (2n * j + 1n))
  }
  // |y| < 2, fewer than 80 terms: a term is off by less than 2 units and what the one before it is off.
  const slack = (1n << 12n) + width
  const low = k % 2n === 0n ? sum - slack : -sum - slack
  const high = low + 2n * slack
  const excess = sineBits - precision
  return { low: low >> excess, high: (high >> excess) + 1n }
}

const normalBits = 448n
const rootOfTwoPi: Interval = (() => {
  const { low, high } = piIn(normalBits)
  return { low: squareRoot((2n * low) << normalBits), high: squareRoot((2n * high) << normalBits) + 1n }
})()

/** x Phi(x) = x/2 + 2 q / sqrt(2 pi) sum over k of (-q)^k / (k! (2 k + 1)), q = x^2 / 2, Phi the normal distribution function. */
export const timesNormalDistribution = (x: bigint): Interval => {
  // Beyond 16 the tail x (1 - Phi(x)) is less than e^-128 / sqrt(2 pi) < 2^-185.
  if (x >= 16n * one) return { low: x - 1n, high: x }
  if (x <= -16n * one) return { low: -1n, high: 0n }
  const unit = 1n << normalBits
  const q = (x * x) << (normalBits - 2n * precision - 1n)
  let term = unit
  let sum = 0n
  for (let k = 0n; term > 0n; ) {
    sum += (k % 2n === 0n ? term : -term) / (2n * k + 1n)
    k += 1n
    term = (term * q) / (unit * k)
  }
  // The error of a term grows by a factor q / k, in all by less than e^128 < 2^185, and 1 is added: fewer than 700 terms, each off
  // by less than 700 * 2^185 units.
  const slack = 1n << 208n
  const excess = normalBits - precision
  const half = x << (excess - 1n)
  const low = half + (2n * q * (sum - slack)) / rootOfTwoPi.high
  const high = half + (2n * q * (sum + slack)) / rootOfTwoPi.low + 1n
  return { low: low >> excess, high: (high >> excess) + 1n }
}
