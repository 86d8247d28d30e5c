import { symmetricEigen } from '@nadir/kernels'
import type { KinkNetwork } from './kink-network.ts'
import { type FirstOrder, heldPlaces } from './linearise.ts'
import { dot, rowSpace } from './orthogonal.ts'
import {
  hiddenSlopes,
  independentFunctions,
  type PathSpans,
  pathSpans,
  type SampleFunction,
  vanishing
} from './path-spans.ts'
import { independentColumns } from './spanned-parameters.ts'
import { feelingSamples, type Symmetry } from './symmetries.ts'

/** A linear system for changes of some parameters of one dense layer, which keeps what the network does; named as in the rule kinks-valleys. */
export interface Valley {
  readonly kind: 'own' | 'through'
  readonly layer: number
  readonly parameters: readonly number[]
  readonly exceptions: readonly number[]
  /** A group and a sample each. */
  readonly rows: readonly (readonly [number, number])[]
}

/** Directions along which the loss does not change while all kinks stay kinks, and as many parameters that may be frozen instead. */
export interface Directions {
  readonly symmetries: readonly Symmetry[]
  readonly valleys: readonly Valley[]
  readonly frozen: readonly number[]
}

/** A parameter of a dense layer: its unit and the entry that it is applied to, the bias being the one after the last. */
interface Place {
  readonly unit: number
  readonly entry: number
  readonly parameter: number
}

/** What a valley is chosen by: its places, and the samples left out of the comparison of gates. */
interface Proposal {
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

interface Scene {
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

const tolerance = 1e-8

/**
 * All directions that the rule kinks-valleys has names for, as many as `wanted`; undefined where they are fewer. Valleys are looked for among the incoming parameters of one unit, whose entries
 * depend on one another where it is not shut, and of up to four units of one layer, whose gates depend on one another but on few samples. Approximate but for the bounds, which are those of the gates
 * that doubles see.
 */
export function directionsOf(
  network: KinkNetwork,
  theta: Float64Array,
  first: FirstOrder,
  symmetries: readonly Symmetry[],
  wanted: number
): Directions | undefined {
  const scene = sceneOf(network, theta, first)
  const span = emptySpan(network.parameters)
  const kept = symmetries.filter(({ field }) => span.add(field))
  const valleys: Valley[] = []
  for (const proposal of proposals(scene)) {
    if (span.size() >= wanted) break
    const valley = addValley(scene, proposal, span)
    if (valley) valleys.push(valley)
  }
  if (span.size() !== wanted) return undefined
  const rows = span.rows()
  const frozen = independentColumns(rows, wanted, network.parameters, wanted).sort((a, b) => a - b)
  return { symmetries: kept, valleys, frozen }
}

function sceneOf(network: KinkNetwork, theta: Float64Array, first: FirstOrder): Scene {
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

/** Vectors that grow in number, with an orthonormal basis of what they span. */
function emptySpan(length: number) {
  const basis: Float64Array[] = []
  const vectors: Float64Array[] = []
  /** What is left of a vector of length 1 off the span. */
  const left = (vector: Float64Array): Float64Array => {
    const rest = unitOf(vector)
    for (let pass = 0; pass < 2; pass++)
      for (const b of basis) {
        let along = 0
        for (let k = 0; k < length; k++) along += b[k]! * rest[k]!
        for (let k = 0; k < length; k++) rest[k] = rest[k]! - along * b[k]!
      }
    return rest
  }
  return {
    size: () => basis.length,
    left,
    add: (vector: Float64Array): boolean => {
      const rest = left(vector)
      if (!(Math.hypot(...rest) > tolerance)) return false
      basis.push(unitOf(rest))
      vectors.push(unitOf(vector))
      return true
    },
    rows: () => Float64Array.from(vectors.flatMap((v) => [...v]))
  }
}

type Span = ReturnType<typeof emptySpan>

function unitOf(vector: Float64Array): Float64Array {
  const norm = Math.hypot(...vector)
  return norm > 0 ? vector.map((x) => x / norm) : vector.slice()
}

const placesOf = ({ network }: Scene, layer: number, units: readonly number[], entries: readonly number[]): Place[] => {
  const { inputs, weightAt, biasAt } = network.layers[layer]!
  return units.flatMap((unit) =>
    entries.map((entry) => ({
      unit,
      entry,
      parameter: entry === inputs ? biasAt + unit : weightAt + unit * inputs + entry
    }))
  )
}

const everyEntry = ({ live }: Scene, layer: number): readonly number[] => live[layer]!.map((_, e) => e)

function* proposals(scene: Scene): Iterable<Proposal> {
  const { layers } = scene.network
  for (const [layer, { outputs }] of layers.entries())
    for (let unit = 0; unit < outputs; unit++)
      yield* supported(scene, {
        kind: 'own',
        layer,
        places: placesOf(scene, layer, [unit], everyEntry(scene, layer)),
        exceptions: [],
        usesPaths: true
      })
  for (const part of ['all', 'alike', 'single'] as const)
    for (let layer = layers.length - 2; layer >= 0; layer--)
      for (const units of subsets(layers[layer]!.outputs, 4)) yield* throughProposals(scene, layer, units, part)
  for (let layer = layers.length - 2; layer >= 0; layer--) {
    const units = Array.from({ length: layers[layer]!.outputs }, (_, u) => u)
    yield* supported(scene, {
      kind: 'through',
      layer,
      places: placesOf(scene, layer, units, everyEntry(scene, layer)),
      exceptions: [],
      usesPaths: true
    })
  }
}

/** Parts of a proposal with few places, on which the rows leave something. */
function* supported(scene: Scene, proposal: Proposal): Iterable<Proposal> {
  const { places } = proposal
  const size = places.length
  const { entries } = rowsOf(scene, proposal)
  const { independent, basis } = rowSpace(Float64Array.from(entries), entries.length / size, size, { tolerance })
  const left = Array.from({ length: size - independent.length }, (_, r) => {
    const start = (independent.length + r) * size
    return basis.slice(start, start + size)
  })
  const pivots = new Set<number>()
  for (const [r, row] of left.entries()) {
    let pivot = -1
    for (let c = 0; c < size; c++)
      if (!pivots.has(c) && (pivot < 0 || Math.abs(row[c]!) > Math.abs(row[pivot]!))) pivot = c
    pivots.add(pivot)
    for (const [q, other] of left.entries()) {
      if (q === r) continue
      const factor = other[pivot]! / row[pivot]!
      for (let c = 0; c < size; c++) other[c] = c === pivot ? 0 : other[c]! - factor * row[c]!
    }
  }
  for (const row of left) {
    const most = row.reduce((m, x) => Math.max(m, Math.abs(x)), 0)
    yield { ...proposal, places: places.filter((_, c) => Math.abs(row[c]!) > tolerance * most) }
  }
}

function* subsets(count: number, most: number): Iterable<readonly number[]> {
  for (let size = 2; size <= Math.min(most, count); size++) {
    const chosen = Array.from({ length: size }, (_, k) => k)
    for (;;) {
      yield [...chosen]
      let at = size - 1
      while (at >= 0 && chosen[at] === count - size + at) at--
      if (at < 0) break
      chosen[at]!++
      for (let k = at + 1; k < size; k++) chosen[k] = chosen[k - 1]! + 1
    }
  }
}

/** Valleys through the next layer for units, by how their gates depend on one another on all samples but few. */
function* throughProposals(
  scene: Scene,
  layer: number,
  units: readonly number[],
  part: 'all' | 'alike' | 'single'
): Iterable<Proposal> {
  const { reached, live } = scene
  const classes = new Map<string, { readonly slopes: readonly number[]; readonly samples: number[] }>()
  for (const i of new Set(reached[layer + 1]!.flat())) {
    const slopes = units.map((u) => gateSlope(scene, layer, u, i))
    const known = classes.get(slopes.join())
    if (known) known.samples.push(i)
    else classes.set(slopes.join(), { slopes, samples: [i] })
  }
  const bySize = [...classes.values()].sort((a, b) => b.samples.length - a.samples.length)
  const entries = everyEntry(scene, layer)
  const areDependent = (entry: number): boolean => {
    const vectors = bySize.flatMap(({ slopes, samples }) =>
      samples.some((i) => live[layer]![entry]![i] === 1) ? [slopes] : []
    )
    return rankOf(vectors) < units.length
  }
  const alike = part === 'alike' ? entries.filter(areDependent) : []
  if (part === 'alike' && (alike.length < 2 || alike.length === entries.length)) return
  const choices = part === 'all' ? [entries] : part === 'alike' ? [alike] : entries.map((e) => [e])
  // Of all classes but the few on which the gates are independent.
  for (let rank = 1; rank <= units.length; rank++) {
    const base: (readonly number[])[] = []
    const exceptions: number[] = []
    for (const { slopes, samples } of bySize) {
      if (rankOf([...base, slopes]) === base.length) continue
      if (base.length < rank) base.push(slopes)
      else exceptions.push(...samples)
    }
    exceptions.sort((a, b) => a - b)
    for (const chosen of choices)
      yield {
        kind: 'through',
        layer,
        places: placesOf(scene, layer, units, chosen),
        exceptions,
        usesPaths: false
      }
    if (exceptions.length === 0) break
  }
}

/** The slope of a unit's gate, 0 on a kink. */
const gateSlope = ({ network, first, held }: Scene, layer: number, unit: number, sample: number): number => {
  const place = sample * network.layers[layer]!.outputs + unit
  return held[layer]![place] === 1 ? 0 : first.pass.slopes[layer]![place]!
}

/** Rank of a few short vectors of slopes. Approximate, as its use is to propose. */
function rankOf(vectors: readonly (readonly number[])[]): number {
  const length = vectors[0]?.length ?? 0
  return rowSpace(Float64Array.from(vectors.flat()), vectors.length, length, { complete: false }).independent.length
}

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
    samples.length === 0 ? 0 : independentFunctions(changesOf(unit).map((f) => samples.map((i) => f[i]!))).length
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
  const integerAt = (unit: number, sample: number): bigint => {
    const place = sample * outputs + unit
    if (scene.held[layer]![place] === 1) return 0n
    return first.pass.arguments[layer]![place]! > 0 ? slopes.positive : slopes.negative
  }
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
        units.flatMap((unit) =>
          vanishing(changesOf(unit), heldBy(unit)).map((f) => samples.map((i) => f[i]! * integerAt(unit, i)))
        )
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
function rowsOf(scene: Scene, proposal: Proposal) {
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

interface Solved {
  readonly rows: Valley['rows']
  /** A basis of what the rows leave, as changes of all parameters. */
  readonly fields: readonly Float64Array[]
}

/** The directions of a proposal; undefined where its rank is not that of the bounds, or where there are none. */
function solve(scene: Scene, proposal: Proposal): Solved | undefined {
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

/** The valley of a proposal, or the part of it that is not in the span yet, which is added to it; undefined where its rank is not that of its bounds, or where it adds nothing. */
function addValley(scene: Scene, proposal: Proposal, span: Span): Valley | undefined {
  const solved = solve(scene, proposal)
  if (!solved) return undefined
  const d = solved.fields.length
  const rests = solved.fields.map(span.left)
  const products = Float64Array.from({ length: d * d }, (_, at) => dot(rests[Math.floor(at / d)]!, rests[at % d]!))
  const { values, vectors } = symmetricEigen(products, d)
  const known = values.filter((x) => !(x > tolerance)).length
  if (known === d) return undefined
  if (known === 0) return accept(proposal, solved, span)
  // Places of which as many are left out as combinations of the fields lie in the span already.
  const size = proposal.places.length
  const combinations = new Float64Array(known * size)
  for (let w = 0; w < known; w++)
    for (const [f, field] of solved.fields.entries())
      for (const [s, { parameter }] of proposal.places.entries())
        combinations[w * size + s] = combinations[w * size + s]! + vectors[w * d + f]! * field[parameter]!
  const out = new Set(independentColumns(combinations, known, size, known))
  const smaller = { ...proposal, places: proposal.places.filter((_, s) => !out.has(s)) }
  const part = solve(scene, smaller)
  return part?.fields.length === d - known ? accept(smaller, part, span) : undefined
}

function accept(
  { kind, layer, places, exceptions }: Proposal,
  { rows, fields }: Solved,
  span: Span
): Valley | undefined {
  if (!fields.every(span.add)) return undefined
  return {
    kind,
    layer,
    parameters: places.map(({ parameter }) => parameter).sort((a, b) => a - b),
    exceptions,
    rows: [...rows].sort(([g, i], [h, j]) => g - h || i - j)
  }
}
