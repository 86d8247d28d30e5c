import type { Value } from './digests.ts'
import { divide, type Fraction, multiply, negate, none, nullspace, one, sign, subtract } from './fraction.ts'
import type { Planted, Scene } from './planted-kinks.ts'

/*
 * Valleys at planted points, by exact elimination at the point alone: as many independent rows as there are, and frozen
 * parameters that tell the directions apart. What the ranks are elsewhere is not looked at here.
 */

type Row = readonly Fraction[]

export type Shape = {
  readonly kind: 'own' | 'through'
  readonly layer: number
  readonly parameters: readonly number[]
  readonly exceptions?: readonly number[]
}

type Named = { readonly name: readonly [group: number, sample: number]; readonly row: Row }

const zeros = (count: number): Fraction[] => new Array<Fraction>(count).fill(none)

/** Every row of the valley, by group and sample. */
export const rowsOf = (scene: Scene, { kind, layer, parameters }: Shape): readonly Named[] => {
  const { design, places, kinks, values, slopes, theta } = scene
  const [inputs, units] = design.sizes.slice(layer, layer + 2)
  const last = places.length - 1
  const isKink = (l: number, u: number, i: number): boolean => kinks.some(([a, b, c]) => a === l && b === u && c === i)
  const isShut = (l: number, u: number, i: number): boolean => !isKink(l, u, i) && sign(slopes[i][l][u]) === 0
  const feels = (l: number, i: number): boolean =>
    l === last - 1 || (feels(l + 1, i) && slopes[i][l + 1].some((_, u) => !isShut(l + 1, u, i)))
  const reaches = (l: number, u: number, i: number): boolean => l === last || (feels(l, i) && !isShut(l, u, i))
  const placed = parameters.map((k) => {
    const offset = k - places[layer].weight
    return offset < inputs * units ? [Math.floor(offset / inputs), offset % inputs] : [k - places[layer].bias, inputs]
  })
  const entry = (e: number, i: number): Fraction => (e === inputs ? one : values[i][layer][e])
  const samples = [...values.keys()]
  const mine = [...new Set(placed.map(([u]) => u))].sort((a, b) => a - b)
  const ofUnit = (u: number, i: number): Row => placed.map(([v, e]) => (v === u ? entry(e, i) : none))
  if (kind === 'own') {
    return mine.flatMap((u) =>
      samples.filter((i) => reaches(layer, u, i)).map((i): Named => ({ name: [u, i], row: ofUnit(u, i) }))
    )
  }
  const slope = (u: number, i: number): Fraction => (isKink(layer, u, i) ? none : slopes[i][layer][u])
  const held = kinks
    .filter(([l, u]) => l === layer && mine.includes(u))
    .map(([, u, i]): Named => ({ name: [u, i], row: ofUnit(u, i) }))
  const passed = Array.from({ length: design.sizes[layer + 2] }, (_, k) =>
    samples
      .filter((i) => reaches(layer + 1, k, i))
      .map((i): Named => {
        const row = placed.map(([u, e]) =>
          multiply(theta[places[layer + 1].weight + k * units + u], multiply(slope(u, i), entry(e, i)))
        )
        return { name: [units + k, i], row }
      })
  )
  return [...held, ...passed.flat()]
}

/** Of these rows the first ones that are independent, by name, and where their pivots are. */
const independent = (rows: readonly Row[]): readonly { readonly at: number; readonly pivot: number }[] => {
  const kept: { readonly at: number; readonly pivot: number; readonly row: Row }[] = []
  for (const [at, given] of rows.entries()) {
    let row = given
    for (const other of kept) {
      const factor = divide(row[other.pivot], other.row[other.pivot])
      row = row.map((x, k) => subtract(x, multiply(factor, other.row[k])))
    }
    const pivot = row.findIndex((x) => sign(x) !== 0)
    if (pivot >= 0) kept.push({ at, pivot, row })
  }
  return kept
}

/** Where the incoming parameters of a unit are, and its outgoing weights. */
const around = ({ design, places }: Scene, l: number, j: number): readonly [number[], number[]] => {
  const { weight, bias } = places[l]
  const into = Array.from({ length: design.sizes[l] }, (_, e) => weight + j * design.sizes[l] + e)
  const out = Array.from({ length: design.sizes[l + 2] }, (_, o) => places[l + 1].weight + o * design.sizes[l + 1] + j)
  return [bias < 0 ? into : [...into, bias + j], out]
}

/** The field of a symmetry that needs no weight decay: `rescale` is `mix` of a unit with itself. */
const fieldOf = (scene: Scene, [, l, j, k = j]: Mixing): Row => {
  const field = zeros(scene.count)
  const [into, out] = around(scene, l, j)
  const [source, sink] = around(scene, l, k)
  for (const [at, place] of into.entries()) field[place] = scene.theta[source[at]]
  for (const [at, place] of out.entries()) field[sink[at]] = negate(scene.theta[place])
  return field
}

export type Mixing = readonly ['rescale', number, number] | readonly ['mix', number, number, number]

export type Gauged = {
  readonly frozen: readonly number[]
  readonly symmetries: readonly Value[]
  readonly valleys: readonly Value[]
}

/** Frozen parameters and valleys with their rows, as they look at the point alone; all directions must be independent. */
export const gaugeOf = ({ scene }: Planted, shapes: readonly Shape[], symmetries: readonly Mixing[] = []): Gauged => {
  const directions: Row[] = symmetries.map((symmetry) => fieldOf(scene, symmetry))
  const valleys = shapes.map((shape): Value => {
    const all = rowsOf(scene, shape)
    const kept = independent(all.map(({ row }) => row)).map(({ at }) => all[at])
    const flat = nullspace(
      kept.map(({ row }) => row),
      shape.parameters.length
    )
    for (const vector of flat) {
      const direction = zeros(scene.count)
      for (const [at, k] of shape.parameters.entries()) direction[k] = vector[at]
      directions.push(direction)
    }
    const { kind, layer, parameters, exceptions = [] } = shape
    return { kind, layer, parameters, exceptions, rows: kept.map(({ name }) => [...name]) }
  })
  const pivots = independent(directions).map(({ pivot }) => pivot)
  if (pivots.length < directions.length)
    throw new Error(`${directions.length} directions, ${pivots.length} of them independent`)
  return {
    frozen: pivots.sort((a, b) => a - b),
    symmetries: symmetries.map((symmetry) => [...symmetry]),
    valleys
  }
}
