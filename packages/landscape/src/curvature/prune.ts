import { add, multiply, negate, overCommonDenominator, type Rational, rational, zero } from '@nadir/arithmetic'
import { evaluate } from '../network/evaluate.ts'
import type { Network } from '../network/network.ts'
import { type ExactPoint, type Point, toExact, toFloat } from '../point.ts'
import type { Problem } from '../problem.ts'
import type { Obstacle } from '../traits.ts'
import { type ExactCell, exactCell } from './exact-cell.ts'
import { asLayered, type LayeredNetwork } from './layered.ts'
import { type Cause, reflectionOf, type UnitPlace } from './null-candidates.ts'
import { homogeneousDegree } from './point-view.ts'
import { rationals } from './scalars.ts'

/** A unit that is not needed: it was left out, or another of the same layer took over its work. */
export interface Removal extends UnitPlace {
  readonly cause: Cause
  readonly into: number | undefined
}

/** A smaller network that gives the same outputs on the data. */
export interface Pruned {
  readonly kind: 'pruned'
  readonly problem: Problem
  readonly network: Network
  readonly point: ExactPoint
  /** Layers and units by their numbers in the original network; layers count those with parameters. */
  readonly removed: readonly Removal[]
  /**
   * equal-on-data: all outputs of both networks were computed exactly and agree. by-identity: each removal is an identity of real functions
   * (equal or mirrored units, zero weights); the outputs differ by at most `largestDifference` in doubles.
   */
  readonly identity:
    | { readonly kind: 'equal-on-data'; readonly samples: number }
    | { readonly kind: 'by-identity'; readonly largestDifference: number }
}

/** One dense layer while units are removed: weight[k][j], entries of removed units stay and are ignored. */
interface OpenLayer {
  readonly weight: Rational[][]
  readonly bias: Rational[] | undefined
  readonly alive: boolean[]
}

const { isZero, equal, isPositive, divide } = rationals

/**
 * Removes the units that do no work of their own: zero outgoing weights, constant or dead on the data, copies and mirror images of others,
 * and units whose pattern on the data and direction of outgoing weights are those of another. One unit is kept in each layer. Exact:
 * equality is equality of rationals, nothing is removed because it is nearly superfluous.
 */
export function prune(problem: Problem, point: Point): Pruned | Obstacle {
  const network = asLayered(problem.network)
  if (network.kind !== 'layered') return network
  const exact = toExact(problem.network, point)
  const cell = cellWithin(problem, network, exact)
  const layers = openLayers(network, exact)
  const removed: Removal[] = []
  for (let before = -1; before < removed.length; ) {
    before = removed.length
    for (let l = 0; l < layers.length - 1; l++) removed.push(...pruneLayer(network, layers, l, cell, problem))
  }
  const smaller = close(problem, layers)
  const other = cellWithin(smaller.problem, asLayered(smaller.network) as LayeredNetwork, smaller.point)
  if (cell.kind === 'cell' && other.kind === 'cell') {
    const [a, b] = [cell.outputs, other.outputs]
    if (a.numerators.some((x, k) => x * b.denominator !== b.numerators[k]! * a.denominator))
      throw new Error('prune: the smaller network has other outputs')
    return { kind: 'pruned', ...smaller, removed, identity: { kind: 'equal-on-data', samples: problem.data.samples } }
  }
  const largestDifference = outputDifference(
    problem,
    toFloat(exact).values,
    smaller.network,
    toFloat(smaller.point).values
  )
  return { kind: 'pruned', ...smaller, removed, identity: { kind: 'by-identity', largestDifference } }
}

/** Products of integers that an exact evaluation on the data may take. */
const work = 3e7

function cellWithin(problem: Problem, network: LayeredNetwork, point: ExactPoint): ExactCell | Obstacle {
  if (problem.data.samples * network.parameters <= work) return exactCell(problem, network, point)
  const reason = `${network.parameters} parameters on ${problem.data.samples} samples are too many to evaluate exactly`
  return { kind: 'obstacle', reason, tryNext: 'use fewer samples' }
}

function openLayers(network: LayeredNetwork, point: ExactPoint): OpenLayer[] {
  let tensor = 0
  return network.layers.map((layer) => {
    const w = point.tensors[tensor++]!
    const weight = Array.from({ length: layer.outputs }, (_, k) =>
      Array.from({ length: layer.inputs }, (_, j) => rational(w.numerators[k * layer.inputs + j]!, w.denominator))
    )
    const b = layer.biasAt === undefined ? undefined : point.tensors[tensor++]!
    const bias = b?.numerators.map((x) => rational(x, b.denominator))
    return { weight, bias, alive: new Array<boolean>(layer.outputs).fill(true) }
  })
}

/** Removes what it can in one hidden layer. The values of the units that stay are the same on the data, but for units that took in others. */
function pruneLayer(
  network: LayeredNetwork,
  layers: readonly OpenLayer[],
  l: number,
  cell: ExactCell | Obstacle,
  problem: Problem
): Removal[] {
  const { activation } = network.layers[l]!
  const own = layers[l]!
  const above = layers[l + 1]!
  const previous = layers[l - 1]?.alive
  const removed: Removal[] = []
  const changed = new Set<number>()
  const width = own.alive.length
  const rowsAbove = above.weight.filter((_, k) => above.alive[k])
  const incoming = (j: number) => [
    ...own.weight[j]!.filter((_, k) => previous?.[k] ?? true),
    ...(own.bias ? [own.bias[j]!] : [])
  ]
  const outgoing = (j: number) => rowsAbove.map((row) => row[j]!)
  const remove = (unit: number, cause: Cause, into?: number) => {
    own.alive[unit] = false
    removed.push({ layer: l, unit, cause, into })
  }
  const last = () => own.alive.filter(Boolean).length === 1
  const addOutgoing = (to: number, from: number, factor: Rational) => {
    for (const row of rowsAbove) row[to] = add(row[to]!, multiply(factor, row[from]!))
  }
  const shiftBias = (from: number, value: Rational) => {
    for (const [k, row] of above.weight.entries()) above.bias![k] = add(above.bias![k]!, multiply(value, row[from]!))
  }
  for (let j = 0; j < width; j++) {
    if (!own.alive[j] || last()) continue
    if (outgoing(j).every(isZero)) {
      remove(j, 'zero-outgoing')
      continue
    }
    const constant = changed.has(j) ? undefined : constantValue(j)
    if (constant && (isZero(constant) || above.bias)) {
      if (!isZero(constant)) shiftBias(j, constant)
      remove(j, isZero(constant) && activation?.kind === 'two-slope' ? 'dead-units' : 'constant-units')
      continue
    }
    for (let i = 0; i < j && own.alive[j]; i++) {
      if (!own.alive[i]) continue
      const t = multiple(incoming(i), incoming(j))
      const homogeneous = homogeneousDegree(activation) === 1
      if (t && (equal(t, rationals.one) || (homogeneous && isPositive(t)))) {
        addOutgoing(i, j, t)
        remove(j, 'duplicates', i)
      } else if (t && (homogeneous || equal(t, negate(rationals.one)))) mergeMirror(i, j, negate(t))
      else if (homogeneous && samePattern(i, j)) {
        const columns = multiple(outgoing(i), outgoing(j))
        if (!columns || !isPositive(columns)) continue
        // v_i h(z_i) + t v_i h(z_j) = v_i h(z_i + t z_j) where both have the same sign.
        const take = (to: Rational[], from: readonly Rational[]) => {
          for (const [k, x] of from.entries()) to[k] = add(to[k]!, multiply(columns, x))
        }
        take(own.weight[i]!, own.weight[j]!)
        if (own.bias) own.bias[i] = add(own.bias[i]!, multiply(columns, own.bias[j]!))
        changed.add(i)
        remove(j, 'shared-pattern', i)
      }
    }
  }
  return removed

  /** w~_j = -scale w~_i. */
  function mergeMirror(i: number, j: number, scale: Rational): void {
    const reflection = reflectionOf(activation)
    if (!reflection || reflection.kind === 'difference') return
    if (reflection.kind === 'complement') {
      // a_j = 1 - a_i
      if (!above.bias) return
      shiftBias(j, rationals.one)
      addOutgoing(i, j, negate(rationals.one))
    } else addOutgoing(i, j, reflection.kind === 'odd' ? negate(scale) : scale)
    remove(j, 'mirrored', i)
  }

  /** The value of a unit that is the same for every sample; undefined when it is not, or irrational. */
  function constantValue(j: number): Rational | undefined {
    const n = problem.data.samples
    if (cell.kind === 'cell') {
      const { input, inputDenominator } = cell.layers[l + 1]!
      for (let i = 1; i < n; i++) if (input[i * width + j] !== input[j]) return undefined
      return rational(input[j]!, inputDenominator)
    }
    const vanishesAtZero = activation?.kind === 'smooth' && !['sigmoid', 'softplus'].includes(activation.name)
    return vanishesAtZero && incoming(j).every(isZero) ? zero : undefined
  }

  function samePattern(i: number, j: number): boolean {
    if (activation === undefined) return true
    if (cell.kind !== 'cell') return false
    const { signs } = cell.layers[l]!
    for (let at = 0; at < signs.length; at += width) if (signs[at + i] !== signs[at + j]) return false
    return true
  }
}

/** The factor t with b = t a, for a and b not zero. */
function multiple(a: readonly Rational[], b: readonly Rational[]): Rational | undefined {
  const lead = a.findIndex((x) => !isZero(x))
  if (lead < 0 || isZero(b[lead]!)) return undefined
  const t = divide(b[lead]!, a[lead]!)
  return a.every((x, k) => equal(multiply(t, x), b[k]!)) ? t : undefined
}

function close(problem: Problem, layers: readonly OpenLayer[]) {
  let dense = -1
  const smaller: Network = {
    inputs: problem.network.inputs,
    layers: problem.network.layers.map((layer) =>
      layer.kind === 'dense' ? { ...layer, outputs: layers[++dense]!.alive.filter(Boolean).length } : layer
    )
  }
  const tensors = layers.flatMap(({ weight, bias, alive }, l) => {
    const columns = layers[l - 1]?.alive
    const rows = weight.filter((_, k) => alive[k]).flatMap((row) => row.filter((_, j) => columns?.[j] ?? true))
    const list = [overCommonDenominator(rows)]
    if (bias) list.push(overCommonDenominator(bias.filter((_, k) => alive[k])))
    return list
  })
  return {
    problem: { ...problem, network: smaller },
    network: smaller,
    point: { kind: 'exact', tensors } as ExactPoint
  }
}

function outputDifference(problem: Problem, theta: Float64Array, smaller: Network, other: Float64Array): number {
  const { approximateInputs: X, inputCount: d, samples: n } = problem.data
  let largest = 0
  for (let i = 0; i < n; i++) {
    const input = X.slice(i * d, (i + 1) * d)
    const [a, b] = [evaluate(problem.network, theta, input), evaluate(smaller, other, input)]
    for (const [o, x] of a.entries()) largest = Math.max(largest, Math.abs(x - b[o]!))
  }
  return largest
}
