import { compare, type Rational } from '@nadir/arithmetic'
import { type Configuration, locate } from './cells/configuration.ts'
import { type Certificate, certificateOf, valueCertificate } from './certification/certificate.ts'
import { settle } from './descent/settle.ts'
import { findBetter } from './improvement/better-point.ts'
import { decide } from './optimality/decide.ts'
import type { Decision } from './optimality/decision.ts'
import { type ExactPoint, type Point, toExact, toFloat } from './point.ts'
import type { Problem } from './problem.ts'
import { randomStream } from './random.ts'
import { asOneHiddenLayer } from './traits.ts'
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
 * The best point of the same network found within the time: settled from the given parameters, with freed units put to use, and from many starts. Never worse than
 * the given point; the difference is exact.
 */
export function improve(problem: Problem, point: Point, options: ImproveOptions): Improvement {
  const view = asOneHiddenLayer(problem)
  if ('kind' in view) return { kind: 'undecided', reason: view.reason, tryNext: view.tryNext }
  if (view.outputs !== 1)
    return {
      kind: 'undecided',
      reason: 'the search covers networks with one output',
      tryNext: 'certify one output at a time, or train again from another seed'
    }
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
