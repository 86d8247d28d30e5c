import type { Activation, SmoothName } from '../network/activation.ts'

const sigmoid = (t: number) => (t >= 0 ? 1 / (1 + Math.exp(-t)) : Math.exp(t) / (1 + Math.exp(t)))
const seluSlope = 1.0507009873554805 * 1.6732632423543772

const second: Record<SmoothName, (t: number) => number> = {
  tanh: (t) => {
    const a = Math.tanh(t)
    return -2 * a * (1 - a * a)
  },
  sigmoid: (t) => {
    const s = sigmoid(t)
    return s * (1 - s) * (1 - 2 * s)
  },
  softplus: (t) => {
    const s = sigmoid(t)
    return s * (1 - s)
  },
  gelu: (t) => ((2 - t * t) * Math.exp((-t * t) / 2)) / Math.sqrt(2 * Math.PI),
  'gelu-tanh': (t) => {
    const scale = Math.sqrt(2 / Math.PI)
    const h = Math.tanh(scale * (t + 0.044715 * t ** 3))
    const u1 = scale * (1 + 3 * 0.044715 * t * t)
    const u2 = scale * 6 * 0.044715 * t
    return (1 - h * h) * (u1 + 0.5 * t * (u2 - 2 * h * u1 * u1))
  },
  silu: (t) => {
    const s = sigmoid(t)
    return s * (1 - s) * (2 + t * (1 - 2 * s))
  },
  elu: (t) => (t > 0 ? 0 : Math.exp(t)),
  selu: (t) => (t > 0 ? 0 : seluSlope * Math.exp(t)),
  arctan: (t) => (-2 * t) / (1 + t * t) ** 2,
  sine: (t) => -Math.sin(t),
  quadratic: () => 2
}

/** sigma'' in doubles; undefined where it vanishes off the kink (two slopes). ELU and SELU take the left value at 0... 0 side t <= 0. Approximate. */
export const secondDerivative = (a: Activation): ((t: number) => number) | undefined =>
  a.kind === 'smooth' ? second[a.name] : undefined

/** Where an activation has no second derivative: at 0, or nowhere. */
export const hasKinkAtZero = (a: Activation): boolean =>
  a.kind === 'smooth'
    ? a.name === 'elu' || a.name === 'selu'
    : a.positive.numerator * a.negative.denominator !== a.negative.numerator * a.positive.denominator
