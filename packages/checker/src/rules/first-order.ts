import { type Budget, spend } from '../budget.ts'
import { dot, greatestBitLength } from '../integers.ts'
import { reject } from '../outcome.ts'
import type { RowEntry, Slopes } from '../proof.ts'
import { requireBalance, type Unit } from './balance.ts'
import type { Context } from './context.ts'
import {
  type Ask,
  addMultiple,
  isConcave,
  isSilent,
  requireNoRows,
  requireRepresentatives,
  requireTable,
  requireZeroVector,
  weighted
} from './table.ts'

/** Condition (d): the weights of a unit with v = 0 change nothing at first order, whatever v becomes. */
const requireNoEffect = (unit: Unit, ask: Ask): void => {
  const step = `(d) ${unit.name}`
  for (const [output, constant] of unit.slopes.constant.entries()) {
    let total = constant
    for (const kink of unit.slopes.classes) {
      if (kink.right[output] !== kink.left[output]) {
        reject(step, `left and right slope differ at sample ${kink.representative}`)
      }
      total = addMultiple(total, kink.direction, kink.right[output])
    }
    ask(total, step)
  }
}

const slopeList = ({ slope }: RowEntry, outputs: number, step: string): readonly bigint[] => {
  if (typeof slope === 'bigint') return reject(step, 'one slope where one for each output is asked for')
  return slope.length === outputs ? slope : reject(step, `${slope.length} slopes where there are ${outputs} outputs`)
}

/** Condition (e) for a unit with v != 0 of a network with several outputs. */
const requireLiftedSlopes = (unit: Unit, rowDenominator: bigint, ask: Ask, budget: Budget): void => {
  const step = `(e) ${unit.name}`
  const { classes, denominator } = weighted(unit)
  if (classes.some(isConcave)) reject(step, 'a kink class is concave')
  if (unit.rows.length !== 1) reject(step, `${unit.rows.length} rows where one is asked for`)
  const [row] = unit.rows
  const kinks = unit.slopes.classes
  requireRepresentatives(row, kinks, step)
  const outputs = unit.outer.length
  const lists = row.map((entry) => slopeList(entry, outputs, step))
  const slopeBits = greatestBitLength([[denominator, rowDenominator], ...lists, ...unit.slopes.constant])
  spend(budget, [2, outputs, kinks.length + 1, unit.slopes.constant[0].length + 1], slopeBits, slopeBits)
  // Slopes along the directions, times their denominators.
  const lifted = lists.map((list, k) => list.map((slope) => slope * kinks[k].multiple))
  for (const [output, constant] of unit.slopes.constant.entries()) {
    let balance: readonly bigint[] = constant.map((entry) => entry * rowDenominator)
    for (const [k, kink] of kinks.entries()) {
      balance = addMultiple(balance, kink.direction, lifted[k][output] * unit.denominator)
    }
    ask(balance, step)
  }
  for (const [k, { kink, right, left }] of classes.entries()) {
    const place = `for sample ${kink.representative}`
    // m_k has the denominators of v and of the row; right and left have the denominators of v and of the slopes.
    const slope = dot(unit.outer, lifted[k]) * unit.denominator
    const least = left * rowDenominator
    const most = right * rowDenominator
    if (slope < least || slope > most) reject(step, `the slope ${place} is not between the left and the right slope`)
    const agrees = (ends: readonly bigint[]): boolean =>
      ends.every((end, output) => lifted[k][output] * unit.denominator === end * rowDenominator)
    if (slope === most && !agrees(kink.right)) reject(step, `the slopes ${place} are at the right end, not all of them`)
    if (slope === least && !agrees(kink.left)) reject(step, `the slopes ${place} are at the left end, not all of them`)
  }
}

/** Rejects unless the stationarity conditions (a), (b) and (c) hold. */
export const requireStationary = (context: Context, evidence: Slopes): void => {
  for (const unit of requireBalance(context, evidence)) {
    if (isSilent(unit)) requireNoRows(unit)
    else requireTable(unit, evidence.denominator, requireZeroVector, context.budget)
  }
}

/** Conditions (c), (d) and (e) for all units, but for what is asked of the sums. */
export const requireSlopes = (units: readonly Unit[], rowDenominator: bigint, ask: Ask, budget: Budget): void => {
  for (const unit of units) {
    if (isSilent(unit)) {
      requireNoRows(unit)
      requireNoEffect(unit, ask)
    } else if (unit.outer.length === 1) {
      requireTable(unit, rowDenominator, ask, budget)
    } else {
      requireLiftedSlopes(unit, rowDenominator, ask, budget)
    }
  }
}

/** Rejects unless the local minimum conditions (a) to (e) hold. */
export const requireLocalMinimum = (context: Context, evidence: Slopes): void =>
  requireSlopes(requireBalance(context, evidence), evidence.denominator, requireZeroVector, context.budget)
