import { arctangent, exponential, logarithm, sine, timesNormalDistribution } from './elementary.ts'
import { combination, growing, type Interval, negative, one, reciprocal, shifted, slow, twice } from './enclosure.ts'

/** 1 / (1 + e^-x) */
const sigmoidAt = (x: bigint): Interval => reciprocal(shifted(exponential(-x), one))
/** 1 - 2 / (1 + e^2x) */
const tanhAt = (x: bigint): Interval => shifted(negative(twice(reciprocal(shifted(exponential(2n * x), one)))), one)
/** log(1 + e^x) */
const softplusAt = (x: bigint): Interval => growing(logarithm)(shifted(exponential(x), one))

/** t / (1 + e^-t) */
const siluAt = (x: bigint): Interval => combination([x], [sigmoidAt(x)], one)

const eluAt = (x: bigint): Interval => (x >= 0n ? { low: x, high: x } : shifted(exponential(x), -one))

const decimals = 10n ** 31n
const seluScale = 10507009873554804934193349852946n
const seluAlpha = 16732632423543772848170429916717n

const seluAt = (x: bigint): Interval => {
  const factor = x >= 0n ? seluScale : seluScale * seluAlpha
  return combination([factor], [eluAt(x)], x >= 0n ? decimals : decimals * decimals)
}

/** What every activation takes on an interval: most grow, the others have slopes below 2. */
const functions = {
  sigmoid: growing(sigmoidAt),
  tanh: growing(tanhAt),
  arctan: growing(arctangent),
  softplus: growing(softplusAt),
  elu: growing(eluAt),
  selu: growing(seluAt),
  gelu: slow(timesNormalDistribution),
  silu: slow(siluAt),
  sine: slow(sine)
} as const

export type SmoothName = keyof typeof functions

export const smoothNames = Object.keys(functions) as readonly SmoothName[]

/** The values of an activation on an interval. */
export const applySmooth = (name: SmoothName, argument: Interval): Interval => functions[name](argument)

/** log(1 + e^x) on an interval. */
export const softplus = functions.softplus
