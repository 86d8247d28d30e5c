import { certificate } from '../digests.ts'
import { type Case, changed, decline, parts } from './case.ts'
import {
  absoluteList,
  dead,
  interval,
  pair,
  parabolaList,
  pieces,
  point,
  tieFor,
  withFunction,
  withMember
} from './risk-designs.ts'

export const declinedRisks = (): readonly Case[] => [
  decline(
    'risk-jump',
    'continuous',
    'The target has a jump.',
    changed(absoluteList, {
      problem: {
        target: pieces(
          [-1, 0, 1],
          [
            [0, -1],
            [1, 1]
          ]
        )
      }
    })
  ),
  decline(
    'risk-one-breakpoint',
    'at least two',
    'One breakpoint.',
    changed(absoluteList, { problem: { target: pieces([0], []) } })
  ),
  decline(
    'risk-breakpoints-turned',
    'ascending',
    'Breakpoints in descending order.',
    changed(absoluteList, {
      problem: {
        target: pieces(
          [1, 0, -1],
          [
            [0, -1],
            [0, 1]
          ]
        )
      }
    })
  ),
  decline(
    'risk-breakpoint-twice',
    'ascending',
    'A breakpoint twice.',
    changed(absoluteList, { problem: { target: pieces([-1, 0, 0, 1], [[0, -1], [], [0, 1]]) } })
  ),
  decline(
    'risk-pieces-equal',
    'different polynomials',
    'Two neighbouring pieces are one polynomial.',
    changed(parabolaList, {
      problem: {
        target: pieces(
          [0, '1/2', 1],
          [
            [0, 0, 1],
            [0, 0, 1]
          ]
        )
      }
    })
  ),
  decline(
    'risk-piece-missing',
    'expected 2 polynomials',
    'A piece is missing.',
    changed(absoluteList, { problem: { target: pieces([-1, 0, 1], [[0, -1]]) } })
  ),
  decline(
    'risk-trailing-zero',
    'not 0',
    'A last coefficient 0.',
    changed(parabolaList, { problem: { target: pieces([0, 1], [[0, 0, 1, 0]]) } })
  ),
  decline(
    'risk-not-lowest',
    'lowest terms',
    'A coefficient that is not in lowest terms.',
    changed(parabolaList, { problem: { target: pieces([0, 1], [[0, '2/4']]) } })
  ),
  decline(
    'risk-density-negative',
    'somewhere negative',
    'A density that is negative between its ends.',
    changed(parabolaList, { problem: { density: pieces([0, 1], [[1, -5, 5]]) } })
  ),
  decline(
    'risk-density-negative-end',
    'somewhere negative',
    'A density that is negative at one end.',
    changed(parabolaList, { problem: { density: pieces([0, 1], [['-1/10', 1]]) } })
  ),
  decline(
    'risk-density-zero-piece',
    'zero',
    'A density that vanishes on an interval.',
    changed(parabolaList, { problem: { density: pieces([0, '1/2', 1], [[1], []]) } })
  ),
  decline(
    'risk-density-elsewhere',
    'interval of the target',
    'The density lives on another interval.',
    changed(parabolaList, { problem: { density: pieces([0, 2], [[1]]) } })
  ),
  decline('risk-no-unit', 'at least 1', 'No hidden unit.', changed(absoluteList, { problem: { hidden: 0 } })),
  decline(
    'risk-family-scale',
    'positive scale',
    'A scale of 0.',
    changed(pair, { problem: { target: { kind: 'equal-risks', interval, scale: '0' } } })
  ),
  decline(
    'risk-family-density',
    'expected 1',
    'The density of the family is not 1.',
    changed(pair, { problem: { density: pieces(interval, [[2]]) } })
  ),
  decline(
    'risk-range-turned',
    'not less than',
    'A range with its ends exchanged.',
    withFunction(absoluteList, 1, { kink: ['1/2', '2/5'] })
  ),
  decline(
    'risk-range-one',
    'two rationals',
    'A range of one number.',
    withFunction(absoluteList, 1, { kink: ['1/2'] })
  ),
  decline(
    'risk-form-unknown',
    'form',
    'A form that the format does not have.',
    withFunction(absoluteList, 1, { form: 'two-kinks' })
  ),
  decline(
    'risk-constant-slope',
    'unknown field',
    'A constant with a slope.',
    withFunction(absoluteList, 0, { slope: point('0') })
  ),
  decline('risk-unit-short', 'w, b and v', 'A unit of two numbers.', withMember(pair, { units: [['1', '0'], dead] })),
  decline(
    'risk-tie-zero',
    'not 0',
    'The zero polynomial as a tie.',
    tieFor(absoluteList, { polynomial: [], between: ['0', '1'] })
  ),
  decline(
    'risk-rule-of-points',
    'rule',
    'A rule for samples.',
    certificate(parts(absoluteList).problem, parts(absoluteList).claim, { rule: 'evaluation' })
  ),
  decline(
    'risk-claim-of-points',
    'claim',
    'A claim about samples.',
    certificate(parts(absoluteList).problem, { kind: 'spurious', functions: [] }, { rule: 'kink-equations' })
  )
]
