import { networkName, parameterCount } from '@nadir/landscape'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { InputError } from '../errors.ts'
import { bfloatToNumber, halfToNumber } from '../small-floats.ts'
import { doubleSlopes, exactModels, floatModels, fractions } from '../testing/arbitrary-network.ts'
import { decodeSafetensors } from './decode.ts'
import { encodeSafetensors } from './encode.ts'
import { decodeHeader } from './header.ts'

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

/** A file with this header text and data of that many bytes (or these bytes). */
function file(header: string, data: number | Uint8Array = 0): Uint8Array {
  const text = utf8(header)
  const body = typeof data === 'number' ? new Uint8Array(data) : data
  const bytes = new Uint8Array(8 + text.length + body.length)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true)
  bytes.set(text, 8)
  bytes.set(body, 8 + text.length)
  return bytes
}

/** A file of F64 tensors with these shapes in this order, numbered 1, 2, 3, ... throughout. */
function numberedFile(shapes: Readonly<Record<string, readonly number[]>>): Uint8Array {
  let end = 0
  const header = Object.entries(shapes).map(([name, shape]) => {
    const start = end
    end += 8 * shape.reduce((a, b) => a * b, 1)
    return [name, { dtype: 'F64', shape, data_offsets: [start, end] }]
  })
  const data = new Float64Array(end / 8).map((_, i) => i + 1)
  return file(JSON.stringify(Object.fromEntries(header)), new Uint8Array(data.buffer))
}

const values = (bytes: Uint8Array, network: string): number[] => {
  const { parameters } = decodeSafetensors(bytes, 'm.safetensors', { network })
  return parameters.kind === 'float' ? [...parameters.values] : []
}

test('any doubles read back bit for bit, with their architecture', () => {
  expect(Float64Array.of(-0)).not.toEqual(Float64Array.of(0))
  fc.assert(
    fc.property(floatModels(fractions), (model) => {
      const { bytes, notes } = encodeSafetensors(model)
      const back = decodeSafetensors(bytes, 'm.safetensors')
      expect(notes).toEqual([])
      expect(back).toEqual({ ...model, notes: [] })
    })
  )
})

test('exact parameters are rounded to the nearest doubles, and that is said', () => {
  fc.assert(
    fc.property(exactModels(doubleSlopes), ({ network, parameters }) => {
      const { bytes, notes } = encodeSafetensors({ network, parameters })
      const back = decodeSafetensors(bytes, 'm.safetensors')
      const again = encodeSafetensors(back)
      expect(again.bytes).toEqual(bytes)
      expect(again.notes).toEqual([])
      if (
        parameters.kind === 'exact' &&
        parameters.tensors.some((t) => t.numerators.some((n) => n % t.denominator !== 0n && t.denominator % 2n === 1n))
      )
        expect(notes.join()).toMatch(/^parameters rounded to the nearest doubles; the largest change is about \d/)
    }),
    { numRuns: 50 }
  )
})

test('tensors are matched as Sequential numbers them, whatever their order in the file', () => {
  // 0.weight is 1..4, 0.bias 5..6 where written in that order.
  const orders: readonly (readonly string[])[] = [
    ['0.weight', '0.bias', '2.weight', '2.bias'],
    ['2.bias', '0.bias', '2.weight', '0.weight']
  ]
  const shapes: Record<string, number[]> = { '0.weight': [2, 2], '0.bias': [2], '2.weight': [1, 2], '2.bias': [1] }
  expect(values(numberedFile(Object.fromEntries(orders[0].map((n) => [n, shapes[n]]))), '2-2-1 relu')).toEqual([
    1, 2, 3, 4, 5, 6, 7, 8, 9
  ])
  expect(values(numberedFile(Object.fromEntries(orders[1].map((n) => [n, shapes[n]]))), '2-2-1 relu')).toEqual([
    6, 7, 8, 9, 2, 3, 4, 5, 1
  ])
})

test('layer numbers are numbers: 10 comes after 2', () => {
  const bytes = numberedFile({ 'net.10.weight': [1, 1], 'net.2.weight': [1, 1], 'net.0.weight': [1, 1] })
  expect(values(bytes, '1-1-1-1 relu, no biases')).toEqual([3, 2, 1])
})

test('other names are taken in the order of the file, biases apart from weights, and that is said', () => {
  const bytes = numberedFile({ a: [1], first: [1, 2], b: [1], second: [1, 1] })
  const { parameters, notes } = decodeSafetensors(bytes, 'm.safetensors', { network: '2-1-1 abs' })
  expect(parameters).toEqual({ kind: 'float', values: Float64Array.of(2, 3, 1, 5, 4) })
  expect(notes).toEqual([
    'tensors matched to layers in the order of the file: first is the weight of layer 0, a is the bias of layer 0, ' +
      'second is the weight of layer 2, b is the bias of layer 2'
  ])
})

test('a description names tensors, also those stored [in, out]', () => {
  const bytes = numberedFile({ W1: [2, 3], W2: [3, 1], b1: [3] })
  const description = {
    name: 'm.json',
    bytes: utf8('{"layers":[["affine","W1","b1"],["leaky-relu",0.1],["affine","W2",null]]}')
  }
  const { network, parameters } = decodeSafetensors(bytes, 'm.safetensors', { description })
  expect(networkName(network)).toBe('2-3-1 leaky-relu:1/10, some biases missing')
  expect(parameters).toEqual({ kind: 'float', values: Float64Array.of(1, 4, 2, 5, 3, 6, 10, 11, 12, 7, 8, 9) })
  const wrong = (text: string, message: string) =>
    expect(() =>
      decodeSafetensors(bytes, 'm.safetensors', { description: { name: 'm.json', bytes: utf8(text) } })
    ).toThrow(message)
  wrong(
    '{"layers":[["affine","W1","b1"],["relu"],["affine","W1",null]]}',
    'm.json: layers[2][1]: tensor "W1" is used twice'
  )
  wrong('{"layers":[["affine","W3","b1"]]}', 'm.json: layers[0][1]: m.safetensors has no tensor "W3"')
  wrong('{"layers":[["affine","W1","b1"]]}', 'm.json: no layer uses tensor "W2" of m.safetensors')
  wrong(
    '{"layers":[["affine","W1","b1"],["linear","W2",null]]}',
    'tensor "W2" is [3, 1], but the weight of layer 1 of "2-3-3 linear'
  )
  wrong('{"layers":[["relu"],["affine","W1","b1"],["affine","W2",null]]}', '"inputShape" is needed')
  wrong('{"layers":[["softmax"]]}', 'm.json: layers[0]: unknown activation "softmax"')
})

test('half floats and brain floats are exact', () => {
  // IEEE 754 binary16: largest, smallest normal, smallest subnormal, one third.
  expect([0x7bff, 0x0400, 0x0001, 0x3555, 0x8000, 0xc000].map(halfToNumber)).toEqual([
    65504,
    2 ** -14,
    2 ** -24,
    0.333251953125,
    -0,
    -2
  ])
  expect([halfToNumber(0x7c00), halfToNumber(0x7e00)]).toEqual([Number.POSITIVE_INFINITY, Number.NaN])
  // 16 high bits of a float32.
  expect([0x3f80, 0xc049, 0x0001].map(bfloatToNumber)).toEqual([1, -3.140625, 2 ** -133])
  const header =
    '{"0.weight":{"dtype":"F16","shape":[1,2],"data_offsets":[0,4]},"0.bias":{"dtype":"BF16","shape":[1],"data_offsets":[4,6]}}'
  const model = decodeSafetensors(file(header, Uint8Array.of(0x55, 0x35, 0, 0xc0, 0x49, 0xc0)), 'm', {
    network: '2-1 linear'
  })
  expect(model.parameters).toEqual({ kind: 'float', values: Float64Array.of(0.333251953125, -2, -3.140625) })
  expect(model.notes).toEqual([
    'parameters are stored as float16; their exact values are used',
    'parameters are stored as bfloat16; their exact values are used'
  ])
})

test('the header is checked to the last byte', () => {
  const one = '{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}'
  expect(decodeHeader(file(one, 8), 'm').tensors).toEqual([{ name: 'a', type: 'F64', shape: [1], start: 62, end: 70 }])
  expect(decodeHeader(file(`${one}   `, 8), 'm').tensors.length).toBe(1)
  const cases: readonly (readonly [Uint8Array, string])[] = [
    [Uint8Array.of(1, 2, 3), 'm: byte 0: too short'],
    [file(one, 8).fill(0xff, 0, 8), 'm: byte 0: a header of 18446744073709551615 bytes does not fit into 70 bytes'],
    [file(one, 7), 'm: byte 62: tensor "a" ends at byte 70, past the end (69)'],
    [file(one, 9), 'm: byte 70: 1 bytes belong to no tensor'],
    [file(one.replace('[0,8]', '[8,16]'), 16), 'm: byte 71: tensor "a" should begin at byte 63'],
    [file(one.replace('[0,8]', '[8,0]'), 8), 'needs 8 bytes, not -8'],
    [file(one.replace('[0,8]', '[-8,0]'), 8), 'data_offsets[0]: expected a whole number, at least 0, found -8'],
    [file(one.replace('[1]', '[2]'), 8), 'shape [2] of F64 needs 16 bytes, not 8'],
    [file(one.replace('[1]', '[9007199254740991,9007199254740991]'), 8), 'needs'],
    [file(one.replace('F64', 'F65'), 8), 'unknown dtype "F65"'],
    [file(one.replace('F64', 'toString'), 8), 'unknown dtype "toString"'],
    [
      file(
        '{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"b":{"dtype":"F64","shape":[1],"data_offsets":[4,12]}}',
        12
      ),
      'tensor "b" should begin at byte'
    ],
    [file('{"a":1,"a":2}'), '"a" is there twice'],
    [file('{"a":1}'), 'expected an object, found 1'],
    [file('[]'), 'expected an object, found a list'],
    [file('{'), 'm: header (at byte 8): line 1, column 2']
  ]
  for (const [bytes, message] of cases) {
    expect(() => decodeHeader(bytes, 'm')).toThrow(InputError)
    expect(() => decodeHeader(bytes, 'm')).toThrow(message)
  }
})

test('tensors that do not fit the network are named', () => {
  const bytes = numberedFile({ '0.weight': [2, 3], '0.bias': [2] })
  const wrong = (network: string | undefined, message: string) =>
    expect(() => decodeSafetensors(bytes, 'm.safetensors', { network })).toThrow(message)
  wrong(
    '2-2 linear',
    'm.safetensors: byte 132: tensor "0.weight" is [2, 3], but the weight of layer 0 of "2-2 linear" is [2, 2]'
  )
  wrong(
    '3-2-1 relu',
    'holds 1 weights and 1 biases, but "3-2-1 relu" has 2 weights and 2 biases: 0.weight [2, 3], 0.bias [2]'
  )
  wrong('3-2 linear, no biases', 'has 1 weights and 0 biases')
  wrong(undefined, 'safetensors carry no architecture: give one, such as --network "3-2 relu", or put m.json beside it')
  const nan = numberedFile({ '0.weight': [1, 1] }).fill(0xff, -8)
  expect(() => decodeSafetensors(nan, 'm', { network: '1-1 linear, no biases' })).toThrow(
    'tensor "0.weight": entry 0 is NaN'
  )
  expect(parameterCount(decodeSafetensors(bytes, 'm', { network: '3-2 linear' }).network)).toBe(8)
})
