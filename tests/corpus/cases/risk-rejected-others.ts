import { certificate } from '../digests.ts'
import { type Case, changed, type Fields, reject } from './case.ts'
import {
  absolute,
  at,
  balanced,
  dead,
  family,
  flat,
  gap,
  interval,
  lineList,
  member,
  minimaOf,
  pair,
  parabola,
  pieces,
  tilted,
  two,
  unitsOf,
  withFunction,
  withList,
  withMember,
  zigzagUnits
} from './risk-designs.ts'

export const rejectedFamiliesAndPoints = (): readonly Case[] => [
  reject('risk-family-hidden', 'target', 'One unit has no such family.', changed(pair, { problem: { hidden: 1 } })),
  reject('risk-family-empty', 'minima', 'No member is listed.', changed(pair, { claim: { minima: [] } })),
  reject(
    'risk-family-twice',
    'minimum 1',
    'One function twice.',
    changed(pair, { claim: { minima: [minimaOf(pair)[0], minimaOf(pair)[0]] } })
  ),
  reject(
    'risk-family-units',
    'minimum 0',
    'A member with three units where there are two.',
    withMember(pair, { units: [...unitsOf(minimaOf(pair)[0]), dead] })
  ),
  reject(
    'risk-family-awake',
    'minimum 0',
    'The second unit is not dead.',
    withMember(pair, { units: [unitsOf(minimaOf(pair)[0])[0], ['1', '-1', '0']] })
  ),
  reject(
    'risk-family-just-dead',
    'minimum 0',
    'The second unit has its kink at the end: it may wake up nearby.',
    withMember(pair, { units: [unitsOf(minimaOf(pair)[0])[0], ['1', '-2', '1']] })
  ),
  reject('risk-family-bias', 'minimum 0', 'The output bias is another.', withMember(pair, { c: '11/5' })),
  reject(
    'risk-family-weight',
    'minimum 0',
    'The outgoing weight is another.',
    withMember(pair, { units: [[...unitsOf(minimaOf(pair)[0])[0].slice(0, 2), '-1'], dead] })
  ),
  reject(
    'risk-family-late',
    'minimum 0',
    'The kink is in the last third, where the risk depends on it.',
    withMember(pair, member({ e: '1/4' }, 2) as Fields)
  ),
  reject(
    'risk-family-left',
    'better',
    'A left kink, for which the rule has no integral.',
    changed(pair, { claim: { better: { units: [['-1', '0', '1'], dead], c: '0' } } })
  ),
  reject('risk-family-gap', 'gap', 'The gap is another.', changed(pair, { claim: { gap: '5' } })),
  reject('risk-family-delta', 'gap', 'The gap is not above delta.', changed(pair, { claim: { delta: gap } })),
  reject('risk-family-delta-zero', 'gap', 'delta is 0.', changed(pair, { claim: { delta: '0' } })),
  reject(
    'risk-family-root',
    'better',
    'The number does not belong to the kink.',
    changed(pair, { evidence: { roots: ['3/4'] } })
  ),
  reject('risk-family-root-negative', 'better', 'The negative root.', changed(pair, { evidence: { roots: ['-7/8'] } })),
  reject('risk-family-root-missing', 'better', 'A number is missing.', changed(pair, { evidence: { roots: [] } })),
  reject(
    'risk-family-root-more',
    'better',
    'A number too many.',
    changed(pair, { evidence: { roots: ['7/8', '7/8'] } })
  ),
  reject(
    'risk-family-polynomial',
    'target',
    'The family for another target.',
    changed(pair, { problem: { target: pieces(interval, [[0, 0, 1]]) } })
  ),

  reject(
    'risk-affine-list-short',
    'list',
    'The last zigzag is missing.',
    withList(lineList, (f) => f.slice(0, 3))
  ),
  reject(
    'risk-affine-list-odd',
    'function 3',
    'A zigzag with three kinks.',
    withFunction(lineList, 3, { kinks: 3, risk: '1/256' })
  ),
  reject(
    'risk-affine-list-risk',
    'function 2',
    'The risk of the zigzag is another.',
    withFunction(lineList, 2, { risk: '1/27' })
  ),
  reject(
    'risk-affine-list-turned',
    'function 0',
    'Target and mean have changed places.',
    withList(lineList, ([a, b, ...rest]) => [b, a, ...rest])
  ),
  reject(
    'risk-affine-list-parabola',
    'target',
    'The target is not affine.',
    changed(lineList, { problem: { target: pieces([0, 3], [[0, 0, 1]]) } })
  ),
  reject(
    'risk-affine-list-constant',
    'target',
    'The target is constant.',
    changed(lineList, { problem: { target: pieces([0, 3], [[1]]) } })
  ),
  reject(
    'risk-affine-list-density',
    'target',
    'The density is not 1.',
    changed(lineList, { problem: { density: pieces([0, 3], [[2]]) } })
  ),

  reject(
    'risk-value-wrong',
    'integrals',
    'The risk is another.',
    changed(
      at(
        two,
        'value',
        [
          [1, -1, 2],
          [1, -4, 5]
        ],
        '1/2',
        'integrals'
      ),
      { claim: { risk: '1' } }
    )
  ),
  reject(
    'risk-units',
    'parameters',
    'One unit where the problem has two.',
    changed(
      at(
        two,
        'value',
        [
          [1, -1, 2],
          [1, -4, 5]
        ],
        '1/2',
        'integrals'
      ),
      { problem: { hidden: 3 } }
    )
  ),
  reject(
    'risk-critical-as-not',
    'gradient',
    'A critical point as not critical.',
    at(tilted, 'not-critical', [[1, -2, 1]], '0', 'gradient')
  ),
  reject(
    'risk-zero-claimed',
    'zero-risk',
    'The risk is not 0.',
    at(tilted, 'global-minimum', [[1, -2, 1]], '0', 'zero-risk')
  ),
  reject(
    'risk-affine-not-critical',
    'gradient',
    'The output bias is not the mean.',
    at(tilted, 'local-minimum', [[1, -2, 1]], '1/2', 'affine-point')
  ),
  reject(
    'risk-affine-zigzag-minimum',
    'affine-point',
    'A zigzag as a local minimum.',
    at(two, 'local-minimum', zigzagUnits, '2', 'affine-point')
  ),
  reject(
    'risk-affine-end-wrong-side',
    'affine-point',
    'A kink at the right end along the slope is a saddle.',
    at(tilted, 'local-minimum', [[1, -1, 1]], '0', 'affine-point')
  ),
  reject(
    'risk-affine-left-end-wrong',
    'affine-point',
    'A kink at the left end against the slope is a saddle.',
    at(tilted, 'local-minimum', [[-1, -1, -1]], '0', 'affine-point')
  ),
  reject(
    'risk-affine-end-silent',
    'affine-point',
    'A kink at the end and v = 0 is a saddle.',
    at(tilted, 'local-minimum', [[1, -1, 0]], '0', 'affine-point')
  ),
  reject(
    'risk-affine-constant-unit',
    'affine-point',
    'A constant unit with v = 0 is a saddle.',
    at(tilted, 'local-minimum', [[0, 1, 0]], '0', 'affine-point')
  ),
  reject(
    'risk-affine-global',
    'affine-point',
    'The risk is 0.',
    at(tilted, 'local-minimum', [[1, 2, 1]], '-2', 'affine-point')
  ),
  reject(
    'risk-affine-dead-saddle',
    'affine-point',
    'Dead units as a saddle.',
    at(
      two,
      'saddle',
      [
        [1, -4, 1],
        [-1, -1, 1]
      ],
      '2',
      'affine-point'
    )
  ),
  reject(
    'risk-one-unit-two',
    'one-live-unit',
    'Two units are not dead.',
    at(two, 'saddle', zigzagUnits, '2', 'one-live-unit')
  ),
  reject(
    'risk-one-unit-saddle',
    'one-live-unit',
    'A local minimum as a saddle.',
    at(parabola, 'saddle', [[3, -1, '4/9']], '1/27', 'one-live-unit')
  ),
  reject(
    'risk-one-unit-end-as-minimum',
    'one-live-unit',
    'A kink at the end with the wrong sign, as a local minimum.',
    at(parabola, 'local-minimum', [[1, -1, 1]], '1/3', 'one-live-unit')
  ),
  reject(
    'risk-one-unit-end-short',
    'one-live-unit',
    'A slope that falls short of the balance.',
    at(balanced, 'local-minimum', [[2, -2, '1/6']], '0', 'one-live-unit')
  ),
  reject(
    'risk-one-unit-end-exact',
    'one-live-unit',
    'A slope that balances exactly.',
    at(balanced, 'local-minimum', [[2, -2, '1/3']], '0', 'one-live-unit')
  ),
  reject(
    'risk-one-unit-end-silent-minimum',
    'one-live-unit',
    'A kink at the end and v = 0.',
    at(balanced, 'local-minimum', [[2, -2, 0]], '0', 'one-live-unit')
  ),
  reject(
    'risk-one-unit-active-minimum',
    'one-live-unit',
    'The kink of the best line moves inwards and the risk falls.',
    at(parabola, 'local-minimum', [[1, 0, 1]], '-1/6', 'one-live-unit')
  ),
  reject(
    'risk-one-unit-active-silent-minimum',
    'one-live-unit',
    'A kink at the left end and v = 0, for |x|.',
    at(absolute, 'local-minimum', [[1, 1, 0]], '1/2', 'one-live-unit')
  ),
  reject(
    'risk-one-unit-origin-minimum',
    'one-live-unit',
    'w = b = 0 and v > 0, for |x|.',
    at(absolute, 'local-minimum', [[0, 0, 1]], '1/2', 'one-live-unit')
  ),
  reject(
    'risk-one-unit-origin-silent',
    'one-live-unit',
    'w = b = v = 0, for |x|.',
    at(absolute, 'local-minimum', [[0, 0, 0]], '1/2', 'one-live-unit')
  ),
  reject(
    'risk-one-unit-origin-line',
    'one-live-unit',
    'w = b = 0 for x^2: hinges on one side help.',
    at(parabola, 'local-minimum', [[0, 0, -1]], '1/3', 'one-live-unit')
  ),
  reject(
    'risk-one-unit-flat-minimum',
    'one-live-unit',
    'v = 0 and the kink where V is 0, but not around it.',
    at(flat, 'local-minimum', [[2, -1, 0]], '0', 'one-live-unit')
  ),
  reject(
    'risk-one-unit-tilt-minimum',
    'one-live-unit',
    'A line does better than the mean.',
    at(parabola, 'local-minimum', [[0, 2, 0]], '1/3', 'one-live-unit')
  ),
  reject(
    'risk-rule',
    'rule',
    'A rule for lists under a claim about parameters.',
    at(tilted, 'saddle', [[0, 0, 3]], '0', 'kink-equations')
  ),
  reject(
    'risk-family-parameters',
    'target',
    'Parameters for the target of the family.',
    certificate(family(2), { kind: 'value', parameters: member({ e: '1/2' }, 2), risk: '1' }, { rule: 'integrals' })
  )
]
