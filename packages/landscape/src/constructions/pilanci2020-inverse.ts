import {
  add,
  divide,
  entry,
  fromNumber,
  integerMatrix,
  multiply,
  one,
  overCommonDenominator,
  parseExact,
  type Rational,
  type RationalVector,
  rankOf,
  rational,
  sign,
  solveLinear,
  subtract,
  toText,
  zero
} from '@nadir/arithmetic'
import type { Json } from '../certification/canonical.ts'
import { type Certificate, pointDocument, seal } from '../certification/certificate.ts'
import { problemDocument } from '../certification/problem-document.ts'
import { type Dataset, dataset } from '../data/dataset.ts'
import { dualEvidence } from '../global/bound-certificate.ts'
import { asDecayedProblem, type DecayedProblem } from '../global/decayed-program.ts'
import { dualTree } from '../global/dual-tree.ts'
import { activationName, relu } from '../network/activation.ts'
import type { Network } from '../network/network.ts'
import type { ExactPoint } from '../point.ts'
import { empiricalRisk, type Problem } from '../problem.ts'
import { type ConstructedPoint, type ConstructionRequest, refuse, type Theorem } from './theorem.ts'

const rectifier = 'the activation is relu'
const shape = 'one hidden layer, one output, squared loss'
const few = 'at most five inputs'
const independent =
  'as many independent samples (x, 1) as inputs and one more, none of them at an obtuse angle to another, and a tree of cones of reasonable size'

const mostInputs = 5
const extraSamples = 2
const attempts = 20
const mostCones = 20_000

/** Targets and a weight decay for the inputs of the data such that one rectifier is the best network of any width. */
export const pilanci2020Inverse: Theorem = {
  id: 'pilanci2020-inverse',
  title: 'A weight-decay problem whose global optimum is known exactly',
  source:
    'Pilanci, Ergen, Neural networks are convex regularizers, ICML 2020 (arXiv 2002.10553): the dual problem; inverse design',
  hypotheses: [rectifier, shape, few, independent],
  conclusion:
    'targets y = z + t max(0, u . x) with a dual vector z that allows no other rectifier: one rectifier u with weight decay beta is a global minimum at every width, loss |z|^2/2 + beta t',
  example: 'nadir construct pilanci2020-inverse sine.csv --hidden 3 --count 2 --out out',
  data: 'inputs',
  numbers: {},
  build: (request) => {
    const { data, hidden, activation, loss, count } = request
    if (!data) return refuse('data are given', 'no data')
    if (activation.kind !== 'two-slope' || activationName(activation) !== 'relu')
      return refuse(rectifier, `the activation is ${activationName(activation)}`)
    if (hidden.length !== 1 || data.targetCount !== 1 || loss !== 'squared')
      return refuse(
        shape,
        `hidden layers ${hidden.join(', ') || 'none'}, ${data.targetCount} outputs, the ${loss} loss`
      )
    if (data.inputCount > mostInputs) return refuse(few, `${data.inputCount} inputs`)
    const points: ConstructedPoint[] = []
    for (let k = 0; k < attempts * count && points.length < count; k++) {
      const found = design(data, request, rational(BigInt(points.length + 2), 2n))
      if (found) points.push(found)
    }
    if (points.length === 0) return refuse(independent, `none were found among ${data.samples} samples`)
    return {
      kind: 'built',
      better: undefined,
      points,
      notes: ['the targets and the weight decay are those of the construction, one problem for each point']
    }
  }
}

/** One problem with its optimum: the rectifier root * u with outgoing weight root, u of length 1. */
function design(
  data: Dataset,
  { hidden, reduction, random }: ConstructionRequest,
  root: Rational
): ConstructedPoint | undefined {
  const { inputs, inputCount: d, samples: n } = data
  const rows = Array.from({ length: n }, (_, i) => [...inputs.numerators.slice(i * d, (i + 1) * d), inputs.denominator])
  const chosen = acuteSamples(rows, random)
  const start = chosen.map(() => rational(BigInt(1 + Math.floor(4 * random())), 2n))
  const dual =
    chosen.length === 0
      ? undefined
      : dualVector(
          chosen.map((i) => rows[i]!),
          inputs.denominator,
          start
        )
  if (!dual) return undefined
  const { direction, beta, numbers } = dual
  const z = Array.from({ length: n }, (_, i) => {
    const at = chosen.indexOf(i)
    return at < 0 ? zero : numbers[at]!
  })
  const height = multiply(root, root)
  const targets = rows.map((row, i) => {
    const argument = row.reduce((sum, a, c) => add(sum, multiply(rational(a, inputs.denominator), direction[c]!)), zero)
    return [sign(argument) > 0 ? add(z[i]!, multiply(height, argument)) : z[i]!]
  })
  const problem = problemOf(data, targets, hidden[0]!, reduction, beta)
  const decayed = asDecayedProblem(problem)
  if ('kind' in decayed) return undefined
  const evidence = dualEvidenceOf(decayed, overCommonDenominator(z))
  if (!evidence) return undefined
  const point = pointOf(direction, root, hidden[0]!)
  const loss = multiply(
    add(
      divide(
        z.reduce((sum, a) => add(sum, multiply(a, a)), zero),
        rational(2n)
      ),
      multiply(beta, height)
    ),
    reduction === 'mean' ? rational(1n, BigInt(n)) : one
  )
  const certificate = certificateOf(problem, point, loss, evidence)
  return {
    name: `t = ${toText(height)}, weight decay ${toText(problem.weightDecay)}`,
    problem,
    point,
    loss,
    claim: 'global-minimum',
    certificate,
    reason: `the dual vector of ${chosen.length} samples allows no rectifier more than the decay, and this one exactly it`
  }
}

/** Trees for both signs; undefined when some cone stays open or there are too many. */
function dualEvidenceOf({ view, limit, measured }: DecayedProblem, z: RationalVector): Json | undefined {
  const mirrored = { ...z, numerators: z.numerators.map((number) => -number) }
  let cones = 0
  const stop = () => ++cones > mostCones
  const [above, below] = [z, mirrored].map((numbers) => dualTree(view, numbers, limit, measured, stop))
  return above?.kind === 'tree' && below?.kind === 'tree' ? dualEvidence(z, above.tree, below.tree) : undefined
}

/** Samples none of which makes an obtuse angle with another, near a random one, s + 2 at most and s of them independent; none when there are no such. */
function acuteSamples(rows: readonly (readonly bigint[])[], random: () => number): readonly number[] {
  const size = rows[0]!.length
  const dot = (a: readonly bigint[], b: readonly bigint[]) => a.reduce((sum, value, k) => sum + value * b[k]!, 0n)
  const centre = rows[Math.floor(random() * rows.length)]!
  const nearness = rows.map((row) => Number(dot(row, centre)) / Math.sqrt(Number(dot(row, row))) + 1e-3 * random())
  const order = rows.map((_, i) => i).sort((a, b) => nearness[b]! - nearness[a]!)
  const chosen: number[] = []
  let rank = 0
  for (const i of order) {
    if (chosen.some((k) => dot(rows[k]!, rows[i]!) < 0n)) continue
    const next = [...chosen, i]
    const nextRank = rankOf(
      integerMatrix(
        next.length,
        size,
        next.flatMap((k) => rows[k]!)
      )
    )
    if (nextRank === rank && next.length > rank + extraSamples) continue
    chosen.push(i)
    rank = nextRank
    if (rank === size && chosen.length >= size + extraSamples) break
  }
  return rank === size ? chosen : []
}

/**
 * Positive numbers near the given ones whose sum of z_i x~_i has the rational length beta and the rational direction u: the direction is rounded on the sphere,
 * and the numbers of s samples are corrected.
 */
function dualVector(rows: readonly (readonly bigint[])[], scale: bigint, start: readonly Rational[]) {
  const size = rows[0]!.length
  const sums = Array.from({ length: size }, (_, c) =>
    rows.reduce((sum, row, i) => add(sum, multiply(start[i]!, rational(row[c]!, scale))), zero)
  )
  const approximate = sums.map(({ numerator, denominator }) => Number(numerator) / Number(denominator))
  const length = Math.hypot(...approximate)
  for (const bits of [8, 12, 16, 24, 32, 44]) {
    // Stereographic projection: u = (2 t, 1 - |t|^2) / (1 + |t|^2).
    const t = approximate
      .slice(0, -1)
      .map((a) => fromNumber(Math.round((a / (length + approximate[size - 1]!)) * 2 ** bits) / 2 ** bits))
    const square = t.reduce((sum, a) => add(sum, multiply(a, a)), zero)
    const whole = add(one, square)
    const direction = [...t.map((a) => divide(multiply(rational(2n), a), whole)), divide(subtract(one, square), whole)]
    const beta = parseExact(length.toPrecision(6)) ?? fromNumber(length)
    const missing = overCommonDenominator(
      sums.map((a, c) => multiply(rational(scale), subtract(multiply(beta, direction[c]!), a)))
    )
    const matrix = integerMatrix(
      size,
      rows.length,
      Array.from({ length: size }, (_, c) => rows.map((row) => row[c]!)).flat()
    )
    const answer = solveLinear(matrix, missing.numerators)
    if (answer.kind === 'inconsistent') return undefined
    const numbers = start.map((z, i) => add(z, divide(entry(answer, i), rational(missing.denominator))))
    if (numbers.every((z) => sign(z) > 0)) return { direction, beta, numbers }
  }
  return undefined
}

function problemOf(
  data: Dataset,
  targets: readonly (readonly Rational[])[],
  width: number,
  reduction: Problem['reduction'],
  beta: Rational
): Problem {
  const network: Network = {
    inputs: [data.inputCount],
    layers: [
      { kind: 'dense', outputs: width, bias: true },
      { kind: 'activation', activation: relu },
      { kind: 'dense', outputs: 1, bias: false }
    ]
  }
  const rows = targets.map((_, i) =>
    Array.from({ length: data.inputCount }, (_, k) => entry(data.inputs, i * data.inputCount + k))
  )
  const weightDecay = reduction === 'mean' ? divide(beta, rational(BigInt(data.samples))) : beta
  return empiricalRisk({ network, data: dataset(rows, targets), reduction, weightDecay })
}

/** The first unit is root * u with outgoing weight root, all others are zero. */
function pointOf(direction: readonly Rational[], root: Rational, width: number): ExactPoint {
  const scaled = direction.map((a) => multiply(root, a))
  const withZeros = (values: readonly Rational[], length: number): RationalVector =>
    overCommonDenominator([...values, ...new Array<Rational>(length - values.length).fill(zero)])
  const d = direction.length - 1
  return {
    kind: 'exact',
    tensors: [withZeros(scaled.slice(0, -1), width * d), withZeros([scaled.at(-1)!], width), withZeros([root], width)]
  }
}

function certificateOf(problem: Problem, point: ExactPoint, loss: Rational, evidence: Json): Certificate | undefined {
  const document = problemDocument(problem)
  if (document === undefined) return undefined
  return seal(document, { kind: 'global-minimum', point: pointDocument(point), loss: toText(loss) }, evidence)
}
