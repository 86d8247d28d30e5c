import { readFileSync } from 'node:fs'
import { integerMatrix, nullSpace, rational, toText } from '@nadir/arithmetic'
import {
  certificateText,
  type DeepDecision,
  decideDeep,
  deepCertificate,
  type ExactPoint,
  evaluateExactly,
  type Problem,
  twoSlope
} from '@nadir/landscape'
import fc from 'fast-check'
import { checkDocument } from 'nadir-checker'
import { describe, expect, test } from 'vitest'
import { denseNetwork, exact, type LayerTexts, pointOf, problemOf, type Texts, transposed } from './matrices.ts'

const { kinds } = JSON.parse(readFileSync(new URL('../reference/deep-networks.json', import.meta.url), 'utf8'))

/** The decision about a point, its certificate having been accepted. */
function decided(problem: Problem, point: ExactPoint): DeepDecision & { loss: string } {
  const evaluation = evaluateExactly(problem, point)
  const decision = decideDeep(evaluation)
  const certificate = deepCertificate(evaluation, decision)
  if (decision.kind !== 'undecided')
    expect(checkDocument(certificateText(certificate!))).toMatchObject({ outcome: 'accepted', claim: decision.kind })
  return { ...decision, loss: toText(evaluation.loss) }
}

const samplesOf = (layers: readonly LayerTexts[], X: Texts, Y: Texts, slopes?: readonly [string, string]): Problem =>
  problemOf(denseNetwork(layers, slopes && twoSlope(exact(slopes[0]), exact(slopes[1]))), X, Y)

describe('reference points of deep linear networks', () => {
  interface Instance {
    id: string
    W: Texts[]
    X?: Texts
    Y?: Texts
    loss: string
    label: 'global' | 'saddle'
    E_is_zero?: boolean
  }
  const { instances } = kinds.deep_linear as { instances: Instance[] }
  const expected = { global: 'global-minimum', saddle: 'saddle' }
  test.each(instances.filter(({ X }) => X))('$id', ({ id, W, X, Y, loss, label, E_is_zero }) => {
    const layers = W.map((w) => ({ W: w }))
    const answer = decided(samplesOf(layers, transposed(X!), transposed(Y!)), pointOf(layers))
    expect(answer.loss).toBe(loss)
    const bottleneck = W[0]!.length < 2 && Y!.length > 1
    expect(answer.kind).toBe(bottleneck && !E_is_zero && id !== 'bottleneck-zero' ? 'undecided' : expected[label])
  })
})

describe('reference points of deep piecewise linear networks', () => {
  interface Instance {
    id: string
    W: Texts[]
    b: string[][]
    X: Texts
    Y: Texts
    s_plus: string
    s_minus: string
    loss: string
    better_W: Texts[]
    better_b: string[][]
    better_loss: string
  }
  const { instances } = kinds.deep_piecewise_linear as { instances: Instance[] }
  test.each(instances.filter(({ X }) => X))('$id', (instance) => {
    const at = (W: Texts[], b: string[][]) => W.map((w, l) => ({ W: w, b: b[l] }))
    const layers = at(instance.W, instance.b)
    const slopes = [instance.s_plus, instance.s_minus] as const
    const problem = samplesOf(layers, transposed(instance.X), transposed(instance.Y), slopes)
    const answer = decided(problem, pointOf(layers))
    expect([answer.kind, answer.loss]).toEqual(['local-minimum', instance.loss])
    const better = evaluateExactly(problem, pointOf(at(instance.better_W, instance.better_b)))
    expect(toText(better.loss)).toBe(instance.better_loss)
  })

  test('a dead last hidden layer: paths prove what groups of samples do not', () => {
    const [instance] = kinds.dead_layer_minimum.instances
    const { layers, sp, sm } = instance.net
    const answer = decided(samplesOf(layers, instance.X, instance.Y, [sp, sm]), pointOf(layers))
    expect(answer.kind).toBe('local-minimum')
    // risk_sq is the mean of squares, the loss half their sum.
    expect(answer.loss).toBe(toText(rational(106n * 10n, 25n * 2n)))
  })
})

describe('degenerate critical points of deep linear networks', () => {
  const matrix = (rows: number, columns: number) =>
    fc.array(fc.array(fc.constantFrom(0n, 0n, 0n, 1n, -1n, 2n), { minLength: columns, maxLength: columns }), {
      minLength: rows,
      maxLength: rows
    })
  const product = (a: bigint[][], b: bigint[][]) =>
    a.map((row) => b[0]!.map((_, j) => row.reduce((sum, x, k) => sum + x * b[k]![j]!, 0n)))
  const identity = (size: number) =>
    Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => (i === j ? 1n : 0n)))
  const chain = (weights: bigint[][][], size: number) => weights.reduce((all, w) => product(w, all), identity(size))

  const shape = fc
    .record({
      inputs: fc.integer({ min: 1, max: 3 }),
      outputs: fc.integer({ min: 1, max: 3 }),
      depth: fc.integer({ min: 2, max: 5 })
    })
    .chain(({ inputs, outputs, depth }) =>
      fc
        .array(fc.integer({ min: Math.min(inputs, outputs), max: 3 }), { minLength: depth - 1, maxLength: depth - 1 })
        .filter((hidden) => hidden.every((w) => w >= outputs) || hidden.every((w) => w >= inputs))
        .chain((hidden) => {
          const widths = [inputs, ...hidden, outputs]
          return fc.record({
            weights: fc.tuple(...widths.slice(1).map((w, l) => matrix(w, widths[l]!))),
            mixture: fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 9, maxLength: 9 })
          })
        })
    )

  test('are saddles when E is not zero, and the way out is accepted', () => {
    let saddles = 0
    fc.assert(
      fc.property(shape, ({ weights, mixture }) => {
        const d = weights[0]![0]!.length
        const m = weights.at(-1)!.length
        // All E with above^T E below^T = 0 for every layer; inputs are the unit vectors, so that E = P - Y.
        const equations: bigint[][] = []
        for (const [l] of weights.entries()) {
          const below = chain(weights.slice(0, l), d)
          const above = chain(weights.slice(l + 1), weights[l]!.length)
          for (let a = 0; a < above[0]!.length; a++)
            for (let b = 0; b < below.length; b++)
              equations.push(above.flatMap((row) => below[b]!.map((x) => row[a]! * x)))
        }
        const { basis } = nullSpace(integerMatrix(equations.length, m * d, equations.flat()))
        const E = new Array<bigint>(m * d).fill(0n)
        for (const [k, vector] of basis.entries())
          for (const [e, x] of vector.entries()) E[e]! += BigInt(mixture[k]!) * x
        const P = chain(weights, d)
        const texts = (a: bigint[][]) => a.map((row) => row.map(String))
        const layers = weights.map((w) => ({ W: texts(w) }))
        const Y = identity(d).map((_, i) => P.map((row, o) => String(row[i]! - E[o * d + i]!)))
        const answer = decided(problemOf(denseNetwork(layers), texts(identity(d)), Y), pointOf(layers))
        const isZero = E.every((e) => e === 0n)
        if (!isZero) saddles++
        expect(answer.kind).toBe(isZero ? 'global-minimum' : 'saddle')
      }),
      { numRuns: 300, seed: 11 }
    )
    expect(saddles).toBeGreaterThan(100)
  })

  test('with biases too: all weights zero, the output at the mean', () => {
    const layers = [
      {
        W: [
          [0, 0],
          [0, 0],
          [0, 0]
        ],
        b: ['1', '-2', '1/2']
      },
      {
        W: [
          [0, 0, 0],
          [0, 0, 0]
        ],
        b: [0, 3]
      },
      { W: [[0, 0]], b: [2] }
    ]
    const problem = problemOf(
      denseNetwork(layers),
      [
        [0, 1],
        [1, 1],
        [2, 3]
      ],
      [[0], [1], [5]]
    )
    expect(decided(problem, pointOf(layers)).kind).toBe('saddle')
  })
})
