import { type Budget, spend } from '../budget.ts'
import { reject } from '../outcome.ts'
import { integerSlopes } from '../parameters.ts'
import type { Problem } from '../problem.ts'
import type { Samples } from '../samples.ts'
import { type Ball, isNothing, nothing, unit as one, product } from './ball.ts'
import type { Kink } from './kink-system.ts'
import { isShut, slopeOf } from './pass.ts'
import { independent, type PathSpans, pathSpans, type SampleFunction } from './spanned.ts'
import { fieldsAt, type Scene, type Symmetry } from './symmetries.ts'

/** A linear system for changes of some parameters of one affine layer, which keeps what the network does. */
export type Valley = {
  readonly kind: 'own' | 'through'
  readonly layer: number
  readonly parameters: readonly number[]
  readonly exceptions: readonly number[]
  readonly sides: readonly number[]
  /** A group and a sample each. */
  readonly rows: readonly (readonly number[])[]
}

/** A parameter of an affine layer: its unit, and the entry that it is applied to (the bias is the one after the last). */
type Place = { readonly unit: number; readonly entry: number }

/** Rows with a bound of their rank: `coefficient` is that of a place in the row of a sample. */
type Group = {
  readonly samples: readonly number[]
  readonly bound: () => number
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
      (passes[sample].feels[l] && !isShut(passes[sample].gates[l][unit], layers.slopes[l]))
  )

const entryAt = ({ scene }: Whole, l: number, entry: number, sample: number): Ball =>
  entry === scene.layers.affine[l].inputs ? { middle: one, radius: 0n } : scene.passes[sample].values[l][entry]

const isLive = ({ samples, scene: { layers, passes } }: Whole, l: number, entry: number, sample: number): boolean => {
  if (entry === layers.affine[l].inputs) return true
  if (l === 0) return samples.inputs.rows[sample][entry] !== 0n
  const gate = passes[sample].gates[l - 1][entry]
  return passes[sample].feels[l - 1] && gate !== 'kink' && !isShut(gate, layers.slopes[l - 1])
}

const ownGroups = (whole: Whole, { layer }: Valley, places: readonly Place[], spans: () => PathSpans) =>
  new Map(
    unitsOf(places).map((unit): [number, Group] => {
      const reached = reaching(whole, layer, unit)
      const bound = (): number => {
        const functions: SampleFunction[] = []
        for (const place of places) {
          if (place.unit !== unit) continue
          const entries = spans().entries[layer]
          if (place.entry === entries.length) functions.push(reached.map(() => 1n))
          else for (const f of entries[place.entry]) functions.push(reached.map((sample) => f[sample]))
        }
        return independent(functions, whole.budget).length
      }
      const coefficient = (place: Place, sample: number): Ball =>
        place.unit === unit ? entryAt(whole, layer, place.entry, sample) : nothing
      return [unit, { samples: reached, bound, coefficient }]
    })
  )

const throughGroups = (whole: Whole, { layer, exceptions, sides }: Valley, places: readonly Place[]) => {
  const { problem, scene, kinks, budget } = whole
  const { affine, slopes } = scene.layers
  const units = unitsOf(places)
  const own = kinks.filter((kink) => kink.layer === layer && units.includes(kink.unit))
  if (sides.length !== own.length) fail(`${sides.length} sides for ${own.length} kinks`)
  const sideOf = new Map(own.map((kink, a) => [`${kink.unit},${kink.sample}`, sides[a]]))
  const integers = problem.network.layers.flatMap((l) => (l.kind === 'two-slope' ? [integerSlopes(l)] : []))[layer]
  const gateAt = (unit: number, sample: number) => {
    const side = sideOf.get(`${unit},${sample}`)
    if (side === undefined) return scene.passes[sample].gates[layer][unit]
    return side === 1 ? 'positive' : 'negative'
  }
  const integerAt = (unit: number, sample: number): bigint =>
    gateAt(unit, sample) === 'positive' ? integers.positive : integers.negative
  const groups = new Map<number, Group>()
  for (const unit of units) {
    const held = own.flatMap((kink) => (kink.unit === unit ? [kink.sample] : []))
    groups.set(unit, {
      samples: held,
      bound: () => Math.min(held.length, places.filter((place) => place.unit === unit).length),
      coefficient: (place, sample) => (place.unit === unit ? entryAt(whole, layer, place.entry, sample) : nothing)
    })
  }
  const except = new Set(exceptions)
  const above = affine[layer + 1]
  for (let k = 0; k < above.outputs; k += 1) {
    const reached = reaching(whole, layer + 1, k)
    const bound = (): number => {
      let most = reached.filter((sample) => except.has(sample)).length
      for (const entry of new Set(places.map((place) => place.entry))) {
        const at = places.flatMap((place) => (place.entry === entry ? [place.unit] : []))
        const vectors = new Map<string, SampleFunction>()
        for (const sample of reached) {
          if (except.has(sample) || !isLive(whole, layer, entry, sample)) continue
          const vector = at.map((unit) => integerAt(unit, sample))
          vectors.set(vector.join(), vector)
        }
        most += independent(vectors.values(), budget).length
      }
      return Math.min(reached.length, most)
    }
    const coefficient = (place: Place, sample: number): Ball =>
      product(
        product(
          scene.theta[above.weightAt + k * above.inputs + place.unit],
          entryAt(whole, layer, place.entry, sample)
        ),
        slopeOf(gateAt(place.unit, sample), slopes[layer])
      )
    groups.set(affine[layer].outputs + k, { samples: reached, bound, coefficient })
  }
  return groups
}

/** The named rows of a valley, after its conditions have been seen to. */
const rowsOf = (whole: Whole, valley: Valley, spans: () => PathSpans): readonly (readonly Ball[])[] => {
  const { affine, slopes } = whole.scene.layers
  const { kind, layer, parameters, exceptions, sides, rows } = valley
  if (layer >= affine.length || (kind === 'through' && layer >= slopes.length)) fail(`there is no dense layer ${layer}`)
  const places = placesOf(whole, valley)
  requireAscending(exceptions, whole.scene.passes.length, 'exception')
  if (kind === 'own' && (exceptions.length > 0 || sides.length > 0)) fail('own has neither exceptions nor sides')
  spend(whole.budget, [4, affine[layer + 1]?.outputs ?? 1, whole.scene.passes.length, parameters.length], 64, 64)
  const groups = kind === 'own' ? ownGroups(whole, valley, places, spans) : throughGroups(whole, valley, places)
  let most = 0
  for (const group of groups.values()) most += group.bound()
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
