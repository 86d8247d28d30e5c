import { toNumber } from '@nadir/arithmetic'
import type { Activation, SmoothName } from './activation.ts'

/** Value and first derivative of an activation in doubles; Approximate. */
export interface ActivationFunction {
  readonly value: (t: number) => number
  readonly derivative: (t: number) => number
}

const sigmoid = (t: number) => (t >= 0 ? 1 / (1 + Math.exp(-t)) : Math.exp(t) / (1 + Math.exp(t)))
const gaussDensity = (t: number) => Math.exp((-t * t) / 2) / Math.sqrt(2 * Math.PI)
const seluScale = 1.0507009873554805
const seluAlpha = 1.6732632423543772

/** Phi(t), the normal distribution function: series for small |t|, continued fraction beyond. Approximate, about 1e-15. */
function gaussDistribution(t: number): number {
  const a = Math.abs(t)
  if (a < 3) {
    let term = a
    let sum = a
    for (let k = 1; Math.abs(term) > 1e-17 * Math.abs(sum) && k < 200; k++) {
      term *= (a * a) / (2 * k + 1)
      sum += term
    }
    const upper = 0.5 + gaussDensity(a) * sum
    return t >= 0 ? upper : 1 - upper
  }
  let fraction = 0
  for (let k = 60; k > 0; k--) fraction = k / (a + fraction)
  const tail = gaussDensity(a) / (a + fraction)
  return t >= 0 ? 1 - tail : tail
}

const smooth: Record<SmoothName, ActivationFunction> = {
  tanh: { value: Math.tanh, derivative: (t) => 1 - Math.tanh(t) ** 2 },
  sigmoid: { value: sigmoid, derivative: (t) => sigmoid(t) * (1 - sigmoid(t)) },
  softplus: { value: (t) => Math.max(t, 0) + Math.log1p(Math.exp(-Math.abs(t))), derivative: sigmoid },
  gelu: { value: (t) => t * gaussDistribution(t), derivative: (t) => gaussDistribution(t) + t * gaussDensity(t) },
  'gelu-tanh': {
    value: (t) => 0.5 * t * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (t + 0.044715 * t ** 3))),
    derivative: (t) => {
      const inner = Math.tanh(Math.sqrt(2 / Math.PI) * (t + 0.044715 * t ** 3))
      return 0.5 * (1 + inner) + 0.5 * t * (1 - inner ** 2) * Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * t * t)
    }
  },
  silu: { value: (t) => t * sigmoid(t), derivative: (t) => sigmoid(t) * (1 + t * (1 - sigmoid(t))) },
  elu: { value: (t) => (t > 0 ? t : Math.expm1(t)), derivative: (t) => (t > 0 ? 1 : Math.exp(t)) },
  selu: {
    value: (t) => seluScale * (t > 0 ? t : seluAlpha * Math.expm1(t)),
    derivative: (t) => seluScale * (t > 0 ? 1 : seluAlpha * Math.exp(t))
  },
  arctan: { value: Math.atan, derivative: (t) => 1 / (1 + t * t) },
  sine: { value: Math.sin, derivative: Math.cos },
  quadratic: { value: (t) => t * t, derivative: (t) => 2 * t }
}

/** The activation in doubles. At t = 0 a two-slope activation takes its negative slope as derivative. */
export function activationFunction(a: Activation): ActivationFunction {
  if (a.kind === 'smooth') return smooth[a.name]
  const positive = toNumber(a.positive)
  const negative = toNumber(a.negative)
  return {
    value: (t) => (t > 0 ? positive * t : negative * t),
    derivative: (t) => (t > 0 ? positive : negative)
  }
}
