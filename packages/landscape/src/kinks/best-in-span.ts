import {
  add,
  integerMatrix,
  multiply,
  one,
  overCommonDenominator,
  pivotsModulo,
  primeBelow,
  type Rational,
  rational,
  ratioToNumber,
  residuesModulo,
  solveLinear,
  subtract,
  zero
} from '@nadir/arithmetic'
import { type ExactEvaluation, evaluateExactly } from '../cells/exact-evaluation.ts'
import { reachOutputs } from '../descent/reach-outputs.ts'
import { type DeepDecision, decideDeep } from '../optimality/deep-decision.ts'
import { type ExactPoint, toExact } from '../point.ts'
import { inner, shortest, tensorOf, type Weights, weightsOf, weightTensor, withTensor } from './exact-weights.ts'
import type { KinkNetwork } from './kink-network.ts'
import { type FirstOrder, firstOrder, type KinkState } from './linearise.ts'
import { dot, rowSpace } from './orthogonal.ts'
import { hiddenSlopes } from './path-spans.ts'
import { type Cell, cellsOf, derivativesBeyond, withTiedPaths } from './tied-paths.ts'

/** Dimensions of the path span, times outputs, above which exact systems would take many seconds. */
const mostEquations = 150
/** Errors along the path span, relative to the targets, that are taken for rounding. */
const nearlyBest = 1e-9

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
  const span = outputSpan(network, first)
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

/** A function on the samples, up to a factor. Exact. */
type SampleFunction = readonly bigint[]

/** Independent functions that span what an output can be near a point off all kinks, products of weights along paths taken as free. Exact; independence modulo a prime, which may leave one out. */
function outputSpan(network: KinkNetwork, { pass }: FirstOrder): readonly SampleFunction[] {
  const { layers, samples: n } = network
  const { numerators } = network.problem.data.inputs
  const constant = new Array<bigint>(n).fill(1n)
  const activations = hiddenSlopes(network)
  let functions: readonly SampleFunction[] = Array.from({ length: layers[0]!.inputs }, (_, k) =>
    Array.from({ length: n }, (__, i) => numerators[i * layers[0]!.inputs + k]!)
  )
  for (const [l, { biasAt, outputs, positive }] of layers.entries()) {
    const all = biasAt < 0 ? functions : [constant, ...functions]
    const space = independentOnes(all, n)
    if (l === layers.length - 1) return space
    const slopes = activations[l]!
    functions = Array.from({ length: outputs }, (_, unit) =>
      space.map((f) =>
        f.map((x, i) => x * (pass.slopes[l]![i * outputs + unit]! === positive ? slopes.positive : slopes.negative))
      )
    ).flat()
  }
  return functions
}

/** Whether next to nothing of the errors is along the span. Approximate. */
function isNearlyBest(
  { samples: n, outputs: m, targets }: KinkNetwork,
  first: FirstOrder,
  span: readonly SampleFunction[]
): boolean {
  const rows = Float64Array.from(
    span.flatMap((f) => {
      const largest = f.reduce((most, x) => (x > most ? x : -x > most ? -x : most), 1n)
      return f.map((x) => ratioToNumber(x, largest))
    })
  )
  const { basis, independent } = rowSpace(rows, span.length, n, { complete: false })
  const outputs = first.pass.values.at(-1)!
  let along = 0
  for (let o = 0; o < m; o++) {
    const errors = Float64Array.from({ length: n }, (_, i) => outputs[i * m + o]! - targets[i * m + o]!)
    for (const k of independent.keys()) along += dot(basis.subarray(k * n, (k + 1) * n), errors) ** 2
  }
  return along <= nearlyBest ** 2 * dot(targets, targets)
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

const prime = primeBelow(2 ** 22)

const pivotsOf = (functions: readonly SampleFunction[], n: number) =>
  pivotsModulo(residuesModulo(integerMatrix(functions.length, n, functions.flat()), prime), functions.length, n, prime)

const independentOnes = (functions: readonly SampleFunction[], n: number): readonly SampleFunction[] =>
  pivotsOf(functions, n).pivotRows.map((row) => functions[row]!)

/** Samples on which the functions of a space are as independent as on all. */
function pivotSamples(span: readonly SampleFunction[], n: number): readonly number[] {
  return [...pivotsOf(span, n).pivotColumns]
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
