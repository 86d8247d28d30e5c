import {
  columnMatrix,
  integerMatrix,
  lcm,
  pivotsModulo,
  primeBelow,
  type RationalVector,
  ratioToNumber,
  reduceVector,
  residuesModulo,
  solveExactly
} from '@nadir/arithmetic'
import type { ExactEvaluation } from '../cells/exact-evaluation.ts'
import { type ExactRows, integerSlopes, parametersByLayer } from '../network/evaluate-exact.ts'
import type { ExactPoint } from '../point.ts'

/**
 * The point after the parameters of one dense layer have changed so that the outputs of these samples change as wanted: one linear system, since outputs are linear in the parameters of a layer as long
 * as no sample changes side, which the caller has to see to. The change is about as short as possible. Undefined when the layer cannot. Networks of dense layers and two-slope activations.
 * Exact: the outputs are reached exactly where no side changes.
 */
export function reachOutputs(
  evaluation: ExactEvaluation,
  layer: number,
  samples: readonly number[],
  wanted: ExactRows
): ExactPoint | undefined {
  const { problem, point, values } = evaluation
  const { network } = problem
  const dense = network.layers[layer]!
  if (dense.kind !== 'dense') throw new RangeError(`reachOutputs: layer ${layer} is a ${dense.kind} layer`)
  const slopes = outputSlopes(evaluation, layer, samples)
  const inputs = samples.map((i) => [...values[layer]!.rows[i]!, ...(dense.bias ? [values[layer]!.denominator] : [])])
  const m = slopes.length / samples.length
  // The change of the parameters is sought as short outer products with unknown factors: then it is nearly the shortest.
  const shortSlopes = shortened(slopes)
  const shortInputs = shortened(inputs)
  const inputProducts = inputs.map((a) => shortInputs.map((b) => product(a, b)))
  const slopeProducts = slopes.map((a) => shortSlopes.map((b) => product(a, b)))
  const size = slopes.length
  const entries: bigint[] = []
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++)
      entries.push(slopeProducts[row]![column]! * inputProducts[Math.floor(row / m)]![Math.floor(column / m)]!)
  const matrix = integerMatrix(size, size, entries)
  const prime = primeBelow(2 ** 22)
  const { pivotRows, pivotColumns } = pivotsModulo(residuesModulo(matrix, prime), size, size, prime)
  if (pivotRows.length === 0) return undefined
  const rank = pivotRows.length
  const minor = integerMatrix(
    rank,
    rank,
    pivotRows.flatMap((row) => pivotColumns.map((column) => entries[row * size + column]!))
  )
  const right = wanted.rows.flat()
  const factors = solveExactly(minor, columnMatrix(pivotRows.map((row) => right[row]!)))
  if (factors.kind === 'singular') return undefined
  // Units: slopes and inputs carry the denominators of the evaluation, which the factors undo.
  const unit = slopeDenominator(evaluation, layer) * values[layer]!.denominator
  const denominator = factors.denominator * wanted.denominator
  const change = Array.from({ length: dense.outputs }, (_, u) =>
    shortInputs[0]!.map((_, k) => {
      let sum = 0n
      for (const [at, column] of pivotColumns.entries()) {
        const s = shortSlopes[column]![u]!
        if (s !== 0n) sum += factors.numerators[at]! * s * shortInputs[Math.floor(column / m)]![k]!
      }
      return sum * unit
    })
  )
  return changed(evaluation, layer, change, denominator, point)
}

const product = (a: readonly bigint[], b: readonly bigint[]): bigint => {
  let sum = 0n
  for (const [k, x] of a.entries()) if (x !== 0n) sum += x * b[k]!
  return sum
}

/** Rows of integers of about twelve bits, nearly proportional to the given ones. */
function shortened(rows: readonly (readonly bigint[])[]): readonly (readonly bigint[])[] {
  let largest = 1n
  for (const row of rows) for (const x of row) if (x > largest || -x > largest) largest = x < 0n ? -x : x
  return rows.map((row) => row.map((x) => BigInt(Math.round(4096 * ratioToNumber(x, largest)))))
}

/** The derivative of output o of sample i by the outputs of the layer, as row i m + o, times `slopeDenominator`. Exact; on a kink the slope of the positive side. */
function outputSlopes(
  { problem, point, values }: ExactEvaluation,
  layer: number,
  samples: readonly number[]
): readonly (readonly bigint[])[] {
  const { layers } = problem.network
  const parameters = parametersByLayer(problem.network, point)
  const m = problem.data.targetCount
  return samples.flatMap((i) =>
    Array.from({ length: m }, (_, o) => {
      let slope: bigint[] = Array.from({ length: m }, (_, k) => (k === o ? 1n : 0n))
      for (let l = layers.length - 1; l > layer; l--) {
        const at = layers[l]!
        const inputs = values[l]!.rows[i]!
        if (at.kind === 'dense') {
          const weights = parameters[l]![0]!.numerators
          slope = inputs.map((_, k) => slope.reduce((sum, s, u) => sum + s * weights[u * inputs.length + k]!, 0n))
        } else if (at.kind === 'activation') {
          const { positive, negative } = integerSlopes(at.activation)!
          slope = slope.map((s, u) => s * (inputs[u]! >= 0n ? positive : negative))
        }
      }
      return slope
    })
  )
}

function slopeDenominator({ problem, point }: ExactEvaluation, layer: number): bigint {
  const { layers } = problem.network
  const parameters = parametersByLayer(problem.network, point)
  let denominator = 1n
  for (const [l, at] of layers.entries()) {
    if (l <= layer) continue
    if (at.kind === 'dense') denominator *= parameters[l]![0]!.denominator
    else if (at.kind === 'activation') denominator *= integerSlopes(at.activation)!.denominator
  }
  return denominator
}

function changed(
  { problem }: ExactEvaluation,
  layer: number,
  change: readonly (readonly bigint[])[],
  denominator: bigint,
  point: ExactPoint
): ExactPoint {
  const dense = problem.network.layers[layer]!
  const before = parametersByLayer(problem.network, point).slice(0, layer).flat().length
  const bias = dense.kind === 'dense' && dense.bias
  const tensors = [...point.tensors]
  const moved = (tensor: RationalVector, by: readonly bigint[]): RationalVector => {
    const common = lcm(tensor.denominator, denominator)
    return reduceVector({
      denominator: common,
      numerators: tensor.numerators.map((x, k) => x * (common / tensor.denominator) + by[k]! * (common / denominator))
    })
  }
  tensors[before] = moved(
    tensors[before]!,
    change.flatMap((row) => (bias ? row.slice(0, -1) : row))
  )
  if (bias)
    tensors[before + 1] = moved(
      tensors[before + 1]!,
      change.map((row) => row.at(-1)!)
    )
  return { kind: 'exact', tensors }
}
