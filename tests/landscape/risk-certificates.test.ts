import { rational } from '@nadir/arithmetic'
import { certificateText, criticalCertificate, riskFromExpression, riskFromJson } from '@nadir/landscape'
import fc from 'fast-check'
import { checkDocument } from 'nadir-checker'
import { describe, expect, test } from 'vitest'
import { randomTargets, riskOf } from '../../packages/landscape/src/continuous-risk/testing/random-risks.ts'

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

const special = [
  ['symmetric', written('abs(x)', -1n, 1n)],
  ['antisymmetric', written('x^3 - x', -1n, 1n)],
  ['kink on a breakpoint', written('max(x, 0)', -1n, 1n)],
  ['constant pieces', written('max(0, abs(x) - 1/2)', -1n, 1n)],
  ['constant', written('3', 0n, 1n)],
  ['affine', written('x', 0n, 1n)],
  ['a rational kink', written('x^2', 0n, 1n)],
  ['density', written('x^2', 0n, 1n, '1 + abs(x - 1/3)')],
  ['density with a zero', written('abs(x)', -1n, 1n, 'x^2')],
  // Mean zero, and beyond 1 the moments of order 0 and 1 vanish too: V = 0 for all right kinks before 1.
  [
    'identically flat',
    filed({ breakpoints: ['0', '1', '2'], pieces: ['0', '((x-3/2)^2 - 1/4) * ((x-3/2)^2 - 1/20)'] })
  ],
  // The mean is zero, and so are the moments of order 0 and 1 beyond 1/2: V and the kink equation vanish there together.
  ['flat kink inside a piece', written('240*x^3 - 408*x^2 + 198*x - 23', 0n, 1n)],
  // A symmetric target; its density has a breakpoint on one side only, so the tie is between different polynomials.
  [
    'tie across forms',
    filed({ breakpoints: ['-1', '0', '2/5', '1'], pieces: ['-x', 'x', 'x'], density: ['1', '1', '1'] })
  ],
  ['far from the origin', written('abs(x - 1000)', 999n, 1002n)]
] as const

describe('critical lists', () => {
  test.each(special)('the certificate for a target that is %s is accepted', (_, risk) => {
    const outcome = checkDocument(certificateText(criticalCertificate(risk, 20)!))
    expect(outcome).toMatchObject({ outcome: 'accepted', claim: 'critical-functions' })
  })

  test('the certificates for random targets are accepted', () => {
    fc.assert(
      fc.property(randomTargets(4, 4), (target) => {
        const outcome = checkDocument(certificateText(criticalCertificate(riskOf(target), 12)!))
        expect(outcome).toMatchObject({ outcome: 'accepted' })
      }),
      { numRuns: 20 }
    )
  })
})
