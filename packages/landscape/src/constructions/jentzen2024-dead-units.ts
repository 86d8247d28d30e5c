import { compare, sign } from '@nadir/arithmetic'
import { locate, tensorsOf } from '../cells/configuration.ts'
import { findBetter } from '../improvement/better-point.ts'
import type { ExactPoint } from '../point.ts'
import { empiricalRisk } from '../problem.ts'
import { asOneHiddenLayer, type OneHiddenLayer } from '../traits.ts'
import { trainedBelow } from './better-by-training.ts'
import { denseNetwork } from './carried-network.ts'
import { provePoint } from './prove-point.ts'
import { settledMinimum } from './settled-minimum.ts'
import { refuse, type Theorem } from './theorem.ts'

const segment = 'the activation is 0 on one side'
const shape = 'one hidden layer, one output, squared loss'
const notFitted = 'the smaller networks do not fit the data exactly'

/** Local minima of narrow networks, padded with units that no sample reaches: a hierarchy of levels in one wide network. */
export const jentzen2024DeadUnits: Theorem = {
  id: 'jentzen2024-dead-units',
  title: 'A hierarchy of local minima: narrow minima padded with dead units',
  source:
    'Jentzen, Riekert, Non-convergence to global minimizers for Adam and stochastic gradient descent optimization and constructions of local minimizers in the training of artificial neural networks (arXiv 2402.05155)',
  hypotheses: [segment, shape, notFitted],
  conclusion: 'every local minimum of a network of width k is one of every wider network: levels for k = 0, 1, 2, ...',
  example: 'nadir construct jentzen2024-dead-units sine.csv --hidden 6 --count 4 --out out',
  data: 'yours',
  numbers: {},
  build: (request) => {
    const { data, hidden, activation, loss, reduction, count, random } = request
    if (!data) return refuse('data are given', 'no data')
    if (activation.kind !== 'two-slope' || (sign(activation.positive) !== 0 && sign(activation.negative) !== 0))
      return refuse(segment, activation.kind === 'two-slope' ? 'both slopes are different from 0' : activation.name)
    if (hidden.length !== 1 || data.targetCount !== 1 || loss !== 'squared')
      return refuse(shape, `${hidden.length} hidden layers, ${data.targetCount} outputs, the ${loss} loss`)
    const width = hidden[0]!
    const problemOf = (units: number) =>
      empiricalRisk({ network: denseNetwork(data.inputCount, [units], 1, activation), data, loss, reduction })
    const problem = problemOf(width)
    const view = asOneHiddenLayer(problem)
    if ('kind' in view) return refuse(shape, view.reason)
    const dead = sign(activation.positive) === 0 ? 1n : -1n
    const levels = Math.min(count, width)
    const points: { name: string; point: ExactPoint }[] = []
    for (let k = 0; k < levels; k++) {
      // A network with no live unit is the best constant; it is found as a minimum of one dead unit.
      const narrow = k === 0 ? undefined : settledMinimum(problemOf(k), random)
      if (k > 0 && !narrow) continue
      const point = narrow ? padded(narrow.view, narrow.point, width, dead) : constantPoint(view, dead)
      points.push({ name: `width ${k}, ${width - k} dead units`, point })
    }
    const valued = points.map(({ name, point }) => provePoint(name, problem, point))
    const least = valued.reduce((a, b) => (compare(b.loss, a.loss) < 0 ? b : a))
    if (sign(least.loss) === 0) return refuse(notFitted, `${least.name}: loss 0`)
    const found =
      findBetter(locate(view, least.point), { random, firstOnly: true, stop: stopAfter(40) }) ??
      trainedBelow(problem, least.loss, random)
    const better = found ?? least
    return {
      kind: 'built',
      better,
      notes: points.length < count ? [`${points.length} levels were reached`] : [],
      points: points.map(({ name, point }) => provePoint(name, problem, point, better))
    }
  }
}

/** True from the given number of questions on. */
const stopAfter = (questions: number): (() => boolean) => {
  let asked = 0
  return () => asked++ > questions
}

/** The point of a wider network with extra units that are dead everywhere: weights 0, bias on the constant side, outgoing weight 1. */
function padded(view: OneHiddenLayer, point: ExactPoint, width: number, dead: bigint): ExactPoint {
  const extra = width - view.units
  const { hiddenWeight, hiddenBias, outerWeight, outerBias } = tensorsOf(view, point)
  const fill = (length: number, value: bigint) => new Array<bigint>(length).fill(value)
  const d = view.problem.data.inputCount
  return {
    kind: 'exact',
    tensors: [
      { ...hiddenWeight, numerators: [...hiddenWeight.numerators, ...fill(extra * d, 0n)] },
      { ...hiddenBias!, numerators: [...hiddenBias!.numerators, ...fill(extra, dead * hiddenBias!.denominator)] },
      { ...outerWeight, numerators: [...outerWeight.numerators, ...fill(extra, outerWeight.denominator)] },
      outerBias!
    ]
  }
}

function constantPoint(view: OneHiddenLayer, dead: bigint): ExactPoint {
  const { data } = view.problem
  const sum = data.targets.numerators.reduce((a, b) => a + b, 0n)
  const none = { denominator: 1n, numerators: [] as bigint[] }
  const mean = { denominator: data.targets.denominator * BigInt(data.samples), numerators: [sum] }
  const empty: OneHiddenLayer = { ...view, units: 0 }
  return padded(empty, { kind: 'exact', tensors: [none, none, none, mean] }, view.units, dead)
}
