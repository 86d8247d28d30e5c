import { type Budget, spend } from '../budget.ts'
import { decayingTensors } from '../decay.ts'
import { evaluate } from '../evaluate.ts'
import { bitLength, greatestBitLength, magnitude } from '../integers.ts'
import { integerSlopes } from '../parameters.ts'
import type { Dense, Problem, TwoSlope } from '../problem.ts'
import type { Rational } from '../rational.ts'
import type { Samples } from '../samples.ts'

/** A box of parameters, tensor by tensor, over one positive denominator. */
export type Box = {
  readonly low: readonly (readonly bigint[])[]
  readonly high: readonly (readonly bigint[])[]
  readonly denominator: bigint
}

/** Both ends over a denominator that is known from the place. */
type Interval = readonly [bigint, bigint]
type Grid = { readonly rows: readonly (readonly Interval[])[]; readonly denominator: bigint }

const nothing: Interval = [0n, 0n]

const times = ([a, b]: Interval, [c, d]: Interval): Interval => {
  const products = [a * c, a * d, b * c, b * d]
  let low = products[0]
  let high = low
  for (const product of products) {
    if (product < low) low = product
    if (product > high) high = product
  }
  return [low, high]
}
const plus = ([a, b]: Interval, [c, d]: Interval): Interval => [a + c, b + d]
const stretched = ([a, b]: Interval, factor: bigint): Interval =>
  factor < 0n ? [b * factor, a * factor] : [a * factor, b * factor]
const greatestSize = ([a, b]: Interval): bigint => (magnitude(a) > magnitude(b) ? magnitude(a) : magnitude(b))
const distanceFromZero = ([a, b]: Interval): bigint => (a > 0n ? a : b < 0n ? -b : 0n)

type Slopes = ReturnType<typeof integerSlopes>

const valueAt = ({ positive, negative }: Slopes, t: bigint): bigint => (t >= 0n ? positive : negative) * t

const valuesOn = (slopes: Slopes, [a, b]: Interval): Interval => {
  const ends = [valueAt(slopes, a), valueAt(slopes, b), ...(a < 0n && b > 0n ? [0n] : [])]
  return ends.reduce<Interval>(
    ([low, high], end) => [end < low ? end : low, end > high ? end : high],
    [ends[0], ends[0]]
  )
}

const slopesOn = ({ positive, negative }: Slopes, [a, b]: Interval): Interval => {
  if (a >= 0n) return [positive, positive]
  if (b <= 0n) return [negative, negative]
  return positive < negative ? [positive, negative] : [negative, positive]
}

const sumOf = (rationals: readonly Rational[]): Rational =>
  rationals.reduce(
    (total, { numerator, denominator }) =>
      total.denominator === denominator
        ? { numerator: total.numerator + numerator, denominator }
        : {
            numerator: total.numerator * denominator + numerator * total.denominator,
            denominator: total.denominator * denominator
          },
    { numerator: 0n, denominator: 1n }
  )

/** A network of dense and two-slope layers on a box: what each layer is applied to, then the outputs. */
const forwardOn = (
  layers: readonly (Dense | TwoSlope)[],
  tensors: readonly (readonly Interval[])[],
  inputs: Grid,
  denominator: bigint
): readonly Grid[] => {
  const grids = [inputs]
  let tensor = 0
  for (const layer of layers) {
    const before = grids[grids.length - 1]
    if (layer.kind === 'two-slope') {
      const slopes = integerSlopes(layer)
      grids.push({
        rows: before.rows.map((row) => row.map((argument) => valuesOn(slopes, argument))),
        denominator: before.denominator * slopes.denominator
      })
      continue
    }
    const weight = tensors[tensor]
    const bias = layer.bias ? tensors[tensor + 1] : undefined
    tensor += layer.bias ? 2 : 1
    const width = before.rows[0].length
    grids.push({
      rows: before.rows.map((row) =>
        Array.from({ length: layer.outputs }, (_, output) => {
          let sum: Interval = bias === undefined ? nothing : stretched(bias[output], before.denominator)
          for (const [entry, value] of row.entries()) sum = plus(sum, times(weight[output * width + entry], value))
          return sum
        })
      ),
      denominator: before.denominator * denominator
    })
  }
  return grids
}

/** The intervals of the derivatives of sum_i,o e^2 / 2, tensor by tensor, each tensor over its denominator. */
const derivativesOn = (
  layers: readonly (Dense | TwoSlope)[],
  tensors: readonly (readonly Interval[])[],
  grids: readonly Grid[],
  errors: Grid,
  denominator: bigint
): readonly { readonly entries: readonly Interval[]; readonly denominator: bigint }[] => {
  const found: { readonly entries: readonly Interval[]; readonly denominator: bigint }[] = []
  let back = errors
  let tensor = tensors.length
  for (const [index, layer] of [...layers.entries()].reverse()) {
    const before = grids[index]
    if (layer.kind === 'two-slope') {
      const slopes = integerSlopes(layer)
      back = {
        rows: back.rows.map((row, sample) =>
          row.map((delta, unit) => times(delta, slopesOn(slopes, before.rows[sample][unit])))
        ),
        denominator: back.denominator * slopes.denominator
      }
      continue
    }
    tensor -= layer.bias ? 2 : 1
    const weight = tensors[tensor]
    const width = before.rows[0].length
    const sumOver = (term: (sample: number) => Interval): Interval =>
      back.rows.reduce<Interval>((sum, _, sample) => plus(sum, term(sample)), nothing)
    if (layer.bias) {
      const entries = Array.from({ length: layer.outputs }, (_, output) =>
        sumOver((sample) => back.rows[sample][output])
      )
      found.push({ entries, denominator: back.denominator })
    }
    found.push({
      entries: weight.map((_, at) =>
        sumOver((sample) => times(back.rows[sample][Math.floor(at / width)], before.rows[sample][at % width]))
      ),
      denominator: back.denominator * before.denominator
    })
    if (index === 0) break
    const above = back
    back = {
      rows: above.rows.map((row) =>
        Array.from({ length: width }, (_, entry) =>
          row.reduce<Interval>((sum, delta, output) => plus(sum, times(weight[output * width + entry], delta)), nothing)
        )
      ),
      denominator: above.denominator * denominator
    }
  }
  return found.reverse()
}

/** The numbers b_1 and b_2 of a box: no parameters of it have a smaller loss than either. Exact. */
export const boundsOnBox = (
  problem: Problem,
  layers: readonly (Dense | TwoSlope)[],
  samples: Samples,
  box: Box,
  budget: Budget
): readonly [Rational, Rational] => {
  const { denominator, low, high } = box
  const { inputs, targets } = samples
  const count = inputs.rows.length
  const tensors = low.map((entries, tensor) => entries.map((entry, k): Interval => [entry, high[tensor][k]]))
  const size = low.reduce((total, { length }) => total + length, 0)
  const parameterBits = greatestBitLength([...low, ...high])
  const dataBits = greatestBitLength([...inputs.rows, ...targets.rows]) + bitLength(targets.denominator)
  // Every number of the two passes is shorter than this.
  const bits = 2 * (layers.length + 1) * (parameterBits + bitLength(denominator) + 32) + 2 * dataBits
  spend(budget, [16, count, size + 1], bits, parameterBits + dataBits)
  spend(budget, [8, size + layers.length], bits, bits)
  const exact = inputs.rows.map((row) => row.map((entry): Interval => [entry, entry]))
  const grids = forwardOn(layers, tensors, { rows: exact, denominator: inputs.denominator }, denominator)
  const outputs = grids[grids.length - 1]
  const errors: Grid = {
    rows: outputs.rows.map((row, sample) =>
      row.map((value, output): Interval => {
        const [least, most] = stretched(value, targets.denominator)
        const target = targets.rows[sample][output] * outputs.denominator
        return [least - target, most - target]
      })
    ),
    denominator: outputs.denominator * targets.denominator
  }
  const shares = problem.loss.reduction === 'mean' ? BigInt(count) : 1n
  let squares = 0n
  for (const row of errors.rows) for (const error of row) squares += distanceFromZero(error) ** 2n
  const { decay } = problem
  const decays = decayingTensors(problem)
  let decayed = 0n
  for (const [tensor, entries] of tensors.entries()) {
    if (decays[tensor]) for (const entry of entries) decayed += distanceFromZero(entry) ** 2n
  }
  const factor = decay?.factor ?? { numerator: 0n, denominator: 1n }
  const first = sumOf([
    { numerator: squares, denominator: 2n * shares * errors.denominator * errors.denominator },
    { numerator: factor.numerator * decayed, denominator: 2n * factor.denominator * denominator * denominator }
  ])
  const middle = low.map((entries, tensor) => ({
    denominator: 2n * denominator,
    numerators: entries.map((entry, k) => entry + high[tensor][k])
  }))
  const reaches = derivativesOn(layers, tensors, grids, errors, denominator).map((tensorDerivatives, tensor) => {
    const below = shares * tensorDerivatives.denominator
    const decaying = decays[tensor] ? factor.numerator : 0n
    let sum = 0n
    for (const [k, derivative] of tensorDerivatives.entries.entries()) {
      // The derivative over below, and the decay over factor.denominator * denominator.
      const whole = plus(
        stretched(derivative, factor.denominator * denominator),
        stretched(tensors[tensor][k], decaying * below)
      )
      sum -= (high[tensor][k] - low[tensor][k]) * greatestSize(whole)
    }
    return { numerator: sum, denominator: 2n * denominator * below * factor.denominator * denominator }
  })
  return [first, sumOf([evaluate(problem, samples, middle, budget).loss, ...reaches])]
}
