import { checkDocument, type Outcome } from 'nadir-checker'
import { describe, expect, test } from 'vitest'
import { dense, twoSlope } from '../corpus/cases/case.ts'
import { certificate, type Value } from '../corpus/digests.ts'
import { corpusFiles } from '../corpus/files.ts'
import {
  add,
  commonDenominator,
  divide,
  type Fraction,
  fraction,
  isEqual,
  multiply,
  negate,
  nullspace,
  one,
  subtract,
  sum,
  text
} from '../corpus/fraction.ts'
import { type ProblemJson, parametersOf } from '../corpus/naive.ts'
import { vectorOf } from '../corpus/planted.ts'

/*
 * For one hidden layer last-layer says what first-order says, and also when a layer comes before that is awake on all
 * samples: every certificate of the corpus by first-order, rewritten as one by last-layer, has the same outcome.
 */

const vector = (entries: readonly Fraction[]): Value => vectorOf(entries.map(text))

type Fields = { readonly [key: string]: Value }

type Document = {
  readonly problem: ProblemJson
  readonly claim: Fields
  readonly proof: { readonly evidence: Fields } & Fields
}

const firstLayer = ({ problem }: Document): { readonly bias?: boolean } =>
  problem.network.layers[0] as { readonly bias?: boolean }

/** The inputs, with an entry 1 for a bias. */
const vectorsOf = (document: Document): readonly (readonly Fraction[])[] =>
  document.problem.data.inputs.map((input) => [
    ...input.map(fraction),
    ...(firstLayer(document).bias === true ? [one] : [])
  ])

/** The number that `left` is multiplied with to give `right`. */
const multipleOf = (left: readonly Fraction[], right: readonly Fraction[]): Fraction | undefined => {
  const at = left.findIndex(({ n }) => n !== 0n)
  if (at < 0) return undefined
  const t = divide(right[at], left[at])
  return t.n !== 0n && left.every((entry, e) => isEqual(multiply(entry, t), right[e])) ? t : undefined
}

/** For every sample whose vector is parallel to that of an earlier one the first of these, and the multiple. */
const pairsOf = (document: Document): Fields => {
  const vectors = vectorsOf(document)
  const pairs = vectors.flatMap((vector, i) => {
    for (let k = 0; k < i; k += 1) {
      const multiple = multipleOf(vectors[k], vector)
      if (multiple !== undefined) return [{ pair: [i, k], multiple }]
    }
    return []
  })
  // Not in lowest terms, so that the denominator counts everywhere.
  const multiples = pairs.map(({ multiple }) => multiple)
  const denominator = 3n * commonDenominator(multiples)
  return {
    parallel: pairs.map(({ pair }) => pair),
    multiples: {
      denominator: `${denominator}`,
      numerators: multiples.map((multiple) => text(multiply(multiple, fraction(denominator))))
    }
  }
}

const asLastLayer = (document: Document, evidence: Fields): Fields => ({
  ...evidence,
  rule: 'last-layer',
  ...pairsOf(document),
  spans: []
})

/** The same file with evidence for last-layer in the place of evidence for first-order. */
const rewritten = (document: Document): Value => {
  const { evidence } = document.proof
  const minimum = evidence['minimum'] as Fields | undefined
  const other =
    minimum === undefined ? asLastLayer(document, evidence) : { ...evidence, minimum: asLastLayer(document, minimum) }
  return { ...(document as unknown as Fields), proof: { ...document.proof, evidence: other } }
}

/**
 * The same certificate with an activation of slopes 2 and -3 before it, whose arguments are all positive. The span are
 * all functions that are orthogonal to the inputs and the constant.
 */
const above = (document: Document): Value => {
  const { problem, claim, proof } = document
  const vectors = vectorsOf(document)
  const width = vectors[0].length - 1
  const shift = add(one, sum(vectors.flat().map((entry) => (entry.n < 0n ? negate(entry) : entry))))
  const [weight, bias, ...others] = parametersOf(claim['point'])
  const rows = bias.map((_, unit) => weight.slice(unit * width, (unit + 1) * width))
  const identity = rows[0].flatMap((_, row) => rows[0].map((_, column) => fraction(row === column ? 1 : 0)))
  const point = [
    identity,
    rows[0].map(() => shift),
    weight.map((entry) => divide(entry, fraction(2))),
    bias.map((entry, unit) => subtract(entry, multiply(shift, sum(rows[unit])))),
    ...others
  ]
  const silent = nullspace(
    rows[0].map((_, e) => vectors.map((vector) => vector[e])).concat([vectors.map(() => one)]),
    vectors.length
  )
  const span = {
    // In the basis every function is 1 at the last sample where it is not 0, and all others are 0 there.
    pivots: silent.map((f) => f.findLastIndex(({ n }) => n !== 0n)),
    functions: silent.map(vector)
  }
  const network = { ...problem.network, layers: [dense(width), twoSlope('2', '-3'), ...problem.network.layers] }
  return certificate(
    { ...problem, network } as unknown as Value,
    { ...claim, point: point.map(vector) },
    { ...asLastLayer(document, proof.evidence), spans: [span] }
  )
}

/** What last-layer answers where first-order gives this answer: what does not balance is not silent. */
const expected = (outcome: Outcome, silence: RegExp): object => {
  if (outcome.outcome !== 'rejected') return { outcome: outcome.outcome }
  const { step, reason } = outcome
  if (reason === 'the slopes do not balance the linear part') return { step: expect.stringMatching(silence) }
  // Networks of other forms: the rule is for some of them, but not without spans.
  if (step === 'network') return { step: expect.stringMatching(/^(network|spans)$/) }
  return { step, reason: reason.replace('first-order', 'last-layer') }
}

const files = corpusFiles().flatMap(({ folder, name, text: file }) => {
  if (folder === 'decline' && name !== 'thirteen-concave-classes') return []
  const document = JSON.parse(file) as Document
  const { evidence } = document.proof
  const { rule } = (evidence['minimum'] ?? evidence) as Fields
  return rule === 'first-order' ? [{ name, document, outcome: checkDocument(file) }] : []
})

const isAboutAPoint = ({ document, outcome }: (typeof files)[number]): boolean =>
  document.claim['kind'] === 'local-minimum' &&
  firstLayer(document).bias === true &&
  !(outcome.outcome === 'rejected' && /^(evaluation|digest|decay|network)/.test(outcome.step))

const named = (some: typeof files): [string, (typeof files)[number]][] => some.map((one) => [one.name, one])

describe('first-order rewritten as last-layer', () => {
  test.each(named(files.filter(({ name }) => name !== 'zero-input')))('%s', (_, { document, outcome }) => {
    expect(checkDocument(JSON.stringify(rewritten(document)))).toMatchObject(expected(outcome, /^\(f\) \([cd]\)/))
  })

  test.each(named(files.filter(isAboutAPoint)))('%s above a layer that is awake', (_, { document, outcome }) => {
    const silence = /^\(f\) (\(c\) layer 2|\(b\) span 0)$/
    expect(checkDocument(JSON.stringify(above(document)))).toMatchObject(expected(outcome, silence))
  })

  test('an input of zeros, which first-order leaves out, is a kink class of its own', () => {
    const { document } = files.find(({ name }) => name === 'zero-input')!
    const { evidence } = document.proof
    const withRow = (...row: Value[]): Outcome => {
      const lastLayer = { ...asLastLayer(document, evidence), slopes: [[row]] }
      return checkDocument(JSON.stringify(certificate(document.problem as unknown as Value, document.claim, lastLayer)))
    }
    expect(withRow([1, '-1'])).toMatchObject({ outcome: 'rejected', step: '(c) unit 0, row 0' })
    expect(withRow([0, '0'], [1, '-1'])).toMatchObject({ outcome: 'accepted' })
    expect(withRow([0, '2'], [1, '-1'])).toMatchObject({ outcome: 'rejected', step: '(c) unit 0, row 0' })
  })
})
