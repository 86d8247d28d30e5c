import { type Budget, hold, spend } from './budget.ts'
import { bitLength, greatestBitLength, magnitude } from './integers.ts'
import { reject } from './outcome.ts'
import type { Loss } from './problem.ts'
import type { Rational } from './rational.ts'
import type { Scaled } from './samples.ts'

/** N(x_i) - y_i, one row for each sample. */
export const errorsOf = (outputs: Scaled, targets: Scaled): Scaled => ({
  rows: outputs.rows.map((row, sample) =>
    row.map((value, output) => value * targets.denominator - targets.rows[sample][output] * outputs.denominator)
  ),
  denominator: outputs.denominator * targets.denominator
})

/** 1 - y_i N(x_i), one row for each sample. */
export const marginsOf = (outputs: Scaled, targets: Scaled): Scaled => {
  const denominator = outputs.denominator * targets.denominator
  return {
    rows: outputs.rows.map((row, sample) =>
      row.map((value, output) => denominator - value * targets.rows[sample][output])
    ),
    denominator
  }
}

const totalOf = (rows: Scaled['rows'], term: (entry: bigint) => bigint): bigint => {
  let total = 0n
  for (const row of rows) {
    for (const entry of row) total += term(entry)
  }
  return total
}

/** Twice the Huber loss of e / unit, times unit^2. */
const huber = (e: bigint, unit: bigint): bigint =>
  magnitude(e) <= unit ? e * e : 2n * unit * magnitude(e) - unit * unit

/** The loss of the outputs at the targets. Exact. */
export const lossOf = (loss: Loss, outputs: Scaled, targets: Scaled, budget: Budget): Rational => {
  const samples = outputs.rows.length
  const bits = greatestBitLength(outputs.rows) + greatestBitLength(targets.rows)
  const fullBits = bits + bitLength(outputs.denominator) + bitLength(targets.denominator)
  spend(budget, [samples, outputs.rows[0].length], fullBits, fullBits)
  hold(budget, [samples, outputs.rows[0].length], fullBits)
  const shares = loss.reduction === 'mean' ? BigInt(samples) : 1n
  const { rows, denominator } = loss.kind === 'hinge' ? marginsOf(outputs, targets) : errorsOf(outputs, targets)
  switch (loss.kind) {
    case 'squared':
      return { numerator: totalOf(rows, (e) => e * e), denominator: 2n * denominator * denominator * shares }
    case 'huber':
      return {
        numerator: totalOf(rows, (e) => huber(e, denominator)),
        denominator: 2n * denominator * denominator * shares
      }
    case 'logistic':
    case 'cross-entropy':
      return reject('loss', `the loss ${loss.kind} has irrational values`)
    case 'absolute':
      return { numerator: totalOf(rows, magnitude), denominator: denominator * shares }
    case 'hinge':
      return { numerator: totalOf(rows, (margin) => (margin > 0n ? margin : 0n)), denominator: denominator * shares }
  }
}
