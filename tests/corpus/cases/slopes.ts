import { certificate, type Value } from '../digests.ts'
import {
  accept,
  type Case,
  changed,
  claiming,
  decline,
  dense,
  type Fields,
  point,
  problemOf,
  reject,
  relu,
  squared
} from './case.ts'

/*
 * Points that are not stationary, and problems without a minimum, by enclosures.
 */

const smooth = (name: string): Value => ({ kind: 'smooth', name })
const mean = (kind: string): Value => ({ kind, reduction: 'mean' })
const decaying = (problem: Value, factor: string, biases = true): Value => ({
  ...(problem as Fields),
  decay: { factor, biases }
})

const falling = (problem: Value, at: Value, lower: string, loss: string, direction: Value): Value =>
  certificate(problem, { kind: 'not-stationary', point: at, loss, lower }, { rule: 'enclosed-slope', direction })
const endless = (problem: Value, at: Value, lower: string, loss: string): Value =>
  certificate(problem, { kind: 'no-minimum', point: at, loss, lower }, { rule: 'separation' })

// f = v sigma(w x + b) + c at w = v = 1, b = c = 0; inputs 1 and -1, targets 9 and 9: a larger c is better.
const two = (
  layers: readonly Value[],
  loss: Value = squared,
  ys: readonly (readonly string[])[] = [['9'], ['9']]
): Value => problemOf(layers, loss, [[1], [-1]], ys)
const unit = (layer: Value, loss: Value = squared, ys?: readonly (readonly string[])[]): Value =>
  two([dense(1), layer, dense(1)], loss, ys)
const ones = point([1], [0], [1], [0])
const up = point([0], [0], [0], [1])
const down = point([0], [0], [0], [-1])

// f = w x + b, targets 1 at x = 1 and 0 at x = -1.
const line = (loss = 'logistic', ys: readonly (readonly string[])[] = [['1'], ['0']]): Value =>
  two([dense(1)], mean(loss), ys)
// Two classes by two outputs.
const classes = (ys: readonly (readonly string[])[]): Value => two([dense(2)], mean('cross-entropy'), ys)
const oneHot = [
  ['1', '0'],
  ['0', '1']
]

/** A filter, the greatest of each window, a mean, a dense layer. */
const image: Value = {
  ...(two([dense(1)], { kind: 'huber', reduction: 'sum' }) as Fields),
  network: {
    inputs: [1, 2, 3],
    layers: [
      { kind: 'conv', outputs: 1, size: [2, 2], stride: [1, 1], padding: [0, 0, 0, 1], bias: true },
      smooth('silu'),
      { kind: 'max-pool', size: [1, 2], stride: [1, 1] },
      { kind: 'average-pool', size: [1, 2], stride: [1, 1] },
      { kind: 'flatten' },
      dense(1)
    ]
  },
  data: {
    inputs: [
      ['1', '0', '1/2', '-1', '2', '1'],
      ['0', '1', '-1', '1/3', '1', '0']
    ],
    targets: [['1/2'], ['9']]
  }
}
const filter = point([1, '1/2', -1, 2], ['1/4'], [1], [0])
const onFilter = point([0, 0, 0, -1], [-1], [-1], [0])

// The unit is on its kink at x = 0: outputs 0, targets 1.
const kinked = problemOf([dense(1), relu, dense(1)], squared, [[0]], [[1]])

const separated = endless(line(), point([2], [0]), '1/8', '1/7')
const tanhUnit = falling(unit(smooth('tanh')), ones, '81', '82', up)

const activations: readonly (readonly [string, string, string])[] = [
  ['sigmoid', '72', '73'],
  ['arctan', '81', '82'],
  ['softplus', '67', '68'],
  ['elu', '78', '79'],
  ['selu', '82', '83'],
  ['gelu', '75', '76'],
  ['silu', '77', '78'],
  ['sine', '81', '82']
]

export const slopeCases = (): readonly Case[] => [
  accept('slope-tanh', 'A larger output bias is better.', tanhUnit),
  ...activations.map(([name, lower, loss]) =>
    accept(
      `slope-${name}`,
      `${name}; the hidden weight moves too.`,
      falling(unit(smooth(name)), ones, lower, loss, point([1], [1], [0], [1]))
    )
  ),
  accept(
    'slope-quadratic',
    'A layer of squares.',
    falling(unit({ kind: 'quadratic' }), ones, '64', '64', point([1], [0], [1], [0]))
  ),
  accept('slope-rectifier', 'Exact numbers may be enclosed as well.', falling(unit(relu), ones, '72', '73', up)),
  accept(
    'slope-decay',
    'At zero error only the decay falls.',
    falling(decaying(unit(relu, squared, [['1'], ['0']]), '1/2'), ones, '1/2', '1/2', point([-1], [0], [-1], [0]))
  ),
  accept(
    'slope-decay-biases',
    'Biases that do not decay.',
    falling(
      decaying(unit(relu, squared, [['1'], ['0']]), '1/2', false),
      ones,
      '1/2',
      '1/2',
      point([-1], [5], [-1], [-5])
    )
  ),
  accept(
    'slope-logistic',
    'Logistic loss.',
    falling(unit(relu, mean('logistic'), [['1'], ['0']]), ones, '1/2', '51/100', point([1], [0], [1], [0]))
  ),
  accept(
    'slope-cross-entropy',
    'Cross-entropy with soft targets.',
    falling(
      classes([
        ['1', '0'],
        ['1/4', '3/4']
      ]),
      point([0, 0], [0, 0]),
      '69/100',
      '7/10',
      point([1, -1], [0, 0])
    )
  ),
  accept(
    'slope-hinge',
    'Hinge loss.',
    falling(unit(relu, mean('hinge'), [['1'], ['-1']]), ones, '1/2', '1/2', point([1], [0], [1], [-1]))
  ),
  accept('slope-absolute', 'Absolute loss.', falling(unit(relu, mean('absolute')), ones, '17/2', '17/2', up)),
  accept(
    'slope-image',
    'A convolution, the greatest of windows and means, Huber loss.',
    falling(image, filter, '35/4', '10', onFilter)
  ),
  accept(
    'slope-on-kink',
    'On a kink, along a direction on one side of it.',
    falling(kinked, point([1], [0], [1], [0]), '1/2', '1/2', point([0], [1], [0], [2]))
  ),
  accept(
    'slope-selu-kink',
    'On the kink of selu.',
    falling(
      problemOf([dense(1), smooth('selu'), dense(1)], squared, [[0]], [[1]]),
      point([1], [0], [1], [0]),
      '1/2',
      '1/2',
      point([0], [1], [0], [0])
    )
  ),
  reject('slope-rises', 'direction', 'The loss rises.', falling(unit(smooth('tanh')), ones, '81', '82', down)),
  reject(
    'slope-flat',
    'direction',
    'The loss does not change.',
    falling(unit(smooth('tanh')), ones, '81', '82', point([0], [0], [0], [0]))
  ),
  reject(
    'slope-second-order',
    'direction',
    'It falls at second order only.',
    falling(
      two([dense(1, false), dense(1, false)], squared, [['1'], ['-1']]),
      point([0], [0]),
      '1',
      '1',
      point([1], [1])
    )
  ),
  reject(
    'slope-kink-falls-elsewhere',
    'direction',
    'On a kink the loss falls on the other side only.',
    falling(kinked, point([1], [0], [1], [0]), '1/2', '1/2', point([0], [-1], [0], [0]))
  ),
  reject(
    'slope-lower',
    'enclosure',
    'The loss is smaller than lower.',
    changed(tanhUnit, { claim: { lower: '409/5' } })
  ),
  reject('slope-loss', 'enclosure', 'The loss is greater.', changed(tanhUnit, { claim: { loss: '81' } })),
  reject(
    'slope-decay-forgotten',
    'enclosure',
    'The decay counts.',
    falling(decaying(unit(relu, squared, [['1'], ['0']]), '1/2'), ones, '0', '1/4', point([-1], [0], [-1], [0]))
  ),
  reject(
    'slope-decay-rises',
    'direction',
    'The decay outweighs the fall.',
    falling(decaying(unit(relu, squared, [['1'], ['1/100']]), '1/2'), ones, '1/2', '51/100', point([0], [0], [1], [1]))
  ),
  reject(
    'slope-shape',
    'direction',
    'A direction of another shape.',
    changed(tanhUnit, { evidence: { direction: point([0], [0], [0]) } })
  ),
  reject(
    'slope-without-lower',
    'network',
    'Without lower the loss would have to be exact.',
    claiming(tanhUnit, 'not-stationary', { rule: 'enclosed-slope', direction: up })
  ),
  reject(
    'slope-lower-exact',
    'rule',
    'With lower other rules do not apply.',
    certificate(
      unit(relu),
      { kind: 'not-stationary', point: ones, loss: '145/2', lower: '72' },
      { rule: 'descent-direction', direction: up }
    )
  ),
  reject(
    'slope-as-minimum',
    'rule',
    'The rule proves no minimum.',
    claiming(tanhUnit, 'local-minimum', { rule: 'enclosed-slope', direction: up })
  ),
  decline(
    'slope-far',
    'sine',
    'The sine of a number beyond 4096.',
    falling(unit(smooth('sine')), point([5000], [0], [1], [0]), '0', '100', up)
  ),
  accept(
    'separation-logistic',
    'A line with both samples on their sides: the loss goes to 0 as it grows steeper.',
    separated
  ),
  accept(
    'separation-cross-entropy',
    'Two classes by two outputs.',
    endless(classes(oneHot), point([1, -1], [0, 0]), '1/8', '1/7')
  ),
  accept(
    'separation-several',
    'Several outputs with the logistic loss.',
    endless(two([dense(2)], mean('logistic'), oneHot), point([1, -1], [0, 0]), '5/8', '2/3')
  ),
  accept(
    'separation-rectifier',
    'A hidden layer.',
    endless(unit(relu, mean('logistic'), [['1'], ['0']]), point([1], [0], [2], [-1]), '31/100', '8/25')
  ),
  accept(
    'separation-tanh',
    'A smooth hidden layer.',
    endless(unit(smooth('tanh'), mean('logistic'), [['1'], ['0']]), point([1], [0], [3], [0]), '1/11', '1/10')
  ),
  reject(
    'separation-wrong-side',
    'separation',
    'A sample on the wrong side.',
    changed(separated, { problem: line('logistic', [['1'], ['1']]) as Fields, claim: { lower: '1', loss: '8/7' } })
  ),
  reject('separation-on-line', 'separation', 'A sample on the line.', endless(line(), point([1], [1]), '2/5', '1/2')),
  reject(
    'separation-soft',
    'targets',
    'A target of 3/4: its loss stays away from 0.',
    endless(line('logistic', [['3/4'], ['0']]), point([2], [0]), '3/8', '2/5')
  ),
  reject(
    'separation-soft-classes',
    'targets',
    'Soft targets of classes.',
    endless(
      classes([
        ['3/4', '1/4'],
        ['0', '1']
      ]),
      point([1, -1], [0, 0]),
      '3/8',
      '2/5'
    )
  ),
  reject(
    'separation-tie',
    'separation',
    'Two outputs are equal.',
    endless(classes(oneHot), point([0, 0], [0, 0]), '69/100', '7/10')
  ),
  reject(
    'separation-wrong-class',
    'separation',
    'Another output is greater.',
    endless(classes(oneHot), point([-1, 1], [0, 0]), '2', '15/7')
  ),
  reject(
    'separation-single',
    'loss',
    'Cross-entropy of a single output is 0 everywhere: that is a minimum.',
    endless(two([dense(1)], mean('cross-entropy'), [['1'], ['1']]), point([1], [0]), '0', '0')
  ),
  reject(
    'separation-squared',
    'loss',
    'The squared loss of a line has a minimum.',
    endless(two([dense(1)], squared, [['1'], ['0']]), point([1], [0]), '0', '1')
  ),
  reject(
    'separation-hinge',
    'loss',
    'The hinge loss has its minimum 0.',
    endless(line('hinge', [['1'], ['-1']]), point([1], [0]), '0', '0')
  ),
  reject(
    'separation-decay',
    'decay',
    'Weight decay keeps the parameters near.',
    endless(decaying(line(), '1/1000'), point([2], [0]), '1/8', '1/7')
  ),
  reject('separation-loss', 'enclosure', 'The loss is greater.', changed(separated, { claim: { loss: '1/8' } })),
  reject('separation-lower', 'enclosure', 'The loss is smaller.', changed(separated, { claim: { lower: '1/7' } })),
  reject(
    'separation-as-minimum',
    'rule',
    'The rule proves no minimum.',
    claiming(separated, 'global-minimum', { rule: 'separation' })
  ),
  reject('no-minimum-by-enclosure', 'rule', 'Another rule.', changed(separated, { evidence: { rule: 'enclosure' } })),
  decline(
    'separation-without-lower',
    'claim',
    'A claim without lower.',
    claiming(separated, 'no-minimum', { rule: 'separation' })
  ),
  decline(
    'separation-far',
    'exponential',
    'The exponential of a number beyond 4096.',
    endless(line(), point([5000], [0]), '0', '1')
  )
]
