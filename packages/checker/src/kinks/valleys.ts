import { type Budget, spend } from '../budget.ts'
import { reject } from '../outcome.ts'
import { integerSlopes } from '../parameters.ts'
import type { Problem } from '../problem.ts'
import type { Samples } from '../samples.ts'
import { type Ball, isNothing, nothing, unit as one, product } from './ball.ts'
import { hiddenLayers } from './layers.ts'
import { feels, isShut, type Kink, slopeOf } from './pass.ts'
import { independent, type PathSpans, pathSpans, type SampleFunction, vanishing } from './spanned.ts'
import { fieldsAt, type Scene, type Symmetry } from './symmetries.ts'

/** A linear system for changes of some parameters of one affine layer, which keeps what the network does. */
export type Valley = {
  readonly kind: 'own' | 'through'
  readonly layer: number
  readonly parameters: readonly number[]
  readonly exceptions: readonly number[]
  /** A group and a sample each. */
  readonly rows: readonly (readonly number[])[]
}

/** A parameter of an affine layer: its unit, and the entry that it is applied to (the bias is the one after the last). */
type Place = { readonly unit: number; readonly entry: number }

/** Rows with a bound of their rank: `coefficient` is that of a place in the row of a sample. */
type Group = {
  readonly samples: readonly number[]
  readonly bound: () => number
  /** A bound that may be smaller, and takes longer. */
  readonly byPaths?: () => number
  readonly coefficient: (place: Place, sample: number) => Ball
}

type Whole = {
  readonly problem: Problem
  readonly samples: Samples
  readonly scene: Scene
  readonly kinks: readonly Kink[]
  readonly budget: Budget
}

const fail = (reason: string): never => reject('(e) valley', reason)

const requireAscending = (counts: readonly number[], below: number, name: string): void => {
  for (const [index, count] of counts.entries()) {
    if (count >= below) fail(`there is no ${name} ${count}`)
    if (index > 0 && counts[index - 1] >= count) fail(`${name}s are not in ascending order`)
  }
}

const placesOf = ({ scene }: Whole, { layer, parameters }: Valley): readonly Place[] => {
  const { inputs, outputs, weightAt, biasAt } = scene.layers.affine[layer]
  requireAscending(parameters, scene.layers.parameters, 'parameter')
  if (parameters.length === 0) fail('there are no parameters')
  return parameters.map((parameter) => {
    if (!isNothing(scene.decays[parameter])) fail(`parameter ${parameter} decays`)
    const offset = parameter - weightAt
    if (offset >= 0 && offset < outputs * inputs) return { unit: Math.floor(offset / inputs), entry: offset % inputs }
    if (biasAt >= 0 && parameter >= biasAt && parameter < biasAt + outputs)
      return { unit: parameter - biasAt, entry: inputs }
    return fail(`parameter ${parameter} is not of dense layer ${layer}`)
  })
}

const unitsOf = (places: readonly Place[]): readonly number[] => [...new Set(places.map(({ unit }) => unit))]

/** The samples on which what reaches this unit can go on. */
const reaching = ({ scene: { layers, passes } }: Whole, l: number, unit: number): readonly number[] =>
  [...passes.keys()].filter(
    (sample) =>
      l === layers.slopes.length ||
      (feels(passes[sample], layers, l) && !isShut(passes[sample].gates[l][unit], layers.slopes[l]))
  )

const entryAt = ({ scene }: Whole, l: number, entry: number, sample: number): Ball =>
  entry === scene.layers.affine[l].inputs ? { middle: one, radius: 0n } : scene.passes[sample].values[2 * l][entry]

const isLive = ({ samples, scene: { layers, passes } }: Whole, l: number, entry: number, sample: number): boolean => {
  if (entry === layers.affine[l].inputs) return true
  if (l === 0) return samples.inputs.rows[sample][entry] !== 0n
  const gate = passes[sample].gates[l - 1][entry]
  return feels(passes[sample], layers, l - 1) && gate !== 'kink' && !isShut(gate, layers.slopes[l - 1])
}

/** W_u: functions on the samples that span what the places of a unit can change in its argument. */
const changesOf = (layer: number, unit: number, places: readonly Place[], spans: () => PathSpans) => {
  const entries = spans().entries[layer]
  return places.flatMap((place): readonly SampleFunction[] => {
    if (place.unit !== unit) return []
    return entries[place.entry] ?? [spans().constant]
  })
}

const at = (functions: readonly SampleFunction[], samples: readonly number[]): readonly SampleFunction[] =>
  functions.map((f) => samples.map((sample) => f[sample]))

const ownGroups = (whole: Whole, { layer }: Valley, places: readonly Place[], spans: () => PathSpans) =>
  new Map(
    unitsOf(places).map((unit): [number, Group] => {
      const samples = reaching(whole, layer, unit)
      const bound = (): number => independent(at(changesOf(layer, unit, places, spans), samples), whole.budget).length
      const coefficient = (place: Place, sample: number): Ball =>
        place.unit === unit ? entryAt(whole, layer, place.entry, sample) : nothing
      return [unit, { samples, bound, coefficient }]
    })
  )

const throughGroups = (whole: Whole, valley: Valley, places: readonly Place[], spans: () => PathSpans) => {
  const { problem, scene, kinks, budget } = whole
  const { layer, exceptions } = valley
  const { affine, slopes } = scene.layers
  const units = unitsOf(places)
  const integers = integerSlopes(hiddenLayers(problem)[layer])
  const integerAt = (unit: number, sample: number): bigint => {
    const gate = scene.passes[sample].gates[layer][unit]
    return gate === 'positive' ? integers.positive : gate === 'negative' ? integers.negative : 0n
  }
  const heldBy = (unit: number): readonly number[] =>
    kinks.flatMap((kink) => (kink.layer === layer && kink.unit === unit ? [kink.sample] : []))
  const groups = new Map<number, Group>()
  for (const unit of units) {
    const samples = heldBy(unit)
    const bound = (): number =>
      samples.length === 0 ? 0 : independent(at(changesOf(layer, unit, places, spans), samples), budget).length
    const coefficient = (place: Place, sample: number): Ball =>
      place.unit === unit ? entryAt(whole, layer, place.entry, sample) : nothing
    groups.set(unit, { samples, bound, coefficient })
  }
  const except = new Set(exceptions)
  const above = affine[layer + 1]
  for (let k = 0; k < above.outputs; k += 1) {
    const samples = reaching(whole, layer + 1, k)
    const byGates = (): number => {
      let most = samples.filter((sample) => except.has(sample)).length
      for (const entry of new Set(places.map((place) => place.entry))) {
        const moved = places.flatMap((place) => (place.entry === entry ? [place.unit] : []))
        const vectors = new Map<string, SampleFunction>()
        for (const sample of samples) {
          if (except.has(sample) || !isLive(whole, layer, entry, sample)) continue
          const vector = moved.map((unit) => integerAt(unit, sample))
          vectors.set(vector.join(), vector)
        }
        most += independent([...vectors.values()], budget).length
      }
      return most
    }
    const byPaths = (): number => {
      const functions = units.flatMap((unit) =>
        vanishing(changesOf(layer, unit, places, spans), heldBy(unit), budget).map((f) =>
          samples.map((sample) => f[sample] * integerAt(unit, sample))
        )
      )
      return independent(functions, budget).length
    }
    const coefficient = (place: Place, sample: number): Ball => {
      const gate = scene.passes[sample].gates[layer][place.unit]
      if (gate === 'kink') return nothing
      const weight = scene.theta[above.weightAt + k * above.inputs + place.unit]
      return product(product(weight, entryAt(whole, layer, place.entry, sample)), slopeOf(gate, slopes[layer]))
    }
    const bound = (): number => Math.min(samples.length, byGates())
    groups.set(affine[layer].outputs + k, { samples, bound, byPaths, coefficient })
  }
  return groups
}

/** The named rows of a valley, after its conditions have been seen to. */
const rowsOf = (whole: Whole, valley: Valley, spans: () => PathSpans): readonly (readonly Ball[])[] => {
  const { affine, slopes } = whole.scene.layers
  const { kind, layer, parameters, exceptions, rows } = valley
  if (layer >= affine.length || (kind === 'through' && layer >= slopes.length)) fail(`there is no dense layer ${layer}`)
  const places = placesOf(whole, valley)
  requireAscending(exceptions, whole.scene.passes.length, 'exception')
  if (kind === 'own' && exceptions.length > 0) fail('own has no exceptions')
  spend(whole.budget, [4, affine[layer + 1]?.outputs ?? 1, whole.scene.passes.length, parameters.length], 64, 64)
  const groups = kind === 'own' ? ownGroups(whole, valley, places, spans) : throughGroups(whole, valley, places, spans)
  const bounds = [...groups.values()].map((group) => ({ ...group, bound: group.bound() }))
  let most = bounds.reduce((total, { bound }) => total + bound, 0)
  // As many independent rows as any bounds allow are as many as the smallest ones do.
  if (rows.length < most)
    most = bounds.reduce((total, { bound, byPaths }) => total + Math.min(bound, byPaths?.() ?? bound), 0)
  if (rows.length !== most) fail(`${rows.length} rows where the bounds add up to ${most}`)
  return rows.map(([g, sample], index) => {
    const group = groups.get(g) ?? fail(`there is no group ${g}`)
    if (!group.samples.includes(sample)) fail(`sample ${sample} is not in group ${g}`)
    if (index > 0) {
      const [before, at] = rows[index - 1]
      if (before > g || (before === g && at >= sample)) fail('rows are not in ascending order')
    }
    return places.map((place) => group.coefficient(place, sample))
  })
}

/** Condition (e) of the rule kinks-valleys: the square matrix of all directions at the frozen parameters. */
export const directionsAt = (
  whole: Whole,
  symmetries: readonly Symmetry[],
  valleys: readonly Valley[],
  frozen: readonly number[]
): readonly (readonly Ball[])[] => {
  let known: PathSpans | undefined
  const spans = (): PathSpans => {
    const { problem, samples, scene, kinks, budget } = whole
    known ??= pathSpans(problem, scene.layers, samples, scene.passes, kinks, budget)
    return known
  }
  const fields = fieldsAt(whole.scene, symmetries, frozen)
  const systems = valleys.map((valley) => rowsOf(whole, valley, spans))
  const sizes = valleys.map(({ parameters }) => parameters.length)
  const asked = systems.reduce((total, rows, v) => total + sizes[v] - rows.length, symmetries.length)
  if (asked !== frozen.length) reject('(e)', `${asked} directions for ${frozen.length} frozen parameters`)
  const starts = sizes.map((_, v) => sizes.slice(0, v).reduce((total, size) => total + size, symmetries.length))
  const width = sizes.reduce((total, size) => total + size, symmetries.length)
  const atFrozen = frozen.map((parameter, index) => {
    const row = new Array<Ball>(width).fill(nothing)
    for (const [s, field] of fields.entries()) row[s] = field[index]
    for (const [v, { parameters }] of valleys.entries()) {
      const at = parameters.indexOf(parameter)
      if (at >= 0) row[starts[v] + at] = { middle: one, radius: 0n }
    }
    return row
  })
  const ofValleys = systems.flatMap((rows, v) =>
    rows.map((entries) => {
      const row = new Array<Ball>(width).fill(nothing)
      for (const [at, entry] of entries.entries()) row[starts[v] + at] = entry
      return row
    })
  )
  return [...atFrozen, ...ofValleys]
}
