import {
  type ContinuousRisk,
  criticalList,
  deadUnitStatistics,
  type FlatParameters,
  floatRisk,
  gradientDescent,
  gradientFlow,
  type Heading,
  headings,
  type Initialisation,
  judgeParameters,
  networkOf,
  outputOf,
  type RealizationRecord,
  type Trajectory,
  widthOf
} from '@nadir/landscape'
import { functionsPlot, kinksAlongPlot, riskAlongPlot } from '@nadir/report'
import { type Answer, progress, type Session } from '../session.ts'
import { figureLines } from './critical-list.ts'
import { textTable, writeRiskResults } from './results.ts'

export interface TrajectoryOptions {
  readonly how: 'flow' | 'descent'
  readonly steps: number
  readonly rate: number
  readonly time: number
  readonly digits: number
  readonly out: string | undefined
}

const recorded = 120

/** A gradient flow or gradient descent from given parameters, with the exact risk along the way and where it can end. */
export async function followTrajectory(
  risk: ContinuousRisk,
  start: FlatParameters,
  from: string,
  options: TrajectoryOptions,
  session: Session
): Promise<Answer> {
  const { how, steps, rate, time, digits, out } = options
  const floats = floatRisk(risk)
  const common = {
    steps,
    points: recorded,
    interrupted: session.interrupted,
    onStep: (taken: number, value: number) => progress(`${how}: step ${taken}, risk ${value.toPrecision(6)}`)
  }
  const trajectory =
    how === 'flow'
      ? gradientFlow(floats, start, { ...common, time })
      : gradientDescent(floats, start, { ...common, rate })
  const risks = trajectory.points.map(({ parameters }, i) => {
    progress(`exact risk ${i + 1} of ${trajectory.points.length}`)
    return judgeParameters(risk, networkOf(parameters), digits).risk?.digits ?? null
  })
  const width = widthOf(start)
  const list = width === 1 ? criticalList(risk, digits) : undefined
  const realizations = list?.kind === 'critical-list' ? list.realizations : []
  const heading = width === 1 ? endOf(risk, trajectory) : undefined
  const unit = how === 'flow' ? 'time' : 'steps'
  const figures =
    out === undefined
      ? {}
      : {
          'risk-along.svg': riskAlongPlot(trajectory, realizations, unit),
          'kinks-along.svg': kinksAlongPlot(trajectory, [floats.a, floats.b], unit),
          'functions.svg': functionsPlot(
            'The target, and the function at the start and at the end of a trajectory',
            [floats.a, floats.b],
            floats.target,
            [
              { label: 'start', rank: 'saddle', at: (x) => outputOf(start, x) },
              { label: 'end', rank: 'local minimum', at: (x) => outputOf(trajectory.points.at(-1)!.parameters, x) }
            ]
          )
        }
  const written = await writeRiskResults(out, { figures })
  return {
    exitCode: 0,
    json: {
      from,
      width,
      how,
      stopped: trajectory.stopped,
      gradientNorm: trajectory.gradientNorm,
      points: trajectory.points.map(({ time: t, parameters }, i) => ({
        time: t,
        risk: risks[i],
        parameters: parametersJson(parameters)
      })),
      events: trajectory.events,
      heading: heading ?? null,
      realizations,
      figures: written.figures
    },
    text: [
      `gradient ${how} with ${width} unit${width === 1 ? '' : 's'} from ${from}`,
      '',
      ...pointLines(trajectory, risks, unit),
      '',
      `  ${stopWords(trajectory)}; the generalized gradient has length ${trajectory.gradientNorm.toExponential(2)}`,
      ...eventLines(trajectory, unit),
      ...headingLines(heading, realizations, width),
      ...figureLines(written.figures),
      ''
    ].join('\n')
  }
}

const endOf = (risk: ContinuousRisk, { points, stopped }: Trajectory): Heading | undefined => {
  const judge = headings(risk)
  return 'kind' in judge || stopped === 'unbounded' ? undefined : judge(points.at(-1)!.parameters)
}

function parametersJson(parameters: FlatParameters) {
  const h = widthOf(parameters)
  return {
    w: [...parameters.subarray(0, h)],
    b: [...parameters.subarray(h, 2 * h)],
    v: [...parameters.subarray(2 * h, 3 * h)],
    c: parameters[3 * h]!
  }
}

function pointLines({ points }: Trajectory, risks: readonly (string | null)[], unit: string): readonly string[] {
  const every = Math.max(1, Math.ceil(points.length / 12))
  const rows = points.flatMap(({ time }, i) =>
    i % every === 0 || i === points.length - 1
      ? [[unit === 'time' ? time.toPrecision(4) : String(time), risks[i] ?? 'not known']]
      : []
  )
  return textTable([[unit, 'risk (exact, then rounded)'], ...rows])
}

const stopWords = ({ stopped, points }: Trajectory): string =>
  ({
    'gradient-small': 'ended where the gradient is small',
    time: `ended at time ${points.at(-1)!.time}`,
    steps: 'ended after the given number of steps',
    unbounded: 'the parameters grow beyond every bound that was set',
    interrupted: 'stopped on request'
  })[stopped]

const eventLines = ({ events }: Trajectory, unit: string): readonly string[] =>
  events.length === 0
    ? []
    : [
        `  ${events.length} kink${events.length === 1 ? '' : 's'} crossed an end of the interval, the last at ${unit} ${events.at(-1)!.time.toPrecision(4)}: unit ${events.at(-1)!.unit} from ${events.at(-1)!.from} to ${events.at(-1)!.to}`
      ]

function headingLines(
  heading: Heading | undefined,
  realizations: readonly RealizationRecord[],
  width: number
): readonly string[] {
  if (width > 1) return ['  where it is heading is told for one unit, whose critical functions are all known']
  if (heading === undefined) return []
  const name = (i: number) => {
    const { form, kink, risk } = realizations[i]!
    return `${form}${kink === null ? '' : ` at ${Number(kink).toPrecision(6)}`} (risk ${Number(risk).toPrecision(6)})`
  }
  return [
    `  heading for ${name(heading.nearest)}, at distance ${heading.distance.toExponential(2)}`,
    `  a bounded flow from here can end only at: ${heading.possible.map(name).join('; ')}`
  ]
}

/** Dead units and risks at the end of gradient descent from random starts. */
export function startStatistics(
  risk: ContinuousRisk,
  width: number,
  runs: number,
  seed: number,
  initialisation: Initialisation,
  options: { readonly steps: number; readonly rate: number },
  session: Session
): Answer {
  const statistics = deadUnitStatistics(risk, width, runs, seed, {
    ...options,
    initialisation,
    interrupted: session.interrupted,
    onRun: (done) => progress(`run ${done} of ${runs}`)
  })
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`
  return {
    exitCode: 0,
    json: { ...statistics, initialisation, seed },
    text: [
      `gradient descent with ${width} unit${width === 1 ? '' : 's'} from ${statistics.runs} random starts (${initialisation}, seed ${seed}, ${options.steps} steps at rate ${options.rate})`,
      '',
      `  units dead at the start       ${percent(statistics.deadAtStart)}`,
      `  runs with a dead unit         ${percent(statistics.runsWithDeadUnit)} (independent units: ${percent(statistics.expectedRunsWithDeadUnit)})`,
      '',
      ...textTable([
        ['dead at the end', 'runs', 'least risk', 'median risk', 'no risk below'],
        ...statistics.levels.map(({ dead, runs: count, least, median, floor }) => [
          String(dead),
          String(count),
          least.toPrecision(6),
          median.toPrecision(6),
          floor ?? 'not known'
        ])
      ]),
      '',
      '  A dead unit has gradient zero and never comes back.',
      ''
    ].join('\n')
  }
}
