import { add, entry, fromNumber, multiply, type Rational, rational, sign, zero } from '@nadir/arithmetic'
import type { ExactEvaluation } from '../cells/exact-evaluation.ts'
import { parametersByLayer } from '../network/evaluate-exact.ts'
import type { Kink } from './kink-network.ts'

/** The coefficients of t and of t^2. */
export interface Coefficients {
  readonly first: Rational
  readonly second: Rational
}

type Polynomial = readonly [Rational, Rational, Rational]

const times = (a: Polynomial, b: Polynomial): Polynomial => [
  multiply(a[0], b[0]),
  add(multiply(a[0], b[1]), multiply(a[1], b[0])),
  add(add(multiply(a[0], b[2]), multiply(a[1], b[1])), multiply(a[2], b[0]))
]
const plus = (a: Polynomial, b: Polynomial): Polynomial => [add(a[0], b[0]), add(a[1], b[1]), add(a[2], b[2])]

/**
 * How the arguments of kinks change along theta + t direction, to second order, units on kinks taken with their negative slope, all others with the slope of their side. Networks of dense and two-slope layers in
 * turn; directions parameter by parameter, 0 where they end. Exact.
 */
export function kinkArgumentsAlong(
  { problem, point, values }: ExactEvaluation,
  kinks: readonly Kink[],
  direction: readonly Rational[]
): readonly Coefficients[] {
  const parameters = parametersByLayer(problem.network, point)
  const bySample = new Map<number, readonly (readonly Polynomial[])[]>()
  const argumentsOf = (sample: number): readonly (readonly Polynomial[])[] => {
    const all: (readonly Polynomial[])[] = []
    const { rows, denominator } = values[0]!
    let current: readonly Polynomial[] = rows[sample]!.map((x) => [rational(x, denominator), zero, zero])
    let at = 0
    for (const [l, layer] of problem.network.layers.entries()) {
      if (layer.kind === 'dense') {
        const [weight, bias] = parameters[l]!
        const start = at
        const width = current.length
        const moving = (value: Rational, k: number): Polynomial => [value, direction[k] ?? zero, zero]
        const before = current
        current = Array.from({ length: layer.outputs }, (_, u) => {
          let sum: Polynomial = bias ? moving(entry(bias, u), start + layer.outputs * width + u) : [zero, zero, zero]
          for (let k = 0; k < width; k++)
            sum = plus(sum, times(moving(entry(weight!, u * width + k), start + u * width + k), before[k]!))
          return sum
        })
        at += layer.outputs * (width + (bias ? 1 : 0))
      } else if (layer.kind === 'activation' && layer.activation.kind === 'two-slope') {
        const { positive, negative } = layer.activation
        all.push(current)
        current = current.map((t) => times([sign(t[0]) > 0 ? positive : negative, zero, zero], t))
      } else throw new RangeError(`kinkArgumentsAlong: layer ${l} (${layer.kind}) is not dense or two-slope`)
    }
    return all
  }
  return kinks.map(({ layer, unit, sample }) => {
    const known = bySample.get(sample) ?? argumentsOf(sample)
    bySample.set(sample, known)
    const [, first, second] = known[layer]![unit]!
    return { first, second }
  })
}

/** A direction in doubles as integers, its greatest entry about 2^20. */
export function shortIntegers(direction: Float64Array): readonly Rational[] {
  const largest = direction.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
  return Array.from(direction, (x) => fromNumber(largest > 0 ? Math.round((x / largest) * 2 ** 20) : 0))
}
