import { rowSpace } from './orthogonal.ts'
import { independentFunctions, residue, type SampleFunction, timesFunction, vanishing } from './path-spans.ts'
import { independentColumns } from './spanned-parameters.ts'
import { gateSlope, rankOf, type Scene, tolerance } from './valley-scene.ts'

/** A parameter of a dense layer: its unit and the entry that it is applied to, the bias being the one after the last. */
export interface Place {
  readonly unit: number
  readonly entry: number
  readonly parameter: number
}

/** What a valley is chosen by: its places, and the samples left out of the comparison of gates. */
export interface Proposal {
  readonly kind: 'own' | 'through'
  readonly layer: number
  readonly places: readonly Place[]
  readonly exceptions: readonly number[]
  /** Whether bounds by path spans are worth their time. */
  readonly usesPaths: boolean
}

interface Group {
  readonly group: number
  readonly samples: readonly number[]
  readonly bound: () => number
  readonly coefficient: (place: Place, sample: number) => number
}

const onSamples = (f: SampleFunction, samples: readonly number[]): SampleFunction =>
  Float64Array.from(samples, (i) => f[i]!)

function groupsOf(scene: Scene, { kind, layer, places, exceptions, usesPaths }: Proposal): Group[] {
  const { network, theta, first, reached, live } = scene
  const { inputs, outputs } = network.layers[layer]!
  const entryAt = (entry: number, sample: number) =>
    entry === inputs ? 1 : live[layer]![entry]![sample] === 0 ? 0 : first.pass.values[layer]![sample * inputs + entry]!
  const units = [...new Set(places.map(({ unit }) => unit))]
  const ownCoefficient = (unit: number) => (place: Place, sample: number) =>
    place.unit === unit ? entryAt(place.entry, sample) : 0
  /** What the places of a unit can change in its argument. */
  const changesOf = (unit: number): SampleFunction[] =>
    places.flatMap((place): readonly SampleFunction[] => {
      if (place.unit !== unit) return []
      return place.entry === inputs ? [scene.spans().constant] : scene.spans().entries[layer]![place.entry]!
    })
  const dimensionOn = (unit: number, samples: readonly number[]): number =>
    samples.length === 0 ? 0 : independentFunctions(changesOf(unit).map((f) => onSamples(f, samples))).length
  const placesAt = (unit: number) => places.filter((place) => place.unit === unit).length
  if (kind === 'own')
    return units.map((unit) => {
      const samples = reached[layer]![unit]!
      return { group: unit, samples, bound: () => dimensionOn(unit, samples), coefficient: ownCoefficient(unit) }
    })
  const heldBy = (unit: number): readonly number[] =>
    first.kinks.flatMap((kink) => (kink.layer === layer && kink.unit === unit ? [kink.sample] : []))
  const groups: Group[] = units.map((unit) => {
    const samples = [...heldBy(unit)].sort((a, b) => a - b)
    const bound = () => (usesPaths ? dimensionOn(unit, samples) : Math.min(samples.length, placesAt(unit)))
    return { group: unit, samples, bound, coefficient: ownCoefficient(unit) }
  })
  const except = new Set(exceptions)
  const above = network.layers[layer + 1]!
  const slopes = scene.integers[layer]!
  const slopesOf = (unit: number): SampleFunction =>
    Float64Array.from({ length: network.samples }, (_, sample) => {
      const place = sample * outputs + unit
      if (scene.held[layer]![place] === 1) return 0
      return residue(first.pass.arguments[layer]![place]! > 0 ? slopes.positive : slopes.negative)
    })
  for (let k = 0; k < above.outputs; k++) {
    const samples = reached[layer + 1]![k]!
    const byGates = (): number => {
      const usual = samples.filter((i) => !except.has(i))
      let most = samples.length - usual.length
      for (const entry of new Set(places.map((place) => place.entry))) {
        const moved = places.flatMap((place) => (place.entry === entry ? [place.unit] : []))
        const vectors = new Map<string, number[]>()
        for (const i of usual) {
          if (live[layer]![entry]![i] === 0) continue
          const vector = moved.map((unit) => gateSlope(scene, layer, unit, i))
          vectors.set(vector.join(), vector)
        }
        most += rankOf([...vectors.values()])
        if (most > places.length) break
      }
      return most
    }
    const byPaths = (): number =>
      independentFunctions(
        units.flatMap((unit) => {
          const slopes = slopesOf(unit)
          return vanishing(changesOf(unit), heldBy(unit)).map((f) => onSamples(timesFunction(f, slopes), samples))
        })
      ).length
    groups.push({
      group: outputs + k,
      samples,
      bound: () => Math.min(samples.length, byGates(), usesPaths ? byPaths() : samples.length),
      coefficient: ({ unit, entry }, sample) =>
        theta[above.weightAt + k * above.inputs + unit]! *
        gateSlope(scene, layer, unit, sample) *
        entryAt(entry, sample)
    })
  }
  return groups
}

/** All rows of a proposal, labelled by group and sample, entry by entry. */
export function rowsOf(scene: Scene, proposal: Proposal) {
  const labels: (readonly [number, number])[] = []
  const entries: number[] = []
  const groups = groupsOf(scene, proposal)
  for (const { group, samples, coefficient } of groups)
    for (const i of samples) {
      labels.push([group, i])
      for (const place of proposal.places) entries.push(coefficient(place, i))
    }
  return { groups, labels, entries }
}

export interface Solved {
  /** A group and a sample each. */
  readonly rows: readonly (readonly [number, number])[]
  /** A basis of what the rows leave, as changes of all parameters. */
  readonly fields: readonly Float64Array[]
}

/** The directions of a proposal; undefined where its rank is not that of the bounds, or where there are none. */
export function solve(scene: Scene, proposal: Proposal): Solved | undefined {
  const { places } = proposal
  const size = places.length
  const { groups, labels, entries } = rowsOf(scene, proposal)
  let bound = 0
  for (const group of groups) {
    bound += group.bound()
    if (bound >= size) return undefined
  }
  const count = labels.length
  const transposed = new Float64Array(size * count)
  for (let r = 0; r < count; r++) for (let s = 0; s < size; s++) transposed[s * count + r] = entries[r * size + s]!
  const chosen = independentColumns(transposed, size, count, bound).sort((a, b) => a - b)
  if (chosen.length < bound) return undefined
  const matrix = new Float64Array(bound * size)
  for (const [at, r] of chosen.entries()) matrix.set(entries.slice(r * size, (r + 1) * size), at * size)
  const { independent, basis } = rowSpace(matrix, bound, size, { tolerance })
  if (independent.length < bound) return undefined
  return {
    rows: chosen.map((r) => labels[r]!),
    fields: Array.from({ length: size - bound }, (_, f) => {
      const field = new Float64Array(scene.network.parameters)
      for (const [s, { parameter }] of places.entries()) field[parameter] = basis[(bound + f) * size + s]!
      return field
    })
  }
}
