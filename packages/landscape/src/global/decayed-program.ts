import { multiply, type Rational, rational, toNumber } from '@nadir/arithmetic'
import type { Problem } from '../problem.ts'
import { lbfgs } from '../training/lbfgs.ts'
import { objective } from '../training/objective.ts'
import { asOneHiddenLayer, type Obstacle, type OneHiddenLayer } from '../traits.ts'
import { type Pattern, type PatternProgram, solvePatternProgram } from './barrier-program.ts'
import { fewerUnits, outputsOf, resized } from './fewer-units.ts'
import { gatedUnits } from './gated-relaxation.ts'
import { steepestUnits } from './steepest-units.ts'

/** A problem with weight decay over one hidden layer, as the convex program needs it. */
export interface DecayedProblem {
  readonly problem: Problem
  readonly view: OneHiddenLayer
  /** The factor of the weight decay when the losses are added up: lambda / F. */
  readonly limit: Rational
  /** The number of incoming weights of a unit that decay: the first ones. */
  readonly measured: number
  readonly program: PatternProgram
}

/** A hidden unit in balance: |weights| (the part that decays) is |outer|. */
export interface BalancedUnit {
  readonly weights: Float64Array
  readonly outer: number
}

export interface DecayedSolution {
  readonly units: readonly BalancedUnit[]
  readonly constant: number
  /** Of the added-up losses with their decay. Approximate. */
  readonly value: number
  /** How far the value is above the dual one. Approximate. */
  readonly gap: number
  /** y minus the outputs: nearly the best dual vector. */
  readonly residuals: Float64Array
  /** The greatest |sum_i z_i h(u . x~_i)|, |u| = 1, over `limit`, z the residuals: 1 at the optimum. */
  readonly steepness: number
  readonly patterns: number
  /** Whether all activation patterns were looked at. */
  readonly complete: boolean
}

/** The convex view of a problem, or what stands in the way. */
export function asDecayedProblem(problem: Problem): DecayedProblem | Obstacle {
  const { loss, weightDecay, decayBiases, data, reduction } = problem
  const obstacle = (reason: string, tryNext: string): Obstacle => ({ kind: 'obstacle', reason, tryNext })
  if (weightDecay.numerator <= 0n)
    return obstacle('there is no weight decay', 'give --weight-decay, or bound a narrow network without it')
  if (loss !== 'squared')
    return obstacle(`the convex program covers the squared loss, not the ${loss} loss`, 'use --loss squared')
  const view = asOneHiddenLayer({ ...problem, weightDecay: rational(0n) })
  if ('kind' in view) return view
  if (view.outputs !== 1)
    return obstacle('with several outputs the dual condition is not a cone program', 'bound one output at a time')
  if (view.hiddenBias && !decayBiases && !view.outputBias)
    return obstacle(
      'hidden biases do not decay and there is no output bias: constants cost nothing, and the infimum need not be reached',
      'let biases decay, or give the output a bias'
    )
  const limit = reduction === 'mean' ? multiply(weightDecay, rational(BigInt(data.samples))) : weightDecay
  const measured = view.hiddenBias && !decayBiases ? view.width - 1 : view.width
  const { positive, negative, denominator } = view.slopes
  const penalty = toNumber(limit)
  return {
    problem,
    view,
    limit,
    measured,
    program: {
      samples: view.samples,
      width: view.width,
      X: Float64Array.from(view.extended, (x) => toNumber(rational(x, view.scale))),
      y: data.approximateTargets,
      measured,
      penalty,
      constantPenalty: view.outputBias ? (decayBiases ? penalty : 0) : undefined,
      slopes: {
        positive: toNumber(rational(positive, denominator)),
        negative: toNumber(rational(negative, denominator))
      }
    }
  }
}

const newUnits = 8

export interface SolveOptions {
  readonly accuracy?: number
  /** Whether to begin from the gated relaxation: yes by default. */
  readonly warmStart?: boolean
  readonly stop?: () => boolean
  readonly onRound?: (value: number, lower: number, units: number) => void
}

/**
 * The minimum over networks of any width, from the gated relaxation, or from nothing where that leads to a gap. Approximate: what is proved is the dual tree made from it.
 */
export function solveDecayed(decayed: DecayedProblem, options: SolveOptions = {}): DecayedSolution {
  if (options.warmStart !== false) {
    const warm = solveFrom(decayed, gatedUnits(decayed.program), options)
    if (warm.gap <= 1e-9 * warm.value || options.stop?.()) return warm
  }
  return solveFrom(decayed, undefined, options)
}

/**
 * In turns: units where the dual condition is violated most are added; all units are trained together; and the convex program over the activation patterns at and next to the units is solved. It ends
 * when the dual condition holds for all activation patterns.
 */
function solveFrom(
  decayed: DecayedProblem,
  begun: { readonly units: readonly BalancedUnit[]; readonly constant: number } | undefined,
  options: SolveOptions
): DecayedSolution {
  const { view, program, measured } = decayed
  const { y, penalty, constantPenalty, samples: n } = program
  const accuracy = options.accuracy ?? 1e-11
  const stop = options.stop ?? (() => false)
  let constant = constantPenalty === undefined ? 0 : y.reduce((sum, value) => sum + value, 0) / (n + constantPenalty)
  let residuals: Float64Array = y.map((value) => value - constant)
  let units: readonly BalancedUnit[] = []
  if (begun && begun.units.length > 0) {
    units = trainTogether(decayed, begun.units, begun.constant).map(({ weights, outer }) =>
      balanced(
        weights.map((w) => w * Math.abs(outer)),
        outer > 0 ? 1 : -1,
        measured
      )
    )
    constant = bestConstant(program, units)
    residuals = y.map((target) => target - constant)
    for (const unit of units) for (const [i, output] of outputsOf(program, unit).entries()) residuals[i]! -= output
  }
  let value =
    residuals.reduce((sum, r) => sum + r * r, 0) / 2 +
    ((constantPenalty ?? 0) / 2) * constant * constant +
    penalty * units.reduce((sum, { outer }) => sum + outer * outer, 0)
  let patterns: readonly Pattern[] = []
  let steepness = Number.POSITIVE_INFINITY
  let gap = Number.POSITIVE_INFINITY
  for (let round = 0; round < 60; round++) {
    const search = steepestUnits(view, residuals, measured, { enough: penalty * (1 - 1e-7), count: newUnits, stop })
    steepness = search.bound / penalty
    const lower = lowerBound(residuals, y, steepness, penalty, constantPenalty)
    gap = value - lower
    options.onRound?.(value, lower, units.length)
    if (stop() || gap <= 10 * accuracy * value) break
    const fresh = search.units.map(({ direction, sign }): BalancedUnit => ({ weights: direction, outer: sign }))
    const trained = trainTogether(decayed, [...units, ...fresh.map((unit) => resized(unit, 1e-4))], constant)
    // The cells themselves come first: a direction on several kinks at once has no pattern of its own.
    const cells = search.units.filter(({ inside }) => isInside(program, inside))
    const around = [...fresh, ...trained].flatMap((unit) => patternsAround(program, unit))
    const next = distinct([...patterns, ...cells, ...around])
    if (round > 0 && next.length === patterns.length) break
    const solution = solvePatternProgram(program, next, accuracy)
    ;({ constant, value } = solution)
    residuals = solution.residuals
    if (constantPenalty === 0) {
      const mean = residuals.reduce((sum, r) => sum + r, 0) / n
      constant += mean
      residuals = residuals.map((r) => r - mean)
    }
    const found = solution.weights.map((v, k) => balanced(v, next[k]!.sign, measured))
    const largest = Math.max(...found.map(({ outer }) => outer * outer))
    patterns = next.filter((_, k) => found[k]!.outer ** 2 > 1e-6 * largest)
    units = found.filter(({ outer }) => outer ** 2 > 1e-6 * largest)
  }
  const fewer = fewerUnits(program, units, residuals)
  return {
    units: fewer,
    constant: bestConstant(program, fewer),
    value,
    gap,
    residuals,
    steepness,
    patterns: patterns.length,
    complete: Number.isFinite(steepness)
  }
}

/** The best output bias for these units: biases that do not decay may be shared in many ways between it and units that are left out. */
function bestConstant(program: PatternProgram, units: readonly BalancedUnit[]): number {
  const { y, constantPenalty, samples } = program
  if (constantPenalty === undefined) return 0
  const rest = y.slice()
  for (const unit of units) for (const [i, output] of outputsOf(program, unit).entries()) rest[i]! -= output
  return rest.reduce((sum, value) => sum + value, 0) / (samples + constantPenalty)
}

function balanced(v: Float64Array, sign: 1 | -1, measured: number): BalancedUnit {
  const length = Math.sqrt(Math.hypot(...v.subarray(0, measured)))
  return { weights: v.map((entry) => (length > 0 ? entry / length : 0)), outer: sign * length }
}

/** The units after some steps of L-BFGS on all parameters. */
function trainTogether(
  { problem, view }: DecayedProblem,
  units: readonly BalancedUnit[],
  constant: number
): readonly BalancedUnit[] {
  const wide = withUnits(problem, units.length)
  const theta = parametersOf(view, units, constant)
  lbfgs(objective(wide), theta, { iterations: 200 })
  const d = view.problem.data.inputCount
  const m = units.length
  return units.map((_, j) => ({
    weights: Float64Array.from({ length: view.width }, (_, e) => (e < d ? theta[j * d + e]! : theta[m * d + j]!)),
    outer: theta[m * view.width + j]!
  }))
}

/** So many units: those that contribute most, or empty ones besides. */
export function ofWidth(
  { view }: DecayedProblem,
  units: readonly BalancedUnit[],
  width: number
): readonly BalancedUnit[] {
  const sorted = [...units].sort((a, b) => Math.abs(b.outer) - Math.abs(a.outer)).slice(0, width)
  while (sorted.length < width) sorted.push({ weights: new Float64Array(view.width), outer: 0 })
  return sorted
}

/** The same problem with another number of hidden units. */
export function withUnits(problem: Problem, units: number): Problem {
  const [first, ...others] = problem.network.layers
  if (first?.kind !== 'dense') throw new Error('withUnits: the first layer is not dense')
  return { ...problem, network: { ...problem.network, layers: [{ ...first, outputs: units }, ...others] } }
}

/** The parameters of a network with these units, in the order of its tensors. */
export function parametersOf(view: OneHiddenLayer, units: readonly BalancedUnit[], constant: number): Float64Array {
  const d = view.problem.data.inputCount
  return Float64Array.from([
    ...units.flatMap(({ weights }) => [...weights.subarray(0, d)]),
    ...(view.hiddenBias ? units.map(({ weights }) => weights[d]!) : []),
    ...units.map(({ outer }) => outer),
    ...(view.outputBias ? [constant] : [])
  ])
}

/** Sides below this part of the length of x~_i count as on the kink. */
const nearKink = 1e-3

/** The activation pattern of a unit, and those next to it across the kinks that it is near. */
function patternsAround({ samples, width, X }: PatternProgram, unit: BalancedUnit): readonly Pattern[] {
  const sign = unit.outer > 0 ? 1 : -1
  const length = Math.hypot(...unit.weights)
  if (!(length > 0)) return []
  const u = unit.weights.map((w) => w / length)
  const found: Pattern[] = []
  const visit = (at: Float64Array): void => {
    const pattern = new Int8Array(samples)
    for (let i = 0; i < samples; i++) {
      let side = 0
      let square = 0
      for (let e = 0; e < width; e++) {
        side += X[i * width + e]! * at[e]!
        square += X[i * width + e]! ** 2
      }
      if (square > 0 && Math.abs(side) < 1e-11 * Math.sqrt(square)) return
      pattern[i] = side >= 0 ? 1 : -1
    }
    found.push({ sign, pattern, inside: at })
  }
  visit(u)
  for (let i = 0; i < samples; i++) {
    const x = X.subarray(i * width, (i + 1) * width)
    const square = x.reduce((sum, entry) => sum + entry * entry, 0)
    const side = x.reduce((sum, entry, e) => sum + entry * u[e]!, 0)
    if (square === 0 || Math.abs(side) > nearKink * Math.sqrt(square)) continue
    for (const beyond of [-1e-7, 1e-7])
      visit(u.map((entry, e) => entry + ((beyond * Math.sqrt(square) - side) / square) * x[e]!))
  }
  return found
}

/** Whether a point is clearly off all kinks. */
const isInside = ({ samples, width, X }: PatternProgram, at: Float64Array): boolean =>
  Array.from({ length: samples }, (_, i) => X.subarray(i * width, (i + 1) * width)).every((x) => {
    const square = x.reduce((sum, entry) => sum + entry * entry, 0)
    const side = x.reduce((sum, entry, e) => sum + entry * at[e]!, 0)
    return square === 0 || Math.abs(side) > 1e-11 * Math.sqrt(square)
  })

function distinct(patterns: readonly Pattern[]): readonly Pattern[] {
  const seen = new Map<string, Pattern>()
  for (const pattern of patterns) {
    const name = `${pattern.sign}${pattern.pattern}`
    if (!seen.has(name)) seen.set(name, pattern)
  }
  return [...seen.values()]
}

/** The dual value of the residuals, shortened until they are feasible. Approximate. */
function lowerBound(
  z: Float64Array,
  y: Float64Array,
  steepness: number,
  penalty: number,
  constantPenalty: number | undefined
): number {
  const shrink = Math.min(1, 1 / steepness)
  let product = 0
  let square = 0
  let sum = 0
  for (const [i, number] of z.entries()) {
    product += number * y[i]!
    square += number * number
    sum += number
  }
  const share = constantPenalty ? (sum * sum) / penalty : 0
  return shrink * product - (shrink * shrink * (square + share)) / 2
}
