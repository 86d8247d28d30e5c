import { checkDocument } from 'nadir-checker'
import { describe, expect, test } from 'vitest'
import type { Value } from './digests.ts'
import { falsify, witnessesOf } from './falsify.ts'
import { corpusFiles } from './files.ts'
import { mutants, withDigests, withLosses } from './mutations.ts'

type Document = { readonly problem: Value; readonly claim: Value; readonly proof: { readonly evidence: Value } }

const accepted = corpusFiles().filter(({ folder }) => folder === 'accept')

const refutation = (document: Value): string | undefined => {
  const { problem, claim, proof } = document as unknown as Document
  return falsify(problem, claim, witnessesOf(proof.evidence), 12)
}

describe('one number of an accepted certificate is changed', () => {
  test.each(accepted.map(({ name, text }) => [name, text]))('%s', (_, text) => {
    const original = checkDocument(text)
    if (original.outcome !== 'accepted') throw new Error('not accepted')
    let repairedAndAccepted = 0
    for (const { part, document } of mutants(text, text.length < 8000 ? 12 : 2)) {
      const outcome = checkDocument(JSON.stringify(document))
      if (part === 'proof') {
        // Another proof may be right too, but only about the same problem and claim.
        if (outcome.outcome === 'accepted') expect(outcome).toEqual(original)
        continue
      }
      expect(outcome.outcome).not.toBe('accepted')
      if (text.length > 8000) continue
      for (const repaired of [withDigests(document), withLosses(document)]) {
        if (repaired === undefined || checkDocument(JSON.stringify(repaired)).outcome !== 'accepted') continue
        repairedAndAccepted += 1
        expect(refutation(repaired), JSON.stringify(repaired)).toBeUndefined()
      }
    }
    // A value can always be repaired: the test sees acceptances.
    if (original.claim === 'value') expect(repairedAndAccepted).toBeGreaterThan(0)
  })
})
