import {
  columnMatrix,
  fromNumber,
  integerMatrix,
  overCommonDenominator,
  type Rational,
  type RationalVector,
  rational,
  reduceVector,
  solveExactly,
  transpose
} from '@nadir/arithmetic'
import type { Configuration } from '../cells/configuration.ts'
import { tieInterval } from '../optimality/global-bound.ts'
import type { OneHiddenLayer } from '../traits.ts'
import type { CellState } from './cell-state.ts'
import type { SnappedState } from './snap.ts'
import type { Vertex } from './vertex-descent.ts'

/**
 * The linear system of a vertex in integers. Coordinates are u / (slopes.denominator * scale), with a hidden bias u / slopes.denominator in each
 * unit's last place, and c: then an output is sum_b form_b zeta_b and a pre-activation is 0 where its form is.
 */
export interface VertexSystem {
  /** One row for each tie, then one for each kink; only the coordinates that are not free. */
  readonly rows: readonly (readonly bigint[])[]
  readonly ties: readonly number[]
  readonly columns: readonly number[]
  readonly outputForm: (sample: number) => bigint[]
}

/** Forms of the ties and kinks of a vertex. Exact. */
export function vertexSystem(view: OneHiddenLayer, state: CellState, vertex: Vertex): VertexSystem {
  const { width, slopes, units, extended, hiddenBias, outputBias } = view
  const { data } = vertex.piece
  const coordinates = units * width + (outputBias ? 1 : 0)
  const input = (i: number, b: number): bigint => (hiddenBias && b === width - 1 ? 1n : extended[i * width + b]!)
  const outputForm = (i: number): bigint[] => {
    const g = data.mergedOf[i]!
    const row = new Array<bigint>(coordinates).fill(outputBias ? 1n : 0n)
    for (let j = 0; j < units; j++) {
      const s = BigInt(state.kappa[j]!) * (state.side[j * data.samples + g] ? slopes.positive : slopes.negative)
      for (let b = 0; b < width; b++) row[j * width + b] = s * input(i, b)
    }
    return row
  }
  const free = new Set(vertex.items.flatMap((item) => (item.kind === 'coordinate' ? [item.at] : [])))
  const columns = Array.from({ length: coordinates }, (_, at) => at).filter((at) => !free.has(at))
  const ties = vertex.items.flatMap((item) => (item.kind === 'tie' ? [item.at] : []))
  const rows = ties.map(outputForm)
  for (const item of vertex.items) {
    if (item.kind !== 'kink') continue
    const row = new Array<bigint>(coordinates).fill(0n)
    const i = data.mergedOf.indexOf(data.classes[item.at]![0]!)
    for (let b = 0; b < width; b++) row[item.unit * width + b] = input(i, b)
    rows.push(row)
  }
  return { rows, ties, columns, outputForm }
}

/** The output at which the loss of a sample has its kink. Exact. */
function tieValue(view: OneHiddenLayer, i: number): Rational {
  const y = view.problem.data.targets
  return view.problem.loss === 'hinge'
    ? rational(y.denominator, y.numerators[i]!)
    : rational(y.numerators[i]!, y.denominator)
}

/**
 * The point at which the ties and kinks of a vertex hold exactly; its free coordinates stay at their approximate values (as exact dyadics). Undefined when the
 * system is singular, which the approximate basis should exclude. Exact.
 */
export function snapVertex(
  view: OneHiddenLayer,
  state: CellState,
  vertex: Vertex,
  system: VertexSystem
): SnappedState | undefined {
  const { width, slopes, units, outputBias, hiddenBias, scale } = view
  const { rows, ties, columns } = system
  const coordinates = units * width + (outputBias ? 1 : 0)
  const unitOf = (at: number): bigint =>
    at === units * width ? 1n : slopes.denominator * (hiddenBias && at % width === width - 1 ? 1n : scale)
  const free = vertex.items.flatMap((item) => (item.kind === 'coordinate' ? [item.at] : []))
  const kept = overCommonDenominator(
    free.map((at) => {
      const value = fromNumber(at === units * width ? state.c : state.u[at]!)
      return rational(value.numerator, value.denominator * unitOf(at))
    })
  )
  const held = overCommonDenominator(ties.map((i) => tieValue(view, i)))
  const denominator = kept.denominator * held.denominator
  const rhs = rows.map((row, r) => {
    const value = (r < ties.length ? held.numerators[r]! : 0n) * kept.denominator
    return free.reduce((sum, at, a) => sum - row[at]! * kept.numerators[a]! * held.denominator, value)
  })
  const solution = solveSquare(rows, columns, rhs)
  if (!solution) return undefined
  const common = denominator * solution.denominator
  const zeta = new Array<bigint>(coordinates)
  for (const [a, at] of columns.entries()) zeta[at] = solution.numerators[a]! * unitOf(at)
  for (const [a, at] of free.entries())
    zeta[at] = kept.numerators[a]! * held.denominator * solution.denominator * unitOf(at)
  return {
    u: reduceVector({ denominator: common, numerators: zeta.slice(0, units * width) }),
    c: reduceVector({ denominator: common, numerators: outputBias ? [zeta[units * width]!] : [0n] }),
    unknowns: columns.length,
    fixed: free.length
  }
}

/**
 * The subgradients at the ties of a configuration that balance the gradient along the coordinates of a vertex that are not free: a proposal, which the
 * first-order test has to accept. Exact.
 */
export function vertexSubgradients(
  configuration: Configuration,
  vertex: Vertex,
  system: VertexSystem
): RationalVector | undefined {
  const { residuals, ties, view } = configuration
  const { columns, rows, outputForm } = system
  const { above } = vertex.piece
  const own = new Map(system.ties.map((i, t) => [i, t]))
  const tied = new Set(ties)
  // A tie outside the system keeps the slope of the side that it is taken to be on.
  const slopeAt = (i: number): bigint =>
    tied.has(i) ? tieInterval(configuration, i)[above[i] ? 1 : 0] : residuals.numerators[i]!
  const rhs = columns.map(() => 0n)
  for (let i = 0; i < view.samples; i++) {
    const r = own.has(i) ? 0n : slopeAt(i)
    if (r === 0n) continue
    const form = outputForm(i)
    for (const [a, at] of columns.entries()) rhs[a]! -= r * form[at]!
  }
  const solution = solveSquare(rows, columns, rhs, true)
  if (!solution) return undefined
  return {
    denominator: residuals.denominator * solution.denominator,
    numerators: ties.map((i) => {
      const t = own.get(i)
      return t === undefined ? slopeAt(i) * solution.denominator : solution.numerators[t]!
    })
  }
}

/** The solution of rows (or their transpose), restricted to the columns; undefined when singular. Exact. */
function solveSquare(
  rows: readonly (readonly bigint[])[],
  columns: readonly number[],
  rhs: readonly bigint[],
  transposed = false
): RationalVector | undefined {
  const size = columns.length
  if (size === 0) return { denominator: 1n, numerators: [] }
  const matrix = integerMatrix(
    size,
    size,
    rows.flatMap((row) => columns.map((at) => row[at]!))
  )
  const solution = solveExactly(transposed ? transpose(matrix) : matrix, columnMatrix(rhs))
  return solution.kind === 'singular' ? undefined : solution
}
