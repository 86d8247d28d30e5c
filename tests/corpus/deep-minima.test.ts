import { checkDocument } from 'nadir-checker'
import { expect, test } from 'vitest'
import { deepMinimaCases } from './cases/deep-minima.ts'
import type { Value } from './digests.ts'
import { falsify } from './falsify.ts'
import { outcomeOf } from './files.ts'

test.each(deepMinimaCases().map((one) => [one.name, one] as const))('the checker is right about %s', (_, one) => {
  const outcome = checkDocument(one.text)
  expect(outcome).toMatchObject({ outcome: outcomeOf[one.folder] })
  if (outcome.outcome === 'rejected') expect(outcome.step).toMatch(new RegExp(one.step))
  if (outcome.outcome === 'declined') expect(outcome.feature).toMatch(new RegExp(one.step))
})

type Curve = readonly (readonly [number, Value])[]
type Document = {
  readonly problem: Value
  readonly claim: { readonly kind: string } & { readonly [key: string]: Value }
  readonly proof: { readonly evidence: { readonly curve?: Curve; readonly descent?: Curve; readonly ascent?: Curve } }
}

/** The last direction of every curve of the evidence: on these cases it leads the way by itself. */
const witnesses = ({ curve, descent, ascent }: Document['proof']['evidence']): readonly Value[] =>
  [curve, descent, ascent].flatMap((one) => (one === undefined ? [] : [one[one.length - 1][1]]))

const accepted = deepMinimaCases().filter(({ folder, name }) => folder === 'accept' && name !== 'descent-curve')

test.each(accepted.map(({ name, text }) => [name, text]))(
  'no perturbation refutes the accepted claim %s',
  (_, text) => {
    const { problem, claim, proof } = JSON.parse(text) as Document
    expect(falsify(problem, claim, witnesses(proof.evidence), 60)).toBeUndefined()
  }
)

// False claims among the rejected ones, which the falsifier can refute.
test.each([
  'path-span-mean',
  'path-span-group-mean',
  'path-span-moment',
  'path-span-no-minimum',
  'path-span-as-global',
  'affine-fit-moment',
  'affine-fit-mean',
  'differentiable-saddle-gradient'
])('perturbations refute the false claim %s', (name) => {
  const one = deepMinimaCases().find((each) => each.name === name)
  const { problem, claim, proof } = JSON.parse(one?.text ?? '') as Document
  expect(falsify(problem, claim, witnesses(proof.evidence), 400)).toBeTypeOf('string')
})
