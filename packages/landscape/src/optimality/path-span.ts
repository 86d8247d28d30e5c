import type { RationalVector } from '@nadir/arithmetic'
import type { ExactEvaluation } from '../cells/exact-evaluation.ts'
import { type ExactRows, integerSlopes } from '../network/evaluate-exact.ts'
import { type EchelonBasis, emptyBasis, extend } from './echelon-basis.ts'

/** Functions on the samples that span what a layer can pass on, and for each the sample that gives its coefficient. */
export interface Span {
  readonly pivots: readonly number[]
  readonly functions: readonly RationalVector[]
}

/** The evidence of the rule path-span: one span for each two-slope layer, from the last to the first. */
export interface PathSpanEvidence {
  readonly spans: readonly Span[]
  /** The chosen subgradients, one for each tie; undefined for the squared loss. */
  readonly subgradients: RationalVector | undefined
}

export interface Failed {
  readonly kind: 'failed'
  readonly reason: string
}

/** What the outputs of a network can be near a point, products of weights along paths taken as free. */
export interface PathSpaces {
  readonly kind: 'spaces'
  /** The samples it is about, in groups with equal signs of all pre-activations. All functions are functions of the group. */
  readonly classes: readonly (readonly number[])[]
  /** The spaces after (in the network) and between the two-slope layers, from the last layer to the first: one more than these layers. */
  readonly bases: readonly EchelonBasis[]
  /** The spaces that layers with a bias read, with the layer's index. */
  readonly biases: readonly { readonly layer: number; readonly basis: EchelonBasis }[]
}

/** The path spaces on these samples, or the kink that is in the way. Exact. */
export function pathSpaces({ problem, values }: ExactEvaluation, samples: readonly number[]): PathSpaces | Failed {
  const { layers } = problem.network
  const classes = signClasses(layers, values, samples)
  const constants = emptyBasis()
  extend(
    constants,
    classes.map(() => 1n)
  )
  const bases = [constants]
  const biases: { layer: number; basis: EchelonBasis }[] = []
  for (let l = layers.length - 1; l >= 0; l--) {
    const layer = layers[l]!
    const basis = bases.at(-1)!
    if (layer.kind === 'dense') {
      if (layer.bias) biases.push({ layer: l, basis })
      continue
    }
    const slopes = layer.kind === 'activation' ? integerSlopes(layer.activation) : undefined
    if (!slopes) return { kind: 'failed', reason: `layer ${l} is not piecewise linear` }
    const next = emptyBasis()
    const seen = new Set<string>()
    for (let u = 0; u < values[l]!.rows[0]!.length; u++) {
      const signs = classes.map(([i]) => signOf(values[l]!.rows[i!]![u]!))
      const key = signs.join()
      if (seen.has(key)) continue
      seen.add(key)
      for (const { entries } of basis.vectors) {
        const kink = signs.findIndex((s, c) => s === 0 && entries[c] !== 0n)
        if (kink >= 0)
          return { kind: 'failed', reason: `sample ${classes[kink]![0]} is on a kink of unit ${u} of layer ${l}` }
        extend(
          next,
          entries.map((f, c) => f * (signs[c]! > 0 ? slopes.positive : slopes.negative))
        )
      }
    }
    bases.push(next)
  }
  return { kind: 'spaces', classes, bases, biases }
}

/**
 * Whether the residuals are orthogonal to all path spaces: sufficient for a local minimum with any convex loss, any depth and any number of
 * outputs; not necessary. Samples without residual do not matter. Exact.
 */
export function pathSpan(
  evaluation: ExactEvaluation
): { readonly kind: 'proved'; readonly evidence: PathSpanEvidence } | Failed {
  const { problem, values, residuals } = evaluation
  const active = residuals.rows.flatMap((row, i) => (row.some((r) => r !== 0n) ? [i] : []))
  const spaces = pathSpaces(evaluation, active)
  if (spaces.kind === 'failed') return spaces
  const { classes, bases, biases } = spaces
  const moments = classes.map((members) => momentsOf(members, residuals.rows, values[0]!.rows))
  for (const { layer, basis } of biases)
    if (!isOrthogonal(basis, moments, 0, 1))
      return { kind: 'failed', reason: `the residuals are not balanced for the biases of layer ${layer}` }
  if (!isOrthogonal(bases.at(-1)!, moments, 1))
    return { kind: 'failed', reason: 'the residuals are not balanced for the weights of the first layer' }
  const spans = bases.slice(1).map((basis) => spanOf(basis, classes, problem.data.samples))
  return { kind: 'proved', evidence: { spans, subgradients: subgradientsOf(evaluation) } }
}

/** The subgradients that a certificate states: those of the ties, for losses that have ties. */
export const subgradientsOf = ({ problem, residuals, ties }: ExactEvaluation): RationalVector | undefined =>
  problem.loss === 'squared'
    ? undefined
    : { denominator: residuals.denominator, numerators: ties.map((i) => residuals.rows[i]![0]!) }

const signOf = (a: bigint): -1 | 0 | 1 => (a > 0n ? 1 : a < 0n ? -1 : 0)

/** The samples, grouped by the signs of all pre-activations. */
function signClasses(
  layers: ExactEvaluation['problem']['network']['layers'],
  values: ExactEvaluation['values'],
  samples: readonly number[]
): readonly (readonly number[])[] {
  const classes = new Map<string, number[]>()
  for (const i of samples) {
    let key = ''
    for (const [l, layer] of layers.entries())
      if (layer.kind === 'activation') for (const z of values[l]!.rows[i]!) key += z > 0n ? '+' : z < 0n ? '-' : '0'
    const known = classes.get(key)
    if (known) known.push(i)
    else classes.set(key, [i])
  }
  return [...classes.values()]
}

/** For each output sum r_i and then sum r_i x_i over the members, in one list for each output. */
const momentsOf = (
  members: readonly number[],
  residuals: ExactRows['rows'],
  inputs: ExactRows['rows']
): readonly (readonly bigint[])[] =>
  residuals[0]!.map((_, o) => {
    const sums = new Array<bigint>(1 + inputs[0]!.length).fill(0n)
    for (const i of members) {
      const r = residuals[i]![o]!
      if (r === 0n) continue
      sums[0]! += r
      for (const [k, x] of inputs[i]!.entries()) if (x !== 0n) sums[k + 1]! += r * x
    }
    return sums
  })

/** Whether sum over classes of f(c) moments[c][o][k] is zero for every f, every output o and k from `from` to before `to`. */
function isOrthogonal(
  { vectors }: EchelonBasis,
  moments: readonly (readonly (readonly bigint[])[])[],
  from: number,
  to = Number.POSITIVE_INFINITY
): boolean {
  const outputs = moments[0]?.length ?? 0
  for (const { entries } of vectors)
    for (let o = 0; o < outputs; o++)
      for (let k = from; k < Math.min(to, moments[0]![o]!.length); k++) {
        let sum = 0n
        for (const [c, f] of entries.entries()) if (f !== 0n) sum += f * moments[c]![o]![k]!
        if (sum !== 0n) return false
      }
  return true
}

const spanOf = ({ vectors }: EchelonBasis, classes: readonly (readonly number[])[], samples: number): Span => ({
  pivots: vectors.map(({ pivot }) => classes[pivot]![0]!),
  functions: vectors.map(({ pivot, entries }) => {
    const numerators = new Array<bigint>(samples).fill(0n)
    for (const [c, members] of classes.entries()) for (const i of members) numerators[i] = entries[c]!
    return { denominator: entries[pivot]!, numerators }
  })
})
