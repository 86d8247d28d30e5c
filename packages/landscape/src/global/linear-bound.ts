import {
  add,
  definiteness,
  divide,
  entry,
  fromNumber,
  integerMatrix,
  multiply,
  overCommonDenominator,
  type Rational,
  rational,
  subtract,
  toNumber,
  zero
} from '@nadir/arithmetic'
import { lossExactly } from '../cells/exact-evaluation.ts'
import { rankEvidence } from '../certification/deep-certificate.ts'
import { parameterShapes } from '../network/network.ts'
import { bestLinearMap } from '../optimality/best-linear-map.ts'
import { innerOf, type RationalRows, sumOf, timesRational, transposedRational } from '../optimality/rational-rows.ts'
import type { ExactPoint } from '../point.ts'
import type { Problem } from '../problem.ts'
import type { Obstacle } from '../traits.ts'
import { boundedBy, type GlobalBound } from './bound-certificate.ts'
import { symmetricEigen } from './symmetric-eigen.ts'

/**
 * The global minimum of a network of dense layers without activation, squared loss, no weight decay: the best map of rank at most that of the narrowest layer.
 * The least squares part is exact; the spectrum is found in doubles and proved by two positive semidefinite rational matrices, so that the bound meets the exact
 * minimum where no layer is a bottleneck, and otherwise up to rounding. Reference: Eckart and Young 1936; Baldi and Hornik 1989.
 */
export function linearBound(problem: Problem): GlobalBound | Obstacle {
  const { network, data, loss, weightDecay, reduction } = problem
  const obstacle = (reason: string, tryNext: string): Obstacle => ({ kind: 'obstacle', reason, tryNext })
  const layers = network.layers.flatMap((layer) => (layer.kind === 'dense' ? [layer] : []))
  if (layers.length !== network.layers.length || network.inputs.length !== 1)
    return obstacle('the network is not made of dense layers alone', 'bound one hidden layer with two slopes instead')
  if (loss !== 'squared' || weightDecay.numerator !== 0n)
    return obstacle(
      'the closed form of linear networks covers the squared loss without weight decay',
      'use --loss squared and no weight decay, or --box'
    )
  const { withBias, map, squares, means, moments, rank } = bestLinearMap(problem)
  const m = data.targetCount
  const spectrum = symmetricEigen(moments.map((row) => row.map(toNumber)))
  const { shift, excess } = rank >= m ? { shift: zero, excess: moments } : excessOver(moments, spectrum, rank)
  const least = subtract(add(squares, trace(moments)), add(multiply(rational(BigInt(rank)), shift), trace(excess)))
  const proved = multiply(least, rational(1n, reduction === 'mean' ? 2n * BigInt(data.samples) : 2n))
  const point = pointOf(problem, map, means, spectrum.vectors, rank, withBias)
  const method =
    rank >= m
      ? 'the best affine map, by exact least squares: no layer is narrower than the outputs'
      : `the best map of rank ${rank}, by the spectrum of the least squares fit`
  const evidence = rankEvidence({
    map: overCommonDenominator(map.flat()),
    shift,
    excess: overCommonDenominator(excess.flat())
  })
  return boundedBy({ problem, point, loss: lossExactly(problem, point), method }, proved, evidence)
}

const trace = (a: RationalRows): Rational => sumOf(a.map((row, k) => row[k]!))

interface Spectrum {
  readonly values: readonly number[]
  readonly vectors: readonly (readonly number[])[]
}

/** A number mu and a matrix M with M and M + mu - S positive semidefinite and k mu + trace M little more than the k largest eigenvalues of S. Exact. */
function excessOver(
  moments: RationalRows,
  { values, vectors }: Spectrum,
  rank: number
): { shift: Rational; excess: RationalRows } {
  const most = Math.max(...values, 0)
  if (most === 0) return { shift: zero, excess: moments }
  for (let slack = 1e-15 * most; ; slack *= 8) {
    const mu = Math.max(values[rank]!, 0) + slack
    const excess: RationalRows = moments.map((row, a) =>
      row.map((_, b) => {
        const [first, second] = a < b ? [a, b] : [b, a]
        let value = a === b ? slack : 0
        for (let k = 0; k < rank; k++) {
          const vector = vectors[k]!
          value += Math.max(values[k]! - mu, 0) * vector[first]! * vector[second]!
        }
        return fromNumber(value)
      })
    )
    const shift = fromNumber(mu)
    const difference = excess.map((row, a) => row.map((x, b) => subtract(a === b ? add(x, shift) : x, moments[a]![b]!)))
    if (isSemidefinite(excess) && isSemidefinite(difference)) return { shift, excess }
  }
}

const isSemidefinite = (a: RationalRows): boolean =>
  definiteness(integerMatrix(a.length, a.length, overCommonDenominator(a.flat()).numerators)).kind !==
  'not-positive-semidefinite'

/** A network that computes the projection of the map to the leading directions: exactly the map where the rank allows all of it. */
function pointOf(
  { network, data }: Problem,
  map: RationalRows,
  means: readonly Rational[],
  vectors: readonly (readonly number[])[],
  rank: number,
  withBias: boolean
): ExactPoint {
  const d = data.inputCount
  const linear = map.map((row) => row.slice(0, d))
  const unit = (size: number): RationalRows =>
    Array.from({ length: size }, (_, a) => Array.from({ length: size }, (_, b) => rational(a === b ? 1n : 0n)))
  const m = map.length
  const leading = rank >= m ? unit(m) : transposedRational(vectors.slice(0, rank).map((v) => v.map(fromNumber)))
  // The map is outer times core, with as many rows in the core as the rank; at most the number of inputs is asked for.
  const [outer, core] =
    rank >= d && rank < m ? [linear, unit(d)] : [leading, timesRational(transposedRational(leading), linear)]
  const average = transposedRational(
    Array.from({ length: data.samples }, (_, i) => Array.from({ length: d }, (_, e) => entry(data.inputs, i * d + e)))
  ).map((column) => divide(sumOf(column), rational(BigInt(data.samples))))
  // With a bias the fit of the averages is the average of the targets.
  const constant = means.map((mean, o) => subtract(mean, innerOf(timesRational(outer, core)[o]!, average)))
  const shapes = parameterShapes(network)
  const lastLayer = network.layers.length - 1
  const lastBias = shapes.findLast(({ role }) => role === 'bias')?.layer
  const inside =
    lastBias === undefined || lastBias === lastLayer
      ? constant
      : // A constant behind a narrower layer: its part in the leading directions.
        timesRational(transposedRational(outer), transposedRational([constant])).map(([x]) => x!)
  const tensors = shapes.map(({ layer, role, shape }) => {
    const [rows, width] = [shape[0]!, shape[1] ?? 1]
    if (role === 'bias')
      return Array.from({ length: rows }, (_, k) => (withBias && layer === lastBias ? (inside[k] ?? zero) : zero))
    const whole =
      network.layers.length === 1
        ? timesRational(outer, core)
        : layer === 0
          ? core
          : layer === lastLayer
            ? outer
            : unit(core.length)
    return Array.from({ length: rows * width }, (_, k) => whole[Math.floor(k / width)]?.[k % width] ?? zero)
  })
  return { kind: 'exact', tensors: tensors.map(overCommonDenominator) }
}
