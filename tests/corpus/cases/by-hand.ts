import { certificate, type Value } from '../digests.ts'
import {
  about,
  accept,
  along,
  type Case,
  changed,
  claiming,
  dense,
  firstOrder,
  parts,
  point,
  problemOf,
  reject,
  relu,
  squared
} from './case.ts'

export const byHandProblem = problemOf(
  [dense(1), relu, dense(1)],
  squared,
  [[-1], [0], [1], [2]],
  [[1], [-2], [3], [1]]
)

/** The certificate of the specification. */
export const byHand = certificate(
  byHandProblem,
  { kind: 'local-minimum', loss: '5', point: point([1], [0], [1], [0]) },
  firstOrder('1', [[[[1, '1']]]])
)

const withSlopes = (denominator: string, slopes: Value): Value => changed(byHand, { evidence: { denominator, slopes } })

const withDigest = (part: 'problem' | 'claim', digest: string): Value => {
  const { problem, claim, proof } = parts(byHand)
  return { format: 'nadir-certificate/1', problem, claim, proof: { ...proof, [part]: digest } }
}

const shuffled = (): string => {
  const { problem, claim, proof } = parts(byHand)
  const turned = Object.fromEntries(Object.entries(claim).reverse())
  const document = { proof, claim: turned, problem, format: 'nadir-certificate/1' }
  return ` \t\r\n${JSON.stringify(document, null, '\t')}\r\n`
}

/** Residuals 1, -2, 2, -1: the sample on the kink is fitted from below, and its class is concave. */
const concaveProblem = problemOf([dense(1), relu, dense(1)], squared, [[-1], [0], [1], [2]], [[-1], [2], [-1], [3]])
const concaveAt = (kind: string, evidence: Value): Value =>
  about(concaveProblem, kind, point([1], [0], [1], [0]), evidence)

/** The unit is dead, the output is the mean of the targets: a local minimum; the point of the specification is better. */
const deadPoint = point([1], [-5], [1], ['3/4'])

const spurious = (better: Value, betterLoss: string, evidence: Value): Value =>
  certificate(byHandProblem, { kind: 'spurious', point: deadPoint, loss: '51/8', better, betterLoss }, evidence)

const deadIsMinimum: Value = { rule: 'better-point', minimum: firstOrder('1', [[[]]]) }

export const byHandCases = (): readonly Case[] => [
  accept(
    'by-hand',
    'The certificate that the specification checks by hand: a kink with slope 1, between 0 and 2.',
    byHand
  ),
  accept('value', 'The loss of the same point and nothing else.', claiming(byHand, 'value', { rule: 'evaluation' })),
  accept(
    'not-lowest-terms',
    'Claims and proofs need no lowest terms: the loss as 10/2, the point over other denominators, the slope as 3/3.',
    changed(byHand, {
      claim: {
        loss: '10/2',
        point: [
          { denominator: '7', numerators: ['7'] },
          { denominator: '3', numerators: ['0'] },
          { denominator: '2', numerators: ['2'] },
          { denominator: '5', numerators: ['0'] }
        ]
      },
      evidence: { denominator: '3', slopes: [[[[1, '3']]]] }
    })
  ),
  {
    ...accept('white-space', 'White space and the order of keys change nothing, not even the digests.', byHand),
    text: shuffled()
  },
  accept(
    'not-stationary',
    'The same network and data with bias 1: the loss falls at first order along the negative gradient.',
    certificate(
      byHandProblem,
      { kind: 'not-stationary', point: point([1], [0], [1], [1]), loss: '7' },
      along([0], [0], [0], [-1])
    )
  ),
  accept(
    'dead-unit',
    'No sample reaches the unit, and the output is the mean of the targets: no class, one empty row.',
    about(byHandProblem, 'local-minimum', deadPoint, firstOrder('1', [[[]]]))
  ),
  accept(
    'spurious',
    'The dead unit again, with the point of the specification as the better one: 5 is less than 51/8.',
    spurious(point([1], [0], [1], [0]), '5', deadIsMinimum)
  ),
  reject(
    'better-is-equal',
    'better',
    'The better point has the same loss.',
    spurious(deadPoint, '51/8', deadIsMinimum)
  ),
  reject(
    'better-is-worse',
    'better',
    'The better point has loss 7, more than 51/8.',
    spurious(point([1], [0], [1], [1]), '7', deadIsMinimum)
  ),
  reject(
    'better-wrong-loss',
    'better',
    'The better point has loss 5; claimed is 4.',
    spurious(point([1], [0], [1], [0]), '4', deadIsMinimum)
  ),
  reject(
    'better-short',
    'better',
    'The better point lacks the last bias.',
    spurious(point([1], [0], [1]), '5', deadIsMinimum)
  ),
  reject(
    'spurious-no-minimum',
    '\\(a\\)',
    'A better point, but the first one is not even stationary: its residuals do not add up to zero.',
    certificate(
      byHandProblem,
      { kind: 'spurious', point: point([1], [-5], [1], [1]), loss: '13/2', better: deadPoint, betterLoss: '51/8' },
      deadIsMinimum
    )
  ),
  accept(
    'concave-not-stationary',
    'A concave kink: 0 lies in the Clarke subdifferential, yet the loss falls at first order when the bias grows.',
    concaveAt('not-stationary', along([0], [1], [0], [0]))
  ),
  reject(
    'concave-as-kink',
    '\\(c\\)',
    'The concave kink claimed to be a local minimum, with a slope between right and left that balances.',
    concaveAt('local-minimum', firstOrder('1', [[[[1, '-1']]]]))
  ),
  reject(
    'concave-as-concave',
    '\\(c\\)',
    'The concave kink claimed to be a local minimum, with the two rows that are asked for: they do not balance.',
    concaveAt('local-minimum', firstOrder('1', [[[], []]]))
  ),
  reject('wrong-loss', 'evaluation', 'The loss is 5; claimed is 6.', changed(byHand, { claim: { loss: '6' } })),
  reject(
    'wrong-loss-tiny',
    'evaluation',
    'The claimed loss is too large by 10^-40.',
    changed(byHand, { claim: { loss: `5${'0'.repeat(39)}1/1${'0'.repeat(40)}` } })
  ),
  reject('wrong-slope', '\\(c\\)', 'A slope within its bounds that balances nothing.', withSlopes('1', [[[[1, '2']]]])),
  reject('slope-outside', '\\(c\\)', 'The slope -1 is not between 0 and 2.', withSlopes('1', [[[[1, '-1']]]])),
  reject('slope-above', '\\(c\\)', 'The slope 3 is not between 0 and 2.', withSlopes('1', [[[[1, '3']]]])),
  reject('slope-denominator', '\\(c\\)', 'The slope 1/2, where 1 is needed.', withSlopes('2', [[[[1, '1']]]])),
  reject(
    'slope-off-the-kink',
    '\\(c\\)',
    'A slope for sample 2, which is not on the kink.',
    withSlopes('1', [[[[2, '1']]]])
  ),
  reject(
    'slope-too-many',
    '\\(c\\)',
    'The slope of the kink and one more, for a sample that is not on it.',
    withSlopes('1', [
      [
        [
          [1, '1'],
          [2, '0']
        ]
      ]
    ])
  ),
  reject('slope-missing', '\\(c\\)', 'No slope for the class on the kink.', withSlopes('1', [[[]]])),
  reject(
    'slope-twice',
    '\\(c\\)',
    'The slope of the only class given twice.',
    withSlopes('1', [
      [
        [
          [1, '1'],
          [1, '1']
        ]
      ]
    ])
  ),
  reject('slope-list', '\\(c\\)', 'A list of slopes for a network with one output.', withSlopes('1', [[[[1, ['1']]]]])),
  reject('row-missing', '\\(c\\)', 'No row for a unit with v = 1.', withSlopes('1', [[]])),
  reject(
    'row-too-many',
    '\\(c\\)',
    'Two rows where there is no concave class.',
    withSlopes('1', [[[[1, '1']], [[1, '1']]]])
  ),
  reject('unit-missing', 'evidence', 'Slopes for no unit where there is one.', withSlopes('1', [])),
  reject('unit-too-many', 'evidence', 'Slopes for two units where there is one.', withSlopes('1', [[[[1, '1']]], []])),
  reject(
    'subgradients-for-squared',
    'subgradients',
    'The squared loss has no subgradients to choose.',
    changed(byHand, { evidence: { subgradients: { denominator: '1', numerators: [] } } })
  ),
  reject(
    'digest-problem',
    'digest',
    'The proof is for another problem.',
    withDigest('problem', `sha256:${'0'.repeat(64)}`)
  ),
  reject('digest-claim', 'digest', 'The proof is for another claim.', withDigest('claim', `sha256:${'0'.repeat(64)}`)),
  reject(
    'digests-exchanged',
    'digest',
    "The digests of problem and claim stand in each other's place.",
    (() => {
      const { problem, claim, proof } = parts(byHand)
      const turned = { ...proof, problem: proof['claim'], claim: proof['problem'] }
      return { format: 'nadir-certificate/1', problem, claim, proof: turned }
    })()
  ),
  reject(
    'point-too-short',
    'evaluation',
    'A point without the last bias.',
    changed(byHand, { claim: { point: point([1], [0], [1]) } })
  ),
  reject(
    'point-wide',
    'evaluation',
    'A weight with two entries where there is one.',
    changed(byHand, { claim: { point: point([1, 0], [0], [1], [0]) } })
  ),
  reject(
    'rule-for-another-claim',
    'rule',
    'The rule first-order does not prove a global minimum.',
    changed(byHand, { claim: { kind: 'global-minimum' } })
  ),
  reject(
    'global-without-bound',
    'same-input-bound',
    'A local minimum claimed to be global, where every sample could still do better.',
    claiming(byHand, 'global-minimum', { rule: 'same-input-bound' })
  ),
  reject(
    'global-without-zero',
    'zero-loss',
    'A local minimum claimed to be global for its zero loss, which is 5.',
    claiming(byHand, 'global-minimum', { rule: 'zero-loss' })
  ),
  reject(
    'not-stationary-at-a-minimum',
    'direction',
    'At a local minimum the loss rises along the direction.',
    claiming(byHand, 'not-stationary', along([0], [0], [1], [0]))
  ),
  reject(
    'ascent',
    'direction',
    'The direction of ascent, where the one of descent is asked for.',
    certificate(
      byHandProblem,
      { kind: 'not-stationary', point: point([1], [0], [1], [1]), loss: '7' },
      along([0], [0], [0], [1])
    )
  ),
  reject(
    'direction-zero',
    'direction',
    'Along the zero direction nothing changes.',
    claiming(byHand, 'not-a-local-minimum', along([0], [0], [0], [0]))
  ),
  reject(
    'direction-flat',
    'direction',
    'Along a flat direction (the weights of a dead unit) the loss does not change.',
    certificate(
      byHandProblem,
      { kind: 'not-a-local-minimum', point: deadPoint, loss: '51/8' },
      along([1], [-1], [1], [0])
    )
  ),
  reject(
    'direction-short',
    'direction',
    'A direction without the last bias.',
    claiming(byHand, 'not-a-local-minimum', along([0], [0], [1]))
  )
]
