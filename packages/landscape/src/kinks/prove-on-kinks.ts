import type { Rational, RationalVector } from '@nadir/arithmetic'
import { entry, rational, reduceVector, toNumber } from '@nadir/arithmetic'
import { parameterShapes, tensorSize } from '../network/network.ts'
import type { ExactPoint } from '../point.ts'
import type { Problem } from '../problem.ts'
import { type Following, splitDependent, withDependent } from './dependent-kinks.ts'
import { kinkGroup, multipliersInside } from './dependent-multipliers.ts'
import { bits as fixedBits, toDouble, toFixed } from './fixed-number.ts'
import { fixedData, fixedResidual } from './fixed-point.ts'
import { hessian, normals, squaredJacobian } from './frozen-function.ts'
import { type Kink, type KinkNetwork, placeOf } from './kink-network.ts'
import { type FirstOrder, firstOrder, heldPlaces, type KinkState, secondOrder } from './linearise.ts'
import { rowSpace } from './orthogonal.ts'
import { biasesOf, isShared, readsOf } from './shared-reads.ts'
import { sharedOut } from './shared-units.ts'
import { spannedParameters } from './spanned-parameters.ts'
import { chooseFrozen, type Symmetry, symmetriesAt } from './symmetries.ts'
import { argumentNames, feltPlaces, withTwins } from './twins.ts'
import { type Directions, directionsOf, type Valley } from './valleys.ts'

/** A kink of the first hidden layer that follows from others: a coefficient for each of the kinks, and the part of the multipliers that is its own. */
export interface DependentKink {
  readonly kink: Kink
  readonly combination: RationalVector
  readonly multiplier: Rational
}

/** Evidence of the rule kinks, and the claim that it is for. */
export interface MinimumNearby {
  readonly kind: 'minimum-nearby'
  readonly problem: Problem
  readonly point: ExactPoint
  readonly radius: Rational
  readonly lower: Rational
  readonly loss: Rational
  readonly kinks: readonly Kink[]
  readonly multipliers: RationalVector
  /** Kinks that follow from these, each with its inputs as a combination of those of the kinks, and its part of the multipliers. */
  readonly dependent: readonly DependentKink[]
  readonly frozen: readonly number[]
  /** Why nothing is lost by the frozen parameters: symmetries, with valleys besides, or the path span that the outputs fill, with the inverse for F J^T J in place of the second derivatives. */
  readonly gauge:
    | { readonly kind: 'symmetries'; readonly symmetries: readonly Pick<Symmetry, 'name' | 'counts'>[] }
    | {
        readonly kind: 'valleys'
        readonly symmetries: readonly Pick<Symmetry, 'name' | 'counts'>[]
        readonly valleys: readonly Valley[]
      }
    | { readonly kind: 'span'; readonly flatInverse: RationalVector }
  readonly radii: RationalVector
  readonly inverse: RationalVector
  /** Approximate: smallest argument off the kinks, smallest distance of a multiplier from its bounds. */
  readonly leastArgument: number
  readonly leastMultiplier: number
}

/** Why no proof was found. */
export interface NoProof {
  readonly kind: 'no-proof'
  readonly cause:
    | 'empty-layer'
    | 'dependent-kinks'
    | 'multipliers'
    | 'not-definite'
    | 'singular'
    | 'no-margin'
    | 'no-convergence'
    | 'stopped'
  readonly reason: string
  /** Set where there is a way down along the kinks. */
  readonly saddle?: KinkState
}

const noProof = (cause: NoProof['cause'], reason: string): NoProof => ({ kind: 'no-proof', cause, reason })

const pointBits = 104n
const radiusBits = 84n
const inverseBits = 56

/**
 * The evidence that there is a local minimum beside a state to which the descent on kinks converged. Units that weight decay has drawn to 0 share the work of another one, which changes neither the
 * function nor the loss. The checker decides; here doubles and fixed-point numbers propose. `stop` ends the search for what explains flat directions, the one part that may take long.
 */
export function proveOnKinks(
  network: KinkNetwork,
  state: KinkState,
  stop: () => boolean = () => false
): MinimumNearby | NoProof {
  let failure: NoProof | undefined
  for (const whole of sharedOut(network, state)) {
    const answer = proveAt(network, whole, stop)
    if (answer.kind === 'minimum-nearby') return answer
    if (failure?.saddle === undefined) failure = answer
  }
  return failure ?? noProof('empty-layer', 'weight decay has emptied a hidden layer: only a constant is left')
}

function proveAt(view: KinkNetwork, state: KinkState, stop: () => boolean): MinimumNearby | NoProof {
  const { theta } = state
  const ordered = withDependent(view, state.kinks)
  const trial = firstOrder(view, { theta, kinks: ordered, collapsed: [] })
  const reached = feltPlaces(view, trial.pass, ordered)
  const { independent: kinks, dependent } = splitDependent(
    view,
    withTwins(
      view,
      trial.pass,
      ordered.filter((kink) => reached[kink.layer]![placeOf(view, kink)] === 1)
    )
  )
  const felt = feltPlaces(view, trial.pass, kinks)
  const first = firstOrder(view, { theta, kinks, collapsed: [] })
  if (first.dependent.length > 0)
    return noProof('dependent-kinks', `${first.dependent.length} kinks depend on the others to first order`)
  const shared = sharedMultipliers(view, first, dependent)
  if (!shared)
    return noProof(
      'multipliers',
      'the multipliers of kinks that depend on each other are not strictly inside their bounds'
    )
  let leastMultiplier = shared.least
  for (const [a, x] of first.multipliers.entries())
    if (!shared.of.has(a)) leastMultiplier = Math.min(leastMultiplier, x, first.bounds[a]! - x)
  const greatestBound = first.bounds.reduce((most, x) => Math.max(most, x), 0)
  if (!(leastMultiplier > 1e-13 * greatestBound))
    return noProof('multipliers', 'a multiplier is not strictly inside its bounds')

  const symmetries = symmetriesAt(view, theta, first.pass, kinks)
  const byParameter = [...chooseFrozen(symmetries)].sort((a, b) => a.parameter - b.parameter)
  let frozen: readonly number[] = byParameter.map(({ parameter }) => parameter)
  const curvature = leastCurvature(view, theta, first, frozen)
  if (curvature < -1e-9)
    return {
      ...noProof('not-definite', 'along a direction that keeps all kinks the loss is curved downwards'),
      saddle: state
    }
  const P = view.parameters
  const rows = normals(view, theta, first.pass, kinks)
  let isSpan = false
  let directions: Directions | undefined
  if (!(curvature > 1e-13)) {
    if (view.hasDecay || view.layers.some(isShared))
      return noProof('singular', 'there are flat directions that no symmetry explains')
    if (dependent.length > 0)
      return noProof('singular', 'no symmetry explains the flat directions, and some kinks follow from others')
    const spanned = spannedParameters(view, theta, first, rows)
    if (spanned.kind === 'spanned') {
      isSpan = true
      frozen = spanned.frozen
    } else {
      directions = directionsOf(view, theta, first, symmetries, P - kinks.length - spanned.rank, stop)
      if (directions === undefined && stop())
        return noProof('stopped', 'the time ended before all flat directions were explained')
      if (directions === undefined)
        return noProof(
          'singular',
          `there are flat directions that no symmetry and no valley explains, and the outputs move in ${spanned.rank} dimensions where paths could move them in ${spanned.most}`
        )
      frozen = directions.frozen
      if (!(leastCurvature(view, theta, first, frozen) > 1e-13))
        return noProof('singular', 'the loss is not curved along a direction in which the outputs move')
    }
  }
  const isFrozen = new Uint8Array(P)
  for (const parameter of frozen) isFrozen[parameter] = 1
  const free = Array.from({ length: P }, (_, k) => k).filter((k) => isFrozen[k] === 0)
  const size = free.length + kinks.length
  const bordered = (H: Float64Array): Float64Array => {
    const K = new Float64Array(size * size)
    for (const [x, a] of free.entries()) {
      for (const [y, b] of free.entries()) K[x * size + y] = H[a * P + b]!
      for (let c = 0; c < kinks.length; c++) {
        K[(free.length + c) * size + x] = rows[c * P + a]!
        K[x * size + free.length + c] = rows[c * P + a]!
      }
    }
    return K
  }
  const inverse = inverseOf(bordered(hessian(view, theta, first.pass, first.deltas)), size)
  const flat = isSpan ? inverseOf(bordered(squaredJacobian(view, theta, first.pass)), size) : inverse
  if (!inverse || !flat) return noProof('singular', 'the second derivatives are singular in doubles')

  const data = fixedData(view)
  const open = view.layers
    .slice(0, -1)
    .map(({ positive, outputs }, l) =>
      Uint8Array.from({ length: view.samples * outputs }, (_, place) =>
        first.pass.arguments[l]![place]! > 0 && first.pass.slopes[l]![place] === positive ? 1 : 0
      )
    )
  const held = heldPlaces(view, kinks)
  for (const [l, row] of held.entries()) for (const [place, on] of row.entries()) if (on === 1) open[l]![place] = 0
  const names = argumentNames(view, first.pass, kinks)
  // Signs are asked for where they are felt, off the kinks, and where the argument is not always 0.
  const inert = felt.map((row, l) =>
    row.map((f, place) => (f === 1 && held[l]![place] === 0 && names[l]![place] !== 0 ? 0 : 1))
  )
  const exact = Array.from(theta, toFixed)
  const multipliers = Array.from(first.multipliers, toFixed)
  let residual = fixedResidual(view, data, exact, kinks, multipliers, open, inert)
  let before = Number.POSITIVE_INFINITY
  for (let pass = 0; pass < 12; pass++) {
    const F = new Float64Array(size)
    for (const [x, a] of free.entries()) F[x] = toDouble(residual.gradient[a]!)
    for (const [c, t] of residual.kinks.entries()) F[free.length + c] = toDouble(t)
    let step = 0
    const d = new Float64Array(size)
    for (let x = 0; x < size; x++) {
      for (let y = 0; y < size; y++) d[x] = d[x]! + inverse[x * size + y]! * F[y]!
      step = Math.max(step, Math.abs(d[x]!))
    }
    if (!Number.isFinite(step) || step > 1e-3 || (pass > 3 && step > 0.3 * before))
      return noProof('no-convergence', 'Newton steps do not settle: the point is not close enough to a minimum')
    before = step
    for (const [x, a] of free.entries()) exact[a] = exact[a]! - toFixed(d[x]!)
    for (let c = 0; c < kinks.length; c++) multipliers[c] = multipliers[c]! - toFixed(d[free.length + c]!)
    residual = fixedResidual(view, data, exact, kinks, multipliers, open, inert)
    if (step < 2 ** -Number(pointBits)) break
  }
  if (before > 2 ** -Number(radiusBits + 4n)) return noProof('no-convergence', 'Newton steps stay too long')
  if (!residual.signsAgree || residual.leastArgument < 2 ** -70)
    return noProof('no-margin', 'an argument of a hidden unit that is no kink is too close to 0')
  const drop = fixedBits - pointBits
  const rounded = exact.map((x) => x >> drop)
  const one = 1n << pointBits
  let start = 0
  const tensors = parameterShapes(view.problem.network).map((shape) => {
    const end = start + tensorSize(shape)
    const tensor = reduceVector({ denominator: one, numerators: rounded.slice(start, end) })
    start = end
    return tensor
  })
  const slack = toFixed(lossSpread(view, theta) * 2 ** -Number(radiusBits) * 64 + 2 ** -100)
  return {
    kind: 'minimum-nearby',
    problem: view.problem,
    point: { kind: 'exact', tensors },
    radius: rational(1n, 1n << radiusBits),
    lower: rational(residual.loss - slack > 0n ? residual.loss - slack : 0n, 1n << fixedBits),
    loss: rational(residual.loss + slack, 1n << fixedBits),
    kinks,
    dependent: dependent.map(({ kink, of, combination }, d) => ({
      kink,
      combination: reduceVector({
        ...combination,
        numerators: kinks.map((one) => combination.numerators[of.indexOf(one)] ?? 0n)
      }),
      multiplier: shared.multipliers[d]!
    })),
    multipliers: { denominator: one, numerators: multipliers.map((x) => x >> drop) },
    frozen,
    gauge: isSpan
      ? { kind: 'span', flatInverse: lowerTriangle(flat, size) }
      : directions
        ? { kind: 'valleys', symmetries: directions.symmetries, valleys: directions.valleys }
        : { kind: 'symmetries', symmetries: byParameter.map(({ symmetry }) => symmetry) },
    radii: { denominator: 1n << radiusBits, numerators: new Array<bigint>(size).fill(1n) },
    inverse: lowerTriangle(inverse, size),
    leastArgument: residual.leastArgument,
    leastMultiplier
  }
}

/** The multipliers of kinks that follow from others, well inside their bounds, and those that are left to the others; which these are, and the least distance from a bound. */
function sharedMultipliers(network: KinkNetwork, first: FirstOrder, dependent: readonly Following[]) {
  const of = new Set<number>()
  const multipliers = new Array<Rational>(dependent.length)
  let least = Number.POSITIVE_INFINITY
  for (const unit of new Set(dependent.map(({ kink }) => kink.unit))) {
    const own = [...dependent.keys()].filter((d) => dependent[d]!.kink.unit === unit)
    const at = [...first.kinks.keys()].filter((a) => first.kinks[a]!.layer === 0 && first.kinks[a]!.unit === unit)
    const group = kinkGroup(network, first, {
      of: at,
      kinks: own.map((d) => dependent[d]!.kink),
      coefficients: own.map((d) =>
        Float64Array.from(at, (a) => {
          const { of: before, combination } = dependent[d]!
          const k = before.indexOf(first.kinks[a]!)
          return k < 0 ? 0 : toNumber(entry(combination, k))
        })
      )
    })
    const inside = multipliersInside(group)
    if (!inside) return undefined
    const distances = group.bounds.map((b, m) => Math.min(inside.multipliers[m]!, b - inside.multipliers[m]!))
    least = distances.reduce((a, b) => Math.min(a, b), least)
    const spread = group.rows.reduce((sum, row) => row.reduce((s, x) => s + Math.abs(x), sum), 0)
    const bits = Math.max(0, Math.ceil(Math.log2((100 * spread) / least)))
    if (!Number.isFinite(bits) || bits > 200) return undefined
    for (const a of at) of.add(a)
    for (const [k, d] of own.entries())
      multipliers[d] = rational(BigInt(Math.round(inside.multipliers[at.length + k]! * 2 ** bits)), 1n << BigInt(bits))
  }
  return { of, multipliers, least }
}

/** The lower triangle of the symmetric part, row by row, in units that keep `inverseBits` bits of the largest entry. */
function lowerTriangle(matrix: Float64Array, size: number): RationalVector {
  const largest = matrix.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
  const shift = Math.max(0, inverseBits - Math.ceil(Math.log2(largest)))
  const numerators: bigint[] = []
  for (let x = 0; x < size; x++)
    for (let y = 0; y <= x; y++)
      numerators.push(BigInt(Math.round(((matrix[x * size + y]! + matrix[y * size + x]!) / 2) * 2 ** shift)))
  return { denominator: 1n << BigInt(shift), numerators }
}

/** The least curvature along directions that keep all kinks and the frozen parameters, relative to the largest. Approximate. */
function leastCurvature(
  network: KinkNetwork,
  theta: Float64Array,
  first: FirstOrder,
  frozen: readonly number[]
): number {
  const P = network.parameters
  const count = first.kinks.length
  const rows = new Float64Array((count + frozen.length) * P)
  rows.set(normals(network, theta, first.pass, first.kinks))
  for (const [r, parameter] of frozen.entries()) rows[(count + r) * P + parameter] = 1
  const { values } = secondOrder(network, theta, { ...first, space: rowSpace(rows, count + frozen.length, P) })
  return values.length === 0 ? 1 : values[0]! / Math.abs(values.at(-1)!)
}

/** How much the loss can change where every parameter changes by 1, to first order, all terms added up by size. Approximate. */
function lossSpread(
  { problem, layers, samples: n, inputs, targets, factor, decays, outputs }: KinkNetwork,
  theta: Float64Array
): number {
  let total = 0
  for (let k = 0; k < theta.length; k++) total += decays[k]! * Math.abs(theta[k]!)
  for (let i = 0; i < n; i++) {
    let sizes = inputs.slice(i * layers[0]!.inputs, (i + 1) * layers[0]!.inputs).map(Math.abs)
    let spreads = new Float64Array(sizes.length)
    for (const layer of layers) {
      const { outputs: count, biasAt, positive, negative } = layer
      const { given, entries, parameters, divisor } = readsOf(layer)
      const slope = Math.max(Math.abs(positive), Math.abs(negative))
      const nextSizes = biasesOf(layer, theta).map(Math.abs)
      const nextSpreads = new Float64Array(count).fill(biasAt < 0 ? 0 : 1)
      for (let k = 0; k < given.length; k++) {
        const u = given[k]!
        const e = entries[k]!
        const w = Math.abs(theta[parameters[k]!]!)
        nextSizes[u] = nextSizes[u]! + (w * sizes[e]!) / divisor
        nextSpreads[u] = nextSpreads[u]! + (w * spreads[e]! + sizes[e]!) / divisor
      }
      sizes = nextSizes.map((size) => slope * size)
      spreads = nextSpreads.map((spread) => slope * spread)
    }
    // Slopes of the other losses are differences of probabilities.
    const steepest = (o: number): number =>
      problem.loss === 'squared' ? sizes[o]! + Math.abs(targets[i * outputs + o]!) : 1
    for (let o = 0; o < outputs; o++) total += factor * steepest(o) * spreads[o]!
  }
  return total
}

/** Gauss and Jordan with partial pivoting, in doubles; undefined where a pivot vanishes. */
function inverseOf(matrix: Float64Array, n: number): Float64Array | undefined {
  const A = matrix.slice()
  const B = new Float64Array(n * n)
  for (let k = 0; k < n; k++) B[k * n + k] = 1
  const scale = A.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
  for (let k = 0; k < n; k++) {
    let best = k
    for (let r = k + 1; r < n; r++) if (Math.abs(A[r * n + k]!) > Math.abs(A[best * n + k]!)) best = r
    const pivot = A[best * n + k]!
    if (!(Math.abs(pivot) > 1e-14 * scale)) return undefined
    if (best !== k)
      for (const M of [A, B])
        for (let c = 0; c < n; c++) {
          const x = M[k * n + c]!
          M[k * n + c] = M[best * n + c]!
          M[best * n + c] = x
        }
    for (const M of [A, B]) for (let c = 0; c < n; c++) M[k * n + c] = M[k * n + c]! / pivot
    for (let r = 0; r < n; r++) {
      const factor = A[r * n + k]!
      if (r === k || factor === 0) continue
      for (let c = k; c < n; c++) A[r * n + c] = A[r * n + c]! - factor * A[k * n + c]!
      for (let c = 0; c < n; c++) B[r * n + c] = B[r * n + c]! - factor * B[k * n + c]!
    }
  }
  return B
}
