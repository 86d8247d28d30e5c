import type { RankBound } from '../bound-evidence.ts'
import { spend } from '../budget.ts'
import { bitLength, dot, greatestBitLength } from '../integers.ts'
import { reject } from '../outcome.ts'
import { withConstant } from '../parameters.ts'
import { hasParameters } from '../problem.ts'
import { compare, type Rational } from '../rational.ts'
import { semidefiniteRank } from './constant-output.ts'
import type { Context } from './context.ts'

/** Rejects unless the conditions of the rule hold and its number B is at least the bound. */
export const requireRankBound = (context: Context, evidence: RankBound, bound: Rational): void => {
  const { problem, samples, budget } = context
  const { network, loss } = problem
  if (network.layers.some(({ kind }) => kind !== 'dense') || network.image !== undefined || loss.kind !== 'squared') {
    reject('network', 'the rule is for dense layers and the squared loss')
  }
  const withBias = network.layers.some((layer) => hasParameters(layer) && layer.bias)
  const widths = network.layers.map((layer) => (hasParameters(layer) ? layer.outputs : network.inputs))
  const rank = Math.min(network.inputs, ...widths)
  const { inputs, targets } = samples
  const vectors = withBias ? withConstant(inputs) : inputs
  const [size, outputs, count] = [vectors.rows[0].length, network.outputs, vectors.rows.length]
  const { map, excess, shift } = evidence
  if (BigInt(map.numerators.length) !== BigInt(outputs) * BigInt(size)) {
    reject('map', `${map.numerators.length} entries for ${outputs} x ${size}`)
  }
  if (BigInt(excess.numerators.length) !== BigInt(outputs) * BigInt(outputs)) {
    reject('excess', `${excess.numerators.length} entries for ${outputs} x ${outputs}`)
  }
  if (shift.numerator < 0n) reject('shift', 'a negative number')
  const mapBits = greatestBitLength([map.numerators]) + bitLength(map.denominator)
  const dataBits =
    greatestBitLength([...vectors.rows, ...targets.rows]) +
    bitLength(vectors.denominator) +
    bitLength(targets.denominator)
  const bits = mapBits + 2 * dataBits
  spend(budget, [2, count, outputs, size], bits, bits)
  spend(budget, [2, count, outputs, outputs], bits, bits)
  // A x~_i over map.denominator * vectors.denominator
  const fitted = vectors.rows.map((row) =>
    Array.from({ length: outputs }, (_, output) => dot(row, map.numerators.slice(output * size, (output + 1) * size)))
  )
  const fittedDenominator = map.denominator * vectors.denominator
  const errorDenominator = fittedDenominator * targets.denominator
  const errors = fitted.map((row, sample) =>
    row.map((value, output) => targets.rows[sample][output] * fittedDenominator - value * targets.denominator)
  )
  for (let output = 0; output < outputs; output += 1) {
    for (let entry = 0; entry < size; entry += 1) {
      const moment = vectors.rows.reduce((sum, row, sample) => sum + errors[sample][output] * row[entry], 0n)
      if (moment !== 0n) reject('(a)', `the errors of output ${output} are not orthogonal to entry ${entry}`)
    }
  }
  // n t_i, over n * fittedDenominator; without a bias nothing is subtracted.
  const n = withBias ? BigInt(count) : 1n
  const means = Array.from({ length: outputs }, (_, output) =>
    withBias ? fitted.reduce((sum, row) => sum + row[output], 0n) : 0n
  )
  const centred = fitted.map((row) => row.map((value, output) => n * value - means[output]))
  const momentDenominator = (n * fittedDenominator) ** 2n
  const moments = means.map((_, a) => means.map((_, b) => centred.reduce((sum, row) => sum + row[a] * row[b], 0n)))
  const rows = means.map((_, output) => excess.numerators.slice(output * outputs, (output + 1) * outputs))
  if (rows.some((row, a) => row.some((entry, b) => entry !== rows[b][a])))
    reject('excess', 'the matrix is not symmetric')
  if (semidefiniteRank(rows, budget) === undefined) reject('(b)', 'the excess is not positive semidefinite')
  const common = excess.denominator * shift.denominator * momentDenominator
  const difference = rows.map((row, a) =>
    row.map((entry, b) => {
      const diagonal = a === b ? shift.numerator * excess.denominator * momentDenominator : 0n
      const moment = moments[a][b] * excess.denominator * shift.denominator
      return entry * shift.denominator * momentDenominator + diagonal - moment
    })
  )
  if (semidefiniteRank(difference, budget) === undefined) {
    reject('(b)', 'the excess and the shift are not above the moments')
  }
  const traceOf = (matrix: readonly (readonly bigint[])[]): bigint => matrix.reduce((sum, row, k) => sum + row[k], 0n)
  const squares = errors.reduce((sum, row) => sum + dot(row, row), 0n)
  const left =
    traceOf(moments) * excess.denominator * shift.denominator -
    BigInt(rank) * shift.numerator * excess.denominator * momentDenominator -
    traceOf(rows) * shift.denominator * momentDenominator
  const shares = loss.reduction === 'mean' ? BigInt(count) : 1n
  const errorSquare = errorDenominator * errorDenominator
  const proved = {
    numerator: squares * common + left * errorSquare,
    denominator: 2n * shares * errorSquare * common
  }
  if (compare(bound, proved) > 0) reject('bound', 'the proved bound is smaller')
}
