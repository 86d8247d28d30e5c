import { certificate, type Value } from '../digests.ts'
import { type Fraction, sign } from '../fraction.ts'
import { type Design, localMinimum, plant } from '../planted.ts'
import { accept, type Case, claiming, point, reject } from './case.ts'

const line = (...xs: readonly (number | string)[]): readonly (readonly (number | string)[])[] => xs.map((x) => [x])
const unit: Pick<Design, 'weights' | 'biases' | 'outer' | 'constants'> = {
  weights: [[1]],
  biases: [0],
  outer: [[1]],
  constants: [1]
}

const minimum = (name: string, story: string, design: Design): Case => accept(name, story, localMinimum(plant(design)))

const interior: Design = { ...unit, xs: line(-2, -1, 1, 2, 3, 4), biases: ['1/2'] }

/** Three collinear samples on the kink: the middle one concave, the outer two make up for it in both rows. */
export const oneConcave: Design = {
  xs: [
    [-1, 0],
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
    [2, 3],
    [-1, 2],
    [0, -1],
    [2, -1]
  ],
  weights: [[0, 1]],
  biases: [0],
  outer: [[2]],
  constants: [0],
  concave: [[1]],
  place: (_, row) => (row === 0 ? '1/4' : '3/4')
}

/** Two concave classes between two convex ones: four rows, the slopes of the outer ones differ from row to row. */
const fourRows: Design = {
  xs: [
    [-3, 0],
    [-1, 0],
    [1, 0],
    [3, 0],
    [0, 1],
    [1, 1],
    [2, 3],
    [-1, 2],
    [0, -1],
    [2, -1]
  ],
  weights: [[0, 1]],
  biases: [0],
  outer: [[-1]],
  constants: [0],
  concave: [[1, 2]],
  place: (_, row, sample) =>
    ['1/4', '1/4', '7/12', '5/12', '5/12', '7/12', '3/4', '3/4'][2 * row + (sample === 0 ? 0 : 1)]
}

const squareXs = [
  [1, 0],
  [2, 0],
  [-1, 0],
  [-3, 0],
  [0, 1],
  [1, 1],
  [2, -1],
  [1, 2],
  [-1, 1]
]

const noBiases: Design = { xs: squareXs, weights: [[0, 1]], outer: [[1]] }

const opposed = (r: readonly Fraction[]): boolean => r.every((entry) => sign(entry) !== 0) && sign(r[0]) !== sign(r[1])

/** A unit with v = 0 that could take part: condition (d) fails, and the point is a saddle. */
const sleeping: Design = {
  xs: line(-2, -1, 1, 2, 3, 4),
  weights: [[1], [-1]],
  biases: ['1/2', '3/2'],
  outer: [[1, 0]],
  constants: [0],
  free: [1]
}

const wake: Value = point([0, 0], [0, 1], [0, '1/100'], [0])
const sleep: Value = point([0, 0], [0, 1], [0, '-1/100'], [0])

export const oneOutputCases = (): readonly Case[] => {
  const concave = plant(oneConcave)
  const asleep = plant(sleeping)
  const saddleOf = (descent: Value, ascent: Value): Value =>
    certificate(
      asleep.problem,
      { kind: 'saddle', point: asleep.point, loss: asleep.loss },
      { rule: 'saddle', stationarity: asleep.slopes, descent, ascent }
    )
  return [
    minimum('interior', 'No sample on the kink: the loss is differentiable and the gradient is zero.', interior),
    minimum('mean', 'The reduction mean.', { ...interior, reduction: 'mean' }),
    minimum('flat-ray', 'The slope of the class is its right slope: along one side the loss is flat at first order.', {
      ...unit,
      xs: line(-2, -1, 0, 1, 2, 3),
      place: () => 1
    }),
    minimum('negative-v', 'With v = -2 the bounds of a class change places.', {
      ...unit,
      xs: line(-2, -1, 0, 1, 2, 3),
      outer: [[-2]]
    }),
    minimum('merged-class', 'Two samples with equal inputs and opposite residuals: one class, not concave together.', {
      ...unit,
      xs: line(0, 0, -2, -1, 1, 2, 3),
      wanted: opposed
    }),
    accept('concave', 'One concave class: two rows.', localMinimum(concave)),
    minimum('concave-four-rows', 'Two concave classes: four rows, v = -1.', fourRows),
    minimum('zero-unit', 'A unit with w = 0 and v = 1: every sample is on its kink, one class is concave.', {
      xs: line(-1, 0, 1),
      weights: [[0]],
      biases: [0],
      outer: [[1]],
      constants: [0],
      concave: [[1]],
      place: (_, row) => row
    }),
    minimum('silent-unit', 'A unit with v = 0 whose weights equal those of an active unit: condition (d) holds.', {
      ...interior,
      weights: [[1], [1]],
      biases: ['1/2', '1/2'],
      outer: [[1, 0]]
    }),
    minimum('silent-unit-on-kink', 'A unit with v = 0 and two opposite residuals on its kink: condition (d) holds.', {
      xs: line(-3, -2, 1, 1, 2, 3, 4, 5),
      weights: [[1], [1]],
      biases: [1, -1],
      outer: [[1, 0]],
      constants: [0],
      wanted: (r) => r.every((entry) => sign(entry) !== 0)
    }),
    minimum('parallel-inputs', 'No biases: parallel and antiparallel inputs make one class.', noBiases),
    minimum('parallel-inputs-turned', 'The same with the antiparallel input first: the representative turns.', {
      ...noBiases,
      xs: [[-3, 0], [1, 0], [2, 0], ...squareXs.slice(4)],
      outer: [[-3]]
    }),
    minimum('zero-input', 'No biases and an input of zeros: on the kink, in no class.', {
      ...noBiases,
      xs: [[0, 0], ...squareXs]
    }),
    minimum('output-bias-only', 'A bias of the output, none of the units.', { ...noBiases, constants: [2] }),
    minimum('hidden-bias-only', 'Biases of the units, none of the output: residuals need not add up to zero.', {
      xs: line(-2, -1, 0, 1, 2, 3),
      weights: [[1]],
      biases: [0],
      outer: [[1]]
    }),
    minimum('leaky', 'Leaky rectifiers, slopes 1 and 1/10.', {
      xs: line(-3, -2, -1, '-1/2', 0, 1, 2, 3, 4),
      weights: [[1], [2]],
      biases: [0, 3],
      outer: [[1, -2]],
      constants: [0],
      slopes: [1, '1/10']
    }),
    minimum('absolute-value', 'The absolute value, slopes 1 and -1.', {
      ...unit,
      xs: line(-2, -1, 0, 1, 2, 3),
      slopes: [1, -1]
    }),
    minimum('slopes-0-1', 'Slopes 0 and 1: the negative side is the active one.', {
      ...unit,
      xs: line(-3, -2, -1, 0, 1, 2),
      slopes: [0, 1]
    }),
    minimum('slopes-fractions', 'Slopes 2 and -1/3.', {
      ...unit,
      xs: line(-2, -1, 0, 1, 2, 3),
      slopes: [2, '-1/3']
    }),
    minimum('fractions', 'Fractional data and weights over different denominators, two units, kinks of both.', {
      xs: [
        ['1/2', '-2/3'],
        ['1/3', '1/5'],
        [-1, '5/7'],
        [2, 0],
        ['-3/4', '-1/6'],
        [1, 1],
        [0, '-9/10'],
        ['7/3', '2/9'],
        ['-5/2', '1/2']
      ],
      weights: [
        ['2/3', '1/2'],
        ['-1/5', 1]
      ],
      biases: [0, '2/5'],
      outer: [['3/7', '-5/11']],
      constants: ['1/13'],
      reduction: 'mean'
    }),
    accept(
      'saddle',
      'A unit with v = 0 that could take part: stationary, and moving it with v falls at second order.',
      saddleOf(wake, sleep)
    ),
    accept(
      'not-a-local-minimum',
      'The same point: not a local minimum, by a direction of second order.',
      claiming(saddleOf(wake, sleep), 'not-a-local-minimum', { rule: 'descent-direction', direction: wake })
    ),
    reject('saddle-turned', 'descent', 'The two directions of the saddle exchanged.', saddleOf(sleep, wake)),
    reject('saddle-no-ascent', 'ascent', 'A saddle whose direction of ascent is one of descent.', saddleOf(wake, wake)),
    reject(
      'second-order-descent',
      'direction',
      'At a saddle the direction falls at second order: no proof that the point is not stationary.',
      claiming(saddleOf(wake, sleep), 'not-stationary', { rule: 'descent-direction', direction: wake })
    ),
    reject(
      'silent-unit-awake',
      '\\(d\\)',
      'The saddle claimed to be a local minimum: condition (d) fails for the unit with v = 0.',
      localMinimum(asleep)
    ),
    reject(
      'silent-unit-rows',
      '\\(c\\)',
      'A row for a unit with v = 0.',
      (() => {
        const { slopes } = asleep.slopes
        return localMinimum({ ...asleep, slopes: { ...asleep.slopes, slopes: [(slopes as Value[])[0], [[]]] } })
      })()
    ),
    reject(
      'concave-one-row',
      '\\(c\\)',
      'A concave class with the first of its two rows only.',
      (() => {
        const rows = (concave.slopes.slopes as readonly (readonly Value[])[])[0]
        return localMinimum({ ...concave, slopes: { ...concave.slopes, slopes: [rows.slice(0, 1)] } })
      })()
    ),
    reject(
      'concave-rows-turned',
      '\\(c\\)',
      'The two rows of a concave class in the wrong order.',
      (() => {
        const rows = (concave.slopes.slopes as readonly (readonly Value[])[])[0]
        return localMinimum({ ...concave, slopes: { ...concave.slopes, slopes: [[rows[1], rows[0]]] } })
      })()
    )
  ]
}
