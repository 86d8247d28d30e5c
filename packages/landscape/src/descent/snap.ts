import {
  columnMatrix,
  fromNumber,
  integerMatrix,
  lcm,
  outerProductSums,
  overCommonDenominator,
  pivotsModulo,
  primeBelow,
  type RationalVector,
  reduceVector,
  residuesModulo,
  solveExactly,
  transpose
} from '@nadir/arithmetic'
import type { OneHiddenLayer } from '../traits.ts'
import type { CellState } from './cell-state.ts'
import type { MergedData } from './merged-data.ts'
import { semidefiniteCholesky } from './semidefinite-cholesky.ts'

/** The exact minimiser of the closed cell of a state, in scaled coordinates: u (units x width) and c. Exact. */
export interface SnappedState {
  readonly u: RationalVector
  readonly c: RationalVector
  /** Number of unknowns of the linear system that was solved, and of coordinates that were left at their approximate values. */
  readonly unknowns: number
  readonly fixed: number
}

/**
 * Solves the KKT system of min 1/2 |F z - y|^2 subject to u_j . x_k = 0 on the kinks of the state, exactly. Where the system is rank deficient the
 * coordinates that are no pivots stay at their approximate values (as exact dyadics), so the solution is a near representative of the affine
 * solution set. Squared loss, one output. Exact.
 */
export function snap(view: OneHiddenLayer, data: MergedData, state: CellState): SnappedState {
  const { width, samples: n, scale, slopes, problem, outputBias } = view
  const live = Array.from({ length: view.units }, (_, j) => j).filter((j) => state.kappa[j] !== 0)
  const d = view.hiddenBias ? width - 1 : width
  const coordinates = live.length * width + (outputBias ? 1 : 0)
  // Coordinates are rescaled so that features are integers without common factors: u = zeta * slopes.denominator * scale for weights,
  // b = zeta * slopes.denominator for biases, c = zeta.
  const X = integerInputs(view)
  const gram = cellGramExact(view, data, state, live, X)
  const kinkRows: bigint[][] = []
  for (const [a, j] of live.entries())
    for (const k of independentKinks(view, data, state.kinks[j]!, X)) {
      const row = new Array<bigint>(coordinates).fill(0n)
      const i = data.mergedOf.indexOf(data.classes[k]![0]!)
      for (let b = 0; b < width; b++) row[a * width + b] = X[i * width + b]!
      kinkRows.push(row)
    }
  // Right-hand side F^T y over the denominator of y.
  const y = problem.data.targets
  const moments = new Array<bigint>(coordinates).fill(0n)
  for (let i = 0; i < n; i++) {
    const yi = y.numerators[i]!
    if (yi === 0n) continue
    const g = data.mergedOf[i]!
    for (const [a, j] of live.entries()) {
      const s = BigInt(state.kappa[j]!) * (state.side[j * data.samples + g] ? slopes.positive : slopes.negative)
      if (s === 0n) continue
      for (let b = 0; b < width; b++) moments[a * width + b]! += s * X[i * width + b]! * yi
    }
    if (outputBias) moments[coordinates - 1]! += yi
  }
  const columnScale = (at: number) =>
    outputBias && at === coordinates - 1 ? 1n : slopes.denominator * (at % width < d ? scale : 1n)

  for (const chosen of pivotColumns(gram, kinkRows, coordinates)) {
    const snapped = solveWith(chosen)
    if (snapped) return snapped
  }
  throw new Error('no prime gave pivots of the cell: its kinks are dependent')

  function solveWith(chosen: ReadonlySet<number>): SnappedState | undefined {
    const fixed = Array.from({ length: coordinates }, (_, at) => at).filter((at) => !chosen.has(at))
    const unknown = [...chosen].sort((a, b) => a - b)
    // Fixed coordinates as dyadics, in the rescaled coordinates.
    const approximate = (at: number) =>
      outputBias && at === coordinates - 1 ? state.c : state.u[live[Math.floor(at / width)]! * width + (at % width)]!
    const fixedValues = overCommonDenominator(
      fixed.map((at) => {
        const value = fromNumber(approximate(at))
        return { numerator: value.numerator, denominator: value.denominator * columnScale(at) }
      })
    )
    const size = unknown.length + kinkRows.length
    const common = lcm(y.denominator, fixedValues.denominator)
    const entries: bigint[] = []
    const rhs: bigint[] = []
    for (const row of unknown) {
      for (const column of unknown) entries.push(gram[row * coordinates + column]!)
      for (const kink of kinkRows) entries.push(kink[row]!)
      let value = moments[row]! * (common / y.denominator)
      for (const [f, at] of fixed.entries())
        value -= gram[row * coordinates + at]! * fixedValues.numerators[f]! * (common / fixedValues.denominator)
      rhs.push(value)
    }
    for (const kink of kinkRows) {
      for (const column of unknown) entries.push(kink[column]!)
      for (let k = 0; k < kinkRows.length; k++) entries.push(0n)
      let value = 0n
      for (const [f, at] of fixed.entries())
        value -= kink[at]! * fixedValues.numerators[f]! * (common / fixedValues.denominator)
      rhs.push(value)
    }
    const solution =
      size === 0
        ? { kind: 'solved' as const, denominator: 1n, numerators: [] }
        : solveExactly(integerMatrix(size, size, entries), columnMatrix(rhs))
    if (solution.kind === 'singular') return undefined
    const denominator = lcm(solution.denominator * common, fixedValues.denominator)
    const zeta = new Array<bigint>(coordinates)
    for (const [a, at] of unknown.entries())
      zeta[at] = solution.numerators[a]! * (denominator / (solution.denominator * common)) * columnScale(at)
    for (const [f, at] of fixed.entries())
      zeta[at] = fixedValues.numerators[f]! * (denominator / fixedValues.denominator) * columnScale(at)
    const u = new Array<bigint>(view.units * width).fill(0n)
    for (const [a, j] of live.entries()) for (let b = 0; b < width; b++) u[j * width + b] = zeta[a * width + b]!
    return {
      u: reduceVector({ denominator, numerators: u }),
      c: reduceVector({ denominator, numerators: outputBias ? [zeta[coordinates - 1]!] : [0n] }),
      unknowns: size,
      fixed: fixed.length
    }
  }
}

/** The kinks of a unit without those whose rows depend on earlier ones, which they imply. Exact. */
function independentKinks(
  view: OneHiddenLayer,
  data: MergedData,
  kinks: readonly number[],
  X: readonly bigint[]
): readonly number[] {
  if (kinks.length < 2) return kinks
  const rows = kinks.flatMap((k) => {
    const i = data.mergedOf.indexOf(data.classes[k]![0]!)
    return X.slice(i * view.width, (i + 1) * view.width)
  })
  // The leftmost independent columns of the transposed matrix; modulo a prime they are independent for certain.
  const matrix = transpose(integerMatrix(kinks.length, view.width, rows))
  const prime = primeBelow(2 ** 22)
  const { pivotColumns: kept } = pivotsModulo(residuesModulo(matrix, prime), view.width, kinks.length, prime)
  return kept.length === kinks.length ? kinks : kept.map((a) => kinks[a]!)
}

/** x~ as integers with last entry 1 (not scale) when there is a hidden bias. */
function integerInputs(view: OneHiddenLayer): bigint[] {
  if (!view.hiddenBias) return [...view.extended]
  return view.extended.map((x, at) => (at % view.width === view.width - 1 ? 1n : x))
}

/** F^T F for the cell, in the rescaled coordinates: coordinates x coordinates, row-major. Exact. */
function cellGramExact(
  view: OneHiddenLayer,
  data: MergedData,
  state: CellState,
  live: readonly number[],
  X: readonly bigint[]
): bigint[] {
  const { width, samples: n, slopes, outputBias } = view
  const coordinates = live.length * width + (outputBias ? 1 : 0)
  const last = coordinates - 1
  let largest = 0n
  for (const x of X) if (x > largest || -x > largest) largest = x < 0n ? -x : x
  const steepest = [slopes.positive, slopes.negative].reduce((m, s) => (s < 0n ? (-s > m ? -s : m) : s > m ? s : m), 0n)
  const bound = BigInt(n) * (largest * steepest) ** 2n
  const slope = (j: number, i: number): bigint =>
    BigInt(state.kappa[j]!) * (state.side[j * data.samples + data.mergedOf[i]!] ? slopes.positive : slopes.negative)
  if (bound < 1n << 53n) {
    // Every partial sum is an integer below 2^53: doubles are exact.
    const sums = new Float64Array(coordinates * coordinates)
    const x = Float64Array.from(X, Number)
    const feature = new Float64Array(coordinates)
    const blocks: number[] = []
    for (let i = 0; i < n; i++) {
      blocks.length = 0
      for (const [a, j] of live.entries()) {
        const s = Number(slope(j, i))
        if (s === 0) continue
        blocks.push(a)
        for (let b = 0; b < width; b++) feature[a * width + b] = s * x[i * width + b]!
      }
      for (const a of blocks) {
        for (let row = a * width; row < (a + 1) * width; row++) {
          const f = feature[row]!
          for (const b of blocks) {
            if (b > a) break
            for (let column = b * width; column < (b + 1) * width; column++)
              sums[row * coordinates + column] = sums[row * coordinates + column]! + f * feature[column]!
          }
          if (outputBias) sums[last * coordinates + row] = sums[last * coordinates + row]! + f
        }
      }
      if (outputBias) sums[last * coordinates + last] = sums[last * coordinates + last]! + 1
    }
    for (let row = 0; row < coordinates; row++)
      for (let column = row + 1; column < coordinates; column++)
        sums[row * coordinates + column] = sums[column * coordinates + row]!
    return Array.from(sums, BigInt)
  }
  return gramByOuterProducts(view, data, state, live, X)
}

/** The same for long numbers: outer products of the inputs are taken once and added up for each pair of units and pair of sides. Exact. */
function gramByOuterProducts(
  view: OneHiddenLayer,
  data: MergedData,
  state: CellState,
  live: readonly number[],
  X: readonly bigint[]
): bigint[] {
  const { width, samples: n, slopes, outputBias } = view
  const coordinates = live.length * width + (outputBias ? 1 : 0)
  // A constant entry after x~ gives the sums of x~ themselves, for the output bias.
  const sums = outerProductSums(
    Array.from({ length: n }, (_, i) => [...X.slice(i * width, (i + 1) * width), ...(outputBias ? [1n] : [])])
  )
  const wide = width + (outputBias ? 1 : 0)
  const gram = new Array<bigint>(coordinates * coordinates).fill(0n)
  const sideOf = (j: number, i: number) => state.side[j * data.samples + data.mergedOf[i]!]!
  const selection = new Uint8Array(n)
  const factor = [slopes.negative, slopes.positive]
  for (const [a, j] of live.entries())
    for (const [b, k] of live.entries()) {
      if (b > a) break
      for (const own of [0, 1])
        for (const other of [0, 1]) {
          const f = factor[own]! * factor[other]! * BigInt(state.kappa[j]! * state.kappa[k]!)
          if (f === 0n || (a === b && own !== other)) continue
          for (let i = 0; i < n; i++) selection[i] = sideOf(j, i) === own && sideOf(k, i) === other ? 1 : 0
          const block = sums.sum(selection)
          for (let r = 0; r < width; r++)
            for (let c = 0; c < width; c++)
              gram[(a * width + r) * coordinates + b * width + c]! += f * block[r * wide + c]!
          if (outputBias && a === b)
            for (let r = 0; r < width; r++)
              gram[(coordinates - 1) * coordinates + a * width + r]! +=
                factor[own]! * BigInt(state.kappa[j]!) * block[r * wide + width]!
        }
    }
  if (outputBias) gram[coordinates * coordinates - 1] = BigInt(n)
  for (let row = 0; row < coordinates; row++)
    for (let column = row + 1; column < coordinates; column++)
      gram[row * coordinates + column] = gram[column * coordinates + row]!
  return gram
}

/**
 * Maximal sets of independent columns of [kinks; Gram] to try in turn, well-conditioned columns first: all of them when doubles see no dependence, then the
 * pivots modulo some primes. A set that is wrong (doubles err, a prime is unlucky) makes a singular system, and the next one is tried.
 */
function* pivotColumns(
  gram: readonly bigint[],
  kinkRows: readonly (readonly bigint[])[],
  coordinates: number
): Generator<ReadonlySet<number>> {
  const skipped = new Uint8Array(coordinates)
  semidefiniteCholesky(Float64Array.from(gram, Number), coordinates, skipped)
  if (!skipped.includes(1)) yield new Set(skipped.keys())
  const order = columnOrder(gram, coordinates)
  const rows = kinkRows.length + coordinates
  const entries: bigint[] = []
  for (const kink of kinkRows) for (const at of order) entries.push(kink[at]!)
  for (let row = 0; row < coordinates; row++) for (const at of order) entries.push(gram[row * coordinates + at]!)
  const matrix = integerMatrix(rows, coordinates, entries)
  let prime = 2 ** 22
  for (let attempt = 0; attempt < 3; attempt++) {
    prime = primeBelow(prime)
    const { pivotColumns: pivots } = pivotsModulo(residuesModulo(matrix, prime), rows, coordinates, prime)
    yield new Set(pivots.map((a) => order[a]!))
  }
}

/** Columns in the order of a pivoted Cholesky factorisation in doubles: the independent ones come first. Approximate. */
function columnOrder(gram: readonly bigint[], size: number): number[] {
  const M = Float64Array.from(gram, Number)
  const scale = Float64Array.from({ length: size }, (_, i) => {
    const diagonal = M[i * size + i]!
    return diagonal > 0 ? 1 / Math.sqrt(diagonal) : 0
  })
  // Row i of the factor, one entry for each pivot so far; what is left of the diagonal.
  const factor = new Float64Array(size * size)
  const left = scale.map((s) => (s > 0 ? 1 : 0))
  const rest = Array.from({ length: size }, (_, i) => i)
  const order: number[] = []
  for (let k = 0; k < size; k++) {
    let best = 0
    for (let t = 1; t < rest.length; t++) if (left[rest[t]!]! > left[rest[best]!]!) best = t
    const pivot = rest[best]!
    if (left[pivot]! <= 1e-13) break
    rest.splice(best, 1)
    order.push(pivot)
    const root = Math.sqrt(left[pivot]!)
    for (const i of rest) {
      let sum = M[i * size + pivot]! * scale[i]! * scale[pivot]!
      for (let t = 0; t < k; t++) sum -= factor[i * size + t]! * factor[pivot * size + t]!
      const entry = sum / root
      factor[i * size + k] = entry
      left[i] = left[i]! - entry * entry
    }
  }
  return [...order, ...rest]
}
