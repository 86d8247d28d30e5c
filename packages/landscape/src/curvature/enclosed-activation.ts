import {
  addIntervals,
  type DoubleInterval,
  divideIntervals,
  encloseArctangent,
  encloseExponential,
  encloseNormal,
  encloseSigmoid,
  encloseSineAndCosine,
  encloseSoftplus,
  encloseTanh,
  exactInterval,
  multiplyIntervals,
  nearly,
  subtractIntervals,
  toNumber
} from '@nadir/arithmetic'
import type { Activation, SmoothName } from '../network/activation.ts'

/** An activation at an argument: sigma, sigma' and sigma''. Enclosed. */
export interface EnclosedActivation {
  readonly value: DoubleInterval
  readonly slope: DoubleInterval
  readonly bend: DoubleInterval
}

const one = exactInterval(1)
const two = exactInterval(2)
const times = multiplyIntervals
const minus = subtractIntervals
const plus = addIntervals

// Nearest doubles of 1.0507009873554804934193349852946 and 1.6732632423543772848170429916717.
const seluSlope = nearly(1.0507009873554805)
const seluSlopeAlpha = times(seluSlope, nearly(1.6732632423543772))

const throughZero = (slope: DoubleInterval, x: number): EnclosedActivation => ({
  value: times(slope, exactInterval(x)),
  slope,
  bend: exactInterval(0)
})

/** A factor times (e^x - 1) where x is negative, a slope times x where it is positive. */
function exponentialUnit(x: number, slope: DoubleInterval, factor: DoubleInterval): EnclosedActivation {
  if (x > 0) return throughZero(slope, x)
  const rise = times(factor, encloseExponential(x))
  return { value: minus(rise, factor), slope: rise, bend: rise }
}

/** Every smooth activation at a double. */
const atDouble: Partial<Record<SmoothName, (x: number) => EnclosedActivation>> = {
  sigmoid: (x) => {
    const value = encloseSigmoid(x)
    const slope = times(value, encloseSigmoid(-x))
    return { value, slope, bend: times(slope, minus(one, times(two, value))) }
  },
  tanh: (x) => {
    const value = encloseTanh(x)
    const slope = times(minus(one, value), plus(one, value))
    return { value, slope, bend: times(exactInterval(-2), times(value, slope)) }
  },
  softplus: (x) => {
    const slope = encloseSigmoid(x)
    return { value: encloseSoftplus(x), slope, bend: times(slope, encloseSigmoid(-x)) }
  },
  arctan: (x) => {
    const slope = divideIntervals(one, plus(one, times(exactInterval(x), exactInterval(x))))
    return { value: encloseArctangent(x), slope, bend: times(exactInterval(-2 * x), times(slope, slope)) }
  },
  silu: (x) => {
    const s = encloseSigmoid(x)
    const ds = times(s, encloseSigmoid(-x))
    const at = exactInterval(x)
    const dds = times(ds, minus(one, times(two, s)))
    return { value: times(at, s), slope: plus(s, times(at, ds)), bend: plus(times(two, ds), times(at, dds)) }
  },
  gelu: (x) => {
    const { density, distribution } = encloseNormal(x)
    const at = exactInterval(x)
    return {
      value: times(at, distribution),
      slope: plus(distribution, times(at, density)),
      bend: times(density, minus(two, times(at, at)))
    }
  },
  sine: (x) => {
    const { sine, cosine } = encloseSineAndCosine(x)
    return { value: sine, slope: cosine, bend: times(exactInterval(-1), sine) }
  },
  elu: (x) => exponentialUnit(x, one, one),
  selu: (x) => exponentialUnit(x, seluSlope, seluSlopeAlpha)
}

/**
 * sigma, sigma' and sigma'' on an interval of arguments; undefined where an activation has a kink, or no second derivative, in it, and for gelu-tanh. Enclosed: from the middle
 * outwards, since |sigma'|, |sigma''| and |sigma'''| are at most 2 for all activations that are evaluated there (the third derivatives of tanh and arctan reach 2 at 0).
 * @throws RangeError for arguments beyond 4096
 */
export function encloseActivation(activation: Activation, z: DoubleInterval): EnclosedActivation | undefined {
  if (activation.kind === 'two-slope') {
    const side = z.low > 0 ? activation.positive : z.high < 0 ? activation.negative : undefined
    if (!side) return undefined
    const slope = nearly(toNumber(side))
    return { value: times(slope, z), slope, bend: exactInterval(0) }
  }
  const { name } = activation
  if (name === 'quadratic') return { value: times(z, z), slope: times(two, z), bend: two }
  const at = atDouble[name]
  if (!at || ((name === 'elu' || name === 'selu') && z.low <= 0 && z.high >= 0)) return undefined
  const middle = z.low / 2 + z.high / 2
  const reach = Math.max(z.high - middle, middle - z.low)
  const spread = times({ low: -2, high: 2 }, nearly(reach))
  const { value, slope, bend } = at(middle)
  return { value: plus(value, spread), slope: plus(slope, spread), bend: plus(bend, spread) }
}
