import { fixedLosses } from './fixed-loss.ts'
import { bits, toDouble } from './fixed-number.ts'
import type { Kink, KinkNetwork } from './kink-network.ts'
import { isShared, type SharedLayer } from './shared-reads.ts'

const times = (a: bigint, b: bigint): bigint => (a * b) >> bits

/** The equations whose zero is the minimum: derivatives of the frozen function with its multipliers, and the arguments at the kinks. */
export interface FixedResidual {
  readonly gradient: readonly bigint[]
  readonly kinks: readonly bigint[]
  /** Smallest argument of a hidden unit that is no kink. */
  readonly leastArgument: number
  /** Whether every such argument has the sign that its slope stands for. */
  readonly signsAgree: boolean
  readonly loss: bigint
}

export interface FixedData {
  readonly inputs: readonly bigint[]
  readonly targets: readonly bigint[]
  readonly slopes: readonly { readonly positive: bigint; readonly negative: bigint }[]
  readonly decays: readonly bigint[]
}

/** The data of a problem to the same number of bits. */
export function fixedData(network: KinkNetwork): FixedData {
  const { data, weightDecay, network: architecture } = network.problem
  const ratio = (p: bigint, q: bigint): bigint => ((p << (bits + 1n)) / q + 1n) >> 1n
  const decay = ratio(weightDecay.numerator, weightDecay.denominator)
  return {
    inputs: data.inputs.numerators.map((x) => ratio(x, data.inputs.denominator)),
    targets: data.targets.numerators.map((x) => ratio(x, data.targets.denominator)),
    slopes: network.isLinear
      ? network.layers.map(() => ({ positive: 1n << bits, negative: 1n << bits }))
      : architecture.layers.flatMap((layer) =>
          layer.kind === 'activation' && layer.activation.kind === 'two-slope'
            ? [
                {
                  positive: ratio(layer.activation.positive.numerator, layer.activation.positive.denominator),
                  negative: ratio(layer.activation.negative.numerator, layer.activation.negative.denominator)
                }
              ]
            : []
        ),
    decays: Array.from(network.decays, (d) => (d === 0 ? 0n : decay))
  }
}

/** What a layer with shared parameters gives on one sample, without its biases, in units of 2^-2bits. */
function sharedSums(
  { outputs, reads }: SharedLayer,
  theta: readonly bigint[],
  h: readonly bigint[]
): readonly bigint[] {
  const sums = new Array<bigint>(outputs).fill(0n)
  for (let k = 0; k < reads.given.length; k++) {
    const u = reads.given[k]!
    sums[u] = sums[u]! + theta[reads.parameters[k]!]! * h[reads.entries[k]!]!
  }
  return sums.map((sum) => sum / BigInt(reads.divisor))
}

/** Adds what one sample gives to the gradient of the weights; the adjoints below, in units of 2^-2bits. */
function sharedBelow(
  { inputs, reads }: SharedLayer,
  theta: readonly bigint[],
  h: readonly bigint[],
  delta: readonly bigint[],
  gradient: bigint[]
): bigint[] {
  const below = new Array<bigint>(inputs).fill(0n)
  const sums = new Map<number, bigint>()
  for (let k = 0; k < reads.given.length; k++) {
    const d = delta[reads.given[k]!]!
    if (d === 0n) continue
    const e = reads.entries[k]!
    const parameter = reads.parameters[k]!
    below[e] = below[e]! + d * theta[parameter]!
    sums.set(parameter, (sums.get(parameter) ?? 0n) + d * h[e]!)
  }
  const divisor = BigInt(reads.divisor)
  for (const [parameter, sum] of sums) gradient[parameter] = gradient[parameter]! + ((sum / divisor) >> bits)
  return below.map((sum) => sum / divisor)
}

/** The residual at parameters and multipliers; `open[l][place]` says which units are on their positive slope, `inert[l][place]` whose signs are not asked for. */
export function fixedResidual(
  network: KinkNetwork,
  data: FixedData,
  theta: readonly bigint[],
  kinks: readonly Kink[],
  multipliers: readonly bigint[],
  open: readonly Uint8Array[],
  inert: readonly Uint8Array[]
): FixedResidual {
  const { layers, samples: n, problem } = network
  const multiplierAt = new Map(kinks.map((k, a) => [`${k.layer},${k.unit},${k.sample}`, a] as const))
  const gradient = theta.map((x, k) => times(data.decays[k]!, x))
  const arguments_ = new Array<bigint>(kinks.length).fill(0n)
  let least = Number.POSITIVE_INFINITY
  let signsAgree = true
  let losses = 0n
  const lossAt = fixedLosses[problem.loss]
  for (let i = 0; i < n; i++) {
    const values: bigint[][] = [data.inputs.slice(i * layers[0]!.inputs, (i + 1) * layers[0]!.inputs)]
    for (const [l, layer] of layers.entries()) {
      const { inputs, outputs, channels, weightAt, biasAt, reads } = layer
      const h = values[l]!
      const next: bigint[] = []
      const sums = isShared(layer) ? sharedSums(layer, theta, h) : []
      for (let o = 0; o < outputs; o++) {
        let sum = sums[o] ?? 0n
        const at = weightAt + o * inputs
        for (let k = 0; k < inputs && !reads; k++) if (h[k] !== 0n) sum += theta[at + k]! * h[k]!
        let t = sum >> bits
        if (biasAt >= 0) t += theta[biasAt + Math.floor((o * channels) / outputs)]!
        if (l === layers.length - 1) next.push(t)
        else {
          const place = i * outputs + o
          const isOpen = open[l]![place] === 1
          const a = multiplierAt.get(`${l},${o},${i}`)
          if (a !== undefined) arguments_[a] = t
          else if (inert[l]![place] === 0 && !network.isLinear) {
            if (t > 0n !== isOpen) signsAgree = false
            least = Math.min(least, Math.abs(toDouble(t)))
          }
          const slope = isOpen ? data.slopes[l]!.positive : data.slopes[l]!.negative
          next.push(slope === 0n ? 0n : times(slope, t))
        }
      }
      values.push(next)
    }
    const targets = data.targets.slice(i * network.outputs, (i + 1) * network.outputs)
    const { value, slopes: ends } = lossAt(values.at(-1)!, targets)
    losses += value
    let delta = ends
    if (problem.reduction === 'mean') delta = delta.map((e) => e / BigInt(n))
    for (let l = layers.length - 1; l >= 0; l--) {
      const layer = layers[l]!
      const { inputs, outputs, channels, weightAt, biasAt, reads } = layer
      const h = values[l]!
      const below = isShared(layer) ? sharedBelow(layer, theta, h, delta, gradient) : new Array<bigint>(inputs).fill(0n)
      for (let o = 0; o < outputs; o++) {
        const d = delta[o]!
        if (d === 0n) continue
        const at = weightAt + o * inputs
        for (let k = 0; k < inputs && !reads; k++) {
          if (h[k] !== 0n) gradient[at + k] = gradient[at + k]! + times(d, h[k]!)
          if (l > 0) below[k] = below[k]! + d * theta[at + k]!
        }
        const bias = biasAt + Math.floor((o * channels) / outputs)
        if (biasAt >= 0) gradient[bias] = gradient[bias]! + d
      }
      if (l === 0) break
      delta = below.map((sum, k) => {
        const place = i * inputs + k
        const slope = open[l - 1]![place] === 1 ? data.slopes[l - 1]!.positive : data.slopes[l - 1]!.negative
        const passed = slope === 0n ? 0n : times(slope, sum >> bits)
        const a = multiplierAt.get(`${l - 1},${k},${i}`)
        return a === undefined ? passed : passed + multipliers[a]!
      })
    }
  }
  let squares = 0n
  for (const [k, x] of theta.entries()) if (data.decays[k] !== 0n) squares += times(data.decays[k]!, times(x, x))
  const loss = (problem.reduction === 'mean' ? losses / BigInt(n) : losses) + squares / 2n
  return { gradient, kinks: arguments_, leastArgument: least, signsAgree, loss }
}
