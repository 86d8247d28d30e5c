import { exponential, sine, timesNormalDistribution } from '../elementary.ts'
import {
  combination,
  enclose,
  growing,
  type Interval,
  minus,
  negative,
  one,
  plus,
  precision,
  reciprocal,
  shifted,
  slow,
  squareOf,
  twice
} from '../enclosure.ts'
import { reject } from '../outcome.ts'
import type { Layer } from '../problem.ts'
import { applySmooth, type SmoothName } from '../smooth-values.ts'
import { containsZero, nothing, times, unit } from './intervals.ts'

/** What a function is on an interval, and its first two derivatives. */
export type Slopes = { readonly value: Interval; readonly first: Interval; readonly second: Interval }

const halved = ({ low, high }: Interval): Interval => ({ low: low >> 1n, high: -(-high >> 1n) })
/** 1 - x */
const rest = (x: Interval): Interval => minus(unit, x)

/** Phi(x) = (x Phi(x)) / x; near zero by |Phi(x) - 1/2| <= |x|. */
const normalDistributionAt = (x: bigint): Interval => {
  const size = x < 0n ? -x : x
  if (size <= one >> 40n) return { low: (one >> 1n) - size, high: (one >> 1n) + size }
  const product = timesNormalDistribution(x)
  const ends = x > 0n ? product : negative(product)
  return combination([one], [ends], size)
}

/** 1 / sqrt(2 pi), to 36 digits. */
const normalHeight: Interval = {
  low: enclose(398942280401432677939946059934381868n, 10n ** 36n).low,
  high: enclose(398942280401432677939946059934381869n, 10n ** 36n).high
}

/** e^(-x^2/2) / sqrt(2 pi) */
const normalDensity = (x: Interval): Interval =>
  times(growing(exponential)(negative(halved(squareOf(x)))), normalHeight)

/** cos x = 1 - 2 sin(x/2)^2 */
const cosine = (x: Interval): Interval => rest(twice(squareOf(slow(sine)(halved(x)))))

const decimals = 10n ** 31n
const seluScale = enclose(10507009873554804934193349852946n, decimals)
const seluAlpha = enclose(16732632423543772848170429916717n, decimals)

const requireAway = (z: Interval): void => {
  if (containsZero(z))
    reject('twice-differentiable', 'an argument may be zero in the box, where the activation has a kink')
}

const slopesOfSmooth = (name: SmoothName, z: Interval): Slopes => {
  const value = applySmooth(name, z)
  if (name === 'tanh') {
    const first = rest(squareOf(value))
    return { value, first, second: negative(twice(times(value, first))) }
  }
  if (name === 'arctan') {
    const first = reciprocal(shifted(squareOf(z), one))
    return { value, first, second: negative(twice(times(z, squareOf(first)))) }
  }
  if (name === 'sine') return { value, first: cosine(z), second: negative(value) }
  if (name === 'elu' || name === 'selu') {
    requireAway(z)
    const scale = name === 'selu' ? seluScale : unit
    if (z.low > 0n) return { value, first: scale, second: nothing }
    const power = growing(exponential)(z)
    const slope = name === 'selu' ? times(times(scale, seluAlpha), power) : power
    return { value, first: slope, second: slope }
  }
  if (name === 'gelu') {
    const density = normalDensity(z)
    return {
      value,
      first: plus(growing(normalDistributionAt)(z), times(z, density)),
      second: times(minus({ low: 2n * one, high: 2n * one }, squareOf(z)), density)
    }
  }
  const s = applySmooth('sigmoid', z)
  const slope = times(s, rest(s))
  const bend = times(slope, rest(twice(s)))
  if (name === 'sigmoid') return { value, first: slope, second: bend }
  if (name === 'softplus') return { value, first: s, second: slope }
  // silu: z s(z)
  return { value, first: plus(s, times(z, slope)), second: plus(twice(slope), times(z, bend)) }
}

/** An activation on an interval that it has two derivatives on; rejects where it may have a kink. */
export const slopesOf = (
  layer: Extract<Layer, { kind: 'two-slope' | 'quadratic' | 'smooth' }>,
  z: Interval
): Slopes => {
  if (layer.kind === 'smooth') return slopesOfSmooth(layer.name, z)
  if (layer.kind === 'quadratic') return { value: squareOf(z), first: twice(z), second: twice(unit) }
  requireAway(z)
  const { numerator, denominator } = z.low > 0n ? layer.positive : layer.negative
  return {
    value: combination([numerator], [z], denominator),
    first: enclose(numerator, denominator),
    second: nothing
  }
}

/** Bits that an end of such an interval may have. */
export const wordBits = Number(precision) * 4
