import { toNumber } from '@nadir/arithmetic'
import { type MovedStatement, movedStatements } from './certification/moved-certificate.ts'
import type { CertifyOptions } from './certify.ts'
import { asLayered } from './curvature/layered.ts'
import { movedTargets } from './descent/moved-targets.ts'
import { approximateLoss } from './loss/approximate-loss.ts'
import { evaluate } from './network/evaluate.ts'
import { type Point, toExact, toFloat } from './point.ts'
import type { Problem } from './problem.ts'

/** Products of intervals for the derivatives of the outputs, and for the Hessian: above this the check would take more than some seconds. */
const mostProducts = 4e6
const mostOfHessian = 2e7

/** Targets that have to move by more than this share of their range are no news. */
const mostShare = 0.05

/**
 * What the parameters are for targets moved by very little, none of them by more than a given number: critical, a local minimum or a saddle. A statement about changed data, which says nothing about the problem's own. The independent checker given as
 * `accepts` has to prove it. Undefined for other losses than the squared one, where the outputs can move in every direction or in too few (flat directions), where samples are on kinks and for problems that are too large.
 */
export function certifyMoved(problem: Problem, point: Point, { accepts }: CertifyOptions): MovedStatement | undefined {
  const { network, data, loss } = problem
  const layered = asLayered(network)
  if (!accepts || layered.kind !== 'layered' || loss !== 'squared') return undefined
  const products = data.samples * layered.parameters ** 2
  if (products * data.targetCount > mostProducts) return undefined
  const units = layered.layers.reduce((sum, layer) => sum + layer.outputs, 0) + data.targetCount ** 2
  const theta = toFloat(point).values
  const found = movedTargets(problem, layered, theta)
  if (!found) return undefined
  const value = approximateLoss(problem, theta, (input) => evaluate(network, theta, input))
  const largestError = found.errors.reduce((most, r) => Math.max(most, Math.abs(r)), 0)
  const isNews = (change: number) => change < mostShare * rangeOf(data.approximateTargets) && change < largestError / 2
  const withoutSecond = products * units > mostOfHessian ? { ...found, second: undefined } : found
  return movedStatements(problem, toExact(network, point), value, withoutSecond).find(
    ({ change, certificate }) => isNews(toNumber(change)) && accepts(certificate)
  )
}

const rangeOf = (numbers: Float64Array): number => {
  const most = numbers.reduce((a, b) => Math.max(a, b))
  const least = numbers.reduce((a, b) => Math.min(a, b))
  return most > least ? most - least : Math.abs(most)
}
