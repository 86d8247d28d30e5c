import { compare, rational } from '@nadir/arithmetic'
import { type Activation, type LossKind, randomStream, relu, twoSlope } from '@nadir/landscape'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { activations, builtPoints, claimsOf, construct, smallData } from './building.ts'

const seeds = fc.integer({ min: 1, max: 1000 })
const activation = fc.constantFrom(...activations)
const depths = (least: number) => fc.array(fc.integer({ min: least, max: least + 1 }), { minLength: 1, maxLength: 3 })
const losses = fc.constantFrom<LossKind>('squared', 'absolute', 'hinge')
const reduction = fc.constantFrom('sum' as const, 'mean' as const)

describe('best affine fits', () => {
  const cases = fc.record({
    data: smallData({ inputs: 3, outputs: 3, samples: 9 }),
    hidden: depths(4),
    activation,
    reduction,
    seed: seeds
  })
  test.each(['yun2019-relu', 'he2020-affine', 'christof2023-affine-segment'])(
    '%s: spurious, or a hypothesis is named',
    (id) => {
      let built = 0
      fc.assert(
        fc.property(cases, ({ seed, ...parts }) => {
          const construction = construct(id, { ...parts, random: randomStream(seed) })
          if (construction.kind === 'refused') {
            expect(construction.hypothesis).toMatch(/no affine map fits|best function/)
            return
          }
          built++
          expect(claimsOf(builtPoints(construction))).toEqual(['spurious', 'spurious'])
        }),
        { numRuns: 60, seed: 3 }
      )
      expect(built).toBeGreaterThan(40)
    }
  )

  const oneOutput = fc.record({
    data: smallData({ inputs: 3, outputs: 1, samples: 9 }),
    hidden: depths(2),
    activation,
    loss: losses,
    reduction,
    seed: seeds
  })
  test.each(['he2020-affine', 'christof2023-affine-segment'])('%s: other losses, either segment', (id) => {
    const claims: string[] = []
    fc.assert(
      fc.property(oneOutput, ({ seed, ...parts }) => {
        const construction = construct(id, { ...parts, count: 3, random: randomStream(seed) })
        if (construction.kind === 'refused') {
          expect(construction.hypothesis).toMatch(/no affine map fits|best function/)
          return
        }
        for (const claim of claimsOf(builtPoints(construction))) {
          claims.push(claim)
          expect(['spurious', 'local-minimum', 'global-minimum']).toContain(claim)
          if (parts.loss === 'squared') expect(claim).toBe('spurious')
        }
      }),
      { numRuns: 80, seed: 4 }
    )
    expect(claims.filter((claim) => claim === 'spurious').length).toBeGreaterThan(100)
  })
})

test('christof2023-affine-segment: elu and selu are lines ahead of zero, at any depth, for several outputs', () => {
  const claims: string[] = []
  const cases = fc.record({
    data: smallData({ inputs: 2, outputs: 2, samples: 8 }),
    hidden: depths(3),
    activation: fc.constantFrom<Activation>({ kind: 'smooth', name: 'elu' }, { kind: 'smooth', name: 'selu' }),
    reduction,
    seed: seeds
  })
  fc.assert(
    fc.property(cases, ({ seed, ...parts }) => {
      const construction = construct('christof2023-affine-segment', { ...parts, random: randomStream(seed) })
      if (construction.kind === 'refused') {
        expect(construction.hypothesis).toMatch(/no affine map fits|best function/)
        return
      }
      for (const claim of claimsOf(builtPoints(construction))) {
        claims.push(claim)
        expect(['spurious', 'local-minimum']).toContain(claim)
      }
    }),
    { numRuns: 30, seed: 5 }
  )
  expect(claims.filter((claim) => claim === 'spurious').length).toBeGreaterThan(20)
})

describe('christof2023-constant-segment', () => {
  test('a dead layer and the best constant are a local minimum, spurious where the affine fit is better', () => {
    const claims: string[] = []
    const cases = fc.record({
      data: smallData({ inputs: 2, outputs: 2, samples: 8 }),
      hidden: depths(1),
      activation: fc.constantFrom(relu, twoSlope(rational(0n), rational(-3n, 2n))),
      reduction,
      seed: seeds
    })
    fc.assert(
      fc.property(cases, ({ seed, ...parts }) => {
        const construction = construct('christof2023-constant-segment', {
          ...parts,
          count: parts.hidden.length,
          random: randomStream(seed)
        })
        if (construction.kind === 'refused') {
          expect(construction.hypothesis).toBe('the targets are not constant')
          return
        }
        claims.push(...claimsOf(builtPoints(construction)))
      }),
      { numRuns: 60, seed: 5 }
    )
    expect(claims.every((claim) => ['spurious', 'local-minimum', 'global-minimum'].includes(claim))).toBe(true)
    expect(claims.filter((claim) => claim === 'spurious').length).toBeGreaterThan(30)
  })

  test('the best constant of the absolute loss is a median', () => {
    fc.assert(
      fc.property(smallData({ inputs: 2, outputs: 1, samples: 8 }), (data) => {
        const construction = construct('christof2023-constant-segment', { data, hidden: [2, 2], loss: 'absolute' })
        if (construction.kind === 'built') builtPoints(construction)
      }),
      { numRuns: 30, seed: 6 }
    )
  })
})

describe('liu2022-groups', () => {
  test('every partition is a local minimum with its own level', () => {
    let built = 0
    const cases = fc.record({
      data: smallData({ inputs: 2, outputs: 2, samples: 12 }),
      hidden: fc.constantFrom([9], [8, 2], [9, 3, 2]),
      groups: fc.constantFrom(2, 3),
      activation,
      reduction,
      seed: seeds
    })
    fc.assert(
      fc.property(cases, ({ seed, groups, ...parts }) => {
        const construction = construct('liu2022-groups', {
          ...parts,
          count: 3,
          numbers: { groups: rational(BigInt(groups)) },
          random: randomStream(seed)
        })
        if (construction.kind === 'refused') {
          expect(construction.hypothesis).toMatch(/groups|some group/)
          return
        }
        built++
        const points = builtPoints(construction)
        const { better } = construction
        for (const { claim, loss } of points)
          expect(claim).toBe(
            compare(better!.loss, loss) < 0 ? 'spurious' : claim === 'global-minimum' ? claim : 'local-minimum'
          )
      }),
      { numRuns: 40, seed: 8 }
    )
    expect(built).toBeGreaterThan(20)
  })

  test('absolute and hinge loss: the best map of every group by linear programming', () => {
    fc.assert(
      fc.property(
        smallData({ inputs: 1, outputs: 1, samples: 9 }),
        fc.constantFrom<LossKind>('absolute', 'hinge'),
        (data, loss) => {
          const construction = construct('liu2022-groups', { data, loss, hidden: [4, 2], count: 2 })
          if (construction.kind === 'built') builtPoints(construction)
        }
      ),
      { numRuns: 25, seed: 9 }
    )
  })

  test('too narrow a layer is refused with the number that is needed', () => {
    fc.assert(
      fc.property(smallData({ inputs: 2, outputs: 1, samples: 6 }), (data) => {
        expect(construct('liu2022-groups', { data, hidden: [2, 2] })).toMatchObject({
          kind: 'refused',
          hypothesis: expect.stringMatching(/units in the first/),
          found: '2 groups, 1 output: 3 units are needed, hidden layers have 2, 2'
        })
      }),
      { numRuns: 5 }
    )
  })
})

test('planted: a local minimum of any architecture', () => {
  let points = 0
  const cases = fc.record({
    data: smallData({ inputs: 2, outputs: 2, samples: 14 }),
    hidden: fc.constantFrom([2], [3], [2, 2], [3, 2], [2, 2, 2]),
    activation,
    seed: seeds
  })
  fc.assert(
    fc.property(cases, ({ seed, ...parts }) => {
      const construction = construct('planted', { ...parts, count: 1, random: randomStream(seed) })
      if (construction.kind === 'refused') return
      const claims = claimsOf(builtPoints(construction))
      expect(['spurious', 'local-minimum', 'global-minimum']).toContain(claims[0])
      points++
    }),
    { numRuns: 40, seed: 10 }
  )
  expect(points).toBeGreaterThan(25)
})

test('deep-linear: zeros are saddles, the factored best map is global', () => {
  fc.assert(
    fc.property(
      smallData({ inputs: 3, outputs: 3, samples: 8 }),
      fc.array(fc.integer({ min: 3, max: 4 }), { minLength: 1, maxLength: 4 }),
      seeds,
      (data, hidden, seed) => {
        const construction = construct('deep-linear', { data, hidden, count: 3, random: randomStream(seed) })
        if (construction.kind === 'refused') {
          expect(construction.hypothesis).toMatch(/correlated/)
          return
        }
        expect(claimsOf(builtPoints(construction))).toEqual(['saddle', 'saddle', 'global-minimum'])
      }
    ),
    { numRuns: 60, seed: 12 }
  )
})

test('deep-linear: zeros of a bottleneck are saddles too', () => {
  fc.assert(
    fc.property(
      smallData({ inputs: 3, outputs: 3, samples: 8 }),
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }),
      seeds,
      (data, widths, seed) => {
        const hidden = [1, ...widths]
        const construction = construct('deep-linear', { data, hidden, count: 3, random: randomStream(seed) })
        if (construction.kind === 'refused') {
          expect(construction.hypothesis).toMatch(/correlated/)
          return
        }
        const claims = claimsOf(builtPoints(construction))
        expect(claims.slice(0, 2)).toEqual(['saddle', 'saddle'])
        if (data.targetCount === 1) return
        expect(claims.length).toBe(2)
        expect(construction.better && compare(construction.better.loss, construction.points[0]!.loss)).toBe(-1)
      }
    ),
    { numRuns: 40, seed: 13 }
  )
})

describe('one hidden layer', () => {
  const data = smallData({ inputs: 2, outputs: 1, samples: 9 })

  test('jentzen2024-dead-units: padded minima are minima', () => {
    let built = 0
    fc.assert(
      fc.property(data, seeds, (data, seed) => {
        const construction = construct('jentzen2024-dead-units', {
          data,
          hidden: [3],
          count: 3,
          random: randomStream(seed)
        })
        if (construction.kind === 'refused') {
          expect(construction.hypothesis).toMatch(/do not fit/)
          return
        }
        built++
        for (const claim of claimsOf(builtPoints(construction)))
          expect(['spurious', 'local-minimum', 'global-minimum']).toContain(claim)
      }),
      { numRuns: 25, seed: 13 }
    )
    expect(built).toBeGreaterThan(8)
  })

  test('fukumizu2000-splitting: minima between the copies, outside only without kinks', () => {
    let built = 0
    fc.assert(
      fc.property(data, activation, seeds, (data, activation, seed) => {
        const construction = construct('fukumizu2000-splitting', {
          data,
          activation,
          hidden: [3],
          count: 4,
          random: randomStream(seed)
        })
        if (construction.kind === 'refused') return
        built++
        const claims = claimsOf(builtPoints(construction))
        for (const k of [0, 2]) expect(['local-minimum', 'global-minimum']).toContain(claims[k])
        expect(claims[1]).toBe(claims[3])
        if (construction.notes[0]!.includes('no sample')) expect(claims[1]).toBe(claims[0])
      }),
      { numRuns: 30, seed: 14 }
    )
    expect(built).toBeGreaterThan(15)
  })
})

test('rister2016-neuron: six kinds of minima for every a > 1', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 9 }), (p, q) => {
      const alpha = rational(BigInt(p), BigInt(q))
      const construction = construct('rister2016-neuron', { numbers: { alpha } })
      if (p <= q) {
        expect(construction).toMatchObject({ kind: 'refused', hypothesis: 'a > 1' })
        return
      }
      const points = builtPoints(construction)
      expect(points.length).toBe(6)
      const locals = points.filter(({ claim }) => claim === 'local-minimum')
      expect(locals.length).toBe(1)
      expect(points.filter(({ claim }) => claim === 'spurious').length).toBe(5)
      // 3 (a - 1)^2 < 2 says a < 1 + sqrt(2/3).
      const small = 3 * (p - q) ** 2 < 2 * q * q
      expect(locals[0]!.name).toBe(small ? 'all samples active' : 'samples 0 and 1 active')
    }),
    { numRuns: 60 }
  )
})
