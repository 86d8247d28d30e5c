import type { RealizationRecord, Trajectory } from '@nadir/landscape'
import { expect, it } from 'vitest'
import { xmlFault } from '../testing/well-formed.ts'
import { curvePlot } from './curve-plot.ts'
import {
  criticalFunctionsPlot,
  functionsPlot,
  kinksAlongPlot,
  realizationAt,
  riskAlongPlot,
  riskCurvePlot
} from './risk-figures.ts'

/** The list for the absolute value on [-1, 1], to seven digits. */
const realizations: readonly RealizationRecord[] = [
  {
    form: 'constant',
    kink: null,
    c: '0.5',
    slope: '0',
    risk: '0.1666667',
    type: 'local-minimum',
    global: false,
    exact: {}
  },
  {
    form: 'right-kink',
    kink: '0.4142136',
    c: '0.4142136',
    slope: '1',
    risk: '0.1143819',
    type: 'local-minimum',
    global: true,
    exact: {}
  },
  {
    form: 'left-kink',
    kink: '-0.4142136',
    c: '0.4142136',
    slope: '-1',
    risk: '0.1143819',
    type: 'local-minimum',
    global: true,
    exact: {}
  }
]
const saddle: RealizationRecord = { ...realizations[1]!, kink: '0.7', type: 'saddle', global: false }
const degenerate: RealizationRecord = { ...saddle, kink: '0.1', type: 'degenerate' }

const trajectory: Trajectory = {
  points: [
    { time: 0, risk: 2, parameters: Float64Array.of(1, 0.5, 1, 0) },
    { time: 0.1, risk: 0.5, parameters: Float64Array.of(1, 0, 1, 0) },
    { time: 10, risk: 0.1143819, parameters: Float64Array.of(1, -0.4142136, 1, 0.4142136) }
  ],
  events: [],
  stopped: 'time',
  gradientNorm: 0
}

const interval = [-1, 1] as const
const figures: readonly (readonly [string, string])[] = [
  [
    'functions',
    criticalFunctionsPlot({ interval, target: Math.abs, realizations: [...realizations, saddle, degenerate] })
  ],
  [
    'risk curve',
    riskCurvePlot({
      interval,
      right: [-0.5, 0, 0.5].map((kink) => ({ kink, risk: 0.2 + kink / 10, c: 0, coefficient: 1 })),
      left: [-0.5, 0, 0.5].map((kink) => ({ kink, risk: 0.2 - kink / 10, c: 0, coefficient: 1 })),
      realizations: [...realizations, saddle]
    })
  ],
  ['risk along', riskAlongPlot(trajectory, realizations, 'time')],
  ['kinks along', kinksAlongPlot(trajectory, interval, 'steps')],
  ['any functions', functionsPlot('<& "', interval, Math.abs, [{ label: '<b>', rank: 'saddle', at: (x) => x }])]
]

it.each(figures)('%s: well-formed, with a title, and legible', (_, svg) => {
  expect(xmlFault(svg)).toBeUndefined()
  expect(svg).toMatch(/<title>[^<]+<\/title>/)
  expect(svg).not.toMatch(/NaN|Infinity|undefined/)
})

it('names every kind of function once in the legend, whatever their number', () => {
  const [, svg] = figures[0]!
  for (const label of ['target', 'global minimum', 'local minimum', 'saddle', 'degenerate saddle']) {
    expect(svg.split(`>${label}</text>`).length, label).toBe(2)
  }
})

it('marks every critical kink on the curves', () => {
  const [, svg] = figures[1]!
  // Two global kinks and the legend's dot; one saddle and the legend's diamond.
  expect(svg.match(/h0/g)?.length).toBe(3)
  expect(svg.match(/l4\.5 4\.5/g)?.length).toBe(2)
})

it('draws the function that a record names', () => {
  const [constant, right, left] = realizations.map((record) => realizationAt(record, -1))
  expect([constant!(0.3), right!(0), left!(0)]).toEqual([0.5, 0.4142136, 0.4142136])
  expect(right!(1)).toBeCloseTo(1)
  expect(left!(-1)).toBeCloseTo(1)
  const line = realizationAt({ ...realizations[0]!, form: 'affine', c: '2', slope: '3' }, -1)
  expect(line(1)).toBe(8)
})

it('survives what cannot be drawn: nothing, one place, risk zero, no time', () => {
  const still: Trajectory = { ...trajectory, points: [trajectory.points[0]!] }
  const zero: Trajectory = { ...trajectory, points: trajectory.points.map((p) => ({ ...p, risk: 0 })) }
  for (const svg of [
    curvePlot({
      title: 'nothing',
      x: { label: 'x', logarithmic: true },
      y: { label: 'y', logarithmic: true },
      curves: []
    }),
    riskAlongPlot(still, [], 'steps'),
    riskAlongPlot(zero, realizations, 'time'),
    kinksAlongPlot(still, interval, 'time'),
    riskCurvePlot({ interval, right: [], left: [], realizations: [] })
  ]) {
    expect(xmlFault(svg)).toBeUndefined()
    expect(svg).not.toMatch(/NaN|Infinity/)
  }
})
