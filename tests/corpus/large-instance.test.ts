import { checkDocument } from 'nadir-checker'
import { expect, test } from 'vitest'
import type { Value } from './digests.ts'
import { largeInstance } from './large-instance.ts'
import { replaced, withDigests } from './mutations.ts'

test('442 samples, 10 inputs and 16 units with numbers of 3500 bits: accepted, and rejected when one number is another', () => {
  const document = largeInstance(221, 10, 8)
  expect(checkDocument(JSON.stringify(document))).toMatchObject({ outcome: 'accepted', claim: 'local-minimum' })
  // One weight of the last unit, in its last digit: its samples leave the kink.
  const { claim } = document as unknown as { claim: { point: readonly { numerators: readonly string[] }[] } }
  const { numerators } = claim.point[0]
  const last = numerators.length - 1
  const path = ['claim', 'point', 0, 'numerators', last]
  const changed: Value = withDigests(replaced(document, path, `${BigInt(numerators[last]) + 1n}`))
  expect(checkDocument(JSON.stringify(changed)).outcome).toBe('rejected')
})
