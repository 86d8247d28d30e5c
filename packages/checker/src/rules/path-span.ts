import { type Budget, spend } from '../budget.ts'
import type { PathSpan, Span } from '../deep-evidence.ts'
import { forwardThrough } from '../forward.ts'
import { greatestBitLength, greatestOf } from '../integers.ts'
import { reject } from '../outcome.ts'
import { integerSlopes, overOneDenominator } from '../parameters.ts'
import type { Layer, TwoSlope } from '../problem.ts'
import type { Scaled } from '../samples.ts'
import { chooseSubgradients, subdifferentialOf } from '../subdifferential.ts'
import { positionsOf, type Shape, shapesThrough, type Windows, windowsOf } from '../window.ts'
import type { Context } from './context.ts'
import { atEveryPosition, atEveryTap, type Functions, overWindows } from './position-functions.ts'

type Rows = Scaled['rows']

/** The places where a function is not zero. */
const supportOf = (f: readonly bigint[]): readonly number[] =>
  f.flatMap((entry, place) => (entry === 0n ? [] : [place]))

/** Rejects unless sum_i sum_p r_i f(i, p) factor(i, p) = 0 for every output. */
const requireOrthogonal = (
  subgradients: Rows,
  f: readonly bigint[],
  support: readonly number[],
  positions: number,
  factor: (sample: number, position: number) => bigint,
  step: string,
  reason: string
): void => {
  for (let output = 0; output < subgradients[0].length; output += 1) {
    let sum = 0n
    for (const place of support) {
      const sample = Math.floor(place / positions)
      sum += subgradients[sample][output] * f[place] * factor(sample, place % positions)
    }
    if (sum !== 0n) reject(step, `${reason}, output ${output}`)
  }
}

/** Condition (c) for one layer with a bias. */
export const requireBalanced = (subgradients: Rows, functions: Functions, step: string, budget: Budget): void => {
  const bits = greatestBitLength(subgradients)
  const places = functions[0]?.length ?? 0
  spend(budget, [functions.length, places, subgradients[0].length], bits, greatestBitLength(functions))
  for (const [index, f] of functions.entries()) {
    const reason = `the residuals do not balance function ${index}`
    requireOrthogonal(subgradients, f, supportOf(f), places / subgradients.length, () => 1n, step, reason)
  }
}

/** Condition (d): `inputs` of the shape, one row for each sample. */
export const requireNoMoment = (
  subgradients: Rows,
  functions: Functions,
  inputs: Rows,
  shape: Shape,
  step: string,
  budget: Budget
): void => {
  const positions = positionsOf(shape)
  const counts = [2, functions.length, subgradients.length, positions, subgradients[0].length, shape.channels]
  const bits = greatestBitLength(subgradients) + greatestBitLength(functions)
  spend(budget, counts, bits, greatestBitLength(inputs))
  for (const [index, f] of functions.entries()) {
    const support = supportOf(f)
    for (let channel = 0; channel < shape.channels; channel += 1) {
      const reason = `the residuals do not balance function ${index} times input ${channel}`
      const at = (sample: number, position: number): bigint => inputs[sample][channel * positions + position]
      requireOrthogonal(subgradients, f, support, positions, at, step, reason)
    }
  }
}

/** Condition (a), and for every unit its slope at every place, up to one positive factor; 0 on a kink. */
const slopesOf = (
  layer: TwoSlope,
  inputs: Rows,
  shape: Shape,
  reached: readonly boolean[],
  step: string
): Functions => {
  const { positive, negative } = integerSlopes(layer)
  const positions = positionsOf(shape)
  const columns = Array.from({ length: shape.channels }, (_, unit) =>
    reached.map((isReached, place) => {
      const sample = Math.floor(place / positions)
      const argument = inputs[sample][unit * positions + (place % positions)]
      if (isReached && argument === 0n) reject(step, `sample ${sample} is on the kink of unit ${unit}`)
      return argument > 0n ? positive : argument < 0n ? negative : 0n
    })
  )
  // Units with equal slopes at all places ask for the same.
  return [...new Map(columns.map((column) => [column.join(), column])).values()]
}

const requireForm = ({ pivots, functions }: Span, active: readonly boolean[], step: string): void => {
  if (pivots.length !== functions.length) {
    reject(step, `${pivots.length} pivots where there are ${functions.length} functions`)
  }
  for (const pivot of pivots) if (!active[pivot]) reject(step, `the pivot ${pivot} is no place with a residual`)
  for (const { numerators } of functions) {
    if (numerators.length !== active.length) {
      reject(step, `a function with ${numerators.length} entries where there are ${active.length} places`)
    }
  }
}

/** Every slope times every function, one after the other. */
function* timesSlopes(slopes: Functions, functions: Functions): Iterable<readonly bigint[]> {
  for (const slope of slopes) {
    for (const f of functions) yield f.map((entry, place) => entry * slope[place])
  }
}

/** Condition (a'), and for every unit the place that it chooses in every window; -1 where no function reaches. */
const choicesOf = (
  inputs: Rows,
  windows: Windows,
  shape: Shape,
  reached: readonly boolean[],
  step: string
): readonly (readonly number[])[] => {
  const positions = positionsOf(shape)
  const columns = Array.from({ length: shape.channels }, (_, unit) =>
    reached.map((isReached, outputPlace) => {
      if (!isReached) return -1
      const sample = Math.floor(outputPlace / windows.length)
      const window = windows[outputPlace % windows.length]
      const entries = window.map((position) => inputs[sample][unit * positions + position])
      const most = greatestOf(entries)
      const tap = entries.indexOf(most)
      if (entries.includes(most, tap + 1)) reject(step, `sample ${sample} has two greatest entries for unit ${unit}`)
      return sample * positions + window[tap]
    })
  )
  // Units that choose the same places ask for the same.
  return [...new Map(columns.map((column) => [column.join(), column])).values()]
}

/** Every function carried to the places that every unit chooses, one after the other. */
function* atChoices(choices: readonly (readonly number[])[], functions: Functions, places: number): Iterable<bigint[]> {
  for (const chosen of choices) {
    for (const f of functions) {
      const carried = Array.from({ length: places }, () => 0n)
      for (const [outputPlace, place] of chosen.entries()) if (place >= 0) carried[place] += f[outputPlace]
      yield carried
    }
  }
}

/** Condition (b): every function that is carried through the layer is the combination of the span that its pivots say. */
const requireInSpan = (
  carried: Iterable<readonly bigint[]>,
  span: { readonly pivots: readonly number[]; readonly denominator: bigint; readonly functions: Functions },
  active: readonly boolean[],
  step: string
): void => {
  for (const function_ of carried) {
    const terms = span.pivots.flatMap((pivot, a) =>
      function_[pivot] === 0n ? [] : [{ coefficient: function_[pivot], vector: span.functions[a] }]
    )
    for (const [place, entry] of function_.entries()) {
      if (!active[place]) continue
      let sum = 0n
      for (const { coefficient, vector } of terms) sum += coefficient * vector[place]
      if (sum !== entry * span.denominator) {
        reject(step, `a function that the layer carries is outside the span at place ${place}`)
      }
    }
  }
}

/** Rejects as many spans as the rule does not ask for, and layers that it does not know. */
export const requireSpans = (layers: readonly Layer[], spans: readonly Span[]): void => {
  const kinks = layers.filter(({ kind }) => kind === 'two-slope' || kind === 'max-pool').length
  if (layers.some(({ kind }) => kind === 'quadratic'))
    reject('network', 'the rule is for networks without smooth layers')
  if (spans.length !== kinks) reject('spans', `${spans.length} spans where there are ${kinks} layers with kinks`)
}

/** Where a walk down a network begins. */
type Walk = {
  /** The layers that are walked: the first so many. */
  readonly depth: number
  /** The list V at first, on what the last of these layers gives. */
  readonly functions: Functions
  /** r_i, one row for each sample. */
  readonly residuals: Rows
  readonly spans: readonly Span[]
  /** What every layer is applied to. */
  readonly values: readonly Scaled[]
}

/**
 * Rejects unless conditions (a) to (d) hold: near the point, the sums over the samples of residuals, functions and what
 * the last of the layers gives are zero. The names of the steps begin with the prefix.
 */
export const requireVanishing = (context: Context, walk: Walk, prefix: string): void => {
  const { problem, samples, budget } = context
  const { residuals, spans, values } = walk
  const activeSamples = residuals.map((row) => row.some((entry) => entry !== 0n))
  const shapes = shapesThrough(problem.network)
  let { functions } = walk
  let next = 0
  for (const [index, layer] of [...problem.network.layers.slice(0, walk.depth).entries()].reverse()) {
    const shape = shapes[index]
    if ((layer.kind === 'dense' || layer.kind === 'conv') && layer.bias) {
      requireBalanced(residuals, functions, `${prefix}(c) layer ${index}`, budget)
    }
    if (layer.kind === 'dense' || layer.kind === 'flatten') {
      functions = atEveryPosition(functions, shape, budget)
    } else if (layer.kind === 'conv' || layer.kind === 'average-pool') {
      const windows = windowsOf(layer, shape, shapes[index + 1], budget)
      const through = layer.kind === 'conv' ? atEveryTap : overWindows
      functions = through(functions, windows, shape, budget)
    } else if (layer.kind === 'two-slope' || layer.kind === 'max-pool') {
      const where = `span ${next}`
      const span = spans[next]
      next += 1
      const active = activeSamples.flatMap((one) => Array.from({ length: positionsOf(shape) }, () => one))
      requireForm(span, active, `${prefix}${where}`)
      const current = functions
      const { denominator, numerators } = overOneDenominator(span.functions)
      const given = { pivots: span.pivots, denominator, functions: numerators }
      const after = positionsOf(shapes[index + 1])
      const reached = activeSamples.flatMap((residual, sample) =>
        Array.from({ length: after }, (_, p) => residual && current.some((f) => f[sample * after + p] !== 0n))
      )
      const inputs = values[index].rows
      const spanBits = greatestBitLength([...numerators, [denominator]])
      const pay = (units: number, bits: number): void =>
        spend(
          budget,
          [units, current.length, numerators.length + 2, active.length],
          bits + greatestBitLength(current),
          spanBits
        )
      if (layer.kind === 'two-slope') {
        const slopes = slopesOf(layer, inputs, shape, reached, `${prefix}(a) ${where}`)
        pay(slopes.length, greatestBitLength(slopes))
        requireInSpan(timesSlopes(slopes, current), given, active, `${prefix}(b) ${where}`)
      } else {
        const windows = windowsOf(layer, shape, shapes[index + 1], budget)
        spend(budget, [shape.channels, reached.length, windows[0].length], greatestBitLength(inputs), 1)
        const choices = choicesOf(inputs, windows, shape, reached, `${prefix}(a) ${where}`)
        pay(choices.length, 32)
        requireInSpan(atChoices(choices, current, active.length), given, active, `${prefix}(b) ${where}`)
      }
      functions = numerators
    }
  }
  requireNoMoment(residuals, functions, samples.inputs.rows, shapes[0], `${prefix}(d)`, budget)
}

/** Rejects unless conditions (a) to (d) hold. */
export const requirePathSpan = (context: Context, { spans, subgradients: given }: PathSpan): void => {
  const { problem, samples, point, evaluation, budget } = context
  const { layers } = problem.network
  requireSpans(layers, spans)
  const residuals = chooseSubgradients(problem, subdifferentialOf(problem, samples, evaluation), given).rows
  const values = forwardThrough(problem.network, point, samples.inputs, budget)
  const functions = [residuals.map(() => 1n)]
  requireVanishing(context, { depth: layers.length, functions, residuals, spans, values }, '')
}
