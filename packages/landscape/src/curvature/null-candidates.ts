import type { LossKind } from '../loss/loss.ts'
import type { Activation } from '../network/activation.ts'
import { incomingIndices, weightIndex } from './layered.ts'
import { homogeneousDegree, type PointView } from './point-view.ts'

/** Why a direction of parameter space changes nothing, in the order in which directions are named. */
export const causes = [
  'dead-units',
  'inputs-not-spanning',
  'zero-outgoing',
  'constant-units',
  'positive-scaling',
  'duplicates',
  'mirrored',
  'shared-pattern',
  'shared-output-shift',
  'too-few-data'
] as const
export type Cause = (typeof causes)[number]

/** A direction: the coordinates that move. */
export type Candidate<S> = readonly (readonly [index: number, value: S])[]

/** Hidden unit j of layer l. */
export interface UnitPlace {
  readonly layer: number
  readonly unit: number
}

/** Candidates of one cause and the units that they come from. */
export interface CauseCandidates<S> {
  readonly cause: Cause
  readonly vectors: readonly Candidate<S>[]
  readonly units: readonly UnitPlace[]
}

/** sigma(-z) = -sigma(z), = sigma(z), = 1 - sigma(z), or sigma(z) - sigma(-z) = slope z. */
export type Reflection =
  | { readonly kind: 'odd' }
  | { readonly kind: 'even' }
  | { readonly kind: 'complement' }
  | { readonly kind: 'difference'; readonly numerator: bigint; readonly denominator: bigint }

/** How an activation behaves under z -> -z, where it does in a way that costs rank. */
export function reflectionOf(a: Activation | undefined): Reflection | undefined {
  if (a === undefined) return { kind: 'odd' }
  if (a.kind === 'two-slope') {
    // sigma(z) - sigma(-z) = (p + q) z
    const numerator = a.positive.numerator * a.negative.denominator + a.negative.numerator * a.positive.denominator
    return numerator === 0n
      ? { kind: 'even' }
      : { kind: 'difference', numerator, denominator: a.positive.denominator * a.negative.denominator }
  }
  switch (a.name) {
    case 'tanh':
    case 'arctan':
    case 'sine':
      return { kind: 'odd' }
    case 'quadratic':
      return { kind: 'even' }
    case 'sigmoid':
      return { kind: 'complement' }
    case 'softplus':
    case 'silu':
    case 'gelu':
    case 'gelu-tanh':
      return { kind: 'difference', numerator: 1n, denominator: 1n }
    default:
      return undefined
  }
}

/**
 * Directions that are null for each cause, or would be with others of it, written down from the parameters. Which of them and of their
 * combinations are null is decided by the Hessian; at a point of non-zero misfit only some are.
 */
export function nullCandidates<S>(view: PointView<S>, loss: LossKind): readonly CauseCandidates<S>[] {
  const { scalars: s, layers, samples, theta } = view
  const all = Array.from({ length: samples }, (_, i) => i)
  const found = new Map<Cause, { vectors: Candidate<S>[]; units: UnitPlace[] }>(
    causes.map((cause) => [cause, { vectors: [], units: [] }])
  )
  const note = (cause: Cause, place: UnitPlace, vectors: readonly Candidate<S>[]) => {
    if (vectors.length === 0) return
    const entry = found.get(cause)!
    entry.vectors.push(...vectors)
    if (!entry.units.some((u) => u.layer === place.layer && u.unit === place.unit)) entry.units.push(place)
  }
  const hidden = layers.slice(0, -1)
  const incoming = (l: number, j: number) => incomingIndices(layers[l]!, j)
  const outgoing = (l: number, j: number) =>
    Array.from({ length: layers[l + 1]!.outputs }, (_, k) => weightIndex(layers[l + 1]!, k, j))
  const basisVectors = (indices: readonly number[]) => indices.map((at): Candidate<S> => [[at, s.one]])
  const seen = liveSamples(view)

  for (const [l, layer] of hidden.entries()) {
    const units = Array.from({ length: layer.outputs }, (_, j) => j)
    const live = units.filter((j) => seen[l]![j]!.length > 0)
    for (const j of units) {
      const place = { layer: l, unit: j }
      const out = outgoing(l, j)
      if (!live.includes(j)) note('dead-units', place, basisVectors(incoming(l, j)))
      if (all.every((i) => view.isOff(l, i, j) && s.isZero(view.value(l, i, j))))
        note('dead-units', place, basisVectors(out))
      if (out.every((at) => s.isZero(theta(at)))) note('zero-outgoing', place, basisVectors(incoming(l, j)))
      const degree = homogeneousDegree(layer.activation)
      if (degree && live.includes(j)) {
        const down = degree === 1 ? s.negate(s.one) : s.negate(s.add(s.one, s.one))
        note('positive-scaling', place, [
          [
            ...incoming(l, j).map((at) => [at, theta(at)] as const),
            ...out.map((at) => [at, s.multiply(down, theta(at))] as const)
          ]
        ])
      }
      if (live.includes(j) && all.every((i) => s.equal(view.value(l, i, j), view.value(l, 0, j))))
        note('constant-units', place, constantUnit(l, j, out))
    }
    for (const [a, i] of live.entries())
      for (const j of live.slice(a + 1)) {
        const place = { layer: l, unit: j }
        const ratio = multiple(incoming(l, i).map(theta), incoming(l, j).map(theta))
        const same =
          ratio && (s.equal(ratio, s.one) || (homogeneousDegree(layer.activation) === 1 && s.isPositive(ratio)))
        if (same) note('duplicates', place, twins(l, i, j, ratio, false))
        else if (ratio && isMirror(layer.activation, ratio)) note('mirrored', place, mirror(l, i, j, s.negate(ratio)))
        else if (homogeneousDegree(layer.activation) === 1 && oppositePattern(l, i, j))
          note('mirrored', place, complementary(l, i, j))
        else if (homogeneousDegree(layer.activation) === 1 && samePattern(l, i, j)) {
          note('shared-pattern', place, mixing(l, i, j))
          const columns = multiple(outgoing(l, i).map(theta), outgoing(l, j).map(theta))
          if (columns) note('shared-pattern', place, incomingPairs(l, i, j, columns, false))
        }
      }
  }
  if (loss === 'cross-entropy' && layers.at(-1)!.activation === undefined) noteOutputShift()
  noteUnseen('inputs-not-spanning', 0, () => all)
  for (let l = 0; l < layers.length; l++) noteUnseen('too-few-data', l, (j) => seen[l]![j]!)
  return causes.map((cause) => ({ cause, ...found.get(cause)! }))

  /** Cross-entropy does not see a number that is added to all outputs: each incoming value of the last layer may shift them together. */
  function noteOutputShift(): void {
    const l = layers.length - 1
    const rows = Array.from({ length: layers[l]!.outputs }, (_, k) => incoming(l, k))
    const vectors = rows[0]!.map((_, p) => rows.map((row) => [row[p]!, s.one] as const))
    note('shared-output-shift', { layer: l, unit: 0 }, vectors)
  }

  /** Directions of the incoming parameters that the samples do not see. */
  function noteUnseen(cause: Cause, l: number, which: (j: number) => readonly number[]): void {
    const known = new Map<string, readonly (readonly S[])[]>()
    for (let j = 0; j < layers[l]!.outputs; j++) {
      const rows = which(j)
      const key = rows.join(' ')
      const basis = known.get(key) ?? view.unseen(l, rows)
      known.set(key, basis)
      const at = incoming(l, j)
      note(
        cause,
        { layer: l, unit: j },
        basis.map((u) => u.flatMap((x, k) => (s.isZero(x) ? [] : [[at[k]!, x] as const])))
      )
    }
  }

  /** The factor t with b = t a, for a and b not zero. */
  function multiple(a: readonly S[], b: readonly S[]): S | undefined {
    const lead = a.findIndex((x) => !s.isZero(x))
    if (lead < 0 || s.isZero(b[lead]!)) return undefined
    const t = s.divide(b[lead]!, a[lead]!)
    return a.every((x, k) => s.equal(s.multiply(t, x), b[k]!)) ? t : undefined
  }

  function isMirror(activation: Activation | undefined, ratio: S): boolean {
    if (!reflectionOf(activation)) return false
    return homogeneousDegree(activation) === 1 ? s.isPositive(s.negate(ratio)) : s.equal(ratio, s.negate(s.one))
  }

  function samePattern(l: number, i: number, j: number): boolean {
    return seen[l]![i]!.length > 0 && all.every((k) => s.equal(view.slope(l, k, i), view.slope(l, k, j)))
  }

  /** Where one slope is that of z > 0 the other is that of z < 0: their sum is the same on all samples. */
  function oppositePattern(l: number, i: number, j: number): boolean {
    const sum = (k: number) => s.add(view.slope(l, k, i), view.slope(l, k, j))
    const first = sum(0)
    const varies = all.some((k) => !s.equal(view.slope(l, k, i), view.slope(l, 0, i)))
    return varies && all.every((k) => s.equal(sum(k), first))
  }

  /** Slopes with a constant sum: shifts of both biases against those above. */
  function complementary(l: number, i: number, j: number): readonly Candidate<S>[] {
    const outI = outgoing(l, i)
    const columns = multiple(outI.map(theta), outgoing(l, j).map(theta))
    const own = layers[l]!.biasAt
    const biasAbove = layers[l + 1]!.biasAt
    if (!columns || own === undefined || biasAbove === undefined) return []
    const total = s.multiply(columns, s.add(view.slope(l, 0, i), view.slope(l, 0, j)))
    return [
      [
        [own + i, columns],
        [own + j, s.one],
        ...outI.map((at, k) => [biasAbove + k, s.negate(s.multiply(total, theta(at)))] as const)
      ]
    ]
  }

  /** a_j is the constant a on the data: shifts of its outgoing weights and of its bias are shifts of the biases above. */
  function constantUnit(l: number, j: number, out: readonly number[]): readonly Candidate<S>[] {
    const above = layers[l + 1]!
    const value = view.value(l, 0, j)
    const slope = view.slope(l, 0, j)
    const bias = (k: number) => (above.biasAt === undefined ? undefined : above.biasAt + k)
    const vectors: Candidate<S>[] = []
    for (const [k, at] of out.entries()) {
      const shift = bias(k)
      if (s.isZero(value)) vectors.push([[at, s.one]])
      else if (shift !== undefined)
        vectors.push([
          [at, s.one],
          [shift, s.negate(value)]
        ])
    }
    const own = layers[l]!.biasAt
    if (own === undefined) return vectors
    const moves = out.map((at, k) => [bias(k), s.negate(s.multiply(theta(at), slope))] as const)
    if (moves.every(([at, x]) => at !== undefined || s.isZero(x)))
      vectors.push([[own + j, s.one], ...moves.flatMap(([at, x]) => (at === undefined ? [] : [[at, x] as const]))])
    return vectors
  }

  /** a_j = t a_i with t = ratio (or sigma' alike, for t = 1): outgoing weights against each other, and incoming ones where columns are parallel. */
  function twins(l: number, i: number, j: number, ratio: S, opposite: boolean): readonly Candidate<S>[] {
    const outI = outgoing(l, i)
    const outJ = outgoing(l, j)
    const factor = opposite ? ratio : s.negate(ratio)
    const vectors = outgoingPairs(outI, outJ, factor)
    const columns = multiple(outI.map(theta), outJ.map(theta))
    return columns ? [...vectors, ...incomingPairs(l, i, j, columns, false)] : vectors
  }

  /** Outgoing columns v_j = t v_i and equal sigma' (or opposite): t e_(w_i,k) - e_(w_j,k), respectively +. */
  function incomingPairs(l: number, i: number, j: number, t: S, plus: boolean): readonly Candidate<S>[] {
    const at = incoming(l, j)
    return incoming(l, i).map((index, k) => [
      [index, t],
      [at[k]!, plus ? s.one : s.negate(s.one)]
    ])
  }

  /** w~_j = -scale w~_i. */
  function mirror(l: number, i: number, j: number, scale: S): readonly Candidate<S>[] {
    const reflection = reflectionOf(layers[l]!.activation)!
    const outI = outgoing(l, i)
    const outJ = outgoing(l, j)
    const columns = multiple(outI.map(theta), outJ.map(theta))
    if (reflection.kind === 'odd')
      // a_j = -scale a_i, sigma' alike.
      return twins(l, i, j, scale, true)
    if (reflection.kind === 'even') {
      const vectors = outgoingPairs(outI, outJ, s.negate(scale))
      return columns ? [...vectors, ...incomingPairs(l, i, j, columns, true)] : vectors
    }
    const biasAbove = layers[l + 1]!.biasAt
    if (reflection.kind === 'complement') {
      // a_i + a_j = 1, sigma' alike.
      const vectors: Candidate<S>[] =
        biasAbove === undefined
          ? []
          : outI.map((at, k) => [
              [at, s.one],
              [outJ[k]!, s.one],
              [biasAbove + k, s.negate(s.one)]
            ])
      return columns ? [...vectors, ...incomingPairs(l, i, j, columns, false)] : vectors
    }
    if (!columns) return []
    // sigma'(z) + sigma'(-z) = slope and sigma(z) - sigma(-z) = slope z; v_j = t v_i.
    const slope = s.ratio(reflection.numerator, reflection.denominator)
    const own = layers[l]!.biasAt
    const vectors: Candidate<S>[] = []
    if (own !== undefined && biasAbove !== undefined)
      vectors.push([
        [own + i, columns],
        [own + j, s.one],
        ...outI.map((at, k) => [biasAbove + k, s.negate(s.multiply(slope, s.multiply(columns, theta(at))))] as const)
      ])
    const along = incoming(l, i)
    const other = incoming(l, j)
    vectors.push([
      ...along.map((at) => [at, s.multiply(columns, theta(at))] as const),
      ...along.map((at, k) => [other[k]!, theta(at)] as const),
      ...outI.map((at) => [at, s.negate(s.multiply(columns, theta(at)))] as const),
      ...outI.map((at, k) => [outJ[k]!, s.divide(s.multiply(columns, theta(at)), scale)] as const)
    ])
    return vectors
  }

  function outgoingPairs(outI: readonly number[], outJ: readonly number[], factor: S): readonly Candidate<S>[] {
    return outI.map((at, k) => [
      [outJ[k]!, s.one],
      [at, factor]
    ])
  }

  /** Equal slopes on every sample: w_i takes in w_j while v_j gives up v_i, and the other way round. */
  function mixing(l: number, i: number, j: number): readonly Candidate<S>[] {
    return [
      [i, j],
      [j, i]
    ].map(([a, b]) => {
      const from = incoming(l, b!)
      const outA = outgoing(l, a!)
      const outB = outgoing(l, b!)
      return [
        ...incoming(l, a!).map((at, k) => [at, theta(from[k]!)] as const),
        ...outB.map((at, k) => [at, s.negate(theta(outA[k]!))] as const)
      ]
    })
  }
}

/** For each unit the samples for which it is not off and some path of units that are not off leads from it to the outputs. */
function liveSamples<S>(view: PointView<S>): readonly (readonly (readonly number[])[])[] {
  const { layers, samples } = view
  const live = layers.map((layer) => Array.from({ length: layer.outputs }, (): number[] => []))
  for (let i = 0; i < samples; i++) {
    let reaches = true
    for (let l = layers.length - 1; l >= 0; l--) {
      const on: number[] = []
      for (let j = 0; j < layers[l]!.outputs; j++) if (reaches && !view.isOff(l, i, j)) on.push(j)
      for (const j of on) live[l]![j]!.push(i)
      reaches = on.length > 0
    }
  }
  return live
}
