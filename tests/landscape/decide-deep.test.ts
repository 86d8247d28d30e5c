import { readFileSync } from 'node:fs'
import { integerMatrix, nullSpace, rational, toText } from '@nadir/arithmetic'
import { symmetricEigen } from '@nadir/kernels'
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
  }
  const { instances } = kinds.deep_linear as { instances: Instance[] }
  const expected = { global: 'global-minimum', saddle: 'saddle' }
  test.each(instances.filter(({ X }) => X))('$id', ({ W, X, Y, loss, label }) => {
    const layers = W.map((w) => ({ W: w }))
    const answer = decided(samplesOf(layers, transposed(X!), transposed(Y!)), pointOf(layers))
    expect(answer.loss).toBe(loss)
    expect(answer.kind).toBe(expected[label])
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
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: depth - 1, maxLength: depth - 1 }).chain((hidden) => {
        const widths = [inputs, ...hidden, outputs]
        return fc.record({
          weights: fc.tuple(...widths.slice(1).map((w, l) => matrix(w, widths[l]!))),
          mixture: fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 9, maxLength: 9 })
        })
      })
    )

  /** The least loss of maps of this rank on the unit vectors: half the sum of the other squared singular values of Y. */
  const leastOfRank = (Y: readonly (readonly bigint[])[], rank: number): number => {
    const rows = Y.map((row) => row.map(Number))
    const gram = rows.map((a) => rows.map((b) => a.reduce((sum, x, k) => sum + x * b[k]!, 0)))
    const { values } = symmetricEigen(Float64Array.from(gram.flat()), gram.length)
    const ascending = [...values].sort((a, b) => a - b)
    return ascending.slice(0, Math.max(0, ascending.length - rank)).reduce((sum, x) => sum + Math.max(0, x), 0) / 2
  }

  test.each([false, true])(
    'are global or saddles, bottlenecks or not, and what proves it is accepted (biases: %s)',
    (biased) => {
      const counts = { saddle: 0, global: 0, bottleneck: 0 }
      fc.assert(
        fc.property(shape, fc.integer({ min: -2, max: 2 }), ({ weights, mixture }, shift) => {
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
          const Y = P.map((row, o) => row.map((x, e) => x - E[o * d + e]!))
          const texts = (a: readonly (readonly bigint[])[]) => a.map((row) => row.map(String))
          // With biases, every input and its opposite: the constants take nothing from the weights. They cancel on the way.
          const constants = biased
            ? weights.map((w, l) => w.map((_, u) => (l === 0 ? shift : u)))
            : weights.map(() => undefined)
          const layers = weights.map((w, l) => ({ W: texts(w), b: constants[l] }))
          const signs = biased ? [1n, -1n] : [1n]
          const X = signs.flatMap((side) => identity(d).map((row) => row.map((x) => side * x)))
          const c = constants.reduce<bigint[]>(
            (z, b, l) =>
              product(
                weights[l]!,
                z.map((x) => [x])
              ).map(([x], u) => x! + BigInt(b?.[u] ?? 0)),
            identity(d)[0]!.map(() => 0n)
          )
          const targets = X.map((x) => Y.map((row, o) => row.reduce((sum, y, k) => sum + y * x[k]!, c[o]!)))
          const answer = decided(problemOf(denseNetwork(layers), texts(X), texts(targets)), pointOf(layers))
          const rank = Math.min(d, ...weights.map((w) => w.length))
          const least = leastOfRank(Y, rank)
          const loss = E.reduce((sum, x) => sum + Number(x * x), 0) / 2
          const isGlobal = loss <= least + 1e-9 * (1 + loss)
          counts[isGlobal ? 'global' : 'saddle']++
          if (isGlobal && E.some((x) => x !== 0n)) counts.bottleneck++
          expect(answer.kind).toBe(isGlobal ? 'global-minimum' : 'saddle')
        }),
        { numRuns: 150 }
      )
      expect(counts.saddle).toBeGreaterThan(30)
      expect(counts.bottleneck).toBeGreaterThan(0)
    }
  )

  test.each([
    [
      'stuck from both ends',
      [[[1, 0]], [[0]], [[1], [0]]],
      [
        [0, 0],
        [0, 1]
      ],
      'saddle'
    ],
    [
      'a tie of the eigenvalues kept and lost',
      [[[1, 0]], [[1], [0]]],
      [
        [1, 0],
        [0, 1]
      ],
      'global-minimum'
    ],
    [
      'irrational eigenvalues kept, one lost',
      [
        [
          [2, 1, 0],
          [1, 1, 0]
        ],
        [
          [1, 0],
          [0, 1],
          [0, 0]
        ]
      ],
      [
        [2, 1, 0],
        [1, 1, 0],
        [0, 0, '1/3']
      ],
      'global-minimum'
    ],
    [
      'irrational eigenvalues kept, one between them lost',
      [
        [
          [2, 1, 0],
          [1, 1, 0]
        ],
        [
          [1, 0],
          [0, 1],
          [0, 0]
        ]
      ],
      [
        [2, 1, 0],
        [1, 1, 0],
        [0, 0, 1]
      ],
      'saddle'
    ]
  ] as const)('%s', (_, W, Y, kind) => {
    const layers = W.map((w) => ({ W: w as Texts }))
    const X = identity(Y.length).map((row) => row.map(String))
    expect(decided(problemOf(denseNetwork(layers), X, transposed(Y as Texts)), pointOf(layers)).kind).toBe(kind)
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
