import { certificate, type Value } from '../digests.ts'
import { findDirection } from '../falsify.ts'
import { add, type Fraction, isEqual, isLess, sign, sum, text } from '../fraction.ts'
import { type Design, localMinimum, type Planted, plant, vectorOf } from '../planted.ts'
import { accept, type Case, reject } from './case.ts'
import { oneConcave } from './one-output.ts'

const kinkAt = 2
const design: Design = {
  xs: [[-2], [-1], [0], [1], [2], [3]],
  weights: [[1]],
  biases: [0],
  outer: [[1], [2]],
  constants: [0, 1]
}

const interior: Design = { ...design, biases: ['1/2'] }

const residualsAt = (r: readonly Fraction[], sample: number): readonly [Fraction, Fraction] => [
  r[2 * sample],
  r[2 * sample + 1]
]

const directionOf = (planted: Planted, wanted: 'falls' | 'rises'): Value =>
  findDirection(planted.problem, planted.point, wanted).map((tensor) => vectorOf(tensor.map(text)))

const saddle = (planted: Planted): Value =>
  certificate(
    planted.problem,
    { kind: 'saddle', point: planted.point, loss: planted.loss },
    {
      rule: 'saddle',
      stationarity: planted.slopes,
      descent: directionOf(planted, 'falls'),
      ascent: directionOf(planted, 'rises')
    }
  )

/** Only (c) is asked for: the linear part vanishes along v, not output by output. */
const classic: Design = {
  ...interior,
  outer: [[1], [1]],
  plainRows: true,
  scale: 100,
  wanted: (r) => r.every((entry) => sign(entry) !== 0) && sign(sum([r[4], r[6], r[8], r[10]])) !== 0
}

/** m_k is the right end, but the two outputs are beyond it and short of it. */
const disagreeing: Design = {
  ...design,
  outer: [[1], [1]],
  place: (_unit, _row, _sample, output) => (output === 0 ? '3/2' : '1/2'),
  scale: 100,
  wanted: (r) => {
    const [first, second] = residualsAt(r, kinkAt)
    return r.every((entry) => sign(entry) !== 0) && isEqual(first, second)
  }
}

/** The two residuals on the kink cancel along v, so the class has no kink of its own, but each output has one. */
const cancelling: Design = {
  ...design,
  outer: [[1], [1]],
  scale: 100,
  wanted: (r) => {
    const [first, second] = residualsAt(r, kinkAt)
    return r.every((entry) => sign(entry) !== 0) && sign(add(first, second)) === 0
  }
}

/** A concave class; with it at its right slope the other two are at their right ends: flat along u for all three ahead. */
const concaveEnds: Design = {
  ...oneConcave,
  outer: [[1], [2]],
  constants: [0, 0],
  plainRows: true,
  scale: 100,
  place: (_, row) => (row === 0 ? '1/2' : 1)
}

const withRow = (planted: Planted, row: Value): Value =>
  localMinimum({ ...planted, slopes: { ...planted.slopes, slopes: [[row]] } })

export const severalOutputsCases = (): readonly Case[] => {
  const kink = plant(design)
  const differentiable = plant(classic)
  const ends = plant(disagreeing)
  const plainEnds = { ...ends, slopes: { denominator: '1', slopes: [[[[kinkAt, text(endOf(ends))]]]] } }
  const flat = plant(cancelling)
  const concave = plant(concaveEnds)
  return [
    accept('two-outputs', 'Two outputs, no sample on the kink.', localMinimum(plant(interior))),
    accept('two-outputs-kink', 'Two outputs and a kink: lifted slopes, one for each output.', localMinimum(kink)),
    accept(
      'two-outputs-right-end',
      'The slope is the right end, and so are both lifted slopes.',
      localMinimum(plant({ ...design, place: () => 1 }))
    ),
    accept(
      'two-outputs-left-end',
      'The slope is the left end, and so are both lifted slopes; a second unit has v = 0.',
      localMinimum(
        plant({
          ...design,
          xs: [[-2], [-1], [0], [1], [2], [3], [4]],
          weights: [[1], [2]],
          biases: [0, 0],
          outer: [
            [-1, 0],
            [2, 0]
          ],
          place: () => 0,
          wanted: (r) => r.filter((_, k) => k !== 4 && k !== 5).every((entry) => sign(entry) !== 0)
        })
      )
    ),
    accept(
      'two-outputs-lift-outside',
      'A lifted slope need not lie between the slopes of its own output: only the sum along v must.',
      localMinimum(
        plant({
          ...design,
          place: (_unit, _row, _sample, output) => (output === 0 ? 2 : '1/4'),
          wanted: (r) => {
            const [first, second] = residualsAt(r, kinkAt)
            return r.every((entry) => sign(entry) !== 0) && sign(first) > 0 && isLess(first, second)
          }
        })
      )
    ),
    accept(
      'two-outputs-saddle',
      'Differentiable, with gradient zero: the linear part vanishes along v only, so turning v falls at second order.',
      saddle(differentiable)
    ),
    accept(
      'two-outputs-saddle-kink',
      'Stationary with the slope at its right end; the lifted slopes disagree there, and the point is a saddle.',
      saddle(plainEnds)
    ),
    accept('two-outputs-saddle-concave', 'Two outputs, a concave class, two rows of plain slopes.', saddle(concave)),
    reject(
      'two-outputs-saddle-as-minimum',
      '\\(e\\)',
      'The differentiable saddle claimed to be a local minimum.',
      localMinimum(differentiable)
    ),
    reject(
      'two-outputs-ends-disagree',
      '\\(e\\)',
      'The slope is the right end, one lifted slope is beyond its own and one short of it.',
      localMinimum(ends)
    ),
    reject(
      'two-outputs-hidden-kink',
      '\\(e\\)',
      'Left and right slope of the class are equal, those of its outputs are not.',
      localMinimum(flat)
    ),
    reject(
      'two-outputs-plain-slope',
      '\\(e\\)',
      'One slope where one for each output is asked for.',
      withRow(kink, [[kinkAt, '1']])
    ),
    reject(
      'two-outputs-one-slope',
      '\\(e\\)',
      'A list of one slope where there are two outputs.',
      withRow(kink, [[kinkAt, ['1']]])
    ),
    reject('two-outputs-no-slope', '\\(e\\)', 'The class on the kink has no lifted slopes.', withRow(kink, [])),
    reject(
      'two-outputs-concave',
      '\\(e\\)',
      'A concave class: the rule proves no local minimum with several outputs.',
      localMinimum(concave)
    ),
    reject(
      'two-outputs-saddle-lifted',
      '\\(c\\)',
      'Lifted slopes inside a saddle, where plain ones are asked for.',
      certificate(
        ends.problem,
        { kind: 'saddle', point: ends.point, loss: ends.loss },
        {
          rule: 'saddle',
          stationarity: ends.slopes,
          descent: directionOf(ends, 'falls'),
          ascent: directionOf(ends, 'rises')
        }
      )
    )
  ]
}

/** v . (right ends) of the class on the kink: the sum of its two residuals, for v = (1, 1) and slopes 1 and 0. */
const endOf = ({ residuals }: Planted): Fraction => add(residuals[kinkAt][0], residuals[kinkAt][1])
