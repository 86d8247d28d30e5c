import { certificate, type Value } from '../digests.ts'
import {
  about,
  accept,
  along,
  type Case,
  decline,
  dense,
  type Fields,
  point,
  problemOf,
  reject,
  squared
} from './case.ts'

const smooth = (name: string): Value => ({ kind: 'smooth', name })
const layersOf = (name: string, units = 2): readonly Value[] => [dense(units), smooth(name), dense(1)]
const constantOutput: Value = { rule: 'constant-output' }

/** y is not correlated with x: residuals 1/3, -2/3, 1/3, second moment 2/3. */
const xs = [[-1], [0], [1]]
const ys = [[0], [1], [0]]
const bump = (name: string, units = 2): Value => problemOf(layersOf(name, units), squared, xs, ys)

/** Two units with w = 0 and these biases and outgoing weights; the output bias is balanced. */
const constant = (beta: number | string, v: number | string = 1): Value => point([0, 0], [beta, beta], [v, v])
const claim = (at: Value, others: Fields = {}): Value => ({ kind: 'local-minimum', point: at, loss: '1/3', ...others })
const minimum = (name: string, at: Value): Value => certificate(bump(name), claim(at), constantOutput)

/** Two units that rise and fall: sigma(2 x + 1) + sigma(-2 x + 1), with weight and constant that nearly fit the three samples. */
const spurious = (name: string, at: Value, better: Value, betterLoss: string): Value =>
  certificate(bump(name), claim(at, { kind: 'spurious', better, betterLoss }), {
    rule: 'better-point',
    minimum: constantOutput
  })
const hat = (v: string, c: string): Value => point([2, -2], [1, 1], [v, v], [c])

/** Inputs on the line x1 + x2 = 1: w = (-1, -1) has the argument -1 everywhere. */
const line = problemOf(
  [dense(2, false), smooth('sigmoid'), dense(1)],
  squared,
  [
    [1, 0],
    [0, 1],
    ['1/2', '1/2']
  ],
  [[0], [0], [1]]
)
const linePoint = point([-1, -1, -1, -1], [1, 2])

const quadraticBump = problemOf([dense(2), { kind: 'quadratic' }, dense(1)], squared, xs, ys)
const quadraticPoint = point([0, 0], [1, -3], [1, '1/2'], ['-31/6'])

/** Three inputs in the plane and a saddle-shaped target: the second moments have both signs. */
const plane = problemOf(
  layersOf('tanh', 1),
  squared,
  [
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1]
  ],
  [[0], [0], [1], [1]]
)

export const smoothCases = (): readonly Case[] => [
  accept(
    'smooth-tanh',
    "A constant output, sigma'' > 0 at the bias -1, targets that are not correlated with the input.",
    minimum('tanh', constant(-1))
  ),
  accept(
    'smooth-tanh-negative',
    'With outgoing weights -2 the bias is positive.',
    minimum('tanh', constant('7/3', -2))
  ),
  accept('smooth-softplus', 'softplus is convex everywhere.', minimum('softplus', constant(5))),
  accept('smooth-arctan', 'arctan.', minimum('arctan', constant('-1/9'))),
  accept('smooth-elu', 'elu at a negative argument.', minimum('elu', constant(-2))),
  accept('smooth-selu', 'selu at a negative argument.', minimum('selu', constant(-2, '1/5'))),
  accept(
    'smooth-line',
    'Inputs on a line: the second moments have the rank of the spread of the inputs; no hidden biases.',
    certificate(line, claim(linePoint), constantOutput)
  ),
  accept(
    'smooth-mean',
    'The reduction mean.',
    certificate(
      problemOf(layersOf('sigmoid'), { kind: 'squared', reduction: 'mean' }, xs, ys),
      claim(constant(-1), { loss: '1/9' }),
      constantOutput
    )
  ),
  accept(
    'smooth-quadratic',
    'The quadratic activation with its output bias written down.',
    certificate(quadraticBump, claim(quadraticPoint), constantOutput)
  ),
  accept(
    'smooth-spurious-tanh',
    'Spurious: two units that nearly fit the three samples, the loss there by enclosures.',
    spurious('tanh', constant(-1), hat('7753574/10000000', '-181015/1000000'), '1/1000000')
  ),
  accept(
    'smooth-spurious-sigmoid',
    'The same with sigmoids.',
    spurious('sigmoid', constant(-1), hat('4', '-4847/1000'), '1/100')
  ),
  accept(
    'smooth-spurious-arctan',
    'The same with arctan.',
    spurious('arctan', constant(-1), hat('1', '-4636/10000'), '1/10')
  ),
  accept(
    'smooth-spurious-softplus',
    'The same with softplus, turned upside down.',
    spurious('softplus', constant(1), hat('-1', '36/10'), '1/10')
  ),
  accept('smooth-spurious-elu', 'The same with elu.', spurious('elu', constant(-1), hat('-3', '68/10'), '1/4')),
  accept('smooth-spurious-selu', 'The same with selu.', spurious('selu', constant(-1), hat('33/2', '-337/10'), '3/10')),
  reject('smooth-sign', '\\(c\\)', 'tanh bends down at positive arguments.', minimum('tanh', constant(1))),
  reject('smooth-no-sign', '\\(c\\) unit 0', 'elu is a line at positive arguments.', minimum('elu', constant(1))),
  reject(
    'smooth-inflection',
    '\\(c\\) unit 0',
    'The second derivative of the sigmoid is zero at zero.',
    minimum('sigmoid', constant(0))
  ),
  reject('smooth-silent', '\\(c\\) unit 0', 'An outgoing weight of zero.', minimum('tanh', constant(-1, 0))),
  reject('smooth-mixed', '\\(c\\)', 'One unit of each sign.', minimum('tanh', point([0, 0], [-1, -1], [1, -1]))),
  reject(
    'smooth-moving',
    '\\(a\\)',
    'A unit that sees the input.',
    minimum('tanh', point([0, '1/9'], [-1, -1], [1, 1]))
  ),
  reject(
    'smooth-correlated',
    '\\(b\\)',
    'Targets that are correlated with the input.',
    certificate(
      problemOf(layersOf('tanh'), squared, xs, [[0], [1], [2]]),
      claim(constant(-1), { loss: '1' }),
      constantOutput
    )
  ),
  reject(
    'smooth-indefinite',
    '\\(c\\)',
    'Second moments of both signs.',
    certificate(plane, claim(point([0, 0], [-1], [1]), { loss: '1/2' }), constantOutput)
  ),
  reject(
    'smooth-flat',
    '\\(c\\)',
    'Second moments that are zero although the inputs are not all equal.',
    certificate(
      problemOf(layersOf('tanh', 1), squared, [[-1], [1], [-1], [1]], [[0], [0], [1], [1]]),
      claim(point([0], [-1], [1]), { loss: '1/2' }),
      constantOutput
    )
  ),
  reject(
    'smooth-loss',
    'evaluation',
    'Another loss.',
    certificate(bump('tanh'), claim(constant(-1), { loss: '1/2' }), constantOutput)
  ),
  reject(
    'smooth-written-bias',
    'evaluation',
    'A network with a smooth layer has a balanced output bias: none is written down.',
    minimum('tanh', point([0, 0], [-1, -1], [1, 1], ['1/3']))
  ),
  reject(
    'smooth-no-bias',
    'network',
    'No output bias that could be balanced.',
    certificate(
      problemOf([dense(2), smooth('tanh'), dense(1, false)], squared, xs, ys),
      claim(point([0, 0], [-1, -1])),
      constantOutput
    )
  ),
  reject(
    'smooth-value',
    'network',
    'The value at a point of a smooth network is irrational.',
    certificate(bump('tanh'), { kind: 'value', point: constant(-1), loss: '1/3' }, { rule: 'evaluation' })
  ),
  reject(
    'smooth-descent',
    'network',
    'Polynomials along a direction are for networks without smooth layers.',
    certificate(
      bump('tanh'),
      { kind: 'not-stationary', point: constant(-1), loss: '1/3' },
      along([1, 0], [0, 0], [0, 0], [0])
    )
  ),
  reject(
    'smooth-rectifier',
    'network',
    'The rule constant-output is for smooth and quadratic activations.',
    about(
      problemOf([dense(1), { kind: 'two-slope', positive: '1', negative: '0' }, dense(1)], squared, xs, ys),
      'local-minimum',
      point([0], [-1], [1], ['1/3']),
      constantOutput
    )
  ),
  reject(
    'smooth-better-too-small',
    'better',
    'The better point does not reach what is claimed of it.',
    spurious('tanh', constant(-1), hat('7753574/10000000', '-181015/1000000'), '1/1000000000000000000')
  ),
  reject(
    'smooth-better-not-smaller',
    'better',
    'A better point that is not better.',
    spurious('tanh', constant(-1), hat('0', '1/3'), '1/3')
  ),
  reject(
    'smooth-better-shape',
    'better',
    'The better point has all its vectors.',
    spurious('tanh', constant(-1), point([2, -2], [1, 1], [1, 1]), '1/4')
  ),
  decline('smooth-unknown', 'name', 'An activation that the format has no words for.', minimum('mish', constant(-1))),
  decline(
    'smooth-huge',
    'exponential',
    'The exponential of a huge number.',
    spurious('tanh', constant(-1), point(['1000000', -2], [1, 1], [1, 1], [0]), '1/4')
  )
]
