import { certificate, type Value } from '../digests.ts'
import {
  about,
  accept,
  along,
  type Case,
  changed,
  dense,
  firstOrder,
  parts,
  point,
  problemOf,
  reject,
  relu
} from './case.ts'

const xs = [[-1], [0], [1], [2], [3]]
const layers = [dense(1), relu, dense(1)]
const rectifier = point([1], [0], [1], [0])
const choice = (denominator: string, ...numerators: string[]): { readonly subgradients: Value } => ({
  subgradients: { denominator, numerators }
})

const absolute: Value = { kind: 'absolute', reduction: 'sum' }
const hinge: Value = { kind: 'hinge', reduction: 'sum' }

/** Residuals -1/6, 1, -1, -1/2, 2/3: the first and the last two are chosen, their samples are fitted exactly. */
const absoluteProblem = problemOf(layers, absolute, xs, [[0], [-1], [3], [2], [3]])
const absoluteMinimum = about(
  absoluteProblem,
  'local-minimum',
  rectifier,
  firstOrder('6', [[[[1, '5']]]], choice('6', '-1', '-3', '4'))
)

/** Residuals -2/3, 1, -1/2, 0, 1/6: sample 2 sits on the edge of the hinge. */
const hingeProblem = problemOf(layers, hinge, xs, [['2/3'], [-1], [1], [1], ['-1/6']])
const hingeMinimum = about(hingeProblem, 'local-minimum', rectifier, firstOrder('3', [[[[1, '1']]]], choice('2', '-1')))

const withChoice = (document: Value, subgradients: { readonly subgradients: Value }): Value =>
  changed(document, { evidence: subgradients })

const withoutChoice = (document: Value): Value => {
  const { problem, claim, proof } = parts(document)
  const { subgradients: _, ...evidence } = proof.evidence
  return certificate(problem, claim, evidence)
}

/** A unit with v = 0 and residuals -1, 1, 1, -1: moving its bias together with v falls. */
const absoluteSaddle = (descent: Value, ascent: Value): Value =>
  about(
    problemOf(layers, absolute, [[-1], [1], [2], [3]], [[1], [-1], [-1], [1]]),
    'saddle',
    point([1], [0], [0], [0]),
    {
      rule: 'saddle',
      stationarity: { denominator: '1', slopes: [[]], ...choice('1') },
      descent,
      ascent
    }
  )

const constantAt = (c: string): Value => point([1], [0], [0], [c])
const same = [[2], [2], [2], [5], [5]]
const bounded = (loss: Value, targets: readonly (readonly (number | string)[])[], at: Value): Value =>
  about(problemOf(layers, loss, same, targets), 'global-minimum', at, { rule: 'same-input-bound' })

export const otherLossesCases = (): readonly Case[] => [
  accept(
    'absolute',
    'The absolute loss: three samples are fitted exactly and have chosen subgradients.',
    absoluteMinimum
  ),
  accept(
    'absolute-mean',
    'The same with the reduction mean, which changes the loss and no sign.',
    about(
      { ...parts(absoluteMinimum).problem, loss: { kind: 'absolute', reduction: 'mean' } },
      'local-minimum',
      rectifier,
      parts(absoluteMinimum).proof.evidence
    )
  ),
  accept(
    'absolute-saddle',
    'The absolute loss, no sample fitted exactly: a saddle at a unit with v = 0.',
    absoluteSaddle(point([0], [1], [-1], [0]), point([0], [1], [1], [0]))
  ),
  accept('hinge', 'The hinge loss with a sample on its edge: the subgradient -1/2 is between -1 and 0.', hingeMinimum),
  accept(
    'hinge-not-stationary',
    'The hinge loss at its edge falls in one direction.',
    about(hingeProblem, 'not-stationary', point([1], [0], [1], [1]), along([0], [0], [0], [-1]))
  ),
  accept(
    'absolute-not-stationary',
    'The absolute loss at exactly fitted samples falls in one direction.',
    about(absoluteProblem, 'not-stationary', point([1], [0], [2], [0]), along([0], [0], [-1], [0]))
  ),
  reject(
    'subgradient-outside',
    'subgradients',
    'A subgradient of the absolute loss outside [-1, 1].',
    withChoice(absoluteMinimum, choice('6', '-1', '-3', '7'))
  ),
  reject(
    'subgradient-outside-hinge',
    'subgradients',
    'A subgradient of the hinge loss outside the interval between -y and 0.',
    withChoice(hingeMinimum, choice('2', '1'))
  ),
  reject(
    'subgradient-unbalanced',
    '\\(a\\)',
    'A subgradient within bounds that balances nothing.',
    withChoice(absoluteMinimum, choice('6', '1', '-3', '4'))
  ),
  reject(
    'subgradient-missing',
    'subgradients',
    'Two subgradients where three samples are fitted exactly.',
    withChoice(absoluteMinimum, choice('6', '-1', '-3'))
  ),
  reject(
    'subgradient-too-many',
    'subgradients',
    'Four subgradients where three samples are fitted exactly.',
    withChoice(absoluteMinimum, choice('6', '-1', '-3', '4', '0'))
  ),
  reject('subgradients-missing', 'subgradients', 'No subgradients for the hinge loss.', withoutChoice(hingeMinimum)),
  accept(
    'same-inputs',
    'Samples with equal inputs and different targets: the output is their mean, and nothing does better.',
    bounded({ kind: 'squared', reduction: 'mean' }, [[0], [1], [5], [3], [1]], constantAt('2'))
  ),
  accept(
    'same-inputs-absolute',
    'The absolute loss: the output is a median of each class.',
    bounded(absolute, [[-3], [1], [5], [1], [4]], constantAt('1'))
  ),
  accept(
    'same-inputs-hinge',
    'The hinge loss: conflicting labels, two of three on the edge.',
    bounded(hinge, [[1], [1], [-1], [1], [2]], constantAt('1'))
  ),
  accept(
    'same-inputs-two-outputs',
    'Two outputs, each at the mean of its targets.',
    about(
      problemOf(
        [dense(1), relu, dense(2)],
        { kind: 'squared', reduction: 'sum' },
        [[1], [1]],
        [
          [0, 4],
          [2, 8]
        ]
      ),
      'global-minimum',
      point([1], [0], [1, 6], [0, 0]),
      { rule: 'same-input-bound' }
    )
  ),
  reject(
    'same-inputs-not-mean',
    'same-input-bound',
    'One class is not at its mean.',
    bounded({ kind: 'squared', reduction: 'sum' }, [[0], [1], [5], [3], [2]], constantAt('2'))
  ),
  reject(
    'same-inputs-not-median',
    'same-input-bound',
    'Two of three targets are below the output.',
    bounded(absolute, [[-3], [1], [5], [2], [2]], constantAt('2'))
  ),
  reject(
    'same-inputs-hinge-conflict',
    'same-input-bound',
    'The hinge loss: two labels pull up, one pulls down.',
    bounded(hinge, [[1], [1], [-1], [1], [1]], constantAt('1/2'))
  ),
  reject(
    'same-inputs-apart',
    'same-input-bound',
    'The residuals cancel, but the samples have different inputs.',
    about(
      problemOf(layers, { kind: 'squared', reduction: 'sum' }, [[1], [2]], [[0], [2]]),
      'global-minimum',
      constantAt('1'),
      { rule: 'same-input-bound' }
    )
  )
]
