import { certificate, type Value } from '../digests.ts'
import { fraction, subtract, text } from '../fraction.ts'
import { output, type ProblemJson, parametersOf } from '../naive.ts'
import {
  about,
  accept,
  type Case,
  changed,
  claiming,
  decline,
  dense,
  type Entries,
  type Fields,
  firstOrder,
  point,
  problemOf,
  reject,
  relu,
  squared,
  twoSlope
} from './case.ts'

/** The problem whose targets leave these residuals at the point. */
const withResiduals = (
  layers: readonly Value[],
  xs: readonly Entries[],
  at: Value,
  residuals: readonly Entries[],
  loss: Value = squared
): Value => {
  const empty = problemOf(layers, loss, xs, residuals)
  const targets = xs.map((x, i) =>
    output(empty as ProblemJson, parametersOf(at), x.map(fraction)).map((f, o) =>
      text(subtract(f, fraction(residuals[i][o])))
    )
  )
  return problemOf(layers, loss, xs, targets)
}

/** A span whose functions are integers. */
const span = (pivots: readonly number[], ...functions: readonly Entries[]): Value => ({
  pivots,
  functions: functions.map((entries) => ({ denominator: '1', numerators: entries.map(String) }))
})
const pathSpan = (...spans: readonly Value[]): Value => ({ rule: 'path-span', spans })
const nothing = span([])

/*
 * Two hidden layers of two rectifiers, six samples. The first layer is (x + 1/2)+ and (-x - 1/2)+, of the second only
 * the first unit (a - b + 1/4)+ is awake, on samples 2 to 5, where N = x + 3/4: there the residuals 1/2, -1/2, -1/2, 1/2
 * are orthogonal to 1 and x; on the others, where N = 0, they are 1/2 and -1/2.
 */
const planted = problemOf(
  [dense(2), relu, dense(2), relu, dense(1)],
  squared,
  [[-2], [-1], [0], [1], [2], [3]],
  [['-1/2'], ['1/2'], ['1/4'], ['9/4'], ['13/4'], ['13/4']]
)
const plantedPoint = point([1, -1], ['1/2', '-1/2'], [1, -1, -1, -1], ['1/4', -1], [1, 1], [0])
const awake = span([2], [0, 0, 1, 1, 1, 1])
const plantedMinimum = about(planted, 'local-minimum', plantedPoint, pathSpan(awake, awake))
const plantedBetter = point([1, -1], ['1/2', '-1/2'], [1, -1, 0, 1], ['1/4', -1], [1, -1], [0])

const spurious = (claim: Fields = {}, minimum: Value = pathSpan(awake, awake)): Value =>
  certificate(
    planted,
    { kind: 'spurious', point: plantedPoint, loss: '3/4', better: plantedBetter, betterLoss: '5/8', ...claim },
    { rule: 'better-point', minimum }
  )

/** Two groups, x < 0 and x > 0, each with its own line and residuals 1, -2, 1 times 1 or 2; leaky units, three layers, one unit carried. */
const groupsPoint = point([1, 1], [0, 20], [1, 1], [0], [1], [0])
const groups = withResiduals(
  [dense(2), twoSlope('1', '1/4'), dense(1), twoSlope('2', '-1'), dense(1)],
  [[-3], [-2], [-1], [1], [2], [3]],
  groupsPoint,
  [[1], [-2], [1], [2], [-4], [2]]
)
const left = [1, 1, 1, 0, 0, 0]
const right = [0, 0, 0, 1, 1, 1]
const everyone = span([0], [1, 1, 1, 1, 1, 1])

/** The last hidden layer is dead and the first has samples on its kinks: only the mean counts. */
const dead = problemOf([dense(2), relu, dense(2), relu, dense(1)], squared, [[-1], [0], [1], [2]], [[0], [3], [1], [0]])
const deadPoint = point([1, -1], [0, 1], [1, 1, 2, 0], [-9, -5], [3, 4], [1])

/** Two outputs, one rectifier that is on everywhere and one that is off; residuals 1, -2, 1 and 2, -4, 2. */
const twoOutputs = problemOf(
  [dense(2), relu, dense(2)],
  squared,
  [[-1], [0], [1]],
  [
    [3, 0],
    [7, 7],
    [5, 2]
  ]
)
const twoOutputsPoint = point([1, 0], [5, -1], [1, 1, 1, 2], [0, -2])

/** Sample 1 sits on the kink and is fitted exactly; the others see one slope each. */
const fitted = problemOf(
  [dense(1), relu, dense(1), relu, dense(1)],
  squared,
  [[-2], [0], [1], [2], [3]],
  [[0], [0], [0], [4], [2]]
)
const fittedPoint = point([1], [0], [1], [0], [1], [0])

const absolute: Value = { kind: 'absolute', reduction: 'sum' }
const hinge: Value = { kind: 'hinge', reduction: 'mean' }
const carried = [dense(1), relu, dense(1), relu, dense(1)]
const carriedPoint = point([1], [5], [1], [0], [1], [-5])
const everywhere = (samples: number): Value =>
  span(
    [0],
    Array.from({ length: samples }, () => 1)
  )

/** N = x; residuals 1 and -1 in samples 0 and 2, chosen in the others. */
const absoluteProblem = problemOf(carried, absolute, [[-1], [0], [1], [2], [3]], [[-2], [0], [2], [2], [3]])
const chosen = (spans: readonly Value[], ...numerators: readonly string[]): Value => ({
  rule: 'path-span',
  spans,
  subgradients: { denominator: '2', numerators }
})

/** N = x/2; slopes -1, 1, 1, and chosen in the corner of the hinge for the last two samples. */
const hingeProblem = problemOf(carried, hinge, [[-1], [0], [1], [2], [2]], [[1], [-1], [-1], [1], [1]])
const halfPoint = point(['1/2'], [5], [1], [0], [1], [-5])

/**
 * Units x and x - 5 with slopes 1 and 1/3 see three groups of samples, and only two combinations of them: group sums of
 * residuals 3, 0, -1 and of residuals times x -3, 0, 1.
 */
const fractionsPoint = point([1, 1], [0, -5], [1, '1/2'])
const fractions = withResiduals(
  [dense(2), twoSlope('1', '1/3'), dense(1, false)],
  [[-3], [-2], [-1], [1], [2], [3], [6], [7], [8]],
  fractionsPoint,
  [[1], [-2], [4], [1], [-2], [1], [-6], [3], [2]]
)
const twoOfThree: Value = {
  pivots: [3, 6],
  functions: [
    { denominator: '1', numerators: '0 0 0 1 1 1 0 0 0'.split(' ') },
    { denominator: '3', numerators: '1 1 1 0 0 0 3 3 3'.split(' ') }
  ]
}

/** Deep linear: 2-2-2 without biases, inputs the unit vectors. */
const unitInputs = [
  [1, 0],
  [0, 1]
] as const
const linear = (depth: number, targets: readonly Entries[]): Value =>
  problemOf(
    Array.from({ length: depth }, () => dense(2, false)),
    squared,
    unitInputs,
    targets
  )
const zeros = [0, 0, 0, 0] as const
const one = [1, 0, 0, 1] as const
const diagonal = [
  [2, 0],
  [0, 1]
] as const
const stuck = point(zeros, [0, 0, 0, 0], one)
const curve = (...pairs: readonly (readonly [number, Value])[]): Value => pairs.map(([power, at]) => [power, at])
const descentCurve = (...pairs: readonly (readonly [number, Value])[]): Value => ({
  rule: 'descent-curve',
  curve: curve(...pairs)
})
const differentiableSaddle = (descent: Value, ascent: Value): Value => ({
  rule: 'differentiable-saddle',
  descent,
  ascent
})

/**
 * W1 = e1 e1^T, W2 = e2 e2^T, W3 = e1 e1^T, targets exchanged: critical. W2 may take e1 to e2, which W3 ignores, and then
 * W3 may take e2 to e2.
 */
const chain = linear(3, [
  [0, 1],
  [1, 0]
])
const chainPoint = point([1, 0, 0, 0], [0, 0, 0, 1], [1, 0, 0, 0])
const firstThen = (power: number, gain = 1): Value =>
  curve([1, point(zeros, [0, 0, 1, 0], zeros)], [power, point(zeros, zeros, [0, 0, 0, gain])])

/** A rectifier network off its kinks with zero gradient, v = 0: more of the awake unit falls at second order. */
const silent = problemOf(
  [dense(1), relu, dense(1), relu, dense(1)],
  squared,
  [[1], [2], [3]],
  [['-1/3'], ['-1/3'], ['2/3']]
)
const silentPoint = point([1], [1], [0], [1], [0], [0])
const silentDescent = curve([1, point([0], [0], [-1], [0], [-1], ['1'])])

export const deepMinimaCases = (): readonly Case[] => [
  accept(
    'path-span',
    'Two hidden layers: the residuals are orthogonal to all that the network can become nearby.',
    plantedMinimum
  ),
  accept(
    'path-span-spurious',
    'The same point is spurious: waking the dead unit of the second layer is better.',
    spurious()
  ),
  accept(
    'path-span-groups',
    'Two groups of samples on two lines, each the best for its group: indicator functions as spans.',
    about(groups, 'local-minimum', groupsPoint, pathSpan(everyone, span([0, 3], left, right)))
  ),
  accept(
    'path-span-groups-refined',
    'The same with the groups in both spans: larger spans ask for more, and here more holds.',
    about(groups, 'local-minimum', groupsPoint, pathSpan(span([0, 3], left, right), span([4, 1], right, left)))
  ),
  accept(
    'path-span-dead-layer',
    'The last hidden layer is dead: only the mean counts, and the layer below may have samples on kinks.',
    about(dead, 'local-minimum', deadPoint, pathSpan(nothing, nothing))
  ),
  accept(
    'path-span-two-outputs',
    'Two outputs, one span for both.',
    about(twoOutputs, 'local-minimum', twoOutputsPoint, pathSpan(span([0], [1, 1, 1])))
  ),
  accept(
    'path-span-fitted-on-kink',
    'A sample without residual may sit on a kink, and functions may be anything there.',
    about(fitted, 'local-minimum', fittedPoint, pathSpan(span([2], [0, 7, 1, 1, 1]), span([3], [0, 0, 1, 1, 1])))
  ),
  accept(
    'path-span-absolute',
    'The absolute loss: three chosen subgradients.',
    about(absoluteProblem, 'local-minimum', carriedPoint, chosen([everywhere(5), everywhere(5)], '-1', '-1', '2'))
  ),
  accept(
    'path-span-hinge',
    'The hinge loss, reduction mean: two samples in the corner share a slope.',
    about(hingeProblem, 'local-minimum', halfPoint, chosen([everywhere(5), everywhere(5)], '-1', '-1'))
  ),
  accept(
    'path-span-fractions',
    'Slopes 1 and 1/3, three groups, two units, no output bias: a span of dimension two with fractions.',
    about(fractions, 'local-minimum', fractionsPoint, pathSpan(twoOfThree))
  ),
  accept(
    'affine-fit',
    'A deep linear network whose product is the best linear map: global, whatever its factors.',
    about(linear(3, diagonal), 'global-minimum', point(one, [1, 0, 0, -1], [2, 0, 0, -1]), { rule: 'affine-fit' })
  ),
  accept(
    'affine-fit-not-zero',
    'The best affine map with a loss that is not zero; one layer has a bias.',
    about(
      problemOf([dense(1, false), dense(1)], squared, [[-1], [0], [1]], [[1], [-2], [1]]),
      'global-minimum',
      point([5], [0], [0]),
      { rule: 'affine-fit' }
    )
  ),
  accept(
    'affine-fit-absolute',
    'The absolute loss: the median, with chosen subgradients.',
    about(problemOf([dense(1)], absolute, [[-1], [0], [1]], [[1], [-2], [1]]), 'global-minimum', point([0], [1]), {
      rule: 'affine-fit',
      subgradients: { denominator: '2', numerators: ['-1', '-1'] }
    })
  ),
  accept(
    'descent-curve',
    'The second layer moves with t and changes nothing, the third with t^2 and makes use of it.',
    about(chain, 'not-a-local-minimum', chainPoint, { rule: 'descent-curve', curve: firstThen(2) })
  ),
  accept(
    'descent-curve-line',
    'A curve of one direction is a direction.',
    about(
      linear(3, diagonal),
      'not-a-local-minimum',
      point(zeros, zeros, zeros),
      descentCurve([1, point(one, one, one)])
    )
  ),
  accept(
    'differentiable-saddle',
    'A deep linear network of zeros, depth three: no derivative below order three, and yet a saddle.',
    about(
      linear(3, diagonal),
      'saddle',
      point(zeros, zeros, zeros),
      differentiableSaddle(curve([1, point(one, one, one)]), curve([1, point([-1, 0, 0, -1], one, one)]))
    )
  ),
  accept(
    'differentiable-saddle-rectifiers',
    'Two hidden layers of rectifiers off their kinks, with v = 0.',
    about(
      silent,
      'saddle',
      silentPoint,
      differentiableSaddle(silentDescent, curve([1, point([0], [0], [0], [0], [0], [1])]))
    )
  ),
  reject(
    'path-span-few',
    'spans',
    'One span for two layers.',
    changed(plantedMinimum, { evidence: { spans: [awake] } })
  ),
  reject(
    'path-span-on-kink',
    '\\(a\\) span 0',
    'A sample with a residual sits on a kink of the last hidden layer.',
    about(fitted, 'local-minimum', point([1], [0], [1], [-2], [1], [1]), pathSpan(everywhere(5), everywhere(5)))
  ),
  reject(
    'path-span-too-small',
    '\\(b\\) span 0',
    'The slopes of the last layer are not in the span.',
    changed(plantedMinimum, { evidence: { spans: [everyone, awake] } })
  ),
  reject(
    'path-span-empty',
    '\\(b\\) span 0',
    'An empty span for a layer that is awake.',
    changed(plantedMinimum, { evidence: { spans: [nothing, nothing] } })
  ),
  reject(
    'path-span-first-layer',
    '\\(b\\) span 1',
    'The span of the first layer does not hold all slopes times the functions of the second.',
    about(groups, 'local-minimum', groupsPoint, pathSpan(everyone, everyone))
  ),
  reject(
    'path-span-pivot',
    '\\(b\\) span 0',
    'A pivot at which the function is not 1 gives the wrong combination.',
    changed(plantedMinimum, { evidence: { spans: [span([2], [0, 0, 2, 2, 2, 2]), awake] } })
  ),
  reject(
    'path-span-pivot-fitted',
    'span 0',
    'A pivot at a sample without residual.',
    about(fitted, 'local-minimum', fittedPoint, pathSpan(span([1], [0, 1, 1, 1, 1]), span([2], [0, 0, 1, 1, 1])))
  ),
  reject(
    'path-span-no-sample',
    'span 0',
    'A pivot that is no sample.',
    changed(plantedMinimum, { evidence: { spans: [span([6], [0, 0, 1, 1, 1, 1]), awake] } })
  ),
  reject(
    'path-span-pivots',
    'span 0',
    'Two pivots for one function.',
    changed(plantedMinimum, { evidence: { spans: [span([2, 3], [0, 0, 1, 1, 1, 1]), awake] } })
  ),
  reject(
    'path-span-short',
    'span 0',
    'A function with an entry too few.',
    changed(plantedMinimum, { evidence: { spans: [span([2], [0, 0, 1, 1, 1]), awake] } })
  ),
  reject(
    'path-span-mean',
    '\\(c\\) layer 4',
    'The residuals do not add up to zero.',
    about(
      planted,
      'local-minimum',
      point([1, -1], ['1/2', '-1/2'], [1, -1, -1, -1], ['1/4', -1], [1, 1], [1]),
      pathSpan(awake, awake)
    )
  ),
  reject(
    'path-span-group-mean',
    '\\(c\\) layer 2',
    'The residuals add up to zero, but not over the samples that the last hidden unit sees.',
    about(
      problemOf(carried, squared, [[-1], [1], [2]], [[-1], ['3/2'], ['5/2']]),
      'local-minimum',
      point([1], [5], [1], [-5], [1], [0]),
      pathSpan(span([1], [0, 1, 1]), span([1], [0, 1, 1]))
    )
  ),
  reject(
    'path-span-moment',
    '\\(d\\)',
    'The residuals add up to zero over the samples that the units see, but not times the input.',
    about(
      problemOf(carried, squared, [[-1], [0], [1]], [[-2], [0], [2]]),
      'local-minimum',
      carriedPoint,
      pathSpan(span([0], [1, 1, 1]), span([0], [1, 1, 1]))
    )
  ),
  reject(
    'path-span-subgradient',
    'subgradients',
    'A chosen subgradient outside its interval.',
    about(absoluteProblem, 'local-minimum', carriedPoint, chosen([everywhere(5), everywhere(5)], '-1', '-2', '3'))
  ),
  reject(
    'path-span-squared-choice',
    'subgradients',
    'The squared loss has no choice of subgradients.',
    changed(plantedMinimum, { evidence: { subgradients: { denominator: '1', numerators: [] } } })
  ),
  reject(
    'path-span-not-better',
    'better',
    'The better point of a spurious minimum is not better.',
    spurious({ better: plantedPoint, betterLoss: '3/4' })
  ),
  reject(
    'path-span-no-minimum',
    '\\(c\\)',
    'Better than a point that is no local minimum.',
    spurious({ point: point([1, -1], ['1/2', '-1/2'], [1, -1, -1, -1], ['1/4', -1], [1, 1], [1]), loss: '15/4' })
  ),
  reject(
    'path-span-as-global',
    'rule',
    'The rule proves local minima.',
    claiming(plantedMinimum, 'global-minimum', pathSpan(awake, awake))
  ),
  reject(
    'affine-fit-moment',
    '\\(d\\)',
    'The product is not the best linear map.',
    about(linear(2, diagonal), 'global-minimum', point(one, one), { rule: 'affine-fit' })
  ),
  reject(
    'affine-fit-mean',
    '\\(c\\)',
    'The residuals do not add up to zero, and there is a bias in the first layer.',
    about(problemOf([dense(1), dense(1, false)], squared, [[0]], [[1]]), 'global-minimum', point([1], [0], [1]), {
      rule: 'affine-fit'
    })
  ),
  reject(
    'affine-fit-rectifier',
    'network',
    'The rule is for networks without kinks.',
    claiming(plantedMinimum, 'global-minimum', { rule: 'affine-fit' })
  ),
  reject(
    'affine-fit-subgradients',
    'subgradients',
    'The absolute loss asks for subgradients.',
    about(problemOf([dense(1)], absolute, [[-1], [0], [1]], [[1], [-2], [1]]), 'global-minimum', point([0], [1]), {
      rule: 'affine-fit'
    })
  ),
  reject(
    'descent-curve-rises',
    'curve',
    'The same with the last move turned round: the loss rises.',
    about(chain, 'not-a-local-minimum', chainPoint, { rule: 'descent-curve', curve: firstThen(2, -1) })
  ),
  reject(
    'descent-curve-still',
    'curve',
    'A curve that changes nothing.',
    about(chain, 'not-a-local-minimum', chainPoint, descentCurve([3, point(zeros, [0, 0, 1, 0], zeros)]))
  ),
  reject(
    'descent-curve-shape',
    'curve',
    'A second direction of another shape.',
    about(chain, 'not-a-local-minimum', chainPoint, {
      rule: 'descent-curve',
      curve: curve([1, point(zeros, [0, 0, 1, 0], zeros)], [2, point(zeros, zeros)])
    })
  ),
  reject(
    'descent-curve-not-stationary',
    'rule',
    'A curve does not prove that a point is not stationary.',
    about(chain, 'not-stationary', chainPoint, { rule: 'descent-curve', curve: firstThen(2) })
  ),
  reject(
    'differentiable-saddle-gradient',
    '\\(b\\) layer 2',
    'The gradient is not zero.',
    about(chain, 'saddle', point(one, one, zeros), differentiableSaddle(firstThen(2), firstThen(2)))
  ),
  reject(
    'differentiable-saddle-bias',
    '\\(b\\) layer 4',
    'The slope of a bias is not zero.',
    about(silent, 'saddle', point([1], [1], [0], [1], [0], [1]), differentiableSaddle(silentDescent, silentDescent))
  ),
  reject(
    'differentiable-saddle-kink',
    '\\(a\\)',
    'A sample on a kink, although the gradients of both sides are zero.',
    about(silent, 'saddle', point([1], [-1], [0], [1], [0], [0]), differentiableSaddle(silentDescent, silentDescent))
  ),
  reject(
    'differentiable-saddle-absolute',
    '\\(a\\)',
    'The loss of a sample is not differentiable.',
    about(
      problemOf([dense(1, false)], absolute, [[0]], [[0]]),
      'saddle',
      point([1]),
      differentiableSaddle(curve([1, point([1])]), curve([1, point([1])]))
    )
  ),
  reject(
    'differentiable-saddle-descent',
    'descent',
    'The descent rises.',
    about(
      linear(3, diagonal),
      'saddle',
      point(zeros, zeros, zeros),
      differentiableSaddle(curve([1, point([-1, 0, 0, -1], one, one)]), curve([1, point([-1, 0, 0, -1], one, one)]))
    )
  ),
  reject(
    'differentiable-saddle-ascent',
    'ascent',
    'The ascent falls.',
    about(
      linear(3, diagonal),
      'saddle',
      point(zeros, zeros, zeros),
      differentiableSaddle(curve([1, point(one, one, one)]), curve([1, point(one, one, one)]))
    )
  ),
  reject(
    'differentiable-saddle-stuck',
    'ascent',
    'An ascent that changes nothing.',
    about(
      linear(3, diagonal),
      'saddle',
      stuck,
      differentiableSaddle(curve([1, point(one, one, zeros)]), curve([1, point(zeros, one, zeros)]))
    )
  ),
  reject(
    'deep-first-order-better',
    'network',
    'The rule first-order, inside better-point, is still for one hidden layer.',
    spurious({}, firstOrder('1', [[[]], [[]]]))
  ),
  decline(
    'curve-empty',
    'curve',
    'A curve without a direction.',
    about(chain, 'not-a-local-minimum', chainPoint, descentCurve())
  ),
  decline(
    'curve-power-zero',
    'power',
    'A power of zero is no curve through the point.',
    about(chain, 'not-a-local-minimum', chainPoint, descentCurve([0, chainPoint]))
  ),
  decline(
    'curve-powers',
    'power',
    'Powers must ascend.',
    about(chain, 'not-a-local-minimum', chainPoint, descentCurve([2, chainPoint], [2, chainPoint]))
  ),
  decline(
    'curve-huge-power',
    'power',
    'A power above 64.',
    about(chain, 'not-a-local-minimum', chainPoint, descentCurve([65, chainPoint]))
  ),
  decline(
    'better-point-other-rule',
    'rule',
    'A rule inside better-point that proves no local minimum.',
    spurious({}, { rule: 'evaluation' })
  ),
  decline(
    'path-span-fields',
    'functions',
    'A span without functions.',
    changed(plantedMinimum, { evidence: { spans: [{ pivots: [2] }, awake] } })
  ),
  decline(
    'affine-fit-fields',
    'spans',
    'The rule affine-fit has no spans.',
    about(linear(2, diagonal), 'global-minimum', point(one, one), { rule: 'affine-fit', spans: [] })
  )
]
