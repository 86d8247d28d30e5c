import type { Value } from './digests.ts'
import { type Fraction, fraction } from './fraction.ts'
import { type ProblemJson, parametersOf } from './naive.ts'

/*
 * Claims about problems with irrational losses, tried in doubles: rounding hides what is smaller than the margin, so this, too, may
 * miss a reason and does not invent one.
 */

type Claim = {
  readonly kind: string
  readonly point: Value
  readonly loss: string
  readonly better?: Value
  readonly betterLoss?: string
  readonly lower?: string
}

/** Phi(t) by Simpson's rule. */
const normalDistribution = (t: number): number => {
  const slices = 200
  const width = Math.min(Math.abs(t), 9) / slices
  let area = 0
  for (let k = 0; k <= slices; k += 1) {
    const weight = k === 0 || k === slices ? 1 : k % 2 === 1 ? 4 : 2
    area += (weight * Math.exp(-((k * width) ** 2) / 2) * width) / 3
  }
  return 0.5 + (Math.sign(t) * area) / Math.sqrt(2 * Math.PI)
}

const functions: Readonly<Record<string, (t: number) => number>> = {
  sigmoid: (t) => 1 / (1 + Math.exp(-t)),
  tanh: Math.tanh,
  arctan: Math.atan,
  softplus: (t) => Math.log1p(Math.exp(-Math.abs(t))) + Math.max(t, 0),
  elu: (t) => (t >= 0 ? t : Math.expm1(t)),
  selu: (t) => 1.0507009873554805 * (t >= 0 ? t : 1.6732632423543772 * Math.expm1(t)),
  gelu: (t) => t * normalDistribution(t),
  silu: (t) => t / (1 + Math.exp(-t)),
  sine: Math.sin
}

export const isIrrational = (problem: Value): boolean => {
  const { network, loss } = problem as ProblemJson
  return (
    network.layers.some(({ kind }) => kind === 'smooth') || loss.kind === 'logistic' || loss.kind === 'cross-entropy'
  )
}

const number = ({ n, d }: Fraction): number => Number(n) / Number(d)
const range = (length: number): readonly number[] => Array.from({ length }, (_, k) => k)

type Tensors = readonly (readonly number[])[]

/** The outputs for one sample. */
const outputsOf = (problem: ProblemJson, tensors: Tensors, input: readonly number[]): readonly number[] => {
  const { inputs } = problem.network
  let values = input
  let image = typeof inputs === 'number' ? [inputs, 1, 1] : [...inputs]
  let tensor = 0
  for (const layer of problem.network.layers) {
    if (layer.kind === 'two-slope') {
      const [p, q] = [layer.positive, layer.negative].map((slope) => number(fraction(slope)))
      values = values.map((z) => (z > 0 ? p : q) * z)
    } else if (layer.kind === 'quadratic') values = values.map((z) => z * z)
    else if (layer.kind === 'smooth') values = values.map(functions[layer.name])
    else if (layer.kind === 'flatten') image = [values.length, 1, 1]
    else if (layer.kind === 'dense') {
      const from = values
      const [weight, bias] = [tensors[tensor], layer.bias ? tensors[tensor + 1] : undefined]
      values = range(layer.outputs).map((o) =>
        from.reduce((sum, a, k) => sum + a * weight[o * from.length + k], bias?.[o] ?? 0)
      )
      image = [layer.outputs, 1, 1]
      tensor += bias ? 2 : 1
    } else {
      const [from, [channels, height, width]] = [values, image]
      const [top, left, bottom, right] = layer.kind === 'conv' ? layer.padding : [0, 0, 0, 0]
      const rows = Math.floor((height + top + bottom - layer.size[0]) / layer.stride[0]) + 1
      const columns = Math.floor((width + left + right - layer.size[1]) / layer.stride[1]) + 1
      const seen = (c: number, y: number, x: number): readonly number[] =>
        range(layer.size[0]).flatMap((i) =>
          range(layer.size[1]).map((j) => {
            const [row, column] = [y * layer.stride[0] + i - top, x * layer.stride[1] + j - left]
            const isInside = row >= 0 && column >= 0 && row < height && column < width
            return isInside ? from[(c * height + row) * width + column] : 0
          })
        )
      const outputs = layer.kind === 'conv' ? layer.outputs : channels
      const entry = (o: number, y: number, x: number): number => {
        if (layer.kind === 'max-pool') return Math.max(...seen(o, y, x))
        if (layer.kind === 'average-pool') return seen(o, y, x).reduce((a, b) => a + b) / seen(o, y, x).length
        const patch = range(channels).flatMap((c) => seen(c, y, x))
        const weight = tensors[tensor].slice(o * patch.length, (o + 1) * patch.length)
        return patch.reduce((sum, a, k) => sum + a * weight[k], layer.bias ? tensors[tensor + 1][o] : 0)
      }
      values = range(outputs).flatMap((o) => range(rows).flatMap((y) => range(columns).map((x) => entry(o, y, x))))
      image = [outputs, rows, columns]
      if (layer.kind === 'conv') tensor += layer.bias ? 2 : 1
    }
  }
  return values
}

const sampleLoss = (kind: string, f: readonly number[], y: readonly number[]): number => {
  if (kind === 'cross-entropy') {
    const top = Math.max(...f)
    const total = top + Math.log(f.reduce((sum, a) => sum + Math.exp(a - top), 0))
    return f.reduce((sum, a, o) => sum - a * y[o], total)
  }
  return f.reduce((sum, a, o) => {
    const e = Math.abs(a - y[o])
    if (kind === 'squared') return sum + (e * e) / 2
    if (kind === 'absolute') return sum + e
    if (kind === 'huber') return sum + (e <= 1 ? (e * e) / 2 : e - 0.5)
    if (kind === 'hinge') return sum + Math.max(0, 1 - a * y[o])
    return sum + functions['softplus'](a) - a * y[o]
  }, 0)
}

const zerosOf = (length: number): readonly number[] => range(length).map(() => 0)

/** The loss; with `isBalanced` that of the best output bias of one output, squared loss. */
const lossOf = (problem: ProblemJson, tensors: Tensors, isBalanced: boolean): number => {
  const complete = isBalanced ? [...tensors, zerosOf(1)] : tensors
  const targets = problem.data.targets.map((row) => row.map((y) => number(fraction(y))))
  const outputs = problem.data.inputs.map((row) =>
    outputsOf(
      problem,
      complete,
      row.map((x) => number(fraction(x)))
    )
  )
  const shift = isBalanced ? outputs.reduce((sum, f, i) => sum + targets[i][0] - f[0], 0) / outputs.length : 0
  const total = outputs.reduce(
    (sum, f, i) =>
      sum +
      sampleLoss(
        problem.loss.kind,
        f.map((a) => a + shift),
        targets[i]
      ),
    0
  )
  return problem.loss.reduction === 'mean' ? total / outputs.length : total
}

/** The loss without weight decay. */
export const floatLoss = (problem: ProblemJson, tensors: Tensors): number => lossOf(problem, tensors, false)

const margin = 1e-9

/** The zero of the derivative at which hidden biases rest. */
const restingPlaces: Readonly<Record<string, number | undefined>> = {
  gelu: -0.7517915246935645,
  silu: -1.278464542761074,
  sine: Math.PI / 2
}

const falsifySaddle = (problem: ProblemJson, [weight, outer]: Tensors, loss: number): string | undefined => {
  const activation = problem.network.layers[1]
  const rest = activation.kind === 'smooth' ? restingPlaces[activation.name] : undefined
  if (rest === undefined) return 'nowhere is the derivative zero'
  const at = (moves: readonly number[]): number => {
    const biases = outer.map((_, k) => rest + moves[weight.length + k])
    const last = moves.slice(weight.length + outer.length)
    return lossOf(problem, [weight.map((a, k) => a + moves[k]), biases, outer.map((a, k) => a + last[k])], true)
  }
  const still = zerosOf(weight.length + 2 * outer.length)
  if (Math.abs(at(still) - loss) > margin) return `the loss is about ${at(still)}`
  const changes = still.flatMap((_, k) => {
    const along = (t: number): number => at(still.map((a, j) => (j === k ? a + t : a))) - loss
    return [along(1e-4), along(-1e-4)]
  })
  if (changes.some((change) => Math.abs(change) > 1e-5 * (1 + Math.max(...outer.map(Math.abs)))))
    return 'the gradient is not zero'
  return undefined
}

export const falsifyIrrational = (problemValue: Value, claim: Claim, count: number): string | undefined => {
  const problem = problemValue as ProblemJson
  const tensorsOf = (at: Value): number[][] => parametersOf(at).map((tensor) => tensor.map(number))
  const tensors = tensorsOf(claim.point)
  const loss = number(fraction(claim.loss))
  if (claim.kind === 'value-between') {
    const found = lossOf(problem, tensors, false)
    const isBetween = number(fraction(claim.lower ?? '0')) - margin <= found && found <= loss + margin
    return isBetween ? undefined : `the loss is about ${found}`
  }
  if (claim.kind === 'saddle') return falsifySaddle(problem, tensors, loss)
  const found = lossOf(problem, tensors, true)
  if (Math.abs(found - loss) > margin) return `the loss is about ${found}`
  if (claim.better !== undefined) {
    const better = lossOf(problem, tensorsOf(claim.better), false)
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
    if (lossOf(problem, moved, true) < loss - margin) return `the loss is smaller nearby, within ${size}`
  }
  return undefined
}
