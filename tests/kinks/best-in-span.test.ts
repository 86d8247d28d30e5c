import { rational, toNumber } from '@nadir/arithmetic'
import {
  adam,
  certificateText,
  certify,
  type Dataset,
  dataset,
  empiricalRisk,
  initialise,
  lbfgs,
  type Network,
  objective,
  randomStream,
  relu,
  toFloat
} from '@nadir/landscape'
import { checkDocument } from 'nadir-checker'
import { describe, expect, test } from 'vitest'
import { deepWorkloads } from '../../benchmarks/workloads.ts'

const accepts = (certificate: Parameters<typeof certificateText>[0]) =>
  checkDocument(certificateText(certificate)).outcome === 'accepted'

function trained(data: Dataset, hidden: readonly number[], seed: number, steps: number) {
  const network: Network = {
    inputs: [data.inputCount],
    layers: [
      ...hidden.flatMap((units) => [
        { kind: 'dense' as const, outputs: units, bias: true },
        { kind: 'activation' as const, activation: relu }
      ]),
      { kind: 'dense', outputs: data.targetCount, bias: true }
    ]
  }
  const problem = empiricalRisk({ network, data, reduction: 'mean' })
  const target = objective(problem)
  const theta = initialise(network, randomStream(seed))
  adam(target, theta, { steps, rate: 0.01 })
  lbfgs(target, theta, { iterations: 1000 })
  return { problem, theta }
}

/** Three clusters in the plane with one value each, and a few samples between them with any: trained networks fit the clusters exactly, so that many of their derivatives depend on each other. */
function plateaus(seed: number): Dataset {
  const random = randomStream(seed)
  const grid = (x: number) => rational(BigInt(Math.round(16 * x)), 16n)
  const centres = [
    [-3, 0],
    [3, 0],
    [0, 4]
  ] as const
  const rows = Array.from({ length: 27 }, (_, i) => {
    const isBetween = i >= 21
    const [a, b] = isBetween ? [0, 1] : centres[i % 3]!
    const spread = isBetween ? 1 : 0.7
    return {
      x: [grid(a + spread * (2 * random() - 1)), grid(b + spread * (2 * random() - 1))],
      y: [rational(BigInt(i % 3))]
    }
  })
  return dataset(
    rows.map(({ x }) => x),
    rows.map(({ y }) => y)
  )
}

const iris = (name: string) => deepWorkloads().find((workload) => workload.name === name)!

/** How many of these are proved by their path spans; with a look at what is beside them. */
function proved(problems: Iterable<ReturnType<typeof trained>>): number {
  let count = 0
  for (const { problem, theta } of problems) {
    const { settled, certificate } = certify(problem, { kind: 'float', values: theta }, { accepts, searchTime: 0 })
    if (!settled || !certificate) continue
    expect(accepts(certificate)).toBe(true)
    if ((certificate.proof as { evidence: { rule: string } }).evidence.rule !== 'path-span') continue
    count++
    const random = randomStream(count)
    const centre = toFloat(settled.point).values
    const target = objective(problem)
    const scratch = new Float64Array(centre.length)
    for (let start = 0; start < 200; start++) {
      const size = 1e-5 * 10 ** -(start % 3)
      const moved = centre.map((x) => x + size * (2 * random() - 1))
      expect(target.evaluate(moved, scratch)).toBeGreaterThan(toNumber(settled.loss) * (1 - 1e-12))
    }
  }
  return count
}

describe('where clusters are fitted exactly, the best outputs of the path span are reached exactly and proved', () => {
  test('two hidden layers', () => {
    const problems = Array.from({ length: 12 }, (_, k) => trained(plateaus(k + 1), [4, 3], k + 1, 1500))
    expect(proved(problems)).toBeGreaterThan(1)
  })

  test('iris with two hidden layers, and with three outputs', () => {
    const one = iris('iris-6-4')
    const three = iris('iris-vector-8')
    expect(proved([trained(one.data, one.hidden, 4, 3000), trained(three.data, three.hidden, 9, 3000)])).toBe(2)
  })
})
