import {
  add,
  compare,
  entry,
  overCommonDenominator,
  type Rational,
  type RationalVector,
  rational,
  sign,
  subtract,
  zero
} from '@nadir/arithmetic'
import type { ValuedPoint } from '../certification/certificate.ts'
import { evaluateThrough, exactRows } from '../network/evaluate-exact.ts'
import type { ExactPoint } from '../point.ts'
import { empiricalRisk, type Problem } from '../problem.ts'
import { extremes } from './affine-map.ts'
import { affinePoint, affineStart, hingedPoint } from './affine-minimum.ts'
import { bestAffineFit } from './best-affine-fit.ts'
import { denseNetwork } from './carried-network.ts'
import { provePoint, valued } from './prove-point.ts'
import { type ConstructionRequest, refuse, type Theorem } from './theorem.ts'

const segment = 'the activation has a constant segment'
const notConstant = 'the targets are not constant'
const someLayer = 'there is a hidden layer'

/** A hidden layer that is dead on all data and the best constant at the output. */
export const christof2023ConstantSegment: Theorem = {
  id: 'christof2023-constant-segment',
  title: 'Spurious minima from a constant segment of the activation: a dead layer and the best constant',
  source:
    'Christof, Kowalczyk, On the omnipresence of spurious local minima in certain neural network training problems, Constructive Approximation 2023 (arXiv 2202.12262)',
  hypotheses: [segment, notConstant, someLayer],
  conclusion:
    'a local minimum at the best constant, whatever the other layers do; spurious when anything better is known',
  example: 'nadir construct christof2023-constant-segment iris.csv --hidden 6,4 --count 2 --out out',
  data: 'yours',
  numbers: {},
  build: (request) => {
    const { data, hidden, activation, loss, reduction } = request
    if (!data) return refuse('data are given', 'no data')
    if (activation.kind !== 'two-slope' || (sign(activation.positive) !== 0 && sign(activation.negative) !== 0))
      return refuse(segment, activation.kind === 'two-slope' ? 'both slopes are different from 0' : activation.name)
    if (hidden.length === 0) return refuse(someLayer, 'no hidden layer')
    if (loss !== 'squared' && loss !== 'absolute' && loss !== 'hinge')
      return refuse('the best constant is rational', `the ${loss} loss leaves the rational numbers`)
    const network = denseNetwork(data.inputCount, hidden, data.targetCount, activation)
    const problem = empiricalRisk({ network, data, loss, reduction })
    const constants = bestAffineFit({ ...data, inputCount: 0, inputs: { denominator: 1n, numerators: [] } }, loss)
    const best = constants.map((map) => entry(map, 0))
    const dead = sign(activation.positive) === 0 ? (1 as const) : (-1 as const)
    const points = Array.from({ length: request.count }, (_, k) => {
      const layer = hidden.length - 1 - (k % hidden.length)
      return { layer, point: deadPoint(problem, hidden, layer, dead, best, request.random) }
    })
    const value = valued(problem, points[0]!.point)
    if (sign(value.loss) === 0) return refuse(notConstant, 'a constant fits every sample exactly: loss 0')
    const better = belowConstant(request, value.loss)
    return {
      kind: 'built',
      better,
      notes: better ? [] : ['these widths are too small for the better points that this program knows'],
      points: points.map(({ layer, point }) => provePoint(`hidden layer ${layer + 1} dead`, problem, point, better))
    }
  }
}

/** Random integer weights, the given layer pushed into the constant segment on all data, the output bias at the best constant. */
function deadPoint(
  problem: Problem,
  hidden: readonly number[],
  layer: number,
  side: 1 | -1,
  best: readonly Rational[],
  random: () => number
): ExactPoint {
  const { data, network } = problem
  const integer = () => BigInt(Math.floor(7 * random())) - 3n
  const widths = [data.inputCount, ...hidden, data.targetCount]
  const tensors: RationalVector[] = widths.slice(1).flatMap((width, l) => [
    { denominator: 1n, numerators: Array.from({ length: width * widths[l]! }, integer) },
    { denominator: 2n, numerators: Array.from({ length: width }, () => 2n * integer() + 1n) }
  ])
  const point = (): ExactPoint => ({ kind: 'exact', tensors })
  const inputs = exactRows(data.inputs, data.inputCount)
  const before = evaluateThrough(network, point(), inputs)[2 * layer + 1]!
  const bias = tensors[2 * layer + 1]!
  tensors[2 * layer + 1] = overCommonDenominator(
    bias.numerators.map((_, u) => {
      const { least, greatest } = extremes({
        denominator: before.denominator,
        numerators: before.rows.map((row) => row[u]!)
      })
      // The least argument becomes 1, or the greatest -1.
      return add(entry(bias, u), subtract(rational(BigInt(side)), side === 1 ? least : greatest))
    })
  )
  const one = evaluateThrough(network, point(), { ...inputs, rows: inputs.rows.slice(0, 1) })
  // Above the dead layer all samples are alike: on a kink together, or none of them.
  const isOnKink = hidden.some((_, l) => l > layer && one[2 * l + 1]!.rows[0]!.includes(0n))
  if (isOnKink) return deadPoint(problem, hidden, layer, side, best, random)
  const outputs = one.at(-1)!
  const last = tensors.length - 1
  tensors[last] = overCommonDenominator(
    best.map((b, o) => add(entry(tensors[last]!, o), subtract(b, rational(outputs.rows[0]![o]!, outputs.denominator))))
  )
  return point()
}

/** The best affine fit, or it with a hinge, where the widths allow it and it is better. */
function belowConstant(request: ConstructionRequest, loss: Rational): ValuedPoint | undefined {
  const m = request.data!.targetCount
  const start = affineStart(request)
  if (start.kind === 'refused' || request.hidden.some((width) => width < m)) return undefined
  const affine = valued(start.problem, affinePoint(start, request, zero))
  if (compare(affine.loss, loss) < 0) return affine
  return request.hidden[0]! > m ? hingedPoint(start, request) : undefined
}
