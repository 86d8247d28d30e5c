import type { BoxTree } from '../bound-evidence.ts'
import { hold } from '../budget.ts'
import type { Claim } from '../claim.ts'
import { hasFreeBias } from '../decay.ts'
import { greatestBitLength } from '../integers.ts'
import { reject } from '../outcome.ts'
import { overOneDenominator } from '../parameters.ts'
import { type Point, requireShape } from '../point.ts'
import type { Dense, Problem, TwoSlope } from '../problem.ts'
import { compare, type Rational } from '../rational.ts'
import { type Box, boundsOnBox } from './box-bound.ts'
import type { Context } from './context.ts'

const boxOf = (low: Point, high: Point): Box => {
  const { denominator, numerators } = overOneDenominator([...low, ...high])
  return { denominator, low: numerators.slice(0, low.length), high: numerators.slice(low.length) }
}

const requireBox = (problem: Problem, low: Point, high: Point, step: string): Box => {
  requireShape(problem.network, low, step)
  requireShape(problem.network, high, step)
  const box = boxOf(low, high)
  if (box.low.some((entries, tensor) => entries.some((entry, k) => entry > box.high[tensor][k]))) {
    reject(step, 'an interval whose lower end is above its upper end')
  }
  return box
}

/** Whether every entry of `inner` is at least (or at most) that of `outer`. */
const allCompare = (inner: Point, outer: Point, wanted: -1 | 1): boolean => {
  const { numerators } = overOneDenominator([...inner, ...outer])
  const [first, second] = [numerators.slice(0, inner.length), numerators.slice(inner.length)]
  return first.every((entries, tensor) =>
    entries.every((entry, k) => (wanted > 0 ? entry >= second[tensor][k] : entry <= second[tensor][k]))
  )
}

/** Rejects unless the loss is at least the bound at all parameters outside the box. */
const requireWholeSpace = ({ network, decay }: Problem, { low, high, denominator }: Box, bound: Rational): void => {
  if (decay === undefined || hasFreeBias(network, decay.biases)) {
    reject('(b)', 'some parameters do not decay, so the box says nothing about those outside')
    return
  }
  const { numerator, denominator: below } = decay.factor
  const enough = (end: bigint): boolean =>
    compare({ numerator: numerator * end * end, denominator: 2n * below * denominator * denominator }, bound) >= 0
  const reaches = (ends: readonly (readonly bigint[])[], sign: bigint): boolean =>
    ends.every((entries) => entries.every((end) => sign * end > 0n && enough(end)))
  if (!reaches(low, -1n) || !reaches(high, 1n)) reject('(b)', 'the box is too small for its outside')
}

/** Both halves of a box, at the middle of the interval of a parameter, numbered from 0. */
const halves = (box: Box, parameter: number): readonly [Box, Box] => {
  const twice = (ends: Box['low']): Box['low'] => ends.map((entries) => entries.map((entry) => 2n * entry))
  const whole: Box = { low: twice(box.low), high: twice(box.high), denominator: 2n * box.denominator }
  let tensor = 0
  let at = parameter
  while (at >= box.low[tensor].length) {
    at -= box.low[tensor].length
    tensor += 1
  }
  const middle = box.low[tensor][at] + box.high[tensor][at]
  const withEnd = (ends: Box['low']): Box['low'] =>
    ends.map((entries, index) => (index === tensor ? entries.map((end, k) => (k === at ? middle : end)) : entries))
  return [
    { ...whole, high: withEnd(whole.high) },
    { ...whole, low: withEnd(whole.low) }
  ]
}

/** Rejects unless the leaves of the tree prove the bound of the claim. */
export const requireBoxTree = ({ problem, samples, point, budget }: Context, evidence: BoxTree, claim: Claim): void => {
  if (claim.kind !== 'lower-bound' && claim.kind !== 'lower-bound-in-box') {
    reject('rule', 'no bound is claimed')
    return
  }
  const { network, loss } = problem
  const layers = network.layers.filter(
    (layer): layer is Dense | TwoSlope => layer.kind === 'dense' || layer.kind === 'two-slope'
  )
  if (layers.length !== network.layers.length || network.image !== undefined || loss.kind !== 'squared') {
    reject('network', 'the rule is for dense and two-slope layers and the squared loss')
  }
  const { bound } = claim
  const whole = requireBox(problem, evidence.low, evidence.high, 'box')
  if (claim.kind === 'lower-bound') {
    requireWholeSpace(problem, whole, bound)
  } else {
    requireBox(problem, claim.low, claim.high, 'claim')
    if (!allCompare(point, claim.low, 1) || !allCompare(point, claim.high, -1)) {
      reject('claim', 'the point does not lie in the box')
    }
    if (!allCompare(claim.low, evidence.low, 1) || !allCompare(claim.high, evidence.high, -1)) {
      reject('(b)', 'the box of the evidence does not contain that of the claim')
    }
  }
  const size = whole.low.reduce((total, { length }) => total + length, 0)
  const open = [whole]
  for (const [index, split] of evidence.splits.entries()) {
    const step = `node ${index}`
    const box = open.pop() ?? reject(step, 'a node after the end of the tree')
    if (split > size) reject(step, `a split of parameter ${split} of ${size}`)
    if (split > 0) {
      hold(budget, [4, size], greatestBitLength([...box.low, ...box.high]))
      const [lower, upper] = halves(box, split - 1)
      open.push(upper, lower)
    } else if (boundsOnBox(problem, layers, samples, box, budget).every((proved) => compare(bound, proved) > 0)) {
      reject(`${step} (a)`, 'the bound of the box is smaller')
    }
  }
  if (open.length > 0) reject('splits', `${open.length} boxes without a node`)
}
