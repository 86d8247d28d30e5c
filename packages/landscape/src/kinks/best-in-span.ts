import {
  add,
  integerMatrix,
  multiply,
  negate,
  one,
  overCommonDenominator,
  pivotsModulo,
  primeBelow,
  type Rational,
  rational,
  ratioToNumber,
  reduceVector,
  residuesModulo,
  sign,
  solveLinear,
  subtract,
  toNumber,
  zero
} from '@nadir/arithmetic'
import { type ExactEvaluation, evaluateExactly } from '../cells/exact-evaluation.ts'
import { reachOutputs } from '../descent/reach-outputs.ts'
import { type DeepDecision, decideDeep } from '../optimality/deep-decision.ts'
import { type ExactPoint, toExact } from '../point.ts'
import type { KinkNetwork } from './kink-network.ts'
import { type FirstOrder, firstOrder, type KinkState } from './linearise.ts'
import { leastSquaresMultipliers, rowSpace } from './orthogonal.ts'
import { hiddenSlopes, pathSpans, type SampleFunction } from './path-spans.ts'
import { independentColumns } from './spanned-parameters.ts'

/** Dimensions of the path span, times outputs, above which exact systems would take many seconds. */
const mostEquations = 150
/** Errors along the path span, relative to the targets, that are taken for rounding. */
const nearlyBest = 1e-9
/** Sums of products of weights along paths, relative to the products, that are taken for 0. */
const cancelled = 1e-9
/** What is left of a row after the rows before it, relative to its length, that is taken for rounding. */
const dependent = 1e-8

export interface BestInSpan {
  readonly evaluation: ExactEvaluation
  readonly decision: Extract<DeepDecision, { kind: 'global-minimum' | 'local-minimum' }>
}

/**
 * The exact point beside a state off all kinks at which the outputs are the projection of the targets onto the path span, when the state is that to rounding: nothing that the network can become nearby is better, whatever
 * the rank of its derivatives. Paths that cancel are made to cancel exactly, which is linear in the second dense layer; where nothing is left of the inputs, biases give the outputs; then the first dense layer is changed by one exact
 * system. Undefined where that fails. One or two hidden layers, squared loss without weight decay. Exact.
 */
export function bestInSpan(network: KinkNetwork, state: KinkState): BestInSpan | undefined {
  const { problem, layers, samples: n, outputs: m } = network
  const isShared = layers.some(({ reads }) => reads)
  if (network.hasDecay || isShared || state.kinks.length > 0 || layers.length > 3) return undefined
  const first = firstOrder(network, state)
  const span = pathSpans(network, first).outputs
  if (span.length * m > mostEquations || !isNearlyBest(network, first, span)) return undefined
  const wanted = projection(network, span)
  const given = toExact(problem.network, { kind: 'float', values: first.theta })
  const cells = cellsOf(network, first)
  const samples = pivotSamples(span, n)
  for (const kind of ['short', 'solved'] as const) {
    const tied = withTiedPaths(network, given, cells, kind)
    const evaluation = evaluateExactly(problem, withBiases(network, tied, cells, samples, wanted))
    const outputs = evaluation.values.at(-1)!
    const change = overCommonDenominator(
      samples.flatMap((i) =>
        wanted.map((values, o) => subtract(values[i]!, rational(outputs.rows[i]![o]!, outputs.denominator)))
      )
    )
    const rows = samples.map((_, at) => change.numerators.slice(at * m, (at + 1) * m))
    const point = reachOutputs(evaluation, 0, samples, { rows, denominator: change.denominator })
    if (!point) continue
    const reached = evaluateExactly(problem, point)
    const decision = decideDeep(reached)
    if (decision.kind === 'global-minimum' || decision.kind === 'local-minimum')
      return { evaluation: reached, decision }
  }
  return undefined
}

/** Whether next to nothing of the errors is along the span. Approximate. */
function isNearlyBest(
  { samples: n, outputs: m, targets }: KinkNetwork,
  first: FirstOrder,
  span: readonly SampleFunction[]
): boolean {
  const basis: Float64Array[] = []
  const inner = (f: Float64Array, g: Float64Array) => f.reduce((sum, x, i) => sum + x * g[i]!, 0)
  for (const f of span) {
    const largest = f.reduce((most, x) => (x > most ? x : -x > most ? -x : most), 1n)
    const v = Float64Array.from(f, (x) => ratioToNumber(x, largest))
    for (let turn = 0; turn < 2; turn++)
      for (const g of basis) {
        const along = inner(v, g)
        for (let i = 0; i < n; i++) v[i] = v[i]! - along * g[i]!
      }
    const length = Math.sqrt(inner(v, v))
    if (length > 1e-12) basis.push(v.map((x) => x / length))
  }
  const outputs = first.pass.values.at(-1)!
  let along = 0
  for (let o = 0; o < m; o++) {
    const errors = Float64Array.from({ length: n }, (_, i) => outputs[i * m + o]! - targets[i * m + o]!)
    for (const g of basis) along += inner(errors, g) ** 2
  }
  return along <= nearlyBest ** 2 * targets.reduce((sum, y) => sum + y * y, 0)
}

/** The projection of the targets of every output onto the span. */
function projection(
  { problem: { data }, samples: n, outputs: m }: KinkNetwork,
  span: readonly SampleFunction[]
): Rational[][] {
  const { targets } = data
  const inner = (f: readonly bigint[], g: (i: number) => bigint) => f.reduce((sum, x, i) => sum + x * g(i), 0n)
  const gram = integerMatrix(
    span.length,
    span.length,
    span.flatMap((f) => span.map((g) => inner(f, (i) => g[i]!)))
  )
  return Array.from({ length: m }, (_, o) => {
    const factors = solveLinear(
      gram,
      span.map((f) => inner(f, (i) => targets.numerators[i * m + o]!))
    )
    if (factors.kind === 'inconsistent') throw new Error('projection: a Gram system always has a solution')
    return Array.from({ length: n }, (_, i) =>
      rational(
        span.reduce((sum, f, a) => sum + f[i]! * factors.numerators[a]!, 0n),
        factors.denominator * targets.denominator
      )
    )
  })
}

/** Samples on which the functions of a space are as independent as on all. */
function pivotSamples(span: readonly SampleFunction[], n: number): readonly number[] {
  const prime = primeBelow(2 ** 22)
  return [
    ...pivotsModulo(residuesModulo(integerMatrix(span.length, n, span.flat()), prime), span.length, n, prime)
      .pivotColumns
  ]
}

/** Samples with the same slopes of all hidden units, and these, layer by layer. */
interface Cell {
  readonly samples: ReadonlySet<number>
  readonly slopes: readonly (readonly Rational[])[]
}

function cellsOf(network: KinkNetwork, { pass }: FirstOrder): readonly Cell[] {
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

/** Rows of numbers, one for each unit of a dense layer. */
type Weights = readonly (readonly Rational[])[]

/** The number of the tensor of a dense layer's weights. */
const weightTensor = ({ layers }: KinkNetwork, layer: number): number =>
  layers.slice(0, layer).reduce((at, { biasAt }) => at + (biasAt < 0 ? 1 : 2), 0)

const tensorOf = ({ tensors }: ExactPoint, at: number): readonly Rational[] => {
  const { numerators, denominator } = tensors[at]!
  return numerators.map((x) => rational(x, denominator))
}

function weightsOf(network: KinkNetwork, point: ExactPoint, layer: number): Weights {
  const { inputs, outputs } = network.layers[layer]!
  const all = tensorOf(point, weightTensor(network, layer))
  return Array.from({ length: outputs }, (_, u) => all.slice(u * inputs, (u + 1) * inputs))
}

const withTensor = (point: ExactPoint, at: number, values: readonly Rational[]): ExactPoint => ({
  kind: 'exact',
  tensors: point.tensors.map((tensor, t) => (t === at ? reduceVector(overCommonDenominator(values)) : tensor))
})

const inner = (a: readonly Rational[], b: readonly Rational[]): Rational =>
  a.reduce((sum, x, k) => (sign(x) === 0 ? sum : add(sum, multiply(x, b[k]!))), zero)

/** In a cell, the derivative of every output by what the second dense layer gives, one row for each output. */
function derivativesBeyond(network: KinkNetwork, point: ExactPoint, { slopes }: Cell): Weights {
  const { layers, outputs: m } = network
  if (layers.length === 2)
    return Array.from({ length: m }, (_, o) => Array.from({ length: m }, (__, j) => (o === j ? one : zero)))
  return weightsOf(network, point, 2).map((row) => row.map((w, j) => multiply(slopes[1]![j]!, w)))
}

interface Equation {
  readonly a: readonly Rational[]
  readonly b: Rational
}

/** The shortest x with a . x = b for those equations whose left sides are clearly independent of the ones before. */
function shortest(equations: readonly Equation[]): readonly Rational[] {
  const width = equations[0]!.a.length
  const rows = Float64Array.from(equations.flatMap(({ a }) => a.map(toNumber)))
  const { independent } = rowSpace(rows, equations.length, width, { tolerance: dependent, complete: false })
  const used = independent.map((r) => equations[r]!)
  if (used.length === 0) return equations[0]!.a.map(() => zero)
  const gram = overCommonDenominator(used.flatMap(({ a }) => used.map((other) => inner(a, other.a))))
  const right = overCommonDenominator(used.map(({ b }) => multiply(b, rational(gram.denominator))))
  const factors = solveLinear(integerMatrix(used.length, used.length, gram.numerators), right.numerators)
  if (factors.kind === 'inconsistent') throw new Error('shortest: a regular Gram system has a solution')
  return equations[0]!.a.map((_, k) =>
    used.reduce(
      (sum, { a }, r) =>
        add(sum, multiply(rational(factors.numerators[r]!, factors.denominator * right.denominator), a[k]!)),
      zero
    )
  )
}

/** How factors of a combination of rows are made exact: signs where all are near 1, 0 or -1; short numbers; or those that make it exactly 0 in as many columns as rows are independent. */
type Factors = 'signs' | 'short' | 'solved'

/**
 * The point with the weights of the second dense layer changed so that what nearly cancels in a cell, on the way from a unit of the first to an output, cancels, and so that these sums, one row for each cell and
 * output, depend on each other exactly where they nearly do: first where a sum of rows with signs is nearly 0, such as the outputs of a cell, then with factors of the
 * given kind.
 */
function withTiedPaths(network: KinkNetwork, point: ExactPoint, cells: readonly Cell[], kind: Factors): ExactPoint {
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

/** The point with the biases after the first layer changed so that a change of the first layer can give the wanted outputs. */
function withBiases(
  network: KinkNetwork,
  point: ExactPoint,
  cells: readonly Cell[],
  samples: readonly number[],
  wanted: Weights
): ExactPoint {
  const { layers, problem } = network
  const later = [1, 2].filter((l) => l < layers.length && layers[l]!.biasAt >= 0)
  if (later.length === 0) return point
  const places = later.map((l) => weightTensor(network, l) + 1)
  const biases = places.flatMap((at) => tensorOf(point, at))
  const weights = weightsOf(network, point, 1)
  const columns = weights[0]!.map((_, k) => weights.map((row) => row[k]!))
  const { inputs } = problem.data
  const width = layers[0]!.inputs
  const hasBias = layers[0]!.biasAt >= 0
  // One row for each sample and output: its derivatives by the first layer and by the later biases, and what is missing.
  const rows = samples.flatMap((i) => {
    const cell = cells.find((c) => c.samples.has(i))!
    const x = Array.from({ length: width }, (_, c) => rational(inputs.numerators[i * width + c]!, inputs.denominator))
    if (hasBias) x.push(one)
    return derivativesBeyond(network, point, cell).map((beyond, o) => {
      const byBiases = later.flatMap((l) =>
        l === layers.length - 1 ? wanted.map((_, k) => (k === o ? one : zero)) : beyond
      )
      return {
        byFirst: columns.flatMap((column, k) => {
          const sum = multiply(cell.slopes[0]![k]!, inner(beyond, column))
          return x.map((entry) => multiply(sum, entry))
        }),
        byBiases,
        rest: subtract(wanted[o]![i]!, inner(byBiases, biases))
      }
    })
  })
  const equations = combinationsToZero(rows.map(({ byFirst }) => byFirst)).map((y) => ({
    a: biases.map((_, k) =>
      inner(
        y,
        rows.map(({ byBiases }) => byBiases[k]!)
      )
    ),
    b: inner(
      y,
      rows.map(({ rest }) => rest)
    )
  }))
  if (equations.length === 0) return point
  const change = shortest(equations)
  let from = 0
  return places.reduce((moved, at) => {
    const to = from + moved.tensors[at]!.numerators.length
    const values = biases.slice(from, to).map((x, k) => add(x, change[from + k]!))
    from = to
    return withTensor(moved, at, values)
  }, point)
}

/** A basis of the combinations of rows that are 0. Exact. */
function combinationsToZero(rows: Weights): Weights {
  const width = rows[0]!.length
  const scaled = rows.map((row) => overCommonDenominator(row).numerators)
  const prime = primeBelow(2 ** 22)
  const { pivotRows } = pivotsModulo(
    residuesModulo(integerMatrix(rows.length, width, scaled.flat()), prime),
    rows.length,
    width,
    prime
  )
  const pivots = [...pivotRows]
  const columns = integerMatrix(
    width,
    pivots.length,
    Array.from({ length: width }, (_, c) => pivots.map((p) => scaled[p]![c]!)).flat()
  )
  return rows.flatMap((_, r) => {
    if (pivots.includes(r)) return []
    const answer = solveLinear(columns, scaled[r]!)
    if (answer.kind === 'inconsistent') return []
    // Coefficients of the rows themselves, that of row r being 1.
    const own = overCommonDenominator(rows[r]!).denominator
    const y = rows.map((_row, a) => (a === r ? one : zero))
    for (const [at, p] of pivots.entries())
      y[p] = rational(-answer.numerators[at]! * overCommonDenominator(rows[p]!).denominator, answer.denominator * own)
    return [y]
  })
}
