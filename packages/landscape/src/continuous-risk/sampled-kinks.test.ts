import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { agreementWithSampling } from './testing/agreement-with-sampling.ts'
import { randomTargets } from './testing/random-risks.ts'

describe('critical kinks by a second method', () => {
  it('interval arithmetic on the best risk finds as many, at the same places, with the same slopes beside them', () => {
    let unconfirmed = 0
    let kinks = 0
    fc.assert(
      fc.property(randomTargets(6, 5), (target) => {
        const agreement = agreementWithSampling(target)
        if (!agreement.finished) return
        expect(agreement.differences).toEqual([])
        kinks += agreement.kinks
        unconfirmed += agreement.unconfirmed
      }),
      { numRuns: 60, endOnFailure: true }
    )
    expect(unconfirmed).toBeLessThan(6)
    expect(kinks).toBeGreaterThan(60)
  })
})
