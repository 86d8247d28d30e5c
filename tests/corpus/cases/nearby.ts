import { certificate, type Value } from '../digests.ts'
import { accept, type Case, decaying, dense, type Fields, point, problemOf, reject, relu, squared } from './case.ts'

/*
 * Minima nearby. Zero parameters are a minimum of many decayed networks by symmetry; so the centre is exact and the factor a few fractions.
 */

const smooth = (name: string): Value => ({ kind: 'smooth', name })

/** A diagonal factor over the denominator 10, with entries below the diagonal where given as [row, column, entry]. */
const factorOf = (diagonal: readonly number[], below: readonly (readonly [number, number, number])[] = []): Value =>
  diagonal.map((entry, row) => ({
    denominator: '10',
    numerators: Array.from({ length: row + 1 }, (_, column) =>
      String(column === row ? entry : (below.find(([r, c]) => r === row && c === column)?.[2] ?? 0))
    )
  }))

const nearby = (problem: Value, at: Value, loss: string, factor: Value, others: Fields = {}): Value =>
  certificate(
    problem,
    { kind: 'local-minimum-nearby', point: at, radius: '1/100', loss, lower: '0', ...others },
    { rule: 'contraction', factor }
  )

/** The problem without its decay. */
const without = (problem: Value): Value => {
  const { decay: _, ...rest } = problem as Fields
  return rest
}

// One unit, inputs 1 and -1, targets 1/4 and -1/4: sum of y x is 1/2, less than the decay 1.
const two = (layers: readonly Value[], loss: Value = squared, ys: readonly string[] = ['1/4', '-1/4']): Value =>
  problemOf(
    layers,
    loss,
    [[1], [-1]],
    ys.map((y) => [y])
  )
const unit = (name: string): Value => decaying(two([dense(1), smooth(name), dense(1)]), '1')
const zeros = point([0], [0], [0], [0])
const even = factorOf([8, 8, 8, 5])
const odd = (name: string): Value => nearby(unit(name), zeros, '1/15', even)

// f = v relu(w x), x = 1, y = 5/4, decay 1/4: w = v = 1 balances.
const product = (layer: Value, factor = '1/4', y = '5/4'): Value =>
  decaying(problemOf([dense(1, false), layer, dense(1, false)], squared, [[1]], [[y]]), factor)
const balanced = factorOf([9, 9], [[1, 0, -4]])

const labels = (loss: string, layers: readonly Value[], ys: readonly (readonly string[])[]): Value =>
  decaying(problemOf(layers, { kind: loss, reduction: 'mean' }, [[1], [-1]], ys), '1')

const image: Value = {
  ...(two([dense(1)]) as Fields),
  network: {
    inputs: [1, 2, 2],
    layers: [{ kind: 'average-pool', size: [2, 2], stride: [1, 1] }, { kind: 'flatten' }, dense(1)]
  },
  data: {
    inputs: [
      ['1', '0', '0', '0'],
      ['0', '0', '0', '-1']
    ],
    targets: [['1/4'], ['-1/4']]
  }
}

export const nearbyCases = (): readonly Case[] => [
  accept(
    'nearby-tanh',
    'All parameters zero: a minimum because the decay is larger than the correlation.',
    odd('tanh')
  ),
  accept('nearby-arctan', 'arctan.', odd('arctan')),
  accept('nearby-sine', 'sine.', odd('sine')),
  accept('nearby-gelu', 'gelu, zero at zero with slope 1/2.', odd('gelu')),
  accept('nearby-silu', 'silu.', odd('silu')),
  accept(
    'nearby-off-centre',
    'The point is near the minimum, not at it.',
    nearby(unit('tanh'), point(['1/1000'], ['-1/1000'], [0], ['1/2000']), '1/15', even)
  ),
  accept(
    'nearby-deep',
    'Two hidden layers: only the output bias has curvature beside the decay.',
    nearby(
      decaying(two([dense(1), smooth('tanh'), dense(1), smooth('tanh'), dense(1)]), '1'),
      point([0], [0], [0], [0], [0], [0]),
      '1/15',
      factorOf([9, 9, 9, 9, 9, 5])
    )
  ),
  accept(
    'nearby-rectifier',
    'A rectifier, active all over the box.',
    nearby(product(relu), point([1], [1]), '3/10', balanced, { radius: '1/100' })
  ),
  accept(
    'nearby-linear',
    'A deep linear network.',
    nearby(
      decaying(problemOf([dense(1, false), dense(1, false)], squared, [[1]], [['5/4']]), '1/4'),
      point([1], [1]),
      '3/10',
      balanced,
      { radius: '1/100' }
    )
  ),
  accept(
    'nearby-quadratic',
    'Squares: f = v (w x)^2 + c with zero weights.',
    nearby(
      decaying(two([dense(1, false), { kind: 'quadratic' }, dense(1)]), '1'),
      point([0], [0], [0]),
      '1/15',
      factorOf([9, 9, 5])
    )
  ),
  accept(
    'nearby-logistic',
    'Logistic loss, both labels 1/2.',
    nearby(
      labels('logistic', [dense(1), smooth('tanh'), dense(1)], [['1/2'], ['1/2']]),
      zeros,
      '7/10',
      factorOf([9, 9, 9, 9]),
      { lower: '69/100' }
    )
  ),
  accept(
    'nearby-cross-entropy',
    'Cross-entropy of three even classes, a linear classifier.',
    nearby(
      labels(
        'cross-entropy',
        [dense(3)],
        [
          ['1/3', '1/3', '1/3'],
          ['1/3', '1/3', '1/3']
        ]
      ),
      point([0, 0, 0], [0, 0, 0]),
      '11/10',
      factorOf([9, 9, 9, 9, 9, 9]),
      { lower: '109/100' }
    )
  ),
  accept(
    'nearby-huber',
    'Huber loss where all errors are small.',
    nearby(
      decaying(two([dense(1), smooth('tanh'), dense(1)], { kind: 'huber', reduction: 'sum' }), '1'),
      zeros,
      '1/15',
      even
    )
  ),
  accept(
    'nearby-without-decay',
    'No decay: one number fitted to two.',
    nearby(two([dense(1)]), point(['1/4'], [0]), '1/1000', factorOf([7, 7]))
  ),
  accept(
    'nearby-free-biases',
    'Decay of weights only: the biases of a linear map have curvature of their own.',
    nearby(decaying(two([dense(1)]), '1', false), point(['1/6'], [0]), '1/10', factorOf([5, 7]))
  ),
  reject(
    'nearby-saddle',
    'curvature',
    'With the decay 1/4 zero is a saddle.',
    nearby(decaying(two([dense(1), smooth('tanh'), dense(1)]), '1/4'), zeros, '1/15', even)
  ),
  reject(
    'nearby-flat',
    'curvature',
    'Without decay the weights may grow and shrink: a line of minima.',
    nearby(without(product(relu, '1/4', '1')), point([1], [1]), '1', factorOf([1, 1]))
  ),
  reject(
    'nearby-large-box',
    'curvature',
    'In a box of radius 3 the curvature changes too much.',
    nearby(unit('tanh'), zeros, '1/15', even, { radius: '3' })
  ),
  reject(
    'nearby-far',
    'gradient',
    'The point has a gradient too large for the box.',
    nearby(unit('tanh'), point([0], [0], [0], ['1/20']), '1', even)
  ),
  reject(
    'nearby-small-box',
    'gradient',
    'The minimum is farther away than the radius.',
    nearby(unit('tanh'), point(['1/1000'], ['-1/1000'], [0], ['1/2000']), '1/15', even, { radius: '1/100000' })
  ),
  reject('nearby-loss', 'loss', 'The loss there is 1/16.', nearby(unit('tanh'), zeros, '1/17', even)),
  reject(
    'nearby-lower',
    'lower',
    'The loss of the minimum is 1/16.',
    nearby(unit('tanh'), zeros, '1/15', even, { lower: '1/15' })
  ),
  reject('nearby-radius-zero', 'radius', 'No box.', nearby(unit('tanh'), zeros, '1/15', even, { radius: '0' })),
  reject(
    'nearby-kink',
    'twice-differentiable',
    'A rectifier at zero.',
    nearby(decaying(two([dense(1), relu, dense(1)]), '1'), zeros, '1/15', even)
  ),
  reject('nearby-elu', 'twice-differentiable', 'elu at zero: its second derivative jumps.', odd('elu')),
  reject('nearby-selu', 'twice-differentiable', 'selu at zero: its first derivative jumps.', odd('selu')),
  reject(
    'nearby-kink-within',
    'twice-differentiable',
    'The rectifier is active at the point, and not in all of the box.',
    nearby(product(relu), point([1], [1]), '3/10', balanced, { radius: '1' })
  ),
  reject(
    'nearby-huber-corner',
    'twice-differentiable',
    'The errors are 1 and -1.',
    nearby(
      decaying(two([dense(1), smooth('tanh'), dense(1)], { kind: 'huber', reduction: 'sum' }, ['1', '-1']), '3'),
      zeros,
      '1',
      even
    )
  ),
  reject(
    'nearby-absolute',
    'loss',
    'The absolute loss has kinks of its own.',
    nearby(
      decaying(two([dense(1)], { kind: 'absolute', reduction: 'sum' }), '1'),
      point([0], [0]),
      '1',
      factorOf([9, 9])
    )
  ),
  reject('nearby-image', 'network', 'Pooling is not covered.', nearby(image, point(['1'], [0]), '1', factorOf([9, 9]))),
  reject(
    'nearby-diagonal',
    'factor',
    'A zero on the diagonal.',
    nearby(unit('tanh'), zeros, '1/15', factorOf([8, 8, 0, 5]))
  ),
  reject(
    'nearby-negative-diagonal',
    'factor',
    'A negative number on the diagonal.',
    nearby(unit('tanh'), zeros, '1/15', factorOf([8, 8, 8, -5]))
  ),
  reject('nearby-rows', 'factor', 'A row is missing.', nearby(unit('tanh'), zeros, '1/15', factorOf([8, 8, 8]))),
  reject(
    'nearby-square',
    'factor',
    'A full matrix instead of a triangle.',
    nearby(decaying(two([dense(1)]), '1'), point([0], [0]), '1', [
      { denominator: '10', numerators: ['5', '0'] },
      { denominator: '10', numerators: ['0', '5'] }
    ])
  ),
  reject(
    'nearby-two-denominators',
    'factor',
    'The rows have two denominators.',
    nearby(decaying(two([dense(1)]), '1'), point([0], [0]), '1', [
      { denominator: '10', numerators: ['5'] },
      { denominator: '20', numerators: ['0', '10'] }
    ])
  ),
  reject(
    'nearby-shape',
    'point',
    'A parameter too few.',
    nearby(unit('tanh'), point([0], [0], [0]), '1/15', factorOf([8, 8, 8]))
  ),
  reject(
    'nearby-by-enclosure',
    'rule',
    'Bounds of the loss prove no minimum.',
    certificate(
      unit('tanh'),
      { kind: 'local-minimum-nearby', point: zeros, radius: '1/100', loss: '1/15', lower: '0' },
      { rule: 'enclosure' }
    )
  ),
  reject(
    'nearby-as-local-minimum',
    'rule',
    'A contraction proves no minimum at the point itself.',
    certificate(
      unit('tanh'),
      { kind: 'local-minimum', point: zeros, loss: '1/16' },
      { rule: 'contraction', factor: even }
    )
  )
]
