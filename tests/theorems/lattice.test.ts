import { readFileSync } from 'node:fs'
import { compare, overCommonDenominator, rational, toText } from '@nadir/arithmetic'
import {
  dataset,
  type ExactPoint,
  empiricalRisk,
  evaluateExactly,
  type Network,
  randomStream,
  relu,
  twoSlope
} from '@nadir/landscape'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AffineMap } from '../../packages/landscape/src/constructions/affine-map.ts'
import { maxMinForm } from '../../packages/landscape/src/constructions/lattice/max-min-form.ts'
import { maxMinNetwork } from '../../packages/landscape/src/constructions/lattice/max-min-network.ts'
import {
  coefficients,
  greatestLeast,
  joinedSamples,
  mapAt,
  networkFunction,
  type PiecewiseLinear
} from '../../packages/landscape/src/constructions/lattice/piecewise-linear.ts'
import { denseNetwork, exact, exactMatrix, type LayerTexts, pointOf, type Texts } from '../landscape/matrices.ts'
import { builtPoints, claimsOf, construct } from './building.ts'

const { kinds } = JSON.parse(readFileSync(new URL('../reference/constructions.json', import.meta.url), 'utf8'))

interface Net {
  readonly layers: readonly LayerTexts[]
}
interface Instance {
  readonly id: string
  readonly pieces: Texts
  readonly S: readonly (readonly number[])[]
  readonly order_cell_points: Texts
  readonly net: Net
  readonly source_net?: Net
  readonly breakpoints?: readonly string[]
  readonly activation_regions?: number
}

const homogeneous = (row: readonly (string | number)[]): bigint[] => {
  const { denominator, numerators } = overCommonDenominator(row.map(exact))
  return [...numerators, denominator]
}

/** Pieces and sets whatever the order of the pieces. */
const named = (pieces: readonly AffineMap[], sets: readonly (readonly number[])[]): string[] =>
  sets
    .map((set) =>
      set
        .map((j) => coefficients(pieces[j]!).map(toText).join())
        .sort()
        .join(' ')
    )
    .sort()

const texts = (tensors: ExactPoint['tensors']) =>
  tensors.map(({ denominator, numerators }) => numerators.map((a) => toText(rational(a, denominator))))

describe('reference instances', () => {
  const instances = kinds.lattice.instances as Instance[]
  test.each(instances)('$id: pieces, sets, cells and network', (instance) => {
    const pieces = instance.pieces.map((row) => overCommonDenominator(row.map(exact)))
    const source = functionOf(instance, pieces)
    const form = maxMinForm(source, 1000)
    if (form.kind !== 'max-min') throw new Error(form.what)
    expect(named(form.pieces, form.sets)).toEqual(named(pieces, instance.S))
    expect(form.points.length).toBe(instance.order_cell_points.length)
    if (instance.activation_regions !== undefined) expect(source.regions).toBe(instance.activation_regions)
    for (const row of instance.order_cell_points) {
      const point = homogeneous(row)
      const values = form.pieces.map((piece) => mapAt(piece, point))
      expect(greatestLeast(form.sets, values)).toEqual(source.at(point))
    }
    // With pieces and sets in the order of the instance the network is the instance's.
    const { point } = maxMinNetwork({ kind: 'max-min', pieces, sets: instance.S, points: [] })
    expect(texts(point.tensors)).toEqual(texts(pointOf(instance.net.layers).tensors))
  })

  function functionOf({ source_net, breakpoints }: Instance, pieces: readonly AffineMap[]): PiecewiseLinear {
    if (source_net) {
      const found = networkFunction(denseNetwork(source_net.layers, relu), pointOf(source_net.layers), 1000)
      if ('kind' in found) throw new Error(found.what)
      return found
    }
    // The pieces in the order of the breakpoints, joined there; one more knot beyond each end.
    const corners = breakpoints!.map((text, k) => [exact(text), mapAt(pieces[k]!, homogeneous([text]))] as const)
    const end = (x: string, k: number) => [exact(x), mapAt(pieces[k]!, homogeneous([x]))] as const
    const knots = [end('-10', 0), ...corners, end('10', pieces.length - 1)]
    return joinedSamples(
      dataset(
        knots.map(([x]) => [x]),
        knots.map(([, y]) => [y])
      )
    )!
  }
})

/** A random network with small integer parameters. */
const networkCase = fc
  .record({
    inputs: fc.integer({ min: 1, max: 3 }),
    hidden: fc.constantFrom([2], [3], [2, 2]),
    slopes: fc.constantFrom<readonly [bigint, bigint]>([1n, 0n], [1n, -1n], [2n, 1n]),
    seed: fc.integer({ min: 1, max: 1_000_000 })
  })
  .filter(({ inputs, hidden }) => inputs < 3 || hidden.length === 1)
  .map(({ inputs, hidden, slopes, seed }) => {
    const random = randomStream(seed)
    const sizes = [inputs, ...hidden, 1]
    const activation = twoSlope(rational(slopes[0]), rational(slopes[1]))
    const network: Network = {
      inputs: [inputs],
      layers: sizes
        .slice(1)
        .flatMap((outputs, l) => [
          { kind: 'dense' as const, outputs, bias: true },
          ...(l < hidden.length ? [{ kind: 'activation' as const, activation }] : [])
        ])
    }
    const integers = (length: number) => Array.from({ length }, () => BigInt(Math.floor(7 * random())) - 3n)
    const tensors = sizes.slice(1).flatMap((outputs, l) => [
      { denominator: 2n, numerators: integers(outputs * sizes[l]!) },
      { denominator: 3n, numerators: integers(outputs) }
    ])
    return { network, point: { kind: 'exact' as const, tensors }, random }
  })

test('the form and the compiled network are the network, at cell points and elsewhere', () => {
  let built = 0
  fc.assert(
    fc.property(networkCase, ({ network, point, random }) => {
      const construction = construct('lattice', { model: { network, point }, numbers: { cells: rational(400n) } })
      if (construction.kind === 'refused') {
        expect(construction.found).toMatch(/more than 400 cells/)
        return
      }
      built++
      const points = builtPoints(construction)
      expect(claimsOf(points)).toEqual(['global-minimum', 'global-minimum'])
      const inputs = Array.from({ length: 12 }, () =>
        Array.from({ length: network.inputs[0]! }, () => rational(BigInt(Math.floor(41 * random())) - 20n, 7n))
      )
      const elsewhere = dataset(
        inputs,
        inputs.map(() => [rational(0n)])
      )
      const [compiled, original] = points.map(({ problem, point: at }) => {
        const { values } = evaluateExactly(empiricalRisk({ network: problem.network, data: elsewhere }), at)
        const outputs = values.at(-1)!
        return outputs.rows.map(([f]) => rational(f!, outputs.denominator))
      })
      expect(compiled).toEqual(original)
    }),
    { numRuns: 30 }
  )
  expect(built).toBeGreaterThan(10)
})

test('a table of corners becomes a network through all of them', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: -20, max: 20 }), { minLength: 2, maxLength: 6 }),
      fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 6, maxLength: 6 }),
      (xs, ys) => {
        const data = dataset(
          xs.map((x) => [rational(BigInt(x), 2n)]),
          xs.map((_, k) => [rational(BigInt(ys[k]!))])
        )
        const construction = construct('lattice', { data })
        const [compiled] = builtPoints(construction)
        const { loss } = evaluateExactly(empiricalRisk({ network: compiled!.problem.network, data }), compiled!.point)
        expect(compare(loss, rational(0n))).toBe(0)
      }
    ),
    { numRuns: 30 }
  )
})

test('a list of affine pieces becomes its max-min form and a network, in one to three dimensions', () => {
  const integer = fc.integer({ min: -3, max: 3 })
  const cases = fc
    .record({ inputs: fc.integer({ min: 1, max: 3 }), count: fc.integer({ min: 1, max: 4 }) })
    .chain(({ inputs, count }) =>
      fc.record({
        maps: fc.array(fc.array(integer, { minLength: inputs + 1, maxLength: inputs + 1 }), {
          minLength: count,
          maxLength: count
        }),
        sets: fc.array(fc.uniqueArray(fc.integer({ min: 0, max: count - 1 }), { minLength: 1 }), {
          minLength: 1,
          maxLength: 3
        }),
        x: fc.array(integer, { minLength: inputs, maxLength: inputs })
      })
    )
  fc.assert(
    fc.property(cases, ({ maps, sets, x }) => {
      const pieces = { maps: maps.map((map) => map.map((a) => rational(BigInt(a)))), sets }
      const [compiled] = builtPoints(construct('lattice', { pieces }))
      const slow = Math.max(
        ...sets.map((set) =>
          Math.min(...set.map((j) => x.reduce((sum, a, k) => sum + a * maps[j]![k]!, maps[j]!.at(-1)!)))
        )
      )
      const data = dataset([x.map((a) => rational(BigInt(a)))], [[rational(BigInt(slow))]])
      const { loss } = evaluateExactly(empiricalRisk({ network: compiled!.problem.network, data }), compiled!.point)
      expect(loss.numerator).toBe(0n)
    }),
    { numRuns: 40 }
  )
})

test('refuses what is not piecewise linear, several outputs, equal inputs', () => {
  const data = dataset(exactMatrix([[1], [1]]), exactMatrix([[1], [2]]))
  expect(construct('lattice', { data })).toMatchObject({
    kind: 'refused',
    found: expect.stringContaining('equal inputs')
  })
  expect(construct('lattice', {})).toMatchObject({ kind: 'refused', found: 'no file' })
  const network: Network = {
    inputs: [1],
    layers: [
      { kind: 'dense', outputs: 1, bias: true },
      { kind: 'activation', activation: { kind: 'smooth', name: 'tanh' } },
      { kind: 'dense', outputs: 1, bias: true }
    ]
  }
  const point: ExactPoint = {
    kind: 'exact',
    tensors: [1n, 0n, 1n, 0n].map((a) => ({ denominator: 1n, numerators: [a] }))
  }
  expect(construct('lattice', { model: { network, point } })).toMatchObject({ found: 'the activation tanh' })
  expect(
    construct('lattice', {
      model: { network: { inputs: [1], layers: [{ kind: 'dense', outputs: 2, bias: true }] }, point }
    })
  ).toMatchObject({ found: '2 outputs' })
})
