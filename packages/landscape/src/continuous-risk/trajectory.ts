import { type FlatParameters, type FloatRisk, type UnitState, unitState, widthOf } from './float-risk.ts'

/** A unit changed between dead, kinked and active everywhere: its kink crossed an end of the interval. */
export interface KinkEvent {
  readonly time: number
  readonly unit: number
  readonly from: UnitState
  readonly to: UnitState
}

/** One recorded point. `time` is the flow's time, or the number of descent steps. */
export interface TrajectoryPoint {
  readonly time: number
  readonly risk: number
  readonly parameters: FlatParameters
}

/** Where a run came from and how it ended. Approximate. */
export interface Trajectory {
  readonly points: readonly TrajectoryPoint[]
  readonly events: readonly KinkEvent[]
  readonly stopped: 'gradient-small' | 'time' | 'steps' | 'unbounded' | 'interrupted'
  readonly gradientNorm: number
}

interface RunOptions {
  readonly steps?: number
  /** Asked now and then; the run ends when it answers true. */
  readonly interrupted?: () => boolean
  /** Told now and then how many steps were taken, and the risk. */
  readonly onStep?: (taken: number, risk: number) => void
}

const askEvery = 64

export interface FlowOptions extends RunOptions {
  readonly time?: number
  /** Stop when the generalized gradient is this short. */
  readonly gradientNorm?: number
  /** Error allowed in a step, relative to 1 + the size of the parameters. */
  readonly tolerance?: number
  /** Stop when the parameters are this long. */
  readonly bound?: number
  /** Record about this many points, evenly spread over the logarithm of time. */
  readonly points?: number
}

const states = (risk: FloatRisk, parameters: FlatParameters): readonly UnitState[] =>
  Array.from({ length: widthOf(parameters) }, (_, j) => unitState(parameters, j, risk.a, risk.b))

const norm = (vector: Float64Array): number => Math.hypot(...vector)

// Dormand and Prince 1980: the nodes are not needed, the field does not depend on time.
const stages = [
  [],
  [1 / 5],
  [3 / 40, 9 / 40],
  [44 / 45, -56 / 15, 32 / 9],
  [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
  [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
  [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84]
]
const errorWeights = [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40]

/**
 * Gradient flow: d theta / dt = -G(theta), with the generalized gradient G. Approximate.
 * Dormand-Prince 5(4) with adaptive steps; a step in which a kink crosses an end of the interval is cut at the crossing,
 * where the field is continuous but not smooth.
 */
export function gradientFlow(risk: FloatRisk, start: FlatParameters, options: FlowOptions = {}): Trajectory {
  const { time = 1e4, steps = 20000, gradientNorm = 1e-9, tolerance = 1e-9, bound = 1e6, points = 400 } = options
  const { interrupted, onStep } = options
  const n = start.length
  const slopes = stages.map(() => new Float64Array(n))
  const trial = new Float64Array(n)
  let theta = Float64Array.from(start)
  let now = 0
  let step = 1e-3

  /** Fills `trial` with the state after a step of size h and returns the estimated relative error. */
  const tryStep = (h: number): number => {
    for (const [s, weights] of stages.entries()) {
      if (s === 0) continue
      trial.set(theta)
      for (const [i, weight] of weights.entries()) {
        if (weight !== 0) for (let k = 0; k < n; k++) trial[k]! -= h * weight * slopes[i]![k]!
      }
      risk.gradient(trial, slopes[s]!)
    }
    let error = 0
    for (let k = 0; k < n; k++) {
      let e = 0
      for (const [i, weight] of errorWeights.entries()) e += weight * slopes[i]![k]!
      error = Math.max(error, Math.abs(h * e))
    }
    return error / (1 + norm(theta))
  }

  const record: TrajectoryPoint[] = []
  const events: KinkEvent[] = []
  let value = risk.gradient(theta, slopes[0]!)
  const finish = (stopped: Trajectory['stopped']): Trajectory => ({
    points: thinned([...record, { time: now, risk: value, parameters: theta }], points),
    events,
    stopped,
    gradientNorm: norm(slopes[0]!)
  })
  for (let taken = 0; taken < steps; taken++) {
    record.push({ time: now, risk: value, parameters: theta })
    if (norm(slopes[0]!) <= gradientNorm) return finish('gradient-small')
    if (norm(theta) > bound) return finish('unbounded')
    if (now >= time) return finish('time')
    if (taken % askEvery === 0) {
      if (interrupted?.()) return finish('interrupted')
      onStep?.(taken, value)
    }
    let h = Math.min(step, time - now)
    let error = tryStep(h)
    while (error > tolerance) {
      h *= Math.max(0.2, 0.9 * (tolerance / error) ** 0.2)
      error = tryStep(h)
    }
    step = h * Math.min(5, 0.9 * (tolerance / Math.max(error, 1e-300)) ** 0.2)
    const before = states(risk, theta)
    const crossed = () => states(risk, trial).some((state, j) => state !== before[j])
    if (crossed()) {
      // Bisect for the earliest crossing; land just behind it.
      let [safe, behind] = [0, h]
      while (behind - safe > 1e-12 * (now + behind) && behind - safe > 1e-14) {
        const middle = (safe + behind) / 2
        tryStep(middle)
        if (crossed()) behind = middle
        else safe = middle
      }
      h = behind
      tryStep(h)
      for (const [unit, to] of states(risk, trial).entries()) {
        if (to !== before[unit]) events.push({ time: now + h, unit, from: before[unit]!, to })
      }
    }
    now += h
    theta = Float64Array.from(trial)
    value = risk.gradient(theta, slopes[0]!)
  }
  return finish('steps')
}

export interface DescentOptions extends RunOptions {
  readonly rate?: number
  readonly gradientNorm?: number
  readonly bound?: number
  readonly points?: number
}

/** Gradient descent with a constant rate and the generalized gradient. Approximate. */
export function gradientDescent(risk: FloatRisk, start: FlatParameters, options: DescentOptions = {}): Trajectory {
  const { rate = 0.01, steps = 20000, gradientNorm = 1e-9, bound = 1e6, points = 400 } = options
  const { interrupted, onStep } = options
  const record: TrajectoryPoint[] = []
  const events: KinkEvent[] = []
  const ratio = Math.max(2, steps) ** (1 / points)
  let due = 0
  const theta = Float64Array.from(start)
  const gradient = new Float64Array(theta.length)
  let before = states(risk, theta)
  for (let k = 0; ; k++) {
    const value = risk.gradient(theta, gradient)
    const size = norm(gradient)
    const stopped =
      size <= gradientNorm
        ? 'gradient-small'
        : !(norm(theta) <= bound)
          ? 'unbounded'
          : k === steps
            ? 'steps'
            : k % askEvery === 0 && interrupted?.()
              ? 'interrupted'
              : undefined
    if (k % askEvery === 0) onStep?.(k, value)
    if (stopped || k >= due) {
      record.push({ time: k, risk: value, parameters: Float64Array.from(theta) })
      due = Math.max(k + 1, k * ratio)
    }
    if (stopped) return { points: record, events, stopped, gradientNorm: size }
    for (let i = 0; i < theta.length; i++) theta[i]! -= rate * gradient[i]!
    const after = states(risk, theta)
    for (const [unit, to] of after.entries()) {
      if (to !== before[unit]) events.push({ time: k + 1, unit, from: before[unit]!, to })
    }
    before = after
  }
}

/** About `count` of the points, evenly spread over the logarithm of time, always the first and the last. */
function thinned(points: readonly TrajectoryPoint[], count: number): readonly TrajectoryPoint[] {
  const [second, last] = [points[1]?.time ?? 0, points.at(-1)!.time]
  const ratio = Math.max(1, last / second) ** (1 / count)
  let due = 0
  return points.filter(({ time }, k) => {
    if (k > 0 && time < due && k < points.length - 1) return false
    due = Math.max(second, time * ratio)
    return true
  })
}
