import type { RationalVector } from '@nadir/arithmetic'
import type { ExactEvaluation } from '../cells/exact-evaluation.ts'
import { type ExactRows, integerSlopes } from '../network/evaluate-exact.ts'
import { type ImageShape, imageShapes, positionsOf, windowsOf } from '../network/windows.ts'
import { type EchelonBasis, emptyBasis, extend } from './echelon-basis.ts'
import { atEveryPosition, atEveryTap, overWindows } from './place-functions.ts'

/** Functions on the places (sample i, position p at index i * positions + p) that span what a layer can pass on, and for each the place that gives its coefficient. */
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

/** A space of functions of class and position. */
export interface PlacedBasis {
  readonly basis: EchelonBasis
  readonly positions: number
}

/** What the outputs of a network can be near a point, products of weights along paths taken as free. */
export interface PathSpaces {
  readonly kind: 'spaces'
  /** The samples it is about, in groups with equal signs of all pre-activations. All functions are functions of group and position. */
  readonly classes: readonly (readonly number[])[]
  /** Below every two-slope layer, from the last to the first. */
  readonly spans: readonly PlacedBasis[]
  /** What layers with a bias read, with the layer's index. */
  readonly biases: readonly { readonly layer: number; readonly read: PlacedBasis }[]
  /** What is read of the inputs. */
  readonly inputs: PlacedBasis
}

/** The path spaces of the outputs on these samples, or the kink that is in the way. Exact. */
export function pathSpaces(evaluation: ExactEvaluation, samples: readonly number[]): PathSpaces | Failed {
  const { layers } = evaluation.problem.network
  const classes = signClasses(layers, evaluation.values, samples)
  return spacesBelow(evaluation, layers.length, classes, [classes.map(() => 1n)])
}

/** What the layers below this one read when these functions on the classes weigh what the last of them gives. Exact. */
export function spacesBelow(
  { problem, values }: ExactEvaluation,
  above: number,
  classes: PathSpaces['classes'],
  functions: readonly (readonly bigint[])[]
): PathSpaces | Failed {
  const { layers } = problem.network
  const shapes = imageShapes(problem.network)
  let current: PlacedBasis = { basis: spannedBy(functions), positions: 1 }
  const spans: PlacedBasis[] = []
  const biases: { layer: number; read: PlacedBasis }[] = []
  for (let l = above - 1; l >= 0; l--) {
    const layer = layers[l]!
    const shape = shapes[l]!
    const { vectors } = current.basis
    const positions = positionsOf(shape)
    if ((layer.kind === 'dense' || layer.kind === 'conv') && layer.bias) biases.push({ layer: l, read: current })
    if (layer.kind === 'dense' || layer.kind === 'flatten') {
      if (positions > 1)
        current = { basis: spannedBy(vectors.flatMap(({ entries }) => atEveryPosition(entries, shape))), positions }
    } else if (layer.kind === 'conv' || layer.kind === 'average-pool') {
      const windows = windowsOf(layer, shape, shapes[l + 1]!)
      const through = layer.kind === 'conv' ? atEveryTap : overWindows
      current = { basis: spannedBy(vectors.flatMap(({ entries }) => through(entries, windows, shape))), positions }
    } else {
      const slopes = layer.kind === 'activation' ? integerSlopes(layer.activation) : undefined
      if (!slopes) return { kind: 'failed', reason: `layer ${l} is not piecewise linear` }
      const basis = emptyBasis()
      for (const { unit, signs } of distinctUnits(values[l]!, classes, shape)) {
        for (const { entries } of vectors) {
          const kink = signs.findIndex((s, place) => s === 0 && entries[place] !== 0n)
          if (kink >= 0) {
            const sample = classes[Math.floor(kink / positions)]![0]
            return { kind: 'failed', reason: `sample ${sample} is on a kink of unit ${unit} of layer ${l}` }
          }
          extend(
            basis,
            entries.map((f, place) => f * (signs[place]! > 0 ? slopes.positive : slopes.negative))
          )
        }
      }
      current = { basis, positions }
      spans.push(current)
    }
  }
  return { kind: 'spaces', classes, spans, biases, inputs: current }
}

/** A linear condition on the residuals of one output: sum over the samples of weights[i] r_i = 0. */
export interface PathCondition {
  /** The layer whose biases ask for it; undefined for the weights of the first layer. */
  readonly layer: number | undefined
  readonly weights: readonly bigint[]
}

/** All conditions of orthogonality to the path spaces, for the samples of the spaces in order of classes and members. Exact. */
export function pathConditions(
  { classes, biases, inputs }: PathSpaces,
  { problem, values }: ExactEvaluation
): readonly PathCondition[] {
  const members = classes.flatMap((all, c) => all.map((i) => ({ i, c })))
  const [channels] = imageShapes(problem.network)[0]!
  const fromBiases = biases.flatMap(({ layer, read: { basis, positions } }) =>
    basis.vectors.map(({ entries }) => {
      const sums = classes.map((_, c) => entries.slice(c * positions, (c + 1) * positions).reduce((a, b) => a + b, 0n))
      return { layer, weights: members.map(({ c }) => sums[c]!) }
    })
  )
  const { positions } = inputs
  const fromInputs = inputs.basis.vectors.flatMap(({ entries }) =>
    Array.from({ length: channels }, (_, u) => ({
      layer: undefined,
      weights: members.map(({ i, c }) => {
        const x = values[0]!.rows[i]!
        let sum = 0n
        for (let p = 0; p < positions; p++) {
          const f = entries[c * positions + p]!
          if (f !== 0n) sum += f * x[u * positions + p]!
        }
        return sum
      })
    }))
  )
  return [...fromBiases, ...fromInputs]
}

/** The samples in the order that the conditions use. */
export const sampleOrder = ({ classes }: PathSpaces): readonly number[] => classes.flat()

/**
 * Whether the residuals are orthogonal to all path spaces: sufficient for a local minimum with any convex loss, any depth and any number of
 * outputs; not necessary. Samples without residual do not matter. Exact.
 */
export function pathSpan(
  evaluation: ExactEvaluation
): { readonly kind: 'proved'; readonly evidence: PathSpanEvidence } | Failed {
  const { problem, residuals } = evaluation
  const active = residuals.rows.flatMap((row, i) => (row.some((r) => r !== 0n) ? [i] : []))
  const spaces = pathSpaces(evaluation, active)
  if (spaces.kind === 'failed') return spaces
  const order = sampleOrder(spaces)
  for (const { layer, weights } of pathConditions(spaces, evaluation))
    for (let o = 0; o < problem.data.targetCount; o++) {
      let sum = 0n
      for (const [k, w] of weights.entries()) if (w !== 0n) sum += w * residuals.rows[order[k]!]![o]!
      if (sum !== 0n)
        return {
          kind: 'failed',
          reason: `the residuals are not balanced for the ${layer === undefined ? 'weights of the first layer' : `biases of layer ${layer}`}`
        }
    }
  const spans = spaces.spans.map((placed) => spanOf(placed, spaces.classes, problem.data.samples))
  return { kind: 'proved', evidence: { spans, subgradients: subgradientsOf(evaluation) } }
}

/** The subgradients that a certificate states: those of the ties, for losses that have ties. */
export const subgradientsOf = ({ problem, residuals, ties }: ExactEvaluation): RationalVector | undefined =>
  problem.loss === 'squared'
    ? undefined
    : { denominator: residuals.denominator, numerators: ties.map((i) => residuals.rows[i]![0]!) }

function spannedBy(vectors: readonly (readonly bigint[])[]): EchelonBasis {
  const basis = emptyBasis()
  for (const vector of vectors) extend(basis, vector)
  return basis
}

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

/** The signs of every unit at all classes and positions; of units with the same signs only the first. */
function distinctUnits(
  { rows }: ExactRows,
  classes: readonly (readonly number[])[],
  shape: ImageShape
): readonly { readonly unit: number; readonly signs: readonly (-1 | 0 | 1)[] }[] {
  const positions = positionsOf(shape)
  const found = new Map<string, { unit: number; signs: (-1 | 0 | 1)[] }>()
  for (let unit = 0; unit < shape[0]; unit++) {
    const signs = classes.flatMap(([i]) =>
      rows[i!]!.slice(unit * positions, (unit + 1) * positions).map((z) => signOf(z))
    )
    const key = signs.join()
    if (!found.has(key)) found.set(key, { unit, signs })
  }
  return [...found.values()]
}

/** A space of functions of class and position as one of functions on all places. */
export const spanOf = (
  { basis, positions }: PlacedBasis,
  classes: readonly (readonly number[])[],
  samples: number
): Span => ({
  pivots: basis.vectors.map(
    ({ pivot }) => classes[Math.floor(pivot / positions)]![0]! * positions + (pivot % positions)
  ),
  functions: basis.vectors.map(({ pivot, entries }) => {
    const numerators = new Array<bigint>(samples * positions).fill(0n)
    for (const [c, members] of classes.entries())
      for (const i of members)
        for (let p = 0; p < positions; p++) numerators[i * positions + p] = entries[c * positions + p]!
    return { denominator: entries[pivot]!, numerators }
  })
})
