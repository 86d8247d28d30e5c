import type { Value } from '../digests.ts'
import { divide, type Fraction, fraction } from '../fraction.ts'
import { vectorOf } from '../planted.ts'
import {
  type DependentRecord,
  dependentCertificate,
  dependentEvidence,
  type PlantedDependent,
  splitKinks
} from '../planted-dependent.ts'
import type { KinkDesign } from '../planted-kinks.ts'
import type { Gauge } from '../planted-kinks-documents.ts'
import { accept, type Case, changed, decline, reject } from './case.ts'
import { planted, unfinished, withMovedTarget, withResiduals } from './kinks.ts'

const split = (design: KinkDesign, share = '1/2'): PlantedDependent => splitKinks(planted(design, fraction(share), 1n))

/** Samples 0, 1 and 2 lie on the kink of the unit, a line. */
const line: KinkDesign = {
  sizes: [2, 1, 1],
  slopes: [1, 0],
  xs: [
    [1, 0],
    [0, 2],
    [2, -2],
    [2, 0],
    [1, 1],
    [0, 0],
    [-1, 0],
    [0, 3],
    [3, -1]
  ],
  tensors: [[2, 1], [-2], [3], [1]],
  bias: true,
  decay: { factor: '1/10', biases: true },
  reduction: 'sum'
}

/** Samples 0 and 1 are opposite, and there are no biases. */
const origin: KinkDesign = {
  sizes: [2, 1, 1],
  slopes: [1, '1/4'],
  xs: [
    [4, -3],
    [-4, 3],
    [1, 1],
    [-1, 2],
    [2, 0],
    [0, -1],
    [1, -2]
  ],
  tensors: [[3, 4], [5]],
  bias: false,
  decay: { factor: '1/10', biases: false },
  reduction: 'mean'
}

/** Two outputs, and four samples on a line. */
const two: KinkDesign = {
  sizes: [2, 1, 2],
  slopes: [1, 0],
  xs: [
    [0, 1],
    [1, 0],
    [-1, 2],
    [3, -2],
    [1, 1],
    [2, 0],
    [2, 1],
    [0, 0],
    [-1, 0],
    [1, 3]
  ],
  tensors: [[1, 1], [-1], [1, 1], [0, -1]],
  bias: true,
  decay: { factor: '1/10', biases: false },
  reduction: 'sum'
}

/** Two hidden layers; sample 13, whose kink in the first layer follows from others, is on the kink of the second one too. */
const deep: KinkDesign = {
  sizes: [2, 2, 1, 1],
  slopes: [1, 0],
  xs: [
    [3, 3],
    [-1, 2],
    [0, 3],
    [2, -1],
    [-2, 3],
    [0, -2],
    [-2, 0],
    [-1, 2],
    [-3, -3],
    [3, 2],
    [1, 0],
    [2, 1],
    [-1, 3],
    [-1, -2],
    [1, 3],
    [-1, 1],
    [-3, 3],
    [0, 1],
    [-1, 2],
    [1, -2],
    [1, -3],
    [-2, 3]
  ],
  tensors: [[-2, 0, -1, 1], [-1, 1], [-1, 1], [1], [-1], [0]],
  bias: true,
  reduction: 'sum'
}
/** Two hidden layers of leaky units, with kinks of unit 0 in both. */
const deepLeaky: KinkDesign = {
  ...deep,
  slopes: [1, '-1/2'],
  xs: [
    [1, 1],
    [1, 2],
    [-1, 2],
    [0, -3],
    [2, -1],
    [-3, 3],
    [0, 2],
    [3, 2],
    [-1, -2],
    [-3, 3],
    [-2, -1],
    [-3, 0],
    [2, 2],
    [-2, -2],
    [-1, 3],
    [1, 0],
    [0, 3],
    [3, -2],
    [-1, 1],
    [2, -1],
    [-2, -2],
    [-1, -1]
  ],
  tensors: [[-1, 0, -1, -2], [1, 2], [2, 2], [-2], [-1], [-1]]
}
const rescalings: Gauge = {
  frozen: [0, 2, 6],
  symmetries: [
    ['rescale', 0, 0],
    ['rescale', 0, 1],
    ['rescale', 1, 0]
  ]
}

/** Samples 2 and 3 are equal. */
const members: KinkDesign = {
  ...line,
  xs: [...line.xs.slice(0, 3), [2, -2], ...line.xs.slice(3)],
  merged: true
}

/** Samples 0 and 3 are equal. */
const heldMembers: KinkDesign = { ...members, xs: [...line.xs.slice(0, 3), [1, 0], ...line.xs.slice(3)] }

const logistic: KinkDesign = {
  sizes: [2, 1, 1],
  slopes: [1, 0],
  xs: [
    [0, -3],
    [1, -1],
    [1, 0],
    [0, -2],
    [0, 0],
    [-2, -1],
    [0, 2],
    [-1, -1],
    [2, -2],
    [-2, -3]
  ],
  tensors: [[1, 0], [0], [-1], [1]],
  bias: true,
  decay: { factor: '1/50', biases: true },
  reduction: 'sum',
  loss: 'logistic'
}

const classes: KinkDesign = {
  sizes: [2, 1, 2],
  slopes: [1, 0],
  xs: [
    [1, -1],
    [-1, -2],
    [-1, 0],
    [-2, 3],
    [3, 1],
    [1, 1],
    [1, 0],
    [-1, -1],
    [1, -3],
    [1, 1]
  ],
  tensors: [[1, 0], [1], [-1, 1], [1, -1]],
  bias: true,
  decay: { factor: '1/50', biases: true },
  reduction: 'sum',
  loss: 'cross-entropy'
}

/** No weight decay: the unit |t| can be rescaled. */
const free: KinkDesign = {
  sizes: [2, 1, 1],
  slopes: [1, -1],
  xs: line.xs,
  tensors: [[2, 1], [-2], [1], [-1]],
  bias: true,
  reduction: 'sum'
}
const rescaling: Gauge = { frozen: [0], symmetries: [['rescale', 0, 0]] }

/** Two units with equal kinks, all three of each. */
const rotated: KinkDesign = {
  ...line,
  sizes: [2, 2, 1],
  tensors: [[2, 1, 4, 2], [-2, -4], [3, 6], [1]]
}
const rotation: Gauge = { frozen: [0], symmetries: [['rotate', 0, 0, 1]] }

/** The bias is 0: samples on a line through the origin, whose inputs are multiples of one another. */
const multiples: KinkDesign = {
  ...two,
  xs: [
    [1, -1],
    [-1, 1],
    [2, -2],
    [1, 1],
    [2, 0],
    [2, 1],
    [0, 1],
    [-1, 0],
    [1, 3]
  ],
  tensors: [[1, 1], [0], [1, 1], [0, -1]]
}

/** Samples 0, 1 and 2 are on the kink of the first unit, but on sample 2 the unit above is shut. */
const unfelt: KinkDesign = {
  sizes: [2, 2, 1, 1],
  slopes: [1, 0],
  xs: [
    [0, 2],
    [-1, 4],
    [2, -2],
    [1, 1],
    [3, -1],
    [-2, 3]
  ],
  tensors: [[2, 1, 0, 1], [-2, 0], [1, 1], [-1], [1], [1]],
  bias: true,
  reduction: 'sum'
}

/**
 * `line` with other bounds of its three kinks: their residuals, by which the loss falls behind the kinks, have no say in front of them but for their sum. The outgoing weight is 3, so that bounds are three times the residuals.
 */
const withBounds = (share: string, ...bounds: readonly string[]): PlantedDependent => {
  const { point, records } = split(line)
  const residuals = point.residuals.map((r, i) => (i < 3 ? divide(fraction(bounds[i]), fraction(3)) : r))
  return { point: { ...point, residuals }, records: records.map((one) => ({ ...one, multiplier: fraction(share) })) }
}

/** Evidence with other records. */
const withRecords = (document: Value, records: readonly DependentRecord[]): Value =>
  changed(document, { evidence: dependentEvidence(records) })

/** Evidence without a right inverse, for points that are refused before it is looked at. */
const sketched = ({ point, records }: PlantedDependent, gauge: Gauge): Value =>
  withRecords(unfinished(point, gauge), records)

const combined = (record: DependentRecord, ...combination: readonly string[]): DependentRecord => ({
  ...record,
  combination: combination.map(fraction)
})

export const dependentKinkCases = (): readonly Case[] => {
  const main = split(line)
  const accepted = dependentCertificate(main)
  const [record] = main.records
  const records = (...all: readonly DependentRecord[]): Value => withRecords(accepted, all)
  const multiplied = (multiplier: Fraction | string): Value =>
    records({ ...record, multiplier: typeof multiplier === 'string' ? fraction(multiplier) : multiplier })
  const several = split(two)
  const [third, fourth] = several.records
  const chained = split(deep)
  const leaky = split(deepLeaky)
  const equal = split(members)
  const turned = split(rotated)
  const [turnedRecord, ...otherTurned] = turned.records
  const heldEqual = split(heldMembers)
  const doubled = split(multiples)
  const voided = split({ ...origin, xs: [...origin.xs, [0, 0]], merged: true })
  const shut = splitKinks(withResiduals(unfelt, new Array<string>(6).fill('0'), ['1', '1', '1']))
  return [
    accept('kinks-dependent-line', 'three samples on the kink of a unit, on a line: the third kink follows', accepted),
    accept(
      'kinks-dependent-origin',
      'no biases: a sample opposite to another one, with the coefficient -1',
      dependentCertificate(split(origin))
    ),
    accept(
      'kinks-dependent-two',
      'two kinks that follow, two outputs; a multiplier above the bound of its kink, as it is a total',
      dependentCertificate(several)
    ),
    accept(
      'kinks-dependent-deep',
      'two hidden layers; a sample whose kink in the first one follows from others is on the kink of the second one',
      dependentCertificate(chained, rescalings)
    ),
    accept(
      'kinks-dependent-leaky',
      'two hidden layers of leaky units, no weight decay',
      dependentCertificate(leaky, rescalings)
    ),
    accept('kinks-dependent-members', 'two equal samples on a kink that follows', dependentCertificate(equal)),
    accept(
      'kinks-dependent-held-members',
      'two equal samples on a kink of the others',
      dependentCertificate(heldEqual)
    ),
    accept('kinks-dependent-logistic', 'logistic loss, weight decay', dependentCertificate(split(logistic))),
    accept('kinks-dependent-classes', 'cross-entropy', dependentCertificate(split(classes))),
    accept(
      'kinks-dependent-free',
      'no weight decay: the unit is rescaled',
      dependentCertificate(split(free), rescaling)
    ),
    accept(
      'kinks-dependent-rotate',
      'two units with equal kinks, rotated into one another',
      dependentCertificate(turned, rotation)
    ),
    accept(
      'kinks-dependent-share',
      'a small multiplier of the kink that follows leaves the others inside their bounds',
      dependentCertificate(withBounds('1/10', '10/3', '1/2', '3/2'))
    ),

    reject(
      'kinks-dependent-share-above',
      String.raw`\(c\)`,
      'the same minimum; a greater multiplier leaves one of the others above its bound',
      dependentCertificate(withBounds('1', '10/3', '1/2', '3/2'))
    ),
    reject(
      'kinks-dependent-share-below',
      String.raw`\(c\)`,
      'the same minimum; a multiplier leaves one of the others negative, though the total is inside its bounds',
      dependentCertificate(withBounds('6/5', '12/5', '8/5', '4/3'))
    ),
    reject(
      'kinks-dependent-no-share',
      String.raw`\(c\)`,
      'no minimum: whatever the multiplier of the kink that follows, one of the others is outside its bounds',
      dependentCertificate(withBounds('1/2', '1/3', '13/3', '2/3'))
    ),
    reject(
      'kinks-dependent-concave',
      String.raw`\(c\)`,
      'no minimum: both totals are inside their bounds, but behind the kink that follows the loss falls',
      dependentCertificate(withBounds('1/100', '6', '4/3', '-2'))
    ),
    reject(
      'kinks-dependent-concave-share',
      String.raw`\(c\)`,
      'no minimum: the same with a multiplier between 0 and the negative bound',
      dependentCertificate(withBounds('-1', '6', '4/3', '-2'))
    ),
    reject('kinks-dependent-zero', String.raw`\(c\)`, 'the multiplier is 0', multiplied('0')),
    reject('kinks-dependent-negative', String.raw`\(c\)`, 'the multiplier is negative', multiplied('-1/100')),
    reject(
      'kinks-dependent-bound',
      String.raw`\(c\)`,
      'the multiplier is at its bound',
      dependentCertificate(withBounds('2/3', '10/3', '4/3', '2/3'))
    ),
    reject(
      'kinks-dependent-beyond',
      String.raw`\(c\)`,
      'the multiplier is above its bound',
      dependentCertificate(withBounds('3/4', '10/3', '4/3', '2/3'))
    ),
    reject(
      'kinks-dependent-coefficient',
      String.raw`\(c\)`,
      'a coefficient is wrong by one part in a thousand',
      records(combined(record, '2001/1000', '-1'))
    ),
    reject(
      'kinks-dependent-exchanged',
      String.raw`\(c\)`,
      'the coefficients are exchanged',
      records(combined(record, '-1', '2'))
    ),
    reject(
      'kinks-dependent-sum',
      String.raw`\(c\)`,
      'the inputs are the combination, but the coefficients do not add up to 1, and there is a bias',
      withRecords(dependentCertificate(doubled), [combined(doubled.records[0], '2', '0')])
    ),
    reject(
      'kinks-dependent-other-unit',
      String.raw`\(c\)`,
      'the combination has a kink of another unit, on the same sample',
      withRecords(dependentCertificate(turned, rotation), [combined(turnedRecord, '2', '0', '0', '-1'), ...otherTurned])
    ),
    reject(
      'kinks-dependent-both-units',
      String.raw`\(c\)`,
      'the combination adds kinks of another unit that cancel',
      withRecords(dependentCertificate(turned, rotation), [combined(turnedRecord, '1', '-1', '1', '0'), ...otherTurned])
    ),
    reject(
      'kinks-dependent-layer',
      'evidence',
      'the triple is one of the second hidden layer',
      withRecords(sketched(chained, rescalings), [{ ...chained.records[0], kink: [1, 0, 13] }])
    ),
    reject(
      'kinks-dependent-deep-combination',
      String.raw`\(c\)`,
      'the combination has a kink of the second hidden layer, of a unit of the same number, on the same sample',
      withRecords(dependentCertificate(leaky, rescalings), [combined(leaky.records[0], '2', '-1', '1')])
    ),
    reject(
      'kinks-dependent-deep-alone',
      String.raw`\(c\)`,
      'the combination is the kink of the second hidden layer on the same sample',
      withRecords(dependentCertificate(leaky, rescalings), [combined(leaky.records[0], '0', '0', '1')])
    ),
    reject(
      'kinks-dependent-nowhere',
      'evidence',
      'the triple names a unit that is not there',
      records({ ...record, kink: [0, 1, 2] })
    ),
    reject(
      'kinks-dependent-held',
      String.raw`\(a\)`,
      'the triple is one of the others too',
      records({ kink: [0, 0, 0], combination: [fraction(1), fraction(0)], multiplier: fraction('1/3') }, record)
    ),
    reject(
      'kinks-dependent-held-member',
      String.raw`\(a\)`,
      'the sample is equal to that of one of the others',
      withRecords(dependentCertificate(heldEqual), [
        ...heldEqual.records,
        { kink: [0, 0, 3], combination: [fraction(1), fraction(0)], multiplier: fraction('1/3') }
      ])
    ),
    reject(
      'kinks-dependent-twice',
      String.raw`\(a\)`,
      'two records for two equal samples',
      withRecords(dependentCertificate(equal), [...equal.records, { ...equal.records[0], kink: [0, 0, 3] }])
    ),
    reject('kinks-dependent-repeated', 'evidence', 'a record twice', records(record, record)),
    reject(
      'kinks-dependent-order',
      'evidence',
      'the records are not in ascending order',
      withRecords(dependentCertificate(several), [fourth, third])
    ),
    reject('kinks-dependent-none', 'evidence', 'no record', records()),
    reject('kinks-dependent-short', 'evidence', 'a coefficient is missing', records(combined(record, '2'))),
    reject('kinks-dependent-long', 'evidence', 'a coefficient too many', records(combined(record, '2', '-1', '0'))),
    reject(
      'kinks-dependent-left-out',
      String.raw`\(a\)`,
      'one of two kinks that follow is not named',
      withRecords(dependentCertificate(several), [third])
    ),
    reject(
      'kinks-dependent-off',
      String.raw`\(c\)`,
      'a sample that is not on the line',
      records(record, { ...combined(record, '1', '1'), kink: [0, 0, 3] })
    ),
    reject(
      'kinks-dependent-as-kinks',
      String.raw`\(`,
      'by the rule kinks, all three as if they were independent',
      unfinished(planted(line, fraction('1/2'), 1n), { frozen: [], symmetries: [] })
    ),
    reject(
      'kinks-dependent-network',
      'network',
      'the network is not one of dense and hidden layers in turn',
      changed(accepted, {
        problem: {
          network: {
            inputs: [2, 1, 1],
            layers: [
              { kind: 'flatten' },
              { kind: 'dense', outputs: 1, bias: true },
              { kind: 'two-slope', positive: '1', negative: '0' },
              { kind: 'dense', outputs: 1, bias: true }
            ]
          }
        }
      })
    ),
    reject(
      'kinks-dependent-unfelt',
      String.raw`\(a\)`,
      'the unit above is shut on the sample: its value is not felt',
      sketched(shut, { frozen: [], symmetries: [] })
    ),
    reject(
      'kinks-dependent-void',
      String.raw`\(a\)`,
      'no biases, and all inputs of the sample are 0: its argument is void',
      withRecords(dependentCertificate(voided), [
        ...voided.records,
        { kink: [0, 0, 7], combination: [fraction(0)], multiplier: fraction('1/10') }
      ])
    ),
    reject(
      'kinks-dependent-moved-target',
      String.raw`\(b\)`,
      'one target is moved: the point is not stationary',
      withMovedTarget(accepted)
    ),
    reject(
      'kinks-dependent-rotate-one',
      String.raw`\(`,
      'of two units with equal kinks one has a kink less that follows',
      withRecords(dependentCertificate(turned, rotation), otherTurned)
    ),
    decline(
      'kinks-dependent-valleys',
      'unreadable',
      'valleys beside kinks that follow',
      changed(accepted, { evidence: { valleys: [] } })
    ),
    decline(
      'kinks-dependent-by-kinks',
      'unreadable',
      'records of kinks that follow, under the rule kinks',
      changed(accepted, { evidence: { rule: 'kinks' } })
    ),
    decline(
      'kinks-dependent-no-multiplier',
      'unreadable',
      'a record without multiplier',
      changed(accepted, { evidence: { dependent: [{ kink: [0, 0, 2], combination: vectorOf([2, -1]) }] } })
    )
  ]
}
