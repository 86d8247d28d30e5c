import { lcm, overCommonDenominator, type Rational, type RationalVector, rational, sign } from '@nadir/arithmetic'
import { type Configuration, locate, primitive } from '../cells/configuration.ts'
import type { ExactEvaluation } from '../cells/exact-evaluation.ts'
import { unitForm } from '../cells/kink-classes.ts'
import { dataset } from '../data/dataset.ts'
import { type ExactRows, integerSlopes, parametersByLayer } from '../network/evaluate-exact.ts'
import { empiricalRisk } from '../problem.ts'
import { asOneHiddenLayer } from '../traits.ts'
import type { EchelonBasis } from './echelon-basis.ts'
import { decideFirstOrder } from './first-order.ts'
import { nearArguments } from './near-arguments.ts'
import { decideNonsmooth } from './nonsmooth-first-order.ts'
import { type Failed, type Span, spacesBelow, spanOf } from './path-span.ts'
import { scalarForm } from './scalar-form.ts'
import type { FirstOrderEvidence } from './slope-evidence.ts'

/** The evidence of the rule last-layer. */
export interface LastLayerEvidence {
  readonly slopes: FirstOrderEvidence
  /** Samples i and k < i for which the argument of every unit is, near the point, `multiples` times that on k. */
  readonly parallel: readonly (readonly [number, number])[]
  readonly multiples: RationalVector
  /** For every two-slope layer but the last, from the last of them to the first. */
  readonly spans: readonly Span[]
}

/**
 * The first-order test of one hidden layer for the last hidden layer of a deep network, whose "inputs" are all functions that the layers below can give near the point: sufficient for a local minimum, kinks of the last hidden
 * layer allowed. Exact. Reference: the rule last-layer of the specification.
 */
export function lastLayer(
  evaluation: ExactEvaluation
): { readonly kind: 'proved'; readonly evidence: LastLayerEvidence } | Failed {
  const { problem, values, residuals, ties } = evaluation
  const [below, hidden, last] = problem.network.layers.slice(-3)
  const slopes = hidden?.kind === 'activation' ? integerSlopes(hidden.activation) : undefined
  if (below?.kind !== 'dense' || !slopes || last?.kind !== 'dense')
    return { kind: 'failed', reason: 'the network does not end with a hidden layer between dense layers' }
  const at = problem.network.layers.length - 2
  if (ties.length === 0 && !isBalanced(residuals.rows, values[at + 1]!.rows, last.bias))
    return { kind: 'failed', reason: 'the residuals are not balanced for the last layer' }
  const tied = new Set(ties)
  const samples = residuals.rows.flatMap((row, i) => (tied.has(i) || row.some((r) => r !== 0n) ? [i] : []))
  const isShut = (z: bigint) => (z > 0n ? slopes.positive === 0n : z < 0n && slopes.negative === 0n)
  const felt = samples.filter((i) => !values[at]!.rows[i]!.every(isShut))
  if (felt.length === 0) return { kind: 'failed', reason: 'no sample reaches the last hidden layer' }
  const near = nearArguments(evaluation, at - 1, felt)
  if (near.kind === 'failed') return near
  if (near.basis.vectors.length === 0) return { kind: 'failed', reason: 'nothing reaches the last hidden layer' }
  const still = felt.find((i) => near.basis.vectors.every(({ entries }) => entries[i] === 0n))
  if (still !== undefined) return { kind: 'failed', reason: `sample ${still} gives the last hidden layer nothing` }
  const configuration = reduced(evaluation, at, near.basis, samples)
  const decision = problem.loss === 'squared' ? decideFirstOrder(configuration) : decideNonsmooth(configuration)
  if (decision.kind !== 'local-minimum')
    return { kind: 'failed', reason: `as what the last hidden layer makes of all that it can read: ${decision.reason}` }
  const { evidence } = decision
  const { parallel, multiples } = parallels(configuration)
  const functions = silentFunctions(withSubgradients(configuration, evidence.subgradients), evidence, slopes)
  for (const [a, [i, k]] of parallel.entries()) {
    const f = samples.map(() => 0n)
    f[i] = multiples.denominator
    f[k] = -multiples.numerators[a]!
    functions.push(f)
  }
  const spaces = spacesBelow(
    evaluation,
    at,
    samples.map((i) => [i]),
    functions
  )
  if (spaces.kind === 'failed') return spaces
  return {
    kind: 'proved',
    evidence: {
      slopes: {
        ...evidence,
        units: evidence.units.map((rows, j) =>
          rows.map((row) => {
            const kept = row.map(({ sample, numerators }) => ({ sample: samples[sample]!, numerators }))
            return [...kept, ...idleKinks(evaluation, at, j, samples)].sort((a, b) => a.sample - b.sample)
          })
        )
      },
      parallel: parallel.map(([i, k]) => [samples[i]!, samples[k]!] as const),
      multiples,
      spans: spaces.spans.map((placed) => spanOf(placed, spaces.classes, problem.data.samples))
    }
  }
}

/** Whether the derivatives by the weights and biases of the last layer are 0. */
function isBalanced(residuals: ExactRows['rows'], read: ExactRows['rows'], hasBias: boolean): boolean {
  const columns = read[0]!.map((_, j) => (i: number) => read[i]![j]!)
  if (hasBias) columns.push(() => 1n)
  return columns.every((entry) =>
    residuals[0]!.every((_, o) => residuals.reduce((sum, row, i) => sum + row[o]! * entry(i), 0n) === 0n)
  )
}

/** Kinks of a unit on samples without residual: their slopes are 0. */
function idleKinks({ problem, values }: ExactEvaluation, at: number, j: number, samples: readonly number[]) {
  const active = new Set(samples)
  const { targetCount: m } = problem.data
  return values[at]!.rows.flatMap((row, i) =>
    row[j] === 0n && !active.has(i) ? [{ sample: i, numerators: new Array<bigint>(m).fill(0n) }] : []
  )
}

/** The last hidden layer as a network of its own without hidden biases: its inputs are the functions of the basis, on the samples that have residuals. */
function reduced(
  { problem, point, values }: ExactEvaluation,
  at: number,
  { vectors }: EchelonBasis,
  samples: readonly number[]
): Configuration {
  const { network, data, loss } = problem
  const hidden = network.layers[at]!
  const [below, last] = [network.layers[at - 1]!, network.layers[at + 1]!]
  if (below.kind !== 'dense' || last.kind !== 'dense') throw new Error('unreachable: both are dense layers')
  const { targetCount: m, targets } = data
  const z = values[at]!
  const reducedProblem = empiricalRisk({
    network: { inputs: [vectors.length], layers: [{ ...below, bias: false }, hidden, last] },
    data: dataset(
      samples.map((i) => vectors.map(({ entries }) => rational(entries[i]!, 1n))),
      samples.map((i) =>
        Array.from({ length: m }, (_, o) => rational(targets.numerators[i * m + o]!, targets.denominator))
      )
    ),
    loss
  })
  const coordinates = Array.from({ length: below.outputs }, (_, j) =>
    vectors.map(({ pivot, entries }) => rational(z.rows[pivot]![j]!, z.denominator * entries[pivot]!))
  )
  const view = asOneHiddenLayer(reducedProblem)
  if ('kind' in view) throw new Error(`the last hidden layer by itself: ${view.reason}`)
  const tensors = [overCommonDenominator(coordinates.flat()), ...parametersByLayer(network, point)[at + 1]!]
  return locate(view, { kind: 'exact', tensors })
}

/** The configuration with these subgradients at its ties. */
function withSubgradients(configuration: Configuration, subgradients: RationalVector): Configuration {
  const { ties, residuals } = configuration
  if (ties.length === 0) return configuration
  const denominator = lcm(residuals.denominator, subgradients.denominator)
  const numerators = residuals.numerators.map((r) => r * (denominator / residuals.denominator))
  for (const [t, i] of ties.entries())
    numerators[i] = subgradients.numerators[t]! * (denominator / subgradients.denominator)
  return { ...configuration, residuals: { denominator, numerators } }
}

/** The samples on kinks whose inputs are multiples of that of an earlier one. */
function parallels({ view, signs }: Configuration) {
  const { samples: n, units, width, extended } = view
  const first = new Map<string, { readonly sample: number; readonly factor: bigint }>()
  const parallel: (readonly [number, number])[] = []
  const multiples: Rational[] = []
  for (let i = 0; i < n; i++) {
    if (!Array.from({ length: units }, (_, j) => signs[j * n + i]).includes(0)) continue
    const line = primitive(extended.slice(i * width, (i + 1) * width))
    if (line === undefined) continue
    const key = line.vector.join()
    const known = first.get(key)
    if (known === undefined) first.set(key, { sample: i, factor: line.factor })
    else {
      parallel.push([i, known.sample])
      multiples.push(rational(line.factor, known.factor))
    }
  }
  return { parallel, multiples: overCommonDenominator(multiples) }
}

/** The functions whose products with all arguments of the layer add up to 0: the slopes of every unit, up to a positive factor. */
function silentFunctions(
  configuration: Configuration,
  evidence: FirstOrderEvidence,
  { positive, negative, denominator }: { positive: bigint; negative: bigint; denominator: bigint }
): bigint[][] {
  const { view, signs, residuals, outer } = configuration
  const { samples: n, outputs: m } = view
  // Slopes away from kinks are over the denominators of residuals and activation, those of rows over that of the evidence.
  const own = residuals.denominator * denominator
  const common = lcm(own, evidence.denominator)
  return outer.flatMap((v, j) => {
    const form = unitForm(configuration, j)
    const away = (o: number, factor: bigint) =>
      Array.from({ length: n }, (_, i) => {
        const s = signs[j * n + i]!
        const slope = s > 0 ? positive : s < 0 ? negative : 0n
        return residuals.numerators[o * n + i]! * slope * factor * (common / own)
      })
    const outs = Array.from({ length: m }, (_, o) => o)
    if (v.every((a) => sign(a) === 0))
      return outs.map((o) => {
        // The right slopes are multiples of the representative's factor only when taken together with it.
        const factors = form.classes.reduce((all, c) => lcm(all, c.representativeFactor), 1n)
        const f = away(o, factors)
        for (const c of form.classes)
          f[c.representative] = c.right[o]! * (factors / c.representativeFactor) * (common / own)
        return f
      })
    const rows = evidence.units[j]!
    if (m > 1)
      return outs.map((o) => {
        const f = away(o, 1n)
        for (const { sample, numerators } of rows[0]!) f[sample] = numerators[o]! * (common / evidence.denominator)
        return f
      })
    const { terms } = scalarForm(configuration, j, form)
    const concave = form.classes.flatMap((c, k) =>
      terms[k]!.right < terms[k]!.left ? [{ ...terms[k]!, ...c, ends: terms[k]! }] : []
    )
    const factors = concave.reduce((all, c) => lcm(all, c.representativeFactor), 1n)
    return rows.map((row, s) => {
      const f = away(0, BigInt(sign(v[0]!)) * factors)
      for (const { sample, numerators } of row) f[sample] = numerators[0]! * factors * (common / evidence.denominator)
      for (const [e, { representative, representativeFactor, ends }] of concave.entries())
        f[representative] = ((s >> e) & 1 ? ends.right : ends.left) * (factors / representativeFactor) * (common / own)
      return f
    })
  })
}
