import type { Value } from './digests.ts'
import { type Fraction, fraction } from './fraction.ts'
import { type ProblemJson, parametersOf } from './naive.ts'
import { floatLoss } from './smooth-float.ts'

/*
 * Claims that there is a minimum within a wide box, tried in doubles: descends from the point and looks where it ends.
 */

/** A claim `local-minimum-nearby`. */
export type NearbyJson = {
  readonly point: Value
  readonly radius: string
  readonly loss: string
  readonly lower: string
}
type Decay = { readonly factor: string; readonly biases: boolean }

const number = ({ n, d }: Fraction): number => Number(n) / Number(d)

/** Boxes that are no wider than this are left to the exact test. */
export const narrow: Fraction = fraction('1/1048576')

/** The loss with its weight decay, in doubles. */
export const decayedLoss = (problemValue: Value, tensors: readonly (readonly number[])[]): number => {
  const problem = problemValue as ProblemJson
  const { decay } = problemValue as { readonly decay?: Decay }
  const decays = problem.network.layers.flatMap((layer) => {
    if (layer.kind !== 'dense' && layer.kind !== 'conv') return []
    return layer.bias ? [true, decay?.biases === true] : [true]
  })
  const factor = decay === undefined ? 0 : number(fraction(decay.factor))
  const squares = tensors.flatMap((part, k) => (decays[k] ? part : [])).reduce((sum, x) => sum + x * x, 0)
  return floatLoss(problem, tensors) + (factor / 2) * squares
}

/** Short descents from many points beside a kink, each as far as a slope without kinks would be right: none ends below it. */
const falsifyOnKinks = (
  lossAt: (at: readonly number[]) => number,
  start: readonly number[],
  radius: number
): string | undefined => {
  const size = 2 ** -12
  if (radius > size / 2 ** 20) return undefined
  const least = lossAt(start) - 1e-12
  let state = 1
  const random = (): number => {
    state = (state * 48271) % 2147483647
    return state / 2147483647 - 0.5
  }
  for (let round = 0; round < 20; round += 1) {
    let here = start.map((x) => x + size * random())
    let step = size / 2
    for (let k = 0; k < 12; k += 1) {
      const base = lossAt(here)
      const slope = here.map((_, at) => lossAt(here.with(at, here[at] + 1e-9)) - base)
      const steepest = Math.max(...slope.map(Math.abs), 1e-300)
      const next = here.map((x, at) => x - (step * slope[at]) / steepest)
      if (lossAt(next) < base) here = next
      else step /= 3
    }
    if (lossAt(here) < least) return 'the loss is smaller beside it'
  }
  return undefined
}

/** Why the claim is false, or undefined when nothing was found. */
export const falsifyByDescent = (problem: Value, claim: NearbyJson): string | undefined => {
  const tensors = parametersOf(claim.point).map((tensor) => tensor.map(number))
  const lossAt = (at: readonly number[]): number => {
    let next = 0
    return decayedLoss(
      problem,
      tensors.map((tensor) => tensor.map(() => at[next++]))
    )
  }
  const start = tensors.flat()
  const radius = number(fraction(claim.radius))
  const gradient = (at: readonly number[]): number[] =>
    at.map((_, k) => {
      const along = (t: number): number => lossAt(at.map((x, j) => (j === k ? x + t : x)))
      return (along(1e-5) - along(-1e-5)) / 2e-5
    })
  let here = start
  let slope = gradient(here)
  let step = 0.1
  for (let round = 0; round < 300 && slope.some((s) => Math.abs(s) > 1e-8); round += 1) {
    const next = here.map((x, k) => x - step * slope[k])
    if (lossAt(next) <= lossAt(here)) {
      here = next
      slope = gradient(here)
      step *= 1.2
    } else step /= 2
  }
  if (slope.some((s) => Math.abs(s) > 1e-7)) return falsifyOnKinks(lossAt, start, radius)
  const distance = Math.max(...here.map((x, k) => Math.abs(x - start[k])))
  if (distance > radius + 1e-5) return `the descent ends ${distance} away`
  const found = lossAt(here)
  const isBetween = number(fraction(claim.lower)) - 1e-9 <= found && found <= number(fraction(claim.loss)) + 1e-9
  if (!isBetween) return `the loss there is about ${found}`
  let state = 1
  const random = (): number => {
    state = (state * 48271) % 2147483647
    return state / 2147483647 - 0.5
  }
  for (let round = 0; round < 40; round += 1) {
    if (lossAt(here.map((x) => x + 2 ** -10 * random())) < found - 1e-9) return 'the loss is smaller beside it'
  }
  return undefined
}
