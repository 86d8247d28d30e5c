import { existsSync, readFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { run } from '../../packages/cli/src/program.ts'
import { filesIn, folder, nadir } from './nadir.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

/** Runs a command line without a process of its own; names of files and of --out are taken in the folder. */
async function command(args: readonly string[], cwd: string) {
  const written = { out: '', error: '' }
  const catching = (stream: 'out' | 'error') => (text: unknown) => {
    written[stream] += String(text)
    return true
  }
  vi.spyOn(process.stdout, 'write').mockImplementation(catching('out'))
  vi.spyOn(process.stderr, 'write').mockImplementation(catching('error'))
  const inFolder = (word: string) =>
    /^[\w/.-]+\.(json|csv)$|^out$/.test(word) && !isAbsolute(word) ? join(cwd, word) : word
  const code = await run(args.map(inFolder), () => false)
  vi.restoreAllMocks()
  return { code, ...written }
}

const ask = async (args: readonly string[], cwd = folder()) => {
  const { code, out, error } = await command(['risk', ...args, '--json'], cwd)
  expect(code, error).toBe(0)
  return JSON.parse(out)
}

/** A model with one hidden ReLU layer, in nadir's JSON. */
const model = (w: string[], b: string[], v: string[], c: string): string =>
  JSON.stringify({
    inputs: 1,
    layers: [
      { dense: { weight: w.map((x) => [x]), bias: b } },
      { activation: 'relu' },
      { dense: { weight: [v], bias: [c] } }
    ]
  })

const absolute = ['--target', 'abs(x)', '--on', '-1,1']
const parabola = ['--target', 'x^2', '--on', '0,1']

describe('risk', () => {
  test('lists the critical functions of |x|: the constant and two mirrored kinks', async () => {
    const { realizations, complete, proved } = await ask(absolute)
    expect([complete, proved]).toEqual([true, true])
    expect(realizations).toMatchObject([
      { form: 'constant', kink: null, type: 'local-minimum', global: false },
      { form: 'right-kink', kink: expect.stringMatching(/^0\.41421356237309504/), global: true },
      { form: 'left-kink', kink: expect.stringMatching(/^-0\.41421356237309504/), global: true }
    ])
    expect(realizations[0].risk).toMatch(/^0\.1666666666666666/)
  })

  test('is a verb of the command', () => {
    const { code, out } = nadir(['risk', ...absolute], folder())
    expect(code).toBe(0)
    expect(out).toMatch(
      /3 realization functions[\s\S]*0\.41421356237309504880[\s\S]*accepted by the independent checker/
    )
  })

  test('gives the same for the target as a file and as knots', async () => {
    const cwd = folder({
      't.json': '{ "breakpoints": ["-1","0","1"], "pieces": ["-x", "x"] }',
      't.csv': 'x,y\n-1,1\n0,0\n1,1\n'
    })
    const expected = (await ask(absolute, cwd)).realizations
    expect((await ask(['t.json'], cwd)).realizations).toEqual(expected)
    expect((await ask(['t.csv'], cwd)).realizations).toEqual(expected)
  })

  test('writes a certificate and figures; check accepts it for the same target only', async () => {
    const cwd = folder({ 't.json': '{ "breakpoints": ["-1","-1/2","0","1"], "pieces": ["-x", "-x", "x"] }' })
    const { certificate, figures } = await ask([...absolute, '--out', 'out'], cwd)
    expect(certificate).toBe(join(cwd, 'out', 'certificate.json'))
    expect(figures).toEqual(['functions.svg', 'risk-curve.svg'].map((name) => join(cwd, 'out', name)))
    for (const figure of figures) {
      const svg = readFileSync(figure, 'utf8').trim()
      expect([svg.startsWith('<svg'), svg.endsWith('</svg>')]).toEqual([true, true])
    }
    const check = async (...options: string[]) => (await command(['check', certificate, ...options], cwd)).code
    expect(await check(...absolute)).toBe(0)
    expect(await check('--target', 'max(x, -x)', '--on', '-1,1', '--claim', 'critical-functions')).toBe(0)
    expect(await check('--data', 't.json')).toBe(0)
    expect(await check('--target', 'abs(x)', '--on', '-1,2')).toBe(1)
    expect(await check(...absolute, '--density', '2')).toBe(1)
    expect(await check('--data', 't.json', '--on', '0,1')).toBe(2)
  })

  test('a target with irrational breakpoints is listed without a certificate', async () => {
    const cwd = folder()
    const { realizations, proved, certificate } = await ask(
      ['--target', 'abs(x^2-1/2)', '--on', '0,1', '--out', 'out'],
      cwd
    )
    expect(realizations.length).toBeGreaterThan(1)
    expect([proved, certificate]).toEqual([false, null])
    expect(filesIn(join(cwd, 'out'))).toEqual(['functions.svg', 'risk-curve.svg'])
  })

  test('builds bad minima with a gap above delta, and proves them', async () => {
    const cwd = folder()
    const asked = ['--family', '3', '--on', '0,1', '--delta', '1000', '--hidden', '3', '--out', 'out']
    const { minima, gap, proved, certificate, models } = await ask(asked, cwd)
    expect(minima).toHaveLength(3)
    expect(Number(gap.digits)).toBeGreaterThan(1000)
    expect(proved).toBe(true)
    expect(models).toHaveLength(4)
    for (const path of models) expect(existsSync(path)).toBe(true)
    expect((await command(['check', certificate, '--on', '0,1'], cwd)).code).toBe(0)
    expect((await command(['check', certificate, '--on', '0,2'], cwd)).code).toBe(1)
  })

  test('lists the functions of affine targets at any width, and proves the list', async () => {
    const cwd = folder()
    const { realizations, proved, certificate } = await ask(
      ['--target', '2*x+1', '--on', '0,3', '--hidden', '5', '--out', 'out'],
      cwd
    )
    expect(realizations.map(({ risk }: { risk: string }) => risk)).toEqual(['0', '9', '1/9', '9/625'])
    expect(proved).toBe(true)
    expect((await command(['check', certificate, '--target', '1+2*x', '--on', '0,3'], cwd)).code).toBe(0)
  })

  test('says what kind of point given parameters are', async () => {
    const cwd = folder({
      'best.json': model(['3'], ['-1'], ['4/9'], '1/27'),
      'zigzag.json': model(['1', '-1'], ['-1', '2'], ['4/9', '-4/9'], '2'),
      'dead.json': model(['-1', '1'], ['-1', '-9'], ['5', '5'], '1/3')
    })
    expect(await ask([...parabola, '--at', 'best.json', '--out', 'out'], cwd)).toMatchObject({
      verdict: { kind: 'critical', type: 'global-minimum', risk: { exact: '4/3645' } },
      certifiedClaim: 'local-minimum',
      proved: true
    })
    expect((await command(['check', join(cwd, 'out', 'certificate.json'), ...parabola], cwd)).code).toBe(0)
    expect(await ask(['--target', '2*x/3+1', '--on', '0,3', '--at', 'zigzag.json'], cwd)).toMatchObject({
      verdict: { kind: 'critical', type: 'saddle' },
      certifiedClaim: 'saddle'
    })
    expect(await ask([...parabola, '--at', 'dead.json'], cwd)).toMatchObject({
      verdict: { kind: 'critical', type: 'local-minimum' },
      certifiedClaim: 'local-minimum'
    })
    expect(await ask([...absolute, '--at', 'best.json'], cwd)).toMatchObject({
      verdict: { kind: 'not-critical' },
      certifiedClaim: 'not-critical'
    })
  })

  test('tables the degenerate parameters', async () => {
    const { rows, complete } = await ask([...absolute, '--degenerate'])
    expect(complete).toBe(true)
    expect(rows).toContainEqual({
      parameters: 'max over [a, b] of w x + b < 0, any v',
      realization: 'constant',
      type: 'local-minimum'
    })
  })

  test.each([['--flow'], ['--descent']])('follows a trajectory with %s and says where it is heading', async (how) => {
    const cwd = folder()
    const answer = await ask([...parabola, how, '--seed', '3', '--steps', '400', '--out', 'out'], cwd)
    const risks = answer.points.map(({ risk }: { risk: string }) => Number(risk))
    expect(risks[0]).toBeGreaterThan(risks.at(-1))
    expect(answer.heading.possible).toContain(answer.heading.nearest)
    expect(answer.realizations).toHaveLength(3)
    expect(filesIn(join(cwd, 'out'))).toEqual(['functions.svg', 'kinks-along.svg', 'risk-along.svg'])
  })

  test('counts dead units over random starts', async () => {
    const answer = await ask(['--target', 'x^2', '--on', '0,1', '--hidden', '2', '--starts', '20', '--steps', '50'])
    expect(answer.runs).toBe(20)
    expect(answer.levels.reduce((n: number, level: { runs: number }) => n + level.runs, 0)).toBe(20)
  })

  test.each([
    [
      'discontinuous',
      { 't.json': '{"breakpoints":["0","1","2"],"pieces":["0","1"]}' },
      ['t.json'],
      /not continuous at x = 1/
    ],
    ['unsorted breakpoints', { 't.json': '{"breakpoints":["0","2","1"],"pieces":["0","0"]}' }, ['t.json'], /ascend/],
    ['not JSON', { 't.json': '{' }, ['t.json'], /t\.json: not JSON/],
    ['empty interval', {}, ['--target', 'x', '--on', '1,0'], /a must be less than b/],
    ['no piecewise polynomial', {}, ['--target', 'sin(x)', '--on', '0,1'], /sin/],
    ['two targets', { 't.csv': 'x,y\n0,1\n1,1\n' }, ['t.csv', '--target', 'x', '--on', '0,1'], /one of them/],
    ['two tasks', {}, [...absolute, '--flow', '--degenerate'], /choose one/],
    ['family of one unit', {}, ['--family', '3', '--on', '0,1'], /--hidden 2/],
    ['family with a target', {}, ['--family', '3', ...absolute, '--hidden', '2'], /its own target/],
    ['delta of zero', {}, ['--family', '3', '--on', '0,1', '--hidden', '2', '--delta', '0'], /delta/],
    ['missing model', {}, [...absolute, '--at', 'none.json'], /none\.json/],
    [
      'deeper model',
      { 'm.json': '{"inputs":2,"layers":[{"dense":{"weight":[["1","2"]],"bias":["0"]}}]}' },
      [...absolute, '--at', 'm.json'],
      /m\.json.*one input/
    ]
  ])('refuses what is %s in one line, and writes nothing', async (_, files, args, pattern) => {
    const cwd = folder(files as Record<string, string>)
    const { code, out, error } = await command(['risk', ...args, '--out', 'out'], cwd)
    expect(code).toBe(2)
    expect(out).toBe('')
    const lines = error
      .trim()
      .split('\n')
      .filter((line) => !line.startsWith('(nadir'))
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(pattern)
    expect(filesIn(cwd)).toEqual(Object.keys(files).sort())
  })
})
