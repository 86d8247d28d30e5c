import type { Value } from './digests.ts'
import { type Fraction, fraction } from './fraction.ts'
import { type ProblemJson, parametersOf } from './naive.ts'

/*
 * Claims about smooth networks with one hidden layer, tried in doubles: rounding hides what is smaller than the margin, so
 * this, too, may miss a reason and does not invent one.
 */

type Claim = { readonly point: Value; readonly loss: string; readonly better?: Value; readonly betterLoss?: string }

const functions: Readonly<Record<string, (t: number) => number>> = {
  sigmoid: (t) => 1 / (1 + Math.exp(-t)),
  tanh: Math.tanh,
  arctan: Math.atan,
  softplus: (t) => Math.log1p(Math.exp(-Math.abs(t))) + Math.max(t, 0),
  elu: (t) => (t >= 0 ? t : Math.expm1(t)),
  selu: (t) => 1.0507009873554805 * (t >= 0 ? t : 1.6732632423543772 * Math.expm1(t))
}

export const isSmooth = (problem: Value): boolean =>
  (problem as ProblemJson).network.layers.some(({ kind }) => kind === 'smooth')

const number = ({ n, d }: Fraction): number => Number(n) / Number(d)

/** Half the sum of squares (or the mean) without the output bias, then with it; without one the best one is taken. */
const lossOf = (problem: ProblemJson, tensors: readonly (readonly number[])[]): number => {
  const [hidden, activation] = problem.network.layers
  if (hidden.kind !== 'dense' || activation.kind !== 'smooth') throw new Error('another network')
  const at = functions[activation.name]
  const [weight, ...rest] = tensors
  const biases = hidden.bias ? rest[0] : weight.map(() => 0)
  const [outer, constant] = hidden.bias ? rest.slice(1) : rest
  const xs = problem.data.inputs.map((row) => row.map((x) => number(fraction(x))))
  const errors = xs.map((x, i) => {
    const units = Array.from({ length: hidden.outputs }, (_, j) =>
      at(x.reduce((sum, a, k) => sum + a * weight[j * x.length + k], biases[j]))
    )
    return units.reduce((sum, h, j) => sum + outer[j] * h, 0) - number(fraction(problem.data.targets[i][0]))
  })
  const mean = errors.reduce((a, b) => a + b, 0) / errors.length
  const shift = constant === undefined ? -mean : constant[0]
  const total = errors.reduce((sum, e) => sum + (e + shift) ** 2 / 2, 0)
  return problem.loss.reduction === 'mean' ? total / errors.length : total
}

const margin = 1e-9

export const falsifySmooth = (problemValue: Value, claim: Claim, count: number): string | undefined => {
  const problem = problemValue as ProblemJson
  const tensorsOf = (at: Value): number[][] => parametersOf(at).map((tensor) => tensor.map(number))
  const tensors = tensorsOf(claim.point)
  const loss = number(fraction(claim.loss))
  if (Math.abs(lossOf(problem, tensors) - loss) > margin) return `the loss is about ${lossOf(problem, tensors)}`
  if (claim.better !== undefined) {
    const better = lossOf(problem, tensorsOf(claim.better))
    if (better > number(fraction(claim.betterLoss ?? '0')) + margin) return `the better loss is about ${better}`
  }
  let state = 1
  const random = (): number => {
    state = (state * 48271) % 2147483647
    return state / 2147483647 - 0.5
  }
  for (let k = 0; k < 20 * count; k += 1) {
    const size = 2 ** -(9 + (k % 3))
    const moved = tensors.map((tensor) => tensor.map((entry) => entry + size * random()))
    if (lossOf(problem, moved) < loss - margin) return `the loss is smaller nearby, within ${size}`
  }
  return undefined
}
