import { centredResidue, inverseModulo, pivotsModulo, primeBelow } from '@nadir/arithmetic'
import { integerSlopes } from '../network/evaluate-exact.ts'
import { type KinkNetwork, placeOf } from './kink-network.ts'
import { type FirstOrder, heldPlaces } from './linearise.ts'
import { feelingSamples } from './symmetries.ts'

/** A function on the samples, up to a factor, in centred residues. */
export type SampleFunction = Float64Array

/** Functions that span what values can be near a point while all kinks stay kinks, products of weights along paths taken as free. */
export interface PathSpans {
  /** 1 on every sample. */
  readonly constant: SampleFunction
  /** For every dense layer, entry by entry of what it is applied to. */
  readonly entries: readonly (readonly (readonly SampleFunction[])[])[]
  /** Independent ones, for an output. */
  readonly outputs: readonly SampleFunction[]
}

/** Dimensions modulo a prime are never greater than dimensions, and smaller for few primes only: what is proposed by them the checker decides exactly. */
const prime = primeBelow(2 ** 22)
const reciprocal = 1 / prime

/** The path spans at a state modulo a prime, for the gates that doubles see. */
export function pathSpans(network: KinkNetwork, first: FirstOrder): PathSpans {
  const { layers, samples: n, problem } = network
  const { inputs } = problem.data
  const width = layers[0]!.inputs
  const feels = feelingSamples(network, first.pass, first.kinks)
  const held = heldPlaces(network, first.kinks)
  const activations = hiddenSlopes(network)
  const constant = new Float64Array(n).fill(1)
  const entries: SampleFunction[][][] = []
  let last: SampleFunction[][] = Array.from({ length: width }, (_, k) => [
    Float64Array.from({ length: n }, (__, i) => residue(inputs.numerators[i * width + k]!))
  ])
  for (const [l, { outputs, biasAt }] of layers.entries()) {
    entries.push(last)
    const space = independentFunctions([...(biasAt >= 0 ? [constant] : []), ...last.flat()])
    if (l === layers.length - 1) return { constant, entries, outputs: space }
    const { positive, negative } = activations[l]!
    const [above, below] = [residue(positive), residue(negative)]
    last = Array.from({ length: outputs }, (_, unit) => {
      const slope = Float64Array.from({ length: n }, (__, sample) => {
        const place = placeOf(network, { layer: l, unit, sample })
        if (feels[l]![sample] === 0 || held[l]![place] === 1) return 0
        return first.pass.slopes[l]![place]! === layers[l]!.positive ? above : below
      })
      const kinksOf = first.kinks.flatMap((kink) => (kink.layer === l && kink.unit === unit ? [kink.sample] : []))
      return vanishing(space, kinksOf).map((f) => timesFunction(f, slope))
    })
  }
  return { constant, entries, outputs: [] }
}

export const residue = (x: bigint): number => centredResidue(Number(x % BigInt(prime)), prime, reciprocal)

export const timesFunction = (f: SampleFunction, g: SampleFunction): SampleFunction =>
  f.map((x, i) => centredResidue(x * g[i]!, prime, reciprocal))

/** Those of the functions that span the same space and are independent, modulo the prime. */
export function independentFunctions(functions: readonly SampleFunction[]): readonly SampleFunction[] {
  const length = functions[0]?.length ?? 0
  const all = new Float64Array(functions.length * length)
  for (const [row, f] of functions.entries()) all.set(f, row * length)
  return pivotsModulo(all, functions.length, length, prime).pivotRows.map((row) => functions[row]!)
}

/** The functions of a space that are 0 on these samples, modulo the prime. */
export function vanishing(functions: readonly SampleFunction[], samples: readonly number[]): readonly SampleFunction[] {
  let left = functions
  for (const sample of samples) {
    const pivot = left.find((f) => f[sample] !== 0)
    if (!pivot) continue
    const inverse = inverseModulo(pivot[sample]!, prime)
    left = left.flatMap((f) => {
      if (f === pivot) return []
      const factor = centredResidue(f[sample]! * inverse, prime, reciprocal)
      return factor === 0 ? [f] : [f.map((x, i) => centredResidue(x - factor * pivot[i]!, prime, reciprocal))]
    })
  }
  return left
}

/** The slopes of the hidden layers, up to a factor each. */
export const hiddenSlopes = ({ problem }: KinkNetwork) =>
  problem.network.layers.flatMap((layer) => (layer.kind === 'activation' ? [integerSlopes(layer.activation)!] : []))
