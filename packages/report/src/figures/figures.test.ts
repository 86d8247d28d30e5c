import { describe, expect, it } from 'vitest'
import { xmlFault } from '../testing/well-formed.ts'
import { causeBars } from './cause-bars.ts'
import { densityPlot } from './density-plot.ts'
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

// Eigenvalues -1, 0, 0 and 10, each a Gaussian of standard deviation 1/4; the error made up.
const grid = Array.from({ length: 57 }, (_, k) => -2 + k / 4)
const gaussian = (t: number) => Math.exp(-8 * t * t) / (0.25 * Math.sqrt(2 * Math.PI))
const spectrum = densityPlot({
  of: 'Hessian',
  count: 4,
  points: grid,
  density: grid.map((t) => (gaussian(t + 1) + 2 * gaussian(t) + gaussian(t - 10)) / 4),
  error: grid.map(() => 0.05),
  width: 0.25,
  known: [-1, 0, 1e-14, 10],
  zero: 1e-12
})

const causes = causeBars({
  of: 'Hessian',
  parameters: 17,
  proved: true,
  rows: [
    { label: 'dead units', curvature: 4, outputs: 4, note: '#0' },
    { label: 'positive scaling', curvature: 0, outputs: 3, note: '#1 #2 #3' }
  ]
})

describe('figures', () => {
  it('are standalone SVG', () => {
    for (const svg of [
      ladder,
      plot,
      kinks,
      spectrum,
      causes,
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

  it('golden: the density of a spectrum and the causes of its null space, looked at once and kept', async () => {
    const lines = (svg: string) => `${svg.replaceAll('><', '>\n<')}\n`
    await expect(lines(spectrum)).toMatchFileSnapshot('golden/density-plot.svg')
    await expect(lines(causes)).toMatchFileSnapshot('golden/cause-bars.svg')
  })

  it('a lone eigenvalue is a bump of height 1, and every known one is marked on both axes', () => {
    const curve = spectrum.match(/d="(M[^"]+)" class="s-settled" fill="none"/g)!.find((d) => d.includes('L'))!
    const heights = [...curve.matchAll(/[ML][\d.]+ ([\d.]+)/g)].map((m) => Number(m[1]))
    const [low, high] = [0.1, 10]
    const at = (n: number) => 330 + ((Math.log10(n) - Math.log10(low)) * (34 - 330)) / Math.log10(high / low)
    expect(heights[grid.indexOf(-1)]).toBeCloseTo(at(1), 0)
    expect(heights[grid.indexOf(0)]).toBeCloseTo(at(2), 0)
    expect(heights[grid.indexOf(5)]).toBeCloseTo(at(0.1), 1)
    // The two zeros lie on one another.
    expect(spectrum.match(/M[\d.]+ [\d.]+m0-7v14/g)).toHaveLength(2 * 3)
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
      lossLadder([]),
      densityPlot({ of: '', count: 0, points: wild, density: wild, error: wild, width: 1, known: wild, zero: 0 }),
      densityPlot({ of: '', count: 1, points: [], density: [], error: [], width: 1, known: [], zero: 0 }),
      causeBars({ of: '<', parameters: 0, proved: false, rows: [] })
    ]) {
      expect(xmlFault(svg)).toBeUndefined()
      expect(svg).not.toMatch(/NaN|Infinity|undefined/)
    }
  })
})
