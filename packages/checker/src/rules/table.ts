import { type Budget, spend } from '../budget.ts'
import { dot, greatestBitLength, signOf } from '../integers.ts'
import { decline, reject } from '../outcome.ts'
import type { RowEntry } from '../proof.ts'
import type { KinkClass } from '../unit.ts'
import type { Unit } from './balance.ts'

const mostConcaveClasses = 12

/** Whether v = 0: such a unit has no table. */
export const isSilent = (unit: Unit): boolean => unit.outer.every((entry) => entry === 0n)

/** Rejects rows for a unit with v = 0. */
export const requireNoRows = (unit: Unit): void => {
  if (unit.rows.length !== 0) reject(`(c) ${unit.name}`, 'rows for a unit with v = 0')
}

/** Rejects a row that does not name the representatives of exactly these classes, in order. */
export const requireRepresentatives = (row: readonly RowEntry[], classes: readonly KinkClass[], step: string): void => {
  if (row.length !== classes.length) reject(step, `${row.length} slopes where ${classes.length} are asked for`)
  for (const [index, { representative }] of classes.entries()) {
    if (row[index].sample !== representative) {
      reject(step, `a slope for sample ${row[index].sample} where one for sample ${representative} comes next`)
    }
  }
}

/** A class with its slopes right / D and left / D in q_j. */
export type WeightedClass = { readonly kink: KinkClass; readonly right: bigint; readonly left: bigint }

/** q_j of a unit: the slopes of its outputs, weighted by the sign of v for one output, by v for several. */
export type Weighted = {
  readonly constant: readonly bigint[]
  readonly classes: readonly WeightedClass[]
  /** The positive denominator D of all slopes of q_j. */
  readonly denominator: bigint
}

export const weighted = ({ outer, outerDenominator, slopes, denominator }: Unit): Weighted => {
  const single = outer.length === 1
  const weights = single ? [BigInt(signOf(outer[0]))] : outer
  return {
    constant: slopes.constant[0].map((_, entry) =>
      weights.reduce((sum, weight, output) => sum + weight * slopes.constant[output][entry], 0n)
    ),
    classes: slopes.classes.map((kink) => ({ kink, right: dot(weights, kink.right), left: dot(weights, kink.left) })),
    denominator: single ? denominator : denominator * outerDenominator
  }
}

export const isConcave = ({ left, right }: WeightedClass): boolean => right < left

const integerSlope = ({ slope }: RowEntry, step: string): bigint =>
  typeof slope === 'bigint' ? slope : reject(step, 'a list of slopes where one slope is asked for')

/** sum + factor * vector */
export const addMultiple = (sum: readonly bigint[], vector: readonly bigint[], factor: bigint): readonly bigint[] =>
  sum.map((entry, index) => entry + vector[index] * factor)

/** What is asked of a sum C + sum_k m_k x_k, which is given up to a positive factor. */
export type Ask = (sum: readonly bigint[], step: string) => void

/** What first-order asks: the sum is zero. */
export const requireZeroVector: Ask = (vector, step) => {
  if (vector.some((entry) => entry !== 0n)) reject(step, 'the slopes do not balance the linear part')
}

/** Condition (c) for a unit with v != 0, but for what is asked of the sums; the slopes of its rows have this denominator. */
export const requireTable = (unit: Unit, rowDenominator: bigint, ask: Ask, budget: Budget): void => {
  const { constant, classes, denominator } = weighted(unit)
  const concave = classes.filter(isConcave)
  const others = classes.filter((kink) => !isConcave(kink))
  if (concave.length > mostConcaveClasses) {
    decline(`a unit with ${concave.length} concave kink classes, more than ${mostConcaveClasses}`)
  }
  if (unit.rows.length !== 1 << concave.length) {
    reject(`(c) ${unit.name}`, `${unit.rows.length} rows where ${1 << concave.length} are asked for`)
  }
  const slopeBits = greatestBitLength([[denominator, rowDenominator], ...unit.slopes.constant])
  spend(budget, [2, unit.rows.length, classes.length + 1, constant.length + 1], slopeBits, slopeBits)
  for (const [index, row] of unit.rows.entries()) {
    const step = `(c) ${unit.name}, row ${index}`
    const kinks = others.map(({ kink }) => kink)
    requireRepresentatives(row, kinks, step)
    let fixed = constant
    for (const [bit, { kink, right, left }] of concave.entries()) {
      fixed = addMultiple(fixed, kink.direction, (index >> bit) & 1 ? right : left)
    }
    let balance = fixed.map((entry) => entry * rowDenominator)
    for (const [position, { kink, right, left }] of others.entries()) {
      // The slope along x_k = multiple * direction, as a slope along the direction, times both denominators.
      const slope = integerSlope(row[position], step) * kink.multiple * denominator
      if (slope < left * rowDenominator || slope > right * rowDenominator) {
        reject(step, `the slope for sample ${kink.representative} is not between the left and the right slope`)
      }
      balance = [...addMultiple(balance, kink.direction, slope)]
    }
    ask(balance, step)
  }
}
