import { entry, fromNumber, rational, toText } from '@nadir/arithmetic'
import { networkName, type Point, parameterCount, toExact } from '@nadir/landscape'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { InputError } from '../errors.ts'
import { doubleSlopes, exactModels, floatModels, fractions, networks } from '../testing/arbitrary-network.ts'
import { parseJson } from './json.ts'
import { decodeDescription, decodeModelJson, describeNetwork, encodeModelJson } from './model-json.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const decode = (text: string) => decodeModelJson(bytes(text), 'm.json')
const entries = (point: Point): string[] => {
  if (point.kind !== 'exact') throw new Error('not exact')
  return point.tensors.flatMap((t) => t.numerators.map((_, i) => toText(entry(t, i))))
}

const small = `{ "inputs": 2,
  "layers": [ { "dense": { "weight": [["1","1/2"],["-3",0.1]], "bias": ["0","-1/7"] } },
              { "activation": "relu" },
              { "dense": { "weight": [["2","-1"]], "bias": ["1/3"] } } ] }`

test('a small model: fractions and decimals are exact', () => {
  const { network, parameters } = decode(small)
  expect(networkName(network)).toBe('2-2-1 relu')
  expect(entries(parameters)).toEqual(['1', '1/2', '-3', '1/10', '0', '-1/7', '2', '-1', '1/3'])
})

test('exact models read back as they were', () => {
  fc.assert(
    fc.property(exactModels(fractions), (model) => {
      const back = decodeModelJson(encodeModelJson(model).bytes, 'm.json')
      expect(back.network).toEqual(model.network)
      expect(entries(back.parameters)).toEqual(entries(model.parameters))
    })
  )
})

test('doubles are written as their exact values', () => {
  fc.assert(
    fc.property(floatModels(doubleSlopes), (model) => {
      const back = decodeModelJson(encodeModelJson(model).bytes, 'm.json')
      expect(back.network).toEqual(model.network)
      expect(entries(back.parameters)).toEqual(entries(toExact(model.network, model.parameters)))
    }),
    { numRuns: 50 }
  )
})

test('descriptions read back', () => {
  fc.assert(
    fc.property(networks(fractions), (network) => {
      expect(decodeDescription(parseJson(describeNetwork(network), 'd.json'), 'd.json')).toEqual(network)
    })
  )
})

test('convolution, pooling and activations as they may be written', () => {
  const { network } = decode(`{ "inputs": [1, 3, 3], "layers": [
    { "conv": { "weight": [[[[1, 2], [3, 4]]]], "bias": ["1/2"], "padding": [0, 1, 0, 1] } },
    { "activation": "leaky-relu", "slope": 0.1 }, { "averagePool": { "size": [2, 2] } }, { "flatten": true },
    { "activation": "identity" }, { "activation": "two-slope", "positive": "1", "negative": "1/4" },
    { "activation": "leaky-relu" }, { "activation": "two-slope:2,-1/3" }, { "activation": "gelu-tanh" },
    { "dense": { "weight": [[1e-1, "7"]] } } ] }`)
  const slope = (positive: bigint, negative: ReturnType<typeof rational>) => ({
    kind: 'activation',
    activation: { kind: 'two-slope', positive: rational(positive), negative }
  })
  expect(network).toEqual({
    inputs: [1, 3, 3],
    layers: [
      { kind: 'conv', outputs: 1, size: [2, 2], stride: [1, 1], padding: [0, 1, 0, 1], bias: true },
      slope(1n, rational(1n, 10n)),
      { kind: 'average-pool', size: [2, 2], stride: [2, 2] },
      { kind: 'flatten' },
      slope(1n, rational(1n, 4n)),
      slope(1n, rational(1n, 100n)),
      slope(2n, rational(-1n, 3n)),
      { kind: 'activation', activation: { kind: 'smooth', name: 'gelu-tanh' } },
      { kind: 'dense', outputs: 1, bias: false }
    ]
  })
  expect(parameterCount(network)).toBe(7)
})

test('what is wrong is named with its place', () => {
  const cases: readonly (readonly [string, string])[] = [
    [
      small.replace('"1/2"', '"1/0"'),
      'm.json: layers[0].dense.weight: expected a decimal, an integer or a fraction p/q, found "1/0"'
    ],
    [
      small.replace('"1/2"', 'true'),
      'm.json: layers[0].dense.weight[0][1]: expected a number or a fraction in quotes, found true'
    ],
    [small.replace('["1","1/2"]', '["1"]'), 'm.json: layers[0].dense.weight[1]: expected 1 entries, found 2'],
    [small.replace('"inputs": 2', '"inputs": 3'), 'layers[0].dense.weight: expected shape [2, 3], found [2, 2]'],
    [small.replace('"inputs": 2', '"inputs": 2.0'), 'inputs: expected a whole number, at least 1, found 2.0'],
    [small.replace('["1/3"]', '["1/3", 1]'), 'layers[2].dense.bias: expected shape [1], found [2]'],
    [small.replace('relu', 'rely'), 'm.json: layers[1]: unknown activation "rely"'],
    [small.replace('{ "activation"', '{ "slope": 1, "activation"'), 'layers[1]: unknown key "slope"'],
    [small.replace('"dense"', '"densely"'), 'layers[0]: unknown key "densely"'],
    ['{ "inputs": 2, "layers": [] }', 'm.json: the network has no layers'],
    ['{ "inputs": 2, "layers": [{ "activation": "relu" }] }', 'm.json: the network has no parameters'],
    ['{ "inputs": 2, "layers": [{ "dense": { "outputs": 2 } }] }', 'an architecture without numbers'],
    [
      '{ "inputs": 2, "layers": [{ "conv": { "weight": [[[[1]]]] } }] }',
      'layer 0 (conv) needs [channels, height, width]'
    ],
    ['{ "inputs": [1, 99999, 99999], "layers": [{ "conv": { "weight": [[[[1]]]] } }] }', 'too many values per sample'],
    ['[]', 'm.json: expected an object, found a list']
  ]
  for (const [text, message] of cases) {
    expect(() => decode(text)).toThrow(InputError)
    expect(() => decode(text)).toThrow(message)
  }
  expect(() => decodeModelJson(Uint8Array.of(0xff, 0xfe, 0), 'm.json')).toThrow('m.json: not a text file')
})

test('a denominator out of proportion is refused', () => {
  // Different primes-like denominators: the common one would take the square of the size of the file.
  const cells = Array.from({ length: 3000 }, (_, i) => `"1/${10n ** 300n + BigInt(2 * i + 1)}"`)
  expect(() => decode(`{ "inputs": 3000, "layers": [{ "dense": { "weight": [[${cells}]] } }] }`)).toThrow(
    'm.json: layers[0].dense.weight: the common denominator of these fractions is too long'
  )
})

test('the exact value of a double needs no rounding', () => {
  const network = { inputs: [1], layers: [{ kind: 'dense', outputs: 1, bias: false } as const] }
  const parameters = { kind: 'float', values: Float64Array.of(0.1) } as const
  expect(entries(decodeModelJson(encodeModelJson({ network, parameters }).bytes, 'x').parameters)).toEqual([
    toText(fromNumber(0.1))
  ])
})
