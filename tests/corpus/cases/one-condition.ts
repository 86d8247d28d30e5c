import type { Value } from '../digests.ts'
import { findDirection } from '../falsify.ts'
import { isEqual, sign, text } from '../fraction.ts'
import { type Design, localMinimum, type Planted, plant, vectorOf } from '../planted.ts'
import {
  about,
  accept,
  type Case,
  claiming,
  dense,
  firstOrder,
  point,
  problemOf,
  reject,
  relu,
  squared
} from './case.ts'

/*
 * Certificates that fail one condition and no other, so that a checker that forgets the condition accepts them, and true
 * ones that a checker with one wrong sign, bound or factor turns away.
 */

const layers = [dense(1), relu, dense(1)]
const rectifier = point([1], [0], [1], [0])
const xs = [[-1], [0], [1], [2]]

/** The rectifier on four samples; the last three residuals decide all but the bound. */
const atKink = (targets: readonly number[], slope: string): Value =>
  about(
    problemOf(
      layers,
      squared,
      xs,
      targets.map((y) => [y])
    ),
    'local-minimum',
    rectifier,
    firstOrder('1', [[[[1, slope]]]])
  )

/** Residuals -2, -1, 1 on the positive side and 1 on the kink, v = 0: balanced by the right slope alone. */
const halfAwake = about(
  problemOf(layers, squared, [[-2], [-1], [0], [1], [2]], [[1], [-1], [-1], [2], [-1]]),
  'local-minimum',
  point([1], [0], [0], [0]),
  firstOrder('1', [[]])
)

/** A unit with v = 0 that v alone could wake: Phi is not zero. */
const phiNotZero = about(problemOf(layers, squared, xs, [[1], [0], [-1], [0]]), 'saddle', point([1], [0], [0], [0]), {
  rule: 'saddle',
  stationarity: { denominator: '1', slopes: [[]] },
  descent: point([0], [0], [-1], [0]),
  ascent: point([0], [0], [1], [0])
})

const mirrored = (kind: 'absolute' | 'hinge', targets: readonly (number | string)[], evidence: Value): Value =>
  about(
    problemOf(
      layers,
      { kind, reduction: 'sum' },
      [[-1], [0], [1], [2], [3]],
      targets.map((y) => [y])
    ),
    'local-minimum',
    point([1], [0], [-1], [0]),
    evidence
  )

const subgradients = (denominator: string, ...numerators: string[]): { readonly subgradients: Value } => ({
  subgradients: { denominator, numerators }
})

const kinkAt = 2
const twoOutputs: Design = {
  xs: [[-2], [-1], [0], [1], [2], [3]],
  weights: [[1]],
  biases: [0],
  outer: [[1], [1]],
  constants: [0, 1]
}

const placed = (first: number | string, second: number | string): Planted =>
  plant({
    ...twoOutputs,
    place: (_unit, _row, _sample, output) => (output === 0 ? first : second),
    scale: 100,
    wanted: (r) => r.every((entry) => sign(entry) !== 0) && isEqual(r[2 * kinkAt], r[2 * kinkAt + 1])
  })

const fractional = plant({
  ...twoOutputs,
  outer: [['1/2'], ['1/3']],
  plainRows: true,
  place: () => 1,
  scale: 100
})

const directionOf = ({ problem, point: at }: Planted, wanted: 'falls' | 'rises'): Value =>
  findDirection(problem, at, wanted).map((tensor) => vectorOf(tensor.map(text)))

const saddle = (planted: Planted): Value => {
  const document = localMinimum(planted)
  return claiming(document, 'saddle', {
    rule: 'saddle',
    stationarity: { ...planted.slopes },
    descent: directionOf(planted, 'falls'),
    ascent: directionOf(planted, 'rises')
  })
}

/** The stationarity of a saddle with a row too many, for its unit with v = 0. */
const silentRows = about(problemOf(layers, squared, xs, [[1], [0], [-2], [1]]), 'saddle', point([1], [0], [0], [0]), {
  rule: 'saddle',
  stationarity: { denominator: '1', slopes: [[[]]] },
  descent: point([0], [1], ['-1/10'], [0]),
  ascent: point([0], [0], [0], [1])
})

const ahead: Value = { denominator: '1', numerators: ['0', '0', '1', '1', '1'] }
const spanned = (targets: readonly number[], samples: readonly number[]): Value =>
  about(
    problemOf(
      layers,
      squared,
      samples.map((x) => [x]),
      targets.map((y) => [y])
    ),
    'local-minimum',
    rectifier,
    { rule: 'path-span', spans: [{ pivots: [2], functions: [ahead] }] }
  )

const linearSaddle = (targets: readonly number[], descent: Value, ascent: Value): Value =>
  about(
    problemOf(
      [dense(1)],
      squared,
      [[-1], [0], [1]],
      targets.map((y) => [y])
    ),
    'saddle',
    point([0], [0]),
    { rule: 'differentiable-saddle', descent: [[1, descent]], ascent: [[1, ascent]] }
  )

export const oneConditionCases = (): readonly Case[] => [
  reject(
    'slope-above-balances',
    '\\(c\\)',
    'The slope 2 balances, but the right slope is 1.',
    atKink([-1, -1, 5, 0], '2')
  ),
  reject(
    'slope-below-balances',
    '\\(c\\)',
    'The slope -1 balances, but the left slope is 0.',
    atKink([2, -1, -1, 3], '-1')
  ),
  reject(
    'silent-unit-kink',
    '\\(d\\)',
    'A unit with v = 0 whose right slope balances, but whose left slope is another.',
    halfAwake
  ),
  reject(
    'saddle-phi',
    '\\(b\\)',
    'A unit with v = 0 and Phi = 1: the loss falls at first order when v moves.',
    phiNotZero
  ),
  reject('saddle-silent-rows', '\\(c\\)', 'A saddle with a row for its unit with v = 0.', silentRows),
  accept(
    'hinge-mirrored',
    'The hinge loss with everything mirrored: on its edge the interval goes from 0 to 1.',
    mirrored('hinge', ['-2/3', 1, -1, -1, '1/6'], firstOrder('3', [[[[1, '1']]]], subgradients('2', '1')))
  ),
  accept(
    'absolute-mirrored',
    'The absolute loss with v = -1 and all residuals mirrored.',
    mirrored('absolute', [0, 1, -3, -2, -3], firstOrder('6', [[[[1, '5']]]], subgradients('6', '1', '3', '-4')))
  ),
  reject(
    'subgradient-below-balances',
    'subgradients',
    'The subgradient -7/6 balances all others, but it is below -1.',
    about(
      problemOf(layers, { kind: 'absolute', reduction: 'sum' }, [[-1], [0], [1], [2], [3]], [[0], [-1], [1], [2], [3]]),
      'local-minimum',
      rectifier,
      firstOrder('3', [[[[1, '2']]]], subgradients('6', '-2', '-7', '2', '1'))
    )
  ),
  reject(
    'subgradient-above-balances',
    'subgradients',
    'The same mirrored: 7/6 is above 1.',
    mirrored('absolute', [0, 1, -1, -2, -3], firstOrder('3', [[[[1, '2']]]], subgradients('6', '2', '7', '-2', '-1')))
  ),
  accept(
    'two-outputs-one-silent',
    'One of the two entries of v is zero, the other is not.',
    localMinimum(plant({ ...twoOutputs, outer: [[0], [2]] }))
  ),
  accept(
    'two-outputs-fractions',
    'Two outputs with v = (1/3, 2/5): the slopes are at their right ends.',
    localMinimum(plant({ ...twoOutputs, outer: [['1/3'], ['2/5']], place: () => 1 }))
  ),
  accept(
    'two-outputs-saddle-fractions',
    'A saddle with v = (1/2, 1/3): the slope is the right end, weighted by v.',
    saddle(fractional)
  ),
  reject(
    'two-outputs-slope-above',
    '\\(e\\)',
    'The lifted slopes balance, but their sum is above the right slope.',
    localMinimum(placed('3/2', '3/2'))
  ),
  reject(
    'two-outputs-slope-below',
    '\\(e\\)',
    'The lifted slopes balance, but their sum is below the left slope.',
    localMinimum(placed('-1/2', '-1/2'))
  ),
  reject(
    'two-outputs-left-ends-disagree',
    '\\(e\\)',
    'The slope is the left end, one lifted slope is beyond its own and one short of it.',
    localMinimum(placed('-1/2', '1/2'))
  ),
  reject(
    'path-span-kink-alone',
    '\\(a\\)',
    'A residual on the kink, and all else balanced: the kink is concave, the loss falls at first order.',
    spanned([-1, 1, 0, 4, 2], [-1, 0, 1, 2, 3])
  ),
  reject(
    'path-span-bias-alone',
    '\\(c\\) layer 0',
    'On the positive side the residuals balance the inputs, not the bias.',
    spanned([-1, 0, 3, 1, 3], [-1, -2, 1, 2, 3])
  ),
  reject(
    'affine-fit-network-alone',
    'network',
    'The best affine fit by a rectifier that is active on all samples: a local minimum, not a global one.',
    about(
      problemOf(layers, squared, [[-1], [0], [1]], [[-2], [2], [0]]),
      'global-minimum',
      point([1], [10], [1], [-10]),
      { rule: 'affine-fit' }
    )
  ),
  reject(
    'differentiable-saddle-bias-alone',
    '\\(b\\)',
    'A linear model: the gradient of the weight is zero, that of the bias is not.',
    linearSaddle([1, 1, 1], point([0], [1]), point([0], [-1]))
  ),
  reject(
    'differentiable-saddle-weight-alone',
    '\\(b\\)',
    'A linear model: the gradient of the bias is zero, that of the weight is not.',
    linearSaddle([-1, 0, 1], point([1], [0]), point([-1], [0]))
  ),
  reject(
    'differentiable-saddle-kink-alone',
    '\\(a\\)',
    'A concave kink, with zero gradient on either side of it: not differentiable, and the loss falls at first order.',
    about(problemOf(layers, squared, [[-1], [0], [1], [2], [3]], [[-1], [1], [0], [4], [2]]), 'saddle', rectifier, {
      rule: 'differentiable-saddle',
      descent: [[1, point([0], [1], [0], [0])]],
      ascent: [[1, point([0], [0], [0], [1])]]
    })
  )
]
