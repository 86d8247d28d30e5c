import { canonical, certificate, type Value } from '../digests.ts'
import { byHand, byHandProblem } from './by-hand.ts'
import {
  type Case,
  changed,
  decline,
  declineText,
  dense,
  type Fields,
  firstOrder,
  parts,
  point,
  relu,
  twoSlope
} from './case.ts'
import { lineOfConcave } from './large.ts'

const plain = canonical(byHand)

/** The text of the specification's certificate with one passage exchanged, digests left as they are. */
const exchanged = (passage: string, by: string): string => {
  if (plain.split(passage).length < 2) throw new Error(`no ${passage}`)
  return plain.replace(passage, by)
}

const text = (name: string, feature: string, story: string, passage: string, by: string): Case =>
  declineText(name, feature, story, exchanged(passage, by))

const withProblem = (change: Fields): Value => changed(byHand, { problem: change })

const data = (inputs: Value, targets: Value): Fields => ({ data: { inputs, targets } })

const network = (...layers: readonly Value[]): Fields => ({ network: { inputs: 1, layers } })

const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`

const long = '7'.repeat(200_001)

export const unreadableCases = (): readonly Case[] => [
  declineText('empty', 'end of the text', 'No text at all.', ''),
  declineText('truncated', 'unreadable', 'The first half of a certificate.', plain.slice(0, plain.length >> 1)),
  declineText('trailing', 'end of the text', 'A certificate and one more value.', `${plain} 1`),
  declineText('byte-order-mark', 'character 0', 'A byte order mark before the certificate.', `\u{feff}${plain}`),
  declineText('a-list', 'object', 'A list around the certificate.', `[${plain}]`),
  declineText('too-deep', 'deeper', 'Lists within lists, a hundred deep.', nested(100)),
  declineText('far-too-deep', 'deeper', 'Lists within lists, a hundred thousand deep.', '['.repeat(100_000)),
  text('non-ascii', 'ASCII', 'A letter that is not ASCII, in a key.', '"bias"', '"bi\u00e4s"'),
  text('non-ascii-digit', 'ASCII', 'A digit that is not ASCII.', '"3"', '"\u0663"'),
  text('escape', 'escape', 'An escape sequence, though it only means a letter.', '"squared"', '"squ\\u0061red"'),
  text('line-break-in-string', 'ASCII', 'A line break in a string.', '"squared"', '"squ\nared"'),
  text('no-break-space', 'character', 'A no-break space between values.', '"kind":"dense"', '"kind":\u00a0"dense"'),
  text('comment', 'character', 'A comment.', '{"claim"', '{/* */"claim"'),
  text('trailing-comma', 'key', 'A comma after the last field.', '"reduction":"sum"}', '"reduction":"sum",}'),
  text('single-quotes', 'value', 'Single quotes.', '"squared"', "'squared'"),
  text('duplicate-key', 'already', 'A key twice, with the same value.', '"loss":"5"', '"loss":"5","loss":"5"'),
  text('number-float', 'count', 'A count with a point.', '"inputs":1', '"inputs":1.0'),
  text('number-exponent', 'count', 'A count with an exponent.', '"inputs":1', '"inputs":1e0'),
  text('number-negative', 'value', 'A count with a sign.', '[[[[1,"1"]]]]', '[[[[-1,"1"]]]]'),
  text('number-negative-zero', 'value', 'A count that is minus zero.', '[[[[1,"1"]]]]', '[[[[-0,"1"]]]]'),
  text('number-leading-zero', 'leading zero', 'A count with a leading zero.', '"inputs":1', '"inputs":01'),
  text('number-too-large', 'above', 'A count above 2147483647.', '[[[[1,"1"]]]]', '[[[[2147483648,"1"]]]]'),
  text('number-huge', 'above', 'A count of four thousand digits.', '"inputs":1', `"inputs":${'9'.repeat(4000)}`),
  text('number-for-integer', 'string', 'A number where a string is asked for.', '"loss":"5"', '"loss":5'),
  text('string-for-count', 'count', 'A string where a count is asked for.', '"inputs":1', '"inputs":"1"'),
  text('string-for-boolean', 'true or false', 'A string where a boolean is asked for.', '"bias":true', '"bias":"true"'),
  text('null', 'true or false', 'null where a boolean is asked for.', '"bias":true', '"bias":null'),
  text('integer-plus', 'integer', 'An integer with a plus sign.', '"loss":"5"', '"loss":"+5"'),
  text('integer-space', 'integer', 'An integer with a space.', '"loss":"5"', '"loss":" 5"'),
  text('integer-line-break', 'ASCII', 'An integer and a line break.', '"loss":"5"', '"loss":"5\n"'),
  text('integer-negative-zero', 'integer', 'Minus zero.', '"loss":"5"', '"loss":"-0"'),
  text('integer-leading-zero', 'integer', 'An integer with a leading zero.', '"loss":"5"', '"loss":"05"'),
  text('integer-hexadecimal', 'integer', 'A hexadecimal integer.', '"loss":"5"', '"loss":"0x5"'),
  text('integer-empty', 'integer', 'An empty string for an integer.', '"loss":"5"', '"loss":""'),
  text('integer-decimal', 'integer', 'A decimal fraction.', '"loss":"5"', '"loss":"5.0"'),
  text('integer-too-long', 'digits', 'An integer of 200,001 digits.', '"loss":"5"', `"loss":"${long}"`),
  text('rational-over-one', 'p/q', 'A rational over 1.', '"loss":"5"', '"loss":"5/1"'),
  text('rational-over-zero', 'p/q', 'A rational over 0.', '"loss":"5"', '"loss":"5/0"'),
  text('rational-over-negative', 'p/q', 'A rational over a negative integer.', '"loss":"5"', '"loss":"5/-2"'),
  text('rational-zero-over', 'p/q', 'Zero over an integer.', '"loss":"5"', '"loss":"0/2"'),
  text('rational-two-bars', 'integer', 'Two bars.', '"loss":"5"', '"loss":"5/2/3"'),
  text('denominator-zero', 'positive', 'A vector over 0.', '"denominator":"1"', '"denominator":"0"'),
  text('denominator-negative', 'positive', 'A vector over -1.', '"denominator":"1"', '"denominator":"-1"'),
  text('field-missing', 'field', 'A claim without its loss.', '"loss":"5",', ''),
  text('field-unknown', 'unknown field', 'A claim with a remark.', '"loss":"5",', '"loss":"5","remark":"",'),
  text('format-unknown', 'format', 'A certificate of a later format.', 'nadir-certificate/1', 'nadir-certificate/2'),
  text('problem-format-unknown', 'format', 'A problem of a later format.', 'nadir-problem/1', 'nadir-problem/2'),
  text('proof-format-unknown', 'format', 'A proof of a later format.', 'nadir-proof/1', 'nadir-proof/2'),
  text('digest-upper-case', 'hexadecimal', 'A digest with an upper case digit.', 'sha256:', 'sha256:A'),
  text('digest-other', 'hexadecimal', 'A digest of another kind.', 'sha256:', 'sha512:'),
  text('row-entry-long', 'sample', 'Three values for a slope.', '[1,"1"]', '[1,"1","1"]'),
  text('row-entry-short', 'sample', 'A sample without a slope.', '[1,"1"]', '[1]'),
  decline(
    'claim-unknown',
    'claim.kind',
    'A strict local minimum: a claim that the specification does not have.',
    changed(byHand, { claim: { kind: 'strict-local-minimum' } })
  ),
  decline(
    'rule-unknown',
    'rule',
    'A rule that the specification does not have.',
    certificate(byHandProblem, parts(byHand).claim, { rule: 'second-order' })
  ),
  decline(
    'rule-unknown-inside',
    'rule',
    'A spurious minimum whose first part is proved by another rule.',
    certificate(
      byHandProblem,
      { ...parts(byHand).claim, kind: 'spurious', better: point([1], [0], [1], [0]), betterLoss: '5' },
      { rule: 'better-point', minimum: { rule: 'zero-loss' } }
    )
  ),
  decline(
    'layer-unknown',
    'layers',
    'A convolution.',
    withProblem(network({ kind: 'convolution', outputs: 1 }, relu, dense(1)))
  ),
  decline(
    'loss-unknown',
    'loss.kind',
    'A loss that the format has no words for.',
    withProblem({ loss: { kind: 'poisson', reduction: 'sum' } })
  ),
  decline(
    'reduction-unknown',
    'reduction',
    'The reduction max.',
    withProblem({ loss: { kind: 'squared', reduction: 'max' } })
  ),
  decline(
    'slopes-equal',
    'slopes',
    'A two-slope layer with one slope.',
    withProblem(network(dense(1), twoSlope('1', '1'), dense(1)))
  ),
  decline('last-layer', 'dense', 'A network that ends with an activation.', withProblem(network(dense(1), relu))),
  decline('no-layer', 'dense', 'A network without layers.', withProblem(network())),
  decline('no-unit', 'at least 1', 'A layer without units.', withProblem(network(dense(0), relu, dense(1)))),
  decline('no-sample', 'sample', 'A data set without samples.', withProblem(data([], []))),
  decline(
    'no-input',
    'at least 1',
    'A network without inputs.',
    withProblem({ network: { inputs: 0, layers: [dense(1)] }, ...data([[]], [['1']]) })
  ),
  decline(
    'ragged-inputs',
    'entries',
    'A sample with two inputs among samples with one.',
    withProblem(data([['1'], ['1', '2']], [['1'], ['1']]))
  ),
  decline(
    'ragged-targets',
    'entries',
    'A sample with two targets, where the network has one output.',
    withProblem(data([['1']], [['1', '2']]))
  ),
  decline('target-missing', 'lists', 'One target for two samples.', withProblem(data([['1'], ['2']], [['1']]))),
  decline(
    'not-lowest-terms-data',
    'lowest terms',
    'Data not in lowest terms.',
    withProblem(data([['1'], ['2/4']], [['1'], ['1']]))
  ),
  decline(
    'absolute-two-outputs',
    'one output',
    'The absolute loss of two outputs.',
    withProblem({
      ...network(dense(1), relu, dense(2)),
      ...data([['1']], [['1', '2']]),
      loss: { kind: 'absolute', reduction: 'sum' }
    })
  ),
  decline(
    'thirteen-concave-classes',
    '13 concave',
    'A unit with thirteen concave classes would need 8192 rows.',
    lineOfConcave(13, firstOrder('1', [[[]]]))
  )
]
