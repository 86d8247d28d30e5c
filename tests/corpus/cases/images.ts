import type { Value } from '../digests.ts'
import { add, type Fraction, fraction, inner, multiply, none, nullspace, sign, subtract, text } from '../fraction.ts'
import { output, type ProblemJson, parametersOf } from '../naive.ts'
import {
  about,
  accept,
  along,
  type Case,
  changed,
  claiming,
  decline,
  dense,
  firstOrder,
  point,
  reject,
  relu,
  squared
} from './case.ts'

type Row = readonly (number | string)[]

const conv = (outputs: number, size: Row, others: { readonly [field: string]: Value } = {}): Value => ({
  kind: 'conv',
  outputs,
  size,
  stride: [1, 1],
  padding: [0, 0, 0, 0],
  bias: true,
  ...others
})
const averagePool = (size: Row, stride: Row = size): Value => ({ kind: 'average-pool', size, stride })
const flatten: Value = { kind: 'flatten' }

const imageProblem = (
  inputs: Row | number,
  layers: readonly Value[],
  xs: readonly Row[],
  ys: readonly Row[],
  loss: Value = squared
): Value => ({
  format: 'nadir-problem/1',
  network: { inputs, layers },
  loss,
  data: { inputs: xs.map((row) => row.map(String)), targets: ys.map((row) => row.map(String)) }
})

/** The targets that leave these residuals. */
const leaving = (
  inputs: Row,
  layers: readonly Value[],
  xs: readonly Row[],
  at: Value,
  r: readonly Fraction[]
): Value => {
  const empty = imageProblem(
    inputs,
    layers,
    xs,
    xs.map(() => [0])
  ) as ProblemJson
  const targets = xs.map((x, i) => [text(subtract(output(empty, parametersOf(at), x.map(fraction))[0], r[i]))])
  return imageProblem(inputs, layers, xs, targets)
}

/** Residuals, none of them zero, with sum r_i g(i) = 0 for all of these functions of the sample, and not for another one. */
const orthogonalTo = (
  functions: readonly (readonly Fraction[])[],
  samples: number,
  other?: readonly Fraction[]
): readonly Fraction[] => {
  const basis = nullspace(functions, samples)
  for (let turn = 1; turn < 50; turn += 1) {
    const r = basis.reduce(
      (total, vector, k) =>
        total.map((entry, i) => add(entry, multiply(fraction(((turn * (k + 2)) % 7) - 3), vector[i]))),
      Array.from({ length: samples }, () => none)
    )
    const isOther = other === undefined || sign(inner(r, other)) !== 0
    if (isOther && r.every((entry) => sign(entry) !== 0)) return r
  }
  throw new Error('no residuals without zeros')
}

const spanAt = (pivots: readonly number[], ...functions: readonly Row[]): Value => ({
  pivots,
  functions: functions.map((entries) => ({ denominator: '1', numerators: entries.map(String) }))
})
const pathSpan = (...spans: readonly Value[]): Value => ({ rule: 'path-span', spans })

/** A mean of rectified filters: signals of length 4, one filter of length 2, three positions, some of them off. */
const signals = [
  [1, -2, 3, 0],
  [0, 1, 1, -3],
  [2, 0, -1, 1],
  [-1, 2, 2, 1],
  [1, 1, -2, -2],
  [3, -1, 0, 2],
  [-2, -1, 1, 4]
]
const meanLayers = [conv(1, [1, 2]), relu, averagePool([1, 3]), dense(1)]
const meanPoint = point([2, -1], ['1/2'], [3], ['1/2'])
const on = signals.flatMap((x) => [0, 1, 2].map((p) => (2 * x[p] - x[p + 1] + 0.5 > 0 ? 1 : 0)))
const sumOver = (g: (i: number, p: number) => number): readonly Fraction[] =>
  signals.map((_, i) => fraction([0, 1, 2].reduce((sum, p) => sum + on[3 * i + p] * g(i, p), 0)))
const everyone = signals.map(() => fraction(1))
const conditions = [everyone, sumOver(() => 1), sumOver((i, p) => signals[i][p]), sumOver((i, p) => signals[i][p + 1])]
const meanWith = (r: readonly Fraction[]): Value => leaving([1, 1, 4], meanLayers, signals, meanPoint, r)
const meanMinimum = about(
  meanWith(orthogonalTo(conditions, 7)),
  'local-minimum',
  meanPoint,
  pathSpan(spanAt([on.indexOf(1)], on))
)

/** Pictures of 3 x 3, a filter of 2 x 2 that is on everywhere, then a dense layer of rectifiers that reads the four positions. */
const pictures = Array.from({ length: 12 }, (_, i) =>
  Array.from({ length: 9 }, (_, k) => ((i * i * (k + 3) + 5 * k * k * i + 3 * k) % 13) - 6)
)
const denseLayers = [conv(1, [2, 2]), relu, flatten, dense(2), relu, dense(1)]
const densePoint = point([1, 0, -1, 1], [20], [1, 2, -1, 1, 0, 1, 0, -3], [100, -50], [1, 2], [0])
const pixels = Array.from({ length: 9 }, (_, k) => pictures.map((x) => fraction(x[k])))
const pictureResiduals = orthogonalTo([pictures.map(() => fraction(1)), ...pixels], 12)
const pictureProblem = leaving([1, 3, 3], denseLayers, pictures, densePoint, pictureResiduals)
const atPosition = (p: number): Row => pictures.flatMap(() => [0, 1, 2, 3].map((q) => (p === q ? 1 : 0)))
const onlyFirst = spanAt(
  [0],
  pictures.map(() => 1)
)
const fourPositions = spanAt([0, 1, 2, 3], atPosition(0), atPosition(1), atPosition(2), atPosition(3))
const pictureMinimum = about(pictureProblem, 'local-minimum', densePoint, pathSpan(onlyFirst, fourPositions))

/** The greatest of three filtered positions: every sample chooses one, and the residuals balance what the filter sees there. */
const maxPool = (size: Row, stride: Row = size): Value => ({ kind: 'max-pool', size, stride })
const greatestLayers = [conv(1, [1, 2]), maxPool([1, 3]), dense(1)]
const chosen = signals.map((x) => {
  const filtered = [0, 1, 2].map((p) => 2 * x[p] - x[p + 1])
  return filtered.indexOf(Math.max(...filtered))
})
const seenAt = (tap: number): readonly Fraction[] => signals.map((x, i) => fraction(x[chosen[i] + tap]))
const greatestWith = (r: readonly Fraction[]): Value => leaving([1, 1, 4], greatestLayers, signals, meanPoint, r)
const chosenSpan = spanAt(
  [chosen[0]],
  chosen.flatMap((place) => [0, 1, 2].map((p) => (p === place ? 1 : 0)))
)
const greatestMinimum = (...functions: readonly (readonly Fraction[])[]): Value =>
  about(greatestWith(orthogonalTo(functions, 7)), 'local-minimum', meanPoint, pathSpan(chosenSpan))

/** Two channels, stride, padding, an average with overlapping windows, a dense layer that reads an image. */
const mixed = imageProblem(
  [2, 3, 4],
  [
    conv(2, [2, 3], { stride: [1, 2], padding: [1, 0, 0, 2], bias: false }),
    relu,
    averagePool([2, 1], [1, 1]),
    dense(2)
  ],
  [0, 5].map((shift) => Array.from({ length: 24 }, (_, k) => ((k * 7 + shift) % 9) - 4)),
  [
    [1, 0],
    [0, '1/3']
  ]
)
const weights = (length: number): Row => Array.from({ length }, (_, k) => ((k * 5) % 7) - 3)
const mixedPoint = point(weights(24), weights(16), [1, 2])

const withLayers = (layers: readonly Value[], inputs: Value = [1, 1, 4]): Value =>
  changed(meanMinimum, { problem: { network: { inputs, layers } } })

export const imageCases = (): readonly Case[] => [
  accept(
    'image-value',
    'Two channels, stride, padding, windows that overlap, and a dense layer that reads an image.',
    about(mixed, 'value', mixedPoint, { rule: 'evaluation' })
  ),
  accept(
    'image-not-stationary',
    'The same network: the loss falls along a direction of the filters and of the dense layer.',
    about(mixed, 'not-stationary', mixedPoint, along(Array(24).fill(0), Array(16).fill(0), [1, 1]))
  ),
  accept(
    'image-higher-order',
    'A filter of zeros and a dense layer of zeros: the loss falls at order 2, when both move.',
    about(
      imageProblem(
        [1, 1, 2],
        [conv(1, [1, 1], { bias: false }), averagePool([1, 2]), dense(1, false)],
        [[1, 3]],
        [[1]]
      ),
      'not-a-local-minimum',
      point([0], [0]),
      along([1], [1])
    )
  ),
  accept(
    'image-mean',
    'A mean of rectified filters, some of them off: the residuals balance what the filter sees.',
    meanMinimum
  ),
  accept(
    'image-dense',
    'A filter that is on everywhere and a dense layer above it: one function for each of the four positions.',
    pictureMinimum
  ),
  accept(
    'max-pool-minimum',
    'The greatest of three positions: residuals that balance what is seen there.',
    greatestMinimum(everyone, seenAt(0), seenAt(1))
  ),
  accept(
    'max-pool-value',
    'Windows that overlap, entries of which several are greatest, an average before them.',
    about(
      imageProblem(
        [1, 3, 3],
        [averagePool([1, 2], [1, 1]), relu, maxPool([2, 2], [1, 1]), flatten, dense(1)],
        [
          [1, 1, 1, 0, 0, 2, -1, -1, -1],
          [0, 4, -4, 0, 2, 1, '1/3', 5, -9]
        ],
        [[1], [2]]
      ),
      'value',
      point([1, '-1/2'], ['1/3']),
      { rule: 'evaluation' }
    )
  ),
  accept(
    'max-pool-tie',
    'Two greatest entries of which the direction raises one.',
    about(
      imageProblem([1, 1, 2], [conv(2, [1, 1]), maxPool([1, 2]), flatten, dense(1)], [[1, 1]], [[5]]),
      'not-stationary',
      point([1, 1], [0, 0], [1, 1], [0]),
      along([1, 0], [0, 0], [0, 0], [0])
    )
  ),
  accept(
    'max-pool-second-order',
    'Two greatest entries that part at first order; the loss falls at second order.',
    about(
      imageProblem([1, 1, 2], [conv(1, [1, 1], { bias: false }), maxPool([1, 2]), dense(1, false)], [[1, -2]], [[1]]),
      'not-a-local-minimum',
      point([0], [0]),
      along([1], [1])
    )
  ),
  reject(
    'max-pool-moment',
    '\\(d\\)',
    'Residuals that do not balance the second tap.',
    about(
      greatestWith(orthogonalTo([everyone, seenAt(0)], 7, seenAt(1))),
      'local-minimum',
      meanPoint,
      pathSpan(chosenSpan)
    )
  ),
  reject(
    'max-pool-span',
    '\\(b\\) span 0',
    'A function that reads every position.',
    changed(greatestMinimum(everyone, seenAt(0), seenAt(1)), {
      evidence: { spans: [spanAt([0], Array(21).fill(1))] }
    })
  ),
  reject(
    'max-pool-no-span',
    'spans',
    'A max-pool layer asks for a span.',
    changed(greatestMinimum(everyone, seenAt(0), seenAt(1)), { evidence: { spans: [] } })
  ),
  reject(
    'max-pool-two-greatest',
    '\\(a\\) span 0',
    'Two greatest entries in a window.',
    about(
      imageProblem(
        [1, 1, 4],
        greatestLayers,
        signals,
        signals.map((_, i) => [i === 0 ? 4 : i === 1 ? -2 : 1])
      ),
      'local-minimum',
      point([0, 0], [1], [1], [0]),
      pathSpan(chosenSpan)
    )
  ),
  accept(
    'image-zero-loss',
    'A list counts as an image of height and width 1.',
    about(
      imageProblem(2, [conv(1, [1, 1]), relu, dense(1)], [[1, 2]], [[6]]),
      'global-minimum',
      point([2, 1], [1], [1], [1]),
      { rule: 'zero-loss' }
    )
  ),
  reject(
    'image-shape',
    'evaluation',
    'A filter with an entry too many.',
    changed(meanMinimum, { claim: { point: point([2, -1, 0], ['1/2'], [3], ['1/2']) } })
  ),
  reject(
    'image-without-bias',
    'evaluation',
    'A bias for a convolution that has none.',
    withLayers([conv(1, [1, 2], { bias: false }), relu, averagePool([1, 3]), dense(1)])
  ),
  reject(
    'image-span-short',
    'span 0',
    'A function with one entry for each sample where there are three positions.',
    changed(meanMinimum, {
      evidence: {
        spans: [
          spanAt(
            [0],
            signals.map(() => 1)
          )
        ]
      }
    })
  ),
  reject(
    'image-span-all',
    '\\(b\\) span 0',
    'A function that forgets which positions are off.',
    changed(meanMinimum, {
      evidence: {
        spans: [
          spanAt(
            [on.indexOf(1)],
            on.map(() => 1)
          )
        ]
      }
    })
  ),
  reject(
    'image-positions',
    '\\(b\\) span 1',
    'A dense layer may weigh the four positions as it likes: their sum is not enough.',
    about(
      pictureProblem,
      'local-minimum',
      densePoint,
      pathSpan(
        onlyFirst,
        spanAt(
          [0],
          pictures.flatMap(() => [1, 1, 1, 1])
        )
      )
    )
  ),
  reject(
    'image-conv-bias',
    '\\(c\\) layer 0',
    'The residuals do not balance the bias of the filter.',
    about(
      meanWith(orthogonalTo([conditions[0], conditions[2], conditions[3]], 7, conditions[1])),
      'local-minimum',
      meanPoint,
      pathSpan(spanAt([on.indexOf(1)], on))
    )
  ),
  reject(
    'image-tap',
    '\\(d\\)',
    'The residuals do not balance the second tap of the filter.',
    about(
      meanWith(orthogonalTo([conditions[0], conditions[1], conditions[2]], 7, conditions[3])),
      'local-minimum',
      meanPoint,
      pathSpan(spanAt([on.indexOf(1)], on))
    )
  ),
  reject(
    'image-kink',
    '\\(a\\) span 0',
    'A position of a sample with a residual sits on the kink.',
    about(
      leaving([1, 1, 4], meanLayers, signals, point([2, -1], [1], [3], ['1/2']), orthogonalTo(conditions, 7)),
      'local-minimum',
      point([2, -1], [1], [3], ['1/2']),
      pathSpan(spanAt([on.indexOf(1)], on))
    )
  ),
  reject(
    'image-first-order',
    'network',
    'The rule first-order is for dense layers.',
    claiming(meanMinimum, 'local-minimum', firstOrder('1', [[[]]]))
  ),
  reject(
    'image-saddle',
    'network',
    'The rule differentiable-saddle is for dense and two-slope layers.',
    about(meanWith(orthogonalTo(conditions, 7)), 'saddle', meanPoint, {
      rule: 'differentiable-saddle',
      descent: [[1, meanPoint]],
      ascent: [[1, meanPoint]]
    })
  ),
  decline('image-window', 'window', 'A window wider than the image.', withLayers([conv(1, [1, 5]), relu, dense(1)])),
  decline('image-two-counts', 'inputs', 'An image has channels, height and width.', withLayers(meanLayers, [1, 4])),
  decline('image-zero-width', 'inputs', 'An image without columns.', withLayers(meanLayers, [1, 1, 0])),
  decline('image-stride', 'stride', 'A stride of zero.', withLayers([conv(1, [1, 2], { stride: [1, 0] }), dense(1)])),
  decline(
    'image-padding',
    'padding',
    'Padding has four sides.',
    withLayers([conv(1, [1, 2], { padding: [0, 1] }), dense(1)])
  ),
  decline(
    'image-min-pool',
    'layers',
    'A layer that the format has no words for.',
    withLayers([conv(1, [1, 2]), { kind: 'min-pool', size: [1, 3], stride: [1, 1] }, dense(1)])
  ),
  decline('image-no-dense-end', 'dense', 'A network that ends with an image.', withLayers([conv(1, [1, 2])]))
]
