import { overCommonDenominator, type Rational, sign, toNumber, toText, vectorToNumbers } from '@nadir/arithmetic'
import { symmetricEigen } from '@nadir/kernels'
import { type ExactEvaluation, evaluateExactly } from './cells/exact-evaluation.ts'
import type { Json } from './certification/canonical.ts'
import { type Certificate, pointDocument, seal, vectorDocument } from './certification/certificate.ts'
import { problemDocument } from './certification/problem-document.ts'
import type { CertifyOptions } from './certify.ts'
import { asLayered } from './curvature/layered.ts'
import { curveAlongKinks } from './kinks/curve-along-kinks.ts'
import { shortIntegers } from './kinks/exact-arguments.ts'
import { exactGates } from './kinks/exact-gates.ts'
import { asKinkNetwork, type Kink, type KinkNetwork } from './kinks/kink-network.ts'
import { type FirstOrder, firstOrder, secondOrder } from './kinks/linearise.ts'
import { isRationalLoss } from './loss/loss.ts'
import { isExactlyEvaluable } from './network/evaluate-exact.ts'
import { parameterCount, parameterShapes, tensorSize } from './network/network.ts'
import { exactProducts } from './network/work.ts'
import type { Direction } from './optimality/direction.ts'
import { exactGradient } from './optimality/exact-gradient.ts'
import { type ExactPoint, type Point, toExact, toFloat } from './point.ts'
import type { Problem } from './problem.ts'
import { randomStream } from './random.ts'
import { objective } from './training/objective.ts'
import type { GivenVerdict } from './verdict.ts'

/** Multiplications of long integers for all gradients that a Hessian by differences asks for. */
const mostProducts = 3e7

/** A claim about the point itself, with evidence that the checker has to find good. */
interface Candidate {
  readonly claim: 'not-stationary' | 'not-a-local-minimum' | 'saddle'
  readonly evidence: { readonly [field: string]: Json }
  readonly reason: string
}

/**
 * That a point which no exact test decides is no minimum: it falls off a kink, or along the kinks it is curved downwards. Doubles propose directions, exact arithmetic puts the curve on the kinks, the checker given
 * as `accepts` decides. Undefined where nothing is found, with weight decay, and for problems whose values are not rational.
 */
export function certifyRefuted(
  problem: Problem,
  point: Point,
  { accepts }: CertifyOptions
): { readonly given: GivenVerdict; readonly certificate: Certificate } | undefined {
  if (!accepts || sign(problem.weightDecay) !== 0) return undefined
  if (!isExactlyEvaluable(problem.network) || !isRationalLoss(problem.loss)) return undefined
  if (problem.loss !== 'squared' && problem.data.targetCount > 1) return undefined
  if (exactProducts(problem) * parameterCount(problem.network) > mostProducts) return undefined
  const document = problemDocument(problem)
  if (document === undefined) return undefined
  const evaluation = evaluateExactly(problem, toExact(problem.network, point))
  for (const { claim, evidence, reason } of candidates(evaluation)) {
    const { loss } = evaluation
    const certificate = seal(
      document,
      { kind: claim, point: pointDocument(evaluation.point), loss: toText(loss) },
      evidence
    )
    if (!accepts(certificate)) continue
    const tryNext = 'train on from beside it, or see what it leads to'
    return { given: { claim, loss, approximateLoss: toNumber(loss), reason, tryNext }, certificate }
  }
  return undefined
}

function* candidates(evaluation: ExactEvaluation): Generator<Candidate> {
  const network = asKinkNetwork(evaluation.problem)
  const kinks = zeroArguments(evaluation)
  if (network.kind === 'kink-network' && kinks.length > 0) yield* onKinks(evaluation, network, kinks)
  else if (kinks.length === 0) yield* offKinks(evaluation)
  yield* fromSilence(evaluation)
}

/** A last layer of weights 0 can use what any step of the layers before makes of their features: steps against the slope that a few weights of chance give them, together with these weights. */
function* fromSilence({ problem, point }: ExactEvaluation): Generator<Candidate> {
  const { network } = problem
  if (asLayered(network).kind === 'obstacle') return
  const last = network.layers.at(-1)
  const at = point.tensors.length - (last?.kind === 'dense' && last.bias ? 2 : 1)
  if (last?.kind !== 'dense' || point.tensors[at]!.numerators.some((x) => x !== 0n)) return
  const start = point.tensors.slice(0, at).reduce((sum, { numerators }) => sum + numerators.length, 0)
  const random = randomStream(seeded)
  const theta = toFloat(point).values
  const weights = theta.map((_, k) =>
    k < start || k >= start + point.tensors[at]!.numerators.length ? 0 : random() - 0.5
  )
  const gradient = new Float64Array(theta.length)
  objective(problem).evaluate(
    theta.map((x, k) => x + 2 ** -20 * weights[k]!),
    gradient
  )
  const slopes = gradient.map((g, k) => (k < start ? -g * 2 ** 20 : 0))
  const largest = slopes.reduce((most, g) => Math.max(most, Math.abs(g)), 0)
  if (largest === 0) return
  for (const share of [2 ** -2, 2 ** -6, 2 ** -12]) {
    const direction = slopes.map((g, k) => g / largest + share * weights[k]!)
    yield {
      claim: 'not-a-local-minimum',
      evidence: { rule: 'descent-direction', direction: pointDocument(asDirection(problem, shortIntegers(direction))) },
      reason: 'the last layer has weights 0, and gains by any weights together with a step of the layers before'
    }
  }
}

const seeded = 1

/** Hidden units of argument 0, layer by layer. */
function zeroArguments({ problem, values }: ExactEvaluation): readonly Kink[] {
  const kinks: Kink[] = []
  let hidden = 0
  for (const [l, layer] of problem.network.layers.entries()) {
    if (layer.kind !== 'activation') continue
    if (layer.activation.kind === 'two-slope')
      for (const [sample, row] of values[l]!.rows.entries())
        for (const [unit, t] of row.entries()) if (t === 0n) kinks.push({ layer: hidden, unit, sample })
    hidden++
  }
  return kinks
}

/** A direction cut into tensors. */
function asDirection({ network }: Problem, entries: readonly Rational[]): Direction {
  let start = 0
  const tensors = parameterShapes(network).map((shape) => {
    const end = start + tensorSize(shape)
    const tensor = overCommonDenominator(entries.slice(start, end))
    start = end
    return tensor
  })
  return { kind: 'exact', tensors }
}

/** Off the kink whose multiplier is outside its bounds; else along the kinks, where the loss is curved downwards. */
function* onKinks(evaluation: ExactEvaluation, network: KinkNetwork, zeros: readonly Kink[]): Generator<Candidate> {
  const { problem, point } = evaluation
  const theta = toFloat(point).values
  const state = { theta, kinks: zeros, collapsed: [] }
  const first = firstOrder(network, state)
  const straight = (direction: Float64Array): Json =>
    pointDocument(asDirection(problem, shortIntegers(direction)) satisfies ExactPoint)
  const falling = (direction: Float64Array, reason: string): Candidate => ({
    claim: 'not-stationary',
    evidence: { rule: 'descent-direction', direction: straight(direction) },
    reason
  })
  const worst = first.kinks
    .map((kink, a) => ({ kink, below: -first.multipliers[a]!, above: first.multipliers[a]! - first.bounds[a]! }))
    .filter(({ below, above }) => Math.max(below, above) > 1e-9)
    .sort((a, b) => Math.max(b.below, b.above) - Math.max(a.below, a.above))
  for (const { kink, below, above } of worst.slice(0, 4)) {
    const side = above > below ? 1 : -1
    const others = first.kinks.filter((one) => one !== kink)
    const released = firstOrder(network, { ...state, kinks: others }, { kink, side })
    const place = `unit ${kink.unit} of hidden layer ${kink.layer + 1} and sample ${kink.sample + 1}`
    yield falling(downhill(released), `the loss falls where ${place} leave their kink`)
  }
  yield falling(downhill(first), 'the loss falls along the kinks')
  const { values, directions } = secondOrder(network, theta, first)
  if (!((values[0] ?? 0) < -1e-9 * Math.abs(values.at(-1)!))) return
  const along = (row: number): Json | undefined => {
    const direction = directions.slice(row * network.parameters, (row + 1) * network.parameters)
    const curve = curveAlongKinks(evaluation, first.kinks, direction)
    return (
      curve && [
        [1, pointDocument(asDirection(problem, curve.eta))],
        [2, pointDocument(asDirection(problem, curve.zeta))]
      ]
    )
  }
  const descent = along(0)
  if (!descent) return
  const reason = `along a curve that keeps ${zeros.length === 1 ? 'the kink' : `all ${zeros.length} kinks`} the loss is curved downwards`
  const gates = exactGates(evaluation, zeros)
  const ascent = gates && along(values.length - 1)
  if (gates && ascent)
    yield {
      claim: 'saddle',
      evidence: { rule: 'kink-saddle', gates: vectorDocument(gates), descent, ascent },
      reason: `no slope leads down, but ${reason}`
    }
  yield { claim: 'not-a-local-minimum', evidence: { rule: 'descent-curve', curve: descent }, reason }
}

/** Against the slope, along directions that keep all kinks. */
function downhill({ gradient, space }: FirstOrder): Float64Array {
  const { basis, independent, length } = space
  const direction = gradient.map((g) => -g)
  for (let k = 0; k < independent.length; k++) {
    let along = 0
    for (let c = 0; c < length; c++) along += basis[k * length + c]! * direction[c]!
    for (let c = 0; c < length; c++) direction[c] = direction[c]! - along * basis[k * length + c]!
  }
  return direction
}

/** Step of the differences: kinks nearer than this spoil the proposal, not the proof. */
const step = 2n ** 20n

/** Where the loss is differentiable and the gradient is 0: the direction that it is curved downwards along, by differences of exact gradients. */
function* offKinks(evaluation: ExactEvaluation): Generator<Candidate> {
  const { problem, point } = evaluation
  const count = parameterCount(problem.network)
  const hessian = new Float64Array(count * count)
  let k = 0
  for (const [t, tensor] of point.tensors.entries())
    for (const at of tensor.numerators.keys()) {
      const [plus, minus] = [1n, -1n].map((side) => {
        const denominator = tensor.denominator * step
        const numerators = tensor.numerators.map((x, c) => x * step + (c === at ? side * tensor.denominator : 0n))
        const tensors = point.tensors.map((other, s) => (s === t ? { denominator, numerators } : other))
        return exactGradient(evaluateExactly(problem, { kind: 'exact', tensors }))
      })
      if (!plus || !minus) return
      const difference = plus.flatMap((after, s) => {
        const before = vectorToNumbers(minus[s]!)
        return Array.from(vectorToNumbers(after), (x, c) => x - before[c]!)
      })
      for (const [c, x] of difference.entries()) {
        hessian[k * count + c] = hessian[k * count + c]! + (x * Number(step)) / 4
        hessian[c * count + k] = hessian[c * count + k]! + (x * Number(step)) / 4
      }
      k++
    }
  const { values, vectors } = symmetricEigen(hessian, count)
  const largest = Math.max(Math.abs(values[0]!), Math.abs(values.at(-1)!))
  if (!(values[0]! < -1e-7 * largest) || !(values.at(-1)! > 1e-7 * largest)) return
  const along = (row: number): Json => [
    [1, pointDocument(asDirection(problem, shortIntegers(vectors.slice(row * count, (row + 1) * count))))]
  ]
  yield {
    claim: 'saddle',
    evidence: { rule: 'differentiable-saddle', descent: along(0), ascent: along(count - 1) },
    reason: `the gradient is 0 and the loss is curved downwards along one direction (${values[0]!.toPrecision(3)}), upwards along another`
  }
}
