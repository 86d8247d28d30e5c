import { describe, expect, test } from 'vitest'
import { folder, nadir } from './nadir.ts'

describe('risk', () => {
  test('lists the critical functions of |x|: the constant and two mirrored kinks', () => {
    const { code, out } = nadir(['risk', '--target', 'abs(x)', '--on', '-1,1', '--json'], folder())
    expect(code).toBe(0)
    const { realizations, complete } = JSON.parse(out)
    expect(complete).toBe(true)
    expect(realizations).toMatchObject([
      { form: 'constant', kink: null, type: 'local-minimum', global: false },
      { form: 'right-kink', kink: expect.stringMatching(/^0\.41421356237309504/), global: true },
      { form: 'left-kink', kink: expect.stringMatching(/^-0\.41421356237309504/), global: true }
    ])
    expect(realizations[0].risk).toMatch(/^0\.1666666666666666/)
  })

  test('gives the same for the target as a file and as knots', () => {
    const cwd = folder({
      't.json': '{ "breakpoints": ["-1","0","1"], "pieces": ["-x", "x"] }',
      't.csv': 'x,y\n-1,1\n0,0\n1,1\n'
    })
    const ask = (args: string[]) => JSON.parse(nadir(['risk', ...args, '--json'], cwd).out).realizations
    const expected = ask(['--target', 'abs(x)', '--on', '-1,1'])
    expect(ask(['t.json'])).toEqual(expected)
    expect(ask(['t.csv'])).toEqual(expected)
  })

  test('builds bad minima with a gap above delta', () => {
    const { code, out } = nadir(
      ['risk', '--family', '3', '--on', '0,1', '--delta', '1000', '--hidden', '3', '--json'],
      folder()
    )
    expect(code).toBe(0)
    const { minima, gap } = JSON.parse(out)
    expect(minima).toHaveLength(3)
    expect(Number(gap.digits)).toBeGreaterThan(1000)
  })

  test.each([
    [
      'discontinuous',
      { 't.json': '{"breakpoints":["0","1","2"],"pieces":["0","1"]}' },
      ['t.json'],
      /not continuous at x = 1/
    ],
    ['unsorted breakpoints', { 't.json': '{"breakpoints":["0","2","1"],"pieces":["0","0"]}' }, ['t.json'], /ascend/],
    ['empty interval', {}, ['--target', 'x', '--on', '1,0'], /a must be less than b/],
    ['no piecewise polynomial', {}, ['--target', 'sin(x)', '--on', '0,1'], /sin/],
    ['no target', {}, [], /target/]
  ])('refuses a target that is %s in one line', (_, files, args, pattern) => {
    const { code, out, error } = nadir(['risk', ...args], folder(files as Record<string, string>))
    expect(code).toBe(2)
    expect(out).toBe('')
    expect(error.trim().split('\n')).toHaveLength(1)
    expect(error).toMatch(pattern)
  })
})
