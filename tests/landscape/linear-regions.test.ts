import { readFileSync } from 'node:fs'
import { add, multiply, one, parseExact, type Rational, rational, subtract, zero } from '@nadir/arithmetic'
import { type LinearRegion, linearRegions, type Network, relu, toExact } from '@nadir/landscape'
import { expect, test } from 'vitest'

const reference = JSON.parse(readFileSync(new URL('../reference/linear-regions.json', import.meta.url), 'utf8'))
const sizes: readonly number[] = reference.sizes
const [low, high] = reference.box.map((text: string) => parseExact(text)!)

function doubleArea({ corners }: LinearRegion): Rational {
  let sum = zero
  for (const [k, p] of corners.entries()) {
    const q = corners[(k + 1) % corners.length]!
    sum = add(sum, subtract(multiply(p.s, q.t), multiply(q.s, p.t)))
  }
  return sum
}

// Programs that list regions differ here: one counts 3267, two count 3338. Both are right: the second number is that of the pieces when the zero set of the output cuts as well.
test.each([
  ['the network', reference.regions, false],
  ['the network with the sign of its output', reference.regionsCutByTheZeroSetOfTheOutput, true]
])('a published network of three layers of 32 units: all regions of %s', (_, count, cutByOutput) => {
  const bytes = Buffer.from(reference.parameters, 'base64')
  const values = Float64Array.from({ length: bytes.length / 4 }, (_, k) => bytes.readFloatLE(4 * k))
  const network: Network = {
    inputs: [sizes[0]!],
    layers: sizes.slice(1).flatMap((outputs, l) => [
      { kind: 'dense' as const, outputs, bias: true },
      // A rectifier behind the output cuts where the output is zero.
      ...(cutByOutput || l < sizes.length - 2 ? [{ kind: 'activation' as const, activation: relu }] : [])
    ])
  }
  const plane = { origin: [zero, zero], first: [one, zero], second: [zero, one], box: [low, high, low, high] } as const
  const answer = linearRegions(network, toExact(network, { kind: 'float', values }), plane)
  if (answer.kind === 'obstacle') throw new Error(answer.reason)
  expect(answer.regions.length).toBe(count)
  expect(new Set(answer.regions.map(({ pattern }) => pattern)).size).toBe(count)
  const side = subtract(high, low)
  // They cover the box.
  expect(pairwise(answer.regions.map(doubleArea))).toEqual(multiply(rational(2n), multiply(side, side)))
})

/** The sum in pairs, so that denominators grow late. */
const pairwise = (terms: readonly Rational[]): Rational =>
  terms.length === 1
    ? terms[0]!
    : add(pairwise(terms.slice(0, terms.length >> 1)), pairwise(terms.slice(terms.length >> 1)))
