import { compare, sign, subtract } from '@nadir/arithmetic'
import { type Certificate, type ClaimKind, certificateText, certify, type Verdict } from '@nadir/landscape'
import { checkDocument } from 'nadir-checker'
import { certificate, digest, type Value } from '../corpus/digests.ts'
import { falsify, witnessesOf } from '../corpus/falsify.ts'
import { add, isLess, none, over, subtract as subtractFractions, text } from '../corpus/fraction.ts'
import { mutants, withDigests, withLosses } from '../corpus/mutations.ts'
import { lossAt, type ProblemJson, parametersOf } from '../corpus/naive.ts'
import { isIrrational } from '../corpus/smooth-float.ts'
import { asPoint, asProblem } from './as-problem.ts'
import type { Plant, Truth } from './plant.ts'

/** What may be said of a point of this kind. */
const allowed: Readonly<Record<Truth, readonly ClaimKind[]>> = {
  'global-minimum': ['global-minimum', 'local-minimum', 'undecided'],
  minimum: ['global-minimum', 'local-minimum', 'undecided'],
  saddle: ['saddle', 'not-a-local-minimum', 'undecided'],
  'not-stationary': ['not-stationary', 'not-a-local-minimum', 'undecided']
}

export type Judgement = {
  /** What is claimed of the point as it is, and what of where it leads. */
  readonly given: ClaimKind
  readonly settled: ClaimKind
  readonly wrong: readonly string[]
  /** Certificates that the checker accepted. */
  readonly texts: readonly string[]
}

type Document = {
  readonly problem: Value
  readonly claim: { readonly kind: string; readonly point: Value; readonly loss: string }
  readonly proof: { readonly evidence: Value }
}

export const accepts = (one: Certificate): boolean => checkDocument(certificateText(one)).outcome === 'accepted'

/** The whole of `certify` on a planted point; everything that contradicts the truth, that the checker refuses, or that a perturbation refutes. */
export const judge = (plant: Plant): Judgement => {
  const wrong: string[] = []
  const begun = performance.now()
  const verdict: Verdict = certify(asProblem(plant.problem), asPoint(plant.point), {
    accepts,
    seed: 1,
    searchTime: 0,
    now: () => performance.now(),
    interrupted: () => performance.now() - begun > 10_000
  })
  const { given, settled, standing } = verdict
  const settledClaim = settled?.claim ?? 'undecided'
  if (!allowed[plant.truth].includes(given.claim)) wrong.push(`the point is called ${given.claim}`)
  const isSamePoint = settled && settled.distance === 0 && !settled.within
  if (isSamePoint && !allowed[plant.truth].includes(settled.claim)) wrong.push(`the point is called ${settled.claim}`)
  if (plant.isBounded && settledClaim === 'no-minimum') wrong.push('no network separates the samples')
  if (plant.truth === 'global-minimum' && standing.claim === 'spurious') wrong.push('nothing is better')
  if (settled && given.loss && !settled.within && compare(settled.loss, given.loss) > 0) wrong.push('the loss rises')
  const near = settled?.within && settled.distance < 1e-9 && plant.truth === 'minimum' && given.loss
  if (near && settled?.within) {
    const outside = sign(subtract(given.loss, settled.within.lower)) < 0 || sign(subtract(settled.loss, given.loss)) < 0
    if (outside) wrong.push('the loss lies outside its bounds')
  }
  const wanted = new Set<string>([given.claim, settledClaim].filter((claim) => claim !== 'undecided'))
  const texts: string[] = []
  for (const one of [verdict.certificate, verdict.givenCertificate]) {
    if (one === undefined) continue
    const json = certificateText(one)
    const outcome = checkDocument(json)
    if (outcome.outcome !== 'accepted') {
      wrong.push(`the checker refuses a certificate: ${JSON.stringify(outcome)}`)
      continue
    }
    texts.push(json)
    wanted.delete(
      outcome.claim.replace('-nearby', '').replace('spurious', 'local-minimum').replace('lower-bound', 'nearly-global')
    )
    if (outcome.problemDigest !== digest(plant.problem)) wrong.push('a certificate is for another problem')
    const { problem, claim, proof } = JSON.parse(json) as Document
    const reason = falsify(problem, claim, witnessesOf(proof.evidence), 4)
    if (reason !== undefined) wrong.push(`${claim.kind}: ${reason}`)
  }
  for (const claim of wanted) wrong.push(`no certificate for ${claim}`)
  return { given: given.claim, settled: settledClaim, wrong, texts }
}

/** Whether the evidence of a certificate, for another point of another problem with the loss that it has there, proves something false of that point. */
export const deceives = (json: string, { problem, point, truth }: Plant): boolean => {
  const { claim, proof } = JSON.parse(json) as Document
  const at: Value = { ...claim, point, ...lossesAt(problem, point, claim) }
  const outcome = checkDocument(JSON.stringify(certificate(problem, at, proof.evidence)))
  const said = claim.kind.replace('-nearby', '').replace('spurious', 'local-minimum') as ClaimKind
  return outcome.outcome === 'accepted' && !allowed[truth].includes(said)
}

/** The losses of the claim, of the right form for a point of this loss. */
const lossesAt = (problem: Value, point: Value, claim: Document['claim']): { readonly [field: string]: Value } => {
  const loss = lossAt(problem, parametersOf(point))
  if (!('lower' in claim)) return { loss: text(loss) }
  const slack = over(1n, 1n << 20n)
  return { loss: text(add(loss, slack)), lower: text(isLess(loss, slack) ? none : subtractFractions(loss, slack)) }
}

/** Changed certificates that the checker accepts although perturbations refute them. */
export const falseMutants = (
  certificateJson: string,
  count: number
): { readonly tried: number; readonly wrong: readonly string[] } => {
  const documents = mutants(certificateJson, count).flatMap(({ document }) => [
    withDigests(document),
    withLosses(document)
  ])
  const wrong = documents.flatMap((document) => {
    if (document === undefined) return []
    const changed = JSON.stringify(document)
    if (checkDocument(changed).outcome !== 'accepted') return []
    const { problem, claim, proof } = JSON.parse(changed) as Document
    const reason = falsify(problem, claim, witnessesOf(proof.evidence), 4)
    return reason === undefined ? [] : [`${reason}: ${changed}`]
  })
  return { tried: documents.length, wrong }
}

/** Networks with as many numbers of every kind, so that evidence has the right form for both. */
export const shapeOf = ({ problem }: Plant): string => {
  const { network, loss, data, decay } = problem as ProblemJson
  return JSON.stringify([network, loss.kind, data.inputs.length, decay !== undefined])
}

/** Whether exact losses exist. */
export const isExact = ({ problem }: Plant): boolean => !isIrrational(problem)
