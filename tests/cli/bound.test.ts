import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { filesIn, folder, nadir } from './nadir.ts'

/** Seven points on a line: a reference instance with its best networks and splines. */
const seven = 'x,y\n-3,3\n-2,1\n-1,2\n0,-1\n1,0\n2,2\n4,1\n'
const pair = 'x,a,b\n1,2,0\n-1,0,1\n2,1,1\n0,1,-1\n'

test.each([
  [['--hidden', '2'], '8/5', '8/5'],
  [['--weight-decay', '1/2'], undefined, undefined],
  [['--hidden', '1', '--no-bias', '--box', '2'], undefined, undefined]
] as const)('bound %j: a certificate that the checker accepts, a network of the loss named', (more, lower, upper) => {
  const cwd = folder({ 'seven.csv': seven })
  const { code, out, error } = nadir(['bound', 'seven.csv', ...more, '--out', 'out', '--json'], cwd)
  expect([code, error.includes('nadir:')]).toEqual([0, false])
  const { lowerBound, upperBound, gap } = JSON.parse(out)
  if (lower) expect([lowerBound.exact, upperBound.exact]).toEqual([lower, upper])
  expect(lowerBound.approx).toBeLessThanOrEqual(upperBound.approx)
  expect(gap).toBeLessThan(2e-3)
  expect(filesIn(join(cwd, 'out'))).toEqual(['certificate.json', 'model.onnx'])
  expect(nadir(['check', 'out/certificate.json', '--data', 'seven.csv', '--target', 'y'], cwd).code).toBe(0)
})

test('bound of a linear network with two outputs', () => {
  const cwd = folder({ 'pair.csv': pair })
  const { code, out } = nadir(
    ['bound', 'pair.csv', '--target', 'a,b', '--hidden', '2', '--activation', 'linear', '--json'],
    cwd
  )
  expect(code).toBe(0)
  // One input is a bottleneck: exact up to rounding.
  expect(JSON.parse(out).gap).toBeLessThan(1e-12)
})

test('bound --knots: the best spline, exactly, as table and as network', () => {
  const cwd = folder({ 'seven.csv': seven })
  const { code, out } = nadir(['bound', 'seven.csv', '--knots', '2', '--out', 'out', '--json'], cwd)
  expect(code).toBe(0)
  expect(JSON.parse(out)).toMatchObject({
    upperBound: { exact: '27/20' },
    gap: 0,
    certificate: null,
    network: '1-3-1 relu'
  })
  expect(readFileSync(join(cwd, 'out/spline.csv'), 'utf8').trim().split('\n')).toEqual([
    'from,to,slope,intercept',
    '-inf,16/31,-11/10,-2/5',
    '16/31,2,2,-2',
    '2,inf,-1/2,3'
  ])
  const { given } = JSON.parse(nadir(['certify', 'out/model.onnx', 'seven.csv', '--json'], cwd).out)
  expect(given.loss.approx).toBeCloseTo(1.35, 6)
})

test('bound refuses what makes no sense, in one line', () => {
  const cwd = folder({ 'seven.csv': seven, 'pair.csv': pair })
  for (const [args, words] of [
    [['seven.csv'], '--hidden is missing'],
    [['seven.csv', '--knots', '1', '--hidden', '2'], '--hidden does not go with --knots'],
    [['seven.csv', '--knots', '1', '--weight-decay', '1'], '--weight-decay does not go with --knots'],
    [['seven.csv', '--hidden', '1', '--box', '-1'], '--box -1']
  ] as const) {
    const { code, error } = nadir(['bound', ...args], cwd)
    expect(code).toBe(2)
    expect(error.trim().split('\n').at(-1)).toContain(words)
  }
  expect(nadir(['bound', 'pair.csv', '--target', 'a,b', '--knots', '1'], cwd).code).toBe(1)
})
