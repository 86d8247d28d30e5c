import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { example, filesIn, folder, nadir } from './nadir.ts'

const sine = [example('sine-1-16-1-relu.onnx'), example('sine.csv')]
const json = (args: readonly string[], cwd = folder()) => {
  const { code, out } = nadir(['spectrum', ...args, '--json'], cwd)
  expect(code).toBe(0)
  return JSON.parse(out)
}
const total = (causes: Record<string, number>) => Object.values(causes).reduce((a, b) => a + b, 0)

describe('spectrum of a trained network', () => {
  const cwd = folder()
  const found = json([...sine, '--out', 'out', '--prune', 'smaller.json'], cwd)

  test('answers the agreed fields', () => {
    expect(found).toMatchObject({ parameters: 49, curvature: 'hessian', method: 'all-eigenvalues', unfinished: [] })
    expect(found.largest).toHaveLength(10)
    expect(found.largest[0]).toBeGreaterThan(found.largest[1])
    expect(found.smallest[0]).toBeLessThan(0)
    expect(found.trace.error).toBeGreaterThan(0)
    expect(found.trace.error).toBeLessThan(1e-6)
    expect(found.nullity).toMatchObject({ value: 9, proved: true })
    expect(found.inertia).toEqual({ positive: 32, negative: 8, zero: 9, proved: true })
    expect(found.causes).toMatchObject({ 'dead-units': 6, 'zero-outgoing': 0, 'shared-pattern': 3, remaining: 0 })
    expect(total(found.causes)).toBe(found.nullity.value)
    expect(found.statements.map((s: { id: string; unit: number }) => [s.id, s.unit])).toEqual([
      ['S0', 1],
      ['S0', 13]
    ])
    expect(found.negativeCurvature.value.approx).toBeLessThan(0)
    expect(found.kinks).toMatchObject({ pairs: 0, decided: true, samplesWithinReach: 4 })
    expect(found.activations[0]).toMatchObject({ name: 'relu', derivative: 'z <= 0' })
    expect(found.layers).toHaveLength(2)
    expect(found.trace.value).toBeCloseTo(found.layers[0].trace + found.layers[1].trace, 6)
  })

  test('the ill-posedness report predicts the rank of the pruned network', () => {
    const { advice, outputRank, outputCauses } = found.illPosedness
    expect(total(outputCauses)).toBe(49 - outputRank)
    const removals = advice.filter((a: { action: string }) => /unit/.test(a.action))
    expect(removals).toHaveLength(5)
    expect(found.pruned).toMatchObject({ parameters: 34, identity: { kind: 'equal-on-data', samples: 40 } })
    const smaller = json(['smaller.json', example('sine.csv')], cwd)
    expect(smaller.parameters).toBe(removals.at(-1).parametersAfter)
    expect(smaller.illPosedness.outputRank).toBe(removals.at(-1).rankAfter)
    expect(smaller.causes['dead-units']).toBe(0)
    const losses = ['smaller.json', sine[0]!].map(
      (model) =>
        JSON.parse(nadir(['certify', model, sine[1]!, '--json', '--time-limit', '1'], cwd).out).given.loss.exact
    )
    expect(losses[0]).toMatch(/\d/)
    expect(losses[0]).toBe(losses[1])
  })

  test('weight decay has the predicted effect', () => {
    const decayed = json([...sine, '--weight-decay', '1/10'], cwd)
    expect(decayed.nullity.value).toBe(0)
    expect(decayed.inertia).toMatchObject({ positive: 49, negative: 0 })
    expect(decayed.smallest[0]).toBeCloseTo(found.smallest[0] + 0.1, 9)
  })

  test('writes figures and tables that agree with the document', () => {
    expect(filesIn(join(cwd, 'out'))).toEqual([
      'causes.csv',
      'causes.svg',
      'density.csv',
      'density.svg',
      'eigenvalues.csv',
      'spectrum.json'
    ])
    const read = (name: string) => readFileSync(join(cwd, 'out', name), 'utf8')
    const table = read('eigenvalues.csv').trim().split('\n').slice(1)
    expect(table).toHaveLength(49)
    expect(Number(table.at(-1)!.split(',')[0])).toBe(found.largest[0])
    expect(read('causes.csv')).toContain('dead-units,6,6,#1 #13')
    const density = read('density.csv').trim().split('\n').slice(1)
    expect(density).toHaveLength(400)
    const { seconds: _, ...rest } = JSON.parse(read('spectrum.json'))
    expect(rest).toMatchObject({ largest: found.largest, causes: found.causes })
    for (const name of ['density.svg', 'causes.svg']) expect(read(name)).toMatch(/^<svg xmlns=/)
  })

  test('tells a person in a page what is singular and why', () => {
    const { out } = nadir(['spectrum', ...sine], cwd)
    expect(out).toContain('32 positive, 8 negative, 9 zero, proved')
    expect(out).toContain('9 of 49 directions are null, proved, because of')
    expect(out).toMatch(/dead units +6 +6 .*#1 #13/)
    expect(out).toContain('the data determine 20 of 49 parameters')
    expect(out.split('\n').length).toBeLessThan(45)
    expect(out).not.toMatch(/undefined|NaN/)
  })
})

test('stopped work leaves a file, and the same command goes on to the answer of one run', () => {
  const cwd = folder()
  const args = [example('iris-4-8-3-relu.onnx'), example('iris-onehot.csv'), '--dense-limit', '0', '--probes', '3']
  const task = [...args, '--inputs', 'sepal_length,sepal_width,petal_length,petal_width']
  task.push('--target', 'setosa,versicolor,virginica', '--loss', 'cross-entropy', '--per-layer')
  const whole = json(task, cwd)
  const stopped = json([...task, '--out', 'o', '--time-limit', '0.001'], cwd)
  expect(stopped.unfinished).toContain('density')
  expect(stopped.resume).toBe(join('o', 'unfinished.json'))
  expect(filesIn(join(cwd, 'o'))).toContain('unfinished.json')
  const other = json([...task, '--out', 'o', '--probes', '2', '--time-limit', '0.001'], cwd)
  expect(other.unfinished).toContain('density')
  const done = json([...task, '--out', 'o'], cwd)
  expect(done.unfinished).toEqual([])
  for (const field of ['largest', 'smallest', 'trace', 'causes', 'layers']) expect(done[field]).toEqual(whole[field])
  expect(filesIn(join(cwd, 'o')).filter((name) => name.startsWith('unfinished'))).toEqual([])
  expect(filesIn(join(cwd, 'o'))).toContain('quadrature.csv')
})

test('a sample on a kink is said to be there, and nothing is proved', () => {
  const model = {
    inputs: 1,
    layers: [
      { dense: { weight: [['1'], ['2']], bias: ['-1/2', '1'] } },
      { activation: 'relu' },
      { dense: { weight: [['1', '-1']], bias: ['0'] } }
    ]
  }
  const cwd = folder({ 'm.json': JSON.stringify(model), 'd.csv': 'x,y\n0,1\n1/2,0\n0.5000001,0\n1,2\n' })
  const found = json(['m.json', 'd.csv'], cwd)
  expect(found.kinks).toMatchObject({ pairs: 1, samples: 1, decided: true, samplesWithinReach: 2, nearest: 0 })
  expect(found.nullity.proved).toBe(false)
  expect(found.undecided).toMatch(/exactly 0/)
  expect(nadir(['spectrum', 'm.json', 'd.csv'], cwd).out).toContain('1 sample is on a kink (1 sample-unit pair)')
  expect(json(['m.json', 'd.csv', '--reach', '0.75'], cwd).kinks.samplesWithinReach).toBe(4)
})

test('a network that is not covered is refused with the reason', () => {
  const dense = { dense: { weight: [['1']], bias: ['0'] } }
  const model = { inputs: 1, layers: [dense, { activation: 'relu' }, { activation: 'tanh' }, dense] }
  const cwd = folder({ 'm.json': JSON.stringify(model), 'd.csv': 'x,y\n0,1\n1,2\n' })
  const { code, out } = nadir(['spectrum', 'm.json', 'd.csv', '--json'], cwd)
  expect(code).toBe(1)
  expect(JSON.parse(out)).toMatchObject({
    undecided: expect.stringContaining('activation'),
    tryNext: expect.any(String)
  })
})

const bad: [string, string[], RegExp][] = [
  ['missing model', ['none.onnx', sine[1]!], /none\.onnx.*no such file/],
  ['missing data', [sine[0]!, 'none.csv'], /none\.csv.*no such file/],
  ['unknown curvature', [...sine, '--curvature', 'riemann'], /riemann.*hessian/],
  ['no probes', [...sine, '--probes', '0'], /--probes/],
  ['no steps', [...sine, '--steps', '0'], /--steps/],
  ['no eigenvalues', [...sine, '--largest', '0'], /--largest/],
  ['a word for a number', [...sine, '--steps', 'many'], /--steps.*many/],
  ['negative reach', [...sine, '--reach', '-1'], /--reach/],
  ['pruning to an unknown format', [...sine, '--prune', 'x.xyz'], /x\.xyz.*\.onnx/],
  ['a directory that is a file', [...sine, '--out', 'taken'], /taken/],
  ['an unfinished run that is damaged', [...sine, '--out', 'broken'], /unfinished\.json/]
]
test.each(bad)('%s: exit 2 and one clear line', (_, args, pattern) => {
  const cwd = folder({ taken: 'x' })
  if (args.includes('broken')) {
    nadir(['spectrum', ...sine, '--out', 'broken'], cwd)
    writeFileSync(join(cwd, 'broken', 'unfinished.json'), '{"key":')
  }
  const { code, out, error } = nadir(['spectrum', ...args], cwd)
  expect(code).toBe(2)
  expect(out).toBe('')
  const lines = error
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith('(nadir'))
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatch(pattern)
})
