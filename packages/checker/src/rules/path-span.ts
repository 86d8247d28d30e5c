import { type Budget, spend } from '../budget.ts'
import type { PathSpan, Span } from '../deep-evidence.ts'
import { forwardThrough } from '../forward.ts'
import { greatestBitLength } from '../integers.ts'
import { reject } from '../outcome.ts'
import { integerSlopes, overOneDenominator } from '../parameters.ts'
import type { TwoSlope } from '../problem.ts'
import type { Scaled } from '../samples.ts'
import { chooseSubgradients, subdifferentialOf } from '../subdifferential.ts'
import { positionsOf, type Shape, shapesThrough, windowsOf } from '../window.ts'
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
export const requireBalanced = (subgradients: Rows, functions: Functions, where: string, budget: Budget): void => {
  const bits = greatestBitLength(subgradients)
  const places = functions[0]?.length ?? 0
  spend(budget, [functions.length, places, subgradients[0].length], bits, greatestBitLength(functions))
  for (const [index, f] of functions.entries()) {
    const reason = `the residuals do not balance function ${index}`
    requireOrthogonal(subgradients, f, supportOf(f), places / subgradients.length, () => 1n, `(c) ${where}`, reason)
  }
}

/** Condition (d): `inputs` of the shape, one row for each sample. */
export const requireNoMoment = (
  subgradients: Rows,
  functions: Functions,
  inputs: Rows,
  shape: Shape,
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
      requireOrthogonal(subgradients, f, support, positions, at, '(d)', reason)
    }
  }
}

/** Condition (a), and for every unit its slope at every place, up to one positive factor; 0 on a kink. */
const slopesOf = (
  layer: TwoSlope,
  inputs: Rows,
  shape: Shape,
  reached: readonly boolean[],
  where: string
): Functions => {
  const { positive, negative } = integerSlopes(layer)
  const positions = positionsOf(shape)
  const columns = Array.from({ length: shape.channels }, (_, unit) =>
    reached.map((isReached, place) => {
      const sample = Math.floor(place / positions)
      const argument = inputs[sample][unit * positions + (place % positions)]
      if (isReached && argument === 0n) reject(`(a) ${where}`, `sample ${sample} is on the kink of unit ${unit}`)
      return argument > 0n ? positive : argument < 0n ? negative : 0n
    })
  )
  // Units with equal slopes at all places ask for the same.
  return [...new Map(columns.map((column) => [column.join(), column])).values()]
}

const requireForm = ({ pivots, functions }: Span, active: readonly boolean[], where: string): void => {
  if (pivots.length !== functions.length) {
    reject(where, `${pivots.length} pivots where there are ${functions.length} functions`)
  }
  for (const pivot of pivots) if (!active[pivot]) reject(where, `the pivot ${pivot} is no place with a residual`)
  for (const { numerators } of functions) {
    if (numerators.length !== active.length) {
      reject(where, `a function with ${numerators.length} entries where there are ${active.length} places`)
    }
  }
}

/** Condition (b): every slope times every function is the combination of the span that its pivots say. */
const requireInSpan = (
  slopes: Functions,
  functions: Functions,
  span: { readonly pivots: readonly number[]; readonly denominator: bigint; readonly functions: Functions },
  active: readonly boolean[],
  where: string,
  budget: Budget
): void => {
  const bits = greatestBitLength(functions) + greatestBitLength(slopes)
  const spanBits = greatestBitLength([...span.functions, [span.denominator]])
  spend(budget, [slopes.length, functions.length, span.functions.length + 2, active.length], bits, spanBits)
  for (const slope of slopes) {
    for (const [index, f] of functions.entries()) {
      const product = f.map((entry, place) => entry * slope[place])
      const terms = span.pivots.flatMap((pivot, a) =>
        product[pivot] === 0n ? [] : [{ coefficient: product[pivot], vector: span.functions[a] }]
      )
      for (const [place, entry] of product.entries()) {
        if (!active[place]) continue
        let sum = 0n
        for (const { coefficient, vector } of terms) sum += coefficient * vector[place]
        if (sum !== entry * span.denominator) {
          reject(`(b) ${where}`, `a slope times function ${index} is outside the span at place ${place}`)
        }
      }
    }
  }
}

/** Rejects unless conditions (a) to (d) hold. */
export const requirePathSpan = (context: Context, { spans, subgradients: given }: PathSpan): void => {
  const { problem, samples, point, evaluation, budget } = context
  const { layers } = problem.network
  const kinks = layers.filter(({ kind }) => kind === 'two-slope').length
  if (layers.some(({ kind }) => kind === 'quadratic'))
    reject('network', 'the rule is for networks without smooth layers')
  if (spans.length !== kinks) reject('spans', `${spans.length} spans where there are ${kinks} two-slope layers`)
  const subgradients = chooseSubgradients(problem, subdifferentialOf(problem, samples, evaluation), given).rows
  const activeSamples = subgradients.map((row) => row.some((entry) => entry !== 0n))
  const shapes = shapesThrough(problem.network)
  const values = forwardThrough(problem.network, point, samples.inputs, budget)
  let functions: Functions = [activeSamples.map(() => 1n)]
  let next = 0
  for (const [index, layer] of [...layers.entries()].reverse()) {
    const shape = shapes[index]
    if ((layer.kind === 'dense' || layer.kind === 'conv') && layer.bias) {
      requireBalanced(subgradients, functions, `layer ${index}`, budget)
    }
    if (layer.kind === 'dense' || layer.kind === 'flatten') {
      functions = atEveryPosition(functions, shape, budget)
    } else if (layer.kind === 'conv' || layer.kind === 'average-pool') {
      const windows = windowsOf(layer, shape, shapes[index + 1], budget)
      const through = layer.kind === 'conv' ? atEveryTap : overWindows
      functions = through(functions, windows, shape, budget)
    } else if (layer.kind === 'two-slope') {
      const where = `span ${next}`
      const span = spans[next]
      next += 1
      const active = activeSamples.flatMap((one) => Array.from({ length: positionsOf(shape) }, () => one))
      requireForm(span, active, where)
      const current = functions
      const reached = active.map((residual, place) => residual && current.some((f) => f[place] !== 0n))
      const slopes = slopesOf(layer, values[index].rows, shape, reached, where)
      const { denominator, numerators } = overOneDenominator(span.functions)
      const given = { pivots: span.pivots, denominator, functions: numerators }
      requireInSpan(slopes, functions, given, active, where, budget)
      functions = numerators
    }
  }
  requireNoMoment(subgradients, functions, samples.inputs.rows, shapes[0], budget)
}
