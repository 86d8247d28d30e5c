import { symmetricEigen } from '@nadir/kernels'
import type { KinkNetwork } from './kink-network.ts'
import { type FirstOrder, heldPlaces } from './linearise.ts'
import { dot, rowSpace } from './orthogonal.ts'
import { independentFunctions, type PathSpans, pathSpans, type SampleFunction } from './path-spans.ts'
import { independentColumns } from './spanned-parameters.ts'
import { feelingSamples, type Symmetry } from './symmetries.ts'

/** A linear system for changes of some parameters of one dense layer, which keeps what the network does; named as in the rule kinks-valleys. */
export interface Valley {
  readonly kind: 'own' | 'through'
  readonly layer: number
  readonly parameters: readonly number[]
  readonly exceptions: readonly number[]
  readonly sides: readonly number[]
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

/** What a valley is chosen by: its places, the samples left out of the comparison of gates, and the slopes that stand for kinks. */
interface Proposal {
  readonly kind: 'own' | 'through'
  readonly layer: number
  readonly places: readonly Place[]
  readonly exceptions: readonly number[]
  readonly slopeAt: (unit: number, sample: number) => number
}

interface Group {
  readonly group: number
  readonly samples: readonly number[]
  readonly bound: number
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
      for (const entries of dependentEntries(scene, layer, unit))
        yield {
          kind: 'own',
          layer,
          places: placesOf(scene, layer, [unit], entries),
          exceptions: [],
          slopeAt: () => 1
        }
  for (const part of ['all', 'alike', 'single'] as const)
    for (let layer = layers.length - 2; layer >= 0; layer--)
      for (const units of subsets(layers[layer]!.outputs, 4)) yield* throughProposals(scene, layer, units, part)
}

/** Few entries each that depend on one another on the samples that reach a unit. */
function dependentEntries({ network, first, reached, live }: Scene, layer: number, unit: number): number[][] {
  const { inputs } = network.layers[layer]!
  const samples = reached[layer]![unit]!
  const entries = live[layer]!.flatMap((isLive, e) => (samples.some((i) => isLive[i] === 1) ? [e] : []))
  const size = entries.length
  const rows = new Float64Array(samples.length * size)
  for (const [r, i] of samples.entries())
    for (const [c, e] of entries.entries())
      if (live[layer]![e]![i] === 1) rows[r * size + c] = e === inputs ? 1 : first.pass.values[layer]![i * inputs + e]!
  const { independent, basis } = rowSpace(rows, samples.length, size, { tolerance })
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
      const factor = q === r ? 0 : other[pivot]! / row[pivot]!
      for (let c = 0; c < size; c++) other[c] = c === pivot && q !== r ? 0 : other[c]! - factor * row[c]!
    }
  }
  return left.map((row) => {
    const most = row.reduce((m, x) => Math.max(m, Math.abs(x)), 0)
    return entries.filter((_, c) => Math.abs(row[c]!) > tolerance * most)
  })
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

/** Valleys through the next layer, for units whose gates are compared with their kinks taken as those of the unit most alike, then as shut, then as open. */
function* throughProposals(
  scene: Scene,
  layer: number,
  units: readonly number[],
  part: 'all' | 'alike' | 'single'
): Iterable<Proposal> {
  const { network, first, held, reached, live } = scene
  const { outputs, positive, negative } = network.layers[layer]!
  const isHeld = (unit: number, sample: number) => held[layer]![sample * outputs + unit] === 1
  const slope = (unit: number, sample: number) => first.pass.slopes[layer]![sample * outputs + unit]!
  const above = [...new Set(reached[layer + 1]!.flat())]
  const differences = (a: number, b: number) =>
    above.filter((i) => !isHeld(a, i) && !isHeld(b, i) && slope(a, i) !== slope(b, i)).length
  const alike = new Map(
    units.map((u) => [
      u,
      units
        .filter((v) => v !== u)
        .map((v) => ({ v, count: differences(u, v) }))
        .sort((x, y) => x.count - y.count)
        .map(({ v }) => v)
    ])
  )
  const hasKinks = first.kinks.some((kink) => kink.layer === layer && units.includes(kink.unit))
  const choices = [
    (unit: number, sample: number) => {
      const other = alike.get(unit)!.find((v) => !isHeld(v, sample))
      return other === undefined ? negative : slope(other, sample)
    },
    () => negative,
    () => positive
  ]
  for (const choice of hasKinks ? choices : choices.slice(0, 1)) {
    const slopeAt = (unit: number, sample: number) =>
      isHeld(unit, sample) ? choice(unit, sample) : slope(unit, sample)
    const classes = new Map<string, { readonly slopes: readonly number[]; readonly samples: number[] }>()
    for (const i of above) {
      const slopes = units.map((u) => slopeAt(u, i))
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
    const alikeEntries = part === 'alike' ? entries.filter(areDependent) : []
    if (part === 'alike' && (alikeEntries.length < 2 || alikeEntries.length === entries.length)) continue
    const entryChoices = part === 'all' ? [entries] : part === 'alike' ? [alikeEntries] : entries.map((e) => [e])
    // Of all classes but the few on which the gates are independent.
    for (let rank = 1; rank <= units.length; rank++) {
      const base: (readonly number[])[] = []
      const exceptions: number[] = []
      for (const { slopes, samples } of bySize) {
        if (rankOf([...base, slopes]) === base.length) continue
        if (base.length < rank) base.push(slopes)
        else exceptions.push(...samples)
      }
      if (base.length < rank) break
      exceptions.sort((a, b) => a - b)
      for (const chosen of entryChoices)
        yield { kind: 'through', layer, places: placesOf(scene, layer, units, chosen), exceptions, slopeAt }
    }
  }
}

/** Rank of a few short vectors of slopes. Approximate, as its use is to propose. */
function rankOf(vectors: readonly (readonly number[])[]): number {
  const length = vectors[0]?.length ?? 0
  return rowSpace(Float64Array.from(vectors.flat()), vectors.length, length, { complete: false }).independent.length
}

function groupsOf(scene: Scene, { kind, layer, places, exceptions, slopeAt }: Proposal): Group[] {
  const { network, theta, first, reached, live } = scene
  const { inputs, outputs } = network.layers[layer]!
  const entryAt = (entry: number, sample: number) =>
    entry === inputs ? 1 : live[layer]![entry]![sample] === 0 ? 0 : first.pass.values[layer]![sample * inputs + entry]!
  const units = [...new Set(places.map(({ unit }) => unit))]
  const ownCoefficient = (unit: number) => (place: Place, sample: number) =>
    place.unit === unit ? entryAt(place.entry, sample) : 0
  if (kind === 'own')
    return units.map((unit) => {
      const samples = reached[layer]![unit]!
      const functions: SampleFunction[] = []
      for (const { unit: u, entry } of places) {
        if (u !== unit) continue
        const spans = scene.spans().entries[layer]!
        if (entry === inputs) functions.push(samples.map(() => 1n))
        else for (const f of spans[entry]!) functions.push(samples.map((i) => f[i]!))
      }
      const bound = independentFunctions(functions).length
      return { group: unit, samples, bound, coefficient: ownCoefficient(unit) }
    })
  const groups: Group[] = units.map((unit) => {
    const samples = first.kinks.flatMap((kink) => (kink.layer === layer && kink.unit === unit ? [kink.sample] : []))
    const bound = Math.min(samples.length, places.filter((place) => place.unit === unit).length)
    return { group: unit, samples: samples.sort((a, b) => a - b), bound, coefficient: ownCoefficient(unit) }
  })
  const except = new Set(exceptions)
  const above = network.layers[layer + 1]!
  for (let k = 0; k < above.outputs; k++) {
    const samples = reached[layer + 1]![k]!
    const usual = samples.filter((i) => !except.has(i))
    let bound = samples.length - usual.length
    for (const entry of new Set(places.map((place) => place.entry))) {
      const at = places.flatMap((place) => (place.entry === entry ? [place.unit] : []))
      const vectors = new Map<string, number[]>()
      for (const i of usual) {
        if (live[layer]![entry]![i] === 0) continue
        const vector = at.map((unit) => slopeAt(unit, i))
        vectors.set(vector.join(), vector)
      }
      bound += rankOf([...vectors.values()])
      if (bound > places.length) break
    }
    groups.push({
      group: outputs + k,
      samples,
      bound: Math.min(samples.length, bound),
      coefficient: ({ unit, entry }, sample) =>
        theta[above.weightAt + k * above.inputs + unit]! * slopeAt(unit, sample) * entryAt(entry, sample)
    })
  }
  return groups
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
  const groups = groupsOf(scene, proposal)
  const bound = groups.reduce((total, group) => total + group.bound, 0)
  if (bound >= size) return undefined
  const labels: (readonly [number, number])[] = []
  const entries: number[] = []
  for (const { group, samples, coefficient } of groups)
    for (const i of samples) {
      labels.push([group, i])
      for (const place of places) entries.push(coefficient(place, i))
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
  if (known === 0) return accept(scene, proposal, solved, span)
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
  return part?.fields.length === d - known ? accept(scene, smaller, part, span) : undefined
}

function accept(
  { network, first }: Scene,
  { kind, layer, places, exceptions, slopeAt }: Proposal,
  { rows, fields }: Solved,
  span: Span
): Valley | undefined {
  if (!fields.every(span.add)) return undefined
  const units = new Set(places.map(({ unit }) => unit))
  const ownKinks = first.kinks.filter((kink) => kink.layer === layer && units.has(kink.unit))
  return {
    kind,
    layer,
    parameters: places.map(({ parameter }) => parameter).sort((a, b) => a - b),
    exceptions,
    sides:
      kind === 'own'
        ? []
        : ownKinks.map(({ unit, sample }) => (slopeAt(unit, sample) === network.layers[layer]!.positive ? 1 : 0)),
    rows: [...rows].sort(([g, i], [h, j]) => g - h || i - j)
  }
}
