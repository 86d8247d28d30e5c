import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rational, toNumber, vectorToNumbers } from '@nadir/arithmetic'
import { decodeTable, encodeOnnx, selectColumns } from '@nadir/formats'
import {
  type Activation,
  approximateLoss,
  type ConstructionRequest,
  dataset,
  evaluate,
  evaluateExactly,
  type Network,
  networkName,
  objective,
  type Problem,
  type SmoothName,
  toExact,
  toFloat
} from '@nadir/landscape'
import { expect, test } from 'vitest'
import { exactGradient } from '../../packages/landscape/src/optimality/exact-gradient.ts'
import { construct } from './building.ts'

/*
 * Another runtime on the files that are written: outputs agree with ours, and our float gradient vanishes there. PYTHON names a Python with onnxruntime.
 */

const python = process.env['PYTHON'] ?? 'python3'
const hasRuntime = spawnSync(python, ['-c', 'import onnxruntime, numpy']).status === 0

const program = `
import json, sys
import numpy, onnxruntime
onnxruntime.set_default_logger_severity(3)
for line in sys.stdin:
    task = json.loads(line)
    rows = numpy.array(task["inputs"], dtype=numpy.float64).reshape([len(task["inputs"])] + task["shape"])
    try:
        session = onnxruntime.InferenceSession(task["path"], providers=["CPUExecutionProvider"])
        name = session.get_inputs()[0].name
    except onnxruntime.capi.onnxruntime_pybind11_state.NotImplemented:
        # It has no convolutions in doubles; the reference implementation has.
        try:
            from onnx.reference import ReferenceEvaluator
        except ImportError:
            print("null")
            continue
        session = ReferenceEvaluator(task["path"])
        name = session.input_names[0]
    print(json.dumps(numpy.asarray(session.run(None, {name: rows})[0]).reshape(len(rows), -1).tolist()))
`

const table = (file: string, target: readonly string[], rows: number) => {
  const bytes = readFileSync(new URL(`../../examples/${file}`, import.meta.url))
  const { X, Y } = selectColumns(decodeTable(bytes, file), { target: [...target] })
  return dataset(X.slice(0, rows), Y.slice(0, rows))
}
const smooth = (name: SmoothName): Activation => ({ kind: 'smooth', name })

const iris = table('iris.csv', ['species'], 150)
const onehot = table('iris-onehot.csv', ['setosa', 'versicolor', 'virginica'], 150)
const wine = table('wine.csv', ['cultivar'], 100)
const cases: readonly (readonly [string, Partial<ConstructionRequest>])[] = [
  ['yun2019-relu', { data: iris, hidden: [5] }],
  ['he2020-affine', { data: onehot, hidden: [6, 4] }],
  ['christof2023-constant-segment', { data: iris, hidden: [4, 3] }],
  ['liu2022-groups', { data: iris, hidden: [6, 3] }],
  ['liu2022-cnn', { data: wine, hidden: [4], image: [1, 1, 13], windows: { kernel: [1, 2], pool: [1, 2] } }],
  ['planted', { data: iris, hidden: [3, 2] }],
  ['deep-linear', { data: onehot, hidden: [4, 3] }],
  // Not gelu, whose error function other runtimes have to 1e-7 only, and not selu, whose two numbers are float32 in ONNX.
  ['oleary2020-derivative-zero', { data: iris, hidden: [3], activation: smooth('silu') }],
  ['oleary2020-constant-output', { data: iris, hidden: [3], activation: smooth('tanh') }],
  ...(['sigmoid', 'tanh', 'softplus', 'elu', 'silu', 'sine', 'quadratic', 'arctan'] as const).map(
    (name) => ['yun2019-smooth', { hidden: [2], activation: smooth(name) }] as const
  )
]

const pointsOf = () =>
  cases.flatMap(([id, parts]) => {
    const construction = construct(id, parts)
    if (construction.kind === 'refused') throw new Error(`${id}: ${construction.hypothesis}: ${construction.found}`)
    return construction.points.map(({ problem, point }) => ({ id, problem, point }))
  })

test('the float gradient at the written doubles is below 1e-9 of the size of the parameters', () => {
  for (const { id, problem, point } of pointsOf()) {
    const theta = toFloat(point).values
    const size = Math.max(1, Math.hypot(...theta)) * Math.max(1, approximateLossOf(problem, theta))
    expect(Math.max(...gradientAt(problem, theta).map(Math.abs)) / size, id).toBeLessThan(1e-9)
  }
})

const approximateLossOf = (problem: Problem, theta: Float64Array): number =>
  approximateLoss(problem, theta, (input) => evaluate(problem.network, theta, input))

/** The gradient in doubles; with convolutions the exact one at the doubles. */
function gradientAt(problem: Problem, theta: Float64Array): readonly number[] {
  if (problem.network.layers.every(({ kind }) => kind === 'dense' || kind === 'activation')) {
    const gradient = new Float64Array(theta.length)
    objective(problem).evaluate(theta, gradient)
    return Array.from(gradient)
  }
  const written = toExact(problem.network, { kind: 'float', values: theta })
  return exactGradient(evaluateExactly(problem, written))!.flatMap((tensor) => Array.from(vectorToNumbers(tensor)))
}

test.skipIf(!hasRuntime)('another runtime gives the same outputs to 1e-9', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nadir-onnx-'))
  const points = pointsOf()
  const tasks = points.map(({ problem: { network, data }, point }, k) => {
    const path = join(folder, `${k}.onnx`)
    writeFileSync(path, encodeOnnx({ network, parameters: point }).bytes)
    const inputs = Array.from({ length: data.samples }, (_, i) =>
      Array.from(data.approximateInputs.subarray(i * data.inputCount, (i + 1) * data.inputCount))
    )
    return { path, inputs, shape: network.inputs }
  })
  const { status, stdout, stderr } = spawnSync(python, ['-c', program], {
    input: tasks.map((task) => `${JSON.stringify(task)}\n`).join(''),
    encoding: 'utf8',
    maxBuffer: 1 << 28
  })
  if (status !== 0) throw new Error(stderr)
  const answers = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as number[][] | null)
  expect(answers.length).toBe(points.length)
  for (const [k, { id, problem, point }] of points.entries()) {
    const expected = outputsOf(problem.network, point, problem)
    const scale = Math.max(1, ...expected.flat().map(Math.abs))
    for (const [i, row] of (answers[k] ?? []).entries())
      for (const [o, value] of row.entries())
        expect(Math.abs(value - expected[i]![o]!) / scale, `${id} ${networkName(problem.network)}`).toBeLessThan(1e-9)
  }
})

/** Exact outputs where there are such, else our doubles. */
function outputsOf(
  network: Network,
  point: Parameters<typeof toFloat>[0],
  problem: Parameters<typeof evaluateExactly>[0]
) {
  const { data } = problem
  const isSmooth = network.layers.some(
    (layer) =>
      layer.kind === 'activation' && layer.activation.kind === 'smooth' && layer.activation.name !== 'quadratic'
  )
  if (!isSmooth && point.kind === 'exact') {
    const outputs = evaluateExactly(problem, point).values.at(-1)!
    return outputs.rows.map((row) => row.map((f) => toNumber(rational(f, outputs.denominator))))
  }
  const theta = toFloat(point).values
  return Array.from({ length: data.samples }, (_, i) =>
    Array.from(evaluate(network, theta, data.approximateInputs.slice(i * data.inputCount, (i + 1) * data.inputCount)))
  )
}
