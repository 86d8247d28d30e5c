import { certificate, type Value } from '../digests.ts'
import { text } from '../fraction.ts'
import { lossAt, parametersOf } from '../naive.ts'
import { vectorOf } from '../planted.ts'

/** A file of the corpus: where it belongs, what it shows, its text, and the step at which this project's checker stops. */
export type Case = {
  readonly name: string
  readonly folder: 'accept' | 'reject' | 'decline'
  readonly story: string
  readonly text: string
  readonly step: string
}

export type Fields = Readonly<Record<string, Value>>

type Certificate = {
  readonly problem: Fields
  readonly claim: Fields
  readonly proof: { readonly evidence: Fields } & Fields
}

export const parts = (document: Value): Certificate => document as unknown as Certificate

const lines = (document: Value): string => `${JSON.stringify(document)}\n`

export const accept = (name: string, story: string, document: Value): Case => ({
  name,
  folder: 'accept',
  story,
  text: lines(document),
  step: ''
})

export const reject = (name: string, step: string, story: string, document: Value): Case => ({
  name,
  folder: 'reject',
  story,
  text: lines(document),
  step
})

export const decline = (name: string, feature: string, story: string, document: Value): Case => ({
  name,
  folder: 'decline',
  story,
  text: lines(document),
  step: feature
})

export const declineText = (name: string, feature: string, story: string, text: string): Case => ({
  name,
  folder: 'decline',
  story,
  text,
  step: feature
})

/** The certificate with other fields in its parts, and with the digests that belong to them. */
export const changed = (
  document: Value,
  change: { readonly problem?: Fields; readonly claim?: Fields; readonly evidence?: Fields }
): Value => {
  const { problem, claim, proof } = parts(document)
  return certificate(
    { ...problem, ...change.problem },
    { ...claim, ...change.claim },
    { ...proof.evidence, ...change.evidence }
  )
}

/** The same problem and point under another claim, with other evidence. */
export const claiming = (document: Value, kind: string, evidence: Value): Value => {
  const { problem, claim } = parts(document)
  return certificate(problem, { kind, point: claim['point'], loss: claim['loss'] }, evidence)
}

export type Entries = readonly (number | string)[]

export const point = (...tensors: readonly Entries[]): Value => tensors.map(vectorOf)

export const along = (...tensors: readonly Entries[]): Value => ({
  rule: 'descent-direction',
  direction: point(...tensors)
})

export const firstOrder = (denominator: string, slopes: Value, others: Fields = {}): Value => ({
  rule: 'first-order',
  denominator,
  slopes,
  ...others
})

export const squared: Value = { kind: 'squared', reduction: 'sum' }

export const dense = (outputs: number, bias = true): Value => ({ kind: 'dense', outputs, bias })
export const twoSlope = (positive: string, negative: string): Value => ({ kind: 'two-slope', positive, negative })
export const relu = twoSlope('1', '0')

export const problemOf = (
  layers: readonly Value[],
  loss: Value,
  inputs: readonly Entries[],
  targets: readonly Entries[]
): Value => ({
  format: 'nadir-problem/1',
  network: { inputs: inputs[0].length, layers },
  loss,
  data: { inputs: inputs.map((row) => row.map(String)), targets: targets.map((row) => row.map(String)) }
})

/** A certificate about a point, with the loss that it has. */
export const about = (problem: Value, kind: string, at: Value, evidence: Value): Value =>
  certificate(problem, { kind, point: at, loss: text(lossAt(problem, parametersOf(at))) }, evidence)

export const decaying = (problem: Value, factor: string, biases = true): Value => ({
  ...(problem as Fields),
  decay: { factor, biases }
})

/** A certificate of a lower bound, with the loss that the point has. */
export const bounding = (problem: Value, at: Value, bound: string, evidence: Value): Value =>
  certificate(
    problem,
    { kind: 'lower-bound', point: at, loss: text(lossAt(problem, parametersOf(at))), bound },
    evidence
  )
