import { channelOf, type Kink, type KinkNetwork } from './kink-network.ts'
import type { KinkState } from './linearise.ts'
import { type HiddenUnit, hiddenUnits, incomingOf, outgoingOf } from './units.ts'

/**
 * The states of the whole network with the same function and the same loss in which every unit that weight decay has drawn to 0 does a part of the work of another one: m copies of a unit, all its weights divided by the square root
 * of m, give what it gave and decay as it did. A unit with all weights 0 is on its kink on every sample, its copies are not. One state for each choice of a unit in every such layer, units with fewest
 * kinks first; none when a layer has lost all its units. Approximate.
 */
export function* sharedOut(network: KinkNetwork, state: KinkState): Generator<KinkState> {
  const { collapsed } = state
  const layer = collapsed[0]?.layer
  if (layer === undefined) {
    yield state
    return
  }
  const isGone = (unit: HiddenUnit) => collapsed.some((c) => c.layer === unit.layer && c.unit === unit.unit)
  const kinksOf = ({ unit }: HiddenUnit) =>
    state.kinks.filter((kink) => kink.layer === layer && channelOf(network, kink) === unit)
  const live = hiddenUnits(network).filter((unit) => unit.layer === layer && !isGone(unit))
  live.sort((a, b) => kinksOf(a).length - kinksOf(b).length)
  const copies = collapsed.filter((c) => c.layer === layer)
  const others = collapsed.filter((c) => c.layer !== layer)
  for (const unit of live) {
    const theta = state.theta.slice()
    const kinks: Kink[] = [...state.kinks]
    const share = 1 / Math.sqrt(copies.length + 1)
    for (const side of [incomingOf, outgoingOf]) {
      const at = side(network, unit)
      for (const k of at) theta[k] = theta[k]! * share
      for (const copy of copies) for (const [index, k] of side(network, copy).entries()) theta[k] = theta[at[index]!]!
    }
    const { outputs, channels } = network.layers[layer]!
    const each = outputs / channels
    for (const kink of kinksOf(unit))
      for (const copy of copies) kinks.push({ layer, unit: copy.unit * each + (kink.unit % each), sample: kink.sample })
    yield* sharedOut(network, { theta, kinks, collapsed: others })
  }
}
