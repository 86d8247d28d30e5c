import { readFile } from 'node:fs/promises'
import { networkName, toFloat } from '@nadir/landscape'
import { expect, test } from 'vitest'
import { InputError } from '../errors.ts'
import { readModel } from '../files.ts'
import { parseJson } from '../json/json.ts'
import { evaluatePlainly } from '../testing/plain-evaluation.ts'
import { kerasNetwork } from './config.ts'
import { decodeKeras } from './decode.ts'

const path = (name: string): string => new URL(`../../../../tests/files/${name}`, import.meta.url).pathname
const bytesOf = async (name: string): Promise<Uint8Array> => new Uint8Array(await readFile(path(name)))

interface Expected {
  readonly input: readonly (readonly number[])[]
  readonly output: readonly (readonly number[])[]
}
const expected = JSON.parse(await readFile(path('keras.expected.json'), 'utf8')) as Record<string, Expected>

test.each([
  ['keras-dense.h5', '4-5-5-2 relu'],
  ['keras-dense.keras', ''],
  ['keras-conv.h5', '1x6x5 conv3(3x2) tanh average-pool(1x2) conv2(2x2) relu flatten 3 sigmoid'],
  ['keras-conv.keras', '1x6x5 conv3(3x2) tanh average-pool(1x2) conv2(2x2) relu flatten 3 sigmoid'],
  ['keras-functional.keras', '']
])('%s predicts what Keras predicts', async (name, words) => {
  const { network, parameters, notes } = await readModel(path(name))
  if (words !== '' && !name.includes('dense')) expect(networkName(network)).toBe(words)
  expect(notes).toEqual(['parameters are stored as float32; their exact values are used'])
  const { input, output } = expected[name.replace(/\..*/, '')]
  for (const [i, x] of input.entries()) {
    const ours = evaluatePlainly(network, parameters, x)
    expect(ours.length).toBe(output[i].length)
    // Keras computes in float32.
    for (const [k, y] of ours.entries()) expect(Math.abs(y - output[i][k])).toBeLessThan(3e-6 * (1 + Math.abs(y)))
  }
})

test('files of one network are one point; weights alone take the architecture from elsewhere', async () => {
  const whole = await readModel(path('keras-dense.h5'))
  expect(await readModel(path('keras-dense.keras'))).toEqual(whole)
  const alone = await readModel(path('keras-dense.weights.h5'), { network: '4-5-5-2 relu' })
  expect(alone.parameters).toEqual(whole.parameters)
  await expect(readModel(path('keras-dense.weights.h5'))).rejects.toThrow(
    'keras-dense.weights.h5: files of Keras weights carry no architecture: give one, such as --network "4-5-5-2 relu"'
  )
})

test.each(['keras2.h5', 'keras2-chunks.h5', 'keras2-latest.h5', 'keras2-wide.h5'])(
  '%s: the layout of Keras 2',
  async (name) => {
    const { values } = JSON.parse(await readFile(path('keras2.expected.json'), 'utf8')) as { values: number[][] }
    const { network, parameters } = await readModel(path(name))
    expect(networkName(network)).toBe('3-4-1 tanh')
    expect([...toFloat(parameters).values]).toEqual(values.flat())
  }
)

test('networks that are no chain are refused', async () => {
  await expect(readModel(path('keras-branch.keras'))).rejects.toThrow(
    'only networks that are one chain of layers are read'
  )
})

const sequential = (layers: readonly unknown[]): string =>
  JSON.stringify({ class_name: 'Sequential', config: { name: 's', layers } })
const layer = (class_name: string, config: object): unknown => ({ class_name, config: { name: 'l', ...config } })
const input = (...shape: number[]): unknown => layer('InputLayer', { batch_shape: [null, ...shape] })
const networkOf = (...layers: unknown[]) => networkName(kerasNetwork(parseJson(sequential(layers), 'c'), 'c').network)

test('layers by their classes', () => {
  const dense = (activation: string): unknown => layer('Dense', { units: 1, activation, use_bias: true })
  const words = ['relu', 'tanh', 'sigmoid', 'softplus', 'elu', 'selu', 'gelu', 'silu', 'swish', 'leaky_relu', 'linear']
  expect(words.map((word) => networkOf(input(2), dense(word)).slice(4))).toEqual([
    'relu',
    'tanh',
    'sigmoid',
    'softplus',
    'elu',
    'selu',
    'gelu',
    'silu',
    'silu',
    'leaky-relu:1/5',
    'linear'
  ])
  expect(networkOf(input(2), layer('Dense', { units: 1 }), layer('LeakyReLU', { alpha: 0.1 }))).toBe(
    '2-1 leaky-relu:1/10'
  )
  expect(networkOf(input(2), layer('Dense', { units: 1 }), layer('ReLU', { negative_slope: 0 }))).toBe('2-1 relu')
  expect(networkOf(input(4, 6, 1), layer('GlobalAveragePooling2D', {}), layer('Dense', { units: 1 }))).toBe(
    '1x4x6 average-pool(4x6) flatten 1'
  )
})

test('what cannot be read is said, with the layer', () => {
  const wrong = (message: string, ...layers: unknown[]) => {
    expect(() => networkOf(...layers)).toThrow(InputError)
    expect(() => networkOf(...layers)).toThrow(message)
  }
  wrong('c: layers[1] ("l"): layers of class LSTM are not supported', input(2), layer('LSTM', {}))
  wrong(
    'ends in softmax: losses are computed from logits',
    input(2),
    layer('Dense', { units: 1, activation: 'softmax' })
  )
  wrong('the activation "exotic" is not supported', input(2), layer('Dense', { units: 1, activation: 'exotic' }))
  wrong('rows and images with one channel are read', input(4, 4, 3))
  wrong(
    'dilation_rate other than 1',
    input(4, 4, 1),
    layer('Conv2D', { filters: 1, kernel_size: [2, 2], strides: [1, 1], dilation_rate: [2, 2] })
  )
  wrong('a dense layer on images', input(4, 4, 1), layer('Dense', { units: 1 }))
  wrong('pooling with padding', input(5, 5, 1), layer('MaxPooling2D', { pool_size: [2, 2], padding: 'same' }))
  wrong('units: expected a whole number', input(2), layer('Dense', { units: -1 }))
})

test('hostile files: cut off anywhere, or with addresses changed, are an error of one line', async () => {
  for (const name of [
    'keras-dense.h5',
    'keras-conv.keras',
    'keras-dense.weights.h5',
    'keras2-chunks.h5',
    'keras2-latest.h5'
  ]) {
    const bytes = await bytesOf(name)
    const soundly = (copy: Uint8Array): void => {
      try {
        decodeKeras(copy, name, { network: '4-5-5-2 relu' })
      } catch (error) {
        if (!(error instanceof InputError)) throw error
        expect(error.message).not.toMatch(/\n/)
      }
    }
    for (let length = 0; length < bytes.length; length += 397) soundly(bytes.slice(0, length))
    const view = new DataView(bytes.buffer, bytes.byteOffset)
    for (let at = 0; at + 8 <= bytes.length; at += 328)
      for (const value of [0n, BigInt(at), 2n ** 64n - 1n, 2n ** 40n, 96n]) {
        const before = view.getBigUint64(at, true)
        view.setBigUint64(at, value, true)
        soundly(bytes)
        view.setBigUint64(at, before, true)
      }
  }
  expect(() => decodeKeras(new TextEncoder().encode('hello'), 'm.h5')).toThrow('m.h5: byte 0: not an HDF5 file')
})
