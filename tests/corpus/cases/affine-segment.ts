import { certificate, type Value } from '../digests.ts'
import {
  accept,
  type Case,
  changed,
  decline,
  dense,
  type Fields,
  point,
  problemOf,
  reject,
  relu,
  squared
} from './case.ts'

const smooth = (name: string): Value => ({ kind: 'smooth', name })
const xs = [[0], [1], [2]]
const ys = [[0], [1], [0]]
const loss = '1/3'

/** Every sample in one group: the best affine map, here the constant 1/3. */
const group: Value = { pivots: [0], functions: [{ denominator: '1', numerators: ['1', '1', '1'] }] }
const evidence = (count: number): Value => ({
  rule: 'affine-segment',
  spans: Array.from({ length: count }, () => group)
})

const minimum = (layers: readonly Value[], at: Value, spans = 1, others: Fields = {}): Value =>
  certificate(
    problemOf(layers, squared, xs, ys),
    { kind: 'local-minimum', point: at, loss, ...others },
    evidence(spans)
  )
const shallow = (name: string): readonly Value[] => [dense(2), smooth(name), dense(1)]

/** (x + 1) and 2 (x + 1), their difference weighed away: the output is the constant. */
const flat = (constant = '1/3'): Value => point([1, 2], [1, 2], [2, -1], [constant])
const elu = minimum(shallow('elu'), flat())

/** x + 1, then x + 2 and x + 3, then 1 and 4: weighed away. */
const deep = minimum(
  [dense(1), smooth('elu'), dense(2), relu, dense(2), smooth('selu'), dense(1)],
  point([1], [1], [1, 1], [1, 2], [1, -1, -1, 1], [2, 3], [4, -1], ['1/3']),
  3
)

/** Two hats of width 1: 1 - 12/25 (elu(3 - 3 x) + elu(3 x - 3)) is nearly 0, 1, 0. */
const better = point([-3, 3], [3, -3], ['-12/25', '-12/25'], [1])
const spurious = (betterLoss: string): Value =>
  certificate(
    problemOf(shallow('elu'), squared, xs, ys),
    { kind: 'spurious', point: flat(), loss, better, betterLoss },
    { rule: 'better-point', minimum: evidence(1) }
  )

export const affineSegmentCases = (): readonly Case[] => [
  accept('affine-segment-elu', 'All arguments of elu are positive, and the output is the best affine map.', elu),
  accept(
    'affine-segment-selu',
    'The same for selu, a line with another slope there.',
    minimum(shallow('selu'), flat())
  ),
  accept('affine-segment-spurious', 'The hat of two elu units is strictly better.', spurious('1/1000')),
  reject(
    'affine-segment-at-zero',
    '(a)',
    'The first sample is at 0, where elu ends to be a line: it is one for greater arguments only.',
    minimum(shallow('elu'), point([1, 2], [0, 0], [2, -1], ['1/3']))
  ),
  reject(
    'affine-segment-behind',
    '(a)',
    'A silent unit below 0. A dead rectifier would do no harm; this unit is curved.',
    minimum([dense(3), smooth('elu'), dense(1)], point([1, 2, 0], [1, 2, -1], [2, -1, 0], ['1/3']))
  ),
  reject(
    'affine-segment-other-loss',
    'evaluation',
    'The loss of another constant.',
    minimum(shallow('elu'), flat('1/2'))
  ),
  reject(
    'affine-segment-tilted',
    '(d)',
    'The output is not the best affine map for these targets.',
    certificate(
      problemOf(shallow('elu'), squared, xs, [['-1/3'], ['1/3'], [1]]),
      { kind: 'local-minimum', point: flat(), loss: '4/9' },
      evidence(1)
    )
  ),
  reject('affine-segment-tanh', 'network', 'tanh is nowhere a line.', minimum(shallow('tanh'), flat())),
  reject(
    'affine-segment-relu',
    'network',
    'A rectifier needs no other rule than path-span.',
    minimum([dense(2), relu, dense(1)], flat())
  ),
  reject(
    'affine-segment-logistic',
    'network',
    'The loss leaves the rational numbers.',
    changed(elu, { problem: { loss: { kind: 'logistic', reduction: 'sum' } } })
  ),
  reject(
    'affine-segment-decay',
    'decay',
    'Weight decay bends the loss.',
    changed(elu, { problem: { decay: { factor: '1', biases: true } } })
  ),
  reject(
    'affine-segment-balanced',
    'evaluation',
    'This rule leaves no vector out.',
    minimum(shallow('elu'), point([1, 2], [1, 2], [2, -1]))
  ),
  reject(
    'affine-segment-global',
    'rule',
    'It is a local minimum, and not a global one.',
    changed(elu, { claim: { kind: 'global-minimum' } })
  ),
  reject('affine-segment-not-better', 'better', 'The same loss is not less.', spurious('1/3')),
  reject('affine-segment-too-good', 'better', 'The better point is not as good as that.', spurious('1/10000')),
  decline(
    'affine-segment-field',
    'unreadable proof.evidence: unknown field "slope"',
    'A field that the rule does not have.',
    changed(elu, { evidence: { slope: '1' } })
  ),
  accept('affine-segment-deep', 'elu, rectifiers and selu one after the other, all of them ahead of 0.', deep)
]
