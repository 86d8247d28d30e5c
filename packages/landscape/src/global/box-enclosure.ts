import { compare, fromNumber, type RationalVector, rational, ratioToNumber } from '@nadir/arithmetic'
import type { Problem } from '../problem.ts'

/** Ends of an interval as doubles, rounded outwards: it contains all values. */
interface Intervals {
  readonly low: Float64Array
  readonly high: Float64Array
}

/** The next doubles; a step of one unit in the last place outwards, or of the smallest double. */
const down = (x: number): number => x - (Math.abs(x) * 2 ** -52 + Number.MIN_VALUE)
const up = (x: number): number => x + (Math.abs(x) * 2 ** -52 + Number.MIN_VALUE)

/** What is known about the loss on a box: a number that it does not go below, and the reach of every parameter, its half width times the greatest derivative. */
export interface BoxEnclosure {
  readonly bound: number
  readonly reaches: Float64Array
}

type Step =
  | {
      readonly kind: 'dense'
      readonly weight: number
      readonly bias: number
      readonly from: number
      readonly to: number
    }
  | { readonly kind: 'two-slope'; readonly positive: number; readonly negative: number; readonly width: number }

/**
 * The two numbers of the rule box-tree, the greater of them, on boxes of parameters of a network of dense and two-slope layers with squared loss. Enclosed: every
 * operation is rounded outwards, so that the exact numbers are at least as large. Undefined for other networks and for slopes that are not doubles.
 */
export function boxEnclosure(problem: Problem): ((low: Float64Array, high: Float64Array) => BoxEnclosure) | undefined {
  const { network, data, loss, reduction, decayBiases } = problem
  if (loss !== 'squared' || network.inputs.length !== 1) return undefined
  const steps: Step[] = []
  const decays: boolean[] = []
  let width = network.inputs[0]!
  for (const layer of network.layers) {
    if (layer.kind === 'activation' && layer.activation.kind === 'two-slope') {
      const [positive, negative] = [layer.activation.positive, layer.activation.negative].map(
        ({ numerator, denominator }) => ratioToNumber(numerator, denominator)
      )
      if (
        compare(fromNumber(positive!), layer.activation.positive) !== 0 ||
        compare(fromNumber(negative!), layer.activation.negative) !== 0
      )
        return undefined
      steps.push({ kind: 'two-slope', positive: positive!, negative: negative!, width })
    } else if (layer.kind === 'dense') {
      const weight = decays.length
      for (let k = 0; k < width * layer.outputs; k++) decays.push(true)
      const bias = layer.bias ? decays.length : -1
      for (let k = 0; layer.bias && k < layer.outputs; k++) decays.push(decayBiases)
      steps.push({ kind: 'dense', weight, bias, from: width, to: layer.outputs })
      width = layer.outputs
    } else return undefined
  }
  const size = decays.length
  const X = enclosed(data.inputs)
  const Y = enclosed(data.targets)
  const n = data.samples
  const [inputs, outputs] = [data.inputCount, data.targetCount]
  const lambda = enclosed({ numerators: [problem.weightDecay.numerator], denominator: problem.weightDecay.denominator })
  const share = reduction === 'mean' ? enclosed({ numerators: [1n], denominator: BigInt(n) }) : point(1)
  const values = [inputs, ...steps.map((step) => (step.kind === 'dense' ? step.to : step.width))].map(intervals)
  let back = intervals(1)
  let next = intervals(1)

  const forward = (low: Float64Array, high: Float64Array, sample: number): void => {
    const first = values[0]!
    for (let e = 0; e < inputs; e++) {
      first.low[e] = X.low[sample * inputs + e]!
      first.high[e] = X.high[sample * inputs + e]!
    }
    for (const [l, step] of steps.entries()) {
      const before = values[l]!
      const after = values[l + 1]!
      if (step.kind === 'dense')
        for (let o = 0; o < step.to; o++) {
          let least = step.bias < 0 ? 0 : low[step.bias + o]!
          let most = step.bias < 0 ? 0 : high[step.bias + o]!
          for (let e = 0; e < step.from; e++) {
            const w = step.weight + o * step.from + e
            multiply(low[w]!, high[w]!, before.low[e]!, before.high[e]!)
            least = down(least + productLow)
            most = up(most + productHigh)
          }
          after.low[o] = least
          after.high[o] = most
        }
      else
        for (let k = 0; k < step.width; k++) {
          const [a, b] = [before.low[k]!, before.high[k]!]
          const ends = [valueAt(step, a), valueAt(step, b), ...(a < 0 && b > 0 ? [0] : [])]
          after.low[k] = down(Math.min(...ends))
          after.high[k] = up(Math.max(...ends))
        }
    }
  }

  return (low, high) => {
    const derivative = intervals(size)
    let squares = 0
    for (let i = 0; i < n; i++) {
      forward(low, high, i)
      const out = values[values.length - 1]!
      back = intervals(outputs)
      for (let o = 0; o < outputs; o++) {
        back.low[o] = down(out.low[o]! - Y.high[i * outputs + o]!)
        back.high[o] = up(out.high[o]! - Y.low[i * outputs + o]!)
        const distance = Math.max(0, back.low[o]!, -back.high[o]!)
        squares = Math.max(0, down(squares + down(distance * distance)))
      }
      for (let l = steps.length - 1; l >= 0; l--) {
        const step = steps[l]!
        const before = values[l]!
        if (step.kind === 'two-slope') {
          for (let k = 0; k < step.width; k++) {
            const [a, b] = [before.low[k]!, before.high[k]!]
            const [least, most] =
              a >= 0
                ? [step.positive, step.positive]
                : b <= 0
                  ? [step.negative, step.negative]
                  : [Math.min(step.positive, step.negative), Math.max(step.positive, step.negative)]
            multiply(back.low[k]!, back.high[k]!, least, most)
            back.low[k] = productLow
            back.high[k] = productHigh
          }
          continue
        }
        next = intervals(step.from)
        for (let o = 0; o < step.to; o++) {
          if (step.bias >= 0) accumulate(derivative, step.bias + o, back.low[o]!, back.high[o]!)
          for (let e = 0; e < step.from; e++) {
            const w = step.weight + o * step.from + e
            multiply(back.low[o]!, back.high[o]!, before.low[e]!, before.high[e]!)
            accumulate(derivative, w, productLow, productHigh)
            multiply(back.low[o]!, back.high[o]!, low[w]!, high[w]!)
            accumulate(next, e, productLow, productHigh)
          }
        }
        back = next
      }
    }
    let decayed = 0
    const reaches = new Float64Array(size)
    let reach = 0
    for (let k = 0; k < size; k++) {
      multiply(derivative.low[k]!, derivative.high[k]!, share.low[0]!, share.high[0]!)
      let [least, most] = [productLow, productHigh]
      if (decays[k]) {
        const distance = Math.max(0, low[k]!, -high[k]!)
        decayed = Math.max(0, down(decayed + down(distance * distance)))
        multiply(low[k]!, high[k]!, lambda.low[0]!, lambda.high[0]!)
        least = down(least + productLow)
        most = up(most + productHigh)
      }
      reaches[k] = up(up((high[k]! - low[k]!) / 2) * Math.max(Math.abs(least), Math.abs(most)))
      reach = up(reach + reaches[k]!)
    }
    const first = down(down(down(squares / 2) * share.low[0]!) + Math.max(0, down(down(decayed / 2) * lambda.low[0]!)))
    return { bound: Math.max(0, first, down(lossBelow(low, high) - reach)), reaches }
  }

  /** A number that the loss in the middle of the box is not below: the first number of the rule on the box of that point. */
  function lossBelow(low: Float64Array, high: Float64Array): number {
    const middle = low.map((end, k) => (end + high[k]!) / 2)
    let squares = 0
    for (let i = 0; i < n; i++) {
      forward(middle, middle, i)
      const out = values[values.length - 1]!
      for (let o = 0; o < outputs; o++) {
        const distance = Math.max(
          0,
          down(out.low[o]! - Y.high[i * outputs + o]!),
          -up(out.high[o]! - Y.low[i * outputs + o]!)
        )
        squares = Math.max(0, down(squares + down(distance * distance)))
      }
    }
    let decayed = 0
    for (let k = 0; k < size; k++) if (decays[k]) decayed = Math.max(0, down(decayed + down(middle[k]! * middle[k]!)))
    return down(down(down(squares / 2) * share.low[0]!) + Math.max(0, down(down(decayed / 2) * lambda.low[0]!)))
  }
}

let productLow = 0
let productHigh = 0

/** The interval of all products, into productLow and productHigh. */
function multiply(a: number, b: number, c: number, d: number): void {
  const ac = a * c
  const ad = a * d
  const bc = b * c
  const bd = b * d
  productLow = down(Math.min(ac, ad, bc, bd))
  productHigh = up(Math.max(ac, ad, bc, bd))
}

function accumulate(into: Intervals, k: number, low: number, high: number): void {
  into.low[k] = down(into.low[k]! + low)
  into.high[k] = up(into.high[k]! + high)
}

const valueAt = ({ positive, negative }: { positive: number; negative: number }, t: number): number =>
  (t >= 0 ? positive : negative) * t

const intervals = (size: number): Intervals => ({ low: new Float64Array(size), high: new Float64Array(size) })
const point = (x: number): Intervals => ({ low: Float64Array.of(x), high: Float64Array.of(x) })

/** Rationals between doubles; those that are doubles stay points. */
function enclosed({ numerators, denominator }: RationalVector): Intervals {
  const near = Float64Array.from(numerators, (numerator) => ratioToNumber(numerator, denominator))
  const isExact = numerators.map(
    (numerator, k) => compare(fromNumber(near[k]!), rational(numerator, denominator)) === 0
  )
  return { low: near.map((x, k) => (isExact[k] ? x : down(x))), high: near.map((x, k) => (isExact[k] ? x : up(x))) }
}
