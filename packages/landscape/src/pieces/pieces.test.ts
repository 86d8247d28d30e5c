import {
  add,
  compare,
  multiply,
  one,
  overCommonDenominator,
  type Rational,
  rational,
  subtract,
  toNumber,
  zero
} from '@nadir/arithmetic'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { locate } from '../cells/configuration.ts'
import { lossExactly } from '../cells/exact-evaluation.ts'
import { asLayered, incomingIndices } from '../curvature/layered.ts'
import { dataset } from '../data/dataset.ts'
import { exactRisk } from '../improvement/exact-risk.ts'
import { type Activation, absoluteValue, leakyRelu, relu } from '../network/activation.ts'
import { evaluateThrough } from '../network/evaluate-exact.ts'
import { type Network, parameterShapes, tensorSize } from '../network/network.ts'
import { decide } from '../optimality/decide.ts'
import { type ExactPoint, toExact } from '../point.ts'
import { empiricalRisk, type Problem } from '../problem.ts'
import { randomStream } from '../random.ts'
import { initialise } from '../training/initialise.ts'
import { asOneHiddenLayer } from '../traits.ts'
import { activationCells } from './activation-cells.ts'
import { type LinearRegion, linearRegions } from './linear-regions.ts'
import { partialMinimum } from './partial-minimum.ts'
import { pieceAt } from './piece.ts'

const seeds = fc.integer({ min: 1, max: 1_000_000 })

function denseNetwork(sizes: readonly number[], activation: Activation = relu, bias = true): Network {
  return {
    inputs: [sizes[0]!],
    layers: sizes
      .slice(1)
      .flatMap((outputs, l) => [
        { kind: 'dense' as const, outputs, bias },
        ...(l < sizes.length - 2 ? [{ kind: 'activation' as const, activation }] : [])
      ])
  }
}

/** Parameters from small integers: many zeros, ties and walls. */
function integerPoint(network: Network, random: () => number, most = 2): ExactPoint {
  return {
    kind: 'exact',
    tensors: parameterShapes(network).map((t) => ({
      denominator: 1n,
      numerators: Array.from({ length: tensorSize(t) }, () => BigInt(Math.floor((2 * most + 1) * random()) - most))
    }))
  }
}

const box = (half: bigint) =>
  ({
    origin: [zero, zero],
    first: [one, zero],
    second: [zero, one],
    box: [rational(-half), rational(half), rational(-half), rational(half)]
  }) as const

function regionsOf(network: Network, point: ExactPoint, plane: Parameters<typeof linearRegions>[2]) {
  const answer = linearRegions(network, point, plane)
  if (answer.kind === 'obstacle') throw new Error(answer.reason)
  return answer.regions
}

/** Twice the area, exactly. */
function doubleArea({ corners }: LinearRegion): Rational {
  let sum = zero
  for (const [k, p] of corners.entries()) {
    const q = corners[(k + 1) % corners.length]!
    sum = add(sum, subtract(multiply(p.s, q.t), multiply(q.s, p.t)))
  }
  return sum
}

function centre({ corners }: LinearRegion): { s: Rational; t: Rational } {
  const share = rational(1n, BigInt(corners.length))
  return {
    s: multiply(share, corners.map((c) => c.s).reduce(add)),
    t: multiply(share, corners.map((c) => c.t).reduce(add))
  }
}

describe('linear regions', () => {
  test.each([
    [[2, 3, 1], relu],
    [[2, 4, 3, 2], relu],
    [[2, 3, 3, 2, 1], leakyRelu()],
    [[3, 3, 2, 1], absoluteValue]
  ] as const)(
    'of %j cover the box once, with different patterns, and are what the network does',
    (sizes, activation) => {
      fc.assert(
        fc.property(seeds, fc.boolean(), (seed, integers) => {
          const random = randomStream(seed)
          const network = denseNetwork(sizes, activation)
          const point = integers
            ? integerPoint(network, random)
            : toExact(network, { kind: 'float', values: initialise(network, random) })
          const coordinate = () => rational(BigInt(Math.floor(9 * random()) - 4), 2n)
          const list = () => Array.from({ length: sizes[0] }, coordinate)
          const plane = sizes[0] === 2 ? box(5n) : { origin: list(), first: list(), second: list(), box: box(5n).box }
          const regions = regionsOf(network, point, plane)
          expect(new Set(regions.map((r) => r.pattern)).size).toBe(regions.length)
          expect(regions.map(doubleArea).reduce(add)).toEqual(rational(200n))
          for (const region of regions) {
            expect(compare(doubleArea(region), zero)).toBe(1)
            const { s, t } = centre(region)
            const x = plane.origin.map((o, k) =>
              add(o, add(multiply(s, plane.first[k]!), multiply(t, plane.second[k]!)))
            )
            const { denominator, numerators } = overCommonDenominator(x)
            const values = evaluateThrough(network, point, { rows: [numerators], denominator })
            const signs = network.layers.flatMap((layer, l) =>
              layer.kind === 'activation' ? values[l]!.rows[0]!.map((z) => (z > 0n ? '+' : '-')) : []
            )
            expect(signs.join('')).toBe(region.pattern)
            const output = values.at(-1)!
            for (const [o, [a, b, c]] of region.outputs.entries()) {
              const value = add(add(multiply(rational(a), s), multiply(rational(b), t)), rational(c))
              expect(multiply(value, rational(1n, region.denominator))).toEqual(
                rational(output.rows[0]![o]!, output.denominator)
              )
            }
          }
        }),
        { numRuns: 12 }
      )
    }
  )

  test('a network of four units and its eleven regions, derived by hand', () => {
    const network = denseNetwork([2, 4, 1])
    const tensor = (...numerators: bigint[]) => ({ denominator: 1n, numerators })
    const point: ExactPoint = {
      kind: 'exact',
      tensors: [
        tensor(1n, 0n, 0n, 1n, 1n, 1n, 1n, -2n),
        tensor(0n, 0n, -1n, 1n),
        tensor(1n, -1n, 2n, -1n),
        { denominator: 2n, numerators: [1n] }
      ]
    }
    expect(regionsOf(network, point, box(1000n)).length).toBe(11)
  })

  test('are lost on smooth networks only', () => {
    const network = denseNetwork([2, 2, 1], { kind: 'smooth', name: 'tanh' })
    expect(linearRegions(network, integerPoint(network, randomStream(1)), box(1n))).toMatchObject({ kind: 'obstacle' })
  })
})

describe('activation cells', () => {
  const viewOf = (points: readonly (readonly bigint[])[], bias = true) => {
    const network = denseNetwork([points[0]!.length, 1, 1], relu, bias)
    const view = asOneHiddenLayer(
      empiricalRisk({
        network,
        data: dataset(
          points.map((p) => p.map((x) => rational(x))),
          points.map(() => [zero])
        )
      })
    )
    if ('kind' in view) throw new Error(view.reason)
    return view
  }
  const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n, k - 1) * (n - k + 1)) / k)

  test('are as many as Cover counts in general position', () => {
    // Points on the moment curve are in general position.
    for (const [n, d] of [
      [1, 1],
      [5, 1],
      [6, 2],
      [7, 2],
      [6, 3]
    ] as const) {
      const points = Array.from({ length: n }, (_, i) =>
        Array.from({ length: d }, (_, k) => BigInt(i - 2) ** BigInt(k + 1))
      )
      const expected = 2 * Array.from({ length: d + 1 }, (_, k) => choose(n - 1, k)).reduce((a, b) => a + b, 0)
      expect(activationCells(viewOf(points)).length).toBe(expected)
    }
  })

  test('are all that random parameters meet, each with its witness', () => {
    fc.assert(
      fc.property(
        seeds,
        fc.boolean(),
        fc.array(fc.tuple(fc.bigInt({ min: -2n, max: 2n }), fc.bigInt({ min: -2n, max: 2n })), {
          minLength: 1,
          maxLength: 6
        }),
        (seed, bias, points) => {
          const view = viewOf(points, bias)
          const cells = activationCells(view)
          const key = (w: readonly bigint[]) =>
            points
              .map((_, i) => w.reduce((sum, a, k) => sum + a * view.extended[i * view.width + k]!, 0n))
              .map((z) => (z > 0n ? 1 : z < 0n ? -1 : 0))
              .join()
          const known = new Set(cells.map((c) => c.signs.join()))
          expect(known.size).toBe(cells.length)
          for (const { signs, witness } of cells) expect(key(witness)).toBe(signs.join())
          const random = randomStream(seed)
          for (let trial = 0; trial < 60; trial++) {
            const w = Array.from({ length: view.width }, () => BigInt(Math.floor(2001 * random()) - 1000))
            const signs = key(w)
            const onWall = points.some((_, i) => {
              const row = view.extended.slice(i * view.width, (i + 1) * view.width)
              return row.some((x) => x !== 0n) && signs.split(',')[i] === '0'
            })
            if (!onWall) expect(known.has(signs)).toBe(true)
          }
        }
      ),
      { numRuns: 40 }
    )
  })
})

/** Small integers everywhere: half of all points lie on walls. */
function wallCase(
  seed: number,
  sizes: readonly number[],
  activation: Activation,
  decay: bigint
): { problem: Problem; point: ExactPoint } {
  const random = randomStream(seed)
  const small = () => rational(BigInt(Math.floor(5 * random()) - 2))
  const n = 4
  const network = denseNetwork(sizes, activation)
  const rows = (width: number) => Array.from({ length: n }, () => Array.from({ length: width }, small))
  const problem = empiricalRisk({
    network,
    data: dataset(rows(sizes[0]!), rows(sizes.at(-1)!)),
    reduction: seed % 2 === 0 ? 'sum' : 'mean',
    weightDecay: rational(decay, 3n),
    decayBiases: seed % 3 !== 0
  })
  return { problem, point: integerPoint(network, random, 1) }
}

/** The point with t times a direction added to the parameters of one layer (unit by unit, weights then bias). */
function movedInLayer(
  problem: Problem,
  point: ExactPoint,
  l: number,
  direction: readonly bigint[],
  t: Rational
): ExactPoint {
  const network = asLayered(problem.network)
  if (network.kind === 'obstacle') throw new Error(network.reason)
  const layer = network.layers[l]!
  const flat = new Array<bigint>(network.parameters).fill(0n)
  for (const [k, at] of Array.from({ length: layer.outputs }, (_, u) => incomingIndices(layer, u))
    .flat()
    .entries())
    flat[at] = direction[k]!
  let at = 0
  return {
    kind: 'exact',
    tensors: point.tensors.map(({ denominator, numerators }) => ({
      denominator: denominator * t.denominator,
      numerators: numerators.map((a) => a * t.denominator + flat[at++]! * t.numerator * denominator)
    }))
  }
}

describe('partial minima', () => {
  const shapes = [
    [[1, 2, 1], relu, 0n],
    [[2, 2, 1], leakyRelu(rational(1n, 2n)), 1n],
    [[1, 2, 2, 1], relu, 0n],
    [[2, 2, 2], absoluteValue, 2n],
    [[1, 1, 2, 1, 1], relu, 1n]
  ] as const

  test('a layer that can do better is moved down, one that cannot is not beaten by any small move; exactly', () => {
    const seen = { minimum: 0, descent: 0, undecided: 0 }
    fc.assert(
      fc.property(seeds, fc.constantFrom(...shapes), (seed, [sizes, activation, decay]) => {
        const { problem, point } = wallCase(seed, sizes, activation, decay)
        const piece = pieceAt(problem, point)
        if (piece.kind === 'obstacle') throw new Error(piece.reason)
        const verdicts = partialMinimum(piece)
        if ('kind' in verdicts) throw new Error(verdicts.reason)
        const risk = exactRisk(problem, point)
        const random = randomStream(seed)
        for (const verdict of verdicts) {
          seen[verdict.kind]++
          const after = (direction: readonly bigint[], t: Rational) =>
            exactRisk(problem, movedInLayer(problem, point, verdict.layer, direction, t))
          if (verdict.kind === 'descent') {
            let t = one
            let lower = false
            for (let k = 0; k < 60 && !lower; k++, t = multiply(t, rational(1n, 4n)))
              lower = compare(after(verdict.direction, t), risk) < 0
            expect(lower).toBe(true)
          } else if (verdict.kind === 'minimum') {
            const layer = piece.layers[verdict.layer]!.layer
            const size = layer.outputs * (layer.inputs + 1)
            for (let trial = 0; trial < 20; trial++) {
              const direction = Array.from({ length: size }, () => BigInt(Math.floor(7 * random()) - 3))
              for (const t of [rational(1n, 64n), rational(1n, 65536n)])
                expect(compare(after(direction, t), risk)).toBeGreaterThanOrEqual(0)
            }
          }
        }
      }),
      { numRuns: 50 }
    )
    expect(Math.min(seen.minimum, seen.descent)).toBeGreaterThan(0)
  })

  test('the multipliers are not negative and there is one set for every adjacent piece', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { problem, point } = wallCase(seed, [1, 2, 1], relu, 0n)
        const piece = pieceAt(problem, point)
        if (piece.kind === 'obstacle') throw new Error(piece.reason)
        const verdicts = partialMinimum(piece)
        if ('kind' in verdicts) throw new Error(verdicts.reason)
        for (const verdict of verdicts) {
          if (verdict.kind !== 'minimum') continue
          for (const { multipliers } of verdict.pieces)
            for (const m of multipliers.numerators) expect(m >= 0n).toBe(true)
          if (verdict.layer !== 0) continue
          const expected = [0, 1].reduce((sum, u) => sum + 2 ** piece.walls.filter((w) => w.unit === u).length, 0)
          expect(verdict.pieces.length).toBe(expected)
        }
      }),
      { numRuns: 60 }
    )
  })

  test('every local minimum is a partial minimum of every layer', () => {
    let minima = 0
    fc.assert(
      fc.property(seeds, (seed) => {
        const { problem, point } = wallCase(seed, [1, 2, 1], relu, 0n)
        const view = asOneHiddenLayer(problem)
        if ('kind' in view) throw new Error(view.reason)
        // Units that just touch their last sample, and the mean as output: often a minimum on walls.
        const [weight, , outer] = point.tensors
        const x = Array.from({ length: view.samples }, (_, i) => view.extended[i * view.width]! / view.scale)
        const bias = weight!.numerators.map((w) => -x.map((a) => w * a).reduce((p, q) => (p > q ? p : q)))
        const { numerators, denominator } = problem.data.targets
        const mean = { denominator: 4n * denominator, numerators: [numerators.reduce((p, q) => p + q)] }
        const touching: ExactPoint = {
          kind: 'exact',
          tensors: [weight!, { denominator: 1n, numerators: bias }, outer!, mean]
        }
        const { kind } = decide(locate(view, touching))
        if (kind !== 'local-minimum' && kind !== 'global-minimum') return
        minima++
        const piece = pieceAt(problem, touching)
        if (piece.kind === 'obstacle') throw new Error(piece.reason)
        expect(piece.walls.length).toBeGreaterThan(0)
        const verdicts = partialMinimum(piece)
        if ('kind' in verdicts) throw new Error(verdicts.reason)
        for (const verdict of verdicts) expect(verdict.kind).toBe('minimum')
      }),
      { numRuns: 200 }
    )
    expect(minima).toBeGreaterThan(0)
  })

  test('the origin of (w1 w2 - 1)^2 / 2 + (w1^2 + w2^2) / 4 is one, and a saddle all the same', () => {
    const problem = empiricalRisk({
      network: denseNetwork([1, 1, 1], leakyRelu(one), false),
      data: dataset([[one]], [[one]]),
      weightDecay: rational(1n, 2n)
    })
    const at = (w: Rational): ExactPoint => ({
      kind: 'exact',
      tensors: [w, w].map((x) => ({ denominator: x.denominator, numerators: [x.numerator] }))
    })
    const piece = pieceAt(problem, at(zero))
    if (piece.kind === 'obstacle') throw new Error(piece.reason)
    expect(piece.walls).toEqual([])
    const verdicts = partialMinimum(piece)
    expect(verdicts).toMatchObject([{ kind: 'minimum' }, { kind: 'minimum' }])
    expect(compare(exactRisk(problem, at(rational(1n, 10n))), exactRisk(problem, at(zero)))).toBe(-1)
  })

  test('walls are the zeros of the pre-activations', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { problem, point } = wallCase(seed, [1, 2, 2, 1], relu, 0n)
        const piece = pieceAt(problem, point)
        if (piece.kind === 'obstacle') throw new Error(piece.reason)
        const zeros = piece.layers
          .slice(0, -1)
          .reduce((sum, { z }) => sum + z.rows.flat().filter((t) => t === 0n).length, 0)
        expect(piece.walls.length).toBe(zeros)
        expect(toNumber(lossExactly(problem, point))).toBeGreaterThanOrEqual(0)
      })
    )
  })
})
