import { readFile } from 'node:fs/promises'
import { parameterCount, parameterShapes, toFloat } from '@nadir/landscape'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeTable } from './csv/decode.ts'
import { InputError } from './errors.ts'
import { decodeModelJson, encodeModelJson } from './json/model-json.ts'
import type { DecodedModel } from './model.ts'
import { decodeNumpyModel } from './numpy/decode.ts'
import { decodeOnnx } from './onnx/decode.ts'
import { decodePytorch } from './pytorch/decode.ts'
import { decodeSafetensors } from './safetensors/decode.ts'
import { encodeSafetensors } from './safetensors/encode.ts'

const examples = new URL('../../../examples/', import.meta.url)
const other = async (name: string): Promise<Uint8Array> =>
  new Uint8Array(await readFile(new URL(`../../../tests/files/${name}`, import.meta.url)))
const file = async (name: string): Promise<Uint8Array> => new Uint8Array(await readFile(new URL(name, examples)))

/** Reading gives a sound model or an InputError of one line, nothing else: true when it gave a model. */
function soundly(read: () => DecodedModel): boolean {
  let model: DecodedModel
  try {
    model = read()
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    expect(error.message).not.toMatch(/\n/)
    return false
  }
  const { values } = toFloat(model.parameters)
  expect(parameterShapes(model.network).length).toBeGreaterThan(0)
  expect(values.length).toBe(parameterCount(model.network))
  expect(values.every(Number.isFinite)).toBe(true)
  return true
}
function soundTable(bytes: Uint8Array): void {
  try {
    const { columns, rows } = decodeTable(bytes, 'd.csv')
    for (const row of rows) expect(row.length).toBe(columns.length)
  } catch (error) {
    if (!(error instanceof InputError)) throw error
  }
}

const xor = await file('xor-2-2-1-relu.onnx')
const description = { name: 'xor-2-2-1-relu.json', bytes: await file('xor-2-2-1-relu.json') }
const network = '10-16-1 relu'
const xorModel = decodeOnnx(xor, 'm')
const json = encodeModelJson(xorModel).bytes
const own = encodeSafetensors(xorModel).bytes

const readers: readonly (readonly [string, Uint8Array, (bytes: Uint8Array) => DecodedModel])[] = [
  ...(await Promise.all(
    [
      'xor-2-2-1-relu.dynamo.onnx',
      'digits-cnn.onnx',
      'iris-4-3-3-2-linear.onnx',
      'sine-1-6-1-tanh-decay.onnx',
      'sine-1-16-1-relu.onnx'
    ].map(async (name) => [name, await file(name), (b: Uint8Array) => decodeOnnx(b, name)] as const)
  )),
  ['xor-2-2-1-relu.onnx', xor, (b) => decodeOnnx(b, 'm')],
  [
    'xor-2-2-1-relu.safetensors',
    await file('xor-2-2-1-relu.safetensors'),
    (b) => decodeSafetensors(b, 'm', { description })
  ],
  [
    'diabetes-10-16-1-relu.safetensors',
    await file('diabetes-10-16-1-relu.safetensors'),
    (b) => decodeSafetensors(b, 'm', { network })
  ],
  ...(await Promise.all(
    ['views.pt', 'views.legacy.pt'].map(
      async (name) =>
        [name, await other(name), (b: Uint8Array) => decodePytorch(b, 'm', { network: '2-3-1 relu' })] as const
    )
  )),
  ['in-out.npz', await other('in-out.npz'), (b) => decodeNumpyModel(b, 'm', { network })],
  ['vector.npy', await other('vector.npy'), (b) => decodeNumpyModel(b, 'm', { network })],
  ['our own safetensors', own, (b) => decodeSafetensors(b, 'm')],
  ['nadir JSON', json, (b) => decodeModelJson(b, 'm')],
  ['description', description.bytes, (b) => decodeSafetensors(own, 'm', { description: { name: 'd', bytes: b } })]
]

test.each(readers)('%s, cut off after any byte', (name, bytes, read) => {
  expect(soundly(() => read(bytes))).toBe(true)
  let accepted = 0
  for (let length = 0; length < bytes.length; length++) if (soundly(() => read(bytes.slice(0, length)))) accepted++
  // Of an ONNX file the last field may be the opset, without which the graph still stands; white space may end a text.
  if (!name.includes('own') && name !== 'description')
    expect(accepted).toBeLessThanOrEqual(name.includes('onnx') ? 12 : 1)
})

test.each(readers)('%s with bytes changed', (_, bytes, read) => {
  const change = fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 }))
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
      const copy = bytes.slice()
      for (const [at, to] of changes) copy[at] = to
      soundly(() => read(copy))
    }),
    { numRuns: 600 }
  )
})

test.each(readers)('%s with a piece cut out or doubled', (_, bytes, read) => {
  const place = fc.nat({ max: bytes.length })
  fc.assert(
    fc.property(place, place, place, (from, to, at) => {
      const piece = bytes.slice(Math.min(from, to), Math.max(from, to))
      soundly(() => read(Uint8Array.from([...bytes.slice(0, at), ...piece, ...bytes.slice(at)])))
      soundly(() => read(Uint8Array.from([...bytes.slice(0, from), ...bytes.slice(to)])))
    }),
    { numRuns: 100 }
  )
})

test('any bytes at all', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      soundly(() => decodeOnnx(bytes, 'm'))
      soundly(() => decodeSafetensors(bytes, 'm', { network }))
      soundly(() => decodeModelJson(bytes, 'm'))
      soundTable(bytes)
    }),
    { numRuns: 1000 }
  )
})

test('tables with bytes changed or cut off', async () => {
  const bytes = await file('sine.csv')
  for (let length = 0; length < bytes.length; length += 3) soundTable(bytes.slice(0, length))
  const odd = fc.constantFrom(0, 9, 10, 13, 34, 44, 45, 46, 47, 69, 101, 127, 200, 255)
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat({ max: bytes.length - 1 }), odd), { minLength: 1, maxLength: 4 }),
      (changes) => {
        const copy = bytes.slice()
        for (const [at, to] of changes) copy[at] = to
        soundTable(copy)
      }
    ),
    { numRuns: 600 }
  )
})
