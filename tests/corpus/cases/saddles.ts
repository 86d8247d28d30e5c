import { certificate, type Value } from '../digests.ts'
import {
  accept,
  type Case,
  changed,
  decline,
  dense,
  type Fields,
  parts,
  point,
  problemOf,
  reject,
  relu,
  squared
} from './case.ts'

/*
 * Saddles nearby. With zero parameters the Hessian is that of a few pairs of numbers, so that frames are written down by hand.
 */

const smooth = (name: string): Value => ({ kind: 'smooth', name })
const decaying = (problem: Value, factor: string, biases = true): Value => ({
  ...(problem as Fields),
  decay: { factor, biases }
})

/** A square matrix in hundredths, row by row. */
const frameOf = (rows: readonly (readonly number[])[]): Value =>
  rows.map((row) => ({ denominator: '100', numerators: row.map(String) }))

const bounds: Fields = { radius: '1/1000', loss: '1/15', lower: '1/17' }

const saddle = (problem: Value, at: Value, claim: Fields, evidence: Fields): Value =>
  certificate(
    problem,
    { kind: 'saddle-nearby', point: at, ...bounds, ...claim },
    { rule: 'contraction-saddle', asleep: [], negative: 1, ...evidence }
  )

// One unit, inputs 1 and -1, targets 1/4 and -1/4, as in the minima nearby; a decay less than the correlation 1/2 makes zero a saddle.
const two = (layers: readonly Value[], loss: Value = squared, ys: readonly string[] = ['1/4', '-1/4']): Value =>
  problemOf(
    layers,
    loss,
    [[1], [-1]],
    ys.map((y) => [y])
  )
const layersOf = (name: string): readonly Value[] => [dense(1), smooth(name), dense(1)]
const zeros = point([0], [0], [0], [0])

/** Weight, bias, outgoing weight, output bias; w = v falls, w = -v rises. */
const even = frameOf([
  [141, 82, 0, 0],
  [0, 0, 200, 0],
  [141, -82, 0, 0],
  [0, 0, 0, 67]
])
const steep = (name: string): Value =>
  saddle(decaying(two(layersOf(name)), '1/4'), zeros, { index: 1 }, { frame: even })
/** Slope 1/2 at 0. */
const half = frameOf([
  [200, 115, 0, 0],
  [0, 0, 283, 0],
  [200, -115, 0, 0],
  [0, 0, 0, 69]
])
const gentle = (name: string): Value =>
  saddle(decaying(two(layersOf(name)), '1/8'), zeros, { index: 1 }, { frame: half })
const tanh = steep('tanh')

const labels = (loss: string, outputs: number, ys: readonly (readonly string[])[]): Value =>
  decaying(
    problemOf([dense(1), smooth('tanh'), dense(outputs)], { kind: loss, reduction: 'mean' }, [[1], [-1]], ys),
    '1/4'
  )
const even2: Fields = { loss: '7/10', lower: '69/100' }

// Without decay, or with one, a unit at rest; the output bias alone is free.
const idle = (problem: Value, at: Value, direction: Value, evidence: Fields = {}): Value =>
  saddle(problem, at, {}, { asleep: [[0, 0]], negative: 0, frame: frameOf([[70]]), direction, ...evidence })
const both = point([1], [0], [1], [0])
const asleep = (name: string, direction = both): Value => idle(two(layersOf(name)), zeros, direction)
const resting = asleep('tanh')
/** The value 1/2 of a sigmoid at 0 goes into the output bias. */
const shifted = point([4], [0], [1], ['-1/2'])
const atZero = asleep('sigmoid', shifted)

const pair: Value = problemOf([dense(1, false), dense(1, false)], squared, [[1]], [['5/4']])
const linear = saddle(
  decaying(pair, '1/4'),
  point([0], [0]),
  { loss: '4/5', lower: '3/4', index: 1 },
  {
    frame: frameOf([
      [71, 58],
      [71, -58]
    ])
  }
)

const frame = (document: Value): readonly Fields[] =>
  parts(document).proof.evidence['frame'] as unknown as readonly Fields[]

export const saddleCases = (): readonly Case[] => [
  accept('saddle-nearby-tanh', 'All parameters zero: a saddle because the decay is less than the correlation.', tanh),
  accept('saddle-nearby-arctan', 'arctan.', steep('arctan')),
  accept('saddle-nearby-sine', 'sine.', steep('sine')),
  accept('saddle-nearby-gelu', 'gelu, zero at zero with slope 1/2.', gentle('gelu')),
  accept('saddle-nearby-silu', 'silu.', gentle('silu')),
  accept('saddle-nearby-linear', 'A deep linear network with decay.', linear),
  accept(
    'saddle-nearby-no-index',
    'The claim need not name the index.',
    saddle(parts(tanh).problem, zeros, {}, { frame: even })
  ),
  accept(
    'saddle-nearby-off-centre',
    'The point is near the saddle, not at it.',
    changed(tanh, { claim: { point: point(['1/9999'], ['-1/9999'], [0], ['1/9999']) } })
  ),
  accept(
    'saddle-nearby-huber',
    'Huber loss where all errors are small.',
    saddle(
      decaying(two(layersOf('tanh'), { kind: 'huber', reduction: 'sum' }), '1/4'),
      zeros,
      { index: 1 },
      { frame: even }
    )
  ),
  accept(
    'saddle-nearby-logistic',
    'Logistic loss, two labels.',
    saddle(
      labels('logistic', 1, [['1'], ['0']]),
      zeros,
      { ...even2, index: 1 },
      {
        frame: frameOf([
          [141, 82, 0, 0],
          [0, 0, 200, 0],
          [141, -82, 0, 0],
          [0, 0, 0, 141]
        ])
      }
    )
  ),
  accept(
    'saddle-nearby-cross-entropy',
    'Cross-entropy of two classes.',
    saddle(
      labels('cross-entropy', 2, [
        ['1', '0'],
        ['0', '1']
      ]),
      point([0], [0], [0, 0], [0, 0]),
      { ...even2, index: 1 },
      {
        frame: frameOf([
          [105, 72, 0, 0, 0, 0],
          [0, 0, 0, 200, 0, 0],
          [74, -51, 141, 0, 0, 0],
          [-74, 51, 141, 0, 0, 0],
          [0, 0, 0, 0, 141, 82],
          [0, 0, 0, 0, 141, -82]
        ])
      }
    )
  ),
  accept('saddle-asleep-tanh', 'Without decay: a unit that rests at zero gains by waking.', resting),
  accept('saddle-asleep-gelu', 'The same with gelu.', asleep('gelu')),
  accept('saddle-asleep-sigmoid', 'A sigmoid is 1/2 at zero, which the output bias takes.', atZero),
  accept(
    'saddle-asleep-softplus',
    'A softplus, whose value at zero is irrational.',
    asleep('softplus', point([4], [0], [1], ['-7/10']))
  ),
  accept(
    'saddle-asleep-bias',
    'A unit that rests at the value tanh(1/2).',
    idle(two(layersOf('tanh')), point([0], ['1/2'], [0], [0]), point([1], [0], [1], ['-46/100']))
  ),
  accept(
    'saddle-asleep-free-biases',
    'Weights decay, biases do not.',
    idle(decaying(two(layersOf('sigmoid')), '1/64', false), zeros, shifted)
  ),
  accept(
    'saddle-asleep-with-decay',
    'All decays, less than the unit gains.',
    idle(decaying(two(layersOf('tanh')), '1/4'), zeros, both, { frame: frameOf([[67]]) })
  ),
  reject(
    'saddle-of-minimum',
    'curvature',
    'With the decay 1 zero is a minimum.',
    changed(tanh, { problem: { decay: { factor: '1', biases: true } } })
  ),
  reject(
    'saddle-asleep-minimum',
    'direction',
    'With the decay 1 the unit gains nothing by waking.',
    idle(decaying(two(layersOf('tanh')), '1'), zeros, both, { frame: frameOf([[58]]) })
  ),
  reject(
    'saddle-asleep-cubic',
    'direction',
    'Two hidden layers asleep: the loss falls at third order only.',
    saddle(
      two([dense(1), smooth('tanh'), dense(1), smooth('tanh'), dense(1)]),
      point([0], [0], [0], [0], [0], [0]),
      {},
      {
        asleep: [
          [0, 0],
          [1, 0]
        ],
        negative: 0,
        frame: frameOf([[70]]),
        direction: point([1], [0], [1], [0], [1], [0])
      }
    )
  ),
  reject(
    'saddle-asleep-rises',
    'direction',
    'Along the direction the loss rises.',
    asleep('tanh', point([1], [0], [-1], [0]))
  ),
  reject(
    'saddle-asleep-no-direction',
    'direction',
    'No direction of descent at all.',
    changed(resting, { evidence: { direction: point([0], [0], [0], [0]) } })
  ),
  reject(
    'saddle-asleep-shape',
    'direction',
    'A direction of another shape.',
    changed(resting, { evidence: { direction: point([1], [0], [1]) } })
  ),
  reject(
    'saddle-asleep-felt',
    'asleep',
    'The value 1/2 of the sigmoid is felt where the output bias decays.',
    idle(decaying(two(layersOf('sigmoid')), '1/64'), zeros, shifted)
  ),
  reject(
    'saddle-asleep-no-bias',
    'asleep',
    'The value 1/2 of the sigmoid is felt where there is no output bias.',
    saddle(
      two([dense(2), smooth('sigmoid'), dense(1, false)]),
      point([0, 0], [0, 0], [0, 0]),
      {},
      { asleep: [[0, 0]], negative: 0, frame: frameOf([[1]]), direction: point([1, 0], [0, 0], [1, 0]) }
    )
  ),
  reject(
    'saddle-asleep-shifted',
    'asleep',
    'The value tanh(1/2) is felt where the output bias decays.',
    idle(decaying(two(layersOf('tanh')), '1/64', true), point([0], ['1/2'], [0], [0]), both)
  ),
  reject(
    'saddle-asleep-bias-decays',
    'asleep',
    'A bias that decays and is not zero.',
    idle(decaying(two(layersOf('tanh')), '1/64'), point([0], ['1/100000'], [0], [0]), both)
  ),
  reject(
    'saddle-asleep-incoming',
    'asleep',
    'An incoming weight is not zero.',
    changed(resting, { claim: { point: point(['1/100000'], [0], [0], [0]) } })
  ),
  reject(
    'saddle-asleep-outgoing',
    'asleep',
    'An outgoing weight is not zero.',
    changed(resting, { claim: { point: point([0], [0], ['1/100000'], [0]) } })
  ),
  reject(
    'saddle-asleep-unit',
    'asleep',
    'There is no second unit.',
    changed(resting, { evidence: { asleep: [[0, 1]] } })
  ),
  reject(
    'saddle-asleep-output',
    'asleep',
    'An output cannot sleep.',
    changed(resting, { evidence: { asleep: [[1, 0]] } })
  ),
  reject(
    'saddle-asleep-twice',
    'asleep',
    'A unit named twice.',
    changed(resting, {
      evidence: {
        asleep: [
          [0, 0],
          [0, 0]
        ]
      }
    })
  ),
  reject(
    'saddle-asleep-index',
    'index',
    'The evidence does not count the eigenvalues of the unit.',
    changed(resting, { claim: { index: 0 } })
  ),
  reject(
    'saddle-nearby-index',
    'index',
    'One eigenvalue is negative, not two.',
    changed(tanh, { claim: { index: 2 } })
  ),
  reject(
    'saddle-nearby-negative',
    'curvature',
    'One eigenvalue is negative, not two.',
    changed(tanh, { claim: { index: 2 }, evidence: { negative: 2 } })
  ),
  reject(
    'saddle-nearby-no-positive',
    'frame',
    'All signs negative: that would be a maximum.',
    changed(tanh, { claim: { index: 4 }, evidence: { negative: 4 } })
  ),
  reject(
    'saddle-nearby-no-negative',
    'direction',
    'No negative sign and no direction.',
    saddle(
      decaying(two(layersOf('tanh')), '1'),
      zeros,
      { index: 0 },
      {
        negative: 0,
        frame: frameOf([
          [100, 58, 0, 0],
          [0, 0, 100, 0],
          [100, -58, 0, 0],
          [0, 0, 0, 58]
        ])
      }
    )
  ),
  reject(
    'saddle-nearby-both',
    'direction',
    'Negative signs and a direction.',
    changed(tanh, { evidence: { direction: both } })
  ),
  reject(
    'saddle-nearby-large-box',
    'curvature',
    'In a box of radius 3 the curvature changes too much.',
    changed(tanh, { claim: { radius: '3' } })
  ),
  reject(
    'saddle-nearby-far',
    'gradient',
    'The point has a gradient too large for the box.',
    changed(tanh, { claim: { point: point([0], [0], [0], ['1/20']), loss: '1' } })
  ),
  reject(
    'saddle-nearby-small-box',
    'gradient',
    'The saddle is farther away than the radius.',
    changed(tanh, { claim: { point: point(['1/9999'], ['-1/9999'], [0], ['1/9999']), radius: '1/1000000' } })
  ),
  reject(
    'saddle-nearby-loss',
    'loss',
    'The loss there is 1/16.',
    changed(tanh, { claim: { loss: '1/17', lower: '0' } })
  ),
  reject('saddle-nearby-lower', 'lower', 'The loss there is 1/16.', changed(tanh, { claim: { lower: '1/15' } })),
  reject('saddle-nearby-radius', 'radius', 'No box.', changed(tanh, { claim: { radius: '0' } })),
  reject('saddle-nearby-elu', 'twice-differentiable', 'elu at zero: its second derivative jumps.', steep('elu')),
  reject('saddle-nearby-selu', 'twice-differentiable', 'selu at zero: its first derivative jumps.', steep('selu')),
  reject(
    'saddle-nearby-kink',
    'twice-differentiable',
    'A rectifier at zero.',
    saddle(decaying(two([dense(1), relu, dense(1)]), '1/4'), zeros, {}, { frame: even })
  ),
  reject(
    'saddle-nearby-kink-asleep',
    'twice-differentiable',
    'A rectifier that sleeps on its kink.',
    idle(two([dense(1), relu, dense(1)]), zeros, both)
  ),
  reject(
    'saddle-nearby-absolute',
    'loss',
    'The absolute loss has kinks of its own.',
    saddle(decaying(two(layersOf('tanh'), { kind: 'absolute', reduction: 'sum' }), '1/4'), zeros, {}, { frame: even })
  ),
  reject(
    'saddle-nearby-rows',
    'frame',
    'A row is missing.',
    changed(tanh, { evidence: { frame: frame(tanh).slice(1) as unknown as Value } })
  ),
  reject(
    'saddle-nearby-triangle',
    'frame',
    'A triangle instead of a square.',
    changed(tanh, {
      evidence: { frame: frameOf([[141], [0, 200], [141, 0, 82], [0, 0, 0, 67]]) }
    })
  ),
  reject(
    'saddle-nearby-two-denominators',
    'frame',
    'The rows have two denominators.',
    changed(linear, {
      evidence: {
        frame: [
          { denominator: '100', numerators: ['71', '58'] },
          { denominator: '200', numerators: ['142', '-116'] }
        ]
      }
    })
  ),
  reject(
    'saddle-nearby-zero-frame',
    'curvature',
    'A frame of zeros.',
    changed(linear, {
      evidence: {
        frame: frameOf([
          [0, 0],
          [0, 0]
        ])
      }
    })
  ),
  reject(
    'saddle-nearby-order',
    'curvature',
    'The negative direction is not the first.',
    changed(linear, {
      evidence: {
        frame: frameOf([
          [58, 71],
          [-58, 71]
        ])
      }
    })
  ),
  reject(
    'saddle-nearby-shape',
    'point',
    'A parameter too few.',
    changed(tanh, { claim: { point: point([0], [0], [0]) } })
  ),
  reject(
    'saddle-nearby-as-minimum',
    'rule',
    'The rule for saddles proves no minimum.',
    saddle(parts(tanh).problem, zeros, { kind: 'local-minimum-nearby' }, { frame: even })
  ),
  reject(
    'saddle-nearby-as-saddle',
    'rule',
    'A contraction proves no saddle at the point itself.',
    certificate(parts(tanh).problem, { kind: 'saddle', point: zeros, loss: '1/16' }, parts(tanh).proof.evidence)
  ),
  reject(
    'saddle-nearby-by-contraction',
    'rule',
    'The rule for minima proves no saddle.',
    certificate(parts(tanh).problem, parts(tanh).claim, {
      rule: 'contraction',
      factor: frameOf([[90], [0, 90], [0, 0, 90], [0, 0, 0, 60]])
    })
  ),
  decline(
    'saddle-nearby-pair',
    'unreadable proof.evidence.asleep',
    'Not a pair.',
    changed(resting, { evidence: { asleep: [[0]] } })
  ),
  decline(
    'saddle-nearby-index-text',
    'unreadable claim.index',
    'The index is a count.',
    changed(tanh, { claim: { index: '1' } })
  ),
  decline(
    'minimum-nearby-index',
    'unreadable claim: unknown field "index"',
    'A minimum has no index.',
    certificate(
      parts(tanh).problem,
      { ...parts(tanh).claim, kind: 'local-minimum-nearby' },
      { rule: 'contraction', factor: frameOf([[90]]) }
    )
  )
]
