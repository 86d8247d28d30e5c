import { compare, toText } from '@nadir/arithmetic'
import type { ExactEvaluation } from '../cells/exact-evaluation.ts'
import type { RankBoundEvidence } from '../optimality/bottleneck.ts'
import type { Curve } from '../optimality/curve.ts'
import type { DeepDecision } from '../optimality/deep-decision.ts'
import type { LastLayerEvidence } from '../optimality/last-layer.ts'
import type { PathSpanEvidence, Span } from '../optimality/path-span.ts'
import type { Problem } from '../problem.ts'
import type { Json } from './canonical.ts'
import {
  type Certificate,
  pointDocument,
  seal,
  slopesDocument,
  type ValuedPoint,
  vectorDocument
} from './certificate.ts'
import { problemDocument } from './problem-document.ts'

/**
 * The certificate of a decision about a point of a network of any depth: its own claim, or `spurious` when a strictly better point of the
 * same network is given; undefined for `undecided` and for problems that the format has no words for.
 */
export function deepCertificate(
  { problem, point, loss }: ExactEvaluation,
  decision: DeepDecision,
  better?: ValuedPoint
): Certificate | undefined {
  const document = problemDocument(problem)
  if (document === undefined || decision.kind === 'undecided') return undefined
  const place = { point: pointDocument(point), loss: toText(loss) }
  const evidence = evidenceOf(problem, decision)
  if (decision.kind === 'local-minimum' && better && compare(better.loss, loss) < 0)
    return seal(
      document,
      { kind: 'spurious', ...place, better: pointDocument(better.point), betterLoss: toText(better.loss) },
      { rule: 'better-point', minimum: evidence }
    )
  return seal(document, { kind: decision.kind, ...place }, evidence)
}

/** The evidence of a decision in the words of the format. */
export function evidenceOf(
  problem: Problem,
  decision: Exclude<DeepDecision, { kind: 'undecided' }>
): { [key: string]: Json } {
  switch (decision.kind) {
    case 'global-minimum':
      return decision.rule === 'rank-bound'
        ? rankEvidence(decision.evidence)
        : { rule: decision.rule, ...subgradients(decision.subgradients) }
    case 'local-minimum':
      return decision.rule === 'path-span'
        ? { rule: 'path-span', ...pathSpanDocument(decision.evidence) }
        : { rule: 'last-layer', ...lastLayerDocument(problem, decision.evidence) }
    case 'saddle':
      return {
        rule: 'differentiable-saddle',
        descent: curveDocument(decision.descent),
        ascent: curveDocument(decision.ascent)
      }
    case 'not-stationary':
      return { rule: 'descent-direction', direction: pointDocument(decision.direction) }
  }
}

/** Evidence of the rule rank-bound. */
export const rankEvidence = ({ map, shift, excess }: RankBoundEvidence): { [key: string]: Json } => ({
  rule: 'rank-bound',
  map: vectorDocument(map),
  shift: toText(shift),
  excess: vectorDocument(excess)
})

const subgradients = (chosen: PathSpanEvidence['subgradients']): { [key: string]: Json } =>
  chosen === undefined ? {} : { subgradients: vectorDocument(chosen) }

const spanDocuments = (spans: readonly Span[]): Json =>
  spans.map(({ pivots, functions }) => ({ pivots, functions: functions.map(vectorDocument) }))

const lastLayerDocument = (problem: Problem, evidence: LastLayerEvidence): { [key: string]: Json } => ({
  ...slopesDocument(problem, evidence.slopes),
  parallel: evidence.parallel,
  multiples: vectorDocument(evidence.multiples),
  spans: spanDocuments(evidence.spans)
})

const pathSpanDocument = (evidence: PathSpanEvidence): { [key: string]: Json } => ({
  spans: spanDocuments(evidence.spans),
  ...subgradients(evidence.subgradients)
})

const curveDocument = (curve: Curve): Json => curve.map(({ power, direction }) => [power, pointDocument(direction)])
