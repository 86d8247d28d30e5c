import { integerMatrix, type RationalVector, solveLinear } from '@nadir/arithmetic'
import { type Kink, type KinkNetwork, placeOf, placesOf } from './kink-network.ts'
import { dot, leastSquaresMultipliers, rowSpace } from './orthogonal.ts'
import { isShared } from './shared-reads.ts'

/** Samples whose inputs, with a 1 for the bias, are linear combinations of those of some others: what makes these 0 makes them 0. Approximate. */
interface Followers {
  /** Which of the others are independent. */
  readonly independent: readonly number[]
  /** Samples with equal inputs in one list; none with those of one of the others. */
  readonly families: readonly (readonly number[])[]
  /** A row of coefficients for each family, by the independent ones. */
  readonly coefficients: readonly Float64Array[]
}

/** Independent kinks of one unit of the first hidden layer, by their places in a list, and the kinks that follow from them, whatever the parameters. */
export interface DependentKinks {
  readonly of: readonly number[]
  readonly kinks: readonly Kink[]
  /** A row for each kink that follows, by the independent ones. */
  readonly coefficients: readonly Float64Array[]
}

/** What is left of a row, relative to its length, that is taken for rounding. */
const rounding = 1e-11

/** What is left of a row of a kink that counts as independent. */
const independence = 1e-9

/** The kinks that follow from these: a unit of the first hidden layer that is on its kink on two samples is on its kink on the line through them. */
export function dependentKinks(network: KinkNetwork, kinks: readonly Kink[]): readonly DependentKinks[] {
  const { inputs, biasAt, outputs } = network.layers[0]!
  const least = biasAt < 0 ? 1 : 2
  const byUnit = new Map<number, number[]>()
  for (const [a, { layer, unit }] of kinks.entries()) {
    if (layer > 0) continue
    const own = byUnit.get(unit)
    if (own) own.push(a)
    else byUnit.set(unit, [a])
  }
  if (inputs === 0 || network.layers.some(isShared)) return []
  return [...byUnit].flatMap(([unit, all]): DependentKinks[] => {
    if (all.length < least) return []
    const { independent, families, coefficients } = following(
      network,
      all.map((a) => kinks[a]!.sample)
    )
    if (families.length === 0) return []
    return [
      {
        of: independent.map((k) => all[k]!),
        kinks: families.map(([sample, ...others]): Kink => {
          const twins = others.map((i) => i * outputs + unit)
          return { layer: 0, unit, sample: sample!, ...(twins.length > 0 ? { twins } : {}) }
        }),
        coefficients
      }
    ]
  })
}

const known = new WeakMap<Float64Array, Map<string, Followers>>()

function following(network: KinkNetwork, held: readonly number[]): Followers {
  const cache = known.get(network.inputs) ?? new Map<string, Followers>()
  known.set(network.inputs, cache)
  const key = held.join()
  const answer = cache.get(key) ?? search(extendedRows(network), network.samples, held)
  // A descent asks for the same samples again and again; there is no need to keep all that it ever asked for.
  if (cache.size > 1000) cache.clear()
  cache.set(key, answer)
  return answer
}

const scaled = new WeakMap<Float64Array, readonly Float64Array[]>()

/** The inputs of every sample, columns of a common size, and a 1 where there is a bias; then columns may also be shifted. */
function extendedRows(network: KinkNetwork): readonly Float64Array[] {
  const before = scaled.get(network.inputs)
  if (before) return before
  const { inputs: width, biasAt } = network.layers[0]!
  const { inputs, samples: n } = network
  const rows = Array.from({ length: n }, () => new Float64Array(width + (biasAt < 0 ? 0 : 1)).fill(1))
  for (let k = 0; k < width; k++) {
    let low = Number.POSITIVE_INFINITY
    let high = Number.NEGATIVE_INFINITY
    for (let i = 0; i < n; i++) {
      low = Math.min(low, inputs[i * width + k]!)
      high = Math.max(high, inputs[i * width + k]!)
    }
    const shift = biasAt < 0 ? 0 : (low + high) / 2
    const size = Math.max(high - shift, shift - low) || 1
    for (let i = 0; i < n; i++) rows[i]![k] = (inputs[i * width + k]! - shift) / size
  }
  scaled.set(network.inputs, rows)
  return rows
}

function search(rows: readonly Float64Array[], n: number, held: readonly number[]): Followers {
  const length = rows[0]!.length
  const own = new Float64Array(held.length * length)
  for (const [a, i] of held.entries()) own.set(rows[i]!, a * length)
  const space = rowSpace(own, held.length, length, { tolerance: independence, complete: false })
  const { independent, basis } = space
  const families = new Map<string, number[]>()
  const coefficients: Float64Array[] = []
  const keys = new Set(held.map((i) => rows[i]!.join()))
  for (let i = 0; i < n; i++) {
    const rest = rows[i]!.slice()
    const size = Math.sqrt(dot(rest, rest))
    for (let r = 0; r < independent.length; r++) {
      const row = basis.subarray(r * length, (r + 1) * length)
      const along = dot(row, rest)
      for (let k = 0; k < length; k++) rest[k] = rest[k]! - along * row[k]!
    }
    if (size === 0 || Math.sqrt(dot(rest, rest)) > rounding * size) continue
    const text = rows[i]!.join()
    if (keys.has(text)) continue
    const family = families.get(text)
    if (family) family.push(i)
    else {
      families.set(text, [i])
      const row = leastSquaresMultipliers(
        space,
        rows[i]!.map((x) => -x)
      )
      const most = row.reduce((m, x) => Math.max(m, Math.abs(x)), 0)
      coefficients.push(row.map((x) => (Math.abs(x) > 1e-9 * most ? x : 0)))
    }
  }
  return { independent, families: [...families.values()], coefficients }
}

/** These kinks and all places that follow from them, in ascending order. */
export function withDependent(network: KinkNetwork, kinks: readonly Kink[]): readonly Kink[] {
  const { outputs } = network.layers[0]!
  const given = new Set(kinks.map(({ layer, unit, sample }) => `${layer} ${unit} ${sample}`))
  const following = dependentKinks(network, kinks).flatMap(({ kinks: all }) =>
    all.flatMap(({ unit, sample, twins = [] }) =>
      [sample, ...twins.map((place) => Math.floor(place / outputs))]
        .filter((i) => !given.has(`0 ${unit} ${i}`))
        .map((i): Kink => ({ layer: 0, unit, sample: i }))
    )
  )
  return [...kinks, ...following].sort((a, b) => a.layer - b.layer || a.unit - b.unit || a.sample - b.sample)
}

/** A kink of the first hidden layer that follows from independent ones of its unit: its inputs are this combination of theirs. */
export interface Following {
  readonly kink: Kink
  readonly of: readonly Kink[]
  readonly combination: RationalVector
}

/** Kinks with different arguments, of which those of the first hidden layer that follow from the ones before them stand apart. Exact. */
export function splitDependent(
  network: KinkNetwork,
  kinks: readonly Kink[]
): { readonly independent: readonly Kink[]; readonly dependent: readonly Following[] } {
  const independent: Kink[] = []
  const dependent: Following[] = []
  const shared = network.layers.some(isShared)
  for (const kink of kinks) {
    const of =
      kink.layer > 0 || shared ? [] : independent.filter(({ layer, unit }) => layer === 0 && unit === kink.unit)
    const combination =
      of.length > 0 && isFollowing(network, of, kink)
        ? exactCombination(
            network,
            of.map(({ sample }) => sample),
            kink.sample
          )
        : undefined
    if (combination) dependent.push({ kink, of, combination })
    else independent.push(kink)
  }
  return { independent, dependent }
}

const isFollowing = (network: KinkNetwork, of: readonly Kink[], { unit, sample }: Kink): boolean =>
  dependentKinks(network, of).some(({ kinks }) =>
    kinks.some((one) => placesOf(network, one).includes(placeOf(network, { layer: 0, unit, sample })))
  )

/** The inputs of a sample, and the 1 of the bias, as a combination of those of others; undefined where they are none. Exact. */
function exactCombination(
  { problem, layers }: KinkNetwork,
  samples: readonly number[],
  sample: number
): RationalVector | undefined {
  const { inputs: width, biasAt } = layers[0]!
  const { numerators, denominator } = problem.data.inputs
  const rowOf = (i: number): readonly bigint[] => [
    ...numerators.slice(i * width, (i + 1) * width),
    ...(biasAt < 0 ? [] : [denominator])
  ]
  const rows = samples.map(rowOf)
  const wanted = rowOf(sample)
  const answer = solveLinear(
    integerMatrix(
      wanted.length,
      rows.length,
      wanted.flatMap((_, k) => rows.map((row) => row[k]!))
    ),
    wanted
  )
  return answer.kind === 'solved' ? answer : undefined
}
