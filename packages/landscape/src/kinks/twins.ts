import type { Pass } from './frozen-function.ts'
import { type Kink, type KinkNetwork, placeOf } from './kink-network.ts'
import { heldPlaces } from './linearise.ts'

const voidName = 0

/** Equal numbers for equal keys, from 1 on. */
const numbering = (): ((key: string) => number) => {
  const known = new Map<string, number>()
  return (key) => {
    const number = known.get(key) ?? known.size + 1
    known.set(key, number)
    return number
  }
}

/**
 * For every hidden layer, place by place, a number for what the argument is as a function of the parameters near a point, by what it reads: equal numbers, equal functions, 0 for the function 0. Values of units that are shut count as 0.
 */
export function argumentNames(network: KinkNetwork, pass: Pass, kinks: readonly Kink[]): readonly Int32Array[] {
  const { layers, samples: n } = network
  const held = heldPlaces(network, kinks)
  const ofInput = numbering()
  let names = Int32Array.from(network.inputs, (x) => (x === 0 ? voidName : ofInput(`${x}`)))
  const all: Int32Array[] = []
  for (const [l, layer] of layers.slice(0, -1).entries()) {
    const { inputs, outputs, channels, biasAt, reads } = layer
    const given = new Int32Array(n * outputs)
    const readOf = numbering()
    const nameOf = numbering()
    const positions = outputs / channels
    const readers: number[][] = Array.from({ length: outputs }, () => [])
    if (reads) for (let k = 0; k < reads.given.length; k++) readers[reads.given[k]!]!.push(k)
    for (let i = 0; i < n; i++) {
      // A dense layer reads the same for all its units.
      const whole = reads ? '' : names.subarray(i * inputs, (i + 1) * inputs).join()
      for (let u = 0; u < outputs; u++) {
        const channel = Math.floor(u / positions)
        const at = layer.weightAt + channel * layer.row
        let read = whole
        if (reads) {
          const terms: string[] = []
          for (const k of readers[u]!) {
            const name = names[i * inputs + reads.entries[k]!]!
            if (name !== voidName) terms.push(`${reads.parameters[k]! - at} ${name}`)
          }
          read = terms.sort().join()
        } else if (/^[0,]*$/.test(whole)) read = ''
        given[i * outputs + u] = read === '' && biasAt < 0 ? voidName : nameOf(`${channel} ${readOf(read)}`)
      }
    }
    all.push(given)
    names = given.map((name, place) => (held[l]![place] === 0 && pass.slopes[l]![place] === 0 ? voidName : name))
  }
  return all
}

/** The kinks with their twins, one of each family; those that are 0 whatever the parameters are no kinks. */
export function withTwins(network: KinkNetwork, pass: Pass, kinks: readonly Kink[]): readonly Kink[] {
  if (kinks.length === 0) return kinks
  const names = argumentNames(network, pass, kinks)
  const families = names.map((row) => {
    const places = new Map<number, number[]>()
    for (const [place, name] of row.entries()) {
      const family = places.get(name)
      if (family) family.push(place)
      else places.set(name, [place])
    }
    return places
  })
  const seen = names.map(() => new Set<number>([voidName]))
  return kinks.flatMap(({ layer, unit, sample }): Kink[] => {
    const own = placeOf(network, { layer, unit, sample })
    const name = names[layer]![own]!
    if (seen[layer]!.has(name)) return []
    seen[layer]!.add(name)
    const twins = families[layer]!.get(name)!.filter((place) => place !== own)
    return [twins.length === 0 ? { layer, unit, sample } : { layer, unit, sample, twins }]
  })
}

/** For every hidden layer, place by place, whether something that can reach the outputs reads its value. */
export function feltPlaces(network: KinkNetwork, pass: Pass, kinks: readonly Kink[]): readonly Uint8Array[] {
  const { layers, samples: n } = network
  const held = heldPlaces(network, kinks)
  const felt = layers.slice(0, -1).map(({ outputs }) => new Uint8Array(n * outputs))
  for (let l = layers.length - 2; l >= 0; l--) {
    const { outputs: width } = layers[l]!
    const { outputs, reads } = layers[l + 1]!
    for (let i = 0; i < n; i++) {
      const passes = (u: number): boolean => {
        const place = i * outputs + u
        return (
          l === layers.length - 2 ||
          (felt[l + 1]![place] === 1 && (held[l + 1]![place] === 1 || pass.slopes[l + 1]![place] !== 0))
        )
      }
      const open = Array.from({ length: outputs }, (_, u) => passes(u))
      if (!reads) felt[l]!.fill(open.includes(true) ? 1 : 0, i * width, (i + 1) * width)
      else
        for (let k = 0; k < reads.given.length; k++)
          if (open[reads.given[k]!]) felt[l]![i * width + reads.entries[k]!] = 1
    }
  }
  return felt
}
