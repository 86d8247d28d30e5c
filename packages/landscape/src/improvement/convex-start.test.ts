import { rational, toNumber } from '@nadir/arithmetic'
import { expect, test } from 'vitest'
import { dataset } from '../data/dataset.ts'
import { asDecayedProblem, solveDecayed } from '../global/decayed-program.ts'
import { improve } from '../improve.ts'
import { relu } from '../network/activation.ts'
import { empiricalRisk, type Problem } from '../problem.ts'
import { randomStream } from '../random.ts'
import { convexStart } from './convex-start.ts'

function problemOf(seed: number, outputs: number, weightDecay: bigint): Problem {
  const random = randomStream(seed)
  const grid = () => rational(BigInt(Math.round(4000 * random()) - 2000), 1000n)
  const rows = (width: number) => Array.from({ length: 8 }, () => Array.from({ length: width }, grid))
  return empiricalRisk({
    network: {
      inputs: [2],
      layers: [
        { kind: 'dense', outputs: 10, bias: true },
        { kind: 'activation', activation: relu },
        { kind: 'dense', outputs, bias: true }
      ]
    },
    data: dataset(rows(2), rows(outputs)),
    reduction: 'sum',
    weightDecay: rational(weightDecay, 5n)
  })
}

test('wide networks with weight decay: improve, with the convex program among its starts, is never below the global minimum and mostly near it', () => {
  let near = 0
  for (let seed = 1; seed <= 6; seed++) {
    const problem = problemOf(seed, 1, 1n)
    const decayed = asDecayedProblem(problem)
    if ('kind' in decayed) throw new Error(decayed.reason)
    const { value } = solveDecayed(decayed)
    const nothing = { kind: 'float', values: new Float64Array(41) } as const
    let calls = 0
    const result = improve(problem, nothing, { seed, now: () => calls++, interrupted: () => false, time: 3000 })
    if (result.kind === 'undecided') throw new Error(result.reason)
    const reached = toNumber(result.better?.loss ?? result.from)
    expect(reached).toBeGreaterThan(value * (1 - 1e-7))
    if (reached < value * 1.01) near++
  }
  expect(near).toBeGreaterThanOrEqual(4)
})

test('there is such a start for one hidden layer and one output, with and without weight decay, and else none', () => {
  expect(convexStart(problemOf(1, 1, 1n))).toHaveLength(41)
  expect(convexStart(problemOf(1, 1, 0n))).toHaveLength(41)
  expect(convexStart(problemOf(1, 2, 1n))).toBeUndefined()
})
