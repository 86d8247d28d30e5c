import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { example, filesIn, folder, nadir } from './nadir.ts'

const file = (name: string): string => fileURLToPath(new URL(`../files/${name}`, import.meta.url))
const network = ['--network', '2-4-1 relu']

const verdictOf = (model: string, data: string, ...options: string[]): unknown => {
  const { code, out, error } = nadir(['certify', model, data, '--json', ...options], folder())
  expect(error).toBe('')
  expect(code).toBe(0)
  const { given, settled, problem } = JSON.parse(out)
  return { given, settled, problem }
}

test('the verdict does not depend on the file that the parameters and the data come from', () => {
  const data = example('xor.csv')
  const expected = verdictOf(example('xor-2-4-1-relu.onnx'), data)
  expect(verdictOf(file('xor-2-4-1-relu.pt'), data, ...network)).toEqual(expected)
  const cwd = folder()
  for (const name of ['m.json', 'm.safetensors', 'm.onnx']) {
    const { code, out } = nadir(['convert', file('xor-2-4-1-relu.pt'), name, ...network, '--json'], cwd)
    expect(code).toBe(0)
    expect(JSON.parse(out)).toEqual({ model: name, network: '2-4-1 relu', parameters: 17, notes: [] })
    expect(verdictOf(join(cwd, name), data)).toEqual(expected)
  }
})

test('numbers of an ONNX file in float32, for programs that have no others', () => {
  const cwd = folder()
  const convert = (to: string, ...options: string[]) =>
    nadir(['convert', file('sine-1-5-1-softplus-decay.onnx'), to, '--json', ...options], cwd)
  expect(JSON.parse(convert('m.onnx').out).notes).toEqual([
    'ONNX Runtime has no float64 kernel for Softplus: to run the file there, write it with --precision float32'
  ])
  const { notes } = JSON.parse(convert('s.onnx', '--precision', 'float32').out)
  expect(notes).toHaveLength(1)
  expect(notes[0]).toMatch(/^parameters rounded to the nearest float32; the largest change is about \d/)
  const { code, error } = convert('m.json', '--precision', 'float32')
  expect(code).toBe(2)
  expect(error).toBe('nadir: m.json: float32 is written to .onnx only; other formats keep more\n')
  expect(filesIn(cwd)).toEqual(['m.onnx', 's.onnx'])
})

test('data in Parquet and NumPy files', () => {
  const model = folder({})
  writeFileSync(join(model, 'm.json'), '{ "inputs": 1, "layers": [{ "dense": { "weight": [["1"]], "bias": ["0"] } }] }')
  const certify = (data: string, ...options: string[]) =>
    JSON.parse(nadir(['certify', join(model, 'm.json'), file(data), '--json', ...options], folder()).out).problem
      .samples
  expect(certify('table.parquet', '--inputs', 'd', '--target', 'y')).toBe(50)
  expect(certify('table.npz', '--inputs', 'x1')).toBe(50)
})

describe('hostile files: exit 2, one clear line, nothing written', () => {
  const pickle = (text: string): Uint8Array => new TextEncoder().encode(text)
  const system = Uint8Array.from([
    0x80,
    2,
    ...pickle('cos\nsystem\n('),
    0x58,
    7,
    0,
    0,
    0,
    ...pickle('touch x'),
    0x74,
    0x52,
    0x2e
  ])
  const cut = readFileSync(file('keras-dense.h5')).subarray(0, 9000)
  const cases: [string, string, Uint8Array | string, RegExp][] = [
    ['a pickle that calls the system', 'm.pt', system, /^nadir: m\.pt: byte 2: refers to os\.system.*nothing was run/],
    [
      'a whole model',
      'm.pt',
      readFileSync(file('whole-model.pt')),
      /^nadir: m\.pt: .*torch\.nn\.modules.*save the state dictionary/
    ],
    ['text as a state dictionary', 'm.pth', 'hello', /^nadir: m\.pth: byte 0: not written by torch\.save/],
    [
      'an archive cut off',
      'm.npz',
      readFileSync(file('in-out.npz')).subarray(0, 1000),
      /^nadir: m\.npz: not a zip archive/
    ],
    ['HDF5 cut off', 'm.h5', cut, /^nadir: m\.h5: byte \d+: /],
    ['text as HDF5', 'm.h5', 'hello', /^nadir: m\.h5: byte 0: not an HDF5 file/]
  ]
  test.each(cases)('%s', (_, name, content, pattern) => {
    const cwd = folder({ [name]: content })
    const { code, out, error } = nadir(['convert', name, 'out.onnx', ...network], cwd)
    expect(code).toBe(2)
    expect(out).toBe('')
    expect(error.trim().split('\n')).toHaveLength(1)
    expect(error).toMatch(pattern)
    expect(error.length).toBeLessThan(400)
    expect(filesIn(cwd)).toEqual([name])
  })

  test('an ONNX file whose tensors are elsewhere', () => {
    const cwd = folder()
    copyFileSync(file('external.onnx'), join(cwd, 'm.onnx'))
    const { code, error } = nadir(['convert', 'm.onnx', 'out.json'], cwd)
    expect(code).toBe(2)
    expect(error).toBe('nadir: m.onnx: external data "external.data": no such file or directory\n')
    expect(filesIn(cwd)).toEqual([basename('m.onnx')])
  })
})
