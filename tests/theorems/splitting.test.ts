import { readFileSync } from 'node:fs'
import { compare, parseExact, type Rational, rational } from '@nadir/arithmetic'
import { type Activation, dataset, randomStream, relu, type SmoothName } from '@nadir/landscape'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { builtPoints, claimsOf, construct } from './building.ts'

const smooth = (name: SmoothName): Activation => ({ kind: 'smooth', name })
const names: readonly SmoothName[] = ['tanh', 'sigmoid', 'softplus', 'arctan', 'gelu', 'silu', 'sine']

const quarters = (size: number): fc.Arbitrary<Rational> =>
  fc.integer({ min: -size, max: size }).map((n) => rational(BigInt(n), 4n))

/** More samples than parameters of the small network, so that it has residuals. */
const tables = fc
  .record({ inputs: fc.integer({ min: 1, max: 2 }), samples: fc.integer({ min: 9, max: 12 }) })
  .chain(({ inputs, samples }) =>
    fc
      .array(fc.tuple(fc.array(quarters(8), { minLength: inputs, maxLength: inputs }), quarters(4)), {
        minLength: samples,
        maxLength: samples
      })
      .map((rows) =>
        dataset(
          rows.map(([x]) => x),
          rows.map(([, y]) => [y])
        )
      )
  )

/** Inside (0, 1) and outside: one of them holds minima where B is definite, the other one and all where it is not hold saddles. */
const expectedClaims = (note: string): readonly string[] => {
  const [minimum, saddle] = ['local-minimum-nearby', 'saddle-nearby']
  if (note.includes('positive')) return [minimum!, saddle!, minimum!, saddle!]
  if (note.includes('negative')) return [saddle!, minimum!, saddle!, minimum!]
  return [saddle!, saddle!, saddle!, saddle!]
}

test('smooth activations: minima on one side of the shares 0 and 1, saddles on the other, saddles everywhere where B is indefinite', () => {
  const seen = { built: 0, definite: 0 }
  fc.assert(
    fc.property(
      tables,
      fc.constantFrom(...names),
      fc.constantFrom('sum' as const, 'mean' as const),
      fc.integer({ min: 1, max: 1_000_000 }),
      (data, name, reduction, seed) => {
        const random = randomStream(seed)
        const construction = construct('fukumizu2000-splitting', {
          data,
          activation: smooth(name),
          hidden: [2],
          reduction,
          count: 4,
          random
        })
        if (construction.kind === 'refused') {
          expect(construction.hypothesis).toContain('nondegenerate')
          return
        }
        seen.built++
        const points = builtPoints(construction)
        const expected = expectedClaims(construction.notes[0]!)
        expect(claimsOf(points)).toEqual(expected)
        if (expected.includes('local-minimum-nearby')) seen.definite++
        for (const { loss, claim, reason } of points) {
          expect(compare(loss, points[0]!.loss)).toBe(0)
          if (claim === 'local-minimum-nearby') expect(reason).toMatch(/in doubles \(\d+, 0, \d+\)/)
        }
      }
    ),
    { numRuns: 25 }
  )
  expect(seen.built).toBeGreaterThan(0)
})

const { splitting } = JSON.parse(readFileSync(new URL('../reference/curvature.json', import.meta.url), 'utf8')).kinds

interface Reference {
  readonly id: string
  readonly activation: SmoothName
  readonly x: readonly string[]
  readonly y: readonly string[]
  readonly splits: readonly { readonly lam: string; readonly inertia: readonly number[]; readonly type: string }[]
}

test.each((splitting.instances as readonly Reference[]).map((one) => [one.id, one] as const))(
  'reference instance %s: the inertia, and its statement proved',
  (_, { activation, x, y, splits }) => {
    const data = dataset(
      x.map((entry) => [parseExact(entry)!]),
      y.map((entry) => [parseExact(entry)!])
    )
    const construction = construct('fukumizu2000-splitting', {
      data,
      activation: smooth(activation),
      hidden: [2],
      count: 2,
      random: randomStream(1)
    })
    const points = builtPoints(construction)
    for (const [k, { inertia, type }] of splits.entries()) {
      expect(points[k]!.reason).toContain(`in doubles (${inertia.join(', ')})`)
      expect(points[k]!.claim).toBe(type === 'localmin' ? 'local-minimum-nearby' : 'saddle-nearby')
    }
  }
)

test('refuses other shapes, losses, activations without words, data that can be fitted', () => {
  const data = dataset(
    [-1n, 0n, 1n].map((x) => [rational(x)]),
    [0n, 1n, 0n].map((y) => [rational(y)])
  )
  const refusal = (parts: Parameters<typeof construct>[1]) =>
    construct('fukumizu2000-splitting', { data, activation: smooth('tanh'), hidden: [2], ...parts })
  expect(refusal({ data: undefined })).toMatchObject({ kind: 'refused', found: 'no data' })
  expect(refusal({ hidden: [1] })).toMatchObject({ hypothesis: expect.stringContaining('two units') })
  expect(refusal({ hidden: [2, 2] })).toMatchObject({ found: expect.stringContaining('2, 2') })
  expect(refusal({ loss: 'huber' })).toMatchObject({ found: expect.stringContaining('huber') })
  expect(refusal({ activation: smooth('gelu-tanh') })).toMatchObject({ found: 'the activation is gelu-tanh' })
  expect(refusal({ activation: { ...relu, negative: rational(1n) } as Activation })).toMatchObject({
    found: 'the activation is linear'
  })
  expect(refusal({ hidden: [900] })).toMatchObject({ hypothesis: expect.stringContaining('20 million') })
  expect(refusal({})).toMatchObject({ hypothesis: expect.stringContaining('nondegenerate') })
})
