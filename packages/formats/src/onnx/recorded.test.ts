import { readFile } from 'node:fs/promises'
import { networkName } from '@nadir/landscape'
import { describe, expect, test } from 'vitest'
import { readModel } from '../files.ts'
import { evaluatePlainly } from '../testing/plain-evaluation.ts'

const path = (name: string): string => new URL(`../../../../tests/files/${name}`, import.meta.url).pathname

interface Expected {
  readonly input: readonly (readonly number[])[]
  readonly output: readonly (readonly number[])[]
}
// Predictions of ONNX Runtime in float32.
const expected = JSON.parse(await readFile(path('onnx.expected.json'), 'utf8')) as Record<string, Expected>

describe('graphs by the exporters of PyTorch', () => {
  test.each(Object.entries(expected))('%s predicts what ONNX Runtime predicts', async (name, { input, output }) => {
    const { network, parameters } = await readModel(path(`${name}.onnx`))
    for (const [i, x] of input.entries()) {
      const ours = evaluatePlainly(network, parameters, x)
      expect(ours.length).toBe(output[i].length)
      for (const [k, y] of ours.entries()) expect(Math.abs(y - output[i][k])).toBeLessThan(1e-5 * (1 + Math.abs(y)))
    }
  })
})

test('what was computed on the way is no layer', async () => {
  const name = async (file: string) => networkName((await readModel(path(`${file}.onnx`))).network)
  expect(await name('view')).toBe('1x8x8 conv3(3x3) relu max-pool(2x2) flatten 2')
  expect(await name('view.dynamo')).toBe('1x8x8 conv3(3x3) relu max-pool(2x2) flatten 2')
  expect(await name('view-product')).toBe('1x8x8 conv3(3x3) relu max-pool(2x2) flatten 2')
  expect(await name('batch-norm')).toBe('3 4 relu 4 tanh 2')
  expect(await name('standardised')).toBe('3-4-1 gelu')
  expect(await name('global-pool')).toBe('1x6x7 conv2(2x3) sigmoid average-pool(2x2) average-pool(4x4) flatten 1')
  for (const file of ['activations', 'activations.dynamo', 'external'])
    expect(await name(file)).toBe('3 3 softplus 3 elu 3 selu 3 gelu 3 gelu-tanh 3 silu 3 leaky-relu:1/4 1')
})

test('what is no longer word for word is said', async () => {
  const notes = async (file: string) => (await readModel(path(`${file}.onnx`))).notes
  expect((await notes('batch-norm')).join()).toContain('normalisation is folded into the layer beside it')
  expect((await notes('activations.dynamo')).join()).toContain('the file takes x for the softplus of x beyond 20')
  expect((await notes('view')).join()).not.toContain('normalisation')
})
