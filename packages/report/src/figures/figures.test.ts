import { describe, expect, it } from 'vitest'
import { xmlFault } from '../testing/well-formed.ts'
import { functionPlot } from './function-plot.ts'
import { kinkDiagram } from './kink-diagram.ts'
import { lossLadder } from './loss-ladder.ts'
import { predictionPlot } from './prediction-plot.ts'

const ladder = lossLadder([
  { kind: 'trained', label: 'trained', loss: 0.5, written: '0.5' },
  { kind: 'settled', label: 'settled', loss: 1 / 3, written: '1/3' },
  { kind: 'better', label: 'better', loss: 0, written: '0' },
  { kind: 'bound', label: 'nothing below', loss: 0, written: '0 (no loss is negative)' }
])

// Made by hand: |x - 1/2| as a function of two units, against its straight rival.
const plot = functionPlot({
  data: [
    [0, 0.5],
    [0.5, 0],
    [1, 0.5]
  ],
  curves: [
    {
      stage: 'settled',
      label: 'settled',
      places: [
        [-0.05, 1 / 3],
        [1.05, 1 / 3]
      ],
      kinks: []
    },
    {
      stage: 'better',
      label: 'better',
      places: [
        [-0.05, 0.55],
        [0.5, 0],
        [1.05, 0.55]
      ],
      kinks: [0.5, 7]
    }
  ],
  input: 'x',
  target: '|x - 1/2|'
})

const kinks = kinkDiagram([
  { label: '#0', distances: [-10, -0.1, 0.001, 1], zeros: 1 },
  { label: '#1', distances: [], zeros: 0 }
])

describe('figures', () => {
  it('are standalone SVG', () => {
    for (const svg of [
      ladder,
      plot,
      kinks,
      predictionPlot([{ stage: 'trained', label: 't', places: [[0, 1]] }], '<y>')
    ]) {
      expect(xmlFault(svg)).toBeUndefined()
      expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" viewBox=/)
      expect(svg).not.toMatch(/NaN|undefined|href|url\(/)
    }
  })

  it('golden: the loss ladder and the kink diagram, looked at once and kept', async () => {
    const lines = (svg: string) => `${svg.replaceAll('><', '>\n<')}\n`
    await expect(lines(ladder)).toMatchFileSnapshot('golden/loss-ladder.svg')
    await expect(lines(kinks)).toMatchFileSnapshot('golden/kink-diagram.svg')
  })

  it('the function plot leaves out kinks beyond the data and draws samples where the function meets them', () => {
    expect(plot.match(/m0-5.5v11/g)).toHaveLength(1)
    const middle = /d="M([\d.]+) ([\d.]+)m0-5.5v11"/.exec(plot)!
    const samples = /d="((?:M[\d.]+ [\d.]+h0)+)"/.exec(plot)![1]!.match(/M[\d.]+ [\d.]+/g)!
    expect(samples).toHaveLength(3)
    expect(Number(middle[1])).toBeCloseTo(Number(/M([\d.]+)/.exec(samples[1]!)![1]), 1)
    const better = /d="M[\d.]+ [\d.]+L([\d.]+) ([\d.]+)L[\d.]+ [\d.]+"/.exec(plot)!
    expect([Number(better[1]), Number(better[2])]).toEqual(
      samples[1]!
        .slice(1)
        .split(' ')
        .map((c) => expect.closeTo(Number(c), 0))
    )
  })

  it('numbers that cannot be drawn are left out', () => {
    const wild = [Number.NaN, Number.POSITIVE_INFINITY, -1e308, 1e149, 5e-324, 0]
    const all = wild.flatMap((a) => wild.map((b) => [a, b] as const))
    for (const svg of [
      functionPlot({
        data: all,
        curves: [{ stage: 'trained', label: '', places: all, kinks: wild }],
        input: '',
        target: ''
      }),
      predictionPlot([{ stage: 'better', label: '', places: all }], ''),
      kinkDiagram([{ label: '', distances: wild, zeros: 2 }]),
      lossLadder(wild.map((loss) => ({ kind: 'trained', label: '', loss, written: '' }))),
      functionPlot({ data: [], curves: [], input: '', target: '' }),
      predictionPlot([], ''),
      kinkDiagram([]),
      lossLadder([])
    ]) {
      expect(xmlFault(svg)).toBeUndefined()
      expect(svg).not.toMatch(/NaN|Infinity|undefined/)
    }
  })
})
