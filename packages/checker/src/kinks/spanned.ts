import { type Budget, hold, spend } from '../budget.ts'
import { greatestBitLength, greatestCommonDivisor, magnitude } from '../integers.ts'
import { reject } from '../outcome.ts'
import { integerSlopes } from '../parameters.ts'
import type { Problem } from '../problem.ts'
import type { Samples } from '../samples.ts'
import type { Unknowns } from './kink-system.ts'
import { hiddenLayers, type Layers } from './layers.ts'
import { feels, isShut, type Kink, type Pass } from './pass.ts'

/** A function on the samples, up to a factor. */
export type SampleFunction = readonly bigint[]

/** The combination of two functions that is 0 where the second is not, over the common divisor of its values. */
const without = (f: SampleFunction, g: SampleFunction, at: number, budget: Budget): SampleFunction => {
  const [x, y] = [f[at], g[at]]
  if (x === 0n) return f
  spend(budget, [2, f.length], greatestBitLength([f, g]), greatestBitLength([[x, y]]))
  const result = f.map((entry, sample) => entry * y - g[sample] * x)
  const divisor = result.reduce((all, entry) => greatestCommonDivisor(all, magnitude(entry)), 0n)
  return divisor > 1n ? result.map((entry) => entry / divisor) : result
}

/** A prime so small that products of two residues are exact as numbers. */
const prime = 67_108_859

/** The rank of rows modulo the prime: never more than their rank over the rationals, since a minor that is not 0 modulo a prime is not 0. */
const rankModulo = (rows: readonly (readonly bigint[])[], length: number): number => {
  const basis: { readonly at: number; readonly row: readonly number[] }[] = []
  for (const entries of rows) {
    if (basis.length === length) break
    let row = entries.map((x) => ((Number(x % BigInt(prime)) % prime) + prime) % prime)
    for (const { at, row: other } of basis) {
      const factor = row[at]
      if (factor !== 0) row = row.map((x, k) => (x + (prime - factor) * other[k]) % prime)
    }
    const at = row.findIndex((x) => x !== 0)
    if (at < 0) continue
    let inverse = 1
    for (
      let power = row[at], left = prime - 2;
      left > 0;
      left = Math.floor(left / 2), power = (power * power) % prime
    ) {
      if (left % 2 === 1) inverse = (inverse * power) % prime
    }
    basis.push({ at, row: row.map((x) => (x * inverse) % prime) })
  }
  return basis.length
}

/**
 * When functions span all functions that are 0 where all of them are, and equal on samples where all of them are: one function for each such class of samples. They do when their rank reaches the number of
 * classes, and it does when it does modulo a prime. Otherwise undefined, as nothing is known.
 */
const wholeSpace = (functions: readonly SampleFunction[], budget: Budget): readonly SampleFunction[] | undefined => {
  if (functions.length === 0) return undefined
  const samples = functions[0].map((_, sample) => sample)
  hold(budget, [functions.length, samples.length], greatestBitLength(functions))
  const classes = new Map<string, number[]>()
  for (const sample of samples) {
    if (functions.every((f) => f[sample] === 0n)) continue
    const key = functions.map((f) => f[sample].toString(36)).join(' ')
    const own = classes.get(key)
    if (own === undefined) classes.set(key, [sample])
    else own.push(sample)
  }
  const members = [...classes.values()]
  const first = members.map(([sample]) => sample)
  spend(budget, [functions.length, members.length, members.length], 26, 26)
  const rows = functions.map((f) => first.map((sample) => f[sample]))
  if (rankModulo(rows, members.length) < members.length) return undefined
  return members.map((own) => {
    const inside = new Set(own)
    return samples.map((sample) => (inside.has(sample) ? 1n : 0n))
  })
}

/** Independent functions that span the same space, each 0 where the ones before it have their first value. */
export const independent = (functions: readonly SampleFunction[], budget: Budget): readonly SampleFunction[] => {
  const whole = wholeSpace(functions, budget)
  if (whole !== undefined) return whole
  const basis: { readonly at: number; readonly f: SampleFunction }[] = []
  for (const function_ of functions) {
    let f = function_
    for (const { at, f: g } of basis) f = without(f, g, at, budget)
    const at = f.findIndex((entry) => entry !== 0n)
    if (at < 0) continue
    hold(budget, [f.length], greatestBitLength([f]))
    basis.push({ at, f })
  }
  return basis.map(({ f }) => f)
}

/** The functions of a space that are 0 on these samples. */
export const vanishing = (
  space: readonly SampleFunction[],
  samples: readonly number[],
  budget: Budget
): readonly SampleFunction[] => {
  let left = space
  for (const sample of samples) {
    const pivot = left.find((f) => f[sample] !== 0n)
    if (pivot !== undefined) left = left.filter((f) => f !== pivot).map((f) => without(f, pivot, sample, budget))
  }
  return left
}

/** What the values of a network can be near a box while all kinks stay kinks, products of weights along paths taken as free. */
export type PathSpans = {
  /** 1 on every sample. */
  readonly constant: SampleFunction
  /** For every affine layer, functions that span what each entry can be that it is applied to. */
  readonly entries: readonly (readonly (readonly SampleFunction[])[])[]
  /** Independent functions that span what an output can be. */
  readonly outputs: readonly SampleFunction[]
}

export const pathSpans = (
  problem: Problem,
  layers: Layers,
  { inputs }: Samples,
  passes: readonly Pass[],
  kinks: readonly Kink[],
  budget: Budget
): PathSpans => {
  const { affine, slopes } = layers
  const constant = inputs.rows.map(() => 1n)
  const integers = hiddenLayers(problem).map(integerSlopes)
  const entries: (readonly (readonly SampleFunction[])[])[] = []
  let last: readonly (readonly SampleFunction[])[] = inputs.rows[0].map((_, entry) => [
    inputs.rows.map((row) => row[entry])
  ])
  for (const [l, { outputs, biasAt }] of affine.entries()) {
    entries.push(last)
    const space = independent([...(biasAt >= 0 ? [constant] : []), ...last.flat()], budget)
    if (l === slopes.length) return { constant, entries, outputs: space }
    const { positive, negative } = integers[l]
    last = Array.from({ length: outputs }, (_, unit) => {
      const slope = passes.map((pass) => {
        const gate = pass.gates[l][unit]
        if (!feels(pass, layers, l) || gate === 'kink' || isShut(gate, slopes[l])) return 0n
        return gate === 'positive' ? positive : negative
      })
      const held = kinks.flatMap((kink) => (kink.layer === l && kink.unit === unit ? [kink.sample] : []))
      return vanishing(space, held, budget).map((f) => f.map((entry, sample) => entry * slope[sample]))
    })
  }
  return { constant, entries, outputs: [] }
}

/** Condition (e) of the rule kinks-span: as many free parameters as kinks and dimensions of the path span, once for each output that the loss tells apart. */
export const requireSpanned = (
  problem: Problem,
  layers: Layers,
  samples: Samples,
  passes: readonly Pass[],
  { free, kinks }: Unknowns,
  budget: Budget
): void => {
  const { outputs } = pathSpans(problem, layers, samples, passes, kinks, budget)
  const apart = problem.network.outputs - (problem.loss.kind === 'cross-entropy' ? 1 : 0)
  const most = kinks.length + apart * outputs.length
  if (free !== most) reject('(e)', `${free} free parameters where the path span asks for ${most}`)
}
