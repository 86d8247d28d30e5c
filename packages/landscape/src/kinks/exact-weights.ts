import {
  add,
  integerMatrix,
  multiply,
  overCommonDenominator,
  type Rational,
  rational,
  reduceVector,
  sign,
  solveLinear,
  toNumber,
  zero
} from '@nadir/arithmetic'
import type { ExactPoint } from '../point.ts'
import type { KinkNetwork } from './kink-network.ts'
import { rowSpace } from './orthogonal.ts'

/** What is left of a row after the rows before it, relative to its length, that is taken for rounding. */
export const dependent = 1e-8

/** Rows of numbers, one for each unit of a dense layer. */
export type Weights = readonly (readonly Rational[])[]

/** The number of the tensor of a dense layer's weights. */
export const weightTensor = ({ layers }: KinkNetwork, layer: number): number =>
  layers.slice(0, layer).reduce((at, { biasAt }) => at + (biasAt < 0 ? 1 : 2), 0)

export const tensorOf = ({ tensors }: ExactPoint, at: number): readonly Rational[] => {
  const { numerators, denominator } = tensors[at]!
  return numerators.map((x) => rational(x, denominator))
}

export function weightsOf(network: KinkNetwork, point: ExactPoint, layer: number): Weights {
  const { inputs, outputs } = network.layers[layer]!
  const all = tensorOf(point, weightTensor(network, layer))
  return Array.from({ length: outputs }, (_, u) => all.slice(u * inputs, (u + 1) * inputs))
}

export const withTensor = (point: ExactPoint, at: number, values: readonly Rational[]): ExactPoint => ({
  kind: 'exact',
  tensors: point.tensors.map((tensor, t) => (t === at ? reduceVector(overCommonDenominator(values)) : tensor))
})

export const inner = (a: readonly Rational[], b: readonly Rational[]): Rational =>
  a.reduce((sum, x, k) => (sign(x) === 0 ? sum : add(sum, multiply(x, b[k]!))), zero)

export interface Equation {
  readonly a: readonly Rational[]
  readonly b: Rational
}

/** The shortest x with a . x = b for those equations whose left sides are clearly independent of the ones before. */
export function shortest(equations: readonly Equation[]): readonly Rational[] {
  const width = equations[0]!.a.length
  const rows = Float64Array.from(equations.flatMap(({ a }) => a.map(toNumber)))
  const { independent } = rowSpace(rows, equations.length, width, { tolerance: dependent, complete: false })
  const used = independent.map((r) => equations[r]!)
  if (used.length === 0) return equations[0]!.a.map(() => zero)
  const gram = overCommonDenominator(used.flatMap(({ a }) => used.map((other) => inner(a, other.a))))
  const right = overCommonDenominator(used.map(({ b }) => multiply(b, rational(gram.denominator))))
  const factors = solveLinear(integerMatrix(used.length, used.length, gram.numerators), right.numerators)
  if (factors.kind === 'inconsistent') throw new Error('shortest: a regular Gram system has a solution')
  return equations[0]!.a.map((_, k) =>
    used.reduce(
      (sum, { a }, r) =>
        add(sum, multiply(rational(factors.numerators[r]!, factors.denominator * right.denominator), a[k]!)),
      zero
    )
  )
}
