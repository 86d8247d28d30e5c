import {
  add,
  divide,
  type Fraction,
  fraction,
  inner,
  multiply,
  negate,
  none,
  nullspace,
  one,
  sign,
  subtract,
  sum,
  text
} from '../corpus/fraction.ts'
import { inertiaOf } from '../corpus/fraction-matrices.ts'
import type { Parameters, ProblemJson } from '../corpus/naive.ts'
import { integers, problemOf } from './architectures.ts'
import { type Draw, pointOf } from './plant.ts'

/*
 * Smooth networks whose units rest at 0, where the values of the activation and of its derivative are rational; networks that are linear in their inputs.
 */

type Below = (count: number) => number

/** The derivative at 0; the value there is 0 unless it is given. */
const resting: readonly { readonly name: string; readonly slope: string; readonly value?: string }[] = [
  { name: 'tanh', slope: '1' },
  { name: 'sine', slope: '1' },
  { name: 'arctan', slope: '1' },
  { name: 'gelu', slope: '1/2' },
  { name: 'silu', slope: '1/2' },
  { name: 'sigmoid', slope: '1/4', value: '1/2' }
]

const losses = ['squared', 'logistic', 'cross-entropy'] as const

const twiceEach = (below: Below, count: number): readonly (readonly Fraction[])[] =>
  Array.from({ length: count }, () => integers(below, 2, 2))

/**
 * All weights 0, the outputs 0, the derivatives of the losses orthogonal to 1. With q the derivatives of the losses times the inputs times the slope, the second derivatives by an outgoing and an incoming weight
 * of one unit are q, and the decay stands on the diagonal; without decay q not 0 is a saddle.
 */
const atRest: Draw = (below) => {
  const { name, slope, value } = resting[below(resting.length)]
  const loss = losses[below(losses.length)]
  const outputs = loss === 'cross-entropy' ? 2 : loss === 'logistic' ? 1 : 1 + below(2)
  const units = 1 + below(2)
  const hasDecay = below(3) > 0 && value === undefined
  const deep = hasDecay && below(3) === 0
  const inputs = twiceEach(below, 3 + below(3)).flatMap((row) => [row, integers(below, 2, 2)])
  const isOff = below(5) === 0
  // Errors in pairs of opposite sign, for samples of different inputs.
  const errors = inputs.map((_, i) => {
    const size = i % 2 === 0 ? one : negate(one)
    if (loss === 'squared') return Array.from({ length: outputs }, () => multiply(size, fraction(1 + (i >> 1))))
    return loss === 'logistic'
      ? [divide(size, fraction(2))]
      : [divide(size, fraction(2)), divide(negate(size), fraction(2))]
  })
  const targets = errors.map((row, i) => {
    const off = isOff && i === 0
    if (loss === 'squared') return row.map((r) => negate(off ? add(r, one) : r))
    const [first] = row
    const side = off ? -sign(first) : sign(first)
    return loss === 'logistic' ? [side > 0 ? none : one] : side > 0 ? [none, one] : [one, none]
  })
  const reduction = below(2) === 0 ? 'sum' : 'mean'
  const factor = reduction === 'sum' ? one : fraction(`1/${inputs.length}`)
  const q = Array.from({ length: outputs }, (_, o) =>
    [0, 1].map((k) =>
      multiply(multiply(factor, fraction(slope)), sum(errors.map((row, i) => multiply(row[o], inputs[i][k]))))
    )
  )
  const decay = fraction(['1/10', '1', '5', '20'][below(4)])
  const flat = q.flat().every((entry) => sign(entry) === 0)
  // Outgoing weights of a unit, then its incoming ones.
  const second = Array.from({ length: outputs + 2 }, (_, a) =>
    Array.from({ length: outputs + 2 }, (__, b) => {
      if (a === b) return decay
      const [o, k] = a < b ? [a, b - outputs] : [b, a - outputs]
      return o < outputs && k >= 0 ? q[o][k] : none
    })
  )
  const [, singular, negative] = inertiaOf(second)
  if (hasDecay ? !deep && singular > 0 : flat) return undefined
  const hidden = (count: number) =>
    [
      { kind: 'dense', outputs: count, bias: true },
      { kind: 'smooth', name }
    ] as const
  const network: ProblemJson['network'] = {
    inputs: 2,
    layers: [...hidden(units), ...(deep ? hidden(1) : []), { kind: 'dense', outputs, bias: true }]
  }
  const widths = [2, units, ...(deep ? [1] : []), outputs]
  const parameters: Parameters = widths
    .slice(1)
    .flatMap((width, l) => [new Array<Fraction>(width * widths[l]).fill(none), new Array<Fraction>(width).fill(none)])
  const problem = problemOf(
    network,
    { kind: loss, reduction },
    inputs,
    targets,
    hasDecay ? { factor: text(decay), biases: true } : undefined
  )
  // With decay and two hidden layers no product of two parameters moves the output: the decay alone is the curvature.
  const truth = isOff ? 'not-stationary' : hasDecay && (deep || negative === 0) ? 'minimum' : 'saddle'
  const family = `${loss}, smooth${deep ? ', deep' : ''}, resting${hasDecay ? ', decay' : ''}`
  return { family, truth, problem, point: pointOf(parameters) }
}

/** A linear network of two layers, its hidden layer as wide as its inputs or its outputs: stationary points are global minima or saddles. */
const linear: Draw = (below) => {
  const [inputs, outputs] = [1 + below(2), 1 + below(2)]
  const units = Math.min(inputs, outputs) + below(2)
  const xs = Array.from({ length: 6 + below(3) }, () => integers(below, inputs, 3))
  const first = integers(below, units * inputs, 2)
  const last = integers(below, outputs * units, 2)
  const firstBias = integers(below, units, 2)
  const lastBias = integers(below, outputs, 2)
  const row = (all: readonly Fraction[], width: number, at: number) => all.slice(at * width, (at + 1) * width)
  const hidden = xs.map((x) => firstBias.map((b, u) => add(b, inner(row(first, inputs, u), x))))
  // Errors as unknowns, output by output: derivatives by last weights, last biases, first weights, first biases.
  const size = xs.length * outputs
  const conditions: Fraction[][] = []
  const condition = (entry: (i: number, o: number) => Fraction): void => {
    conditions.push(Array.from({ length: size }, (_, k) => entry(Math.floor(k / outputs), k % outputs)))
  }
  for (let o = 0; o < outputs; o += 1) {
    condition((_, p) => (p === o ? one : none))
    for (let u = 0; u < units; u += 1) condition((i, p) => (p === o ? hidden[i][u] : none))
  }
  for (let u = 0; u < units; u += 1) {
    condition((_, o) => last[o * units + u])
    for (let k = 0; k < inputs; k += 1) condition((i, o) => multiply(last[o * units + u], xs[i][k]))
  }
  const basis = nullspace(conditions, size)
  if (basis.length === 0) return undefined
  const factors = basis.map(() => fraction(below(5) - 2))
  const errors = Array.from({ length: size }, (_, k) => sum(basis.map((vector, b) => multiply(factors[b], vector[k]))))
  const isOff = below(5) === 0
  const targets = xs.map((_, i) =>
    lastBias.map((c, o) => {
      const value = add(c, inner(row(last, units, o), hidden[i]))
      const error = errors[i * outputs + o]
      return subtract(value, isOff && i === 0 ? add(error, one) : error)
    })
  )
  const isLeast = lastBias.every((_, o) =>
    [-1, ...Array.from({ length: inputs }, (__, k) => k)].every(
      (k) =>
        sign(sum(xs.map((x, i) => (k < 0 ? errors[i * outputs + o] : multiply(x[k], errors[i * outputs + o]))))) === 0
    )
  )
  const network: ProblemJson['network'] = {
    inputs,
    layers: [
      { kind: 'dense', outputs: units, bias: true },
      { kind: 'dense', outputs, bias: true }
    ]
  }
  const problem = problemOf(network, { kind: 'squared', reduction: below(2) === 0 ? 'sum' : 'mean' }, xs, targets)
  const truth = isOff ? 'not-stationary' : isLeast ? 'global-minimum' : 'saddle'
  return { family: 'squared, linear', truth, problem, point: pointOf([first, firstBias, last, lastBias]) }
}

/** One dense layer at 0 under a convex loss: stationary where the derivatives of the losses are orthogonal to the inputs. Every input has both labels. */
const convex: Draw = (below) => {
  const loss = (['logistic', 'cross-entropy', 'squared', 'huber', 'hinge', 'absolute'] as const)[below(6)]
  const outputs = loss === 'cross-entropy' ? 2 : 1
  const half = twiceEach(below, 3 + below(3))
  const isOff = below(3) === 0
  const inputs = isOff ? [...half, ...half, half[0]] : [...half, ...half]
  const targets = inputs.map((_, i) => {
    const side = i < half.length || i >= 2 * half.length
    if (loss === 'cross-entropy') return side ? [one, none] : [none, one]
    if (loss === 'logistic') return [side ? one : none]
    return [fraction(side ? 1 : -1)]
  })
  const decay = below(2) === 0 ? { factor: '1/10', biases: below(2) === 0 } : undefined
  const problem = problemOf(
    { inputs: 2, layers: [{ kind: 'dense', outputs, bias: true }] },
    { kind: loss, reduction: below(2) === 0 ? 'sum' : 'mean' },
    inputs,
    targets,
    decay
  )
  return {
    family: `${loss}, one layer${decay ? ', decay' : ''}`,
    truth: isOff ? 'not-stationary' : 'global-minimum',
    problem,
    point: pointOf([integers(below, 2 * outputs, 0), integers(below, outputs, 0)]),
    isBounded: true
  }
}

export const restingDraws: readonly Draw[] = [atRest, atRest, linear, convex]
