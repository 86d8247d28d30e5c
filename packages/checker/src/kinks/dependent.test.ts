import { describe, expect, test } from 'vitest'
import { check } from '../check.ts'
import { canonicalText, parseJson } from '../json.ts'
import { sha256 } from '../sha256.ts'

/*
 * v |w x + b| on the samples -1, 0, 1 with the targets -1, by hand: for v = 1 the minimum is w = b = 0, where every sample is on the kink, and the argument at 0 is half of the sum of the other two.
 * Frozen, the function is -(w x + b), its errors are 1 at the minimum. With the multipliers 3/2 the derivatives by w, 0 - 3/2 + 3/2, and by b, -3 + 3/2 + 3/2, are 0. All b_a are 2: the multiplier 1 at
 * the sample 0 leaves 3/2 - 1/2 = 1 to each of the others.
 */
const network = (bias: boolean) => ({
  inputs: 1,
  layers: [
    { kind: 'dense', outputs: 1, bias },
    { kind: 'two-slope', positive: '1', negative: '-1' },
    { kind: 'dense', outputs: 1, bias: false }
  ]
})
const problem = {
  format: 'nadir-problem/1',
  network: network(true),
  loss: { kind: 'squared', reduction: 'sum' },
  data: { inputs: [['-1'], ['0'], ['1']], targets: [['-1'], ['-1'], ['-1']] }
}
const vector = (denominator: string, ...numerators: readonly string[]) => ({ denominator, numerators })
const claim = {
  kind: 'local-minimum-nearby',
  point: [vector('1', '0'), vector('1', '0'), vector('1', '1')],
  radius: '1/100',
  lower: '1',
  loss: '2'
}
const evidence = {
  rule: 'kinks-dependent',
  kinks: [
    [0, 0, 0],
    [0, 0, 2]
  ],
  multipliers: vector('2', '3', '3'),
  frozen: [2],
  symmetries: [['idle', 2]],
  dependent: [{ kink: [0, 0, 1], combination: vector('2', '1', '1'), multiplier: '1' }],
  radii: vector('1000', '1', '1', '1', '1'),
  inverse: vector('4', '0', '0', '0', '-2', '2', '-5', '2', '2', '-1', '-5')
}
const [only] = evidence.dependent

const outcomeOf = (given: object, asked: object, proof: object) => {
  const texts = [given, asked].map((part) => JSON.stringify(part))
  const [problemDigest, claimDigest] = texts.map((text) => `sha256:${sha256(canonicalText(parseJson(text, 'part')))}`)
  const sealed = { format: 'nadir-proof/1', problem: problemDigest, claim: claimDigest, evidence: proof }
  return check(texts[0], texts[1], JSON.stringify(sealed))
}

const withDependent = (...dependent: readonly object[]) => outcomeOf(problem, claim, { ...evidence, dependent })

describe('the rule kinks-dependent', () => {
  test('accepts a minimum where every sample is on one kink, and the rule kinks alone does not', () => {
    expect(outcomeOf(problem, claim, evidence).outcome).toBe('accepted')
    const { dependent: _, ...rest } = evidence
    expect(outcomeOf(problem, claim, { ...rest, rule: 'kinks' })).toMatchObject({ outcome: 'rejected', step: '(a)' })
    const three = { ...rest, rule: 'kinks', kinks: [0, 1, 2].map((sample) => [0, 0, sample]) }
    const padded = { multipliers: vector('1', '1', '1', '1'), radii: vector('1000', '1', '1', '1', '1', '1') }
    const inverse = vector('4', ...evidence.inverse.numerators, '0', '0', '0', '0', '0')
    expect(outcomeOf(problem, claim, { ...three, ...padded, inverse })).toMatchObject({ step: '(d)' })
  })

  test.each([
    ['a multiplier of 0', '0', 'sample 1'],
    ['a multiplier at its bound', '2', 'sample 1'],
    ['a multiplier that leaves the others more than their bounds', '-11/10', 'sample 0'],
    ['a negative multiplier', '-1/2', 'sample 1']
  ])('rejects %s', (_, multiplier, where) => {
    expect(withDependent({ ...only, multiplier })).toMatchObject({
      outcome: 'rejected',
      step: `(c) unit 0 of hidden layer 0 on ${where}`
    })
  })

  test('rejects combinations that are none, be it in the input or in the bias alone', () => {
    for (const numerators of [
      ['1', '2'],
      ['0', '0'],
      ['2', '0'],
      ['2', '2']
    ]) {
      const combination = { denominator: '2', numerators }
      const reason = 'the argument is not the combination of those at the kinks'
      expect(withDependent({ ...only, combination })).toMatchObject({ reason })
    }
    expect(withDependent({ ...only, combination: vector('2', '1', '1', '0') })).toMatchObject({ step: 'evidence' })
    // Another text of the same numbers.
    expect(withDependent({ ...only, combination: vector('6', '3', '3') }).outcome).toBe('accepted')
  })

  test('asks nothing of the sum of a combination where there are no biases', () => {
    // v |w x| on the samples 1 and -2: the derivative by w is -1 + 2 - 1, and 1 at -2 leaves -1 + 2 to the kink at 1.
    const given = {
      ...problem,
      network: network(false),
      data: { inputs: [['1'], ['-2']], targets: [['-1'], ['-1']] }
    }
    const asked = { ...claim, point: [vector('1', '0'), vector('1', '1')], lower: '1/2', loss: '3/2' }
    const proof = {
      ...evidence,
      kinks: [[0, 0, 0]],
      multipliers: vector('1', '-1'),
      frozen: [1],
      symmetries: [['idle', 1]],
      dependent: [{ kink: [0, 0, 1], combination: vector('1', '-2'), multiplier: '1' }],
      radii: vector('1000', '1', '20'),
      inverse: vector('1', '0', '1', '-5')
    }
    expect(outcomeOf(given, asked, proof).outcome).toBe('accepted')
  })

  test('rejects combinations with kinks of another unit', () => {
    const [hidden, ...layers] = network(true).layers
    const given = { ...problem, network: { inputs: 1, layers: [{ ...hidden, outputs: 2 }, ...layers] } }
    const asked = { ...claim, point: [vector('1', '0', '0'), vector('1', '0', '0'), vector('1', '1', '1')] }
    const proof = {
      ...evidence,
      kinks: [0, 1].flatMap((unit) => [0, 2].map((sample) => [0, unit, sample])),
      multipliers: vector('2', '3', '3', '3', '3'),
      frozen: [4, 5],
      symmetries: [4, 5].map((parameter) => ['idle', parameter]),
      dependent: [0, 1].map((unit) => ({
        ...only,
        kink: [0, unit, 1],
        combination: vector('2', '1', '1', '0', '0')
      })),
      radii: vector('1000', ...new Array<string>(8).fill('1')),
      inverse: vector('1', ...new Array<string>(36).fill('0'))
    }
    expect(outcomeOf(given, asked, proof)).toMatchObject({
      step: '(c) unit 1 of hidden layer 0 on sample 1',
      reason: 'the combination has kinks of another unit'
    })
  })

  test('rejects networks with other layers', () => {
    const given = { ...problem, network: { inputs: [1, 1, 1], layers: [{ kind: 'flatten' }, ...network(true).layers] } }
    expect(outcomeOf(given, claim, evidence)).toMatchObject({ outcome: 'rejected', step: 'network' })
  })

  test.each([
    ['no record', 'evidence', []],
    ['a record twice', 'evidence', [only, only]],
    ['a kink of the others', '(a)', [{ ...only, kink: [0, 0, 0], combination: vector('1', '1', '0') }]],
    ['another layer', 'evidence', [{ ...only, kink: [1, 0, 1] }]],
    ['a unit that is not there', 'evidence', [{ ...only, kink: [0, 1, 1] }]],
    ['a sample that is not there', 'evidence', [{ ...only, kink: [0, 0, 3] }]]
  ])('rejects %s', (_, step, dependent) => {
    expect(withDependent(...dependent)).toMatchObject({ outcome: 'rejected', step })
  })

  test.each([
    ['no list', { ...evidence, dependent: only }],
    ['a pair in place of a triple', { ...evidence, dependent: [{ ...only, kink: [0, 1] }] }],
    ['a field more', { ...evidence, dependent: [{ ...only, sample: 1 }] }],
    ['a multiplier that is a vector', { ...evidence, dependent: [{ ...only, multiplier: vector('1', '1') }] }],
    ['the records in a proof by the rule kinks', { ...evidence, rule: 'kinks' }]
  ])('cannot read %s', (_, proof) => {
    expect(outcomeOf(problem, claim, proof).outcome).toBe('declined')
  })
})
