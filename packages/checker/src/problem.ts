import { type Budget, spend } from './budget.ts'
import { readBoolean, readCount, readFields, readList, readName, readObject, readRational } from './form.ts'
import { bitLength, greatestCommonDivisor } from './integers.ts'
import { isList, type Json } from './json.ts'
import { decline } from './outcome.ts'
import { compare, type Rational } from './rational.ts'
import { type SmoothName, smoothNames } from './smooth-values.ts'
import { type Shape, shapeAfter, sizeOf } from './window.ts'

export type Dense = { readonly kind: 'dense'; readonly outputs: number; readonly bias: boolean }
/** t -> positive t for t >= 0, negative t for t < 0. */
export type TwoSlope = { readonly kind: 'two-slope'; readonly positive: Rational; readonly negative: Rational }
type Pair = readonly [number, number]
/** Padding is top, left, bottom, right. */
export type Conv = {
  readonly kind: 'conv'
  readonly outputs: number
  readonly size: Pair
  readonly stride: Pair
  readonly padding: readonly [number, number, number, number]
  readonly bias: boolean
}
export type AveragePool = { readonly kind: 'average-pool'; readonly size: Pair; readonly stride: Pair }
export type MaxPool = { readonly kind: 'max-pool'; readonly size: Pair; readonly stride: Pair }
export type Flatten = { readonly kind: 'flatten' }
/** t -> t^2. */
export type Quadratic = { readonly kind: 'quadratic' }
export type Smooth = { readonly kind: 'smooth'; readonly name: SmoothName }
export type Layer = Dense | TwoSlope | Conv | AveragePool | MaxPool | Flatten | Quadratic | Smooth

export const isSmooth = (layer: Layer): layer is Smooth => layer.kind === 'smooth'

/** Whether a layer has a weight, and perhaps a bias. */
export const hasParameters = (layer: Layer): layer is Dense | Conv => layer.kind === 'dense' || layer.kind === 'conv'

/** `inputs` numbers, which are an image where `image` is given. */
export type Network = {
  readonly inputs: number
  readonly image?: Shape
  readonly layers: readonly Layer[]
  readonly outputs: number
}

const lossKinds = ['squared', 'absolute', 'hinge', 'huber', 'logistic', 'cross-entropy'] as const

export type Loss = {
  readonly kind: (typeof lossKinds)[number]
  readonly reduction: 'sum' | 'mean'
}

/** factor/2 times the sum of squares of the parameters is added to the loss; of the weights only without `biases`. */
export type Decay = { readonly factor: Rational; readonly biases: boolean }

/** Rows are samples. At least one sample; every row has the length that the network asks for. Exact. */
export type Problem = {
  readonly network: Network
  readonly loss: Loss
  readonly decay?: Decay
  readonly inputs: readonly (readonly Rational[])[]
  readonly targets: readonly (readonly Rational[])[]
}

/** A network of the layers dense, two-slope, dense. */
export type OneHiddenLayer = { readonly hidden: Dense; readonly activation: TwoSlope; readonly output: Dense }

/** Greatest common divisors with longer denominators are paid for. */
const shortDenominator = 1n << 64n

const readLowestTerms = (json: Json, where: string, budget: Budget): Rational => {
  const value = readRational(json, where, budget)
  if (value.denominator > 1n) {
    if (value.denominator > shortDenominator) {
      const bits = bitLength(value.denominator)
      spend(budget, [bits], bits, 1)
    }
    if (greatestCommonDivisor(value.numerator, value.denominator) !== 1n) {
      return decline(`unreadable ${where}: expected a rational in lowest terms`)
    }
  }
  return value
}

const readPositiveCount = (json: Json, where: string): number => {
  const count = readCount(json, where)
  return count > 0 ? count : decline(`unreadable ${where}: expected a count of at least 1`)
}

/** A list of this many counts, each at least `least`. */
const readCounts = (json: Json, where: string, length: number, least: number): readonly number[] => {
  const counts = readList(json, where).map((item) => readCount(item, where))
  if (counts.length !== length || counts.some((count) => count < least)) {
    return decline(`unreadable ${where}: expected ${length} counts of at least ${least}`)
  }
  return counts
}

const readPair = (json: Json, where: string): Pair => {
  const [first, second] = readCounts(json, where, 2, 1)
  return [first, second]
}

const layerKinds = ['dense', 'two-slope', 'conv', 'average-pool', 'max-pool', 'flatten', 'quadratic', 'smooth'] as const

const readLayer = (json: Json, where: string, budget: Budget): Layer => {
  const kind = readName(readObject(json, where).get('kind') ?? null, `${where}.kind`, layerKinds)
  if (kind === 'flatten' || kind === 'quadratic') {
    readFields(json, where, ['kind'])
    return { kind }
  }
  if (kind === 'smooth') {
    const fields = readFields(json, where, ['kind', 'name'])
    return { kind, name: readName(fields.name, `${where}.name`, smoothNames) }
  }
  if (kind === 'average-pool' || kind === 'max-pool') {
    const fields = readFields(json, where, ['kind', 'size', 'stride'])
    return { kind, size: readPair(fields.size, `${where}.size`), stride: readPair(fields.stride, `${where}.stride`) }
  }
  if (kind === 'conv') {
    const fields = readFields(json, where, ['kind', 'outputs', 'size', 'stride', 'padding', 'bias'])
    const [top, left, bottom, right] = readCounts(fields.padding, `${where}.padding`, 4, 0)
    return {
      kind,
      outputs: readPositiveCount(fields.outputs, `${where}.outputs`),
      size: readPair(fields.size, `${where}.size`),
      stride: readPair(fields.stride, `${where}.stride`),
      padding: [top, left, bottom, right],
      bias: readBoolean(fields.bias, `${where}.bias`)
    }
  }
  if (kind === 'dense') {
    const fields = readFields(json, where, ['kind', 'outputs', 'bias'])
    const outputs = readPositiveCount(fields.outputs, `${where}.outputs`)
    return { kind, outputs, bias: readBoolean(fields.bias, `${where}.bias`) }
  }
  const fields = readFields(json, where, ['kind', 'positive', 'negative'])
  const positive = readLowestTerms(fields.positive, `${where}.positive`, budget)
  const negative = readLowestTerms(fields.negative, `${where}.negative`, budget)
  if (compare(positive, negative) === 0) return decline(`unreadable ${where}: expected two different slopes`)
  return { kind, positive, negative }
}

/** The number of inputs, or channels, height and width of an image. */
const readInputs = (json: Json): Pick<Network, 'inputs' | 'image'> => {
  const where = 'problem.network.inputs'
  if (!isList(json)) return { inputs: readPositiveCount(json, where) }
  const [channels, height, width] = readCounts(json, where, 3, 1)
  const image = { channels, height, width }
  return { inputs: sizeOf(image), image }
}

const requireWindowsFit = (network: Network): void => {
  let shape: Shape = network.image ?? { channels: network.inputs, height: 1, width: 1 }
  for (const [index, layer] of network.layers.entries()) {
    const where = `problem.network.layers[${index}]`
    shape = shapeAfter(layer, shape) ?? decline(`unreadable ${where}: expected a window inside the image`)
    if (!Number.isSafeInteger(sizeOf(shape))) decline(`unreadable ${where}: expected a smaller image`)
  }
}

const readNetwork = (json: Json, budget: Budget): Network => {
  const fields = readFields(json, 'problem.network', ['inputs', 'layers'])
  const layers = readList(fields.layers, 'problem.network.layers').map((layer, index) =>
    readLayer(layer, `problem.network.layers[${index}]`, budget)
  )
  const last = layers.at(-1)
  if (last?.kind !== 'dense') return decline('unreadable problem.network.layers: expected a dense layer at the end')
  const network = { ...readInputs(fields.inputs), layers, outputs: last.outputs }
  requireWindowsFit(network)
  return network
}

const readLoss = (json: Json, outputs: number): Loss => {
  const fields = readFields(json, 'problem.loss', ['kind', 'reduction'])
  const kind = readName(fields.kind, 'problem.loss.kind', lossKinds)
  const reduction = readName(fields.reduction, 'problem.loss.reduction', ['sum', 'mean'])
  if ((kind === 'absolute' || kind === 'hinge') && outputs !== 1) {
    return decline(`unreadable problem.loss: expected one output for the loss ${kind}, found ${outputs}`)
  }
  return { kind, reduction }
}

const readRows = (json: Json, where: string, width: number, budget: Budget): readonly (readonly Rational[])[] =>
  readList(json, where).map((list, sample) => {
    const row = readList(list, `${where}[${sample}]`)
    if (row.length !== width) return decline(`unreadable ${where}[${sample}]: expected ${width} entries`)
    return row.map((item, column) => readLowestTerms(item, `${where}[${sample}][${column}]`, budget))
  })

/** The targets of losses with logarithms are probabilities. */
const requireProbabilities = ({ kind }: Loss, targets: readonly (readonly Rational[])[], budget: Budget): void => {
  if (kind !== 'logistic' && kind !== 'cross-entropy') return
  for (const [sample, row] of targets.entries()) {
    const bits = row.reduce((sum, target) => sum + bitLength(target.denominator), 0)
    spend(budget, [row.length], bits, bits)
    const denominator = row.reduce((product, target) => product * target.denominator, 1n)
    const shares = row.map((target) => target.numerator * (denominator / target.denominator))
    const isBetween = shares.every((share) => share >= 0n && share <= denominator)
    if (!isBetween || (kind === 'cross-entropy' && shares.reduce((a, b) => a + b) !== denominator)) {
      decline(`unreadable problem.data.targets[${sample}]: expected probabilities for the loss ${kind}`)
    }
  }
}

const readDecay = (json: Json, budget: Budget): Decay => {
  const where = 'problem.decay'
  const fields = readFields(json, where, ['factor', 'biases'])
  const factor = readLowestTerms(fields.factor, `${where}.factor`, budget)
  if (factor.numerator <= 0n) return decline(`unreadable ${where}.factor: expected a positive number`)
  return { factor, biases: readBoolean(fields.biases, `${where}.biases`) }
}

/** Reads a problem; declines whatever has not its form or makes no sense as one. */
export const readProblem = (json: Json, budget: Budget): Problem => {
  const given = readObject(json, 'problem').get('decay')
  const names = ['format', 'network', 'loss', 'data', ...(given === undefined ? [] : ['decay'])]
  const fields = readFields<string>(json, 'problem', names)
  readName(fields['format'], 'problem.format', ['nadir-problem/1'])
  const network = readNetwork(fields['network'], budget)
  const loss = readLoss(fields['loss'], network.outputs)
  const data = readFields(fields['data'], 'problem.data', ['inputs', 'targets'])
  const inputs = readRows(data.inputs, 'problem.data.inputs', network.inputs, budget)
  const targets = readRows(data.targets, 'problem.data.targets', network.outputs, budget)
  if (inputs.length === 0) return decline('unreadable problem.data.inputs: expected at least one sample')
  if (inputs.length !== targets.length) {
    return decline(`unreadable problem.data.targets: expected ${inputs.length} lists`)
  }
  requireProbabilities(loss, targets, budget)
  const problem = { network, loss, inputs, targets }
  return given === undefined ? problem : { ...problem, decay: readDecay(given, budget) }
}

/** Whether all values and losses of a problem are rational at rational parameters. */
export const isRational = ({ network, loss }: Problem): boolean =>
  !network.layers.some(isSmooth) && loss.kind !== 'logistic' && loss.kind !== 'cross-entropy'

/** The three layers of a network with one hidden layer, else undefined. */
export const oneHiddenLayer = (network: Network): OneHiddenLayer | undefined => {
  const [hidden, activation, output] = network.layers
  if (network.layers.length !== 3) return undefined
  if (hidden.kind !== 'dense' || activation.kind !== 'two-slope' || output.kind !== 'dense') return undefined
  return { hidden, activation, output }
}
