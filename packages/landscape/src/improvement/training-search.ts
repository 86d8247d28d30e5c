import { compare, type Rational, toNumber } from '@nadir/arithmetic'
import type { ValuedPoint } from '../certification/certificate.ts'
import { gaussian } from '../descent/best-direction.ts'
import { type ExactPoint, toExact, toFloat } from '../point.ts'
import type { Problem } from '../problem.ts'
import { adam } from '../training/adam.ts'
import { initialise } from '../training/initialise.ts'
import { lbfgs } from '../training/lbfgs.ts'
import { defaultSettings, trainerOf } from '../training/methods.ts'
import { objective } from '../training/objective.ts'
import { trainingPoints } from '../training/trainer.ts'
import type { SearchOptions } from './better-point.ts'
import { convexStart } from './convex-start.ts'
import { exactRisk } from './exact-risk.ts'

/** What one start does to the parameters of the best point. */
type Move = (theta: Float64Array) => void

/**
 * A point below the given loss, for networks of any depth: gradient descents and damped Gauss-Newton steps from the point itself, from the convex program where there is one, then from the best point with some parameters shaken or drawn anew, and from fresh
 * starts. Undefined when none was found, which proves nothing. The search is approximate, the comparison exact.
 */
export function searchByTraining(
  problem: Problem,
  from: { readonly point: ExactPoint; readonly loss: Rational },
  options: SearchOptions
): ValuedPoint | undefined {
  const risk = objective(problem)
  const { random, stop } = options
  const gradient = new Float64Array(risk.parameters)
  let best: ValuedPoint | undefined
  const bound = () => best?.loss ?? from.loss
  const descend: Move = (theta) => lbfgs(risk, theta, { iterations: 400, onStep: stop })
  const shake =
    (share: number, size: number): Move =>
    (theta) => {
      for (const k of theta.keys())
        if (random() < share) theta[k] = theta[k]! * (1 + size * gaussian(random)) + 0.1 * size * gaussian(random)
      descend(theta)
    }
  const fresh: Move = (theta) => {
    theta.set(initialise(problem.network, random))
    adam(risk, theta, { steps: 500, rate: 0.01, onStep: stop })
    descend(theta)
  }
  const damped: Move = (theta) => {
    const trainer = trainerOf('levenberg-marquardt')
    if (trainer.obstacle?.(problem)) return
    const settings = { ...defaultSettings('levenberg-marquardt', problem), steps: 100 }
    const task = { problem, objective: risk, seed: 1, settings }
    const state = trainer.begin(task, theta)
    for (const _ of trainingPoints(trainer, task, state)) if (stop()) break
    theta.set(state.theta)
  }
  const convex: Move = (theta) => {
    const begun = convexStart(problem)
    if (begun) theta.set(begun)
    descend(theta)
  }
  const moves: readonly Move[] = [shake(0.2, 1), shake(1, 0.1), fresh, shake(0.5, 0.5)]
  for (let start = 0; !stop() && !(options.firstOnly && best); start++) {
    options.onStart?.(start, toNumber(bound()))
    const theta = toFloat(best?.point ?? from.point).values.slice()
    const move = [descend, damped, convex][start] ?? moves[start % moves.length]!
    move(theta)
    if (!theta.every(Number.isFinite) || !(risk.evaluate(theta, gradient) < toNumber(bound()))) continue
    const point = toExact(problem.network, { kind: 'float', values: theta })
    const loss = exactRisk(problem, point)
    if (compare(loss, bound()) < 0) best = { point, loss }
  }
  return best
}
