import { type Rational, sign, toNumber } from '@nadir/arithmetic'
import { digest, networkName, type Problem, parameterCount, problemDocument, type Verdict } from '@nadir/landscape'
import { exactNumberJson, type JsonNumber } from './numbers.ts'
import { lossConvention } from './problem-options.ts'
import { version } from './version.ts'

/** The files that a verdict was written to. */
export interface WrittenVerdict {
  readonly certificate: string | null
  /** Beside a minimum nearby, of the better network's loss. */
  readonly betterCertificate?: string
  /** Of what the parameters are for moved targets. */
  readonly movedCertificate?: string
  readonly model: string | null
  readonly improved: string | null
  readonly report: string | null
}

/** The document of `certify --json`. */
export function verdictJson(problem: Problem, verdict: Verdict, written: WrittenVerdict, seconds: number): unknown {
  const document = problemDocument(problem)
  const number = (loss: Rational | undefined, approximate: number): JsonNumber =>
    loss ? exactNumberJson(loss) : { approx: approximate }
  const { given, settled, standing, diagnosis } = verdict
  const mse = (loss: Rational | undefined, approximate: number) =>
    problem.loss === 'squared' && sign(problem.weightDecay) === 0
      ? { meanSquaredError: meanSquaredError(problem, loss ? toNumber(loss) : approximate) }
      : {}
  return {
    nadir: version,
    problem: {
      digest: document ? digest(document) : null,
      network: networkName(problem.network),
      samples: problem.data.samples,
      parameters: parameterCount(problem.network),
      loss: problem.loss,
      lossConvention: lossConvention(problem)
    },
    given: {
      claim: given.claim,
      loss: number(given.loss, given.approximateLoss),
      ...(given.bounds ? { bounds: [toNumber(given.bounds.lower), toNumber(given.bounds.upper)] } : {}),
      ...mse(given.loss, given.approximateLoss),
      reason: given.reason,
      ...(given.tryNext ? { tryNext: given.tryNext } : {})
    },
    settled: settled
      ? {
          claim: settled.claim,
          loss: exactNumberJson(settled.loss),
          ...mse(settled.loss, 0),
          ...(settled.within
            ? { within: { radius: toNumber(settled.within.radius), lower: exactNumberJson(settled.within.lower) } }
            : {}),
          ...(settled.index === undefined ? {} : { index: settled.index }),
          distance: settled.distance,
          drop: toNumber(settled.drop),
          cell: settled.cell,
          kinks: settled.kinks,
          hops: settled.hops
        }
      : null,
    ...(verdict.notSettled ? { undecided: verdict.notSettled } : {}),
    ...(verdict.movedTargets
      ? {
          movedTargets: {
            about: 'changed data',
            claim: verdict.movedTargets.claim,
            change: toNumber(verdict.movedTargets.change)
          }
        }
      : {}),
    standing: {
      claim: standing.claim,
      witness: standing.witness ? exactNumberJson(standing.witness.loss) : null,
      lowerBound: standing.lowerBound ? exactNumberJson(standing.lowerBound) : null
    },
    diagnosis: diagnosis
      ? {
          deadUnits: diagnosis.dead.length,
          duplicateUnits: new Set(diagnosis.mergeable.map(([, k]) => k)).size,
          silentUnits: diagnosis.silent.length,
          samplesOnKinks: diagnosis.samplesOnKinks
        }
      : {},
    ...(verdict.layers
      ? {
          layers: verdict.layers.map(({ units, dead, silent, copies, samplesOnKinks }) => ({
            units,
            deadUnits: dead.length,
            silentUnits: silent.length,
            copiedUnits: copies.length,
            samplesOnKinks: samplesOnKinks ?? null
          }))
        }
      : {}),
    ...(verdict.evidence ? { evidence: { proved: false, ...verdict.evidence } } : {}),
    ...written,
    seconds
  }
}

/** Mean over samples and outputs of (f - y)^2, from the squared loss. Approximate. */
export const meanSquaredError = (problem: Problem, loss: number): number =>
  (2 * loss) /
  (problem.reduction === 'mean' ? problem.data.targetCount : problem.data.samples * problem.data.targetCount)
