import { certificate, type Value } from '../digests.ts'
import {
  about,
  accept,
  along,
  type Case,
  changed,
  decline,
  dense,
  point,
  problemOf,
  reject,
  relu,
  squared
} from './case.ts'

const smooth = (name: string): Value => ({ kind: 'smooth', name })
const sumOf = (kind: string): Value => ({ kind, reduction: 'sum' })
const enclosure: Value = { rule: 'enclosure' }
const constantOutput: Value = { rule: 'constant-output' }
const zeroDerivative: Value = { rule: 'zero-derivative' }

const between = (problem: Value, at: Value, lower: string, loss: string): Value =>
  certificate(problem, { kind: 'value-between', point: at, loss, lower }, enclosure)

/** Two inputs, two hidden units, one output; three samples. */
const inputs = [
  [1, '-1/2'],
  ['1/3', 2],
  [-2, 1]
]
const smoothPoint = point([1, '-1/2', '3/4', 2], ['1/5', -1], [2, '-1/3'], ['1/7'])
const valued = (name: string): Value =>
  problemOf([dense(2), smooth(name), dense(1)], squared, inputs, [[1], [0], ['1/2']])

/** Three outputs, targets that are probabilities. */
const classes = problemOf([dense(2), relu, dense(3)], { kind: 'cross-entropy', reduction: 'mean' }, inputs, [
  [1, 0, 0],
  [0, 0, 1],
  ['1/4', '1/4', '1/2']
])
const classesPoint = point([1, '-1/2', '3/4', 2], ['1/5', -1], [2, '-1/3', 1, 1, '-1/2', 3], ['1/7', 0, -1])

/** Exclusive or with labels 0 and 1: outputs 0 everywhere have the loss 4 log 2. */
const exclusive = problemOf(
  [dense(2), relu, dense(1)],
  sumOf('logistic'),
  [
    [1, 1],
    [-1, -1],
    [1, -1],
    [-1, 1]
  ],
  [[1], [1], [0], [0]]
)

/** A filter, a smooth layer, the greatest of each window, and a dense layer. */
const image: Value = {
  format: 'nadir-problem/1',
  network: {
    inputs: [1, 2, 3],
    layers: [
      { kind: 'conv', outputs: 2, size: [2, 2], stride: [1, 1], padding: [0, 1, 0, 0], bias: true },
      smooth('silu'),
      { kind: 'max-pool', size: [1, 2], stride: [1, 1] },
      { kind: 'average-pool', size: [1, 2], stride: [1, 2] },
      { kind: 'flatten' },
      dense(2),
      relu,
      { kind: 'quadratic' },
      dense(1)
    ]
  },
  loss: sumOf('huber'),
  data: {
    inputs: [
      ['1', '0', '1/2', '-1', '2', '1'],
      ['0', '1', '-1', '1/3', '1', '0']
    ],
    targets: [['1'], ['9']]
  }
}
const imagePoint = point(
  [1, '1/2', -1, 2, 0, 1, 1, '-1/3'],
  ['1/4', -1],
  [1, '1/2', '-1/3', 2],
  [0, '1/5'],
  [1, '1/2'],
  ['1/3']
)

/** The bump of the rule constant-output: residuals 1/3, -2/3, 1/3. */
const xs = [[-1], [0], [1]]
const ys = [[0], [1], [0]]
const bump = (name: string): Value => problemOf([dense(2), smooth(name), dense(1)], squared, xs, ys)
const constant = (name: string, beta: number | string, v: number | string): Value =>
  certificate(
    bump(name),
    { kind: 'local-minimum', point: point([0, 0], [beta, beta], [v, v]), loss: '1/3' },
    constantOutput
  )
const spurious = (name: string, beta: number, v: number, better: Value): Value =>
  certificate(
    bump(name),
    { kind: 'spurious', point: point([0, 0], [beta, beta], [v, v]), loss: '1/3', better, betterLoss: '1/1000000' },
    { rule: 'better-point', minimum: constantOutput }
  )

/** Two units that rise and fall: sigma(2 x + 1) + sigma(-2 x + 1). */
const hat = (v: string, c: string): Value => point([2, -2], [1, 1], [v, v], [c])

/** Targets that are correlated with the input: sum r x = -3, loss 7. */
const tilted = (name: string, hiddenBias = true): Value =>
  problemOf([dense(2, hiddenBias), smooth(name), dense(1)], squared, xs, [[0], [1], [5]])
const resting = (name: string, weight: readonly (number | string)[], v: readonly (number | string)[]): Value =>
  certificate(tilted(name), { kind: 'saddle', point: point(weight, v), loss: '7' }, zeroDerivative)

/** Name, lower and upper bound of the loss. */
const values = [
  ['sigmoid', '458014961261/1000000000000', '458014961262/1000000000000'],
  ['tanh', '3642784101223/1000000000000', '3642784101224/1000000000000'],
  ['arctan', '4797733848123/1000000000000', '4797733848124/1000000000000'],
  ['softplus', '2885699431387/1000000000000', '2885699431388/1000000000000'],
  ['elu', '6073833157180/1000000000000', '6073833157181/1000000000000'],
  ['selu', '11473954284527/1000000000000', '11473954284528/1000000000000'],
  ['gelu', '2585689579599/1000000000000', '2585689579600/1000000000000'],
  ['silu', '2303493622432/1000000000000', '2303493622433/1000000000000'],
  ['sine', '2729229935439/1000000000000', '2729229935440/1000000000000']
] as const

export const irrationalCases = (): readonly Case[] => [
  ...values.map(([name, lower, upper]) =>
    accept(
      `enclosure-${name}`,
      `The loss of a network with the activation ${name}, between two numbers.`,
      between(valued(name), smoothPoint, lower, upper)
    )
  ),
  accept(
    'enclosure-cross-entropy',
    'Cross-entropy with soft targets.',
    between(classes, classesPoint, '528466507303/1000000000000', '528466507304/1000000000000')
  ),
  accept(
    'enclosure-log-two',
    'Outputs of zero: four times log 2.',
    between(
      exclusive,
      point([0, 0, 0, 0], [1, 1], [1, 1], [-2]),
      '27725887222397/10000000000000',
      '27725887222398/10000000000000'
    )
  ),
  accept(
    'enclosure-margins',
    'Positive margins: less than log 2 for each sample.',
    between(
      exclusive,
      point([1, 1, -1, -1], [-1, -1], [2, 2], [-1]),
      '1253046750072/1000000000000',
      '1253046750073/1000000000000'
    )
  ),
  accept(
    'enclosure-image',
    'A network with all kinds of layers, Huber loss.',
    between(image, imagePoint, '44443253803119/1000000000000', '44443253803120/1000000000000')
  ),
  accept(
    'enclosure-rational',
    'A rational loss lies between two rationals as well.',
    between(
      problemOf([dense(1), relu, dense(1)], sumOf('hinge'), xs, [[1], [-1], [1]]),
      point([1], ['1/3'], [1], [0]),
      '2333/1000',
      '2334/1000'
    )
  ),
  accept('smooth-gelu', 'gelu bends up at -1.', constant('gelu', -1, 2)),
  accept('smooth-gelu-far', 'gelu bends down beyond the square root of 2.', constant('gelu', '-3/2', -2)),
  accept('smooth-silu', 'silu bends up at 2.3993 / 2.', constant('silu', '6/5', 1)),
  accept('smooth-silu-far', 'silu bends down beyond 2.3994.', constant('silu', '12/5', -1)),
  accept('smooth-sine', 'sin bends up at negative arguments near 0.', constant('sine', -1, 1)),
  accept('smooth-sine-wave', 'sin bends down at 7, which lies between 2 pi and 3 pi.', constant('sine', 7, -1)),
  accept(
    'smooth-spurious-gelu',
    'Spurious: two units that nearly fit the three samples.',
    spurious('gelu', -1, 1, hat('-86609664/100000000', '245737172/100000000'))
  ),
  accept(
    'smooth-spurious-silu',
    'The same with silu.',
    spurious('silu', -1, 1, hat('-88757622/100000000', '229774042/100000000'))
  ),
  accept(
    'smooth-spurious-sine',
    'The same with sin.',
    spurious('sine', -1, 1, hat('41958753/100000000', '29385854/100000000'))
  ),
  accept(
    'zero-derivative-gelu',
    'Hidden biases at the zero of the derivative of gelu, targets that are correlated with the input.',
    resting('gelu', [0, 0], [1, 0])
  ),
  accept('zero-derivative-silu', 'The same with silu.', resting('silu', [0, 0], [1, -2])),
  accept('zero-derivative-sine', 'The same with sin, biases at pi/2.', resting('sine', [0, 0], [0, '1/3'])),
  reject(
    'enclosure-too-low',
    'enclosure',
    'An upper bound below the loss.',
    between(exclusive, point([0, 0, 0, 0], [1, 1], [1, 1], [-2]), '2', '277/100')
  ),
  reject(
    'enclosure-too-high',
    'enclosure',
    'A lower bound above the loss.',
    between(exclusive, point([0, 0, 0, 0], [1, 1], [1, 1], [-2]), '278/100', '3')
  ),
  reject(
    'enclosure-no-room',
    'enclosure',
    'No number is its own irrational loss: the bounds leave no room.',
    between(valued('tanh'), smoothPoint, '1', '1')
  ),
  reject(
    'enclosure-shape',
    'enclosure',
    'A point without its last bias.',
    between(valued('tanh'), point([1, '-1/2', '3/4', 2], ['1/5', -1], [2, '-1/3']), '0', '100')
  ),
  reject(
    'enclosure-as-value',
    'rule',
    'The rule enclosure proves no exact value.',
    changed(between(valued('tanh'), smoothPoint, '0', '100'), { evidence: { rule: 'evaluation' } })
  ),
  reject(
    'logistic-value',
    'network',
    'An exact value of an irrational loss.',
    certificate(
      exclusive,
      { kind: 'value', point: point([0, 0, 0, 0], [1, 1], [1, 1], [-2]), loss: '2' },
      { rule: 'evaluation' }
    )
  ),
  reject(
    'logistic-descent',
    'network',
    'Polynomials along a direction are for rational losses.',
    certificate(
      exclusive,
      { kind: 'not-stationary', point: point([0, 0, 0, 0], [1, 1], [1, 1], [-2]), loss: '2' },
      along([0, 0, 0, 0], [0, 0], [0, 0], [1])
    )
  ),
  reject('smooth-gelu-sign', '\\(c\\)', 'gelu bends up at 1.', constant('gelu', 1, -2)),
  reject('smooth-gelu-far-sign', '\\(c\\)', 'gelu bends down at 3/2.', constant('gelu', '3/2', 1)),
  reject(
    'smooth-silu-inflection',
    '\\(c\\) unit 0',
    'Too near to where silu changes its bend.',
    constant('silu', '239935/100000', 1)
  ),
  reject('smooth-silu-far-sign', '\\(c\\)', 'silu bends down at 3.', constant('silu', 3, 1)),
  reject(
    'smooth-sine-inflection',
    '\\(c\\) unit 0',
    'The second derivative of sin is zero at zero.',
    constant('sine', 0, 1)
  ),
  reject('smooth-sine-sign', '\\(c\\)', 'sin bends down at 7.', constant('sine', 7, 1)),
  reject(
    'smooth-sine-pi',
    '\\(c\\) unit 0',
    'An argument too near to pi.',
    constant('sine', '314159265358979323846264/100000000000000000000000', 1)
  ),
  reject('zero-derivative-weight', '\\(a\\)', 'A hidden weight that is not zero.', resting('gelu', [0, '1/9'], [1, 0])),
  reject('zero-derivative-silent', '\\(c\\)', 'No unit has an outgoing weight.', resting('silu', [0, 0], [0, 0])),
  reject(
    'zero-derivative-uncorrelated',
    '\\(c\\)',
    'Targets that are not correlated with the input: it may be a minimum.',
    certificate(bump('gelu'), { kind: 'saddle', point: point([0, 0], [1, 1]), loss: '1/3' }, zeroDerivative)
  ),
  reject('zero-derivative-tanh', 'network', 'The derivative of tanh has no zero.', resting('tanh', [0, 0], [1, 0])),
  reject(
    'zero-derivative-loss',
    'evaluation',
    'Another loss.',
    certificate(tilted('sine'), { kind: 'saddle', point: point([0, 0], [1, 0]), loss: '8' }, zeroDerivative)
  ),
  reject(
    'zero-derivative-no-bias',
    'network',
    'No hidden bias that could rest.',
    certificate(tilted('sine', false), { kind: 'saddle', point: point([0, 0], [1, 0]), loss: '7' }, zeroDerivative)
  ),
  reject(
    'zero-derivative-shape',
    'evaluation',
    'The hidden biases are not written down.',
    certificate(tilted('sine'), { kind: 'saddle', point: point([0, 0], [1, 1], [1, 0]), loss: '7' }, zeroDerivative)
  ),
  reject(
    'zero-derivative-as-minimum',
    'rule',
    'It is no minimum.',
    certificate(tilted('sine'), { kind: 'local-minimum', point: point([0, 0], [1, 0]), loss: '7' }, zeroDerivative)
  ),
  reject(
    'zero-derivative-rational',
    'network',
    'The rule is for smooth layers.',
    about(
      problemOf([dense(1), { kind: 'quadratic' }, dense(1)], squared, xs, ys),
      'saddle',
      point([0], [0], [1], ['1/3']),
      zeroDerivative
    )
  ),
  decline(
    'logistic-label',
    'probabilities',
    'A label that is no probability.',
    changed(between(exclusive, point([0, 0, 0, 0], [1, 1], [1, 1], [-2]), '2', '3'), {
      problem: { data: { inputs: [['1', '1']], targets: [['-1']] } }
    })
  ),
  decline(
    'cross-entropy-targets',
    'probabilities',
    'Targets that do not add up to 1.',
    changed(between(classes, classesPoint, '0', '9'), {
      problem: { data: { inputs: [['1', '1']], targets: [['1', '0', '1/9']] } }
    })
  ),
  decline(
    'sine-huge',
    'sine',
    'The sine of a huge number.',
    between(valued('sine'), point([1, '-1/2', '3/4', 100000], ['1/5', -1], [2, '-1/3'], ['1/7']), '0', '100')
  )
]
