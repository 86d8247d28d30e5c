import { type Budget, spend } from '../budget.ts'
import type { NearbyClaim } from '../claim.ts'
import { combination, enclose, type Interval, minus, negative, plus, reciprocal } from '../enclosure.ts'
import { greatestBitLength } from '../integers.ts'
import { reject } from '../outcome.ts'
import { type Point, requireShape, type Vector } from '../point.ts'
import type { Dense, Problem, Quadratic, Smooth } from '../problem.ts'
import { compare } from '../rational.ts'
import type { Samples } from '../samples.ts'
import { requireContraction } from './contraction.ts'
import { type Box, boxAround } from './curvature.ts'
import { nothing, times, unit } from './intervals.ts'
import { lossSlopes } from './loss-slopes.ts'
import { slopesOf, wordBits } from './slopes.ts'

/** Two hidden units that are copies of one, and the factor of the contraction for the network with one of them; for a saddle, how the two move apart. */
export type SplitEvidence = {
  readonly units: readonly [number, number]
  readonly factor: readonly Vector[]
  readonly direction: Vector | undefined
}

type Layers = { readonly hidden: Dense; readonly bent: Smooth | Quadratic; readonly output: Dense }

const layersOf = ({ network, loss }: Problem): Layers => {
  const [hidden, bent, output] = network.layers
  const fits =
    network.layers.length === 3 &&
    hidden.kind === 'dense' &&
    (bent.kind === 'smooth' || bent.kind === 'quadratic') &&
    output.kind === 'dense' &&
    output.outputs === 1
  if (!fits) return reject('network', 'the rule is for one smooth hidden layer and one output')
  if (loss.kind === 'cross-entropy') reject('loss', 'the rule is not for the cross-entropy loss')
  return { hidden, bent, output }
}

/** The weights of hidden unit j and, where there is one, its bias, each over the denominator of its tensor. */
const rowOf = (point: Point, { hidden }: Layers, inputs: number, j: number): readonly bigint[] => {
  const weights = point[0].numerators.slice(j * inputs, (j + 1) * inputs)
  return hidden.bias ? [...weights, point[1].numerators[j]] : weights
}

/** The point without the second unit, whose outgoing weight is added to that of the first. */
const merged = (point: Point, { hidden }: Layers, inputs: number, [first, second]: readonly [number, number]): Point =>
  point.map(({ denominator, numerators }, tensor) => {
    if (tensor === 0) return { denominator, numerators: numerators.toSpliced(second * inputs, inputs) }
    if (tensor === 1 && hidden.bias) return { denominator, numerators: numerators.toSpliced(second, 1) }
    if (tensor > (hidden.bias ? 2 : 1)) return { denominator, numerators }
    const sum = numerators[first] + numerators[second]
    return { denominator, numerators: numerators.with(first, sum).toSpliced(second, 1) }
  })

/** sum of g_i sigma''(z_i) x~_i x~_i^T over a box of the small network, z_i the arguments of unit j. */
const enclosedBend = (
  problem: Problem,
  { hidden, bent, output }: Layers,
  samples: Samples,
  box: Box,
  j: number
): readonly (readonly Interval[])[] => {
  const { inputs } = problem.network
  const biases = hidden.outputs * inputs
  const outer = biases + (hidden.bias ? hidden.outputs : 0)
  const size = inputs + (hidden.bias ? 1 : 0)
  const bend: Interval[][] = Array.from({ length: size }, () => Array.from({ length: size }, () => nothing))
  for (const [sample, row] of samples.inputs.rows.entries()) {
    const x = row.map((entry) => enclose(entry, samples.inputs.denominator))
    const slopes = Array.from({ length: hidden.outputs }, (_, k) =>
      slopesOf(
        bent,
        x.reduce(
          (sum, entry, c) => plus(sum, times(entry, box[k * inputs + c])),
          hidden.bias ? box[biases + k] : nothing
        )
      )
    )
    const value = slopes.reduce(
      (sum, slope, k) => plus(sum, times(box[outer + k], slope.value)),
      output.bias ? box[outer + hidden.outputs] : nothing
    )
    const { first } = lossSlopes(problem.loss.kind, [value], samples.targets.rows[sample], samples.targets.denominator)
    const weight = times(first[0], slopes[j].second)
    const extended = hidden.bias ? [...x, unit] : x
    for (const [a, left] of extended.entries()) {
      for (const [b, right] of extended.entries()) {
        bend[a][b] = plus(bend[a][b], times(weight, times(left, right)))
      }
    }
  }
  return bend
}

/** Whether elimination without exchanges finds positive pivots for every symmetric matrix in the enclosure. */
const isDefinite = (matrix: readonly (readonly Interval[])[]): boolean => {
  const rows = matrix.map((row) => [...row])
  for (const [k, row] of rows.entries()) {
    const pivot = row[k]
    if (pivot.low <= 0n) return false
    const inverse = reciprocal(pivot)
    for (const below of rows.slice(k + 1)) {
      const share = times(below[k], inverse)
      for (let column = k + 1; column < row.length; column += 1) {
        below[column] = minus(below[column], times(share, row[column]))
      }
    }
  }
  return true
}

/** Whether e^T M e < 0 for all matrices M in the enclosure, e in any positive units. */
const isNegativeAlong = (matrix: readonly (readonly Interval[])[], direction: readonly bigint[]): boolean =>
  combination(
    direction,
    matrix.map((row) => combination(direction, row, 1n)),
    1n
  ).high < 0n

const absolute = (a: bigint): bigint => (a < 0n ? -a : a)

/**
 * Rejects unless the wide network has, in the box of the claim, a local minimum of the small network with a unit split in two, and unless that is a minimum of the wide
 * network too or, with a direction, a saddle of it.
 */
export const requireSplit = (
  problem: Problem,
  samples: Samples,
  claim: NearbyClaim,
  { units, factor, direction }: SplitEvidence,
  budget: Budget
): void => {
  const { network } = problem
  const layers = layersOf(problem)
  requireShape(network, claim.point, 'point')
  const { hidden } = layers
  const [first, second] = units
  if (first >= hidden.outputs || second >= hidden.outputs || first === second) {
    reject('units', `units ${first} and ${second} of ${hidden.outputs} are not two`)
  }
  const twin = rowOf(claim.point, layers, network.inputs, second)
  if (rowOf(claim.point, layers, network.inputs, first).some((entry, k) => entry !== twin[k])) {
    reject('units', 'the two units have different weights')
  }
  const { denominator, numerators } = claim.point[hidden.bias ? 2 : 1]
  const [one, other] = [numerators[first], numerators[second]]
  const isAway = (weight: bigint): boolean => compare({ numerator: absolute(weight), denominator }, claim.radius) > 0
  if (one === 0n) reject('weights', 'the outgoing weight of the first unit is zero')
  if (!isAway(other) || !isAway(one + other)) reject('weights', 'an outgoing weight may be zero in the box')

  const narrow: Layers = { ...layers, hidden: { ...hidden, outputs: hidden.outputs - 1 } }
  const small: Problem = { ...problem, network: { ...network, layers: [narrow.hidden, narrow.bent, narrow.output] } }
  const point = merged(claim.point, layers, network.inputs, units)
  requireContraction(small, samples, { ...claim, point }, factor, budget)

  const size = twin.length
  const rows = samples.inputs.rows.length
  spend(budget, [4, rows, hidden.outputs, size], wordBits, wordBits)
  spend(budget, [4, size, size, rows + size], wordBits, wordBits)
  const radius = enclose(claim.radius.numerator, claim.radius.denominator)
  const bend = enclosedBend(small, narrow, samples, boxAround(point, radius), first > second ? first - 1 : first)
  const turned = one * other * (one + other) < 0n ? bend.map((row) => row.map(negative)) : bend
  if (direction === undefined) {
    if (!isDefinite(turned)) reject('definite', 'moving the two units apart is not proved to raise the loss')
    return
  }
  if (direction.numerators.length !== size) reject('direction', `expected ${size} entries`)
  spend(budget, [2, size, size], wordBits, 2 * greatestBitLength([direction.numerators]))
  if (!isNegativeAlong(turned, direction.numerators)) {
    reject('direction', 'moving the two units apart along it is not proved to lower the loss')
  }
}
