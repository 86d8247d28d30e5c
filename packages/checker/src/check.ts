import { type Budget, newBudget } from './budget.ts'
import { type Claim, isMoved, readClaim } from './claim.ts'
import type { Curve } from './deep-evidence.ts'
import { readFields, readName } from './form.ts'
import { canonicalText, isObject, type Json, parseJson } from './json.ts'
import { requireMinimumNearby } from './kinks/minimum-nearby.ts'
import { requireMovedTargets } from './moved/moved-targets.ts'
import { requireContraction } from './nearby/contraction.ts'
import { requireSaddle } from './nearby/contraction-saddle.ts'
import { requireSplit } from './nearby/split.ts'
import { type Accepted, type Declined, type Outcome, reject, settle } from './outcome.ts'
import { type Point, requireShape } from './point.ts'
import { isRational, type Problem, readProblem } from './problem.ts'
import { type Evidence, type MinimumEvidence, readEvidence, readSealed } from './proof.ts'
import { compare, type Rational } from './rational.ts'
import { requireRiskProved } from './risk/check-risk.ts'
import { readRiskClaim } from './risk/claim.ts'
import { readRiskEvidence } from './risk/evidence.ts'
import { readRiskProblem, riskFormat } from './risk/problem.ts'
import { riskStatement } from './risk/statement.ts'
import { requireAffineFit } from './rules/affine-fit.ts'
import { requireAffineSegment } from './rules/affine-segment.ts'
import { requireBoxTree } from './rules/box-tree.ts'
import { requireConstantOutput } from './rules/constant-output.ts'
import type { Context } from './rules/context.ts'
import { requireAscent, requireDescent } from './rules/descent-direction.ts'
import { requireStationaryThroughout } from './rules/differentiable-saddle.ts'
import { requireDualBound } from './rules/dual-bound.ts'
import { requireEnclosedSlope } from './rules/enclosed-slope.ts'
import { requireBounds, requireLossAtMost } from './rules/enclosure.ts'
import { requireLoss } from './rules/evaluation.ts'
import { requireLocalMinimum, requireStationary } from './rules/first-order.ts'
import { requireLastLayer } from './rules/last-layer.ts'
import { requireLinearDual } from './rules/linear-dual.ts'
import { requirePathSpan } from './rules/path-span.ts'
import { requirePatternTree } from './rules/pattern-tree.ts'
import { requireRankBound } from './rules/rank-bound.ts'
import { requireSameInputBound } from './rules/same-input-bound.ts'
import { requireSeparation } from './rules/separation.ts'
import { withBalancedBias, withRestingBiases } from './rules/smooth-network.ts'
import { requireZeroDerivative } from './rules/zero-derivative.ts'
import { requireZeroLoss } from './rules/zero-loss.ts'
import { type Samples, scaleSamples } from './samples.ts'
import { sha256 } from './sha256.ts'
import { statementOf } from './statement.ts'

const proves: Readonly<Record<Evidence['rule'], readonly Claim['kind'][]>> = {
  evaluation: ['value'],
  enclosure: ['value-between'],
  separation: ['no-minimum'],
  'enclosed-slope': ['not-stationary'],
  'descent-direction': ['not-stationary', 'not-a-local-minimum'],
  'descent-curve': ['not-a-local-minimum'],
  'zero-loss': ['global-minimum'],
  'same-input-bound': ['global-minimum'],
  'affine-fit': ['global-minimum'],
  'first-order': ['local-minimum'],
  'path-span': ['local-minimum'],
  'last-layer': ['local-minimum'],
  'constant-output': ['local-minimum'],
  'affine-segment': ['local-minimum'],
  'zero-derivative': ['saddle'],
  saddle: ['saddle'],
  'differentiable-saddle': ['saddle'],
  'kink-saddle': ['saddle'],
  'better-point': ['spurious'],
  kinks: ['local-minimum-nearby'],
  'kinks-span': ['local-minimum-nearby'],
  'kinks-valleys': ['local-minimum-nearby'],
  'kinks-dependent': ['local-minimum-nearby'],
  'dual-bound': ['lower-bound', 'global-minimum'],
  'pattern-tree': ['lower-bound', 'global-minimum'],
  'box-tree': ['lower-bound', 'lower-bound-in-box'],
  'rank-bound': ['lower-bound', 'global-minimum'],
  'linear-dual': ['lower-bound', 'global-minimum'],
  contraction: ['local-minimum-nearby'],
  'contraction-saddle': ['saddle-nearby'],
  'moved-targets': ['critical-for-moved-targets', 'local-minimum-for-moved-targets', 'saddle-for-moved-targets'],
  split: ['local-minimum-nearby'],
  'split-saddle': ['saddle-nearby']
}

/** The rules that know weight decay. */
const withDecay: readonly Evidence['rule'][] = [
  'evaluation',
  'zero-loss',
  'dual-bound',
  'linear-dual',
  'box-tree',
  'kinks',
  'kinks-valleys',
  'kinks-dependent',
  'contraction',
  'contraction-saddle',
  'moved-targets',
  'enclosed-slope'
]

const requireBetter = (context: Context, claim: Claim): void => {
  if (claim.kind !== 'spurious') {
    reject('better-point', 'the claim names no better point')
    return
  }
  const { problem, samples, budget } = context
  requireLoss(problem, samples, claim.better, claim.betterLoss, 'better', budget)
  if (compare(claim.betterLoss, claim.loss) >= 0) reject('better', 'the loss there is not smaller')
}

const requireMinimum = (context: Context, claim: Claim, evidence: MinimumEvidence): void => {
  if (evidence.rule === 'first-order') requireLocalMinimum(context, evidence.slopes)
  else if (evidence.rule === 'path-span') requirePathSpan(context, evidence.pathSpan)
  else if (evidence.rule === 'last-layer') requireLastLayer(context, evidence.lastLayer)
  else if (evidence.rule === 'affine-segment') reject('network', 'the rule is for networks with smooth layers')
  else requireConstantOutput(context.problem, context.samples, claim.point, claim.loss, context.budget)
}

/** The claims about problems with irrational losses: by signs at points with irrational biases, and by enclosures. */
const requireIrrationalProved = (
  problem: Problem,
  samples: Samples,
  claim: Claim,
  evidence: Evidence,
  budget: Budget
): void => {
  const { network } = problem
  if (evidence.rule === 'zero-derivative') {
    requireShape(network, withRestingBiases(problem, claim.point), 'evaluation')
    requireZeroDerivative(problem, samples, claim.point, claim.loss)
    return
  }
  const minimum = evidence.rule === 'better-point' ? evidence.minimum : evidence
  if (minimum.rule === 'affine-segment') {
    requireAffineSegment(problem, samples, claim, minimum.pathSpan, budget)
  } else if (minimum.rule === 'constant-output') {
    requireShape(network, withBalancedBias(problem, claim.point), 'evaluation')
    requireConstantOutput(problem, samples, claim.point, claim.loss, budget)
  } else reject('network', `the rule ${minimum.rule} is for problems with rational losses`)
  if (claim.kind !== 'spurious') return
  requireLossAtMost(problem, samples, claim.better, claim.betterLoss, 'better', budget)
  if (compare(claim.betterLoss, claim.loss) >= 0) reject('better', 'the loss there is not smaller')
}

/** What a lower bound must reach: the bound of the claim, or the loss where the claim is a global minimum. */
const boundOf = (claim: Claim): Rational => (claim.kind === 'lower-bound' ? claim.bound : claim.loss)

const straight = (direction: Point): Curve => [{ power: 1, direction }]

/** Answers only when the evidence proves the claim about the problem; else rejects or declines. */
const requireProved = (problem: Problem, claim: Claim, evidence: Evidence, budget: Budget): 'proved' => {
  if (!proves[evidence.rule].includes(claim.kind)) {
    reject('rule', `the rule ${evidence.rule} does not prove the claim ${claim.kind}`)
  }
  if (problem.decay !== undefined && !withDecay.includes(evidence.rule)) {
    reject('decay', `the rule ${evidence.rule} is for problems without weight decay`)
  }
  const samples = scaleSamples(problem, budget)
  if (claim.kind === 'value-between') {
    requireBounds(problem, samples, claim, budget)
    return 'proved'
  }
  if (claim.kind === 'no-minimum') {
    requireSeparation(problem, samples, claim, budget)
    return 'proved'
  }
  if (claim.kind === 'not-stationary' && 'lower' in claim) {
    if (evidence.rule !== 'enclosed-slope') return reject('rule', `the rule ${evidence.rule} is for exact losses`)
    requireEnclosedSlope(problem, samples, claim, evidence.direction, budget)
    return 'proved'
  }
  if (claim.kind === 'local-minimum-nearby' || claim.kind === 'saddle-nearby') {
    if (claim.index !== undefined && evidence.rule !== 'contraction-saddle')
      return reject('index', `the rule ${evidence.rule} counts no eigenvalues`)
    if ('kinks' in evidence) requireMinimumNearby(problem, samples, claim, evidence.kinks, budget)
    else if (evidence.rule === 'contraction') requireContraction(problem, samples, claim, evidence.factor, budget)
    else if (evidence.rule === 'contraction-saddle') requireSaddle(problem, samples, claim, evidence, budget)
    else if (evidence.rule === 'split' || evidence.rule === 'split-saddle')
      requireSplit(problem, samples, claim, evidence, budget)
    else reject('rule', `the rule ${evidence.rule} does not prove the claim ${claim.kind}`)
    return 'proved'
  }
  if (isMoved(claim)) {
    if (evidence.rule !== 'moved-targets') return reject('rule', `the rule ${evidence.rule} is not for moved targets`)
    requireMovedTargets(problem, samples, claim, evidence, budget)
    return 'proved'
  }
  if (!isRational(problem)) {
    requireIrrationalProved(problem, samples, claim, evidence, budget)
    return 'proved'
  }
  const evaluation = requireLoss(problem, samples, claim.point, claim.loss, 'evaluation', budget)
  const context: Context = { problem, samples, point: claim.point, evaluation, budget }
  switch (evidence.rule) {
    case 'evaluation':
      return 'proved'
    case 'enclosure':
    case 'enclosed-slope':
    case 'separation':
    case 'zero-derivative':
    case 'contraction':
    case 'contraction-saddle':
    case 'moved-targets':
    case 'split':
    case 'split-saddle':
    case 'kinks':
    case 'kinks-span':
    case 'kinks-valleys':
    case 'kinks-dependent':
      return reject('network', `the rule ${evidence.rule} does not apply`)
    case 'descent-direction':
      requireDescent(context, straight(evidence.direction), 'direction', claim.kind === 'not-stationary')
      return 'proved'
    case 'descent-curve':
      requireDescent(context, evidence.curve, 'curve', false)
      return 'proved'
    case 'zero-loss':
      requireZeroLoss(context)
      return 'proved'
    case 'same-input-bound':
      requireSameInputBound(context)
      return 'proved'
    case 'affine-fit':
      requireAffineFit(context, evidence.subgradients)
      return 'proved'
    case 'first-order':
    case 'path-span':
    case 'last-layer':
    case 'affine-segment':
    case 'constant-output':
      requireMinimum(context, claim, evidence)
      return 'proved'
    case 'saddle':
      requireStationary(context, evidence.stationarity)
      requireDescent(context, straight(evidence.descent), 'descent', false)
      requireAscent(context, straight(evidence.ascent), 'ascent')
      return 'proved'
    case 'differentiable-saddle':
    case 'kink-saddle':
      requireStationaryThroughout(context, evidence.rule === 'kink-saddle' ? evidence.gates : undefined)
      requireDescent(context, evidence.descent, 'descent', false)
      requireAscent(context, evidence.ascent, 'ascent')
      return 'proved'
    case 'better-point':
      requireMinimum(context, claim, evidence.minimum)
      requireBetter(context, claim)
      return 'proved'
    case 'dual-bound':
      requireDualBound(context, evidence, boundOf(claim))
      return 'proved'
    case 'pattern-tree':
      requirePatternTree(context, evidence.nodes, boundOf(claim))
      return 'proved'
    case 'box-tree':
      requireBoxTree(context, evidence, claim)
      return 'proved'
    case 'rank-bound':
      requireRankBound(context, evidence, boundOf(claim))
      return 'proved'
    case 'linear-dual':
      requireLinearDual(context, evidence, boundOf(claim))
      return 'proved'
  }
}

const digestOf = (json: Json): string => `sha256:${sha256(canonicalText(json))}`

type Parts = { readonly problem: Json; readonly claim: Json; readonly proof: Json }

/** A form of problems: how the three parts are read, and what proves a claim. */
type Subject<P, C extends { readonly kind: string }, E> = {
  readonly readProblem: (json: Json, budget: Budget) => P
  readonly readClaim: (json: Json, budget: Budget) => C
  readonly readEvidence: (json: Json, budget: Budget) => E
  readonly requireProved: (problem: P, claim: C, evidence: E, budget: Budget) => 'proved'
  readonly statementOf: (claim: C, problem: P) => string
}

const sampleSubject: Subject<Problem, Claim, Evidence> = {
  readProblem,
  readClaim,
  readEvidence,
  requireProved,
  statementOf
}

const riskSubject = {
  readProblem: readRiskProblem,
  readClaim: readRiskClaim,
  readEvidence: readRiskEvidence,
  requireProved: requireRiskProved,
  statementOf: riskStatement
}

const checkAs = <P, C extends { readonly kind: string }, E>(subject: Subject<P, C, E>, parts: Parts): Accepted => {
  const budget = newBudget()
  const problem = subject.readProblem(parts.problem, budget)
  const claim = subject.readClaim(parts.claim, budget)
  const proof = readSealed(parts.proof, budget, subject.readEvidence)
  const problemDigest = digestOf(parts.problem)
  const claimDigest = digestOf(parts.claim)
  if (proof.problem !== problemDigest) reject('digest', 'the proof is for another problem')
  if (proof.claim !== claimDigest) reject('digest', 'the proof is for another claim')
  subject.requireProved(problem, claim, proof.evidence, budget)
  return {
    outcome: 'accepted',
    claim: claim.kind,
    statement: subject.statementOf(claim, problem),
    problemDigest,
    claimDigest
  }
}

const checkParts = (parts: Parts): Accepted =>
  isObject(parts.problem) && parts.problem.get('format') === riskFormat
    ? checkAs(riskSubject, parts)
    : checkAs(sampleSubject, parts)

/**
 * Whether the proof proves the claim about the problem, each given as its JSON text. Never throws; exact arithmetic
 * only; the work is bounded.
 */
export const check = (problem: string, claim: string, proof: string): Outcome =>
  settle(() =>
    checkParts({
      problem: parseJson(problem, 'problem'),
      claim: parseJson(claim, 'claim'),
      proof: parseJson(proof, 'proof')
    })
  )

const readDocument = (text: string): Parts => {
  const fields = readFields(parseJson(text, 'certificate'), 'certificate', ['format', 'problem', 'claim', 'proof'])
  readName(fields.format, 'certificate.format', ['nadir-certificate/1'])
  return fields
}

/** The three parts of a certificate file as canonical texts. */
export type DocumentParts = { readonly problem: string; readonly claim: string; readonly proof: string }

/** The canonical texts of the three parts of a certificate file, or why it cannot be read. Never throws. */
export const splitDocument = (text: string): DocumentParts | Declined => {
  const parts = settle(() => {
    const { problem, claim, proof } = readDocument(text)
    return { problem: canonicalText(problem), claim: canonicalText(claim), proof: canonicalText(proof) }
  })
  if (!('outcome' in parts)) return parts
  return parts.outcome === 'declined' ? parts : { outcome: 'declined', feature: parts.reason }
}

/** A reader's own problem and claim as JSON texts, and the kind of claim that the reader asks for. */
export type Expected = { readonly problem?: string; readonly claim?: string; readonly kind?: string }

const requireSame = (given: Json, expected: string, name: 'problem' | 'claim'): void => {
  if (canonicalText(given) !== canonicalText(parseJson(expected, `expected ${name}`))) {
    reject('expected', `the certificate is about another ${name}`)
  }
}

/**
 * Whether a certificate file proves its claim, and whether its problem and claim are those that the reader expects.
 * Never throws.
 */
export const checkDocument = (text: string, expected: Expected = {}): Outcome =>
  settle(() => {
    const parts = readDocument(text)
    const accepted = checkParts(parts)
    if (expected.problem !== undefined) requireSame(parts.problem, expected.problem, 'problem')
    if (expected.claim !== undefined) requireSame(parts.claim, expected.claim, 'claim')
    if (expected.kind !== undefined && expected.kind !== accepted.claim) {
      reject('expected', `the certificate claims ${accepted.claim}, not ${expected.kind}`)
    }
    return accepted
  })
