import { rational } from '@nadir/arithmetic'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { randomStream } from '../random.ts'
import { criticalList } from './critical-list.ts'
import { deadUnitStatistics, randomParameters } from './dead-units.ts'
import { floatRisk, unitState } from './float-risk.ts'
import { headings } from './heading.ts'
import { type ContinuousRisk, riskFromExpression } from './risk.ts'
import { randomTargets, riskOf } from './testing/random-risks.ts'
import { gradientDescent, gradientFlow } from './trajectory.ts'

function written(target: string, a: bigint, b: bigint): ContinuousRisk {
  const risk = riskFromExpression(target, [rational(a), rational(b)])
  if (risk.kind === 'invalid') throw new Error(risk.message)
  return risk
}

const absolute = written('abs(x)', -1n, 1n)

describe('gradient flow', () => {
  it('never climbs, and its risk falls as fast as the gradient is long', () => {
    const starts = fc.array(fc.double({ min: -1.5, max: 1.5, noNaN: true }), { minLength: 7, maxLength: 7 })
    fc.assert(
      fc.property(randomTargets(2, 2), starts, (target, start) => {
        const risk = floatRisk(riskOf(target))
        const { points } = gradientFlow(risk, Float64Array.from(start), { time: 0.5, steps: 300, points: 1000 })
        // d risk / dt = -|G|^2: the risk lost is the integral of |G|^2, here by the trapezoidal rule.
        const gradient = new Float64Array(7)
        let spent = 0
        let before = points[0]!
        for (const point of points) {
          // Steps are accurate to 1e-9; rounding comes on top.
          expect(point.risk).toBeLessThanOrEqual(before.risk + 1.001e-9 * (1 + before.risk))
          for (const { parameters } of [before, point]) {
            risk.gradient(parameters, gradient)
            spent += (Math.hypot(...gradient) ** 2 * (point.time - before.time)) / 2
          }
          before = point
        }
        const lost = points[0]!.risk - before.risk
        expect(Math.abs(lost - spent)).toBeLessThan(0.1 * lost + 1e-6 * (1 + points[0]!.risk))
      }),
      { numRuns: 40 }
    )
  })

  it('follows many small steps of descent', () => {
    const risk = floatRisk(absolute)
    const start = Float64Array.of(0.7, -0.2, 0.5, 0.3)
    const flow = gradientFlow(risk, start, { time: 1 }).points.at(-1)!
    const descent = gradientDescent(risk, start, { rate: 1e-4, steps: 10000 }).points.at(-1)!
    expect(flow.time).toBe(1)
    for (let k = 0; k < 4; k++) expect(Math.abs(flow.parameters[k]! - descent.parameters[k]!)).toBeLessThan(1e-3)
  })

  it('stops at the crossing when a unit changes its state', () => {
    const risk = floatRisk(absolute)
    // Starts with its kink inside and is pushed over an end.
    const start = Float64Array.of(1, 1 - 1e-3, -0.8, 0.4)
    const { events, points } = gradientFlow(risk, start, { time: 20 })
    expect(events.length).toBeGreaterThan(0)
    for (const event of events) {
      expect(event.from).not.toBe(event.to)
      expect(event.time).toBeGreaterThan(0)
    }
    expect(unitState(points.at(-1)!.parameters, 0, -1, 1)).toBe(events.at(-1)!.to)
    // Just behind the crossing the kink is still at the end.
    const crossing = points.find(({ time }) => time === events[0]!.time)
    if (crossing) expect(Math.abs(Math.abs(crossing.parameters[1]! / crossing.parameters[0]!) - 1)).toBeLessThan(1e-6)
  })

  it('ends at one of the enumerated risks', () => {
    const list = criticalList(absolute)
    if (list.kind === 'undecided') throw new Error(list.reason)
    const where = headings(absolute)
    if (typeof where !== 'function') throw new Error(where.reason)
    const risk = floatRisk(absolute)
    const random = randomStream(8)
    const ends = new Set<string>()
    for (let run = 0; run < 12; run++) {
      const start = randomParameters(1, 'uniform', random)
      const before = where(start)
      const end = gradientFlow(risk, start, { time: 300 }).points.at(-1)!
      const { possible, nearest, distance } = where(end.parameters)
      expect(before.possible).toEqual(expect.arrayContaining([nearest]))
      expect(possible.every((i) => before.possible.includes(i))).toBe(true)
      expect(Math.abs(end.risk - Number(list.realizations[nearest]!.risk))).toBeLessThan(1e-4)
      expect(distance).toBeLessThan(0.05)
      ends.add(list.realizations[nearest]!.form)
    }
    expect(ends.size).toBeGreaterThan(1)
  })
})

describe('gradient descent', () => {
  it('with a small rate never climbs, and leaves dead units alone', () => {
    const risk = floatRisk(written('x^2', 0n, 1n))
    const start = Float64Array.of(1, 1, 1, -0.3, -2, -5, 0.5, 1, 1, 0)
    const { points } = gradientDescent(risk, start, { rate: 0.01, steps: 500, points: 500 })
    for (let i = 1; i < points.length; i++) expect(points[i]!.risk).toBeLessThanOrEqual(points[i - 1]!.risk + 1e-15)
    const end = points.at(-1)!.parameters
    for (const k of [1, 2, 4, 5, 7, 8]) expect(end[k]).toBe(start[k])
  })

  it('says when it runs away', () => {
    const risk = floatRisk(absolute)
    expect(gradientDescent(risk, Float64Array.of(5, 0, 5, 0), { rate: 100, steps: 50 }).stopped).toBe('unbounded')
  })
})

describe('dead units', () => {
  it('form levels that no run falls below', () => {
    const statistics = deadUnitStatistics(absolute, 2, 60, 5, { steps: 600 })
    expect(statistics).toEqual(deadUnitStatistics(absolute, 2, 60, 5, { steps: 600 }))
    expect(statistics.levels.reduce((n, level) => n + level.runs, 0)).toBe(60)
    for (const { floor, least, median, dead } of statistics.levels) {
      expect(floor === null).toBe(dead === 0)
      if (floor !== null) expect(least).toBeGreaterThanOrEqual(Number(floor) - 1e-12)
      expect(median).toBeGreaterThanOrEqual(least)
    }
    expect(statistics.levels.map(({ dead }) => dead)).toEqual([0, 1, 2])
    expect(Math.abs(statistics.runsWithDeadUnit - statistics.expectedRunsWithDeadUnit)).toBeLessThan(0.25)
  })

  it('start as often as the initialisation says', () => {
    // For w and b uniform in (-1, 1) a unit is dead on [-1, 1] when b < -|w|: one case in four.
    const random = randomStream(3)
    let dead = 0
    const runs = 20000
    for (let i = 0; i < runs; i++) if (unitState(randomParameters(1, 'uniform', random), 0, -1, 1) === 'dead') dead++
    expect(Math.abs(dead / runs - 0.25)).toBeLessThan(0.02)
  })
})
