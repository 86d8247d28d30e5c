import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toFloat } from '@nadir/landscape'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { InputError } from '../errors.ts'
import { readModel } from '../files.ts'
import { onnxFile } from '../testing/onnx-graph.ts'
import { decodeOnnx } from './decode.ts'

/** y = x W with W, [2, 1], in another file. */
const graph = (outside: Readonly<Record<string, string>>, dims: readonly number[] = [2, 1]): Uint8Array =>
  onnxFile({
    nodes: [['MatMul', ['input', 'W'], ['output']]],
    tensors: { W: { type: 'float64', dims, values: [], outside } },
    input: ['batch', 2]
  })

let top = ''
let folder = ''
beforeAll(async () => {
  top = await mkdtemp(join(tmpdir(), 'nadir-external-'))
  folder = join(top, 'model')
  await mkdir(join(folder, 'parts'), { recursive: true })
  const numbers = new Uint8Array(Float64Array.of(7, 0.1, -3).buffer)
  await writeFile(join(folder, 'w.bin'), numbers)
  await writeFile(join(folder, 'parts', 'w.bin'), numbers)
  await writeFile(join(top, 'secret.bin'), numbers)
  await symlink(join(top, 'secret.bin'), join(folder, 'link.bin'))
  await symlink(top, join(folder, 'up'))
})
afterAll(() => rm(top, { recursive: true }))

const read = async (bytes: Uint8Array) => {
  await writeFile(join(folder, 'm.onnx'), bytes)
  return readModel(join(folder, 'm.onnx'))
}

test('tensors in a file beside the model, at their offsets', async () => {
  const values = async (outside: Readonly<Record<string, string>>) => [
    ...toFloat((await read(graph(outside))).parameters).values
  ]
  expect(await values({ location: 'w.bin' })).toEqual([7, 0.1])
  expect(await values({ location: 'w.bin', offset: '8', length: '16' })).toEqual([0.1, -3])
  expect(await values({ location: 'parts/w.bin', offset: '0' })).toEqual([7, 0.1])
})

test('other places are not read', async () => {
  const outside = 'only files in the folder of the model are read'
  const cases: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
    [{ location: '../secret.bin' }, `m.onnx: external data "../secret.bin": ${outside}`],
    [{ location: 'parts/../../secret.bin' }, outside],
    [{ location: join(top, 'secret.bin') }, outside],
    [{ location: 'C:\\secret.bin' }, outside],
    [{ location: '..\\secret.bin' }, outside],
    [{ location: '' }, outside],
    [{}, outside],
    [{ location: 'w.bin\0.txt' }, outside],
    [{ location: 'link.bin' }, 'leads out of the folder of the model'],
    [{ location: 'up/secret.bin' }, 'leads out of the folder of the model'],
    [{ location: 'parts' }, 'is no file'],
    [{ location: 'missing.bin' }, 'm.onnx: external data "missing.bin": no such file or directory'],
    [{ location: 'w.bin', offset: '16' }, 'needs 16 bytes at byte 16 of "w.bin" (24 bytes), declared are all'],
    [{ location: 'w.bin', offset: '-8' }, 'needs 16 bytes at byte NaN'],
    [{ location: 'w.bin', offset: '9999999999999999999999' }, 'needs 16 bytes at byte NaN'],
    [{ location: 'w.bin', length: '8' }, 'declared are 8']
  ]
  for (const [outside, message] of cases) {
    await expect(read(graph(outside)), message).rejects.toThrow(InputError)
    await expect(read(graph(outside)), message).rejects.toThrow(message)
  }
  await expect(read(graph({ location: 'w.bin' }, [2 ** 40, 2 ** 40]))).rejects.toThrow('declares shape')
  await expect(read(graph({ location: 'w.bin' }, [-2, -1]))).rejects.toThrow('declares shape [-2, -1]')
})

test('bytes alone have no files beside them', () => {
  expect(() => decodeOnnx(graph({ location: 'w.bin' }), 'm.onnx')).toThrow(
    'is stored in another file, which only a model read by its path can have'
  )
})
