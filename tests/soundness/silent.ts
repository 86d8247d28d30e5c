import {
  add,
  divide,
  type Fraction,
  fraction,
  inner,
  integral,
  isEqual,
  isLess,
  multiply,
  none,
  nullspace,
  one,
  over,
  sign,
  subtract,
  sum
} from '../corpus/fraction.ts'
import { lossAt, moved, output, type Parameters, type ProblemJson } from '../corpus/naive.ts'
import { integers, kindOf, problemOf, randomNetwork, randomParameters, randomRows } from './architectures.ts'
import { type Draw, pointOf } from './plant.ts'

/*
 * Networks of every architecture and every loss at points where the truth needs no second derivatives: data fitted exactly, a slope along one parameter, a last layer of weights 0 whose features are
 * orthogonal to the errors, and a layer of units that are shut for good.
 */

type Below = (count: number) => number
type Loss = ProblemJson['loss']['kind']
const losses: readonly Loss[] = ['squared', 'squared', 'absolute', 'hinge', 'logistic', 'cross-entropy']
const rationalLosses: readonly Loss[] = ['squared', 'squared', 'absolute', 'hinge', 'huber']

const reductionOf = (below: Below): 'sum' | 'mean' => (below(2) === 0 ? 'sum' : 'mean')

const outputsOf = (loss: Loss, below: Below): number =>
  loss === 'cross-entropy' ? 2 : loss === 'squared' ? 1 + below(2) : 1

/** All errors 0. */
const fitted: Draw = (below) => {
  const loss = (['squared', 'absolute', 'huber'] as const)[below(3)]
  const network = randomNetwork(below, outputsOf(loss, below))
  const parameters = randomParameters(below, network)
  const inputs = randomRows(below, network, 3 + below(4))
  const about = { kind: loss, reduction: reductionOf(below) }
  const empty = problemOf(network, about, inputs, []) as unknown as ProblemJson
  const targets = inputs.map((x) => output(empty, parameters, x))
  const problem = problemOf(network, about, inputs, targets)
  return { family: `${loss}, ${kindOf(network)}, fitted`, truth: 'global-minimum', problem, point: pointOf(parameters) }
}

/** A random point; along some parameter, up or down, the loss falls at once. Along one parameter it is a polynomial of degree two on short steps. */
const slanted: Draw = (below) => {
  const loss = rationalLosses[below(rationalLosses.length)]
  const outputs = outputsOf(loss, below)
  const network = randomNetwork(below, outputs)
  const parameters = randomParameters(below, network)
  const inputs = randomRows(below, network, 3 + below(4))
  const targets = inputs.map(() =>
    loss === 'hinge' ? [fraction(2 * below(2) - 1)] : Array.from({ length: outputs }, () => fraction(below(9) - 4))
  )
  const decay = below(3) === 0 ? { factor: '1/10', biases: below(2) === 0 } : undefined
  const problem = problemOf(network, { kind: loss, reduction: reductionOf(below) }, inputs, targets, decay)
  const here = lossAt(problem, parameters)
  const steps = [20n, 21n, 22n].map((bits) => over(1n, 1n << bits))
  const falls = parameters.some((tensor, t) =>
    tensor.some((_, k) =>
      [one, fraction(-1)].some((towards) => {
        const direction = parameters.map((other, s) => other.map((__, j) => (s === t && j === k ? towards : none)))
        const [long, middle, short] = steps.map((step) =>
          divide(subtract(lossAt(problem, moved(parameters, direction, step)), here), step)
        )
        // A quadratic polynomial: the quotients are affine in the step, and their limit is twice the shorter minus the longer one.
        const limit = subtract(add(middle, middle), long)
        const again = subtract(add(short, short), middle)
        return kindOf(network) === 'quadratic'
          ? isLess(add(limit, over(1n, 1n << 10n)), none)
          : isEqual(limit, again) && sign(limit) < 0
      })
    )
  )
  if (!falls) return undefined
  const family = `${loss}, ${kindOf(network)}, falling${decay ? ', decay' : ''}`
  return { family, truth: 'not-stationary', problem, point: pointOf(parameters) }
}

/** Errors e_i f'(loss) at outputs 0, each a positive multiple of the sign, that samples as often as their factor says sum up to. */
const targetOf = (loss: Loss, side: number, below: Below): readonly Fraction[] => {
  if (loss === 'absolute') return [fraction(-side * (1 + below(3)))]
  if (loss === 'hinge') return [fraction(-side)]
  if (loss === 'logistic') return [fraction(side > 0 ? 0 : 1)]
  return side > 0 ? [none, one] : [one, none]
}

/** The outputs of the network with its last layer replaced by each unit of the layer before it in turn, on all samples. */
const featuresOf = (
  network: ProblemJson['network'],
  parameters: Parameters,
  inputs: readonly (readonly Fraction[])[]
): readonly (readonly Fraction[])[] => {
  const features = { ...network, layers: network.layers.slice(0, -1) }
  const problem = problemOf(features, { kind: 'squared', reduction: 'sum' }, inputs, []) as unknown as ProblemJson
  return inputs.map((x) => output(problem, parameters.slice(0, -2), x))
}

/**
 * Last weights 0, output bias 0. The point is stationary where the derivatives of the losses by the outputs are orthogonal to the features and to 1: hidden parameters have no influence. It is a saddle where
 * some short step of a hidden parameter makes the features not orthogonal, for then the last weights can use them.
 */
const silent: Draw = (below) => {
  const loss = losses[below(losses.length)]
  const outputs = outputsOf(loss, below)
  const network = randomNetwork(below, outputs)
  const parameters = randomParameters(below, network)
  const rows = randomRows(below, network, 5 + below(4))
  const features = featuresOf(network, parameters, rows)
  const conditions = [rows.map(() => one), ...features[0].map((_, k) => features.map((row) => row[k]))]
  const basis = nullspace(conditions, rows.length)
  if (basis.length === 0) return undefined
  const draw = (): readonly Fraction[] => {
    const factors = basis.map(() => fraction(below(5) - 2))
    return integral(rows.map((_, i) => sum(basis.map((vector, b) => multiply(factors[b], vector[i])))))
  }
  const errors = Array.from({ length: outputs }, draw)
  const last = parameters.at(-2) ?? []
  const at: Parameters = [...parameters.slice(0, -2), last.map(() => none), integers(below, outputs, 0)]
  let inputs = rows
  let targets: readonly (readonly Fraction[])[]
  if (loss === 'squared') {
    if (errors.every((row) => row.every((r) => sign(r) === 0))) return undefined
    targets = rows.map((_, i) => errors.map((row) => subtract(none, row[i])))
  } else {
    const times = errors[0].map(({ n }) => Number(n))
    const total = times.reduce((all, count) => all + Math.abs(count), 0)
    if (total === 0 || total > 24) return undefined
    const copies = times.flatMap((count, i) =>
      Array.from({ length: Math.abs(count) }, () => ({ i, side: Math.sign(count) }))
    )
    inputs = copies.map(({ i }) => rows[i])
    targets = copies.map(({ side }) => targetOf(loss, side, below))
  }
  // The same derivatives a short step away.
  const isSaddle = at.slice(0, -2).some((tensor, t) =>
    tensor.some((_, k) => {
      const direction = at.map((other, s) => other.map((__, j) => (s === t && j === k ? one : none)))
      const [far, near] = [20n, 21n].map((bits) => {
        const there = featuresOf(network, moved(at, direction, over(1n, 1n << bits)), rows)
        return errors.flatMap((error) =>
          there[0].map((__, unit) =>
            inner(
              error,
              there.map((row) => row[unit])
            )
          )
        )
      })
      return far.some((entry, e) => sign(near[e]) !== 0 && isEqual(entry, add(near[e], near[e])))
    })
  )
  if (!isSaddle) return undefined
  const problem = problemOf(network, { kind: loss, reduction: reductionOf(below) }, inputs, targets)
  return { family: `${loss}, ${kindOf(network)}, silent`, truth: 'saddle', problem, point: pointOf(at) }
}

/** Hidden units that are shut on every sample whatever the layers before do nearby: the output is a constant, the best one or another. */
const shut: Draw = (below) => {
  const loss = losses[below(losses.length)]
  const outputs = outputsOf(loss, below)
  const drawnNetwork = randomNetwork(below, outputs)
  const network = {
    ...drawnNetwork,
    layers: drawnNetwork.layers.map((layer) =>
      layer.kind === 'two-slope' || layer.kind === 'quadratic'
        ? ({ kind: 'two-slope', positive: '1', negative: '0' } as const)
        : layer
    )
  }
  const start = randomParameters(below, network)
  // The last hidden layer: weights, biases, then those of the outputs.
  const parameters: Parameters = start.map((tensor, t) =>
    t === start.length - 3
      ? tensor.map(() => fraction(-1000))
      : t === start.length - 1
        ? tensor.map(() => none)
        : tensor
  )
  const pairs = 2 + below(2)
  const half = randomRows(below, network, pairs)
  const isBest = below(3) > 0
  const inputs = [...half, ...randomRows(below, network, pairs), ...(isBest ? [] : half.slice(0, 1))]
  const sides = inputs.map((_, i) => (i < pairs ? 1 : i < 2 * pairs ? -1 : 1))
  const sizes = half.map(() => 1 + below(3))
  const targets = sides.map((side, i) =>
    loss === 'squared'
      ? Array.from({ length: outputs }, () => fraction(side * sizes[i % pairs]))
      : targetOf(loss, side, () => 0)
  )
  const problem = problemOf(network, { kind: loss, reduction: reductionOf(below) }, inputs, targets)
  const family = `${loss}, ${kindOf(network)}, shut`
  return { family, truth: isBest ? 'minimum' : 'not-stationary', problem, point: pointOf(parameters) }
}

/** One draw of each. */
export const silentDraws: readonly Draw[] = [fitted, slanted, silent, shut]
