import { rational } from '@nadir/arithmetic'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CriticalEvidence } from './critical-evidence.ts'
import { criticalListWithEvidence } from './critical-list.ts'
import type { ContinuousRisk } from './risk.ts'
import { riskFromExpression, riskFromJson } from './risk.ts'
import { type RiskPieces, rationalPieces } from './risk-pieces.ts'
import { whyRejected } from './testing/evidence-reader.ts'
import { randomTargets, riskOf } from './testing/random-risks.ts'

const piecesOf = (risk: ContinuousRisk): RiskPieces<bigint> => rationalPieces(risk)!
const written = (target: string, a: bigint, b: bigint, density?: string) => {
  const risk = riskFromExpression(target, [rational(a), rational(b)], density)
  if (risk.kind === 'invalid') throw new Error(risk.message)
  return risk
}
const filed = (value: unknown) => {
  const risk = riskFromJson(value)
  if (risk.kind === 'invalid') throw new Error(risk.message)
  return risk
}

const special: readonly (readonly [string, ContinuousRisk])[] = [
  ['symmetric', written('abs(x)', -1n, 1n)],
  ['antisymmetric', written('x^3 - x', -1n, 1n)],
  ['kink on a breakpoint', written('max(x, 0)', -1n, 1n)],
  ['constant pieces', written('max(0, abs(x) - 1/2)', -1n, 1n)],
  ['constant', written('3', 0n, 1n)],
  ['affine', written('x', 0n, 1n)],
  ['density', written('x^2', 0n, 1n, '1 + abs(x - 1/3)')],
  ['density with a zero', written('abs(x)', -1n, 1n, 'x^2')],
  // Mean zero, and beyond 1 the moments of order 0 and 1 vanish too: V = 0 for all right kinks before 1.
  [
    'identically flat',
    filed({ breakpoints: ['0', '1', '2'], pieces: ['0', '((x-3/2)^2 - 1/4) * ((x-3/2)^2 - 1/20)'] })
  ],
  // The mean is zero, and so are the moments of order 0 and 1 beyond 1/2: V and the kink equation vanish there together.
  ['flat kink inside a piece', written('240*x^3 - 408*x^2 + 198*x - 23', 0n, 1n)],
  // The same symmetric target with a breakpoint on one side only: the tie is between different isolating cells.
  ['tie across forms', filed({ breakpoints: ['-1', '0', '2/5', '1'], pieces: ['-x', 'x', 'x'] })]
]

describe('evidence of a critical list', () => {
  it('is enough for a reader who multiplies, compares and counts', () => {
    for (const [name, risk] of special) {
      const { list, evidence } = criticalListWithEvidence(risk, 20)!
      expect([name, whyRejected(piecesOf(risk), list, evidence)]).toEqual([name, undefined])
    }
    fc.assert(
      fc.property(randomTargets(4, 4), (target) => {
        const risk = riskOf(target)
        const { list, evidence } = criticalListWithEvidence(risk, 20)!
        expect(whyRejected(piecesOf(risk), list, evidence)).toBeUndefined()
      }),
      { numRuns: 15 }
    )
  })

  it('proves a tie between different forms by a polynomial', () => {
    const { list, evidence } = criticalListWithEvidence(special.at(-1)![1], 20)!
    expect(evidence.least.map((i) => list.realizations[i]!.form)).toEqual(['right-kink', 'left-kink'])
    expect(evidence.tie?.polynomial?.roots.length).toBe(2)
  })

  it('names a kink with V = 0 inside a piece by a common factor', () => {
    const { evidence } = criticalListWithEvidence(special.at(-2)![1], 20)!
    expect(evidence.right.kinks.filter((kink) => kink.flat && kink.common).length).toBe(1)
  })

  it('does not survive damage', () => {
    const [, risk] = special[0]!
    const pieces = piecesOf(risk)
    const { list, evidence } = criticalListWithEvidence(risk, 20)!
    const changedRight = (right: Partial<CriticalEvidence['right']>): CriticalEvidence => ({
      ...evidence,
      right: { ...evidence.right, ...right }
    })
    const [kink] = evidence.right.kinks
    const [first, second] = evidence.right.pieces
    const damaged: CriticalEvidence[] = [
      changedRight({ kinks: [] }),
      changedRight({ kinks: [kink!, kink!] }),
      changedRight({ kinks: [{ ...kink!, flat: true }] }),
      changedRight({ kinks: [{ ...kink!, upper: kink!.lower, lower: rational(1n, 5n) }] }),
      changedRight({ pieces: [first, undefined] }),
      changedRight({ pieces: [first, { ...second!, constant: rational(1n) }] }),
      changedRight({ pieces: [first, { ...second!, factors: [] }] }),
      { ...evidence, least: [1] },
      { ...evidence, least: [0, 1, 2] },
      { ...evidence, tie: undefined }
    ]
    for (const bad of damaged) expect(whyRejected(pieces, list, bad)).toBeDefined()
    const worse = { ...list, realizations: list.realizations.slice(0, 2) }
    expect(whyRejected(pieces, worse, evidence)).toBeDefined()
  })

  it('is not offered for irrational breakpoints', () => {
    expect(criticalListWithEvidence(written('abs(x^2 - 1/2)', 0n, 1n))).toBeUndefined()
  })
})
