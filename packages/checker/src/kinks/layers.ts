import { type Budget, hold } from '../budget.ts'
import { reject } from '../outcome.ts'
import type { Point } from '../point.ts'
import type { Layer, Network, Problem, TwoSlope } from '../problem.ts'
import type { Rational } from '../rational.ts'
import { positionsOf, type Shape, shapesThrough, sizeOf, type Windows, windowsOf } from '../window.ts'
import { around, type Ball, nothing } from './ball.ts'

/** A dense or conv layer: where its weights and its bias begin among all parameters. */
export type Affine = {
  /** The number of weights of one output. */
  readonly inputs: number
  readonly outputs: number
  readonly weightAt: number
  /** -1 without bias. */
  readonly biasAt: number
  /** For every position the entries that it reads, one through each weight of an output, -1 in the padding; a dense layer has one position. */
  readonly windows: Windows
  /** For every entry that it is applied to the positions, and the weights of an output, through which it is read. */
  readonly readers: readonly (readonly { readonly position: number; readonly weight: number }[])[]
  readonly padded: boolean
}

/** The mean of the entries of a window, for every entry that is given. */
export type Mean = {
  readonly windows: Windows
  readonly share: Ball
  /** For every entry that it is applied to the entries given that it goes into. */
  readonly readers: readonly (readonly number[])[]
}

/** The slopes of a hidden layer; linear where nothing stands between two dense layers. */
export type Slopes = { readonly positive: Ball; readonly negative: Ball; readonly isLinear: boolean }

/** What is done to all entries at once. Entry channel times positions plus position, for affine layers. */
export type Step =
  | { readonly kind: 'affine'; readonly layer: Affine }
  | { readonly kind: 'mean'; readonly layer: Mean }
  | { readonly kind: 'units'; readonly hidden: number }

/** A network of dense, conv, average-pool, flatten and two-slope layers, with a linear hidden layer between dense layers that follow one another. */
export type Layers = {
  readonly steps: readonly Step[]
  /** The number of entries that every step is applied to; then of the outputs. */
  readonly widths: readonly number[]
  readonly affine: readonly Affine[]
  /** The hidden layers: their slopes, and their steps. */
  readonly slopes: readonly Slopes[]
  readonly hiddenAt: readonly number[]
  readonly parameters: number
}

const readersOf = (windows: Windows, entries: number): Affine['readers'] => {
  const readers: { readonly position: number; readonly weight: number }[][] = Array.from({ length: entries }, () => [])
  for (const [position, window] of windows.entries()) {
    for (const [weight, entry] of window.entries()) if (entry >= 0) readers[entry].push({ position, weight })
  }
  return readers
}

/** The entries, not the positions, that every window of an image sees, channel by channel. */
const throughChannels = (windows: Windows, shape: Shape): Windows => {
  const positions = positionsOf(shape)
  return windows.map((window) =>
    Array.from({ length: shape.channels }, (_, channel) =>
      window.map((position) => (position < 0 ? -1 : channel * positions + position))
    ).flat()
  )
}

const meanOf = (windows: Windows, shape: Shape): Mean => {
  const positions = positionsOf(shape)
  const all = Array.from({ length: shape.channels }, (_, channel) =>
    windows.map((window) => window.map((position) => channel * positions + position))
  ).flat()
  const readers: number[][] = Array.from({ length: sizeOf(shape) }, () => [])
  for (const [given, window] of all.entries()) for (const entry of window) readers[entry].push(given)
  return { windows: all, share: around({ numerator: 1n, denominator: BigInt(windows[0].length) }), readers }
}

const one: Rational = { numerator: 1n, denominator: 1n }
const linear: TwoSlope = { kind: 'two-slope', positive: one, negative: one }

/** The network with a linear hidden layer wherever nothing stands between two dense layers. */
const withLinearLayers = (network: Network): Network => ({
  ...network,
  layers: network.layers.flatMap((layer, index) =>
    layer.kind === 'dense' && network.layers[index - 1]?.kind === 'dense' ? [linear, layer] : [layer]
  )
})

/** The hidden layers, linear ones among them. */
export const hiddenLayers = ({ network }: Problem): readonly TwoSlope[] =>
  withLinearLayers(network).layers.flatMap((layer) => (layer.kind === 'two-slope' ? [layer] : []))

const slopesOf = (layer: TwoSlope): Slopes => ({
  positive: around(layer.positive),
  negative: around(layer.negative),
  isLinear: layer === linear
})

/** The steps of the network; rejects every other network. */
export const layersOf = (problem: Problem, budget: Budget): Layers => {
  const network = withLinearLayers(problem.network)
  const shapes = shapesThrough(network)
  const steps: Step[] = []
  const widths = [network.inputs]
  const affine: Affine[] = []
  const slopes: Slopes[] = []
  const hiddenAt: number[] = []
  let parameters = 0
  const addAffine = (layer: Extract<Layer, { kind: 'dense' | 'conv' }>, windows: Windows, entries: number): void => {
    const inputs = windows[0].length
    const weightAt = parameters
    const biasAt = layer.bias ? weightAt + inputs * layer.outputs : -1
    hold(budget, [4, windows.length, inputs], 1)
    const readers = readersOf(windows, entries)
    const padded = windows.some((window) => window.includes(-1))
    const added = { inputs, outputs: layer.outputs, weightAt, biasAt, windows, readers, padded }
    parameters += layer.outputs * (inputs + (layer.bias ? 1 : 0))
    affine.push(added)
    steps.push({ kind: 'affine', layer: added })
  }
  for (const [index, layer] of network.layers.entries()) {
    const shape = shapes[index]
    const after = shapes[index + 1]
    if (layer.kind === 'flatten') continue
    if (layer.kind === 'dense') addAffine(layer, [Array.from({ length: sizeOf(shape) }, (_, k) => k)], sizeOf(shape))
    else if (layer.kind === 'conv') {
      hold(budget, [shape.channels, positionsOf(after), ...layer.size], 1)
      addAffine(layer, throughChannels(windowsOf(layer, shape, after, budget), shape), sizeOf(shape))
    } else if (layer.kind === 'average-pool') {
      hold(budget, [2, sizeOf(after), ...layer.size], 1)
      steps.push({ kind: 'mean', layer: meanOf(windowsOf(layer, shape, after, budget), shape) })
    } else if (layer.kind === 'two-slope') {
      hiddenAt.push(steps.length)
      steps.push({ kind: 'units', hidden: slopes.length })
      slopes.push(slopesOf(layer))
    } else reject('network', `the rule kinks knows no layer ${layer.kind}`)
    widths.push(sizeOf(after))
  }
  if (slopes.length === 0) reject('network', 'the rule kinks asks for a hidden layer')
  return { steps, widths, affine, slopes, hiddenAt, parameters }
}

/** Rejects, naming the rule, unless dense and hidden layers follow one another in turn. */
export const requireInTurn = ({ network }: Problem, rule: string): void => {
  const { layers } = withLinearLayers(network)
  const inTurn = layers.every(({ kind }, index) => kind === (index % 2 === 0 ? 'dense' : 'two-slope'))
  if (!inTurn)
    reject('network', `the rule ${rule} is for dense layers, with a two-slope layer or nothing between any two`)
}

/** For every parameter the factor of its weight decay. */
export const decaysOf = ({ decay }: Problem, { affine, parameters }: Layers): readonly Ball[] => {
  const factors = new Array<Ball>(parameters).fill(decay ? around(decay.factor) : nothing)
  if (decay && !decay.biases) {
    for (const { biasAt, outputs } of affine) if (biasAt >= 0) factors.fill(nothing, biasAt, biasAt + outputs)
  }
  return factors
}

/** The products of parameters and entries in one pass. */
export const productsIn = ({ affine }: Layers): number =>
  affine.reduce((total, { inputs, outputs, windows }) => total + inputs * outputs * windows.length, 1)

/** The parameters one after the other, each as wide as `spread` says. */
export const parametersAt = (point: Point, spread: (parameter: number) => bigint, budget: Budget): readonly Ball[] => {
  const parameters: Ball[] = []
  for (const { denominator, numerators } of point) {
    hold(budget, [numerators.length], 512)
    for (const numerator of numerators) {
      parameters.push(around({ numerator, denominator }, spread(parameters.length)))
    }
  }
  return parameters
}
