import type { KinkNetwork } from './kink-network.ts'
import { type FirstOrder, heldPlaces } from './linearise.ts'
import { rowSpace } from './orthogonal.ts'
import { hiddenSlopes, type PathSpans, pathSpans } from './path-spans.ts'
import { feelingSamples } from './symmetries.ts'

/** Rows and what is left of vectors, relative to their lengths, that are taken for rounding. */
export const tolerance = 1e-8

/** What valleys are looked for in: a point on kinks, and which samples and entries its units feel. */
export interface Scene {
  readonly network: KinkNetwork
  readonly theta: Float64Array
  readonly first: FirstOrder
  /** reached[l][u]: the samples that reach unit u of dense layer l. */
  readonly reached: readonly (readonly (readonly number[])[])[]
  /** live[l][e][i]: whether entry e of dense layer l is live on sample i. */
  readonly live: readonly (readonly Uint8Array[])[]
  readonly held: readonly Uint8Array[]
  /** Slopes of the hidden layers, up to a factor. */
  readonly integers: readonly { readonly positive: bigint; readonly negative: bigint }[]
  readonly spans: () => PathSpans
}

export function sceneOf(network: KinkNetwork, theta: Float64Array, first: FirstOrder): Scene {
  const { layers, samples: n } = network
  const held = heldPlaces(network, first.kinks)
  const feels = feelingSamples(network, first.pass, first.kinks)
  const all = Array.from({ length: n }, (_, i) => i)
  const passes = (l: number, place: number) => held[l]![place] === 1 || first.pass.slopes[l]![place] !== 0
  let known: PathSpans | undefined
  return {
    network,
    theta,
    first,
    held,
    reached: layers.map(({ outputs }, l) =>
      Array.from({ length: outputs }, (_, u) =>
        l === layers.length - 1 ? all : all.filter((i) => feels[l]![i] === 1 && passes(l, i * outputs + u))
      )
    ),
    live: layers.map(({ inputs, biasAt }, l) =>
      Array.from({ length: inputs + (biasAt < 0 ? 0 : 1) }, (_, e) =>
        Uint8Array.from(all, (i) => {
          if (e === inputs) return 1
          const place = i * inputs + e
          if (l === 0) return network.inputs[place] === 0 ? 0 : 1
          return feels[l - 1]![i] === 1 && held[l - 1]![place] === 0 && first.pass.slopes[l - 1]![place] !== 0 ? 1 : 0
        })
      )
    ),
    integers: hiddenSlopes(network),
    spans: () => {
      known ??= pathSpans(network, first)
      return known
    }
  }
}

/** The slope of a unit's gate, 0 on a kink. */
export const gateSlope = ({ network, first, held }: Scene, layer: number, unit: number, sample: number): number => {
  const place = sample * network.layers[layer]!.outputs + unit
  return held[layer]![place] === 1 ? 0 : first.pass.slopes[layer]![place]!
}

/** Rank of a few short vectors of slopes. Approximate, as its use is to propose. */
export function rankOf(vectors: readonly (readonly number[])[]): number {
  const length = vectors[0]?.length ?? 0
  return rowSpace(Float64Array.from(vectors.flat()), vectors.length, length, { complete: false }).independent.length
}
