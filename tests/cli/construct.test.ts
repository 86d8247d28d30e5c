import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readModel, readTable, selectColumns } from '@nadir/formats'
import { dataset, empiricalRisk, evaluate, evaluateExactly, type Network, objective, toFloat } from '@nadir/landscape'
import { describe, expect, test } from 'vitest'
import { example, filesIn, folder, nadir } from './nadir.ts'

describe('construct', () => {
  const cwd = folder({ 'line.csv': 'x,y\n0,1\n1,3\n2,5\n' })
  const data = example('diabetes.csv')
  const built = nadir(
    ['construct', 'liu2022-groups', data, '--hidden', '16,16', '--count', '2', '--out', 'out', '--json'],
    cwd
  )
  const answer = JSON.parse(built.out)

  test('writes networks and certificates, and says what the checker says', () => {
    expect(built.code).toBe(0)
    expect(answer.theorem).toBe('liu2022-groups')
    expect(answer.points.map(({ claim }: { claim: string }) => claim)).toEqual(['spurious', 'spurious'])
    for (const { loss } of answer.points) expect(loss.approx).toBeGreaterThan(answer.better.loss.approx)
    expect(filesIn(join(cwd, 'out'))).toEqual(
      ['better', 'point-1', 'point-2']
        .flatMap((name) => [`${name}.json`, `${name}.onnx`, `${name}.safetensors`])
        .concat('point-1-certificate.json', 'point-2-certificate.json')
        .sort()
    )
    for (const { certificate } of answer.points) {
      const checked = nadir(['check', certificate, '--data', data, '--claim', 'spurious'], cwd)
      expect(checked.code).toBe(0)
    }
  })

  test('the written doubles have the outputs of the exact point, and hardly a gradient', async () => {
    const table = selectColumns(await readTable(data), { target: undefined, inputs: undefined, file: data })
    const samples = dataset(table.X, table.Y)
    const floats = await readModel(join(cwd, 'out/point-1.onnx'))
    const exact = await readModel(join(cwd, 'out/point-1.json'))
    const problem = empiricalRisk({ network: floats.network as Network, data: samples })
    const theta = toFloat(floats.parameters).values
    if (exact.parameters.kind !== 'exact') throw new Error('not exact')
    const { values } = evaluateExactly(problem, exact.parameters)
    const outputs = values.at(-1)!
    let largest = 0
    for (const [i, [f]] of outputs.rows.entries()) {
      const input = samples.approximateInputs.slice(i * samples.inputCount, (i + 1) * samples.inputCount)
      const difference = evaluate(floats.network, theta, input)[0]! - Number(f!) / Number(outputs.denominator)
      largest = Math.max(largest, Math.abs(difference))
    }
    expect(largest).toBeLessThan(1e-9)
    const gradient = new Float64Array(theta.length)
    const loss = objective(problem).evaluate(theta, gradient)
    const size = Math.hypot(...theta)
    expect(loss).toBeCloseTo(answer.points[0].loss.approx, 7)
    expect(Math.max(...gradient.map(Math.abs)) / size).toBeLessThan(1e-9)
  })

  test('names the hypothesis that fails, and what was found', () => {
    const refused = nadir(['construct', 'yun2019-relu', 'line.csv', '--hidden', '4'], cwd)
    expect([refused.code, refused.out]).toEqual([
      1,
      'yun2019-relu does not apply: it needs "no affine map fits the data", but here: an affine map fits every sample exactly: loss 0\n'
    ])
    const narrow = nadir(['construct', 'liu2022-groups', data, '--hidden', '2', '--json'], cwd)
    expect(narrow.code).toBe(1)
    expect(JSON.parse(narrow.out)).toMatchObject({ refused: { found: expect.stringContaining('3 units are needed') } })
    expect(nadir(['construct', 'yun2019-relu', data, '--activation', 'tanh'], cwd).out).toContain(
      'the activation is tanh'
    )
  })

  test.each([
    [['construct', 'yun2019-rely', 'line.csv'], 'did you mean yun2019-relu?'],
    [['construct', 'yun2019-relu'], 'needs a data file'],
    [['construct', 'yun2019-relu', 'line.csv', '--alpha', '2'], 'knows no such number'],
    [['construct', 'rister2016-neuron', '--alpha', 'two'], 'expected a decimal or a fraction'],
    [['construct', 'yun2019-relu', 'line.csv', '--hidden', '0'], 'without units'],
    [['construct', 'yun2019-relu', 'line.csv', '--weight-decay', '1'], 'without weight decay']
  ])('bad input is one clear line: %s', (args, words) => {
    const { code, error } = nadir(args, cwd)
    expect(code).toBe(2)
    expect(error).toContain(words)
    expect(error.trim().split('\n').length).toBe(1)
  })

  test('a theorem with data of its own writes them beside the points', () => {
    const { code } = nadir(['construct', 'rister2016-neuron', '--alpha', '3', '--out', 'neuron'], cwd)
    expect(code).toBe(0)
    expect(readFileSync(join(cwd, 'neuron/point-1-data.csv'), 'utf8')).toBe('x1,y1\n0,1/2\n-1,3\n1,6\n')
    const args = ['check', 'neuron/point-2-certificate.json', '--data', 'neuron/point-2-data.csv']
    expect(nadir(args, cwd).code).toBe(0)
  })
})

test('theorems lists every theorem with a command that runs', () => {
  const cwd = folder()
  const list = JSON.parse(nadir(['theorems', '--json'], cwd).out)
  expect(list.length).toBeGreaterThanOrEqual(10)
  for (const theorem of list) {
    expect(Object.keys(theorem)).toEqual(['id', 'title', 'source', 'hypotheses', 'conclusion', 'example'])
    expect(theorem.example).toMatch(new RegExp(`^nadir construct ${theorem.id}( |$)`))
    const args = theorem.example.split(' ').slice(1)
    const { code, error } = nadir(
      args.map((arg: string) => (/\.(csv|onnx)$/.test(arg) ? example(arg) : arg)),
      cwd
    )
    expect([theorem.id, code, error.includes('internal')]).toEqual([theorem.id, 0, false])
  }
  expect(nadir(['theorems'], cwd).out).toContain('yun2019-relu')
})
