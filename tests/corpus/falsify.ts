import { falsifyByDescent, type NearbyJson, narrow } from './descend.ts'
import type { Value } from './digests.ts'
import { falsifyRisk } from './falsify-risk.ts'
import { type BoundedJson, falsifyBounded } from './falsify-slopes.ts'
import { add, type Fraction, fraction, isEqual, isLess, negate, none, one, over, subtract, text } from './fraction.ts'
import { randomIntegers } from './large-instance.ts'
import { falsifyMoved, type MovedJson } from './moved-targets.ts'
import { lossAt, moved, type Parameters, parametersOf } from './naive.ts'
import { isRisk } from './risk-naive.ts'
import { falsifySaddleNearby } from './saddle-nearby.ts'
import { falsifyIrrational, isIrrational } from './smooth-float.ts'

/*
 * Looks for a reason why a claim is false, by trying: it may miss one, it never invents one. Everything is exact.
 */

type ClaimJson = {
  readonly kind: string
  readonly point: Value
  readonly loss: string
  readonly better?: Value
  readonly betterLoss?: string
  readonly lower?: string
  readonly bound?: string
  readonly low?: Value
  readonly high?: Value
}

const steps = [20n, 30n, 40n, 60n].map((power) => over(1n, 1n << power))

/** Small directions: dense ones, sparse ones, and ones whose tensors have very different sizes. */
const directions = (parameters: Parameters, count: number): readonly Parameters[] => {
  const random = randomIntegers(99n)
  const small = (range: bigint): bigint => (random(16n) % (2n * range + 1n)) - range
  return Array.from({ length: count }, (_, kind) =>
    parameters.map((tensor) => {
      const scale = over(1n, kind % 3 === 2 ? 1n << (random(3n) * 4n) : 1n)
      const density = kind % 2 === 0 ? 1n : 4n
      return tensor.map(() => (random(16n) % density === 0n ? over(small(4n) * scale.n, scale.d) : none))
    })
  )
}

const witnessSteps = steps.slice(1)

/** Directions with the powers of t that they are multiplied with. */
type Curve = readonly { readonly power: number; readonly direction: Parameters }[]

const straight = (direction: Parameters): Curve => [{ power: 1, direction }]

/** A direction or a curve as evidence has it. */
const curveOf = (witness: Value): Curve =>
  Array.isArray(witness) && witness.every((pair) => Array.isArray(pair))
    ? witness.map(([power, at]) => ({ power, direction: parametersOf(at) }))
    : straight(parametersOf(witness))

const power = (base: Fraction, exponent: number): Fraction =>
  over(base.n ** BigInt(exponent), base.d ** BigInt(exponent))

const movedAlong = (parameters: Parameters, curve: Curve, by: Fraction): Parameters =>
  curve.reduce((at, one) => moved(at, one.direction, power(by, one.power)), parameters)

/** The greatest entry, at least 1: steps are short for short directions. */
const lengthOf = (curve: Curve): Fraction =>
  curve
    .flatMap(({ direction }) => direction.flat())
    .map((entry) => (isLess(entry, none) ? negate(entry) : entry))
    .reduce((most, entry) => (isLess(most, entry) ? entry : most), one)

type Witnesses = { readonly [field: string]: Value }

/** The directions and curves of the evidence of a certificate. */
export const witnessesOf = (evidence: Value): readonly Value[] => {
  const { direction, curve, descent, ascent } = evidence as Witnesses
  return [direction, curve, descent, ascent].filter((one) => one !== undefined)
}

const changeAlong = (problem: Value, parameters: Parameters, direction: Parameters, by: Fraction): Fraction =>
  subtract(lossAt(problem, moved(parameters, direction, by)), lossAt(problem, parameters))

/** A direction along which the loss falls or rises at every small step that is tried. */
export const findDirection = (problem: Value, at: Value, wanted: 'falls' | 'rises'): Parameters => {
  const parameters = parametersOf(at)
  const found = directions(parameters, 400).find((direction) =>
    witnessSteps.every((by) => {
      const change = changeAlong(problem, parameters, direction, by)
      return wanted === 'falls' ? isLess(change, none) : isLess(none, change)
    })
  )
  if (found === undefined) throw new Error(`no direction along which the loss ${wanted}`)
  return found
}

const insideOf = ({ low, high }: ClaimJson): ((parameters: Parameters) => boolean) => {
  if (low === undefined || high === undefined) return () => true
  const [least, most] = [parametersOf(low), parametersOf(high)]
  return (parameters) =>
    parameters.every((tensor, k) =>
      tensor.every((entry, index) => !isLess(entry, least[k][index]) && !isLess(most[k][index], entry))
    )
}

/** No loss around a minimum that lies within a tiny radius is smaller by more than that radius can explain. */
const falsifyNearby = (
  problem: Value,
  claim: ClaimJson,
  parameters: Parameters,
  loss: Fraction,
  count: number
): string | undefined => {
  const slack = over(1n, 1n << 30n)
  if (isLess(add(fraction(claim.loss), slack), loss)) return `the loss is ${text(loss)}`
  if (isLess(loss, subtract(fraction(claim.lower ?? '0'), slack))) return `the loss is ${text(loss)}`
  for (const direction of directions(parameters, count)) {
    const change = subtract(lossAt(problem, moved(parameters, direction, over(1n, 1n << 12n))), loss)
    if (isLess(change, negate(slack))) return 'the loss is smaller beside the minimum'
  }
  return undefined
}

/** Why the claim is false, or undefined when nothing was found. Witnesses help where a claim says that something exists. */
export const falsify = (
  problem: Value,
  claimed: Value,
  witnesses: readonly Value[],
  count: number
): string | undefined => {
  if (isRisk(problem)) return falsifyRisk(problem, claimed, count)
  const claim = claimed as ClaimJson
  if (claim.kind.endsWith('-for-moved-targets')) return falsifyMoved(problem, claimed as MovedJson)
  if (claim.kind === 'saddle-nearby') return falsifySaddleNearby(problem, claimed as NearbyJson)
  const isTriedInDoubles = () => isIrrational(problem) || isLess(narrow, fraction((claimed as NearbyJson).radius))
  if (claim.kind === 'local-minimum-nearby' && isTriedInDoubles())
    return falsifyByDescent(problem, claimed as NearbyJson)
  if (claim.kind === 'no-minimum' || (claim.kind === 'not-stationary' && claim.lower !== undefined))
    return falsifyBounded(problem, claimed as BoundedJson, witnesses)
  if (isIrrational(problem) || claim.kind === 'value-between') return falsifyIrrational(problem, claim, count)
  const parameters = parametersOf(claim.point)
  const loss = lossAt(problem, parameters)
  if (claim.kind === 'local-minimum-nearby') return falsifyNearby(problem, claim, parameters, loss, count)
  if (!isEqual(loss, fraction(claim.loss))) return `the loss is ${text(loss)}`
  const changeBy = (direction: Parameters, by: Fraction): Fraction =>
    subtract(lossAt(problem, moved(parameters, direction, by)), loss)
  const changeTo = (curve: Curve, by: Fraction): Fraction =>
    subtract(lossAt(problem, movedAlong(parameters, curve, by)), loss)
  const changes = (witness: Value): readonly Fraction[] => {
    const curve = curveOf(witness)
    const size = lengthOf(curve)
    return steps.slice(1).map((by) => changeTo(curve, over(by.n * size.d, by.d * size.n)))
  }
  const falls = (witness: Value): boolean => changes(witness).every((change) => isLess(change, none))
  const rises = (witness: Value): boolean => changes(witness).every((change) => isLess(none, change))
  const lower = (): string | undefined => {
    for (const direction of directions(parameters, count)) {
      for (const by of [steps[0], steps[2]]) {
        if (isLess(changeBy(direction, by), none)) return `the loss is smaller nearby, at distance about ${text(by)}`
      }
    }
    return undefined
  }
  /** The difference quotients at two very different small steps agree in size only where the fall is of first order. */
  const fallsAtFirstOrder = (direction: Parameters): boolean => {
    const [early, late] = [steps[2], steps[3]].map((by) => {
      const change = changeBy(direction, by)
      return over(change.n * by.d, change.d * by.n)
    })
    return isLess(late, none) && isLess(early, over(late.n, late.d * 2n)) && isLess(over(late.n * 2n, late.d), early)
  }
  switch (claim.kind) {
    case 'value':
      return undefined
    case 'not-stationary':
      return witnesses.some((one) => fallsAtFirstOrder(parametersOf(one)))
        ? undefined
        : 'no witness falls at first order'
    case 'not-a-local-minimum':
      return witnesses.some(falls) ? undefined : 'no witness falls'
    case 'saddle': {
      if (!witnesses.some(falls)) return 'no witness falls'
      if (!witnesses.some(rises)) return 'no witness rises'
      const down = directions(parameters, count).find(fallsAtFirstOrder)
      return down && 'the loss falls at first order along some direction'
    }
    case 'local-minimum':
      return lower()
    case 'spurious': {
      const better = lossAt(problem, parametersOf(claim.better ?? []))
      if (!isEqual(better, fraction(claim.betterLoss ?? '0'))) return `the better loss is ${text(better)}`
      return isLess(better, loss) ? lower() : 'the better point is not better'
    }
    case 'lower-bound':
    case 'lower-bound-in-box': {
      const bound = fraction(claim.bound ?? '0')
      if (isLess(loss, bound)) return 'the loss at the point itself is below the bound'
      const inBox = insideOf(claim)
      const origin = parameters.map((tensor) => tensor.map(() => none))
      for (const [index, direction] of directions(parameters, 3 * count).entries()) {
        for (const by of [steps[0], over(1n, 4n), one]) {
          const there = moved(index % 2 === 0 ? parameters : origin, direction, by)
          if (inBox(there) && isLess(lossAt(problem, there), bound)) return 'the loss is below the bound elsewhere'
        }
      }
      return undefined
    }
    case 'global-minimum': {
      const far = [...steps, over(1n, 4n), over(3n, 1n)]
      for (const direction of directions(parameters, count)) {
        for (const by of far) {
          if (isLess(changeBy(direction, by), none)) return `the loss is smaller at distance ${text(by)}`
        }
      }
      return undefined
    }
  }
  return `unknown claim ${claim.kind}`
}
