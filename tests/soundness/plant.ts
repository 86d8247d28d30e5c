import type { Value } from '../corpus/digests.ts'
import { commonDenominator, type Fraction } from '../corpus/fraction.ts'
import type { Parameters } from '../corpus/naive.ts'

/** What a planted point is, known by construction and exact arithmetic that shares nothing with the system. */
export type Truth = 'global-minimum' | 'minimum' | 'saddle' | 'not-stationary'

/** A problem in the words of certificates, a point of it, and what that point is. */
export type Plant = {
  readonly family: string
  readonly truth: Truth
  readonly problem: Value
  readonly point: Value
  /** The losses are bounded away from 0, so that no network separates the samples. */
  readonly isBounded?: boolean
}

/** A planted point with its evidence where the construction knows it. */
export type Draw = (below: (count: number) => number) => Plant | undefined

/** Integers below a count, from a seed. */
export const integersFrom = (seed: number): ((count: number) => number) => {
  let state = (Math.imul(seed, 2654435761) + 12345) >>> 0
  return (count) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 4294967296) * count)
  }
}

/** Tensors as a certificate writes them. */
export const pointOf = (parameters: Parameters): Value =>
  parameters.map((tensor) => {
    const denominator = commonDenominator(tensor)
    const numerators = tensor.map(({ n, d }: Fraction) => `${n * (denominator / d)}`)
    return { denominator: `${denominator}`, numerators }
  })
