import { compare, entry, gcd, lcm, type Rational, type RationalVector, rational, reduceVector } from '@nadir/arithmetic'
import type { Dataset } from '../../data/dataset.ts'
import { evaluateThrough, integerSlopes, parametersByLayer } from '../../network/evaluate-exact.ts'
import type { Network } from '../../network/network.ts'
import type { ExactPoint } from '../../point.ts'
import type { AffineMap } from '../affine-map.ts'
import { type HalfSpace, type HomogeneousPoint, type OpenCell, splitCell, wholeSpace } from './open-cell.ts'

/** A continuous piecewise linear function of `inputs` numbers: its affine pieces, all different, and its values. Exact. */
export interface PiecewiseLinear {
  readonly inputs: number
  readonly pieces: readonly AffineMap[]
  readonly at: (point: HomogeneousPoint) => Rational
  /** How many cells of activation patterns were found, where it is a network. */
  readonly regions: number | undefined
}

/** More than the limit were found. */
export interface TooMany {
  readonly kind: 'too-many'
  readonly what: string
}

/** The integers of a vector without their common factor. */
export function primitiveRow(row: readonly bigint[]): readonly bigint[] {
  const common = row.reduce((a, b) => gcd(a, b), 0n)
  return common > 1n ? row.map((a) => a / common) : row
}

const isConstant = (row: readonly bigint[]): boolean => row.slice(0, -1).every((a) => a === 0n)

interface Region {
  readonly cell: OpenCell
  /** Row u over the denominator is what unit u is as a function of the inputs. */
  readonly rows: readonly HalfSpace[]
  readonly denominator: bigint
}

/**
 * The function of a network of dense layers and two-slope activations with one output: all cells of activation patterns with points inside, and the affine map on each.
 * Exact. Answers what there is too much of when there are more cells than the limit.
 */
export function networkFunction(network: Network, point: ExactPoint, limit: number): PiecewiseLinear | TooMany {
  const d = network.inputs[0]!
  const identity = Array.from({ length: d }, (_, k) => Array.from({ length: d + 1 }, (_, c) => (c === k ? 1n : 0n)))
  const parameters = parametersByLayer(network, point)
  let regions: readonly Region[] = [{ cell: wholeSpace(d), rows: identity, denominator: 1n }]
  for (const [l, layer] of network.layers.entries()) {
    if (layer.kind === 'dense') regions = regions.map((region) => throughDense(region, layer.outputs, parameters[l]!))
    else if (layer.kind === 'activation') {
      const next: Region[] = []
      for (const region of regions) {
        const parts = throughKinks(region, integerSlopes(layer.activation)!, limit - next.length)
        if (!parts) return { kind: 'too-many', what: `more than ${limit} cells of activation patterns` }
        next.push(...parts)
      }
      regions = next
    }
  }
  const pieces = distinct(
    regions.map(({ rows, denominator }) => reduceVector({ denominator, numerators: [...rows[0]!] }))
  )
  const at = (x: HomogeneousPoint): Rational => {
    const outputs = evaluateThrough(network, point, { rows: [x.slice(0, d)], denominator: x[d]! }).at(-1)!
    return rational(outputs.rows[0]![0]!, outputs.denominator)
  }
  return { inputs: d, pieces, at, regions: regions.length }
}

function throughDense({ cell, rows, denominator }: Region, outputs: number, [weight, bias]: readonly RationalVector[]) {
  const common = bias ? lcm(weight!.denominator, bias.denominator) : weight!.denominator
  const scale = common / weight!.denominator
  const width = rows.length
  const next = Array.from({ length: outputs }, (_, u) => {
    const sums = new Array<bigint>(rows[0]!.length).fill(0n)
    for (let e = 0; e < width; e++) {
      const w = weight!.numerators[u * width + e]! * scale
      if (w !== 0n) for (const [c, a] of rows[e]!.entries()) sums[c]! += w * a
    }
    if (bias) sums[sums.length - 1]! += bias.numerators[u]! * (common / bias.denominator) * denominator
    return sums
  })
  return shortened({ cell, rows: next, denominator: denominator * common })
}

function shortened({ cell, rows, denominator }: Region): Region {
  const common = rows.flat().reduce((a, b) => gcd(a, b), denominator)
  return common > 1n
    ? { cell, rows: rows.map((row) => row.map((a) => a / common)), denominator: denominator / common }
    : { cell, rows, denominator }
}

/** The parts of a region on which every unit has one sign. */
function throughKinks(
  { cell, rows, denominator }: Region,
  slopes: { readonly positive: bigint; readonly negative: bigint; readonly denominator: bigint },
  limit: number
): readonly Region[] | undefined {
  let parts: readonly { readonly cell: OpenCell; readonly signs: readonly boolean[] }[] = [{ cell, signs: [] }]
  for (const row of rows) {
    const next: { cell: OpenCell; signs: readonly boolean[] }[] = []
    for (const { cell: part, signs } of parts) {
      if (isConstant(row)) {
        next.push({ cell: part, signs: [...signs, row.at(-1)! > 0n] })
        continue
      }
      const { above, below } = splitCell(part, primitiveRow(row))
      if (above) next.push({ cell: above, signs: [...signs, true] })
      if (below) next.push({ cell: below, signs: [...signs, false] })
    }
    if (next.length > limit) return undefined
    parts = next
  }
  return parts.map(({ cell: part, signs }) =>
    shortened({
      cell: part,
      rows: rows.map((row, u) => row.map((a) => a * (signs[u] ? slopes.positive : slopes.negative))),
      denominator: denominator * slopes.denominator
    })
  )
}

/**
 * The function of one input whose graph joins the samples, in the order of their inputs, by lines that go on beyond the ends. Undefined when two samples have
 * equal inputs, there are fewer than two samples, or more than one input or target. Exact.
 */
export function joinedSamples(data: Dataset): PiecewiseLinear | undefined {
  if (data.inputCount !== 1 || data.targetCount !== 1 || data.samples < 2) return undefined
  const knots = Array.from({ length: data.samples }, (_, i) => ({
    x: data.inputs.numerators[i]!,
    y: data.targets.numerators[i]!
  }))
  knots.sort((a, b) => (a.x < b.x ? -1 : 1))
  if (knots.some(({ x }, i) => i > 0 && x === knots[i - 1]!.x)) return undefined
  // y/q = slope * x/p + constant through both ends: the map times q (x1 - x0).
  const [p, q] = [data.inputs.denominator, data.targets.denominator]
  const lines = knots.slice(1).map((right, i) => {
    const left = knots[i]!
    const rise = right.y - left.y
    const run = right.x - left.x
    return reduceVector({ denominator: q * run, numerators: [rise * p, left.y * run - rise * left.x] })
  })
  const at = (point: HomogeneousPoint): Rational => {
    const [x, scale] = point as readonly [bigint, bigint]
    const after = knots.slice(1, -1).findIndex((knot) => x * p <= knot.x * scale)
    const line = lines[after < 0 ? lines.length - 1 : after]!
    return rational(line.numerators[0]! * x + line.numerators[1]! * scale, line.denominator * scale)
  }
  return { inputs: 1, pieces: distinct(lines), at, regions: undefined }
}

/** The greatest over the sets of the least of their maps. Exact. */
export function piecewiseOf(maps: readonly AffineMap[], sets: readonly (readonly number[])[]): PiecewiseLinear {
  const at = (point: HomogeneousPoint): Rational =>
    greatestLeast(
      sets,
      maps.map((map) => mapAt(map, point))
    )
  return { inputs: maps[0]!.numerators.length - 1, pieces: distinct(maps), at, regions: undefined }
}

const least = (values: readonly Rational[]): Rational => values.reduce((a, b) => (compare(b, a) < 0 ? b : a))
const greatest = (values: readonly Rational[]): Rational => values.reduce((a, b) => (compare(b, a) > 0 ? b : a))

/** max over the sets of min of the values of their pieces. */
export const greatestLeast = (sets: readonly (readonly number[])[], values: readonly Rational[]): Rational =>
  greatest(sets.map((set) => least(set.map((j) => values[j]!))))

/** The maps without repetitions. */
export const distinct = (maps: readonly AffineMap[]): readonly AffineMap[] => [
  ...new Map(maps.map((map) => [`${map.denominator};${map.numerators.join()}`, map])).values()
]

/** The value of an affine map at a point. */
export const mapAt = (map: AffineMap, point: HomogeneousPoint): Rational =>
  rational(
    map.numerators.reduce((sum, a, k) => sum + a * point[k]!, 0n),
    map.denominator * point.at(-1)!
  )

export const coefficients = (map: AffineMap): readonly Rational[] => map.numerators.map((_, k) => entry(map, k))
