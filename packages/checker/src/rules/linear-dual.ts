import type { LinearDual } from '../bound-evidence.ts'
import { spend } from '../budget.ts'
import { bitLength, dot, greatestBitLength } from '../integers.ts'
import { reject } from '../outcome.ts'
import { withConstant } from '../parameters.ts'
import { compare, type Rational } from '../rational.ts'
import { semidefiniteRank } from './constant-output.ts'
import type { Context } from './context.ts'

/** Rejects unless the conditions of the rule hold and its number B is at least the bound. */
export const requireLinearDual = (context: Context, evidence: LinearDual, bound: Rational): void => {
  const { problem, samples, budget } = context
  const { network, loss, decay } = problem
  const [first, second] = network.layers
  if (
    network.layers.length !== 2 ||
    first.kind !== 'dense' ||
    second.kind !== 'dense' ||
    network.image !== undefined ||
    loss.kind !== 'squared' ||
    decay === undefined
  ) {
    reject('network', 'the rule is for two dense layers, the squared loss and weight decay')
    return
  }
  const { inputs, targets } = samples
  const vectors = first.bias && decay.biases ? withConstant(inputs) : inputs
  const [count, outputs, size] = [vectors.rows.length, network.outputs, vectors.rows[0].length]
  const { numerators, denominator } = evidence.dual
  if (BigInt(numerators.length) !== BigInt(count) * BigInt(outputs)) {
    reject('dual', `${numerators.length} numbers for ${count} samples and ${outputs} outputs`)
  }
  const shares = loss.reduction === 'mean' ? BigInt(count) : 1n
  // L = lambda / F
  const l = { numerator: decay.factor.numerator * shares, denominator: decay.factor.denominator }
  const bits = greatestBitLength([numerators]) + bitLength(denominator)
  const inputBits = greatestBitLength(vectors.rows) + bitLength(vectors.denominator)
  const targetBits = greatestBitLength(targets.rows) + bitLength(targets.denominator)
  spend(budget, [2, count, outputs, size], bits, inputBits)
  spend(budget, [2, outputs, outputs, size], bits + inputBits + 64, bits + inputBits + 64)
  spend(budget, [4, count, outputs], bits + targetBits, bits + targetBits)
  const duals = targets.rows.map((_, sample) => numerators.slice(sample * outputs, (sample + 1) * outputs))
  const sums = Array.from({ length: outputs }, (_, output) => duals.reduce((sum, z) => sum + z[output], 0n))
  if (!decay.biases && (first.bias || second.bias) && sums.some((sum) => sum !== 0n)) {
    reject('(a)', 'the numbers of an output do not add up to zero')
  }
  // M over denominator * vectors.denominator; L^2 I - M M^T over the square of that and of l.denominator.
  const moments = sums.map((_, output) =>
    Array.from({ length: size }, (_, entry) =>
      vectors.rows.reduce((sum, row, sample) => sum + duals[sample][output] * row[entry], 0n)
    )
  )
  const limit = (l.numerator * denominator * vectors.denominator) ** 2n
  const square = l.denominator * l.denominator
  const difference = moments.map((row, a) =>
    moments.map((other, b) => (a === b ? limit : 0n) - square * dot(row, other))
  )
  if (semidefiniteRank(difference, budget) === undefined) reject('(b)', 'the moments are too large')
  // Twice the bound over F, without the share of the bias: over denominator^2 * targets.denominator.
  const twice = targets.rows.reduce(
    (total, row, sample) =>
      total + 2n * denominator * dot(duals[sample], row) - targets.denominator * dot(duals[sample], duals[sample]),
    0n
  )
  const below = denominator * denominator * targets.denominator
  const biasShare =
    second.bias && decay.biases
      ? { numerator: dot(sums, sums) * l.denominator, denominator: denominator * denominator * l.numerator }
      : { numerator: 0n, denominator: 1n }
  const proved = {
    numerator: twice * biasShare.denominator - biasShare.numerator * below,
    denominator: 2n * shares * below * biasShare.denominator
  }
  if (compare(bound, proved) > 0) reject('bound', 'the proved bound is smaller')
}
