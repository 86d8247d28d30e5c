import { compare, type Rational } from '@nadir/arithmetic'
import { type Configuration, locate } from './cells/configuration.ts'
import { type Certificate, certificateOf, valueCertificate } from './certification/certificate.ts'
import { asLayered } from './curvature/layered.ts'
import { settle } from './descent/settle.ts'
import { findBetter } from './improvement/better-point.ts'
import { exactRisk, hasExactRisk } from './improvement/exact-risk.ts'
import { searchByTraining } from './improvement/training-search.ts'
import { decide } from './optimality/decide.ts'
import type { Decision } from './optimality/decision.ts'
import { type ExactPoint, type Point, toExact, toFloat } from './point.ts'
import type { Problem } from './problem.ts'
import { randomStream } from './random.ts'
import { asOneHiddenLayer, type OneHiddenLayer } from './traits.ts'
import type { ClaimKind } from './verdict.ts'

/** A strictly better point, what kind of point it is, and the certificate of that. */
export interface Better {
  readonly point: ExactPoint
  readonly loss: Rational
  readonly claim: ClaimKind | 'value'
  readonly certificate: Certificate | undefined
}

export type Improvement =
  | {
      readonly kind: 'searched'
      readonly from: Rational
      readonly better: Better | undefined
      readonly starts: number
    }
  | { readonly kind: 'undecided'; readonly reason: string; readonly tryNext: string }

export interface ImproveOptions {
  readonly seed: number
  readonly now: () => number
  readonly interrupted: () => boolean
  /** Milliseconds. */
  readonly time: number
  readonly onProgress?: (loss: number, starts: number) => void
}

/**
 * The best point of the same network found within the time. Never worse than the given point; the difference is exact. One hidden layer, one output: the exact point that the parameters lead to, freed units put to
 * use, descents from cell to cell from many starts. Deeper networks, several outputs and weight decay: gradient and damped Gauss-Newton descents from many starts.
 */
export function improve(problem: Problem, point: Point, options: ImproveOptions): Improvement {
  const view = asOneHiddenLayer(problem)
  if (!('kind' in view) && view.outputs === 1) return improveByCells(problem, view, point, options)
  if (hasExactRisk(problem) && asLayered(problem.network).kind === 'layered')
    return improveByTraining(problem, point, options)
  return 'kind' in view
    ? { kind: 'undecided', reason: view.reason, tryNext: view.tryNext }
    : {
        kind: 'undecided',
        reason: 'the loss leaves the rational numbers, so that a small difference cannot be decided exactly',
        tryNext: 'train again from another seed and compare'
      }
}

function improveByTraining(problem: Problem, given: Point, options: ImproveOptions): Improvement {
  const begun = options.now()
  const point = toExact(problem.network, given)
  const from = { point, loss: exactRisk(problem, point) }
  let starts = 0
  const better =
    from.loss.numerator === 0n
      ? undefined
      : searchByTraining(problem, from, {
          random: randomStream(options.seed),
          stop: () => options.interrupted() || options.now() - begun > options.time,
          firstOnly: false,
          onStart: (start, loss) => {
            starts = start
            options.onProgress?.(loss, start)
          }
        })
  return {
    kind: 'searched',
    from: from.loss,
    better: better && { ...better, claim: 'value', certificate: valueCertificate(problem, better) },
    starts
  }
}

function improveByCells(problem: Problem, view: OneHiddenLayer, point: Point, options: ImproveOptions): Improvement {
  const begun = options.now()
  const random = randomStream(options.seed)
  const stop = () => options.interrupted() || options.now() - begun > options.time
  const original = toExact(problem.network, point)
  const given = locate(view, original)
  const decision = decide(given)
  let best = { configuration: given, decision } as { configuration: Configuration; decision: Decision }
  const keep = (candidate: typeof best) => {
    if (compare(candidate.configuration.loss, best.configuration.loss) < 0) best = candidate
  }
  const settleFrom = (from: ExactPoint) => keep(settle(view, toFloat(from), from, { random, stop, now: options.now }))
  if (!isMinimum(decision)) settleFrom(original)
  let starts = 0
  if ((best.decision as Decision).kind !== 'global-minimum') {
    const found = findBetter(best.configuration, {
      random,
      firstOnly: false,
      stop,
      onStart: (start, loss) => {
        starts = start
        options.onProgress?.(loss, start)
      }
    })
    if (found) {
      const configuration = locate(view, found.point)
      keep({ configuration, decision: decide(configuration) })
      if (!isMinimum(best.decision)) settleFrom(found.point)
    }
  }
  const { configuration } = best
  if (compare(configuration.loss, given.loss) >= 0)
    return { kind: 'searched', from: given.loss, better: undefined, starts }
  const valued = { point: configuration.point, loss: configuration.loss }
  const reached = best.decision as Decision
  const settledKind = isMinimum(reached)
  return {
    kind: 'searched',
    from: given.loss,
    better: {
      ...valued,
      claim: settledKind ? reached.kind : 'value',
      certificate: settledKind ? certificateOf(configuration, reached) : valueCertificate(problem, valued)
    },
    starts
  }
}

const isMinimum = (decision: Decision): boolean =>
  decision.kind === 'global-minimum' || decision.kind === 'local-minimum'
