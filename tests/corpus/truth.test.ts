import { expect, test } from 'vitest'
import type { Value } from './digests.ts'
import { falsify, witnessesOf } from './falsify.ts'
import { corpusFiles } from './files.ts'

type Document = { readonly problem: Value; readonly claim: Value; readonly proof: { readonly evidence: Value } }

const parse = (text: string): Document => JSON.parse(text)

const verdict = (document: Document, count: number): string | undefined =>
  falsify(document.problem, document.claim, witnessesOf(document.proof.evidence), count)

const accepted = corpusFiles().filter(({ folder }) => folder === 'accept')

test.each(accepted.map(({ name, text }) => [name, text]))(
  'no perturbation refutes the accepted claim %s',
  (_, text) => {
    const document = parse(text)
    expect(verdict(document, text.length > 20000 ? 1 : 30)).toBeUndefined()
  }
)

// The falsifier must be able to find what is there: false claims of the corpus that it refutes.
test.each([
  'concave-as-kink',
  'concave-as-concave',
  'silent-unit-awake',
  'second-order-descent',
  'two-outputs-saddle-as-minimum',
  'two-outputs-ends-disagree',
  'two-outputs-hidden-kink',
  'saddle-turned',
  'wrong-loss-tiny',
  'better-is-equal',
  'better-wrong-loss',
  'spurious-no-minimum',
  'same-inputs-not-mean',
  'deep-wrong-order',
  'path-span-mean',
  'path-span-group-mean',
  'path-span-moment',
  'path-span-no-minimum',
  'path-span-as-global',
  'affine-fit-moment',
  'affine-fit-mean',
  'descent-curve-rises',
  'differentiable-saddle-gradient',
  'kink-saddle-minimum',
  'kink-saddle-falling',
  'kink-saddle-concave',
  'image-conv-bias',
  'image-tap',
  'smooth-sign',
  'smooth-mixed',
  'smooth-correlated',
  'smooth-gelu-sign',
  'smooth-sine-sign',
  'smooth-silu-far-sign',
  'enclosure-too-low',
  'enclosure-too-high',
  'zero-derivative-tanh',
  'huber-as-squares',
  'huber-same-inputs-errors',
  'split-saddle-of-minimum',
  'split-saddle-definite',
  'saddle-of-minimum',
  'moved-not-at-all',
  'moved-backwards',
  'moved-loss',
  'saddle-asleep-minimum',
  'saddle-nearby-index',
  'huber-rising',
  'max-pool-moment',
  'ascent',
  'slope-rises',
  'slope-kink-falls-elsewhere',
  'slope-loss',
  'slope-decay-forgotten',
  'separation-on-line',
  'separation-soft',
  'separation-tie',
  'separation-squared',
  'separation-decay',
  'separation-lower',
  'kinks-dependent-no-share',
  'kinks-dependent-concave',
  'kinks-dependent-concave-share',
  'valleys-rank-jumps',
  'valleys-rank-jumps-to-0',
  'valleys-saddle',
  'risk-kink-missing',
  'risk-kink-twice',
  'risk-kink-elsewhere',
  'risk-no-line',
  'risk-value-risk',
  'risk-type',
  'risk-wrong-global',
  'risk-too-many-global',
  'risk-family-gap',
  'risk-family-twice',
  'risk-family-weight',
  'risk-affine-list-risk',
  'risk-affine-end-wrong-side',
  'risk-affine-zigzag-minimum'
])('perturbations refute the false claim %s', (name) => {
  const file = corpusFiles().find((one) => one.folder === 'reject' && one.name === name)
  const document = parse(file?.text ?? '')
  const given = name === 'saddle-turned' ? [] : witnessesOf(document.proof.evidence)
  expect(falsify(document.problem, document.claim, given, 400)).toBeTypeOf('string')
})
