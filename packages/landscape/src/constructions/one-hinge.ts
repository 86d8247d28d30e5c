import {
  compare,
  divide,
  fromNumber,
  multiply,
  negate,
  overCommonDenominator,
  type Rational,
  type RationalVector,
  rational,
  subtract,
  toNumber,
  vectorToNumbers,
  zero
} from '@nadir/arithmetic'
import type { Dataset } from '../data/dataset.ts'
import type { ExactRows } from '../network/evaluate-exact.ts'
import { type AffineMap, combineMaps, valuesAt } from './affine-map.ts'
import { type Carrier, carryingUnit, type Shallow } from './carried-network.ts'

/** The function c max(0, a.x - t) added to one output: (a, -t) as a map, c and the output. */
export interface Hinge {
  readonly map: AffineMap
  readonly output: number
  readonly coefficient: Rational
}

/** The shallow network of affine maps, one carrying unit for each output. */
export function affineShallow(maps: readonly AffineMap[], data: Dataset, carrier: Carrier): Shallow {
  const carried = maps.map((map) => carryingUnit(map, data, carrier))
  const inverse = divide(rational(1n), carrier.slope)
  return {
    units: carried.map(({ argument }) => argument),
    weights: maps.map((_, o) => maps.map((_, k) => (k === o ? inverse : zero))),
    constants: carried.map(({ shift }) => negate(shift))
  }
}

/**
 * The shallow network of the maps plus a hinge: max(0, u) = (h(u) - q u) / (p - q) for slopes p and q, so that one more unit is enough; the affine
 * part goes to the carrying unit of that output.
 */
export function hingedShallow(maps: readonly AffineMap[], hinge: Hinge, data: Dataset, carrier: Carrier): Shallow {
  const { positive, negative } = carrier
  const share = divide(hinge.coefficient, subtract(positive, negative))
  const base = maps.map((map, o) =>
    o === hinge.output
      ? combineMaps([
          [rational(1n), map],
          [negate(multiply(share, negative)), hinge.map]
        ])
      : map
  )
  const { units, weights, constants } = affineShallow(base, data, carrier)
  return {
    units: [...units, hinge.map],
    weights: weights.map((row, o) => [...row, o === hinge.output ? share : zero]),
    constants
  }
}

/**
 * The best coefficient of a hinge for the squared loss, -<r, g> / <g, g> with g = max(0, u), and the drop <r, g>^2 / <g, g> of the sum of
 * squares; undefined when <r, g> = 0. Exact. For a convex differentiable loss <r, g> != 0 still says that the hinge helps.
 */
export function hingeStep(
  map: AffineMap,
  data: Dataset,
  residuals: ExactRows,
  output: number
): { readonly coefficient: Rational; readonly drop: Rational } | undefined {
  const { denominator, numerators } = valuesAt(map, data)
  let product = 0n
  let squares = 0n
  for (const [i, u] of numerators.entries()) {
    if (u <= 0n) continue
    product += residuals.rows[i]![output]! * u
    squares += u * u
  }
  if (product === 0n) return undefined
  return {
    coefficient: rational(-product * denominator, residuals.denominator * squares),
    drop: rational(product * product, residuals.denominator * residuals.denominator * squares)
  }
}

/** Directions tried at first: all coordinates and a few mixtures; and how many random ones, of growing size, may follow. */
const mixtures = 24
const lastResort = 40

/**
 * A hinge that lowers the loss, good for the squared loss: the best one over the thresholds between neighbouring values along coordinates and
 * random directions. Undefined when none was found; there always is one when the residuals do not add up to zero over some group of
 * equal inputs, and a random direction that separates the inputs then has one.
 */
export function findHinge(data: Dataset, residuals: ExactRows, random: () => number): Hinge | undefined {
  const d = data.inputCount
  const unit = Array.from({ length: d }, (_, k) => Array.from({ length: d }, (_, j) => (j === k ? 1 : 0)))
  const mixed = (size: number) => Array.from({ length: d }, () => Math.round((2 * random() - 1) * size))
  const early = [...unit, ...(d > 1 ? Array.from({ length: mixtures }, () => mixed(3)) : [])]
  const found = bestOver(early, data, residuals)
  if (found) return found
  for (let k = 0; k < lastResort; k++) {
    const late = bestOver([mixed(2 ** (4 + k / 2))], data, residuals)
    if (late) return late
  }
  return undefined
}

function bestOver(directions: readonly (readonly number[])[], data: Dataset, residuals: ExactRows): Hinge | undefined {
  const candidates = directions.flatMap((a) => candidatesAlong(a, data, residuals)).sort((x, y) => y.gain - x.gain)
  for (const { direction, above, output } of candidates.slice(0, 50)) {
    const map = thresholdMap(direction, above, data)
    const step = hingeStep(map, data, residuals, output)
    if (!step) continue
    const rounded = fromNumber(toNumber(step.coefficient))
    return { map, output, coefficient: compare(rounded, zero) === 0 ? step.coefficient : rounded }
  }
  return undefined
}

interface Candidate {
  readonly direction: readonly number[]
  /** Samples on the upper side of the threshold. */
  readonly above: ReadonlySet<number>
  readonly output: number
  readonly gain: number
}

/** The best threshold for each output along a direction, by running sums in doubles. Approximate. */
function candidatesAlong(direction: readonly number[], data: Dataset, residuals: ExactRows): Candidate[] {
  const { samples: n, inputCount: d, targetCount: m, approximateInputs: x } = data
  const keys = Float64Array.from({ length: n }, (_, i) => direction.reduce((sum, a, k) => sum + a * x[i * d + k]!, 0))
  const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => keys[b]! - keys[a]!)
  return Array.from({ length: m }, (_, o) => {
    const r = vectorToNumbers({ denominator: residuals.denominator, numerators: residuals.rows.map((row) => row[o]!) })
    let best = { gain: 0, count: 0 }
    let [sumR, sumRK, sumK, sumKK] = [0, 0, 0, 0]
    for (const [count, i] of order.entries()) {
      const k = keys[i]!
      const before = count === 0 ? k : keys[order[count - 1]!]!
      if (count > 0 && before > k) {
        const t = (before + k) / 2
        const product = sumRK - t * sumR
        const squares = sumKK - 2 * t * sumK + t * t * count
        const gain = squares > 0 ? product ** 2 / squares : 0
        if (gain > best.gain) best = { gain, count }
      }
      sumR += r[i]!
      sumRK += r[i]! * k
      sumK += k
      sumKK += k * k
    }
    return { direction, above: new Set(order.slice(0, best.count)), output: o, gain: best.gain }
  }).filter(({ gain }) => gain > 0)
}

/** a.x - t with t midway between the samples above and the others. Exact. */
function thresholdMap(direction: readonly number[], above: ReadonlySet<number>, data: Dataset): AffineMap {
  const line = overCommonDenominator([...direction.map(fromNumber), zero])
  const values = valuesAt(line, data)
  let low: bigint | undefined
  let high: bigint | undefined
  for (const [i, v] of values.numerators.entries())
    if (above.has(i)) high = high === undefined || v < high ? v : high
    else low = low === undefined || v > low ? v : low
  const middle = rational(low! + high!, 2n * values.denominator)
  return combineMaps([[rational(1n), line]], negate(middle))
}

/** sum over the samples of r_i for each group of equal inputs is zero for every output: no function of the inputs does better. Exact. */
export function residualsCancel(data: Dataset, residuals: ExactRows): boolean {
  const d = data.inputCount
  const sums = new Map<string, bigint[]>()
  for (const [i, row] of residuals.rows.entries()) {
    const key = data.inputs.numerators.slice(i * d, (i + 1) * d).join()
    const known = sums.get(key)
    if (known) for (const [o, r] of row.entries()) known[o]! += r
    else sums.set(key, [...row])
  }
  return [...sums.values()].every((row) => row.every((r) => r === 0n))
}

/** The values of maps at all samples, one row for each sample. */
export function mapRows(maps: readonly AffineMap[], data: Dataset): ExactRows {
  const columns = maps.map((map) => valuesAt(map, data))
  const all = overOneDenominator(columns)
  return {
    denominator: all.denominator,
    rows: Array.from({ length: data.samples }, (_, i) => all.columns.map((column) => column[i]!))
  }
}

function overOneDenominator(columns: readonly RationalVector[]) {
  const common = overCommonDenominator(columns.map(({ denominator }) => rational(1n, denominator))).denominator
  return {
    denominator: common,
    columns: columns.map(({ denominator, numerators }) => numerators.map((a) => a * (common / denominator)))
  }
}
