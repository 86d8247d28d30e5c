import {
  add,
  divide,
  entry,
  multiply,
  negate,
  one,
  overCommonDenominator,
  type Rational,
  type RationalVector,
  rational,
  zero
} from '@nadir/arithmetic'
import { type Dataset, dataset } from '../data/dataset.ts'
import type { Layer, Network } from '../network/network.ts'
import { type ImageShape, imageShapes, windowsOf } from '../network/windows.ts'
import type { ExactPoint } from '../point.ts'
import { empiricalRisk } from '../problem.ts'
import { type Carrier, carrierOf, type Shallow, shiftFor } from './carried-network.ts'
import { jumpUnits } from './gated-jump.ts'
import { groupMinima, notPiecewise, separable } from './group-minima.ts'
import { type ConstructionRequest, lacksTwoSlopes, needsTwoSlopes, refuse, type Theorem } from './theorem.ts'

const isImage = 'the inputs are an image of at least the size of the window, averages included'
const channelsNeeded = 'the convolution has a channel for every tap of its window: channels >= input channels x size^2'
const widths = 'one dense hidden layer of at least m + (q - 1)(m + 1) units for q groups and m outputs'
const squaredOnly = 'the loss is the squared loss'

/** Local minima of convolutional networks with average pooling, one affine map of the pooled taps for each group of samples. */
export const liu2022Cnn: Theorem = {
  id: 'liu2022-cnn',
  title: 'Spurious minima of convolutional networks with average pooling',
  source:
    'Liu, Spurious local minima are common for deep neural networks with piecewise linear activations (arXiv 2102.13233)',
  hypotheses: [isImage, needsTwoSlopes, squaredOnly, channelsNeeded, widths, separable, notPiecewise],
  conclusion:
    'a local minimum for every partition of the samples into intervals of a pooled feature, each group at its best affine map of the pooled features',
  example: 'nadir construct liu2022-cnn wine.csv --image 1,1,13 --kernel 1,2 --pool 1,2 --hidden 4 --count 2 --out out',
  data: 'yours',
  numbers: {
    groups: 'number of groups, at least 2 (default 2)',
    channels: 'channels of the convolution (default: one for each tap)'
  },
  build: (request) => {
    const { data, activation, loss, reduction, hidden, image, numbers, count, random } = request
    if (!data) return refuse('data are given', 'no data')
    const linear = lacksTwoSlopes(activation)
    if (linear) return refuse(needsTwoSlopes, linear)
    if (loss !== 'squared') return refuse(squaredOnly, `the ${loss} loss`)
    const { kernel, pool } = request.windows
    const [c, h, w] = image ?? [0, 0, 0]
    if (c * h * w !== data.inputCount || h < kernel[0] + pool[0] - 1 || w < kernel[1] + pool[1] - 1)
      return refuse(
        isImage,
        `${data.inputCount} inputs, ${image ? `image ${image.join(' x ')}` : 'no image'}, window ${kernel.join(' x ')}, averages over ${pool.join(' x ')}`
      )
    const taps = c * kernel[0] * kernel[1]
    const channels = Number((numbers['channels'] ?? rational(BigInt(taps))).numerator)
    if (channels < taps) return refuse(channelsNeeded, `${channels} channels, ${taps} taps`)
    const m = data.targetCount
    const groups = Number((numbers['groups'] ?? rational(2n)).numerator)
    const needed = jumpUnits(m, groups)
    if (groups < 2 || hidden.length !== 1 || hidden[0]! < needed)
      return refuse(
        widths,
        `${groups} groups, ${m} output${m > 1 ? 's' : ''}: ${needed} units are needed, hidden layers have ${hidden.join(', ') || 'none'}`
      )
    const network = convolutional([c, h, w], channels, request)
    const problem = empiricalRisk({ network, data, loss, reduction })
    const carrier = carrierOf(activation)
    const features = pooledTaps(network, data)
    return groupMinima({
      problem,
      features,
      carrier,
      groups,
      count,
      random,
      realise: (shallow) => convolutionalPoint(shallow, network, taps, hidden[0]!, data, carrier),
      hasSpare: hidden[0]! > needed,
      search: () => undefined
    })
  }
}

function convolutional(image: ImageShape, channels: number, request: ConstructionRequest): Network {
  const { kernel, pool } = request.windows
  const activation: Layer = { kind: 'activation', activation: request.activation }
  return {
    inputs: [...image],
    layers: [
      { kind: 'conv', outputs: channels, size: kernel, stride: [1, 1], padding: [0, 0, 0, 0], bias: true },
      activation,
      { kind: 'average-pool', size: pool, stride: pool },
      { kind: 'flatten' },
      { kind: 'dense', outputs: request.hidden[0]!, bias: true },
      activation,
      { kind: 'dense', outputs: request.data!.targetCount, bias: true }
    ]
  }
}

/** The samples with their pooled taps as inputs: for every tap of the window and every pooled position a mean of inputs. Exact. */
function pooledTaps(network: Network, data: Dataset): Dataset {
  const [shape, convolved, , pooled] = imageShapes(network) as [ImageShape, ImageShape, ImageShape, ImageShape]
  const [convolution, , average] = network.layers
  if (convolution?.kind !== 'conv' || average?.kind !== 'average-pool') throw new Error('pooledTaps: another network')
  const seen = windowsOf(convolution, shape, convolved)
  const means = windowsOf(average, convolved, pooled)
  const [channels, h, w] = shape
  const d = data.inputCount
  const rows = Array.from({ length: data.samples }, (_, i) => {
    const row: Rational[] = []
    for (let c = 0; c < channels; c++)
      for (const tap of seen[0]!.keys())
        for (const window of means) {
          let sum = 0n
          for (const p of window) sum += data.inputs.numerators[i * d + c * h * w + seen[p]![tap]!]!
          row.push(rational(sum, data.inputs.denominator * BigInt(window.length)))
        }
    return row
  })
  const m = data.targetCount
  return dataset(
    rows,
    rows.map((_, i) => Array.from({ length: m }, (_, o) => entry(data.targets, i * m + o)))
  )
}

/**
 * Channel t of the convolution hands on tap t of its window, shifted to the carrying side of the activation on all data; averaging changes nothing about
 * it; the dense layers compute the shallow network of the pooled taps. Spare channels and units are off. Exact.
 */
function convolutionalPoint(
  shallow: Shallow,
  network: Network,
  taps: number,
  width: number,
  data: Dataset,
  { slope, side }: Carrier
): ExactPoint {
  const [convolution] = network.layers
  if (convolution?.kind !== 'conv') throw new Error('convolutionalPoint: another network')
  const channels = convolution.outputs
  const shift = multiply(rational(BigInt(side)), shiftFor(data.inputs, side))
  const pooled = imageShapes(network)[3]!
  const positions = pooled[1] * pooled[2]
  const filters = Array.from({ length: channels * taps }, (_, k) => (Math.floor(k / taps) === k % taps ? one : zero))
  const biases = Array.from({ length: channels }, (_, t) => (t < taps ? shift : rational(-1n)))
  const inverse = divide(one, slope)
  const hidden = Array.from({ length: width }, (_, u) =>
    denseRow(shallow.units[u], channels, positions, inverse, shift)
  )
  const tensors: RationalVector[] = [
    overCommonDenominator(filters),
    overCommonDenominator(biases),
    overCommonDenominator(hidden.flatMap(({ weights }) => weights)),
    overCommonDenominator(hidden.map(({ bias }) => bias)),
    overCommonDenominator(shallow.weights.flatMap((row) => Array.from({ length: width }, (_, u) => row[u] ?? zero))),
    overCommonDenominator(shallow.constants)
  ]
  return { kind: 'exact', tensors }
}

/** A map of the pooled taps as weights of slope (tap + shift): a / slope, and the constant minus shift times the sum of the a. */
function denseRow(
  map: RationalVector | undefined,
  channels: number,
  positions: number,
  inverse: Rational,
  shift: Rational
): { readonly weights: readonly Rational[]; readonly bias: Rational } {
  const size = channels * positions
  if (!map) return { weights: Array.from({ length: size }, () => zero), bias: rational(-1n) }
  const count = map.numerators.length - 1
  const total = rational(
    map.numerators.slice(0, count).reduce((sum, a) => sum + a, 0n),
    map.denominator
  )
  return {
    weights: Array.from({ length: size }, (_, k) => (k < count ? multiply(entry(map, k), inverse) : zero)),
    bias: add(entry(map, count), negate(multiply(shift, total)))
  }
}
