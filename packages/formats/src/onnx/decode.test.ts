import { entry, fromNumber, multiply, rational, toText } from '@nadir/arithmetic'
import { leakyRelu, networkName, type Point } from '@nadir/landscape'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { InputError } from '../errors.ts'
import { onnxFile, type TestGraph, type TestNode, type TestTensor } from '../testing/onnx-graph.ts'
import { evaluatePlainly } from '../testing/plain-evaluation.ts'
import { decodeOnnx } from './decode.ts'

const f64 = (dims: readonly number[], values: readonly number[]): TestTensor => ({ type: 'float64', dims, values })
const f32 = (dims: readonly number[], values: readonly number[]): TestTensor => ({
  type: 'float32',
  dims,
  values: values.map(Math.fround)
})
const i64 = (...values: readonly number[]): TestTensor => ({ type: 'int64', dims: [values.length], values })
const scalar = (x: number): TestTensor => f64([], [x])

const decode = (graph: TestGraph) => decodeOnnx(onnxFile(graph), 'm.onnx')
const name = (graph: TestGraph): string => networkName(decode(graph).network)
const floats = (point: Point): number[] => (point.kind === 'float' ? [...point.values] : [])

/** y = 2 values from 3, without bias: `0.weight` is [2, 3]. */
const tensors = { W: f64([3, 2], [1, 4, 2, 5, 3, 6]), b: f64([2], [7, 8]), V: f64([2, 1], [9, 10]) }
const matMul: TestNode = ['MatMul', ['input', 'W'], ['h']]
/** A graph from `h`, two values of a dense layer without bias, to `output`. */
const after = (nodes: readonly TestNode[], more: Readonly<Record<string, TestTensor>> = {}): TestGraph => ({
  nodes: [matMul, ...nodes],
  tensors: { ...tensors, ...more },
  input: ['batch', 3]
})
const pointwise = (nodes: readonly TestNode[], more: Readonly<Record<string, TestTensor>> = {}): string =>
  name(after([...nodes, ['MatMul', ['a', 'V'], ['output']]], more)).replace(/^3-2-1 (.*), no biases$/, '$1')

test('the ways to write x W + b are one network', () => {
  const relu: TestNode = ['Relu', ['z'], ['output']]
  const weight = tensors.W
  const transposed = f64([2, 3], [1, 2, 3, 4, 5, 6])
  const graphs: readonly TestGraph[] = [
    { nodes: [matMul, ['Add', ['h', 'b'], ['z']], relu], tensors },
    { nodes: [matMul, ['Add', ['b', 'h'], ['z']], relu], tensors: { ...tensors, b: f64([1, 2], [7, 8]) } },
    { nodes: [['Gemm', ['input', 'W', 'b'], ['z']], relu], tensors },
    {
      nodes: [['Gemm', ['input', 'W', 'b'], ['z'], { transB: { int: 1 } }], relu],
      tensors: { ...tensors, W: transposed }
    },
    { nodes: [['Gemm', ['input', 'W'], ['h'], { beta: { float: 3 } }], ['Add', ['h', 'b'], ['z']], relu], tensors },
    {
      nodes: [['Transpose', ['T'], ['W']], ['Gemm', ['input', 'W', 'b'], ['z']], relu],
      tensors: { T: transposed, b: tensors.b }
    },
    {
      nodes: [
        ['Constant', [], ['W'], { value: { tensor: weight } }],
        ['Identity', ['c'], ['b']],
        ['Gemm', ['input', 'W', 'b'], ['z']],
        relu
      ],
      tensors: { c: tensors.b }
    },
    {
      nodes: [['Gemm', ['input', 'W', 'b'], ['z']], relu],
      tensors: { W: { ...weight, stored: 'field' }, b: { ...tensors.b, stored: 'field' } }
    },
    {
      nodes: [['Gemm', ['input', 'W', 'b'], ['z']], relu],
      tensors: { W: { ...weight, type: 'float32', stored: 'field' }, b: f32([2], [7, 8]) }
    },
    {
      nodes: [
        ['Identity', ['input'], ['i']],
        ['Dropout', ['i'], ['d', 'mask']],
        ['Gemm', ['d', 'W', 'b'], ['z']],
        relu
      ],
      tensors
    },
    {
      nodes: [
        ['Cast', ['input'], ['i'], { to: { int: 11 } }],
        ['Flatten', ['i'], ['d']],
        ['Gemm', ['d', 'W', 'b'], ['z']],
        relu
      ],
      tensors
    }
  ]
  for (const graph of graphs)
    for (const input of [undefined, ['batch', 3], [2, 3]]) {
      const { network, parameters } = decode({ ...graph, input })
      expect(network).toEqual({
        inputs: [3],
        layers: [
          { kind: 'dense', outputs: 2, bias: true },
          { kind: 'activation', activation: leakyRelu(rational(0n)) }
        ]
      })
      expect(parameters).toEqual({ kind: 'float', values: Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8) })
    }
})

test('alpha and beta multiply exactly', () => {
  const gemm = (alpha: number, beta: number): Point =>
    decode({
      nodes: [['Gemm', ['input', 'W', 'b'], ['output'], { alpha: { float: alpha }, beta: { float: beta } }]],
      tensors: { W: f64([1, 1], [0.1]), b: f64([1], [3]) }
    }).parameters
  expect(floats(gemm(0.5, 2))).toEqual([0.05, 6])
  // The float32 nearest to 0.1, times a double, is no double.
  const exact = gemm(0.1, 1)
  if (exact.kind !== 'exact') throw new Error('rounded')
  expect(entry(exact.tensors[0], 0)).toEqual(multiply(fromNumber(Math.fround(0.1)), fromNumber(0.1)))
  expect(toText(entry(exact.tensors[1], 0))).toBe('3')
})

test('the graph that scikit-learn models become', () => {
  const graph: TestGraph = {
    nodes: [
      ['Cast', ['input'], ['cast_input'], { to: { int: 1 } }],
      ['MatMul', ['cast_input', 'coefficient'], ['mul_result']],
      ['Add', ['mul_result', 'intercepts'], ['add_result']],
      ['Relu', ['add_result'], ['next_activations']],
      ['MatMul', ['next_activations', 'coefficient1'], ['mul_result1']],
      ['Add', ['mul_result1', 'intercepts1'], ['add_result1']],
      ['Reshape', ['add_result1', 'shape_tensor'], ['variable']]
    ],
    tensors: {
      coefficient: f32([2, 3], [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]),
      intercepts: f32([1, 3], [1, 2, 3]),
      coefficient1: f32([3, 1], [-1, -2, -3]),
      intercepts1: f32([1, 1], [0.7]),
      shape_tensor: i64(-1, 1)
    },
    input: ['batch', 2],
    inputType: 1,
    output: 'variable'
  }
  const { network, parameters, notes } = decode(graph)
  expect(networkName(network)).toBe('2-3-1 relu')
  expect(floats(parameters)).toEqual([0.1, 0.4, 0.2, 0.5, 0.3, 0.6, 1, 2, 3, -1, -2, -3, 0.7].map(Math.fround))
  expect(notes).toEqual(['parameters are stored as float32; their exact values are used'])
  expect(decode({ ...graph, inputType: 11 }).notes[0]).toContain('without that rounding')
})

test('activations by their operators', () => {
  const one = (operator: string, attributes: TestNode[3] = {}): string =>
    pointwise([[operator, ['h'], ['a'], attributes]])
  expect(
    ['Relu', 'Abs', 'Tanh', 'Sigmoid', 'Softplus', 'Elu', 'Selu', 'Gelu', 'Atan', 'Sin'].map((o) => one(o))
  ).toEqual(['relu', 'abs', 'tanh', 'sigmoid', 'softplus', 'elu', 'selu', 'gelu', 'arctan', 'sine'])
  expect(one('Gelu', { approximate: { text: 'tanh' } })).toBe('gelu-tanh')
  expect(one('LeakyRelu', { alpha: { float: 0.25 } })).toBe('leaky-relu:1/4')
  expect(one('LeakyRelu')).toBe(`leaky-relu:${toText(fromNumber(Math.fround(0.01)))}`)
  expect(decode(after([['LeakyRelu', ['h'], ['output']]])).notes).toEqual([
    'the slope of LeakyRelu is 0.009999999776482582, a float32: not the decimal it was written as'
  ])
})

test('activations that are spelled out', () => {
  const more = {
    zero: scalar(0),
    one: scalar(1),
    half: f32([], [0.5]),
    two: scalar(2),
    root: f32([], [Math.SQRT2]),
    slope: f64([1], [0.1]),
    slopes: f64([2], [0.1, 0.2])
  }
  expect(
    pointwise([
      ['Sigmoid', ['h'], ['s']],
      ['Mul', ['h', 's'], ['a']]
    ])
  ).toBe('silu')
  expect(pointwise([['Max', ['zero', 'h'], ['a']]], more)).toBe('relu')
  expect(pointwise([['Min', ['h', 'zero'], ['a']]], more)).toBe('two-slope:0,1')
  expect(pointwise([['Pow', ['h', 'two'], ['a']]], more)).toBe('quadratic')
  expect(pointwise([['PRelu', ['h', 'slope'], ['a']]], more)).toBe(`leaky-relu:${toText(fromNumber(0.1))}`)
  expect(
    pointwise([
      ['Relu', ['h'], ['r']],
      ['Neg', ['h'], ['m']],
      ['Relu', ['m'], ['n']],
      ['Sub', ['r', 'n'], ['a']]
    ])
  ).toBe('linear')
  expect(
    pointwise(
      [
        ['Relu', ['h'], ['r']],
        ['Mul', ['half', 'h'], ['m']],
        ['Sub', ['r', 'm'], ['a']]
      ],
      more
    )
  ).toBe('two-slope:1/2,-1/2')
  const gelu: readonly TestNode[] = [
    ['Div', ['h', 'root'], ['d']],
    ['Erf', ['d'], ['e']],
    ['Add', ['e', 'one'], ['f']],
    ['Mul', ['h', 'f'], ['g']],
    ['Mul', ['g', 'half'], ['a']]
  ]
  expect(pointwise(gelu, more)).toBe('gelu')
  expect(decode(after([...gelu, ['Identity', ['a'], ['output']]], more)).notes[0]).toContain('GELU is spelled out')
  expect(() => pointwise([['PRelu', ['h', 'slopes'], ['a']]], more)).toThrow('"slopes" holds different slopes')
})

test('shapes that only flatten, and images', () => {
  const image = (
    nodes: readonly TestNode[],
    input: readonly (number | string)[],
    more: Readonly<Record<string, TestTensor>> = {}
  ): string =>
    name({
      nodes: [...nodes, ['MatMul', ['f', 'D'], ['output']]],
      tensors: { K: f64([1, 1, 2, 2], [1, 2, 3, 4]), D: f64([4, 1], [1, 2, 3, 4]), ...more },
      input
    })
  const conv: TestNode = ['Conv', ['i', 'K'], ['c']]
  expect(image([['Identity', ['input'], ['i']], conv, ['Flatten', ['c'], ['f']]], ['n', 1, 3, 3])).toBe(
    '1x3x3 conv1(2x2) flatten 1'
  )
  for (const shape of [i64(0, -1), i64(-1, 4), i64(2, 4), i64(7, -1), i64(0, 4)])
    expect(
      image([['Identity', ['input'], ['i']], conv, ['Reshape', ['c', 's'], ['f']]], [7, 1, 3, 3], { s: shape })
    ).toBe('1x3x3 conv1(2x2) flatten 1')
  expect(
    image([['Reshape', ['input', 's'], ['i']], conv, ['Flatten', ['c'], ['f'], { axis: { int: 1 } }]], ['n', 9], {
      s: i64(-1, 1, 3, 3)
    })
  ).toBe('1x3x3 conv1(2x2) flatten 1')
  expect(
    image([['Unsqueeze', ['input', 'x'], ['i']], conv, ['Flatten', ['c'], ['f']]], ['n', 3, 3], { x: i64(1) })
  ).toBe('1x3x3 conv1(2x2) flatten 1')
  expect(image([['Flatten', ['input'], ['f']]], ['n', 2, 2])).toBe('4-1 linear, no biases')
  const pooled = (operator: string, attributes: NonNullable<TestNode[3]>): string =>
    image([[operator, ['input'], ['i'], attributes], conv, ['Flatten', ['c'], ['f']]], ['n', 1, 6, 6])
  expect(pooled('AveragePool', { kernel_shape: { ints: [2, 2] }, strides: { ints: [2, 2] } })).toBe(
    '1x6x6 average-pool(2x2) conv1(2x2) flatten 1'
  )
  expect(pooled('MaxPool', { kernel_shape: { ints: [4, 4] }, pads: { ints: [0, 0, 0, 0] } })).toBe(
    '1x6x6 max-pool(4x4) conv1(2x2) flatten 1'
  )
  expect(
    name({
      nodes: [
        ['GlobalAveragePool', ['input'], ['g']],
        ['Squeeze', ['g', 'x'], ['f']],
        ['MatMul', ['f', 'D'], ['h']],
        ['Squeeze', ['h', 'y'], ['output']]
      ],
      tensors: { D: f64([2, 1], [1, 2]), x: i64(2, -1), y: i64(-1) },
      input: ['n', 2, 5, 6]
    })
  ).toBe('2x5x6 average-pool(5x6) flatten 1')
})

test('a bias added after a convolution belongs to it', () => {
  const { network, parameters } = decode({
    nodes: [
      ['Conv', ['input', 'K'], ['c'], { pads: { ints: [1, 0, 0, 1] }, strides: { ints: [2, 1] } }],
      ['Add', ['c', 'b'], ['output']]
    ],
    tensors: { K: f64([2, 1, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]), b: f64([2, 1, 1], [9, 10]) },
    input: [1, 1, 3, 3]
  })
  expect(network.layers).toEqual([
    { kind: 'conv', outputs: 2, size: [2, 2], stride: [2, 1], padding: [1, 0, 0, 1], bias: true }
  ])
  // By hand: first window of channel 0 sees the row of padding, then 1 2; of channel 1 likewise.
  expect(evaluatePlainly(network, parameters, [1, 2, 3, 4, 5, 6, 7, 8, 9]).slice(0, 2)).toEqual([3 + 8 + 9, 6 + 12 + 9])
})

test('nodes that the output does not need are left out', () => {
  expect(
    name(
      after([
        ['Relu', ['h'], ['output']],
        ['Softmax', ['h'], ['unused']],
        ['MatMul', ['unused', 'V'], ['other']]
      ])
    )
  ).toBe('3-2 relu, no biases')
})

test('what cannot be read is said, with the node', () => {
  const node2 = (message: string) => `m.onnx: operator ${message}`
  const cases: readonly (readonly [TestGraph, string])[] = [
    [after([['Softmax', ['h'], ['output']]]), node2('Softmax, node "node_1" at byte ')],
    [after([['Softmax', ['h'], ['output']]]), 'losses are computed from logits'],
    [after([['toString', ['h'], ['output']]]), 'this operator is not supported'],
    [
      after([
        ['MatMul', ['h', 'V'], ['g']],
        ['Add', ['g', 'h'], ['output']]
      ]),
      'operator Add, node "node_2" at byte 199: uses "h" again after another layer took it; only sequential networks are read'
    ],
    [
      after([
        ['Add', ['h', 'b'], ['g']],
        ['Mul', ['g', 'h'], ['output']]
      ]),
      'uses "h" again'
    ],
    [after([['Relu', ['nowhere'], ['output']]]), 'input "nowhere" is not computed before'],
    [after([['Relu', ['W'], ['output']]]), 'input "W" is a constant where the data is expected'],
    [
      after([
        ['Relu', ['h'], ['h']],
        ['Relu', ['h'], ['output']]
      ]),
      '"h" is computed twice'
    ],
    [
      after([['Add', ['h', 'c'], ['output']]], { c: f64([3], [1, 2, 3]) }),
      'adds the constant "c" where no layer wants a bias'
    ],
    [
      after([
        ['Add', ['h', 'b'], ['g']],
        ['Add', ['g', 'b'], ['output']]
      ]),
      'adds the constant "b" where no layer wants a bias'
    ],
    [after([['Mul', ['h', 'b'], ['output']]]), 'the constant "b" of shape [2] is not one number'],
    [
      after([
        ['Sigmoid', ['h'], ['s']],
        ['Mul', ['s', 's'], ['output']]
      ]),
      'm.onnx: output "output": the operators before compute 1*sigmoid(1*x)*sigmoid(1*x) of x, which is no known activation'
    ],
    [after([['Elu', ['h'], ['output'], { alpha: { float: 2 } }]]), 'alpha is 2, only 1 is supported'],
    [after([['Cast', ['h'], ['output'], { to: { int: 7 } }]]), 'casts the data to element type 7'],
    [after([['Dropout', ['h', '', 'b'], ['output']]]), 'training_mode is on'],
    [after([['Transpose', ['h'], ['output'], { perm: { ints: [1, 0] } }]]), 'transposes the data'],
    [after([['Flatten', ['h'], ['output'], { axis: { int: 0 } }]]), 'axis 0 mixes samples'],
    [
      after([['Reshape', ['h', 's'], ['output']]], { s: i64(1, -1) }),
      'reshapes samples [2] to [1, -1], batch included'
    ],
    [after([['Reshape', ['h', 's'], ['output']]], { s: i64(-1) }), 'reshapes samples [2] to [-1], batch included'],
    [after([['MatMul', ['V', 'h'], ['output']]]), 'the constant "V" is on the left'],
    [after([['MatMul', ['h', 'h'], ['output']]]), 'no factor is a constant'],
    [after([['MatMul', ['h', 'W'], ['output']]]), 'weight "W" takes 3 values, but a sample here is [2]'],
    [after([['Gemm', ['h', 'V', 'b'], ['output']]]), 'bias "b" is [2], expected [1]'],
    [after([['Gemm', ['h', 'V'], ['output'], { transA: { int: 1 } }]]), 'transA = 1'],
    [after([['Conv', ['h', 'V'], ['output']]]), 'needs samples of known shape [channels, height, width], got [2]'],
    [
      after([['Gemm', ['h', 'i'], ['output']]], { i: { type: 'int64', dims: [2, 1], values: [1, 2] } }),
      'tensor "i" holds integers'
    ],
    [
      after([['Gemm', ['h', 'i'], ['output']]], { i: f64([2, 1], [1, Number.NaN]) }),
      'm.onnx: tensor "i": entry 1 is NaN'
    ],
    [
      after([['Gemm', ['h', 'i'], ['output']]], { i: f64([2, 2], [1, 2, 3]) }),
      'declares shape [2, 2], 4 numbers of 8 bytes, but holds 24 bytes'
    ],
    [
      after([['Gemm', ['h', 'i'], ['output']]], { i: { ...f64([2, 2], [1, 2, 3]), stored: 'field' } }),
      'declares shape [2, 2], 4 numbers, but holds 3'
    ],
    [
      { ...after([['Relu', ['h'], ['output']]]), input: [3] },
      'm.onnx: input "input" has 1 dimensions, expected [batch, features]'
    ],
    [
      { ...after([['Relu', ['h'], ['output']]]), input: ['batch', 4] },
      'weight "W" takes 3 values, but a sample here is [4]'
    ],
    [{ ...after([['Relu', ['h'], ['output']]]), opset: 6 }, 'm.onnx: opset 6 is too old'],
    [{ ...after([['Relu', ['h'], ['output']]]), domain: 'ai.onnx.ml' }, 'operator ai.onnx.ml.MatMul, node "node_0"'],
    [
      { nodes: [['Relu', ['input'], ['output']]], tensors: {}, input: ['n', 3] },
      'm.onnx: the network has no parameters'
    ],
    [{ nodes: [['Identity', ['W'], ['output']]], tensors }, 'input "output" is a constant where the data is expected']
  ]
  for (const [graph, message] of cases) {
    expect(() => decode(graph), message).toThrow(InputError)
    expect(() => decode(graph), message).toThrow(message)
  }
  expect(() => decodeOnnx(new TextEncoder().encode('version https://git-lfs'), 'm.onnx')).toThrow('not an ONNX file')
  expect(() => decodeOnnx(new Uint8Array(), 'm.onnx')).toThrow('m.onnx: byte 0: not an ONNX model (it holds no graph)')
})

test('constants used again and again do not multiply memory', () => {
  const n = 100
  const W = f64(
    [n, n],
    Array.from({ length: n * n }, () => 1)
  )
  const chain = (k: number): TestNode[] =>
    Array.from({ length: k }, (_, i) => [
      'MatMul',
      [i === 0 ? 'input' : `h${i - 1}`, 'W'],
      [i === k - 1 ? 'output' : `h${i}`]
    ])
  expect(decode({ nodes: chain(2), tensors: { W } }).notes).toEqual([
    'tensor "W" is used in several places; each use counts as parameters of its own'
  ])
  expect(() => decode({ nodes: chain(50), tensors: { W } })).toThrow(
    'shared or transformed too often for a file of this size'
  )
})

test('expressions that grow at every node are refused', () => {
  const nodes = Array.from(
    { length: 60 },
    (_, i): TestNode => ['Mul', [`h${i || ''}`, `h${i || ''}`], [i === 59 ? 'output' : `h${i + 1}`]]
  )
  expect(() => decode(after(nodes))).toThrow('this combination of operators is no activation')
})

test('chains of dense layers and ramps compute what the graph says', () => {
  const entries = fc.double({ min: -2, max: 2, noNaN: true })
  const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 5 })
  fc.assert(
    fc.property(
      sizes.chain((s) =>
        fc.tuple(
          fc.constant(s),
          fc.array(entries, { minLength: 100, maxLength: 100 }),
          fc.array(entries, { minLength: s[0], maxLength: s[0] })
        )
      ),
      ([s, numbers, x]) => {
        let next = 0
        const take = (n: number) => Array.from({ length: n }, () => numbers[next++ % numbers.length])
        const nodes: TestNode[] = []
        const weights: Record<string, TestTensor> = {}
        let value = x
        for (let k = 1; k < s.length; k++) {
          const w = take(s[k - 1] * s[k])
          const b = take(s[k])
          weights[`W${k}`] = f64([s[k - 1], s[k]], w)
          weights[`b${k}`] = f64([s[k]], b)
          nodes.push(['MatMul', [k === 1 ? 'input' : `a${k - 1}`, `W${k}`], [`m${k}`]])
          nodes.push(
            ['Add', [`b${k}`, `m${k}`], [`z${k}`]],
            ['Abs', [`z${k}`], [k === s.length - 1 ? 'output' : `a${k}`]]
          )
          value = b.map((bias, j) => Math.abs(value.reduce((sum, v, i) => sum + v * w[i * s[k] + j], bias)))
        }
        const { network, parameters } = decode({ nodes, tensors: weights })
        // + 0 makes a negative zero a zero: the two are one number.
        expect(evaluatePlainly(network, parameters, x).map((v) => v + 0)).toEqual(value.map((v) => v + 0))
      }
    )
  )
})
