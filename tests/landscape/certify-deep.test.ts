import { rational, sign, toNumber } from '@nadir/arithmetic'
import {
  adam,
  certificateText,
  certify,
  dataset,
  empiricalRisk,
  initialise,
  lbfgs,
  type Network,
  objective,
  type Problem,
  randomStream,
  twoSlope,
  type Verdict
} from '@nadir/landscape'
import fc from 'fast-check'
import { checkDocument } from 'nadir-checker'
import { describe, expect, test } from 'vitest'
import { generatedData } from './generated-data.ts'

const dense = (widths: readonly number[], bias: boolean, slopes?: readonly [bigint, bigint]): Network => ({
  inputs: [widths[0]!],
  layers: widths
    .slice(1)
    .flatMap((outputs, l) => [
      { kind: 'dense' as const, outputs, bias },
      ...(slopes && l < widths.length - 2
        ? [{ kind: 'activation' as const, activation: twoSlope(rational(slopes[0]), rational(slopes[1], 10n)) }]
        : [])
    ])
})

function trained(problem: Problem, seed: number, steps: number) {
  const theta = initialise(problem.network, randomStream(seed))
  const target = objective(problem)
  adam(target, theta, { steps, rate: 0.02 })
  lbfgs(target, theta, { iterations: steps })
  return { kind: 'float', values: theta } as const
}

/** All certificates of a verdict, having been accepted. */
function accepted(verdict: Verdict): Verdict {
  for (const certificate of [verdict.certificate, verdict.givenCertificate])
    if (certificate) expect(checkDocument(certificateText(certificate)).outcome).toBe('accepted')
  return verdict
}

describe('deep linear networks', () => {
  test('lead to the best affine map, exactly, wherever widths and rank allow it', () => {
    let reached = 0
    let runs = 0
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 3, max: 5 }), { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.boolean(),
        (hidden, outputs, seed, bias) => {
          const one = generatedData(20, 3, 1, seed)
          const rows = Array.from({ length: 20 }, (_, i) =>
            Array.from({ length: 3 }, (_, k) => rational(one.inputs.numerators[i * 3 + k]!, one.inputs.denominator))
          )
          const random = randomStream(seed)
          const targets = rows.map(() =>
            Array.from({ length: outputs }, () => rational(BigInt(Math.round(40 * (random() - 0.5))), 10n))
          )
          const problem = empiricalRisk({
            network: dense([3, ...hidden, outputs], bias),
            data: dataset(rows, targets)
          })
          const verdict = accepted(certify(problem, trained(problem, seed, 200)))
          expect(verdict.given.claim).not.toBe('undecided')
          runs++
          if (verdict.standing.claim !== 'global-minimum') return
          reached++
          expect(sign(verdict.settled!.drop)).toBeGreaterThanOrEqual(0)
        }
      ),
      { numRuns: 60 }
    )
    expect(reached / runs).toBeGreaterThan(0.9)
  })
})

describe('deep networks with two slopes', () => {
  test('that all but fit the data lead to exactly zero loss', () => {
    let fitted = 0
    for (let seed = 1; seed <= 6; seed++) {
      const data = generatedData(10, 2, 1, seed)
      const problem = empiricalRisk({ network: dense([2, 12, 8, 1], true, [1n, 1n]), data })
      const verdict = accepted(certify(problem, trained(problem, seed, 800)))
      if (verdict.settled === undefined) continue
      fitted++
      expect(verdict.settled.claim).toBe('global-minimum')
      expect(sign(verdict.settled.loss)).toBe(0)
      expect(verdict.settled.distance).toBeLessThan(0.1)
    }
    expect(fitted).toBeGreaterThanOrEqual(4)
  })

  test('far from the data are proved not stationary, and what is missing is named', () => {
    const problem = empiricalRisk({
      network: dense([2, 3, 3, 1], true, [1n, 0n]),
      data: generatedData(25, 2, 2, 3)
    })
    const verdict = accepted(certify(problem, trained(problem, 3, 20)))
    expect(verdict.given.claim).toBe('not-stationary')
    expect(verdict.given.reason).toMatch(/the loss has slope .* along (weight|the bias)/)
    expect(verdict.settled).toBeUndefined()
    expect(verdict.notSettled!.reason).toMatch(/descent on kinks|needs a checker/)
    expect(toNumber(verdict.given.loss!)).toBeCloseTo(verdict.given.approximateLoss, 12)
  })
})
