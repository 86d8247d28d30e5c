import { readFile } from 'node:fs/promises'
import { networkName, toFloat } from '@nadir/landscape'
import { zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { InputError } from '../errors.ts'
import { readModel } from '../files.ts'
import { describeNetwork } from '../json/model-json.ts'
import { decodePytorch } from './decode.ts'
import { unpickle } from './pickle.ts'

const files = new URL('../../../../tests/files/', import.meta.url)
const path = (name: string): string => new URL(name, files).pathname
const bytesOf = async (name: string): Promise<Uint8Array> => new Uint8Array(await readFile(new URL(name, files)))
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

const names = [
  'diabetes-10-12-8-1-relu',
  'diabetes-10-16-1-relu',
  'digits-cnn',
  'iris-4-3-3-2-linear',
  'iris-4-8-1-relu',
  'iris-4-8-3-relu',
  'moons-2-16-1-relu-logistic',
  'sine-1-16-1-relu',
  'sine-1-6-1-tanh-decay',
  'sine-1-5-1-softplus-decay',
  'xor-2-4-1-relu'
]

test.each(names)('%s.pt holds the numbers of the ONNX file, bit for bit', async (name) => {
  const folder = name.includes('softplus') ? files : new URL('../../../../examples/', import.meta.url)
  const exported = await readModel(new URL(`${name}.onnx`, folder).pathname)
  const description = { name: 'd.json', bytes: utf8(describeNetwork(exported.network)) }
  const read = decodePytorch(await bytesOf(`${name}.pt`), 'm.pt', { description })
  expect({ ...read, notes: [] }).toEqual({ ...exported, notes: [] })
  // One has names that are not numbered: body.0, body.2 and head.
  expect(read.notes.length).toBe(name === 'diabetes-10-12-8-1-relu' ? 1 : 0)
})

test.each([
  ['diabetes-10-16-1-relu.legacy.pt', []],
  ['checkpoint.pt', ['the parameters are those under "model_state_dict"']],
  ['checkpoint.legacy.pth', ['the parameters are those under "model_state_dict"']],
  ['parallel.pt', ['the parameters are those under "state_dict"']]
])('%s: the same parameters', async (name, notes) => {
  const network = '10-16-1 relu'
  const plain = await readModel(path('diabetes-10-16-1-relu.pt'), { network })
  expect(await readModel(path(name), { network })).toEqual({ ...plain, notes })
})

test('dictionaries inside one another', async () => {
  const { network, parameters } = await readModel(path('nested.pt'), { network: '3-2-1 tanh' })
  expect(networkName(network)).toBe('3-2-1 tanh')
  expect([...toFloat(parameters).values]).toEqual([1, 1, 1, 1, 1, 1, 0, 0, 0.5, 0.5, 0])
})

test.each(['views.pt', 'views.legacy.pt'])('%s: views of storages, and narrow numbers exactly', async (name) => {
  const expected = JSON.parse(await readFile(path('views.expected.json'), 'utf8')) as Record<string, number[]>
  const { parameters, notes } = await readModel(path(name), { network: '2-3-1 relu' })
  expect([...toFloat(parameters).values]).toEqual(Object.values(expected).flat(2))
  expect(notes).toEqual(
    ['float32', 'float16', 'bfloat16'].map((t) => `parameters are stored as ${t}; their exact values are used`)
  )
})

test('without an architecture the shapes suggest one', async () => {
  await expect(readModel(path('checkpoint.pt'))).rejects.toThrow(
    'checkpoint.pt: PyTorch state dictionaries carry no architecture: give one, such as --network "10-16-1 relu", or put checkpoint.json beside it'
  )
})

// ---- pickles by hand ----

const ascii = (text: string): number[] => [...text].map((c) => c.charCodeAt(0))
const global = (module: string, name: string): number[] => ascii(`c${module}\n${name}\n`)
const text = (word: string): number[] => [0x58, word.length, 0, 0, 0, ...ascii(word)]
const number = (n: number): number[] => [0x4a, ...new Uint8Array(Int32Array.of(n).buffer)]
const tuple = (...items: readonly number[][]): number[] => [0x28, ...items.flat(), 0x74]
const pickle = (...parts: readonly (readonly number[])[]): Uint8Array =>
  Uint8Array.from([0x80, 2, ...parts.flat(), 0x2e])
interface Tensor {
  readonly offset?: number
  readonly shape?: readonly number[]
  readonly stride?: readonly number[]
  readonly key?: string
  readonly type?: string
}
const tensor = ({
  offset = 0,
  shape = [1, 1],
  stride = [1, 1],
  key = '0',
  type = 'DoubleStorage'
}: Tensor = {}): number[] => [
  ...global('torch._utils', '_rebuild_tensor_v2'),
  ...tuple(
    [...tuple(text('storage'), global('torch', type), text(key), text('cpu'), number(2)), 0x51],
    number(offset),
    tuple(...shape.map(number)),
    tuple(...stride.map(number)),
    [0x89],
    [0x4e]
  ),
  0x52
]
const dictionary = (entries: Readonly<Record<string, readonly number[]>>): number[] => [
  0x7d,
  0x28,
  ...Object.entries(entries).flatMap(([key, value]) => [...text(key), ...value]),
  0x75
]
const archive = (data: Uint8Array, more: Readonly<Record<string, Uint8Array>> = {}): Uint8Array =>
  zipSync({ 'm/data.pkl': data, 'm/data/0': new Uint8Array(Float64Array.of(0.1, 0.2).buffer), ...more }, { level: 0 })
const weight = (t: Tensor): Uint8Array => archive(pickle(dictionary({ '0.weight': tensor(t) })))
const read = (bytes: Uint8Array, network = '1-1 linear, no biases') => decodePytorch(bytes, 'm.pt', { network })

test('the pickle of a tensor, by hand', () => {
  expect(toFloat(read(weight({ offset: 1 })).parameters).values).toEqual(Float64Array.of(0.2))
  expect(toFloat(read(weight({ shape: [2, 2], stride: [0, 1] }), '2-2 linear, no biases').parameters).values).toEqual(
    Float64Array.of(0.1, 0.2, 0.1, 0.2)
  )
})

describe('hostile files', () => {
  const cases: readonly (readonly [string, Uint8Array, string])[] = [
    [
      'a call of the system',
      archive(pickle(global('os', 'system'), tuple(text('touch /tmp/x')), [0x52])),
      'm.pt: m/data.pkl: byte 2: refers to os.system, which a file of parameters has no need of; it is not read (and nothing was run)'
    ],
    [
      'a call by STACK_GLOBAL',
      archive(pickle(text('builtins'), text('eval'), [0x93], tuple(text('1')), [0x52])),
      'refers to builtins.eval'
    ],
    ['a global of the allowed module', archive(pickle(global('torch', 'load'))), 'refers to torch.load'],
    [
      'an allowed name with a tail',
      archive(pickle(global('torch', 'FloatStorage.system'))),
      'refers to torch.FloatStorage.system'
    ],
    [
      'INST, which makes objects',
      archive(pickle([0x28], ascii('ios\nsystem\n'))),
      'opcode 0x69 is none that a file of parameters needs'
    ],
    ['an extension code', archive(pickle([0x82, 1])), 'opcode 0x82'],
    ['a string that declares 4 GB', archive(pickle([0x58, 255, 255, 255, 255])), 'the pickle ends too early'],
    [
      'a string that declares 2^63 bytes',
      archive(pickle([0x8d, 0, 0, 0, 0, 0, 0, 0, 0x80])),
      'the pickle ends too early'
    ],
    ['a negative length', archive(pickle([0x8b, 255, 255, 255, 255])), 'an integer of 4294967295 bytes is too long'],
    ['an integer of a million digits', archive(pickle(ascii(`L${'9'.repeat(1_000_000)}L\n`))), 'is not an integer'],
    ['an empty stack', archive(pickle([0x52])), 'takes from an empty stack'],
    ['no mark', archive(pickle([0x74])), 'there is no mark'],
    ['nothing remembered', archive(pickle([0x68, 7])), 'nothing is remembered as 7'],
    ['items of no dictionary', archive(pickle([0x5d, 0x4e, 0x4e, 0x73])), 'sets entries of what is no dictionary'],
    ['a later protocol', archive(Uint8Array.of(0x80, 9, 0x4e, 0x2e)), 'a pickle protocol after 5 is not known'],
    ['no end', archive(Uint8Array.of(0x80, 2, 0x4e)), 'the pickle ends too early'],
    ['no tensors', archive(pickle([0x7d])), 'm.pt: holds no tensors; save model.state_dict() with torch.save'],
    ['a missing storage', weight({ key: '../0' }), 'tensor "0.weight": its storage ../0 is missing'],
    ['past the storage', weight({ offset: 2 }), 'tensor "0.weight" reaches entry 2 of a storage of 2'],
    [
      'strides past the storage',
      weight({ shape: [1, 1], stride: [7, 1], offset: 5 }),
      'reaches entry 5 of a storage of 2'
    ],
    ['a negative offset', weight({ offset: -1 }), 'its offset is no list of whole numbers'],
    ['a negative stride', weight({ stride: [-1] }), 'its stride is no list of whole numbers'],
    ['a negative size', weight({ shape: [-1] }), 'its shape is no list of whole numbers'],
    ['a huge shape', weight({ shape: [2 ** 30, 2 ** 30], stride: [0, 0] }), 'has too many entries'],
    ['integers', weight({ type: 'LongStorage' }), 'is of type torch.LongStorage'],
    ['an archive of something else', zipSync({ 'a/b': new Uint8Array(3) }), 'a zip archive without data.pkl'],
    [
      'TorchScript',
      archive(pickle([0x7d]), { 'm/constants.pkl': new Uint8Array(1) }),
      'a TorchScript program; save the state dictionary'
    ],
    ['big-endian storages', archive(pickle([0x7d]), { 'm/byteorder': utf8('big') }), 'only little-endian'],
    ['neither', utf8('hello'), 'm.pt: byte 0: not written by torch.save']
  ]
  test.each(cases)('%s', (_, bytes, message) => {
    expect(() => read(bytes)).toThrow(InputError)
    expect(() => read(bytes)).toThrow(message)
  })

  test('whole models are refused, with what to do', async () => {
    await expect(readModel(path('whole-model.pt'), { network: '10-16-1 relu' })).rejects.toThrow(
      'refers to torch.nn.modules.container.Sequential, which a file of parameters has no need of; it is not read (and nothing was run): save the state dictionary'
    )
  })

  test('a tensor spread over a storage again and again is bounded', () => {
    const size = 8000
    const spread = dictionary(
      Object.fromEntries(
        Array.from({ length: 40 }, (_, k) => [`${k}.weight`, tensor({ shape: [size, size], stride: [0, 0] })])
      )
    )
    const network = `${Array(41).fill(size).join('-')} linear, no biases`
    expect(() => read(archive(pickle(spread)), network)).toThrow('share storages too often for a file of this size')
  })

  test('lists inside lists, a thousand times named, deep and circular, take time in proportion to the file', () => {
    // A list that holds the one before it ten times: 10^20 leaves to whoever walks them all.
    const levels = Array.from({ length: 20 }, (_, k) => [
      0x5d,
      0x71,
      k + 1,
      0x28,
      ...Array(10).fill([0x68, k]).flat(),
      0x65
    ])
    const laughs = pickle([0x5d, 0x71, 0], ...levels)
    expect(() => read(archive(laughs))).toThrow('leaves 21 values')
    expect(() => read(archive(pickle(dictionary({ a: [0x5d, 0x71, 0, ...levels.flat(), 0x30] }))))).toThrow(InputError)
    const circular = pickle([0x5d, 0x71, 0, 0x68, 0, 0x61])
    expect(() => read(archive(circular))).toThrow('holds no tensors')
    const deep = pickle(Array(60_000).fill(0x5d), Array(59_999).fill(0x61))
    expect(() => read(archive(deep))).toThrow('holds no tensors')
    const pair = tuple(text('a'), number(1))
    const copied = [...global('collections', 'OrderedDict'), 0x68, 0, 0x85, 0x52, 0x30]
    const list = [0x5d, 0x71, 0, 0x28, ...Array(2000).fill(pair).flat(), 0x65]
    expect(() => unpickle(pickle(list, Array(2000).fill(copied).flat()), 0, 'm', () => true)).toThrow(
      'copies its lists'
    )
  })

  test('an archive that unpacks to far more than it is', () => {
    const bomb = zipSync({ 'm/data.pkl': new Uint8Array(4_000_000) })
    // What the directory declares is changed: 4 GB less one.
    for (let k = 0; k + 4 < bomb.length; k++)
      if (bomb[k] === 0x50 && bomb[k + 1] === 0x4b && bomb[k + 2] === 1 && bomb[k + 3] === 2)
        bomb.fill(0xfe, k + 24, k + 28)
    expect(() => read(bomb)).toThrow(/unpacks to \d+ bytes, too many/)
  })

  test('the older format, cut off or lying', async () => {
    const bytes = await bytesOf('diabetes-10-16-1-relu.legacy.pt')
    const network = '10-16-1 relu'
    const legacy = (b: Uint8Array) => decodePytorch(b, 'm.pt', { network })
    expect(() => legacy(bytes.subarray(0, bytes.length - 1))).toThrow(
      /byte \d+: storage \d+ of \d+ numbers runs past the end/
    )
    expect(() => legacy(bytes.subarray(0, 14))).toThrow('m.pt: byte 14: the pickle ends too early')
    expect(() => legacy(Uint8Array.of(0x80, 2, 0x4e, 0x2e))).toThrow('m.pt: byte 0: not written by torch.save')
  })
})
