import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  add,
  compare,
  divide,
  entry,
  fromNumber,
  multiply,
  type Rational,
  rational,
  sign,
  subtract,
  toNumber,
  zero
} from '@nadir/arithmetic'
import {
  type Network,
  networkName,
  type Point,
  parameterCount,
  parameterShapes,
  toExact,
  toFloat
} from '@nadir/landscape'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { selectColumns } from './csv/select-columns.ts'
import { InputError } from './errors.ts'
import { exactNumber } from './exact-number.ts'
import { readModel, readTable, writeBytes, writeModel, writeTable } from './files.ts'
import { parseNetwork } from './network-text.ts'
import { evaluatePlainly } from './testing/plain-evaluation.ts'

const examples = new URL('../../../examples/', import.meta.url).pathname

interface Expected {
  readonly files: readonly string[]
  readonly network: string
  readonly parameters: number
  readonly data: string | null
  readonly targets: readonly string[]
  readonly loss: 'squared' | 'logistic'
  readonly weightDecay: number
  readonly values: Readonly<Record<string, string>>
  readonly objective: number
  readonly samples: readonly {
    readonly row: number
    readonly input?: readonly number[]
    readonly output: readonly number[]
  }[]
}
// Computed apart from this code when the networks were trained: see examples/README.md.
const expected = JSON.parse(await readFile(join(examples, 'expected.json'), 'utf8')).models as Readonly<
  Record<string, Expected>
>
const models = Object.entries(expected)
const options = (name: string, file: string, model: Expected) =>
  file.endsWith('.safetensors') && name !== 'xor-2-2-1-relu' ? { network: model.network } : {}
const read = (name: string, file: string, model: Expected) =>
  readModel(join(examples, file), options(name, file, model))

test.each(models)('%s: all files of a model are one network and one point', async (name, model) => {
  const [first, ...others] = await Promise.all(model.files.map((file) => read(name, file, model)))
  expect(networkName(first.network)).toBe(model.network)
  expect(parameterCount(first.network)).toBe(model.parameters)
  expect(first.notes).toEqual([])
  expect(first.parameters.kind).toBe('float')
  for (const other of others) expect(other).toEqual(first)
  if (first.network.inputs.length === 1) expect(first.network).toEqual(parseNetwork(model.network))
})

test.each(models)('%s: predictions', async (name, model) => {
  const { network, parameters } = await read(name, model.files[0], model)
  const data =
    model.data === null ? undefined : selectColumns(await readTable(join(examples, model.data)), selection(model))
  for (const { row, input, output } of model.samples) {
    const sample = input ?? data!.X[row].map(toNumber)
    const ours = evaluatePlainly(network, parameters, sample)
    expect(ours.length).toBe(output.length)
    for (const [k, y] of output.entries()) expect(Math.abs(ours[k] - y)).toBeLessThan(1e-13 * Math.max(1, Math.abs(y)))
  }
})

/** iris-onehot.csv has three targets of which one network has two: its inputs are the four lengths. */
const selection = ({ data, targets }: Expected) => ({
  target: targets,
  ...(data === 'iris-onehot.csv' ? { inputs: ['sepal_length', 'sepal_width', 'petal_length', 'petal_width'] } : {})
})

test.each(models.filter(([, m]) => m.data !== null))('%s: the loss of the whole table', async (name, model) => {
  const { network, parameters } = await read(name, model.files[0], model)
  const { X, Y } = selectColumns(await readTable(join(examples, model.data!)), selection(model))
  let sum = 0
  for (const [i, x] of X.entries()) {
    const z = evaluatePlainly(network, parameters, x.map(toNumber))
    for (const [k, y] of Y[i].map(toNumber).entries())
      sum += model.loss === 'squared' ? (z[k] - y) ** 2 / 2 : Math.log1p(Math.exp(z[k])) - y * z[k]
  }
  const squares = toFloat(parameters).values.reduce((s, t) => s + t * t, 0)
  const objective = sum / (model.loss === 'squared' ? 1 : X.length) + (model.weightDecay / 2) * squares
  expect(Math.abs(objective - model.objective)).toBeLessThan(1e-12 * model.objective + 1e-30)
})

/** Predictions of a dense piecewise linear network in exact arithmetic. */
function evaluateExactly(network: Network, point: Point, sample: readonly Rational[]): Rational[] {
  const { tensors } = toExact(network, point)
  const shapes = parameterShapes(network)
  let x = [...sample]
  for (const [l, layer] of network.layers.entries()) {
    if (layer.kind === 'activation' && layer.activation.kind === 'two-slope') {
      const { positive, negative } = layer.activation
      x = x.map((t) => multiply(sign(t) < 0 ? negative : positive, t))
    } else {
      const weight = tensors[shapes.findIndex((s) => s.layer === l && s.role === 'weight')]
      const bias = tensors[shapes.findIndex((s) => s.layer === l && s.role === 'bias')]
      const before = x
      x = Array.from({ length: weight.numerators.length / before.length }, (_, o) =>
        before.reduce(
          (sum, t, i) => add(sum, multiply(t, entry(weight, o * before.length + i))),
          bias ? entry(bias, o) : zero
        )
      )
    }
  }
  return x
}

// The exact decimals of the table and the exact doubles of the file, nothing rounded, agree to all thirty digits.
test.each(['xor-2-2-1-relu', 'xor-2-4-1-relu', 'sine-1-16-1-relu', 'iris-4-8-1-relu', 'iris-4-3-3-2-linear'])(
  '%s: the exact loss, to thirty digits',
  async (name) => {
    const model = expected[name]
    const { network, parameters } = await read(name, model.files[0], model)
    const { X, Y } = selectColumns(await readTable(join(examples, model.data!)), selection(model))
    let sum = zero
    for (const [i, x] of X.entries())
      for (const [k, z] of evaluateExactly(network, parameters, x).entries()) {
        const r = subtract(z, Y[i][k])
        sum = add(sum, multiply(r, r))
      }
    const loss = divide(sum, rational(2n))
    const reference = exactNumber(model.values['halfSumOfSquares'])!
    const error = subtract(loss, reference)
    const size = sign(error) < 0 ? subtract(zero, error) : error
    expect(compare(multiply(size, rational(2n * 10n ** 29n)), reference)).toBeLessThanOrEqual(0)
  }
)

describe('files', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nadir-formats-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  test.each(['.onnx', '.safetensors', '.json'])('a model written as %s reads back', async (extension) => {
    const model = await readModel(join(examples, 'diabetes-10-16-1-relu.onnx'))
    const path = join(folder, `model${extension}`)
    expect(await writeModel(path, model)).toEqual([])
    const back = await readModel(path)
    expect(back.network).toEqual(model.network)
    expect(toExact(back.network, back.parameters)).toEqual(toExact(model.network, model.parameters))
    expect((await readdir(folder)).filter((file) => file.includes('part'))).toEqual([])
  })

  test('a table written reads back', async () => {
    const path = join(folder, 'history.csv')
    await writeTable(
      path,
      ['step', 'loss', 'exact'],
      [
        [1, 0.25, rational(1n, 3n)],
        [2, 1e-300, rational(-7n)]
      ]
    )
    expect(await readFile(path, 'utf8')).toBe('step,loss,exact\n1,0.25,1/3\n2,1e-300,-7\n')
    expect((await readTable(path)).rows[0]).toEqual([rational(1n), fromNumber(0.25), rational(1n, 3n)])
  })

  test('a failed write leaves what was there', async () => {
    const path = join(folder, 'kept.json')
    await writeBytes(path, 'before')
    const huge = {
      network: parseNetwork('1-1 linear, no biases'),
      parameters: { kind: 'exact', tensors: [{ denominator: 1n, numerators: [10n ** 400n] }] }
    } as const
    await expect(writeModel(path.replace('.json', '.onnx'), huge)).rejects.toThrow('parameter 0 is too large')
    await expect(writeBytes(join(folder, 'no', 'such', 'folder.csv'), 'x')).rejects.toThrow(
      'cannot be written: no such file or directory'
    )
    expect(await readFile(path, 'utf8')).toBe('before')
    expect((await readdir(folder)).filter((file) => file.includes('part'))).toEqual([])
  })

  test('what is wrong with a path is one line', async () => {
    const fails = async (path: string, message: string) => {
      await expect(readModel(path)).rejects.toThrow(InputError)
      await expect(readModel(path)).rejects.toThrow(message)
    }
    await fails(join(folder, 'missing.onnx'), 'missing.onnx: no such file or directory')
    await fails(folder, 'models are read from .onnx, .safetensors, .pt, .pth, .npz, .npy, .h5, .keras and .json')
    await writeFile(join(folder, 'empty.onnx'), '')
    await fails(join(folder, 'empty.onnx'), 'the file is empty')
    await writeBytes(
      join(folder, 'alone.safetensors'),
      await readFile(join(examples, 'diabetes-10-16-1-relu.safetensors'))
    )
    await fails(join(folder, 'alone.safetensors'), 'put alone.json beside it')
    await fails(join(examples, 'xor-2-2-1-relu.json'), 'xor-2-2-1-relu.json: inputs: expected a whole number')
    await expect(readTable(join(folder, 'x.txt'))).rejects.toThrow('data are read from .csv, .parquet, .npy and .npz')
    await expect(readTable(join(folder, 'x.csv'))).rejects.toThrow('x.csv: no such file or directory')
    await expect(writeModel(join(folder, 'x.h5'), {} as never)).rejects.toThrow('models are written to')
  })
})
