import { compare, type Rational, type RationalVector, toText } from '@nadir/arithmetic'
import type { Configuration } from '../cells/configuration.ts'
import type { Decision } from '../optimality/decision.ts'
import type { FirstOrderEvidence } from '../optimality/slope-evidence.ts'
import type { ExactPoint } from '../point.ts'
import type { Problem } from '../problem.ts'
import { digest, type Json } from './canonical.ts'
import { problemDocument } from './problem-document.ts'

/** A certificate file: problem, claim and proof, as in the specification of the format. */
export interface Certificate {
  readonly format: 'nadir-certificate/1'
  readonly problem: Json
  readonly claim: Json
  readonly proof: Json
}

/** A point with its exact loss. */
export interface ValuedPoint {
  readonly point: ExactPoint
  readonly loss: Rational
}

export const vectorDocument = (v: RationalVector): Json => ({
  denominator: v.denominator.toString(),
  numerators: v.numerators.map(String)
})
export const pointDocument = (p: ExactPoint): Json => p.tensors.map(vectorDocument)

/** Evidence of the rule first-order, without its name. */
export function slopesDocument(problem: Problem, evidence: FirstOrderEvidence): { [key: string]: Json } {
  return {
    denominator: evidence.denominator.toString(),
    slopes: evidence.units.map((rows) =>
      rows.map((row) =>
        row.map(({ sample, numerators }) =>
          numerators.length === 1 ? [sample, numerators[0]!.toString()] : [sample, numerators.map(String)]
        )
      )
    ),
    ...(problem.loss === 'squared' ? {} : { subgradients: vectorDocument(evidence.subgradients) })
  }
}

/**
 * The certificate of a decision about a configuration: its own claim, or `spurious` when a strictly better point of the same network is given;
 * undefined for `undecided`.
 */
export function certificateOf(
  configuration: Configuration,
  decision: Decision,
  better?: ValuedPoint
): Certificate | undefined {
  const problem = problemDocument(configuration.view.problem)
  if (problem === undefined || decision.kind === 'undecided') return undefined
  const place = { point: pointDocument(configuration.point), loss: toText(configuration.loss) }
  const evidence = evidenceOf(configuration.view.problem, decision)
  if (decision.kind === 'local-minimum' && better && compare(better.loss, configuration.loss) < 0)
    return seal(
      problem,
      { kind: 'spurious', ...place, better: pointDocument(better.point), betterLoss: toText(better.loss) },
      { rule: 'better-point', minimum: evidence }
    )
  return seal(problem, { kind: decision.kind, ...place }, evidence)
}

/** The certificate that a point has exactly this loss. */
export function valueCertificate(problem: Problem, valued: ValuedPoint): Certificate | undefined {
  const document = problemDocument(problem)
  return document === undefined
    ? undefined
    : seal(
        document,
        { kind: 'value', point: pointDocument(valued.point), loss: toText(valued.loss) },
        { rule: 'evaluation' }
      )
}

function evidenceOf(problem: Problem, decision: Exclude<Decision, { kind: 'undecided' }>): Json {
  switch (decision.kind) {
    case 'global-minimum':
      return { rule: decision.rule }
    case 'local-minimum':
      return { rule: 'first-order', ...slopesDocument(problem, decision.evidence) }
    case 'saddle':
      return {
        rule: 'saddle',
        stationarity: slopesDocument(problem, decision.stationarity),
        descent: pointDocument(decision.descent),
        ascent: pointDocument(decision.ascent)
      }
    case 'not-stationary':
    case 'not-a-local-minimum':
      return { rule: 'descent-direction', direction: pointDocument(decision.direction) }
  }
}

export const seal = (problem: Json, claim: Json, evidence: Json): Certificate => ({
  format: 'nadir-certificate/1',
  problem,
  claim,
  proof: { format: 'nadir-proof/1', problem: digest(problem), claim: digest(claim), evidence }
})

/** The text of a certificate file. */
export const certificateText = (certificate: Certificate): string => JSON.stringify(certificate)
