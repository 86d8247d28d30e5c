import { type Budget, hold, spend } from '../budget.ts'
import { decayingTensors } from '../decay.ts'
import { combination, enclose, type Interval, plus } from '../enclosure.ts'
import { reject } from '../outcome.ts'
import type { Point } from '../point.ts'
import type { Dense, Problem } from '../problem.ts'
import type { Samples } from '../samples.ts'
import { dividedBy, nothing, times, unit } from './intervals.ts'
import { type LossSlopes, lossSlopes } from './loss-slopes.ts'
import { slopesOf, wordBits } from './slopes.ts'

/** Every parameter, in the order of the point. */
export type Box = readonly Interval[]

/** The box with a point as its centre; with radius 0 the point itself. */
export const boxAround = (point: Point, radius: Interval): Box =>
  point.flatMap(({ denominator, numerators }) =>
    numerators.map((numerator) => {
      const { low, high } = enclose(numerator, denominator)
      return { low: low - radius.high, high: high + radius.high }
    })
  )

/** Enclosures of the gradient, and of the lower triangle of the Hessian row by row (order 2; else zeros), over a box. */
export type Curvature = { readonly gradient: readonly Interval[]; readonly hessian: readonly (readonly Interval[])[] }

/** Entries of a gradient that need not be zero, each parameter once. */
export type Sparse = { readonly at: readonly number[]; readonly entries: readonly Interval[] }

type Step = {
  readonly layer: Dense
  readonly weight: number
  readonly bias: number | undefined
  readonly inputs: number
}

const combined = (factors: readonly Interval[], terms: readonly Sparse[]): Sparse => {
  const sums = new Map<number, Interval>()
  for (const [k, { at, entries }] of terms.entries()) {
    for (const [e, parameter] of at.entries()) {
      const product = times(factors[k], entries[e])
      const known = sums.get(parameter)
      sums.set(parameter, known === undefined ? product : plus(known, product))
    }
  }
  const at = [...sums.keys()].sort((a, b) => a - b)
  return { at, entries: at.map((parameter) => sums.get(parameter) ?? nothing) }
}

const empty: Sparse = { at: [], entries: [] }

const scaled = (factor: Interval, { at, entries }: Sparse): Sparse => ({
  at,
  entries: entries.map((entry) => times(factor, entry))
})

/** The slopes of the loss of one sample, from its outputs and (but for order 1) their gradients. */
export type OuterSlopes = (sample: number, outputs: readonly Interval[], gradients: readonly Sparse[]) => LossSlopes

/**
 * The gradient and the Hessian of the loss over a box of parameters: forwards with the derivatives of all values by the parameters before them, backwards with those of the loss by the
 * values. Rejects where the loss may not have two derivatives. With `outer` the loss of a sample is another one than that of the problem; order `outputs` hands it what it asks for and does no more.
 */
export const enclosedCurvature = (
  { network, loss, decay, ...problem }: Problem,
  samples: Samples,
  box: Box,
  order: 1 | 2 | 'outputs',
  budget: Budget,
  outer: OuterSlopes = (sample, outputs) =>
    lossSlopes(loss.kind, outputs, samples.targets.rows[sample], samples.targets.denominator)
): Curvature => {
  const count = box.length
  const steps: (Step | undefined)[] = []
  let next = 0
  let width = network.inputs
  let units = 0
  for (const layer of network.layers) {
    if (layer.kind !== 'dense') {
      steps.push(undefined)
      continue
    }
    const weight = next
    next += layer.outputs * width
    steps.push({ layer, weight, bias: layer.bias ? next : undefined, inputs: width })
    if (layer.bias) next += layer.outputs
    width = layer.outputs
    units += layer.outputs
  }
  const hessians = order === 'outputs' ? 1 : units + network.outputs ** 2
  spend(budget, [4, samples.inputs.rows.length, hessians, count, count], wordBits, wordBits)
  hold(budget, [2, count, count], wordBits)
  const gradient: Interval[] = Array.from({ length: count }, () => nothing)
  const hessian: Interval[][] = Array.from({ length: count }, (_, k) => Array.from({ length: k + 1 }, () => nothing))
  const addGradient = (parameter: number, term: Interval): void => {
    gradient[parameter] = plus(gradient[parameter], term)
  }
  const addSecond = (a: number, b: number, term: Interval): void => {
    const [row, column] = a > b ? [a, b] : [b, a]
    hessian[row][column] = plus(hessian[row][column], term)
  }
  /** factor times the outer product of two gradients, and its transpose where they are two. */
  const addOuter = (factor: Interval, left: Sparse, right: Sparse): void => {
    for (const [e, a] of left.at.entries()) {
      const weighed = times(factor, left.entries[e])
      for (const [f, b] of right.at.entries()) {
        if (left === right && b > a) break
        const term = times(weighed, right.entries[f])
        addSecond(a, b, term)
        if (left !== right && a === b) addSecond(a, b, term)
      }
    }
  }

  for (const [sample, row] of samples.inputs.rows.entries()) {
    let values: readonly Interval[] = row.map((entry) => enclose(entry, samples.inputs.denominator))
    let slopes: readonly Sparse[] = values.map(() => empty)
    const trail: { values: readonly Interval[]; slopes: readonly Sparse[] }[] = []
    const bends: (readonly { first: Interval; second: Interval }[] | undefined)[] = []
    for (const [l, layer] of network.layers.entries()) {
      trail.push({ values, slopes })
      const step = steps[l]
      bends.push(undefined)
      if (step !== undefined) {
        const before = { values, slopes }
        const weightsOf = (u: number): readonly Interval[] =>
          box.slice(step.weight + u * step.inputs, step.weight + (u + 1) * step.inputs)
        values = Array.from({ length: layer.kind === 'dense' ? layer.outputs : 0 }, (_, u) =>
          weightsOf(u).reduce(
            (sum, weight, k) => plus(sum, times(weight, before.values[k])),
            step.bias === undefined ? nothing : box[step.bias + u]
          )
        )
        slopes = values.map((_, u) => {
          if (order === 1) return empty
          const { at, entries } = combined(weightsOf(u), before.slopes)
          const own = before.values.map((_, k) => step.weight + u * step.inputs + k)
          const bias = step.bias === undefined ? [] : [step.bias + u]
          return { at: [...at, ...own, ...bias], entries: [...entries, ...before.values, ...bias.map(() => unit)] }
        })
      } else if (layer.kind === 'two-slope' || layer.kind === 'quadratic' || layer.kind === 'smooth') {
        const parts = values.map((z) => slopesOf(layer, z))
        bends[l] = parts
        values = parts.map(({ value }) => value)
        const inner = slopes
        slopes = parts.map(({ first }, u) => scaled(first, inner[u]))
      } else if (layer.kind !== 'flatten') reject('network', `the rule is for networks without ${layer.kind} layers`)
    }
    const { first, second } = outer(sample, values, slopes)
    if (order === 'outputs') continue
    for (let o = 0; order === 2 && o < values.length; o += 1) {
      for (let p = 0; p <= o; p += 1) {
        if (second[o][p] !== nothing) addOuter(second[o][p], slopes[o], slopes[p])
      }
    }
    let deltas = first
    for (let l = network.layers.length - 1; l >= 0; l -= 1) {
      const step = steps[l]
      const before = trail[l]
      const bend = bends[l]
      if (bend !== undefined) {
        for (const [u, delta] of deltas.entries()) {
          if (order === 2 && bend[u].second !== nothing)
            addOuter(times(delta, bend[u].second), before.slopes[u], before.slopes[u])
        }
        deltas = deltas.map((delta, u) => times(delta, bend[u].first))
      } else if (step !== undefined) {
        for (const [u, delta] of deltas.entries()) {
          for (const [k, value] of before.values.entries()) {
            const parameter = step.weight + u * step.inputs + k
            addGradient(parameter, times(delta, value))
            const { at, entries } = before.slopes[k]
            for (const [e, earlier] of at.entries()) addSecond(parameter, earlier, times(delta, entries[e]))
          }
          if (step.bias !== undefined) addGradient(step.bias + u, delta)
        }
        const above = deltas
        deltas = before.values.map((_, k) =>
          above.reduce((sum, delta, u) => plus(sum, times(delta, box[step.weight + u * step.inputs + k])), nothing)
        )
      }
    }
  }
  if (loss.reduction === 'mean') {
    const divisor = BigInt(samples.inputs.rows.length)
    for (let a = 0; a < count; a += 1) {
      gradient[a] = dividedBy(gradient[a], divisor)
      for (let b = 0; b <= a; b += 1) hessian[a][b] = dividedBy(hessian[a][b], divisor)
    }
  }
  if (decay !== undefined) {
    const { numerator, denominator } = decay.factor
    const factor = enclose(numerator, denominator)
    let parameter = 0
    const decays = decayingTensors({ network, loss, decay, ...problem })
    for (const [tensor, length] of tensorLengths(steps).entries()) {
      for (let k = 0; k < length; k += 1, parameter += 1) {
        if (!decays[tensor]) continue
        addGradient(parameter, combination([numerator], [box[parameter]], denominator))
        addSecond(parameter, parameter, factor)
      }
    }
  }
  return { gradient, hessian }
}

const tensorLengths = (steps: readonly (Step | undefined)[]): readonly number[] =>
  steps.flatMap((step) => {
    if (step === undefined) return []
    const { layer } = step
    return [layer.outputs * step.inputs, ...(step.bias === undefined ? [] : [layer.outputs])]
  })
