import { randomStream } from '../random.ts'
import { criticalList, type Digits } from './critical-list.ts'
import { type FlatParameters, floatRisk, unitState, widthOf } from './float-risk.ts'
import type { ContinuousRisk } from './risk.ts'
import { type DescentOptions, gradientDescent } from './trajectory.ts'

/** How parameters are drawn: all from (-1, 1) divided by the square root of the fan-in, or weights normal and biases zero. */
export type Initialisation = 'uniform' | 'normal'

/** Random parameters of c + sum_j v_j max(w_j x + b_j, 0); weights and biases, layer by layer. Approximate. */
export function randomParameters(width: number, how: Initialisation, random: () => number): FlatParameters {
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const uniform = () => 2 * random() - 1
  const outer = 1 / Math.sqrt(width)
  return Float64Array.from({ length: 3 * width + 1 }, (_, k) => {
    const bias = (k >= width && k < 2 * width) || k === 3 * width
    const scale = k < 2 * width ? 1 : outer
    if (how === 'uniform') return scale * uniform()
    return bias ? 0 : scale * Math.SQRT2 * normal()
  })
}

/** The runs that ended with the same number of dead units. */
export interface DeadUnitLevel {
  readonly dead: number
  readonly runs: number
  readonly least: number
  readonly median: number
  /** No parameters with so many dead units have a lower risk; known when at most one unit is left. Exact. */
  readonly floor: Digits | null
}

/** What random starts of one width lead to. Approximate. */
export interface DeadUnitStatistics {
  readonly width: number
  readonly runs: number
  /** Share of units that start strictly dead, and the share of runs in which at least one does. */
  readonly deadAtStart: number
  readonly runsWithDeadUnit: number
  /** 1 - (1 - deadAtStart)^width: what the second share is for independent units. */
  readonly expectedRunsWithDeadUnit: number
  /** By number of dead units at the end, fewest first. */
  readonly levels: readonly DeadUnitLevel[]
}

/**
 * Gradient descent from random starts, sorted by how many units end dead. A dead unit has gradient zero and never comes
 * back, so with k dead units no descent gets below the least risk of width - k units: the levels form a hierarchy.
 * Approximate. Reference: Jentzen, Riekert, arXiv:2402.05155.
 */
export function deadUnitStatistics(
  risk: ContinuousRisk,
  width: number,
  runs: number,
  seed: number,
  options: DescentOptions & {
    readonly initialisation?: Initialisation
    /** Told how many runs are done. */
    readonly onRun?: (done: number) => void
  } = {}
): DeadUnitStatistics {
  const floats = floatRisk(risk)
  const random = randomStream(seed)
  const dead = (parameters: FlatParameters) =>
    Array.from({ length: widthOf(parameters) }, (_, j) => unitState(parameters, j, floats.a, floats.b)).filter(
      (state) => state === 'dead'
    ).length
  let deadUnits = 0
  let runsWithDeadUnit = 0
  const risks = new Map<number, number[]>()
  let done = 0
  for (; done < runs && !(done > 0 && options.interrupted?.()); done++) {
    options.onRun?.(done)
    const start = randomParameters(width, options.initialisation ?? 'uniform', random)
    const atStart = dead(start)
    deadUnits += atStart
    if (atStart > 0) runsWithDeadUnit++
    const end = gradientDescent(floats, start, { rate: 0.02, steps: 2000, ...options, points: 1 }).points.at(-1)!
    const level = dead(end.parameters)
    risks.set(level, [...(risks.get(level) ?? []), end.risk])
  }
  const deadAtStart = deadUnits / (done * width)
  const list = criticalList(risk)
  const floors =
    list.kind === 'critical-list' ? [list.realizations[0]!.risk, list.realizations.find((r) => r.global)!.risk] : []
  return {
    width,
    runs: done,
    deadAtStart,
    runsWithDeadUnit: runsWithDeadUnit / done,
    expectedRunsWithDeadUnit: 1 - (1 - deadAtStart) ** width,
    levels: [...risks.entries()]
      .sort(([k], [l]) => k - l)
      .map(([k, values]) => {
        const sorted = values.sort((x, y) => x - y)
        return {
          dead: k,
          runs: sorted.length,
          least: sorted[0]!,
          median: sorted[sorted.length >> 1]!,
          floor: floors[width - k] ?? null
        }
      })
  }
}
