import { networkName } from '@nadir/landscape'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { InputError } from '../errors.ts'
import { onnxFile, type TestGraph, type TestNode, type TestTensor } from '../testing/onnx-graph.ts'
import { evaluatePlainly } from '../testing/plain-evaluation.ts'
import { decodeOnnx } from './decode.ts'

const f64 = (dims: readonly number[], values: readonly number[]): TestTensor => ({ type: 'float64', dims, values })
const i64 = (...values: readonly number[]): TestTensor => ({ type: 'int64', dims: [values.length], values })
const decode = (graph: TestGraph) => decodeOnnx(onnxFile(graph), 'm.onnx')
const numbers = (n: number, min = -2, max = 2) =>
  fc.array(fc.double({ min, max, noNaN: true }), { minLength: n, maxLength: n })
const norm = (from: string, to: string, k: number): TestNode => [
  'BatchNormalization',
  [from, `g${k}`, `b${k}`, `m${k}`, `v${k}`],
  [to],
  { epsilon: { float: 0.25 } }
]

test('normalisation before and after dense layers and activations computes what it says', () => {
  const parts = fc.record({
    x: numbers(2),
    W: numbers(6),
    c: numbers(3),
    V: numbers(3),
    lists: fc.array(fc.tuple(numbers(3), numbers(3), numbers(3), numbers(3, 0, 4)), { minLength: 2, maxLength: 2 }),
    mean: numbers(2),
    deviation: numbers(2, 0.25, 4)
  })
  fc.assert(
    fc.property(parts, ({ x, W, c, V, lists, mean, deviation }) => {
      const tensors: Record<string, TestTensor> = {
        W: f64([2, 3], W),
        c: f64([3], c),
        V: f64([3, 1], V),
        mean: f64([2], mean),
        deviation: f64([1, 2], deviation)
      }
      for (const [k, list] of lists.entries())
        for (const [i, letter] of ['g', 'b', 'm', 'v'].entries()) tensors[`${letter}${k}`] = f64([3], list[i])
      const { network, parameters, notes } = decode({
        nodes: [
          ['Sub', ['input', 'mean'], ['s']],
          ['Div', ['s', 'deviation'], ['d']],
          ['Gemm', ['d', 'W', 'c'], ['h']],
          norm('h', 'n', 0),
          ['Abs', ['n'], ['a']],
          norm('a', 'k', 1),
          ['MatMul', ['k', 'V'], ['output']]
        ],
        tensors,
        input: ['batch', 2]
      })
      expect(networkName(network)).toBe('2-3-1 abs')
      expect(notes.join()).toContain('normalisation is folded')
      const normalized = (z: readonly number[], [g, b, m, v]: readonly (readonly number[])[]) =>
        z.map((t, j) => ((t - m[j]) / Math.sqrt(v[j] + 0.25)) * g[j] + b[j])
      const standard = x.map((t, i) => (t - mean[i]) / deviation[i])
      const hidden = c.map((bias, j) => bias + standard.reduce((sum, t, i) => sum + t * W[i * 3 + j], 0))
      const shown = normalized(normalized(hidden, lists[0]).map(Math.abs), lists[1])
      const wanted = shown.reduce((sum, t, j) => sum + t * V[j], 0)
      expect(Math.abs(evaluatePlainly(network, parameters, x)[0] - wanted)).toBeLessThan(1e-10)
    })
  )
})

test('a normalisation that no layer is beside is refused', () => {
  const lists = Object.fromEntries(['g0', 'b0', 'm0', 'v0'].map((key) => [key, f64([2], [1, 1])]))
  const tensors = {
    ...lists,
    W: f64([2, 2], [1, 2, 3, 4]),
    V: f64([2, 1], [1, 2]),
    short: f64([3], [1, 1, 1]),
    minus: f64([2], [-1, 1]),
    one: f64([], [1])
  }
  const wrong = (message: string, ...nodes: TestNode[]) => {
    const graph = { nodes, tensors, input: ['n', 2] }
    expect(() => decode(graph), message).toThrow(InputError)
    expect(() => decode(graph), message).toThrow(message)
  }
  const dense: TestNode = ['MatMul', ['input', 'W'], ['h']]
  const relu: TestNode = ['Relu', ['h'], ['r']]
  const beside = 'follows a normalisation that no dense layer or convolution is beside'
  wrong(beside, dense, relu, norm('r', 'output', 0))
  wrong(beside, dense, relu, norm('r', 'n', 0), ['Tanh', ['n'], ['t']], ['MatMul', ['t', 'V'], ['output']])
  wrong('input 4 is no constant list', dense, ['BatchNormalization', ['h', 'g0', 'b0', 'm0', 'short'], ['output']])
  wrong('training_mode is on', dense, [
    'BatchNormalization',
    ['h', 'g0', 'b0', 'm0', 'v0'],
    ['output'],
    { training_mode: { int: 1 } }
  ])
  wrong('its factors: entry 0 is NaN', dense, ['BatchNormalization', ['h', 'g0', 'b0', 'm0', 'minus'], ['output']])
  wrong('"c" is a comparison, not a number', dense, ['Greater', ['h', 'one'], ['c']], ['Relu', ['c'], ['output']])
  const padded: TestGraph = {
    nodes: [
      ['BatchNormalization', ['input', 'g', 'b', 'm', 'v'], ['n']],
      ['Conv', ['n', 'K'], ['output'], { pads: { ints: [1, 0, 0, 0] } }]
    ],
    tensors: { g: f64([1], [1]), b: f64([1], [1]), m: f64([1], [0]), v: f64([1], [1]), K: f64([1, 1, 1, 1], [2]) },
    input: ['n', 1, 2, 2]
  }
  expect(() => decode(padded)).toThrow('pads what a normalisation has moved away from zero')
})

test('shapes computed in the graph', () => {
  const tail: TestNode = ['MatMul', ['f', 'D'], ['output']]
  const name = (
    nodes: readonly TestNode[],
    more: Readonly<Record<string, TestTensor>> = {},
    batch: number | string = 'n'
  ) =>
    networkName(
      decode({
        nodes: [...nodes, tail],
        tensors: { D: f64([8, 1], [1, 2, 3, 4, 5, 6, 7, 8]), ...more },
        input: [batch, 2, 2, 2]
      }).network
    )
  const flat = '2x2x2 flatten 1'
  const zero = {
    zero: { type: 'int64', dims: [], values: [0] } as const,
    rest: i64(-1),
    first: i64(0),
    one: i64(1),
    eight: i64(8)
  }
  const reshape: TestNode = ['Reshape', ['input', 's'], ['f']]
  for (const batch of ['n', 5]) {
    expect(
      name(
        [
          ['Shape', ['input'], ['shape']],
          ['Gather', ['shape', 'zero'], ['b']],
          ['Unsqueeze', ['b', 'first'], ['u']],
          ['Concat', ['u', 'rest'], ['s']],
          reshape
        ],
        zero,
        batch
      )
    ).toBe(flat)
    expect(
      name(
        [
          ['Shape', ['input'], ['shape']],
          ['Cast', ['shape'], ['c'], { to: { int: 6 } }],
          ['Slice', ['c', 'first', 'one'], ['b']],
          ['Concat', ['b', 'eight'], ['s']],
          reshape
        ],
        zero,
        batch
      )
    ).toBe(flat)
    expect(
      name([['Shape', ['input'], ['b'], { end: { int: 1 } }], ['Concat', ['b', 'rest'], ['s']], reshape], zero, batch)
    ).toBe(flat)
  }
  const wrong = (message: string, nodes: readonly TestNode[], more = {}) =>
    expect(() => name(nodes, { ...zero, ...more })).toThrow(message)
  wrong('computes with the size of the batch', [
    ['Shape', ['input'], ['shape']],
    ['Mul', ['shape', 'eight'], ['m']],
    ['Reshape', ['input', 'm'], ['f']]
  ])
  wrong('gathers outside', [
    ['Shape', ['input'], ['shape']],
    ['Gather', ['shape', 'eight'], ['b']],
    ['Reshape', ['input', 'b'], ['f']]
  ])
  // The size of the batch in the place of a sample's own.
  wrong('reshapes samples [2, 2, 2]', [
    ['Shape', ['input'], ['shape']],
    ['Gather', ['shape', 'first'], ['b']],
    ['Concat', ['rest', 'b'], ['s']],
    reshape
  ])
})
