import { entry, overCommonDenominator, type Rational, rational, subtract, toText } from '@nadir/arithmetic'
import { type Dataset, dataset } from '../data/dataset.ts'
import type { Activation } from '../network/activation.ts'
import {
  constantOutputMinimum,
  curvatureSign,
  lossOfMean,
  residualMoment,
  residualsOfMean
} from '../optimality/constant-output.ts'
import { empiricalRisk } from '../problem.ts'
import { trainedBelow } from './better-by-training.ts'
import { denseNetwork } from './carried-network.ts'
import { definiteResiduals } from './definite-residuals.ts'
import { proveConstantOutput } from './smooth-network.ts'
import { refuse, type Theorem } from './theorem.ts'

const curved = 'the activation is smooth, and the sign of its second derivative at some numbers is known and not 0'
const shape = 'one hidden layer, one output, squared loss'
const definite =
  'residuals orthogonal to the inputs, with definite second moments, exist (as a rule when there are more than (d + 1)(d + 2)/2 samples for d inputs)'

/** Numbers at which activations bend, up or down. */
const places = [-1, -2, 1, -3, 2, -4].map((p) => rational(BigInt(p), 2n))

/** A constant output is a local minimum: targets that are not correlated with the inputs but with their squares. */
export const oleary2020ConstantOutput: Theorem = {
  id: 'oleary2020-constant-output',
  title: 'Local minima with constant output caused by the curvature of the activation',
  source:
    'O’Leary-Roseberry, Ghattas, Ill-posedness and optimization geometry for nonlinear neural network training (arXiv 2002.02882); the rule constant-output of the specification',
  hypotheses: [curved, shape, definite],
  conclusion:
    "hidden weights 0, any hidden biases b, any outgoing weights v with v sigma''(b) of the sign of the second moments, and the mean as output: a local minimum, spurious when anything better is known",
  example: 'nadir construct oleary2020-constant-output iris.csv --activation tanh --hidden 3 --count 2 --out out',
  data: 'inputs',
  numbers: {},
  build: ({ data: given, hidden, activation, loss, reduction, count, random }) => {
    if (!given) return refuse('data are given', 'no data')
    const bends = places.flatMap((place) => {
      const side = curvatureSign(activation, place)
      return side === 0 ? [] : [{ place, side }]
    })
    if (bends.length === 0)
      return refuse(curved, activation.kind === 'smooth' ? activation.name : 'the activation is piecewise linear')
    if (hidden.length !== 1 || given.targetCount !== 1 || loss !== 'squared')
      return refuse(
        shape,
        `hidden layers ${hidden.join(', ') || 'none'}, ${given.targetCount} outputs, the ${loss} loss`
      )
    const broken = breaks(given, activation, bends[0]!.place)
    const data = broken === undefined ? given : planted(given)
    const side = data && sideOf(data, activation, bends[0]!)
    if (!data || !side) return refuse(definite, lackOfRoom(given))
    const problem = empiricalRisk({
      network: denseNetwork(data.inputCount, hidden, 1, activation),
      data,
      loss,
      reduction
    })
    const better = trainedBelow(problem, lossOfMean(problem.data, problem.reduction), random)
    const width = hidden[0]!
    return {
      kind: 'built',
      better,
      notes: [
        ...(broken === undefined
          ? ['the given targets fulfil the hypotheses and are kept']
          : [`the given targets do not: ${broken}; the targets are those of the construction`]),
        ...(better ? [] : ['training found no better point'])
      ],
      points: Array.from({ length: count }, (_, k) => {
        const chosen = Array.from({ length: width }, (_, j) => bends[(j + k) % bends.length]!)
        const args = overCommonDenominator(chosen.map(({ place }) => place))
        const units = {
          weight: { denominator: 1n, numerators: new Array<bigint>(width * data.inputCount).fill(0n) },
          bias: args,
          outer: {
            denominator: 1n,
            numerators: chosen.map((bend, j) => BigInt(side * bend.side * (1 + ((j + k) % 3))))
          }
        }
        const name = `hidden biases ${[...new Set(chosen.map(({ place }) => toText(place)))].join(', ')}`
        return proveConstantOutput(name, problem, activation, units, args, better)
      })
    }
  }
}

/** What the given targets break, in words with a number; undefined when they fulfil the hypotheses with v of one of the signs. */
function breaks(data: Dataset, activation: Activation, place: Rational): string | undefined {
  const residuals = residualsOfMean(data)
  if (residuals.numerators.every((r) => r === 0n)) return 'they are constant, loss 0'
  const k = residualMoment(data, residuals).findIndex((a) => a !== 0n)
  if (k >= 0) {
    const moment = rational(residualMoment(data, residuals)[k]!, residuals.denominator * data.inputs.denominator)
    return `the sum of their residuals times input ${k + 1} is ${toText(moment)}, not 0`
  }
  return sideOf(data, activation, { place, side: 1 }) === undefined
    ? 'the second moments of their residuals have both signs'
    : undefined
}

/** Why no residuals have definite second moments. An input of two values is an affine function of its square. */
function lackOfRoom({ inputs, inputCount: d, samples }: Dataset): string {
  for (let k = 0; k < d; k++) {
    const values = new Set(Array.from({ length: samples }, (_, i) => inputs.numerators[i * d + k]!))
    if (values.size === 2)
      return `input ${k + 1} takes two values only, so that residuals orthogonal to it have no second moment there`
  }
  return `${samples} samples of ${d} inputs: none were found`
}

/** The sign of v sigma'' that makes the constant output a local minimum; undefined when neither does. */
function sideOf(
  data: Dataset,
  activation: Activation,
  { place }: { readonly place: Rational; readonly side: -1 | 0 | 1 }
): -1 | 1 | undefined {
  const bend = curvatureSign(activation, place)
  const isMinimum = (side: -1 | 1) =>
    constantOutputMinimum(data, activation, {
      arguments: overCommonDenominator([place]),
      outer: { denominator: 1n, numerators: [BigInt(side * bend)] }
    }).kind === 'local-minimum'
  return isMinimum(1) ? 1 : isMinimum(-1) ? -1 : undefined
}

/** The same inputs with targets whose residuals about their mean, 0, are definite. */
function planted(data: Dataset): Dataset | undefined {
  const residuals = definiteResiduals(data)
  if (!residuals) return undefined
  const rows = Array.from({ length: data.samples }, (_, i) =>
    Array.from({ length: data.inputCount }, (_, k) => entry(data.inputs, i * data.inputCount + k))
  )
  return dataset(
    rows,
    rows.map((_, i) => [subtract(rational(0n), entry(residuals, i))])
  )
}
