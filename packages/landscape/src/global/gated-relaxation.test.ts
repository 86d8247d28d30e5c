import { rational } from '@nadir/arithmetic'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dataset } from '../data/dataset.ts'
import { relu } from '../network/activation.ts'
import { empiricalRisk } from '../problem.ts'
import { randomStream } from '../random.ts'
import { solvePatternProgram } from './barrier-program.ts'
import { asDecayedProblem, type DecayedProblem, solveDecayed } from './decayed-program.ts'
import { outputsOf } from './fewer-units.ts'
import { gatedUnits, sampledPatterns, solveGated } from './gated-relaxation.ts'

function problemOf(seed: number, inputs: number, samples: number, decayBiases: boolean): DecayedProblem {
  const random = randomStream(seed)
  const grid = (size: number) => rational(BigInt(Math.round(1000 * size * (2 * random() - 1))), 1000n)
  const rows = (width: number) => Array.from({ length: samples }, () => Array.from({ length: width }, () => grid(2)))
  const problem = asDecayedProblem(
    empiricalRisk({
      network: {
        inputs: [inputs],
        layers: [
          { kind: 'dense', outputs: 3, bias: true },
          { kind: 'activation', activation: relu },
          { kind: 'dense', outputs: 1, bias: true }
        ]
      },
      data: dataset(rows(inputs), rows(1)),
      reduction: 'sum',
      weightDecay: rational(1n, 5n),
      decayBiases
    })
  )
  if ('kind' in problem) throw new Error(problem.reason)
  return problem
}

const problems = [fc.nat(1_000_000), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 4, max: 9 })] as const

test('without its cones the program has no greater value, pattern list by pattern list', () => {
  fc.assert(
    fc.property(...problems, (seed, inputs, samples) => {
      const { program } = problemOf(seed, inputs, samples, true)
      const patterns = sampledPatterns(program, 12, seed)
      const both = patterns.flatMap((pattern) => [pattern, { ...pattern, sign: -1 as const }])
      const { value } = solvePatternProgram(program, both, 1e-9)
      expect(solveGated(program, patterns, 3000).value).toBeLessThanOrEqual(value * (1 + 1e-4) + 1e-9)
    }),
    { numRuns: 25 }
  )
})

test('the units do together what the gates do', () => {
  fc.assert(
    fc.property(...problems, (seed, inputs, samples) => {
      const { program } = problemOf(seed, inputs, samples, true)
      const { X, width, y } = program
      const patterns = sampledPatterns(program, 40)
      const gated = solveGated(program, patterns)
      const { units, constant } = gatedUnits(program)
      const largest = Math.max(...gated.weights.map((v) => Math.hypot(...v)))
      for (let i = 0; i < samples; i++) {
        let wanted = gated.constant
        let left = 0
        for (const [p, v] of gated.weights.entries()) {
          const z = v.reduce((sum, w, e) => sum + w * X[i * width + e]!, 0)
          if (Math.hypot(...v) > 1e-3 * largest) wanted += patterns[p]!.pattern[i]! > 0 ? z : 0
          else left += Math.abs(z)
        }
        const found = units.reduce((sum, unit) => sum + outputsOf(program, unit)[i]!, constant)
        const scale = 1 + Math.abs(y[i]!) + units.reduce((sum, unit) => sum + Math.abs(outputsOf(program, unit)[i]!), 0)
        expect(Math.abs(found - wanted)).toBeLessThan(1e-9 * scale + left * 1e-9)
      }
    }),
    { numRuns: 60 }
  )
})

test('the optimum is the same from the gated relaxation and from nothing', () => {
  fc.assert(
    fc.property(fc.nat(1_000_000), fc.integer({ min: 1, max: 2 }), fc.boolean(), (seed, inputs, decayBiases) => {
      const problem = problemOf(seed, inputs, 7, decayBiases)
      const cold = solveDecayed(problem, { warmStart: false })
      const warm = solveDecayed(problem)
      expect(Math.abs(warm.value - cold.value)).toBeLessThan(1e-6 * (1 + cold.value))
    }),
    { numRuns: 12 }
  )
})
