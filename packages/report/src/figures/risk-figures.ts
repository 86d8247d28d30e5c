import type { CurvePoint, RealizationForm, RealizationRecord, RealizationType, Trajectory } from '@nadir/landscape'
import { number } from '../format.ts'
import { curvePlot, type Look, type PlottedLevel } from './curve-plot.ts'
import type { Ink, Place } from './svg.ts'

/** What stands in a legend for the kinds of functions of critical points, the least risk first. */
type Rank = 'global minimum' | 'local minimum' | 'saddle' | 'degenerate saddle'

const ranks: readonly Rank[] = ['global minimum', 'local minimum', 'saddle', 'degenerate saddle']

const inks: Readonly<Record<Rank, Ink>> = {
  'global minimum': 'better',
  'local minimum': 'settled',
  saddle: 'trained',
  'degenerate saddle': 'bound'
}

const looks: Readonly<Record<Rank, Look>> = {
  'global minimum': { ink: 'better', width: 3 },
  'local minimum': { ink: 'settled', width: 2 },
  saddle: { ink: 'trained', width: 2, dash: '7 4' },
  'degenerate saddle': { ink: 'bound', width: 2, dash: '2 3' }
}

const rankOf = ({ type, global }: { readonly type: RealizationType; readonly global: boolean }): Rank =>
  global
    ? 'global minimum'
    : type === 'local-minimum'
      ? 'local minimum'
      : type === 'saddle'
        ? type
        : 'degenerate saddle'

const targetLook: Look = { ink: 'muted', width: 6, opacity: 0.45 }

/** `count` places of a function between a and b, and the given inputs between them. */
export function samplesOf(
  f: (x: number) => number,
  [a, b]: readonly [number, number],
  corners: readonly number[] = [],
  count = 600
): readonly Place[] {
  const inside = corners.filter((q) => a < q && q < b)
  const inputs = [...Array.from({ length: count + 1 }, (_, i) => a + ((b - a) * i) / count), ...inside]
  return inputs.sort((x, y) => x - y).map((x): Place => [x, f(x)])
}

/** The function that a record of the critical list names; `a` is the left end of its interval. Approximate. */
export function realizationAt(record: RealizationRecord, a: number): (x: number) => number {
  const [c, slope, kink] = [Number(record.c), Number(record.slope), Number(record.kink ?? a)]
  const reach: Readonly<Record<RealizationForm, (x: number) => number>> = {
    constant: () => 0,
    affine: (x) => x - a,
    'right-kink': (x) => Math.max(x - kink, 0),
    'left-kink': (x) => Math.min(x - kink, 0)
  }
  return (x) => c + slope * reach[record.form](x)
}

export interface RiskFigureParts {
  readonly interval: readonly [number, number]
  readonly target: (x: number) => number
  readonly realizations: readonly RealizationRecord[]
}

/** The target and all functions of critical points. */
export function criticalFunctionsPlot({ interval, target, realizations }: RiskFigureParts): string {
  const ordered = [...realizations].sort((r, s) => ranks.indexOf(rankOf(s)) - ranks.indexOf(rankOf(r)))
  return curvePlot({
    title: `The target and ${realizations.length} functions of critical points`,
    x: { label: 'x', domain: interval },
    y: { label: 'target and functions' },
    curves: [
      { label: 'target', look: targetLook, places: samplesOf(target, interval) },
      ...ordered.map((record) => ({
        label: rankOf(record),
        look: looks[rankOf(record)],
        places: samplesOf(realizationAt(record, interval[0]), interval, record.kink ? [Number(record.kink)] : [], 1)
      }))
    ]
  })
}

export interface RiskCurveParts {
  readonly interval: readonly [number, number]
  readonly right: readonly CurvePoint[]
  readonly left: readonly CurvePoint[]
  readonly realizations: readonly RealizationRecord[]
}

/** The least risk for each kink, to the right and to the left, with the critical kinks. */
export function riskCurvePlot({ interval, right, left, realizations }: RiskCurveParts): string {
  const places = (points: readonly CurvePoint[]) => points.map(({ kink, risk }): Place => [kink, risk])
  const kinked = realizations.filter(({ kink }) => kink !== null)
  const levels = realizations
    .filter(({ kink }) => kink === null)
    .map(
      ({ form, risk }): PlottedLevel => ({
        value: Number(risk),
        label: form === 'constant' ? 'best constant' : 'best line',
        ink: 'muted'
      })
    )
  return curvePlot({
    title: `The least risk for every kink, and ${kinked.length} critical kinks`,
    x: { label: 'kink q', domain: interval },
    y: { label: 'least risk E(q)' },
    curves: [
      { label: 'active to the right of q', look: { ink: 'text', width: 2 }, places: places(right) },
      { label: 'active to the left of q', look: { ink: 'text', width: 2, dash: '6 4' }, places: places(left) }
    ],
    marks: ranks.map((rank) => ({
      label: rank,
      look: { ink: inks[rank], mark: rank.includes('minimum') ? ('dot' as const) : ('diamond' as const) },
      places: kinked.filter((r) => rankOf(r) === rank).map(({ kink, risk }): Place => [Number(kink), Number(risk)])
    })),
    levels
  })
}

/** The risk along a trajectory, with the risks at which bounded trajectories can end. */
export function riskAlongPlot(
  { points }: Trajectory,
  realizations: readonly RealizationRecord[],
  time: 'time' | 'steps'
): string {
  const highest = Math.max(...points.map((p) => p.risk))
  const levels = realizations
    .filter(({ risk }) => Number(risk) <= 1.2 * highest)
    .map(
      (r): PlottedLevel => ({
        value: Number(r.risk),
        label: `${number(Number(r.risk))} ${r.form}`,
        ink: inks[rankOf(r)]
      })
    )
  const lowest = Math.min(...points.map((p) => p.risk), ...levels.map(({ value }) => value))
  const [domain, at] = timesOf(points)
  return curvePlot({
    title: 'The risk along a trajectory',
    x: { label: time === 'time' ? 'time' : 'steps', logarithmic: true, domain },
    // Zero has no place on a logarithmic axis.
    y: { label: 'risk', logarithmic: lowest > 1e-12 * highest && highest > 30 * lowest },
    curves: [
      {
        label: 'risk',
        look: { ink: 'text', width: 2.4 },
        places: points.map((p): Place => [at(p.time), p.risk])
      }
    ],
    levels
  })
}

/** The times of a logarithmic axis; time zero is drawn at half of the next one. */
function timesOf(points: Trajectory['points']): readonly [readonly [number, number], (time: number) => number] {
  const first = points.find((p) => p.time > 0)?.time ?? 1
  const at = (time: number) => Math.max(time, first / 2)
  return [[first / 2, Math.max(at(points.at(-1)!.time), first)], at]
}

/** Where the kinks of all units are along a trajectory, in the interval and around it. */
export function kinksAlongPlot(
  { points }: Trajectory,
  [a, b]: readonly [number, number],
  time: 'time' | 'steps'
): string {
  const width = (points[0]!.parameters.length - 1) / 3
  const [domain, at] = timesOf(points)
  const room = (b - a) / 4
  const curves = Array.from({ length: width }, (_, j) => {
    const kinks = points.map((p): Place => [at(p.time), -p.parameters[width + j]! / p.parameters[j]!])
    return {
      label: width > 1 ? 'kink of a unit' : 'kink',
      look: { ink: 'settled' as const, width: 1.8 },
      places: kinks.filter(([, q]) => a - room <= q && q <= b + room)
    }
  })
  return curvePlot({
    title: `The kinks of ${width} units along a trajectory`,
    x: { label: time === 'time' ? 'time' : 'steps', logarithmic: true, domain },
    y: { label: 'kink' },
    curves,
    levels: [
      { value: a, label: `a = ${number(a)}`, ink: 'muted' },
      { value: b, label: `b = ${number(b)}`, ink: 'muted' }
    ]
  })
}

/** A target and functions with a label each. */
export function functionsPlot(
  title: string,
  interval: readonly [number, number],
  target: (x: number) => number,
  functions: readonly { readonly label: string; readonly rank: Rank; readonly at: (x: number) => number }[]
): string {
  return curvePlot({
    title,
    x: { label: 'x', domain: interval },
    y: { label: 'target and functions' },
    curves: [
      { label: 'target', look: targetLook, places: samplesOf(target, interval) },
      ...functions.map(({ label, rank, at }) => ({ label, look: looks[rank], places: samplesOf(at, interval) }))
    ]
  })
}
