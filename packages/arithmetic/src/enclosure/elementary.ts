import { absolute, integerSquareRoot } from '../integer.ts'
import { fromNumber, ratioToNumber } from '../rational.ts'
import type { DoubleInterval } from './double-interval.ts'
import { nearly } from './double-interval.ts'

/*
 * Elementary functions of doubles, enclosed: integers over 2^240, series of terms whose truncation is bounded; the library's Math.exp and its relatives, which promise nothing, are not used.
 * All errors are absolute: every function below makes fewer than 2^12 roundings of at most one unit, each magnified by less than 2^24 in what follows, so that a slack of 2^40 units covers them;
 * where a large number is a factor, the slack is multiplied by it.
 */

const places = 240n
const unit = 1n << places
const slack = 1n << 40n

/** Beyond it arguments are refused. */
const largest = 4096

const product = (a: bigint, b: bigint): bigint => (a * b) >> places
const quotient = (a: bigint, b: bigint): bigint => (a << places) / b

/** The double as a number of units, rounded down. @throws RangeError beyond 4096 */
function unitsOf(x: number): bigint {
  if (!(Math.abs(x) <= largest)) throw new RangeError(`the argument ${x} is beyond ${largest}`)
  const { numerator, denominator } = fromNumber(x)
  const shifted = numerator << places
  return (shifted - (((shifted % denominator) + denominator) % denominator)) / denominator
}

const enclosed = (value: bigint, error = slack): DoubleInterval => ({
  low: nearly(ratioToNumber(value - error, unit)).low,
  high: nearly(ratioToNumber(value + error, unit)).high
})

/** sum over odd k of sign^((k - 1) / 2) w^k / k: the inverse (hyperbolic) tangent for |w| <= 1/2. */
function oddSeries(w: bigint, sign: 1n | -1n): bigint {
  const square = sign * product(w, w)
  let [power, sum] = [w, w]
  for (let k = 3n; power !== 0n && power !== -1n; k += 2n) {
    power = product(power, square)
    sum += power / k
  }
  return sum
}

const ln2 = 2n * oddSeries(unit / 3n, 1n)
/** Machin: pi = 16 arctan(1/5) - 4 arctan(1/239). */
const pi = 16n * oddSeries(unit / 5n, -1n) - 4n * oddSeries(unit / 239n, -1n)

/** e^x for x <= 0. */
function exponential(x: bigint): bigint {
  const halvings = -x / ln2
  const rest = x + halvings * ln2
  let [term, sum] = [unit, unit]
  for (let k = 1n; term !== 0n && term !== -1n; k++) {
    term = product(term, rest) / k
    sum += term
  }
  return sum >> halvings
}

/** log(1 + t) = 2 artanh(t / (2 + t)) for 0 <= t <= 1. */
const logarithmOnePlus = (t: bigint): bigint => 2n * oddSeries(quotient(t, 2n * unit + t), 1n)

/** Euler: arctan t = sum of c_k, c_0 = t / (1 + t^2), c_k = c_(k-1) 2k/(2k+1) t^2/(1 + t^2), for |t| <= 1. */
function arctangent(t: bigint): bigint {
  const square = product(t, t)
  const ratio = quotient(square, unit + square)
  let term = quotient(t, unit + square)
  let sum = term
  for (let k = 1n; absolute(term) > 1n; k++) {
    term = (product(term, ratio) * 2n * k) / (2n * k + 1n)
    sum += term
  }
  return sum
}

/** The sine and the cosine by Taylor's series, |x| <= pi / 4. */
function sineAndCosine(x: bigint): readonly [bigint, bigint] {
  const sums = [0n, 0n]
  let term = unit
  for (let k = 1n; term !== 0n && term !== -1n; k++) {
    const turn = (k - 1n) % 4n
    sums[Number(turn % 2n)]! += turn < 2n ? term : -term
    term = product(term, x) / k
  }
  return [sums[1]!, sums[0]!]
}

/** e^x for x <= 0. Enclosed. @throws RangeError below -4096 */
export const encloseExponential = (x: number): DoubleInterval => {
  const { low, high } = enclosed(exponential(unitsOf(x)))
  return { low: Math.max(0, low), high }
}

/** 1 / (1 + e^-x). Enclosed. @throws RangeError beyond 4096 */
export function encloseSigmoid(x: number): DoubleInterval {
  const t = exponential(-absolute(unitsOf(x)))
  const { low, high } = enclosed(quotient(x >= 0 ? unit : t, unit + t))
  return { low: Math.max(0, low), high: Math.min(1, high) }
}

/** tanh x. Enclosed. @throws RangeError beyond 4096 */
export function encloseTanh(x: number): DoubleInterval {
  const t = exponential(-2n * absolute(unitsOf(x)))
  const size = quotient(unit - t, unit + t)
  const { low, high } = enclosed(x >= 0 ? size : -size)
  return { low: Math.max(-1, low), high: Math.min(1, high) }
}

/** log(1 + e^x). Enclosed. @throws RangeError beyond 4096 */
export function encloseSoftplus(x: number): DoubleInterval {
  const units = unitsOf(x)
  const small = logarithmOnePlus(exponential(-absolute(units)))
  return enclosed(x > 0 ? units + small : small)
}

/** arctan x. Enclosed. @throws RangeError beyond 4096 */
export function encloseArctangent(x: number): DoubleInterval {
  const units = unitsOf(x)
  const size = absolute(units)
  const positive = size <= unit ? arctangent(size) : pi / 2n - arctangent(quotient(unit, size))
  return enclosed(units >= 0n ? positive : -positive)
}

/** sin x and cos x. Enclosed. @throws RangeError beyond 4096 */
export function encloseSineAndCosine(x: number): { readonly sine: DoubleInterval; readonly cosine: DoubleInterval } {
  const units = unitsOf(x)
  const quarter = pi / 2n
  // Whole quarters to the nearest; what is left is at most an eighth of the circle.
  const turns = (2n * units + (units >= 0n ? quarter : -quarter)) / (2n * quarter)
  const [s, c] = sineAndCosine(units - turns * quarter)
  const [sine, cosine] = [
    [s, c],
    [c, -s],
    [-s, -c],
    [-c, s]
  ][Number(((turns % 4n) + 4n) % 4n)] as [bigint, bigint]
  return { sine: enclosed(sine), cosine: enclosed(cosine) }
}

/** Beyond it the tail of the normal distribution is below phi(12) / 12 < 2^-108. */
const farOut = 12n * unit
const tail = 1n << (places - 108n)

/** The normal density phi and the normal distribution function Phi. Enclosed. @throws RangeError beyond 4096 */
export function encloseNormal(x: number): { readonly density: DoubleInterval; readonly distribution: DoubleInterval } {
  const size = absolute(unitsOf(x))
  const square = product(size, size)
  const density = quotient(exponential(-square / 2n), integerSquareRoot(2n * pi * unit))
  const { upper, error } = size > farOut ? { upper: unit, error: tail } : distribution(size, square, density)
  const { low, high } = enclosed(x >= 0 ? upper : unit - upper, error)
  const { low: least, high: most } = enclosed(density)
  return {
    density: { low: Math.max(0, least), high: most },
    distribution: { low: Math.max(0, low), high: Math.min(1, high) }
  }
}

/** Phi(x) = 1/2 + phi(x) (x + x^3 / 3 + x^5 / (3 5) + ...) for x >= 0: the error of phi is multiplied by the sum. */
function distribution(x: bigint, square: bigint, density: bigint) {
  let [term, sum] = [x, x]
  for (let k = 3n; term > 0n; k += 2n) {
    term = product(term, square) / k
    sum += term
  }
  return { upper: unit / 2n + product(density, sum), error: slack * ((sum >> places) + 1n) }
}
