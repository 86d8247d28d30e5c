import { entry, multiply, type Rational, rational, subtract, zero } from '@nadir/arithmetic'
import type { Problem } from '../problem.ts'
import { innerOf, type RationalRows, solutionOf, sumOf, timesRational, transposedRational } from './rational-rows.ts'

/** The best linear map of the inputs to the targets, affine where some layer has a bias, and the second moments of what it gives. */
export interface BestLinearMap {
  readonly withBias: boolean
  /** One row for each output, one column for each input, then one for the constant. */
  readonly map: RationalRows
  /** Sum of the squares of its errors. */
  readonly squares: Rational
  /** Of what it gives, over the samples; 0 without a bias. */
  readonly means: readonly Rational[]
  /** Sum over the samples of t t^T, t what it gives less the means. */
  readonly moments: RationalRows
  /** The rank that the narrowest layer leaves to a map. */
  readonly rank: number
}

/** Of a network of dense layers and the squared loss, by the normal equations. Exact. */
export function bestLinearMap({ network, data }: Problem): BestLinearMap {
  const layers = network.layers.flatMap((layer) => (layer.kind === 'dense' ? [layer] : []))
  const withBias = layers.some(({ bias }) => bias)
  const [d, m] = [data.inputCount, data.targetCount]
  const X: RationalRows = Array.from({ length: data.samples }, (_, i) => [
    ...Array.from({ length: d }, (_, e) => entry(data.inputs, i * d + e)),
    ...(withBias ? [rational(1n)] : [])
  ])
  const Y: RationalRows = Array.from({ length: data.samples }, (_, i) =>
    Array.from({ length: m }, (_, o) => entry(data.targets, i * m + o))
  )
  const columns = transposedRational(X)
  const gram = columns.map((a) => columns.map((b) => innerOf(a, b)))
  const map = transposedRational(Y).map((target) => {
    const solved = solutionOf(
      gram,
      columns.map((column) => innerOf(column, target))
    )
    if (!solved) throw new Error('bestLinearMap: normal equations always have a solution')
    return solved
  })
  const fitted = timesRational(X, transposedRational(map))
  const squares = sumOf(
    Y.flatMap((row, i) =>
      row.map((y, o) => {
        const error = subtract(y, fitted[i]![o]!)
        return multiply(error, error)
      })
    )
  )
  const share = rational(1n, BigInt(data.samples))
  const means = transposedRational(fitted).map((column) => (withBias ? multiply(sumOf(column), share) : zero))
  const centred = transposedRational(fitted.map((row) => row.map((t, o) => subtract(t, means[o]!))))
  return {
    withBias,
    map,
    squares,
    means,
    moments: centred.map((a) => centred.map((b) => innerOf(a, b))),
    rank: Math.min(d, ...layers.map(({ outputs }) => outputs))
  }
}
