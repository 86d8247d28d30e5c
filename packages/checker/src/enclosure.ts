import { decline } from './outcome.ts'

/*
 * Rigorous enclosures in fixed point: a number lies between low / 2^precision and high / 2^precision. Every operation
 * rounds the lower end down and the upper end up.
 */

export const precision = 128n

/** Ends in units of 2^-precision. */
export type Interval = { readonly low: bigint; readonly high: bigint }

const one = 1n << precision

const floorDivide = (a: bigint, b: bigint): bigint => {
  const quotient = a / b
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient
}
const ceilDivide = (a: bigint, b: bigint): bigint => -floorDivide(-a, b)

/** The interval around numerator / denominator, denominator > 0. */
export const enclose = (numerator: bigint, denominator: bigint): Interval => ({
  low: floorDivide(numerator << precision, denominator),
  high: ceilDivide(numerator << precision, denominator)
})

/** sum of factors[k] * terms[k], divided by a positive denominator. */
export const combination = (factors: readonly bigint[], terms: readonly Interval[], denominator: bigint): Interval => {
  let low = 0n
  let high = 0n
  for (const [index, factor] of factors.entries()) {
    const { low: least, high: most } = terms[index]
    low += factor * (factor >= 0n ? least : most)
    high += factor * (factor >= 0n ? most : least)
  }
  return { low: floorDivide(low, denominator), high: ceilDivide(high, denominator) }
}

/** Both ends of a function that grows, each of which is given with an enclosure. */
const growing =
  (at: (x: bigint) => Interval) =>
  ({ low, high }: Interval): Interval => ({ low: at(low).low, high: at(high).high })

const largestArgument = 1n << 12n

/** e^x for x / 2^precision: Taylor's series at x / 2^halvings, then squaring. */
const exponential = (x: bigint): Interval => {
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
const logarithm = (x: bigint): Interval => {
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

const reciprocal = ({ low, high }: Interval): Interval => ({
  low: (one * one) / high,
  high: (one * one) / low + 1n
})

const shifted = ({ low, high }: Interval, by: bigint): Interval => ({ low: low + by, high: high + by })
const negative = ({ low, high }: Interval): Interval => ({ low: -high, high: -low })
const twice = ({ low, high }: Interval): Interval => ({ low: 2n * low, high: 2n * high })

/** 1 / (1 + e^-x) */
const sigmoidAt = (x: bigint): Interval => reciprocal(shifted(exponential(-x), one))
/** 1 - 2 / (1 + e^2x) */
const tanhAt = (x: bigint): Interval => shifted(negative(twice(reciprocal(shifted(exponential(2n * x), one)))), one)
/** log(1 + e^x) */
const softplusAt = (x: bigint): Interval => growing(logarithm)(shifted(exponential(x), one))

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

const arctanAt = (x: bigint): Interval => (x < 0n ? negative(arctanOfPositive(-x)) : arctanOfPositive(x))

const eluAt = (x: bigint): Interval => (x >= 0n ? { low: x, high: x } : shifted(exponential(x), -one))

const decimals = 10n ** 31n
const seluScale = 10507009873554804934193349852946n
const seluAlpha = 16732632423543772848170429916717n

const seluAt = (x: bigint): Interval => {
  const factor = x >= 0n ? seluScale : seluScale * seluAlpha
  return combination([factor], [eluAt(x)], x >= 0n ? decimals : decimals * decimals)
}

const functions = {
  sigmoid: sigmoidAt,
  tanh: tanhAt,
  arctan: arctanAt,
  softplus: softplusAt,
  elu: eluAt,
  selu: seluAt
} as const

export type SmoothName = keyof typeof functions

export const smoothNames = Object.keys(functions) as readonly SmoothName[]

/** The values of an activation on an interval: every one of them grows. */
export const applySmooth = (name: SmoothName, argument: Interval): Interval => growing(functions[name])(argument)
