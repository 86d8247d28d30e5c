import type { Activation, SmoothName } from '../network/activation.ts'
import { activationFunction } from '../network/activation-values.ts'
import { secondDerivative } from './activation-curvature.ts'
import { reflectionOf } from './null-candidates.ts'
import { homogeneousDegree } from './point-view.ts'

/** Where a function vanishes. Points are nearest doubles; `digits` are decimals of the first of them where more are known. */
export type ZeroSet =
  | { readonly kind: 'nowhere' | 'everywhere' | 'off-zero' | 'negative' | 'positive' }
  | { readonly kind: 'points'; readonly points: readonly number[]; readonly digits?: string }
  /** start + k * step for all integers k. */
  | { readonly kind: 'progression'; readonly start: number; readonly step: number }

/** What a zero set or a symmetry of an activation leads to, in networks with one hidden layer or, for the last activation, in deep ones. */
export type Prediction =
  | 'dead-units'
  | 'positive-scaling'
  | 'affine-segment-minima'
  | 'saddle-at-zero-weights'
  | 'stationary-at-extrema'
  | 'constant-output-minima'
  | 'mirrored-units'
  | 'linear-mixing'

export interface ActivationRow {
  readonly activation: Activation | undefined
  readonly value: ZeroSet
  readonly derivative: ZeroSet
  readonly secondDerivative: ZeroSet
  readonly predictions: readonly Prediction[]
}

const points = (values: readonly number[], digits?: string): ZeroSet =>
  digits === undefined ? { kind: 'points', points: values } : { kind: 'points', points: values, digits }
const origin = points([0], '0')
const nowhere: ZeroSet = { kind: 'nowhere' }

type Zeros = readonly [value: ZeroSet, derivative: ZeroSet, second: ZeroSet]

const smoothZeros: Record<SmoothName, () => Zeros> = {
  tanh: () => [origin, nowhere, origin],
  sigmoid: () => [nowhere, nowhere, origin],
  softplus: () => [nowhere, nowhere, nowhere],
  arctan: () => [origin, nowhere, origin],
  quadratic: () => [origin, origin, nowhere],
  elu: () => [origin, nowhere, { kind: 'positive' }],
  selu: () => [origin, nowhere, { kind: 'positive' }],
  sine: () => [
    { kind: 'progression', start: 0, step: Math.PI },
    { kind: 'progression', start: Math.PI / 2, step: Math.PI },
    { kind: 'progression', start: 0, step: Math.PI }
  ],
  silu: () => [
    origin,
    isolated('silu', 'derivative', -1.5, -1, '-1.27846454276107379510935873902'),
    symmetric('silu', 2, 3, '2.39935728051546766783273969728')
  ],
  gelu: () => [
    origin,
    isolated('gelu', 'derivative', -1, -0.5, '-0.75179152469356445745790494678'),
    symmetric('gelu', 1, 2, '1.41421356237309504880168872421')
  ],
  'gelu-tanh': () => [origin, isolated('gelu-tanh', 'derivative', -1, -0.5), symmetric('gelu-tanh', 1, 2)]
}

/**
 * The zeros of an activation, of its derivative and of its second derivative, and what follows. Isolated zeros are found by bisection.
 * Approximate where they are irrational.
 */
export function activationRow(activation: Activation | undefined): ActivationRow {
  const [value, derivative, second] = zeros(activation)
  const predictions: Prediction[] = []
  const add = (holds: boolean, prediction: Prediction) => {
    if (holds) predictions.push(prediction)
  }
  add(derivative.kind === 'negative' || derivative.kind === 'positive', 'dead-units')
  add(homogeneousDegree(activation) !== undefined, 'positive-scaling')
  add(['positive', 'negative', 'off-zero'].includes(second.kind), 'affine-segment-minima')
  add(contains(value, 0) && !contains(derivative, 0) && second.kind !== 'everywhere', 'saddle-at-zero-weights')
  add(derivative.kind === 'points' || derivative.kind === 'progression', 'stationary-at-extrema')
  add(second.kind !== 'everywhere' && second.kind !== 'off-zero', 'constant-output-minima')
  add(reflectionOf(activation) !== undefined, 'mirrored-units')
  add(second.kind === 'everywhere', 'linear-mixing')
  return { activation, value, derivative, secondDerivative: second, predictions }
}

function zeros(activation: Activation | undefined): Zeros {
  if (activation?.kind === 'smooth') return smoothZeros[activation.name]()
  if (activation === undefined) return [origin, nowhere, { kind: 'everywhere' }]
  const { positive, negative } = activation
  const flatLeft = negative.numerator === 0n
  const flatRight = positive.numerator === 0n
  if (flatLeft && flatRight) return [{ kind: 'everywhere' }, { kind: 'everywhere' }, { kind: 'everywhere' }]
  const flat: ZeroSet | undefined = flatLeft ? { kind: 'negative' } : flatRight ? { kind: 'positive' } : undefined
  const linear = positive.numerator * negative.denominator === negative.numerator * positive.denominator
  return [flat ?? origin, flat ?? nowhere, { kind: linear ? 'everywhere' : 'off-zero' }]
}

/** Whether a number lies in the set, to the precision of doubles; on an open half-line 0 counts as inside. */
export function contains(set: ZeroSet, t: number): boolean {
  switch (set.kind) {
    case 'nowhere':
      return false
    case 'everywhere':
      return true
    case 'off-zero':
      return t !== 0
    case 'negative':
      return t <= 0
    case 'positive':
      return t >= 0
    case 'points':
      return set.points.some((p) => Math.abs(p - t) <= 1e-12 * Math.max(1, Math.abs(p)))
    case 'progression': {
      const k = Math.round((t - set.start) / set.step)
      return Math.abs(set.start + k * set.step - t) <= 1e-12 * Math.max(1, Math.abs(t))
    }
  }
}

function functionsOf(name: SmoothName) {
  const activation: Activation = { kind: 'smooth', name }
  return { derivative: activationFunction(activation).derivative, second: secondDerivative(activation)! }
}

function isolated(
  name: SmoothName,
  which: 'derivative' | 'second',
  low: number,
  high: number,
  digits?: string
): ZeroSet {
  return points([bisect(functionsOf(name)[which], low, high)], digits)
}

function symmetric(name: SmoothName, low: number, high: number, digits?: string): ZeroSet {
  const z = bisect(functionsOf(name).second, low, high)
  return points([z, -z], digits)
}

/** The place of a change of sign between low and high, to one double. Approximate. */
function bisect(f: (t: number) => number, low: number, high: number): number {
  const rising = f(low) < 0
  let [a, b] = [low, high]
  for (;;) {
    const middle = (a + b) / 2
    if (middle <= a || middle >= b) return a
    if (f(middle) < 0 === rising) a = middle
    else b = middle
  }
}
