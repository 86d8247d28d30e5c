import { type Budget, spend } from './budget.ts'
import { exponential, logarithm } from './elementary.ts'
import { enclosedForward } from './enclosed-forward.ts'
import {
  combination,
  enclose,
  floorDivide,
  growing,
  type Interval,
  minus,
  negative,
  one,
  plus,
  precision,
  shifted,
  sizeOf,
  squareOf
} from './enclosure.ts'
import { greatestBitLength } from './integers.ts'
import type { Point } from './point.ts'
import type { Loss, Problem } from './problem.ts'
import type { Rational } from './rational.ts'
import type { Samples } from './samples.ts'
import { softplus } from './smooth-values.ts'

const half = (interval: Interval): Interval => combination([1n], [interval], 2n)

/** max(0, x) */
const positivePart = ({ low, high }: Interval): Interval => ({
  low: low > 0n ? low : 0n,
  high: high > 0n ? high : 0n
})

/** e^2/2 for |e| <= 1, |e| - 1/2 beyond; grows with |e|. */
const huberAt = (size: bigint): Interval =>
  size <= one ? half(squareOf({ low: size, high: size })) : { low: size - one / 2n, high: size - one / 2n }

/** log of the sum of e^f. */
const logarithmOfExponentials = (outputs: readonly Interval[]): Interval => {
  const top = outputs.reduce((most, { low }) => (low > most ? low : most), outputs[0].low)
  // A whole number below all that counts: the sum is more than 1.
  const shift = (floorDivide(top, one) - 1n) * one
  const total = outputs.map((f) => growing(exponential)(shifted(f, -shift))).reduce(plus)
  return shifted(growing(logarithm)(total), shift)
}

/** The loss of one sample. The target of output o is targets[o] / denominator. */
export const sampleLoss = (
  kind: Loss['kind'],
  outputs: readonly Interval[],
  targets: readonly bigint[],
  denominator: bigint
): Interval => {
  const products = outputs.map((f, o) => combination([targets[o]], [f], denominator))
  if (kind === 'cross-entropy') return minus(logarithmOfExponentials(outputs), products.reduce(plus))
  const losses = outputs.map((f, o) => {
    if (kind === 'hinge') return positivePart(shifted(negative(products[o]), one))
    if (kind === 'logistic') return minus(softplus(f), products[o])
    const error = minus(f, enclose(targets[o], denominator))
    if (kind === 'squared') return half(squareOf(error))
    return kind === 'absolute' ? sizeOf(error) : growing(huberAt)(sizeOf(error))
  })
  return losses.reduce(plus)
}

/** Two numbers between which the loss of a problem at a point of its shape lies. */
export const enclosedLoss = (
  { network, loss }: Problem,
  { inputs, targets }: Samples,
  point: Point,
  budget: Budget
): { readonly lower: Rational; readonly upper: Rational } => {
  const outputs = enclosedForward(network, point, inputs, budget)
  const hasLogarithms = loss.kind === 'logistic' || loss.kind === 'cross-entropy'
  const wordBits = Number(precision) * 4
  spend(
    budget,
    [hasLogarithms ? 512 : 4, outputs.length, network.outputs],
    wordBits + greatestBitLength(targets.rows),
    wordBits
  )
  const { low, high } = outputs
    .map((row, sample) => sampleLoss(loss.kind, row, targets.rows[sample], targets.denominator))
    .reduce(plus)
  const denominator = (loss.reduction === 'mean' ? BigInt(outputs.length) : 1n) << precision
  return { lower: { numerator: low, denominator }, upper: { numerator: high, denominator } }
}
