import { type Budget, hold, spend } from '../budget.ts'
import { ceilDivide, floorDivide } from '../enclosure.ts'
import { magnitude } from '../integers.ts'
import type { Rational } from '../rational.ts'
import type { Windows } from '../window.ts'
import {
  type Ball,
  descale,
  inner,
  isNothing,
  nothing,
  precision,
  product,
  productRadius,
  sizeOf,
  sum,
  unit
} from './ball.ts'
import { type Affine, type Layers, productsIn } from './layers.ts'
import type { OutputLoss } from './output-loss.ts'
import { type Adjoints, type Kink, type Pass, slopeOf } from './pass.ts'

/** The unknowns: the free parameters, then the multipliers of the kinks. */
export type Unknowns = {
  readonly size: number
  /** The row of every parameter, -1 where it is frozen. */
  readonly rowOf: readonly number[]
  readonly kinks: readonly Kink[]
  readonly free: number
}

/** Derivatives of l by all parameters: sum over samples and places of adjoints times values, and the decay. */
export const gradientOf = (
  layers: Layers,
  theta: readonly Ball[],
  decays: readonly Ball[],
  all: readonly Pass[],
  adjoints: readonly Adjoints[],
  budget: Budget
): readonly Ball[] => {
  spend(budget, [4, all.length, productsIn(layers)], 192, 192)
  const gradient = theta.map((parameter, k) => product(parameter, decays[k]))
  for (const [s, step] of layers.steps.entries()) {
    if (step.kind !== 'affine') continue
    const { inputs, outputs, weightAt, biasAt, windows } = step.layer
    for (let output = 0; output < outputs; output += 1) {
      const column = adjoints.flatMap((adjoint) =>
        windows.map((_, position) => adjoint[s + 1][output * windows.length + position])
      )
      for (let weight = 0; weight < inputs; weight += 1) {
        const at = weightAt + output * inputs + weight
        const values = all.flatMap((pass) =>
          windows.map((window) => (window[weight] < 0 ? nothing : pass.values[s][window[weight]]))
        )
        gradient[at] = sum(gradient[at], inner(column, values))
      }
      if (biasAt >= 0) gradient[biasAt + output] = column.reduce(sum, gradient[biasAt + output])
    }
  }
  return gradient
}

/** Derivatives of one entry by the parameters; those that are certainly 0 are missing. */
type Gradient = readonly (Ball | undefined)[]

const scaled = (factor: Ball, gradient: Gradient): Gradient =>
  isNothing(factor) ? [] : gradient.map((entry) => entry && product(factor, entry))

const addScaled = (total: (Ball | undefined)[], factor: Ball, gradient: Gradient): void => {
  for (const [k, entry] of gradient.entries()) {
    if (entry === undefined) continue
    const term = product(factor, entry)
    const before = total[k]
    total[k] = before === undefined ? term : sum(before, term)
  }
}

const entriesIn = (gradient: Gradient): number => gradient.reduce((count) => count + 1, 0)

/** Pays for every entry of the gradients of what windows read, `times` over. */
const spendOn = (budget: Budget, windows: Windows, below: readonly Gradient[], times: number): void => {
  const counts = below.map(entriesIn)
  const read = windows.reduce(
    (total, window) => window.reduce((sum, entry) => sum + (entry < 0 ? 0 : 1 + (counts[entry] ?? 0)), total),
    0
  )
  spend(budget, [times, read], 128, 128)
}

/** The derivatives of all entries that an affine layer gives, from those of what it is applied to. */
const affineGradients = (
  { inputs, outputs, weightAt, biasAt, windows }: Affine,
  theta: readonly Ball[],
  values: readonly Ball[],
  below: readonly Gradient[]
): readonly Gradient[] =>
  Array.from({ length: outputs }, (_, output) =>
    windows.map((window) => {
      const gradient: (Ball | undefined)[] = []
      for (const [weight, entry] of window.entries()) {
        if (entry < 0) continue
        const at = weightAt + output * inputs + weight
        if (!isNothing(values[entry])) gradient[at] = values[entry]
        if (below[entry] !== undefined && !isNothing(theta[at])) addScaled(gradient, theta[at], below[entry])
      }
      if (biasAt >= 0) gradient[biasAt + output] = { middle: unit, radius: 0n }
      return gradient
    })
  ).flat()

/** The combination of the gradients of the outputs with these factors; undefined without factors. */
const weighedBy = (factors: readonly Ball[] | undefined, gradients: readonly Gradient[]): Gradient | undefined =>
  factors
    ?.map((factor, o) => scaled(factor, gradients[o]))
    .reduce((all, one) =>
      Array.from({ length: Math.max(all.length, one.length) }, (_, k) => {
        const [a, b] = [all[k], one[k]]
        return a && b ? sum(a, b) : (a ?? b)
      })
    )

/** K0, its lower triangle in units of 2^-precision, and for every row the sum of the bounds |K - K0| times the radii, in units of 2^-2precision. */
export type Derivative = { readonly rows: readonly (readonly bigint[])[]; readonly spread: readonly bigint[] }

/** The matrix K on a box with these radii; `curvatures`: those of the loss in the outputs; `flat`: without the terms across layers, F J^T E J in place of the second derivatives. */
export const derivativeOf = (
  layers: Layers,
  theta: readonly Ball[],
  decays: readonly Ball[],
  all: readonly Pass[],
  adjoints: readonly Adjoints[],
  curvatures: OutputLoss['curvatures'],
  unknowns: Unknowns,
  radii: readonly bigint[],
  factor: Rational,
  budget: Budget,
  flat = false
): Derivative => {
  const { size, rowOf, kinks, free } = unknowns
  hold(budget, [size, size, 2], Number(precision) * 2)
  const triangle = (): bigint[][] => Array.from({ length: size }, (_, row) => new Array<bigint>(row + 1).fill(0n))
  const squares = triangle()
  const crossing = triangle()
  const squareSpread = new Array<bigint>(size).fill(0n)
  const spread = new Array<bigint>(size).fill(0n)
  const place = (matrix: bigint[][], a: number, b: number, middle: bigint): void => {
    if (a >= b) matrix[a][b] += middle
    else matrix[b][a] += middle
  }
  const kinkRow = new Map(
    kinks.map(({ layer, unit: j, sample }, index) => [`${layer},${j},${sample}`, free + index] as const)
  )

  /** One row and column of first derivatives of an argument on its kink. */
  const addNormal = (row: number, gradient: Gradient): void => {
    for (const [k, entry] of gradient.entries()) {
      if (entry === undefined || rowOf[k] < 0) continue
      crossing[row][rowOf[k]] += entry.middle << precision
      spread[row] += entry.radius * radii[rowOf[k]]
      spread[rowOf[k]] += entry.radius * radii[row]
    }
  }
  /** (gradient of an output) (its transposed); of several outputs, each with the combination of all that the loss weighs with it. */
  const addSquare = (gradient: Gradient, weighed: Gradient = gradient): void => {
    const rows: number[] = []
    const entries: Ball[] = []
    const others: Ball[] = []
    for (const [k, row] of rowOf.entries()) {
      if (row < 0 || (gradient[k] === undefined && weighed[k] === undefined)) continue
      rows.push(row)
      entries.push(gradient[k] ?? nothing)
      others.push(weighed[k] ?? nothing)
    }
    spend(budget, [rowOf.length + 2 * rows.length ** 2], 128, 128)
    let errors = 0n
    let sizes = 0n
    let otherErrors = 0n
    let otherSizes = 0n
    for (const [index, { middle, radius }] of entries.entries()) {
      errors += radius * radii[rows[index]]
      sizes += magnitude(middle) * radii[rows[index]]
      otherErrors += others[index].radius * radii[rows[index]]
      otherSizes += sizeOf(others[index]) * radii[rows[index]]
    }
    const middles = entries.map(({ middle }) => middle)
    for (const [x, other] of others.entries()) {
      const entry = entries[x]
      const row = squares[rows[x]]
      const { middle } = other
      // Parameters come in ascending order, so that these are the lower triangle.
      for (let y = 0; y <= x; y += 1) row[rows[y]] += middle * middles[y]
      squareSpread[rows[x]] += sizeOf(other) * errors + other.radius * sizes
      // What lies above the diagonal mirrors rows below.
      if (weighed !== gradient) {
        squareSpread[rows[x]] += entry.radius * otherSizes + magnitude(entry.middle) * otherErrors
      }
    }
  }
  /** A weight times the adjoint of its unit, against what its value depends on. */
  const addCrossing = (weightRow: number, adjoint: Ball, gradient: Gradient): void => {
    for (const [k, entry] of gradient.entries()) {
      if (entry === undefined || rowOf[k] < 0) continue
      place(crossing, weightRow, rowOf[k], adjoint.middle * entry.middle)
      const error = productRadius(adjoint, entry)
      spread[weightRow] += descale(error * radii[rowOf[k]]) + 1n
      spread[rowOf[k]] += descale(error * radii[weightRow]) + 1n
    }
  }

  for (const [sample, pass] of all.entries()) {
    let below: readonly Gradient[] = []
    for (const [s, step] of layers.steps.entries()) {
      if (step.kind === 'affine') {
        // As they are passed on, and for the terms across layers.
        spendOn(budget, step.layer.windows, below, 2 * step.layer.outputs)
        const { windows, outputs, inputs, weightAt } = step.layer
        for (let given = 0; given < (flat ? 0 : outputs * windows.length); given += 1) {
          const adjoint = adjoints[sample][s + 1][given]
          if (isNothing(adjoint)) continue
          const at = weightAt + Math.floor(given / windows.length) * inputs
          for (const [weight, entry] of windows[given % windows.length].entries()) {
            const row = rowOf[at + weight]
            if (entry >= 0 && row >= 0 && below[entry] !== undefined) addCrossing(row, adjoint, below[entry])
          }
        }
        below = affineGradients(step.layer, theta, pass.values[s], below)
      } else if (step.kind === 'mean') {
        spendOn(budget, step.layer.windows, below, 1)
        const gradients = below
        below = step.layer.windows.map((window) => {
          const mean: (Ball | undefined)[] = []
          for (const entry of window) addScaled(mean, step.layer.share, gradients[entry] ?? [])
          return mean
        })
      } else {
        const { hidden } = step
        for (const [j, gradient] of below.entries()) {
          const row = kinkRow.get(`${hidden},${j},${sample}`)
          if (row !== undefined) addNormal(row, gradient)
        }
        below = below.map((gradient, j) => scaled(slopeOf(pass.gates[hidden][j], layers.slopes[hidden]), gradient))
      }
    }
    if (curvatures) spendOn(budget, [[...below.keys()]], below, below.length)
    for (const [o, gradient] of below.entries()) addSquare(gradient, weighedBy(curvatures?.[sample][o], below))
  }
  for (const [k, row] of rowOf.entries()) {
    if (row < 0) continue
    crossing[row][row] += decays[k].middle << precision
    spread[row] += decays[k].radius * radii[row]
  }

  const { numerator, denominator } = factor
  const rounding = 3n * radii.reduce((total, radius) => total + radius, 0n)
  return {
    rows: squares.map((row, a) =>
      row.map((square, b) => descale(floorDivide(square * numerator, denominator)) + descale(crossing[a][b]))
    ),
    spread: spread.map(
      (bound, row) =>
        bound + ceilDivide(descale(squareSpread[row]) * numerator + numerator, denominator) + rounding + 1n
    )
  }
}
