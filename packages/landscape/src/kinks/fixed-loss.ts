import type { AnalyticLoss } from '../loss/loss.ts'
import { bits, toDouble, toFixed } from './fixed-number.ts'

/*
 * Losses in fixed-point numbers, to about as many bits as these have; nothing is enclosed.
 */

const one = 1n << bits
const times = (a: bigint, b: bigint): bigint => (a * b) >> bits

/** e^x for x <= 0: Taylor's series at x / 2^halvings, squared again with more bits. Approximate. */
export function fixedExponential(x: bigint): bigint {
  const halvings = BigInt(Math.max(8, (-x >> bits).toString(2).length + 8))
  const more = halvings + 32n
  const whole = one << more
  const y = x << (more - halvings)
  let term = whole
  let power = 0n
  for (let k = 1n; term !== 0n && k < 40n; k++) {
    power += term
    term = (term * y) / (whole * k)
  }
  for (let k = 0n; k < halvings; k++) power = (power * power) >> (bits + more)
  return power >> more
}

/** log x for x >= 1: one step of Halley's method for e^y = x from the logarithm in doubles. Approximate. */
export function fixedLogarithm(x: bigint): bigint {
  const y = toFixed(Math.log(toDouble(x)))
  const scaled = times(x, fixedExponential(-y))
  return y + ((2n * (scaled - one)) << bits) / (scaled + one)
}

/** The loss of one sample and its derivatives by the outputs. */
export interface FixedLoss {
  readonly value: bigint
  readonly slopes: readonly bigint[]
}

const product = (a: readonly bigint[], b: readonly bigint[]): bigint =>
  a.reduce((sum, x, k) => sum + times(x, b[k]!), 0n)
const add = (a: bigint, b: bigint): bigint => a + b

function squared(outputs: readonly bigint[], targets: readonly bigint[]): FixedLoss {
  const slopes = outputs.map((f, o) => f - targets[o]!)
  return { value: product(slopes, slopes) / 2n, slopes }
}

function logistic(outputs: readonly bigint[], targets: readonly bigint[]): FixedLoss {
  const slopes: bigint[] = []
  let value = -product(outputs, targets)
  for (const [o, f] of outputs.entries()) {
    const power = fixedExponential(f < 0n ? f : -f)
    slopes.push(((f < 0n ? power : one) << bits) / (one + power) - targets[o]!)
    value += (f > 0n ? f : 0n) + fixedLogarithm(one + power)
  }
  return { value, slopes }
}

function crossEntropy(outputs: readonly bigint[], targets: readonly bigint[]): FixedLoss {
  const top = outputs.reduce((most, f) => (f > most ? f : most))
  const powers = outputs.map((f) => fixedExponential(f - top))
  const sum = powers.reduce(add)
  return {
    value: top + fixedLogarithm(sum) - product(outputs, targets),
    slopes: powers.map((power, o) => (power << bits) / sum - targets[o]!)
  }
}

export const fixedLosses: Readonly<
  Record<AnalyticLoss, (outputs: readonly bigint[], targets: readonly bigint[]) => FixedLoss>
> = { squared, logistic, 'cross-entropy': crossEntropy }
