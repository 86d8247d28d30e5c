import {
  add,
  entry,
  integerMatrix,
  multiply,
  one,
  rankOf,
  rational,
  sign,
  subtract,
  toNumber,
  zero
} from '@nadir/arithmetic'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dataset } from '../data/dataset.ts'
import { relu } from '../network/activation.ts'
import { empiricalRisk } from '../problem.ts'
import { dependentKinks, splitDependent, withDependent } from './dependent-kinks.ts'
import { asKinkNetwork, type Kink, type KinkNetwork } from './kink-network.ts'

const dense = (outputs: number, bias: boolean) => ({ kind: 'dense', outputs, bias }) as const

const networkOf = (xs: readonly (readonly number[])[], bias: boolean, denominator: bigint): KinkNetwork =>
  asKinkNetwork(
    empiricalRisk({
      network: {
        inputs: [xs[0]!.length],
        layers: [dense(2, bias), { kind: 'activation', activation: relu }, dense(1, bias)]
      },
      data: dataset(
        xs.map((row) => row.map((x) => rational(BigInt(x), denominator))),
        xs.map(() => [one])
      ),
      reduction: 'sum'
    })
  ) as KinkNetwork

test('kinks follow from others where the rank of the inputs says so, exactly, and their coefficients give their inputs', () => {
  fc.assert(
    fc.property(
      fc.record({
        xs: fc.integer({ min: 1, max: 3 }).chain((width) =>
          fc.array(fc.array(fc.integer({ min: -2, max: 2 }), { minLength: width, maxLength: width }), {
            minLength: 3,
            maxLength: 12
          })
        ),
        count: fc.integer({ min: 1, max: 4 }),
        bias: fc.boolean(),
        denominator: fc.constantFrom(1n, 3n, 1000n)
      }),
      ({ xs, count, bias, denominator }) => {
        const network = networkOf(xs, bias, denominator)
        const extended = xs.map((row) => (bias ? [...row, Number(denominator)] : row).map(BigInt))
        const width = extended[0]!.length
        const rank = (rows: readonly (readonly bigint[])[]) => rankOf(integerMatrix(rows.length, width, rows.flat()))
        const isVoid = (i: number) => extended[i]!.every((x) => x === 0n)
        const held = [...xs.keys()].filter((i) => i < count && !isVoid(i))
        const kinks = held.map((sample): Kink => ({ layer: 0, unit: 1, sample }))
        const isHeld = (i: number) => held.some((h) => extended[h]!.join() === extended[i]!.join())
        const rows = held.map((i) => extended[i]!)
        const follows = [...xs.keys()].filter(
          (i) => held.length > 0 && !isVoid(i) && !isHeld(i) && rank([...rows, extended[i]!]) === rank(rows)
        )
        const groups = dependentKinks(network, kinks)
        const found = groups.flatMap((group) =>
          group.kinks.flatMap(({ sample, twins = [] }) => [sample, ...twins.map((place) => Math.floor(place / 2))])
        )
        expect(found.sort((a, b) => a - b)).toEqual(follows)
        for (const { of, kinks: following, coefficients } of groups)
          for (const [d, { sample }] of following.entries())
            for (let k = 0; k < width; k++) {
              const given = of.reduce((all, a, m) => all + coefficients[d]![m]! * Number(extended[held[a]!]![k]), 0)
              expect(given).toBeCloseTo(Number(extended[sample]![k]), 7)
            }
        // One of each family of equal inputs.
        const rowOf = (i: number) => extended[i]!.join()
        const all = withDependent(network, kinks).filter(
          ({ sample }, a, list) => list.findIndex((other) => rowOf(other.sample) === rowOf(sample)) === a
        )
        const { independent, dependent } = splitDependent(network, all)
        expect(independent.length + dependent.length).toBe(all.length)
        expect(independent.length).toBe(rank(rows))
        for (const { kink, of, combination } of dependent)
          for (let k = 0; k < width; k++) {
            const given = of.map(({ sample }, m) => multiply(entry(combination, m), rational(extended[sample]![k]!)))
            const rest = subtract(given.reduce(add, zero), rational(extended[kink.sample]![k]!))
            expect(sign(rest), `${toNumber(rest)}`).toBe(0)
          }
      }
    ),
    { numRuns: 150 }
  )
})
