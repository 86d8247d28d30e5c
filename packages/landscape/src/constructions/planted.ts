import { integerMatrix, nullSpace, type Rational, type RationalVector, rational, reduceVector } from '@nadir/arithmetic'
import { type ExactEvaluation, evaluateExactly } from '../cells/exact-evaluation.ts'
import type { Dataset } from '../data/dataset.ts'
import { dataset } from '../data/dataset.ts'
import { type ExactRows, evaluateThrough, exactRows } from '../network/evaluate-exact.ts'
import { type PathSpaces, pathConditions, pathSpaces, sampleOrder } from '../optimality/path-span.ts'
import type { ExactPoint } from '../point.ts'
import { empiricalRisk, type Problem } from '../problem.ts'
import { trainedBelow } from './better-by-training.ts'
import { denseNetwork } from './carried-network.ts'
import { provePoint } from './prove-point.ts'
import {
  type ConstructedPoint,
  type ConstructionRequest,
  lacksTwoSlopes,
  needsTwoSlopes,
  refuse,
  type Theorem
} from './theorem.ts'

const squaredOnly = 'the loss is the squared loss'
const room = 'some residuals are orthogonal to all that the network can become near the point'

/** Small problems get residuals from the whole orthogonal complement, large ones from groups of samples with equal signs. */
const smallProblem = 64
const attempts = 20

/** Any architecture, any depth: a random point, and targets that make it a local minimum. */
export const planted: Theorem = {
  id: 'planted',
  title: 'Planted local minima: targets that make a random point a local minimum',
  source: 'path spans, see the specification of rules for networks of any depth',
  hypotheses: [needsTwoSlopes, squaredOnly, room],
  conclusion: 'unlimited local minima of networks of any depth, with the inputs of the data and targets of their own',
  example: 'nadir construct planted iris.csv --hidden 3,2,2 --count 2 --out out',
  data: 'inputs',
  numbers: {},
  build: (request) => {
    const { data, activation } = request
    if (!data) return refuse('data are given', 'no data')
    const linear = lacksTwoSlopes(activation)
    if (linear) return refuse(needsTwoSlopes, linear)
    if (request.loss !== 'squared') return refuse(squaredOnly, `the ${request.loss} loss`)
    const points: ConstructedPoint[] = []
    for (let k = 0; k < attempts * request.count && points.length < request.count; k++) {
      const found = plant(data, request)
      if (!found) continue
      const { problem, point } = found
      const { loss } = evaluateExactly(problem, point)
      points.push(
        provePoint(`planted ${points.length}`, problem, point, trainedBelow(problem, loss, request.random, 2))
      )
    }
    if (points.length === 0)
      return refuse(
        room,
        `${data.samples} samples leave no residuals free for hidden layers ${request.hidden.join(', ')}`
      )
    return {
      kind: 'built',
      points,
      better: undefined,
      notes: ['the targets are those of the construction, one set for each point']
    }
  }
}

function plant(data: Dataset, request: ConstructionRequest): { problem: Problem; point: ExactPoint } | undefined {
  const { random, hidden, activation, reduction } = request
  const network = denseNetwork(data.inputCount, hidden, data.targetCount, activation)
  const point = randomPoint([data.inputCount, ...hidden, data.targetCount], data, random)
  const problemWith = (Y: readonly (readonly Rational[])[]): Problem =>
    empiricalRisk({ network, data: dataset(inputRows(data), Y), loss: 'squared', reduction })
  const zeroTargets = problemWith(
    Array.from({ length: data.samples }, () => Array.from({ length: data.targetCount }, () => rational(0n)))
  )
  const evaluation = evaluateExactly(zeroTargets, point)
  const everyone = Array.from({ length: data.samples }, (_, i) => i)
  const spaces = pathSpaces(evaluation, everyone)
  if (spaces.kind === 'failed') return undefined
  const inputs = evaluation.values[0]!
  const residuals = Array.from({ length: data.targetCount }, () =>
    data.samples <= smallProblem
      ? fromComplement(spaces, evaluation, random)
      : fromClasses(spaces, inputs, data.samples, random)
  )
  if (residuals.some((r) => r === undefined)) return undefined
  const outputs = evaluation.values.at(-1)!
  const targets = everyone.map((i) =>
    residuals.map((r, o) => {
      const residual = r!.numerators[i]! * outputs.denominator
      return rational(outputs.rows[i]![o]! * r!.denominator - residual, outputs.denominator * r!.denominator)
    })
  )
  return { problem: problemWith(targets), point }
}

const inputRows = (data: Dataset): Rational[][] =>
  Array.from({ length: data.samples }, (_, i) =>
    data.inputs.numerators
      .slice(i * data.inputCount, (i + 1) * data.inputCount)
      .map((x) => rational(x, data.inputs.denominator))
  )

/** Small integer weights; biases that put a random sample near the kink, so that signs differ between samples. */
function randomPoint(widths: readonly number[], data: Dataset, random: () => number): ExactPoint {
  const integer = (size: number) => BigInt(Math.round((2 * random() - 1) * size))
  const tensors: RationalVector[] = []
  let values: ExactRows = exactRows(data.inputs, data.inputCount)
  for (const [l, width] of widths.slice(1).entries()) {
    const last = l === widths.length - 2
    const weight = Array.from({ length: width * widths[l]! }, () => integer(3))
    const biases = Array.from({ length: width }, (_, u) => {
      const row = weight.slice(u * widths[l]!, (u + 1) * widths[l]!)
      const sample = values.rows[Math.floor(random() * values.rows.length)]!
      const z = row.reduce((sum, w, k) => sum + w * sample[k]!, 0n)
      return last ? integer(3) * 4n : (-4n * z) / values.denominator + integer(5) * 2n + 1n
    })
    const layer = [
      { denominator: 1n, numerators: weight },
      { denominator: 4n, numerators: biases }
    ]
    tensors.push(...layer)
    const step = { inputs: [widths[l]!], layers: [{ kind: 'dense' as const, outputs: width, bias: true }] }
    // The next biases look at pre-activations in place of activations: near enough for a random choice.
    values = evaluateThrough(step, { kind: 'exact', tensors: layer }, values)[1]!
  }
  return { kind: 'exact', tensors }
}

/** A combination of null vectors of all conditions with small random coefficients, scaled to about one. */
function fromComplement(
  spaces: PathSpaces,
  evaluation: ExactEvaluation,
  random: () => number
): RationalVector | undefined {
  const conditions = pathConditions(spaces, evaluation)
  const order = sampleOrder(spaces)
  const matrix = integerMatrix(
    conditions.length,
    order.length,
    conditions.flatMap(({ weights }) => weights)
  )
  const vectors = nullSpace(matrix).basis.map((vector) => {
    const bySample = new Array<bigint>(order.length).fill(0n)
    for (const [k, i] of order.entries()) bySample[i] = vector[k]!
    return bySample
  })
  return combination(vectors, order.length, random)
}

/** For each group of samples with equal signs, one null vector of (x, 1) on a few random members. */
function fromClasses(
  { classes }: PathSpaces,
  inputs: ExactRows,
  samples: number,
  random: () => number
): RationalVector | undefined {
  const vectors: bigint[][] = []
  const width = inputs.rows[0]!.length + 1
  for (const members of classes) {
    const shuffled = [...members].sort(() => random() - 0.5)
    for (let from = 0; from + width < shuffled.length; from += width + 1) {
      const chosen = shuffled.slice(from, from + width + 1)
      const rows = Array.from({ length: width }, (_, e) =>
        chosen.map((i) => (e === width - 1 ? 1n : inputs.rows[i]![e]!))
      )
      const { basis } = nullSpace(integerMatrix(width, chosen.length, rows.flat()))
      const vector = new Array<bigint>(samples).fill(0n)
      for (const [k, i] of chosen.entries()) vector[i] = basis[0]![k]!
      vectors.push(vector)
    }
  }
  return combination(vectors, samples, random)
}

/** A random combination of vectors, each scaled so that its largest entry is about one. */
function combination(
  vectors: readonly (readonly bigint[])[],
  samples: number,
  random: () => number
): RationalVector | undefined {
  if (vectors.length === 0) return undefined
  let denominator = 1n
  const numerators = new Array<bigint>(samples).fill(0n)
  const scaled = vectors.map((vector) => {
    let largest = 1n
    for (const a of vector) if (a > largest || -a > largest) largest = a < 0n ? -a : a
    // A power of two below the largest entry keeps denominators short.
    return { vector, scale: 1n << BigInt(largest.toString(2).length - 1), factor: BigInt(Math.round(4 * random()) - 2) }
  })
  for (const { scale } of scaled) if (scale > denominator) denominator = scale
  for (const { vector, scale, factor } of scaled)
    for (const [i, a] of vector.entries()) if (a !== 0n) numerators[i]! += a * factor * (denominator / scale)
  return numerators.every((a) => a === 0n) ? undefined : reduceVector({ denominator: 2n * denominator, numerators })
}
