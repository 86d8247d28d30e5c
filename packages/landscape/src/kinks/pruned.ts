import type { Layer } from '../network/network.ts'
import type { Problem } from '../problem.ts'
import type { Kink, KinkNetwork } from './kink-network.ts'
import type { KinkState } from './linearise.ts'
import type { HiddenUnit } from './units.ts'

/** The same problem for the network without some hidden units, and its state; undefined when a layer would lose all its units. */
export interface PrunedState {
  readonly problem: Problem
  readonly theta: Float64Array
  readonly kinks: readonly Kink[]
  /** For each hidden layer the units that are left. */
  readonly kept: readonly (readonly number[])[]
}

export function prune(network: KinkNetwork, { theta, kinks, collapsed }: KinkState): PrunedState | undefined {
  const { problem, layers } = network
  const isGone = (layer: number, unit: number) =>
    collapsed.some((c: HiddenUnit) => c.layer === layer && c.unit === unit)
  const kept = layers.map(({ outputs }, layer) =>
    Array.from({ length: outputs }, (_, unit) => unit).filter((unit) => !isGone(layer, unit))
  )
  if (kept.some((units) => units.length === 0)) return undefined
  const values: number[] = []
  for (const [l, { inputs, weightAt, biasAt }] of layers.entries()) {
    const sources = l === 0 ? Array.from({ length: inputs }, (_, k) => k) : kept[l - 1]!
    for (const unit of kept[l]!) for (const k of sources) values.push(theta[weightAt + unit * inputs + k]!)
    if (biasAt >= 0) for (const unit of kept[l]!) values.push(theta[biasAt + unit]!)
  }
  let dense = 0
  const pruned = problem.network.layers.map(
    (layer): Layer => (layer.kind === 'dense' ? { ...layer, outputs: kept[dense++]!.length } : layer)
  )
  return {
    problem: collapsed.length === 0 ? problem : { ...problem, network: { ...problem.network, layers: pruned } },
    theta: Float64Array.from(values),
    kinks: kinks
      .filter(({ layer, unit }) => !isGone(layer, unit))
      .map(({ layer, unit, sample }) => ({ layer, unit: kept[layer]!.indexOf(unit), sample })),
    kept: kept.slice(0, -1)
  }
}
