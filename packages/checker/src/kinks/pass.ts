import { type Budget, hold, spend } from '../budget.ts'
import { reject } from '../outcome.ts'
import { type Ball, inner, isNothing, nothing, product, strictSign, sum } from './ball.ts'
import { type EntryName, inputNames, namesAfter, namesOfValues } from './equal-entries.ts'
import { type Affine, type Layers, type Mean, productsIn, type Slopes } from './layers.ts'

export type Kink = { readonly layer: number; readonly unit: number; readonly sample: number }

/** What is certain of the argument of a unit on a sample: void, a member of a kink, or a strict sign; in a linear layer, whose slope is the same on both sides, always positive but for these. */
export type Gate = 'positive' | 'negative' | 'kink' | 'void' | 'unknown'

/** Everything that one sample does in the frozen function, for all parameters of a box. */
export type Pass = {
  /** values[s] is what step s is applied to; the last are the outputs. */
  readonly values: readonly (readonly Ball[])[]
  /** For every hidden layer the gates of its units, and for members of a kink which one it is, else -1. */
  readonly gates: readonly (readonly Gate[])[]
  readonly kinkAt: readonly (readonly number[])[]
  /** felt[s][e]: whether entry e of what step s is applied to is felt. */
  readonly felt: readonly (readonly boolean[])[]
}

/** Whether the values of a hidden layer are felt, where they all are or none is. */
export const feels = ({ felt }: Pass, { hiddenAt }: Layers, l: number): boolean => felt[hiddenAt[l] + 1][0]

const affineOf = (layer: Affine, theta: readonly Ball[], values: readonly Ball[]): readonly Ball[] => {
  const patches = layer.windows.map((window) => window.map((entry) => (entry < 0 ? nothing : values[entry])))
  return Array.from({ length: layer.outputs }, (_, output) => {
    const at = layer.weightAt + output * layer.inputs
    const weights = theta.slice(at, at + layer.inputs)
    return patches.map((patch) => {
      const linear = inner(weights, patch)
      return layer.biasAt < 0 ? linear : sum(linear, theta[layer.biasAt + output])
    })
  }).flat()
}

const meansOf = ({ windows, share }: Mean, values: readonly Ball[]): readonly Ball[] =>
  windows.map((window) => product(share, window.map((entry) => values[entry]).reduce(sum)))

/** A ball around 0 with everything that the unit can take on. */
const hull = (argument: Ball, slopes: Slopes): Ball => {
  const positive = product(argument, slopes.positive)
  const negative = product(argument, slopes.negative)
  const reach = (ball: Ball): bigint => (ball.middle < 0n ? -ball.middle : ball.middle) + ball.radius
  return { middle: 0n, radius: reach(positive) > reach(negative) ? reach(positive) : reach(negative) }
}

/** The slope of a unit behind a certain gate, by which a kink is linear too. */
export const slopeOf = (gate: Gate, slopes: Slopes): Ball =>
  gate === 'unknown' || gate === 'void' ? nothing : gate === 'positive' ? slopes.positive : slopes.negative

/** Whether nothing passes: void, or a strict sign with slope 0. */
export const isShut = (gate: Gate, slopes: Slopes): boolean =>
  gate === 'void' ||
  (gate === 'positive' && isNothing(slopes.positive)) ||
  (gate === 'negative' && isNothing(slopes.negative))

const signOf = (argument: Ball, { isLinear }: Slopes): Gate => {
  if (isLinear) return 'positive'
  const sign = strictSign(argument)
  return sign > 0 ? 'positive' : sign < 0 ? 'negative' : 'unknown'
}

/** The names of the arguments at the kinks of a hidden layer, each with the number of its kink. */
const kinkNames = (
  kinks: readonly Kink[],
  hidden: number,
  names: readonly (readonly EntryName[])[]
): ReadonlyMap<EntryName, number> => {
  const found = new Map<EntryName, number>()
  for (const [index, { layer, unit, sample }] of kinks.entries()) {
    if (layer !== hidden) continue
    const where = `unit ${unit} of hidden layer ${layer} on sample ${sample}`
    const name = names[sample][unit]
    if (name === 0) reject('(a)', `the argument of ${where} is 0 for all parameters`)
    if (found.has(name)) reject('(a)', `the kink of ${where} is that of another one`)
    found.set(name, index)
  }
  return found
}

/** From the outputs down: what is read by something felt, through no unit that is shut. */
const feltIn = ({ steps, slopes, widths }: Layers, gates: Pass['gates']): readonly (readonly boolean[])[] => {
  let above: readonly boolean[] = new Array<boolean>(widths[steps.length]).fill(true)
  const felt = [above]
  for (const step of [...steps].reverse()) {
    const before = above
    if (step.kind === 'mean') above = step.layer.readers.map((given) => given.some((entry) => before[entry]))
    else if (step.kind === 'units') {
      const gate = gates[step.hidden]
      above = before.map((isFelt, unit) => isFelt && !isShut(gate[unit], slopes[step.hidden]))
    } else {
      const { windows, outputs, readers } = step.layer
      const isRead = windows.map((_, position) =>
        Array.from({ length: outputs }, (__, output) => before[output * windows.length + position]).some((read) => read)
      )
      above = readers.map((places) => places.some(({ position }) => isRead[position]))
    }
    felt.unshift(above)
  }
  return felt
}

/** Every sample through the frozen network. `rows` are the inputs as integers over one denominator. */
export const passes = (
  layers: Layers,
  theta: readonly Ball[],
  rows: readonly (readonly bigint[])[],
  inputs: readonly (readonly Ball[])[],
  kinks: readonly Kink[],
  budget: Budget
): readonly Pass[] => {
  const { steps, slopes, widths } = layers
  spend(budget, [4, inputs.length, productsIn(layers)], 192, 192)
  hold(budget, [4, inputs.length, widths.reduce((total, width) => total + width, 0)], 192)
  const all = inputs.map((input) => ({
    values: [input],
    gates: [] as (readonly Gate[])[],
    kinkAt: [] as (readonly number[])[]
  }))
  let names = inputNames(rows)
  for (const [s, step] of steps.entries()) {
    if (step.kind !== 'units') {
      for (const { values } of all) {
        values.push(step.kind === 'mean' ? meansOf(step.layer, values[s]) : affineOf(step.layer, theta, values[s]))
      }
      names = namesAfter(step, names)
      continue
    }
    const both = slopes[step.hidden]
    const found = kinkNames(kinks, step.hidden, names)
    names = all.map(({ values, gates, kinkAt }, sample) => {
      const at = names[sample].map((name) => found.get(name) ?? -1)
      const gate = values[s].map((argument, unit): Gate => {
        if (names[sample][unit] === 0) return 'void'
        return at[unit] >= 0 ? 'kink' : signOf(argument, both)
      })
      kinkAt.push(at)
      gates.push(gate)
      values.push(
        values[s].map((argument, unit) =>
          gate[unit] === 'unknown' ? hull(argument, both) : product(slopeOf(gate[unit], both), argument)
        )
      )
      return namesOfValues(names[sample], (unit) => isShut(gate[unit], both))
    })
  }
  return all.map((pass) => ({ ...pass, felt: feltIn(layers, pass.gates) }))
}

/** Condition (a), but for what is said of void kinks and kinks with members in common. */
export const requireGates = ({ hiddenAt }: Layers, all: readonly Pass[], kinks: readonly Kink[]): void => {
  for (const [sample, { gates, felt }] of all.entries()) {
    for (const [l, row] of gates.entries()) {
      for (const [unit, gate] of row.entries()) {
        if (gate === 'unknown' && felt[hiddenAt[l] + 1][unit]) {
          reject('(a)', `the argument of unit ${unit} of hidden layer ${l} on sample ${sample} has no strict sign`)
        }
      }
    }
  }
  for (const { layer, unit, sample } of kinks) {
    if (!all[sample].felt[hiddenAt[layer] + 1][unit]) {
      reject('(a)', `the kink of unit ${unit} of hidden layer ${layer} on sample ${sample} is not felt`)
    }
  }
}

/** Adjoints of all entries but the inputs: adjoints[s] of what step s is applied to; the last of the outputs. */
export type Adjoints = readonly (readonly Ball[])[]

/** Back-propagation of `error` (times the factor of the loss), the kink of a triple passing its multiplier besides. */
export const adjointsOf = (
  { steps, slopes }: Layers,
  theta: readonly Ball[],
  { gates }: Pass,
  error: readonly Ball[],
  multiplierOf: (layer: number, unit: number) => Ball | undefined
): Adjoints => {
  const all = [error]
  // Nobody asks for the adjoints of the inputs.
  for (const step of steps.slice(1).reverse()) {
    const given = all[0]
    if (step.kind === 'units') {
      const { hidden } = step
      all.unshift(
        given.map((adjoint, unit) => {
          const passed = product(slopeOf(gates[hidden][unit], slopes[hidden]), adjoint)
          const multiplier = multiplierOf(hidden, unit)
          return multiplier === undefined ? passed : sum(passed, multiplier)
        })
      )
    } else if (step.kind === 'mean') {
      const { readers, share } = step.layer
      all.unshift(readers.map((places) => product(share, places.map((entry) => given[entry]).reduce(sum, nothing))))
    } else {
      const { windows, readers, outputs, inputs, weightAt } = step.layer
      all.unshift(
        readers.map((places) => {
          const deltas: Ball[] = []
          const weights: Ball[] = []
          for (let output = 0; output < outputs; output += 1) {
            for (const { position, weight } of places) {
              deltas.push(given[output * windows.length + position])
              weights.push(theta[weightAt + output * inputs + weight])
            }
          }
          return inner(deltas, weights)
        })
      )
    }
  }
  return [[], ...all]
}

/** For every kink the sum of the adjoints of the values of its members. */
export const adjointsAtKinks = (
  { hiddenAt }: Layers,
  all: readonly Pass[],
  adjoints: readonly Adjoints[],
  count: number
): readonly Ball[] => {
  const sums = new Array<Ball>(count).fill(nothing)
  for (const [sample, { kinkAt }] of all.entries()) {
    for (const [l, row] of kinkAt.entries()) {
      for (const [unit, kink] of row.entries()) {
        if (kink >= 0) sums[kink] = sum(sums[kink], adjoints[sample][hiddenAt[l] + 1][unit])
      }
    }
  }
  return sums
}
