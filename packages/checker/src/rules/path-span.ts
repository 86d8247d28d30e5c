import { type Budget, spend } from '../budget.ts'
import type { PathSpan, Span } from '../deep-evidence.ts'
import { forwardThrough } from '../forward.ts'
import { greatestBitLength } from '../integers.ts'
import { reject } from '../outcome.ts'
import { integerSlopes, overOneDenominator } from '../parameters.ts'
import type { TwoSlope } from '../problem.ts'
import type { Scaled } from '../samples.ts'
import { chooseSubgradients, subdifferentialOf } from '../subdifferential.ts'
import type { Context } from './context.ts'

/** Functions on the samples, each up to a positive factor, as lists of integers. */
type Functions = readonly (readonly bigint[])[]

/** Rejects unless sum_i r_i^o f(i) factor(i) = 0 for every output o. */
const requireOrthogonal = (
  subgradients: Scaled['rows'],
  f: readonly bigint[],
  factor: (sample: number) => bigint,
  step: string,
  reason: string
): void => {
  for (let output = 0; output < subgradients[0].length; output += 1) {
    const sum = subgradients.reduce((total, row, sample) => total + row[output] * f[sample] * factor(sample), 0n)
    if (sum !== 0n) reject(step, `${reason}, output ${output}`)
  }
}

/** Condition (c) for one dense layer with a bias. */
export const requireBalanced = (
  subgradients: Scaled['rows'],
  functions: Functions,
  where: string,
  budget: Budget
): void => {
  const bits = greatestBitLength(subgradients)
  spend(budget, [functions.length, subgradients.length, subgradients[0].length], bits, greatestBitLength(functions))
  for (const [index, f] of functions.entries()) {
    requireOrthogonal(subgradients, f, () => 1n, `(c) ${where}`, `the residuals do not balance function ${index}`)
  }
}

/** Condition (d). */
export const requireNoMoment = (
  subgradients: Scaled['rows'],
  functions: Functions,
  inputs: Scaled['rows'],
  budget: Budget
): void => {
  const counts = [2, functions.length, subgradients.length, subgradients[0].length, inputs[0].length]
  const bits = greatestBitLength(subgradients) + greatestBitLength(functions)
  spend(budget, counts, bits, greatestBitLength(inputs))
  for (const [index, f] of functions.entries()) {
    for (let entry = 0; entry < inputs[0].length; entry += 1) {
      const reason = `the residuals do not balance function ${index} times input ${entry}`
      requireOrthogonal(subgradients, f, (sample) => inputs[sample][entry], '(d)', reason)
    }
  }
}

/** Condition (a), and the slope of every unit at every sample, up to one positive factor; 0 on a kink. */
const slopesOf = (
  layer: TwoSlope,
  inputs: Scaled['rows'],
  reached: readonly boolean[],
  where: string
): readonly (readonly bigint[])[] => {
  const { positive, negative } = integerSlopes(layer)
  for (const [sample, row] of inputs.entries()) {
    if (reached[sample] && row.includes(0n)) reject(`(a) ${where}`, `sample ${sample} is on the kink of a unit`)
  }
  const columns = inputs[0].map((_, unit) =>
    inputs.map((row) => (row[unit] > 0n ? positive : row[unit] < 0n ? negative : 0n))
  )
  // Units with equal slopes at all samples ask for the same.
  return [...new Map(columns.map((column) => [column.join(), column])).values()]
}

const requireForm = ({ pivots, functions }: Span, active: readonly boolean[], where: string): void => {
  if (pivots.length !== functions.length) {
    reject(where, `${pivots.length} pivots where there are ${functions.length} functions`)
  }
  for (const pivot of pivots) if (!active[pivot]) reject(where, `the pivot ${pivot} is no sample with a residual`)
  for (const { numerators } of functions) {
    if (numerators.length !== active.length) {
      reject(where, `a function with ${numerators.length} entries where there are ${active.length} samples`)
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
      const product = f.map((entry, sample) => entry * slope[sample])
      const coefficients = span.pivots.map((pivot) => product[pivot])
      for (const [sample, entry] of product.entries()) {
        if (!active[sample]) continue
        let sum = 0n
        for (const [a, coefficient] of coefficients.entries()) {
          if (coefficient !== 0n) sum += coefficient * span.functions[a][sample]
        }
        if (sum !== entry * span.denominator) {
          reject(`(b) ${where}`, `a slope times function ${index} is outside the span at sample ${sample}`)
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
  if (spans.length !== kinks) reject('spans', `${spans.length} spans where there are ${kinks} two-slope layers`)
  const subgradients = chooseSubgradients(problem, subdifferentialOf(problem, samples, evaluation), given).rows
  const active = subgradients.map((row) => row.some((entry) => entry !== 0n))
  const values = forwardThrough(problem.network, point, samples.inputs, budget)
  let functions: Functions = [active.map(() => 1n)]
  let next = 0
  for (const [index, layer] of [...layers.entries()].reverse()) {
    if (layer.kind === 'dense') {
      if (layer.bias) requireBalanced(subgradients, functions, `layer ${index}`, budget)
      continue
    }
    const where = `span ${next}`
    const span = spans[next]
    next += 1
    requireForm(span, active, where)
    const current = functions
    const reached = active.map((residual, sample) => residual && current.some((f) => f[sample] !== 0n))
    const slopes = slopesOf(layer, values[index].rows, reached, where)
    const { denominator, numerators } = overOneDenominator(span.functions)
    requireInSpan(slopes, functions, { pivots: span.pivots, denominator, functions: numerators }, active, where, budget)
    functions = numerators
  }
  requireNoMoment(subgradients, functions, samples.inputs.rows, budget)
}
