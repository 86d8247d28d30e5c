import {
  add,
  integerMatrix,
  multiply,
  negate,
  one,
  overCommonDenominator,
  type Rational,
  rational,
  sign,
  solveLinear,
  toNumber,
  zero
} from '@nadir/arithmetic'
import type { ExactPoint } from '../point.ts'
import { dependent, inner, shortest, type Weights, weightsOf, weightTensor, withTensor } from './exact-weights.ts'
import type { KinkNetwork } from './kink-network.ts'
import type { FirstOrder } from './linearise.ts'
import { leastSquaresMultipliers, rowSpace } from './orthogonal.ts'
import { hiddenSlopes } from './path-spans.ts'
import { independentColumns } from './spanned-parameters.ts'

/** Sums of products of weights along paths, relative to the products, that are taken for 0. */
const cancelled = 1e-9

/** Samples with the same slopes of all hidden units, and these, layer by layer. */
export interface Cell {
  readonly samples: ReadonlySet<number>
  readonly slopes: readonly (readonly Rational[])[]
}

export function cellsOf(network: KinkNetwork, { pass }: FirstOrder): readonly Cell[] {
  const cells = new Map<string, { readonly samples: Set<number>; readonly slopes: readonly (readonly Rational[])[] }>()
  const activations = hiddenSlopes(network)
  for (let sample = 0; sample < network.samples; sample++) {
    const signs = pass.slopes.map((slopes, l) => {
      const { outputs, positive } = network.layers[l]!
      return Array.from(slopes.subarray(sample * outputs, (sample + 1) * outputs), (slope) => slope === positive)
    })
    const key = signs.map((layer) => layer.map(Number).join('')).join(' ')
    const cell = cells.get(key) ?? {
      samples: new Set<number>(),
      slopes: signs.map((layer, l) => {
        const { positive, negative, denominator } = activations[l]!
        return layer.map((isPositive) => rational(isPositive ? positive : negative, denominator))
      })
    }
    cell.samples.add(sample)
    cells.set(key, cell)
  }
  return [...cells.values()]
}

/** In a cell, the derivative of every output by what the second dense layer gives, one row for each output. */
export function derivativesBeyond(network: KinkNetwork, point: ExactPoint, { slopes }: Cell): Weights {
  const { layers, outputs: m } = network
  if (layers.length === 2)
    return Array.from({ length: m }, (_, o) => Array.from({ length: m }, (__, j) => (o === j ? one : zero)))
  return weightsOf(network, point, 2).map((row) => row.map((w, j) => multiply(slopes[1]![j]!, w)))
}

/** How factors of a combination of rows are made exact: signs where all are near 1, 0 or -1; short numbers; or those that make it exactly 0 in as many columns as rows are independent. */
type Factors = 'signs' | 'short' | 'solved'

/**
 * The point with the weights of the second dense layer changed so that what nearly cancels in a cell, on the way from a unit of the first to an output, cancels, and so that these sums, one row for each cell and
 * output, depend on each other exactly where they nearly do: first where a sum of rows with signs is nearly 0, such as the outputs of a cell, then with factors of the
 * given kind.
 */
export function withTiedPaths(
  network: KinkNetwork,
  point: ExactPoint,
  cells: readonly Cell[],
  kind: Factors
): ExactPoint {
  const ways = cells.flatMap((cell) => derivativesBeyond(network, point, cell).map((beyond) => ({ cell, beyond })))
  const units = network.layers[1]!.inputs
  const equations: (readonly Rational[])[][] = Array.from({ length: units }, () => [])
  const columnsOf = (at: ExactPoint) => {
    const weights = weightsOf(network, at, 1)
    return equations.map((_, k) => weights.map((row) => row[k]!))
  }
  for (const [k, column] of columnsOf(point).entries())
    for (const { cell, beyond } of ways) {
      if (sign(cell.slopes[0]![k]!) === 0) continue
      const terms = beyond.map((x, j) => Math.abs(toNumber(x)) * Math.max(1, Math.abs(toNumber(column[j]!))))
      if (Math.abs(toNumber(inner(beyond, column))) <= cancelled * Math.max(...terms)) equations[k]!.push(beyond)
    }
  const hold = (found: readonly (readonly Rational[])[]) => {
    for (const tie of found)
      for (const [k, own] of equations.entries())
        own.push(
          ways[0]!.beyond.map((_, j) =>
            inner(
              tie,
              ways.map(({ cell, beyond }) => multiply(cell.slopes[0]![k]!, beyond[j]!))
            )
          )
        )
  }
  const held = (at: ExactPoint): ExactPoint => {
    const columns = columnsOf(at).map((column, k) => {
      const own = equations[k]!
      if (own.length === 0) return column
      const change = shortest(own.map((a) => ({ a, b: negate(inner(a, column)) })))
      return column.map((w, j) => add(w, change[j]!))
    })
    const weights = columns[0]!.flatMap((_, j) => columns.map((column) => column[j]!))
    return withTensor(at, weightTensor(network, 1), weights)
  }
  const sums = (at: ExactPoint): Weights => {
    const columns = columnsOf(at)
    return ways.map(({ cell, beyond }) =>
      columns.map((column, k) => multiply(cell.slopes[0]![k]!, inner(beyond, column)))
    )
  }
  const cleared = held(point)
  hold(ties(sums(cleared), 'signs'))
  const balanced = held(cleared)
  hold(ties(sums(balanced), kind))
  return held(balanced)
}

/** For every row that nearly depends on rows before it, the combination that is nearly 0. */
function ties(rows: Weights, kind: Factors): Weights {
  const length = rows[0]!.length
  const approximate = Float64Array.from(rows.flatMap((row) => row.map(toNumber)))
  const space = rowSpace(approximate, rows.length, length, { tolerance: dependent, complete: false })
  const { independent } = space
  const columns = independentColumns(space.basis, independent.length, length, independent.length)
  return rows.flatMap((row, r) => {
    if (independent.includes(r)) return []
    const tie = rows.map((_, a) => (a === r ? one : zero))
    if (kind !== 'solved') {
      const factors = leastSquaresMultipliers(space, approximate.slice(r * length, (r + 1) * length))
      if (kind === 'signs' && factors.some((x) => Math.abs(x) > 1.5 || Math.abs(x - Math.round(x)) > dependent))
        return []
      const bits = kind === 'signs' ? 0 : 44
      for (const [at, a] of independent.entries())
        tie[a] = rational(BigInt(Math.round(factors[at]! * 2 ** bits)), 1n << BigInt(bits))
      return [tie]
    }
    const equations = columns.map(
      (c) => overCommonDenominator([...independent.map((a) => rows[a]![c]!), negate(row[c]!)]).numerators
    )
    const answer = solveLinear(
      integerMatrix(
        columns.length,
        independent.length,
        equations.flatMap((e) => e.slice(0, -1))
      ),
      equations.map((e) => e.at(-1)!)
    )
    if (answer.kind === 'inconsistent') return []
    for (const [at, a] of independent.entries()) tie[a] = rational(answer.numerators[at]!, answer.denominator)
    return [tie]
  })
}
