import { type Budget, spend } from '../budget.ts'
import type { MovedClaim } from '../claim.ts'
import { decayingTensors } from '../decay.ts'
import { combination, enclose, type Interval, minus, one, plus } from '../enclosure.ts'
import { greatestBitLength } from '../integers.ts'
import { type Box, boxAround, enclosedCurvature } from '../nearby/curvature.ts'
import { distanceToSigns, type Frame, frameOf, transposedTimes, turned } from '../nearby/frame.ts'
import { magnitude, nothing, times, unit } from '../nearby/intervals.ts'
import { wordBits } from '../nearby/slopes.ts'
import { reject } from '../outcome.ts'
import { requireShape, type Vector } from '../point.ts'
import type { Problem } from '../problem.ts'
import { requireLossBetween } from '../rules/enclosed-slope.ts'
import type { Samples } from '../samples.ts'
import { densePlaces, roleOf, silences } from './silence.ts'

/** Which parameters have no say or are given by scaling, a matrix that makes the derivatives of the outputs orthonormal and, for the second order, one that turns the Hessian into signs. */
export type MovedEvidence = {
  readonly idle: readonly number[]
  readonly scaled: readonly number[]
  readonly factor: readonly Vector[]
  readonly second: { readonly frame: readonly Vector[]; readonly negative: number } | undefined
}

const requireAscending = (numbers: readonly number[], count: number, step: string): void => {
  for (const [k, number] of numbers.entries()) {
    if (number >= count) reject(step, `there is no parameter ${number}`)
    if (k > 0 && number <= numbers[k - 1]) reject(step, 'the parameters are not ascending')
  }
}

/** Condition (b). */
const requireIdle = (
  problem: Problem,
  samples: Samples,
  at: Box,
  decays: readonly boolean[],
  idle: readonly number[]
): void => {
  const places = densePlaces(problem)
  const quiet = silences(problem, samples, at)
  for (const parameter of idle) {
    if (decays[parameter] && (at[parameter].low !== 0n || at[parameter].high !== 0n)) {
      reject('idle', `parameter ${parameter} decays and is not zero`)
    }
    const { layer, unit: own, entry } = roleOf(places, parameter)
    const isFelt = quiet.some(
      (sample) => !sample[layer].unheard[own] && (entry === undefined || !sample[layer].silent[entry])
    )
    if (isFelt) reject('idle', `parameter ${parameter} is felt on a sample`)
  }
}

/** Condition (c). */
const requireScaled = (problem: Problem, at: Box, { idle, scaled }: MovedEvidence): void => {
  if (scaled.length > 0 && problem.decay !== undefined) reject('scaled', 'there is weight decay')
  const places = densePlaces(problem)
  const units = new Set<string>()
  for (const parameter of scaled) {
    const { low, high } = at[parameter]
    if (low <= 0n && high >= 0n) reject('scaled', `parameter ${parameter} may be zero`)
    if (idle.includes(parameter)) reject('scaled', `parameter ${parameter} is idle`)
    const { layer, unit: own } = roleOf(places, parameter)
    if (layer === places.length - 1) reject('scaled', `parameter ${parameter} leads to no hidden unit`)
    if (places[layer].between.some(({ kind }) => kind !== 'two-slope' && kind !== 'flatten')) {
      reject('scaled', `unit ${own} of dense layer ${layer} has another activation than two slopes`)
    }
    const name = `${layer} ${own}`
    if (units.has(name)) reject('scaled', `unit ${own} of dense layer ${layer} is scaled twice`)
    units.add(name)
  }
}

const dotOf = (a: readonly Interval[], b: readonly Interval[]): Interval =>
  a.reduce((sum, entry, k) => plus(sum, times(entry, b[k])), nothing)

/** Condition (d): enclosures of how far each target moves, by sample and output. */
const moves = (
  rows: readonly (readonly Interval[])[],
  errors: readonly Interval[],
  ofDecay: readonly Interval[],
  factor: Frame
): readonly Interval[] => {
  const turnedRows = rows.map((row) => transposedTimes(factor, row))
  const gram = factor.rows.map((_, a) =>
    factor.rows.map((_, b) => turnedRows.reduce((sum, row) => plus(sum, times(row[a], row[b])), nothing))
  )
  const worst = distanceToSigns(gram, 0)
  if (worst >= one) return reject('factor', 'the derivatives of the outputs are not proved to be independent')
  const shares = transposedTimes(factor, ofDecay)
  const middle = factor.rows.map((_, j) =>
    turnedRows.reduce((sum, row, i) => plus(sum, times(row[j], errors[i])), shares[j])
  )
  const most = middle.map(magnitude).reduce((a, b) => (b > a ? b : a))
  const slack = (worst * most) / (one - worst) + 1n
  const solution = middle.map(({ low, high }) => ({ low: low - slack, high: high + slack }))
  return turnedRows.map((row) => dotOf(row, solution))
}

/** lambda / F times the free parameters that decay; zero for the others. */
const decayShares = (problem: Problem, at: Box, free: readonly number[], decays: readonly boolean[]) => {
  const { decay, loss, inputs } = problem
  return free.map((k) => {
    if (decay === undefined || !decays[k]) return nothing
    const shares = loss.reduction === 'mean' ? BigInt(inputs.length) : 1n
    return combination([decay.factor.numerator * shares], [at[k]], decay.factor.denominator)
  })
}

/** Rejects unless the targets of the problem can be moved by at most the claimed number so that the point is what the claim says. */
export const requireMovedTargets = (
  problem: Problem,
  samples: Samples,
  claim: MovedClaim,
  evidence: MovedEvidence,
  budget: Budget
): void => {
  const { network, loss } = problem
  requireShape(network, claim.point, 'point')
  if (loss.kind !== 'squared') reject('loss', 'the rule is for the squared loss')
  if ((claim.kind === 'critical-for-moved-targets') !== (evidence.second === undefined)) {
    reject('frame', 'a frame goes with claims about minima and saddles')
  }
  const at = boxAround(claim.point, nothing)
  const count = at.length
  const decays = decayingTensors(problem).flatMap((is, tensor) => claim.point[tensor].numerators.map(() => is))
  requireAscending(evidence.idle, count, 'idle')
  requireAscending(evidence.scaled, count, 'scaled')
  const held = new Set([...evidence.idle, ...evidence.scaled])
  const free = at.flatMap((_, k) => (held.has(k) ? [] : [k]))
  const size = free.length
  if (size === 0) reject('factor', 'no parameter is free')
  const factor = frameOf(evidence.factor, size, 'factor', budget)
  const frame = evidence.second && frameOf(evidence.second.frame, size, 'frame', budget)
  const outputs = samples.inputs.rows.length * network.outputs
  spend(budget, [2, outputs, size, size], wordBits, Math.max(wordBits, greatestBitLength(factor.rows)))

  // The derivatives of the outputs, by the free parameters, and the errors.
  const rows: (readonly Interval[])[] = []
  const errors: Interval[] = []
  enclosedCurvature(problem, samples, at, 'outputs', budget, (sample, values, gradients) => {
    for (const [o, value] of values.entries()) {
      const gradient = new Map(gradients[o].at.map((parameter, e) => [parameter, gradients[o].entries[e]]))
      rows.push(free.map((k) => gradient.get(k) ?? nothing))
      errors.push(minus(value, enclose(samples.targets.rows[sample][o], samples.targets.denominator)))
    }
    return { first: [], second: [] }
  })
  spend(budget, [2, samples.inputs.rows.length, count], wordBits, wordBits)
  requireIdle(problem, samples, at, decays, evidence.idle)
  requireScaled(problem, at, evidence)
  const moved = moves(rows, errors, decayShares(problem, at, free, decays), factor)
  const { numerator, denominator } = claim.change
  if (moved.some((entry) => magnitude(entry) * denominator > numerator * one)) {
    reject('change', 'the targets are not proved to move by at most the claimed number')
  }

  if (evidence.second !== undefined && frame !== undefined) {
    const { negative } = evidence.second
    const isMinimum = claim.kind === 'local-minimum-for-moved-targets'
    if (isMinimum ? negative !== 0 : negative < 1 || negative >= size) {
      reject('frame', `${negative} negative signs of ${size} do not go with the claim`)
    }
    spend(budget, [4, size, size, size], wordBits, greatestBitLength(frame.rows))
    const { hessian } = enclosedCurvature(problem, samples, at, 2, budget, (sample, values) => ({
      first: values.map((_, o) => minus(errors[sample * values.length + o], moved[sample * values.length + o])),
      second: values.map((_, o) => values.map((_, p) => (o === p ? unit : nothing)))
    }))
    const own = free.map((a) => free.map((b) => (a >= b ? hessian[a][b] : hessian[b][a])))
    if (distanceToSigns(turned(frame, own), negative) >= one) {
      reject('curvature', 'the Hessian for the moved targets is not near enough to the signs in the frame')
    }
  }
  requireLossBetween(problem, samples, claim, budget)
}
