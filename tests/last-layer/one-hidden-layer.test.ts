import { checkDocument, type Outcome } from 'nadir-checker'
import { describe, expect, test } from 'vitest'
import { certificate, type Value } from '../corpus/digests.ts'
import { corpusFiles } from '../corpus/files.ts'
import { divide, type Fraction, fraction, isEqual, multiply, text } from '../corpus/fraction.ts'

/*
 * For one hidden layer last-layer says what first-order says: every certificate of the corpus by the one, rewritten as
 * one by the other, has the same outcome.
 */

type Fields = { readonly [key: string]: Value }

type Document = {
  readonly problem: {
    readonly network: { readonly layers: readonly { readonly kind: string; readonly bias?: boolean }[] }
    readonly data: { readonly inputs: readonly (readonly string[])[] }
  }
  readonly claim: Fields
  readonly proof: { readonly problem: Value; readonly claim: Value; readonly evidence: Fields }
}

/** The multiple of `left` that `right` is. */
const multipleOf = (left: readonly Fraction[], right: readonly Fraction[]): Fraction | undefined => {
  const at = left.findIndex(({ n }) => n !== 0n)
  if (at < 0) return undefined
  const t = divide(right[at], left[at])
  return t.n !== 0n && left.every((entry, e) => isEqual(multiply(entry, t), right[e])) ? t : undefined
}

/** For every sample whose vector is parallel to that of an earlier one the first of these, and the multiple. */
const pairsOf = ({ problem }: Document): readonly { readonly pair: Value; readonly multiple: Fraction }[] => {
  const constant = problem.network.layers[0].bias === true ? [fraction(1)] : []
  const vectors = problem.data.inputs.map((input) => [...input.map(fraction), ...constant])
  return vectors.flatMap((vector, i) => {
    for (let k = 0; k < i; k += 1) {
      const multiple = multipleOf(vectors[k], vector)
      if (multiple !== undefined) return [{ pair: [i, k], multiple }]
    }
    return []
  })
}

const asLastLayer = (document: Document, evidence: Fields): Fields => {
  const pairs = pairsOf(document)
  const denominator = pairs.reduce((product, { multiple }) => product * multiple.d, 1n)
  return {
    ...evidence,
    rule: 'last-layer',
    parallel: pairs.map(({ pair }) => pair),
    multiples: {
      denominator: text(fraction(denominator)),
      numerators: pairs.map(({ multiple }) => text(multiply(multiple, fraction(denominator))))
    },
    spans: []
  }
}

/** The same file with evidence for last-layer in the place of evidence for first-order. */
const rewritten = (document: Document): Value => {
  const { evidence } = document.proof
  const minimum = evidence['minimum'] as Fields | undefined
  const rewrittenEvidence =
    minimum === undefined ? asLastLayer(document, evidence) : { ...evidence, minimum: asLastLayer(document, minimum) }
  return { ...document, proof: { ...document.proof, evidence: rewrittenEvidence } }
}

/** What last-layer answers where first-order answers so: what does not balance is not silent. */
const expected = (outcome: Outcome, layers: number): Value => {
  if (outcome.outcome !== 'rejected') return outcome
  if (outcome.reason === 'the slopes do not balance the linear part') {
    return { outcome: 'rejected', step: expect.stringMatching(/^\(f\) \([cd]\)/) }
  }
  // Deeper networks are for last-layer, but not without spans; others are for neither.
  if (outcome.step === 'network') return { outcome: 'rejected', step: layers > 3 ? 'spans' : 'network' }
  return outcome
}

const files = corpusFiles().flatMap(({ folder, name, text: file }) => {
  if (folder === 'decline' && name !== 'thirteen-concave-classes') return []
  const document = JSON.parse(file) as Document
  const { evidence } = document.proof
  const { rule } = (evidence['minimum'] ?? evidence) as Fields
  return rule === 'first-order' ? [{ name, file, document }] : []
})

const ofOther = files.filter(({ name }) => name !== 'zero-input')

describe('first-order rewritten as last-layer', () => {
  test('the corpus has such files', () => {
    expect(files.length).toBeGreaterThan(90)
  })

  test.each(ofOther.map((one) => [one.name, one] as const))('%s', (_, { file, document }) => {
    const outcome = checkDocument(JSON.stringify(rewritten(document)))
    expect(outcome).toMatchObject(expected(checkDocument(file), document.problem.network.layers.length) as object)
  })

  test('an input of zeros, which first-order leaves out, is a kink class of its own', () => {
    const zero = files.find(({ name }) => name === 'zero-input')!
    const withSlopes = (slopes: Value): Outcome => {
      const { evidence } = zero.document.proof
      const lastLayer = { ...asLastLayer(zero.document, evidence), slopes }
      return checkDocument(JSON.stringify(certificate(zero.document.problem as Value, zero.document.claim, lastLayer)))
    }
    expect(withSlopes(zero.document.proof.evidence['slopes'])).toMatchObject({ outcome: 'rejected' })
    expect(
      withSlopes([
        [
          [
            [0, '1'],
            [1, '-1']
          ]
        ]
      ])
    ).toMatchObject({ outcome: 'accepted' })
    expect(
      withSlopes([
        [
          [
            [0, '2'],
            [1, '-1']
          ]
        ]
      ])
    ).toMatchObject({ outcome: 'rejected', step: '(c) unit 0, row 0' })
  })
})
