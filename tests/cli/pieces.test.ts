import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { example, folder, nadir } from './nadir.ts'

/** f(x) = relu(x1) + relu(x2): four regions, and the first sample on both kinks. */
const model = JSON.stringify({
  inputs: 2,
  layers: [
    {
      dense: {
        weight: [
          ['1', '0'],
          ['0', '1']
        ],
        bias: ['0', '0']
      }
    },
    { activation: 'relu' },
    { dense: { weight: [['1', '1']], bias: ['0'] } }
  ]
})
const data = 'a,b,y\n0,0,0\n1,0,1\n0,1,1\n1,1,2\n'

test('a point on walls: where they are, that no layer alone does better, four regions', () => {
  const cwd = folder({ 'net.json': model, 'data.csv': data })
  const { code, out } = nadir(['pieces', 'net.json', 'data.csv', '--cells', '--out', 'out', '--json'], cwd)
  expect(code).toBe(0)
  const answer = JSON.parse(out)
  expect(answer.walls).toEqual([
    { layer: 1, unit: 1, sample: 1 },
    { layer: 1, unit: 2, sample: 1 },
    { layer: 1, unit: 2, sample: 2 },
    { layer: 1, unit: 1, sample: 3 }
  ])
  expect(answer.partialMinimum).toBe(true)
  expect(answer.regions).toMatchObject({ count: 4, affineFunctions: 4 })
  // Four points, no three on a line: 2 (1 + 3 + 3) cells of one unit.
  expect(answer.activationCells).toEqual({ unit: 14, network: `${28 ** 2}` })
  const svg = readFileSync(join(cwd, 'out/regions.svg'), 'utf8')
  expect(svg.split('<polygon').length - 1).toBe(4)
})

test('a trained point: not a partial minimum; the plane through three samples; bad input in one line', () => {
  const cwd = folder()
  const args = ['pieces', example('iris-4-8-1-relu.onnx'), example('iris.csv')]
  const { code, out } = nadir([...args, '--through', '1,60,120', '--json'], cwd)
  expect(code).toBe(0)
  const answer = JSON.parse(out)
  expect(answer.partialMinimum).toBe(false)
  expect(answer.regions.count).toBeGreaterThan(1)
  for (const [more, words] of [
    [['--through', '1,2'], 'three sample numbers'],
    [['--box', '0,1,0,1'], '--through'],
    [['--cells'], 'too many']
  ] as const) {
    const refused = nadir([...args, ...more], cwd)
    expect(refused.code).toBe(2)
    expect(refused.error).toContain(words)
  }
})
