import { rowSpace } from './orthogonal.ts'
import { gateSlope, rankOf, type Scene, tolerance } from './valley-scene.ts'
import { type Place, type Proposal, rowsOf } from './valley-systems.ts'

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

/**
 * Where valleys are looked for: among the incoming parameters of one unit, whose entries depend on one another where it is not shut; of up to four units of one layer, whose gates depend on one another
 * but on few samples; and of all units of one layer.
 */
export function* proposals(scene: Scene): Iterable<Proposal> {
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
