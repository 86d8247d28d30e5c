import { spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { example, filesIn, folder, nadir } from './nadir.ts'

const main = fileURLToPath(new URL('../../packages/cli/dist/main.js', import.meta.url))

/** Starts a run, waits for its first checkpoint, and ends it by a signal; true when it was still at work. */
async function interrupted(args: readonly string[], cwd: string, out: string, signal: 'SIGKILL' | 'SIGINT') {
  const child = spawn(process.execPath, [main, ...args], { cwd, stdio: 'ignore' })
  const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()))
  const checkpoint = join(cwd, out, 'checkpoint.json')
  while (child.exitCode === null && !existsSync(checkpoint)) await setTimeout(5)
  await setTimeout(20)
  const working = child.exitCode === null
  child.kill(signal)
  await ended
  return working
}

const bytes = (cwd: string, file: string) => readFileSync(join(cwd, file)).toString('base64')

describe.each([
  ['adam+l-bfgs', 'SIGKILL', ['--steps', '20000', '--polish', '20']],
  ['sgd', 'SIGINT', ['--steps', '60000', '--batch', '8', '--rate', '0.0001']],
  ['cell-descent', 'SIGKILL', ['--steps', '60000']]
] as const)('%s stopped by %s', (method, signal, more) => {
  test('and resumed comes to the same model and history', async () => {
    const cwd = folder()
    const common = ['train', example('sine.csv'), '--hidden', '8', '--seed', '7', '--method', method, ...more]
    expect(nadir([...common, '--out', 'whole'], cwd).code).toBe(0)
    expect(await interrupted([...common, '--out', 'parts'], cwd, 'parts', signal)).toBe(true)
    expect(filesIn(join(cwd, 'parts'))).toContain('checkpoint.json')
    const resumed = nadir([...common, '--out', 'parts', '--resume', '--json'], cwd)
    expect(resumed.error).not.toContain('nadir:')
    expect(JSON.parse(resumed.out).checkpoint).toBeNull()
    expect(filesIn(join(cwd, 'parts'))).toEqual(['history.csv', 'model.onnx'])
    for (const file of ['history.csv', 'model.onnx'])
      expect(bytes(cwd, join('parts', file))).toBe(bytes(cwd, join('whole', file)))
  })
})

test('every method trains, says what is proved and leaves a history', () => {
  const cwd = folder()
  for (const [method, more] of [
    ['gradient-descent', ['--steps', '50', '--schedule', 'exact']],
    ['gradient-descent', ['--steps', '50', '--schedule', 'inverse']],
    ['levenberg-marquardt', ['--steps', '20']],
    ['iterated-convex', ['--steps', '5', '--weight-decay', '1/10']],
    ['block-coordinate', ['--steps', '5', '--pieces', 'one']],
    ['bpgrad', ['--steps', '200']],
    ['cell-descent', ['--steps', '500']]
  ] as const) {
    const args = ['train', example('xor.csv'), '--hidden', '3', '--method', method, ...more, '--out', 'net', '--json']
    const { code, out, error } = nadir(args, cwd)
    expect([code, error.includes('nadir:')]).toEqual([0, false])
    const { loss, guarantees, notProved } = JSON.parse(out)
    expect(Number.isFinite(loss.approx)).toBe(true)
    expect(guarantees.length).toBeGreaterThan(0)
    for (const g of guarantees) expect([true, false, 'unknown']).toContain(g.holds)
    expect(notProved).not.toBe('')
    expect(readFileSync(join(cwd, 'net/history.csv'), 'utf8').split('\n').length).toBeGreaterThan(2)
  }
})

test('refuses what a method cannot do, and checkpoints of another run, in one line', () => {
  const cwd = folder()
  const refused = (args: readonly string[], words: string) => {
    const { code, error } = nadir(['train', example('iris.csv'), '--hidden', '3', ...args], cwd)
    expect(code).toBe(2)
    expect(error.trim().split('\n').at(-1)).toContain(words)
  }
  refused(['--method', 'cell-descent', '--weight-decay', '1/10'], 'weight decay')
  refused(['--method', 'iterated-convex', '--activation', 'tanh'], 'no convex pieces')
  refused(['--method', 'levenberg-marquardt', '--loss', 'absolute'], 'no curvature')
  refused(['--method', 'sgd', '--batch', '0'], '--batch 0')
  refused(['--method', 'sgd', '--schedule', 'exact'], 'needs all samples')
  refused(['--rate', '-1'], '--rate -1')
  refused(['--resume'], 'name the directory')
  refused(['--resume', '--out', 'nothing'], 'nothing to resume')
  const args = ['--method', 'adam', '--steps', '100000', '--time-limit', '0.2', '--out', 'net']
  expect(nadir(['train', example('iris.csv'), '--hidden', '3', ...args], cwd).code).toBe(0)
  refused([...args, '--seed', '2', '--resume'], 'seed was 1, now it is 2')
  writeFileSync(join(cwd, 'net/checkpoint.json'), '{}')
  refused([...args, '--resume'], 'is not a checkpoint')
})

/** Both are minima of every layer alone and saddles: (w1 w2 - 1)^2 / 2 + (w1^2 + w2^2) / 4 at the origin, and a network without weights that answers the mean of three targets. */
const stuck = {
  'linear.json': JSON.stringify({
    inputs: 1,
    layers: [{ dense: { weight: [['0']] } }, { dense: { weight: [['0']] } }]
  }),
  'one.csv': 'x,y\n1,1\n',
  'relu.json': JSON.stringify({
    inputs: 1,
    layers: [
      { dense: { weight: [['0'], ['0']], bias: ['0', '0'] } },
      { activation: 'relu' },
      { dense: { weight: [['0', '0']], bias: ['2/3'] } }
    ]
  }),
  'abs.csv': 'x,y\n-1,1\n0,0\n1,1\n'
}
test.each([
  ['linear.json', 'one.csv', ['--weight-decay', '1/2'], 1 / 2, 3 / 8],
  ['relu.json', 'abs.csv', [], 1 / 3, 0]
] as const)(
  '%s on %s: a minimum of each layer alone that is a saddle holds steps in one piece; steps across and improve leave it',
  (model, data, problem, at, below) => {
    const cwd = folder(stuck)
    const run = (...args: string[]) => {
      const { out, error } = nadir([...args, ...problem, '--json'], cwd)
      expect(error).not.toContain('nadir:')
      return JSON.parse(out)
    }
    expect(run('pieces', model, data).partialMinimum).toBe(true)
    for (const method of ['block-coordinate', 'iterated-convex']) {
      const held = run('train', data, '--start', model, '--method', method, '--pieces', 'one')
      expect(held.loss.approx).toBeCloseTo(at, 12)
      expect(held.stopped).toContain('--pieces across')
      expect(run('train', data, '--start', model, '--method', method).loss.approx).toBeCloseTo(below, 8)
    }
    expect(run('improve', model, data, '--time-limit', '1').to.approx).toBeCloseTo(below, 8)
    if (problem.length === 0) expect(run('certify', model, data).given.claim).toBe('saddle')
  }
)

test('--start and sizes contradict each other', () => {
  const cwd = folder(stuck)
  const { code, error } = nadir(['train', 'one.csv', '--start', 'linear.json', '--hidden', '3'], cwd)
  expect(code).toBe(2)
  expect(error.trim().split('\n').at(-1)).toContain('leave out --hidden')
})
