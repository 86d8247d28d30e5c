import { checkDocument, type Outcome } from 'nadir-checker'
import { describe, expect, test } from 'vitest'
import {
  about,
  changed,
  dense,
  type Entries,
  type Fields,
  parts,
  point,
  problemOf,
  relu,
  squared
} from '../corpus/cases/case.ts'
import { certificate, type Value } from '../corpus/digests.ts'
import { falsify } from '../corpus/falsify.ts'
import { isLess } from '../corpus/fraction.ts'
import { lossAt, parametersOf } from '../corpus/naive.ts'
import { vectorOf } from '../corpus/planted.ts'
import {
  absolute,
  concave,
  groups,
  groupsSlopes,
  lastLayer,
  lower,
  pairs,
  parallel,
  parallelLayers,
  parallelSpan,
  parallelTargets,
  parallelXs,
  shifted,
  shiftedPoint,
  shiftedSlopes,
  shiftedSpan,
  shiftedTargets,
  shiftedXs,
  span,
  twoTwoOne,
  upper
} from './deep-examples.ts'

const outcomeOf = (document: Value): Outcome => checkDocument(JSON.stringify(document))

/** The certificate with other data, and the loss that the point then has. */
const withData = (document: Value, data: Fields, evidence: Fields): Value => {
  const { problem, claim, proof } = parts(document)
  const other = { ...problem, data: { ...(problem['data'] as Fields), ...data } }
  return about(other, 'local-minimum', claim['point'], { ...proof.evidence, ...evidence })
}

const texts = (rows: readonly Entries[]): Value => rows.map((row) => row.map(String))
const withTargets = (document: Value, targets: readonly Entries[], evidence: Fields = {}): Value =>
  withData(document, { targets: texts(targets) }, evidence)
const withInputs = (document: Value, inputs: readonly Entries[]): Value =>
  withData(document, { inputs: texts(inputs) }, {})

/** A dense layer of two units under another name. */
const oneByOne: Value = {
  kind: 'conv',
  outputs: 2,
  size: [1, 1],
  stride: [1, 1],
  padding: [0, 0, 0, 0],
  bias: true
}

const accepted: readonly (readonly [string, Value])[] = [
  ['a rectifier above rectifiers', shifted],
  ['the absolute loss', absolute],
  ['a concave class', concave],
  ['parallel inputs', parallel],
  ['two outputs and two groups', groups],
  [
    'a convolution and a pool below',
    about(
      problemOf(
        [
          oneByOne,
          relu,
          { kind: 'max-pool', size: [1, 1], stride: [1, 1] },
          { kind: 'flatten' },
          dense(2),
          relu,
          dense(1)
        ],
        squared,
        shiftedXs,
        shiftedTargets
      ),
      'local-minimum',
      shiftedPoint(3),
      lastLayer(shiftedSlopes('1'), [shiftedSpan, shiftedSpan])
    )
  ],
  [
    // The second unit below is h(x + 1): on its kink on sample 0, where every function is zero.
    'a kink below, where all functions are zero',
    about(parts(shifted).problem, 'local-minimum', shiftedPoint(1), parts(shifted).proof.evidence)
  ]
]

/*
 * Unit 1 has v = 0 and two samples of residuals 1 and -1 on its kink. At the point their arguments are equal, both 0,
 * but their inputs are not: the pair is false beside the point, and so is the claim.
 */
const falsePair = withTargets(parallel, [[-1], [1], ...parallelTargets.slice(2)], {
  ...pairs([[1, 0]], [1]),
  spans: [parallelSpan([-1, 1, 0, 0, 0, 0, 0, 0], lower, upper)]
})

const rejected: readonly (readonly [string, Value, string | RegExp])[] = [
  [
    'another layer at the end',
    about(
      problemOf([...twoTwoOne, dense(1, false)], squared, shiftedXs, shiftedTargets),
      'local-minimum',
      [...(shiftedPoint(3) as Value[]), vectorOf([1])],
      parts(shifted).proof.evidence
    ),
    'network'
  ],
  [
    'a convolution before the last two-slope layer',
    about(
      problemOf([dense(2), relu, oneByOne, relu, dense(1)], squared, shiftedXs, shiftedTargets),
      'local-minimum',
      shiftedPoint(3),
      parts(shifted).proof.evidence
    ),
    'network'
  ],
  [
    'a last hidden layer that is quadratic',
    about(
      problemOf([dense(2), relu, dense(2), { kind: 'quadratic' }, dense(1)], squared, shiftedXs, shiftedTargets),
      'local-minimum',
      shiftedPoint(3),
      parts(shifted).proof.evidence
    ),
    'network'
  ],
  [
    'a quadratic layer below',
    about(
      problemOf([dense(2), { kind: 'quadratic' }, dense(2), relu, dense(1)], squared, shiftedXs, shiftedTargets),
      'local-minimum',
      shiftedPoint(3),
      parts(shifted).proof.evidence
    ),
    'network'
  ],
  ['no span', changed(shifted, { evidence: { spans: [] } }), 'spans'],
  ['a span too many', changed(shifted, { evidence: { spans: [shiftedSpan, shiftedSpan] } }), 'spans'],
  ['rows for one unit of two', changed(shifted, { evidence: { slopes: [[[[1, '1']]]] } }), 'evidence'],
  [
    'subgradients where there is no choice',
    changed(shifted, { evidence: { subgradients: vectorOf([]) } }),
    'subgradients'
  ],
  ['a subgradient outside', changed(absolute, { evidence: { subgradients: vectorOf([-2, 2]) } }), 'subgradients'],
  ['pairs without multiples', changed(shifted, { evidence: { parallel: [[1, 0]] } }), 'parallel'],
  ['multiples without pairs', changed(shifted, { evidence: { multiples: vectorOf([1]) } }), 'parallel'],
  ['a pair of a sample with itself', changed(parallel, { evidence: pairs([[1, 1]], [1]) }), 'parallel 0'],
  ['a pair with a later sample', changed(parallel, { evidence: pairs([[0, 1]], [2]) }), 'parallel 0'],
  ['a pair of a sample that is not there', changed(parallel, { evidence: pairs([[8, 0]], [2]) }), 'parallel 0'],
  [
    'pairs that do not ascend',
    changed(parallel, {
      evidence: pairs(
        [
          [2, 0],
          [1, 0]
        ],
        [2, 2]
      )
    }),
    'parallel 1'
  ],
  [
    'a sample in two pairs',
    changed(parallel, {
      evidence: pairs(
        [
          [2, 0],
          [2, 1]
        ],
        [2, 2]
      )
    }),
    'parallel 1'
  ],
  [
    'a chain of pairs',
    changed(parallel, {
      evidence: pairs(
        [
          [1, 0],
          [2, 1]
        ],
        [2, 2]
      )
    }),
    'parallel 1'
  ],
  ['a multiple of zero', changed(parallel, { evidence: pairs([[1, 0]], [0]) }), 'parallel 0'],
  ['residuals that do not add up', withTargets(shifted, [[2], [-2], [3], [1]]), '(a)'],
  ['Phi that is not zero', withTargets(shifted, [[1], [-2], [2], [2]]), '(b) unit 0'],
  ['a slope above the right one', changed(shifted, { evidence: { slopes: shiftedSlopes('3') } }), '(c) unit 0, row 0'],
  ['a slope below the left one', changed(shifted, { evidence: { slopes: shiftedSlopes('-1') } }), '(c) unit 0, row 0'],
  ['a slope for another sample', changed(shifted, { evidence: { slopes: [[[[0, '1']]], [[]]] } }), '(c) unit 0, row 0'],
  ['no row', changed(shifted, { evidence: { slopes: [[[[1, '1']]], []] } }), '(c) unit 1'],
  [
    'one row where two are due',
    changed(concave, {
      evidence: {
        slopes: [
          [
            [
              [0, '1'],
              [2, '1']
            ]
          ],
          []
        ]
      }
    }),
    '(c) unit 0'
  ],
  [
    'a row for a unit with v = 0',
    changed(concave, { evidence: { slopes: [(parts(concave).proof.evidence['slopes'] as Value[])[0], [[]]] } }),
    '(c) unit 1'
  ],
  [
    'a list of slopes for one output',
    changed(shifted, { evidence: { slopes: [[[[1, ['1']]]], [[]]] } }),
    '(c) unit 0, row 0'
  ],
  [
    'a unit with v = 0 whose slopes cancel only together',
    changed(parallel, { evidence: { slopes: [[[[0, '0']], [[0, '2']]], []], ...pairs([], []) } }),
    '(d) unit 1'
  ],
  [
    'a slope at the right end in the sum alone',
    changed(groups, { evidence: { slopes: groupsSlopes('3', '3') } }),
    '(e) unit 0'
  ],
  [
    'a slope for each output that is too large',
    changed(groups, { evidence: { slopes: groupsSlopes('3', '4') } }),
    '(e) unit 0'
  ],
  ['one slope for two outputs', changed(groups, { evidence: { slopes: [[[[0, '6']]], []] } }), '(e) unit 0'],
  [
    'a slope between the ends that does not balance',
    changed(shifted, { evidence: { slopes: shiftedSlopes('2') } }),
    '(f) (c) layer 2'
  ],
  [
    'slopes that balance in one row of two',
    changed(concave, {
      evidence: {
        slopes: [
          [
            [
              [0, '1'],
              [2, '1']
            ],
            [
              [0, '1'],
              [2, '1']
            ]
          ],
          []
        ]
      }
    }),
    '(f) (c) layer 2'
  ],
  [
    'lifted slopes that do not balance',
    changed(groups, { evidence: { slopes: groupsSlopes('1', '4') } }),
    '(f) (c) layer 2'
  ],
  ['a function without a pivot', changed(shifted, { evidence: { spans: [span([], [0, 1, -2, 1])] } }), '(f) span 0'],
  ['a pivot outside', changed(shifted, { evidence: { spans: [span([4], [0, 1, -2, 1])] } }), '(f) span 0'],
  ['a short function', changed(shifted, { evidence: { spans: [span([1], [0, 1, -2])] } }), '(f) span 0'],
  ['an empty span', changed(shifted, { evidence: { spans: [span([])] } }), '(f) (b) span 0'],
  ['another function', changed(shifted, { evidence: { spans: [span([1], [1, 1, -2, 1])] } }), '(f) (b) span 0'],
  [
    'a pivot where the functions are zero',
    changed(shifted, { evidence: { spans: [span([0], [0, 1, -2, 1])] } }),
    '(f) (b) span 0'
  ],
  [
    'one function for two groups',
    changed(groups, { evidence: { spans: [span([0], [1, -2, 1, 1, -2, 1])] } }),
    '(f) (b) span 0'
  ],
  [
    'a span without the function of a pair',
    changed(parallel, { evidence: { spans: [span([2, 5], lower, upper)] } }),
    '(f) (b) span 0'
  ],
  [
    'a kink below, where a function is not zero',
    about(parts(shifted).problem, 'local-minimum', shiftedPoint(0), parts(shifted).proof.evidence),
    '(f) (a) span 0'
  ],
  [
    'a pair whose inputs differ below a bias',
    about(
      problemOf(parallelLayers(true), squared, parallelXs, parallelTargets),
      'local-minimum',
      point([1, 0, 0, 1], [0, 0], [-1, 1, 1, -1], [1, 0]),
      parts(parallel).proof.evidence
    ),
    '(f) (c) layer 0'
  ],
  ['a pair that holds at the point alone', falsePair, '(f) (d)'],
  [
    // z = 3 as for the input (5, 2) that was there, so Phi is still 0.
    'an input that the residuals do not balance',
    withInputs(parallel, parallelXs.with(4, [6, 3])),
    '(f) (d)'
  ]
]

describe('last-layer above other layers', () => {
  test.each(accepted)('accepts %s', (_, document) => {
    expect(outcomeOf(document)).toMatchObject({ outcome: 'accepted', claim: 'local-minimum' })
    const { problem, claim } = parts(document)
    expect(falsify(problem, claim, [], 200)).toBe(undefined)
  })

  test.each(rejected)('rejects %s', (_, document, step) => {
    expect(outcomeOf(document)).toMatchObject({ outcome: 'rejected', step })
  })

  test('a pair that holds at the point alone would prove what is false', () => {
    const { problem, claim } = parts(falsePair)
    const beside = point([1, 0, 0, 1], [-1, 1, '1001/1000', -1], [1, '1/100000'])
    expect(isLess(lossAt(problem, parametersOf(beside)), lossAt(problem, parametersOf(claim['point'])))).toBe(true)
  })

  test('is the minimum of a better point', () => {
    const { problem, claim, proof } = parts(shifted)
    // -1/2, -1/2, 3, 1: the last two samples are fitted, the first two have the mean of their targets.
    const better = point([1, 1], [2, 3], [1, 0, 1, 0], [-2, -3], ['7/2', '-11/2'], ['-1/2'])
    const spurious = (evidence: Fields): Outcome =>
      outcomeOf(
        certificate(
          problem,
          { ...claim, kind: 'spurious', better, betterLoss: '9/4' },
          { rule: 'better-point', minimum: { ...proof.evidence, ...evidence } }
        )
      )
    expect(spurious({})).toMatchObject({ outcome: 'accepted', claim: 'spurious' })
    expect(spurious({ slopes: shiftedSlopes('2') })).toMatchObject({ outcome: 'rejected', step: '(f) (c) layer 2' })
    expect(spurious({ multiples: '1' })).toMatchObject({ outcome: 'declined' })
  })

  test.each([
    ['a field that is missing', { spans: undefined }],
    ['an unknown field', { kinks: [] }],
    ['a pair of three', { parallel: [[1, 0, 0]] }],
    ['a pair of integers in strings', { parallel: [['1', '0']] }],
    ['multiples that are no vector', { multiples: ['1'] }],
    ['a denominator of zero', { denominator: '0' }]
  ] as const)('declines %s', (_, change) => {
    const evidence = JSON.parse(JSON.stringify({ ...parts(shifted).proof.evidence, ...change }))
    const { problem, claim } = parts(shifted)
    expect(outcomeOf(about(problem, 'local-minimum', claim['point'], evidence))).toMatchObject({ outcome: 'declined' })
  })
})
