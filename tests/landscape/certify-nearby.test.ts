import { compare, rational, sign, toNumber } from '@nadir/arithmetic'
import {
  adam,
  asLayered,
  type Certificate,
  certificateText,
  certify,
  empiricalRisk,
  initialise,
  lbfgs,
  lossAndGradient,
  type Network,
  objective,
  type Problem,
  randomStream,
  type SmoothName,
  toFloat
} from '@nadir/landscape'
import { checkDocument } from 'nadir-checker'
import { describe, expect, test } from 'vitest'
import { generatedData } from './generated-data.ts'

const network = (inputs: number, widths: readonly number[], name: SmoothName): Network => ({
  inputs: [inputs],
  layers: [
    ...widths.flatMap((outputs) => [
      { kind: 'dense' as const, outputs, bias: true },
      { kind: 'activation' as const, activation: { kind: 'smooth' as const, name } }
    ]),
    { kind: 'dense', outputs: 1, bias: true }
  ]
})

function trained(problem: Problem, seed: number) {
  const theta = initialise(problem.network, randomStream(seed))
  adam(objective(problem), theta, { steps: 300, rate: 0.02 })
  lbfgs(objective(problem), theta, { iterations: 300 })
  return { kind: 'float', values: theta } as const
}

const accepts = (certificate: Certificate) => checkDocument(certificateText(certificate)).outcome === 'accepted'

describe('smooth networks with weight decay', () => {
  const names: readonly SmoothName[] = ['tanh', 'softplus', 'gelu', 'sigmoid', 'silu', 'arctan']
  test.each(names)('lead to a proved minimum nearby (%s)', (name) => {
    for (const [seed, widths] of [
      [1, [4]],
      [2, [3, 2]]
    ] as const) {
      const problem = empiricalRisk({
        network: network(2, widths, name),
        data: generatedData(20, 2, 1, seed),
        reduction: 'mean',
        weightDecay: rational(1n, 1000n)
      })
      const verdict = certify(problem, trained(problem, seed), { accepts })
      const { settled } = verdict
      expect(settled?.claim).toBe('local-minimum')
      const { radius, lower } = settled!.within!
      expect(sign(radius)).toBe(1)
      expect(compare(lower, settled!.loss)).toBe(-1)
      // Nowhere in the box is the loss lower than what is claimed: random corners and points.
      const layered = asLayered(problem.network)
      if (layered.kind !== 'layered') throw new Error('dense')
      const random = randomStream(seed)
      const centre = toFloat(settled!.point).values
      for (let k = 0; k < 200; k++) {
        const moved = centre.map((x) => x + toNumber(radius) * (k % 2 ? Math.sign(random() - 0.5) : 2 * random() - 1))
        expect(lossAndGradient(problem, layered.layers, moved).loss).toBeGreaterThan(toNumber(lower) - 1e-12)
      }
    }
  })

  test('without a checker nothing is claimed', () => {
    const problem = empiricalRisk({
      network: network(1, [2], 'tanh'),
      data: generatedData(10, 1, 1, 3),
      weightDecay: rational(1n, 100n)
    })
    const verdict = certify(problem, trained(problem, 1))
    expect(verdict.settled).toBeUndefined()
    expect(verdict.certificate).toBeUndefined()
    expect(verdict.notSettled!.reason).toMatch(/needs a checker/)
  })
})
