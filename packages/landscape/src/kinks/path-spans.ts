import { integerMatrix, pivotsModulo, primeBelow, residuesModulo } from '@nadir/arithmetic'
import { integerSlopes } from '../network/evaluate-exact.ts'
import { type EchelonBasis, emptyBasis, extend } from '../optimality/echelon-basis.ts'
import { type KinkNetwork, placeOf } from './kink-network.ts'
import { type FirstOrder, heldPlaces } from './linearise.ts'
import { feelingSamples } from './symmetries.ts'

/** A function on the samples, up to a factor. */
export type SampleFunction = readonly bigint[]

/** Functions that span what values can be near a point while all kinks stay kinks, products of weights along paths taken as free. */
export interface PathSpans {
  /** 1 on every sample. */
  readonly constant: SampleFunction
  /** For every dense layer, entry by entry of what it is applied to. */
  readonly entries: readonly (readonly (readonly SampleFunction[])[])[]
  /** Independent ones, for an output. */
  readonly outputs: readonly SampleFunction[]
}

/** The path spans at a state; exact for the gates that doubles see. */
export function pathSpans(network: KinkNetwork, first: FirstOrder): PathSpans {
  const { layers, samples: n, problem } = network
  const { inputs } = problem.data
  const width = layers[0]!.inputs
  const feels = feelingSamples(network, first.pass, first.kinks)
  const held = heldPlaces(network, first.kinks)
  const activations = hiddenSlopes(network)
  const constant = new Array<bigint>(n).fill(1n)
  const entries: SampleFunction[][][] = []
  let last: SampleFunction[][] = Array.from({ length: width }, (_, k) => [
    Array.from({ length: n }, (_, i) => inputs.numerators[i * width + k]!)
  ])
  for (const [l, { outputs, biasAt }] of layers.entries()) {
    entries.push(last)
    const space = independentFunctions([...(biasAt >= 0 ? [constant] : []), ...last.flat()])
    if (l === layers.length - 1) return { constant, entries, outputs: space }
    const slopes = activations[l]!
    last = Array.from({ length: outputs }, (_, unit) => {
      const slope = Array.from({ length: n }, (_, sample) => {
        const place = placeOf(network, { layer: l, unit, sample })
        if (feels[l]![sample] === 0 || held[l]![place] === 1) return 0n
        return first.pass.slopes[l]![place]! === layers[l]!.positive ? slopes.positive : slopes.negative
      })
      const kinksOf = first.kinks.flatMap((kink) => (kink.layer === l && kink.unit === unit ? [kink.sample] : []))
      return vanishing(space, kinksOf).map((f) => f.map((x, i) => x * slope[i]!))
    })
  }
  return { constant, entries, outputs: [] }
}

/** Independent functions that span the same space. Exact. */
export function independentFunctions(functions: readonly SampleFunction[]): readonly SampleFunction[] {
  const whole = wholeSpace(functions)
  if (whole) return whole
  const basis: EchelonBasis = emptyBasis()
  for (const f of functions) extend(basis, f)
  return basis.vectors.map(({ entries }) => entries)
}

/**
 * One function for each class of samples on which the functions agree, when they span all functions that agree there: when their rank modulo a prime, which is at most their rank, reaches the number of classes. Exact.
 */
function wholeSpace(functions: readonly SampleFunction[]): readonly SampleFunction[] | undefined {
  const samples = functions[0]?.map((_, i) => i) ?? []
  const classes = new Map<string, number[]>()
  for (const i of samples) {
    if (functions.every((f) => f[i] === 0n)) continue
    const key = functions.map((f) => f[i]!.toString(36)).join(' ')
    const own = classes.get(key)
    if (own) own.push(i)
    else classes.set(key, [i])
  }
  const members = [...classes.values()]
  if (members.length === 0 || members.length > functions.length) return undefined
  const prime = primeBelow(2 ** 22)
  const entries = functions.flatMap((f) => members.map(([i]) => f[i!]!))
  const residues = residuesModulo(integerMatrix(functions.length, members.length, entries), prime)
  if (pivotsModulo(residues, functions.length, members.length, prime).pivotRows.length < members.length)
    return undefined
  return members.map((own) => {
    const inside = new Set(own)
    return samples.map((i) => (inside.has(i) ? 1n : 0n))
  })
}

/** The functions of a space that are 0 on these samples. Exact. */
export function vanishing(functions: readonly SampleFunction[], samples: readonly number[]): readonly SampleFunction[] {
  let left = functions
  for (const sample of samples) {
    const pivot = left.find((f) => f[sample] !== 0n)
    if (pivot)
      left = left.flatMap((f) => (f === pivot ? [] : [f.map((x, i) => x * pivot[sample]! - pivot[i]! * f[sample]!)]))
  }
  return left
}

/** The slopes of the hidden layers, up to a factor each. */
export const hiddenSlopes = ({ problem }: KinkNetwork) =>
  problem.network.layers.flatMap((layer) => (layer.kind === 'activation' ? [integerSlopes(layer.activation)!] : []))
