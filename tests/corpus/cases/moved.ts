import { certificate, type Value } from '../digests.ts'
import {
  accept,
  type Case,
  changed,
  decline,
  dense,
  type Fields,
  parts,
  point,
  problemOf,
  reject,
  relu,
  squared
} from './case.ts'

/*
 * Points that are critical for other targets. x = 1, 2 and y = 1, 41/20, fitted by x: the errors 0, -1/20 have the projection -1/50, -1/25 on the inputs, by which the targets must move.
 */

const smooth = (name: string): Value => ({ kind: 'smooth', name })

/** A square matrix in hundredths, row by row. */
const matrixOf = (rows: readonly (readonly number[])[]): Value =>
  rows.map((row) => ({ denominator: '100', numerators: row.map(String) }))

const moved = (kind: string, problem: Value, at: Value, claim: Fields, evidence: Fields): Value =>
  certificate(
    problem,
    { kind: `${kind}-for-moved-targets`, point: at, loss: '1/799', lower: '1/801', change: '1/20', ...claim },
    { rule: 'moved-targets', idle: [], scaled: [], ...evidence }
  )

const decaying = (problem: Value, factor: string): Value => ({
  ...(problem as Fields),
  decay: { factor, biases: true }
})

const fitted = (layers: readonly Value[], loss: Value = squared): Value =>
  problemOf(layers, loss, [[1], [2]], [[1], ['41/20']])
/** 1 / sqrt 5. */
const fifth = matrixOf([[45]])
const line = moved('critical', fitted([dense(1, false)]), point([1]), {}, { factor: fifth })
const lineMinimum = moved(
  'local-minimum',
  fitted([dense(1, false)]),
  point([1]),
  {},
  { factor: fifth, frame: fifth, negative: 0 }
)

// v relu(w x) at w = v = 1, and a second unit that is never active.
const rectifiers: readonly Value[] = [dense(2, false), relu, dense(1, false)]
const two = fitted(rectifiers)
const restful = moved(
  'local-minimum',
  two,
  point([1, -1], [1, 3]),
  {},
  {
    idle: [1, 3],
    scaled: [0],
    factor: fifth,
    frame: fifth,
    negative: 0
  }
)

// v tanh(w x) at w = v = 1, x = 1/2, 1, 2.
const three = (
  ys: readonly string[],
  layers: readonly Value[] = [dense(1, false), smooth('tanh'), dense(1, false)]
): Value =>
  problemOf(
    layers,
    squared,
    [['1/2'], [1], [2]],
    ys.map((y) => [y])
  )
const bounds: Fields = { loss: '1/2500', lower: '1/3500', change: '1/50' }
/** For the derivatives x sech^2 x and tanh x: the inverse of a Cholesky factor. */
const upright = matrixOf([
  [169, -242],
  [0, 133]
])
const curve = moved('local-minimum', three(['9/20', '39/50', '19/20']), point([1], [1]), bounds, {
  factor: upright,
  frame: upright,
  negative: 0
})
const decayed = moved(
  'local-minimum',
  decaying(three(['9/20', '39/50', '19/20']), '1/100'),
  point([1], [1]),
  { loss: '1/90', lower: '1/110', change: '1/20' },
  {
    factor: upright,
    frame: upright,
    negative: 0
  }
)
/** Errors nearly orthogonal to the derivatives, but so large that the loss is curved downwards along w. */
const bent = moved(
  'saddle',
  three(['9/4', '-28/25', '8/5']),
  point([1], [1]),
  { loss: '18/5', lower: '17/5', change: '1/100' },
  {
    factor: upright,
    frame: matrixOf([
      [156, 21],
      [-47, 69]
    ]),
    negative: 1
  }
)

const evidence = (document: Value): Fields => parts(document).proof.evidence

const image: Value = {
  ...(fitted([dense(1)]) as Fields),
  network: {
    inputs: [1, 1, 1],
    layers: [{ kind: 'average-pool', size: [1, 1], stride: [1, 1] }, { kind: 'flatten' }, dense(1, false)]
  }
}

export const movedCases = (): readonly Case[] => [
  accept('moved-line', 'A slope fitted to two samples, nearly.', line),
  accept('moved-line-minimum', 'The same: a local minimum for the moved targets.', lineMinimum),
  accept(
    'moved-exactly',
    'The least change, but for the slack of the factor.',
    changed(line, { claim: { change: '21/500' } })
  ),
  accept('moved-rectifiers', 'A unit that may be scaled, and one that is never active.', restful),
  accept(
    'moved-mean',
    'The same as a mean: the factor of the reduction changes no target.',
    changed(line, {
      problem: { loss: { kind: 'squared', reduction: 'mean' } },
      claim: { loss: '1/1599', lower: '1/1601' }
    })
  ),
  accept('moved-tanh', 'A smooth network.', curve),
  accept('moved-tanh-decay', 'With weight decay, which the targets have to carry.', decayed),
  accept('moved-saddle', 'Large errors, nearly orthogonal to the derivatives: a saddle for the moved targets.', bent),
  accept(
    'moved-zero-input',
    'An input that is always 0: its weight is idle.',
    moved(
      'local-minimum',
      problemOf(
        [dense(1, false)],
        squared,
        [
          [1, 0],
          [2, 0]
        ],
        [[1], ['41/20']]
      ),
      point([1, 7]),
      {},
      {
        idle: [1],
        factor: fifth,
        frame: fifth,
        negative: 0
      }
    )
  ),
  accept(
    'moved-idle-decays',
    'An idle weight that decays and is 0.',
    moved(
      'local-minimum',
      decaying(
        problemOf(
          [dense(1, false)],
          squared,
          [
            [1, 0],
            [2, 0]
          ],
          [[1], ['41/20']]
        ),
        '1/100'
      ),
      point([1, 0]),
      { loss: '7/1000', lower: '6/1000' },
      { idle: [1], factor: fifth, frame: fifth, negative: 0 }
    )
  ),
  reject(
    'moved-too-little',
    'change',
    'A target has to move by 1/25.',
    changed(line, { claim: { change: '39/1000' } })
  ),
  reject(
    'moved-not-at-all',
    'change',
    'For its own targets the point is not critical.',
    changed(line, { claim: { change: '0' } })
  ),
  reject('moved-backwards', 'change', 'A negative distance.', changed(line, { claim: { change: '-1/20' } })),
  reject(
    'moved-decay-forgotten',
    'change',
    'The decay pulls ten times as hard.',
    changed(decayed, { problem: { decay: { factor: '1/10', biases: true } }, claim: { loss: '1', lower: '0' } })
  ),
  reject(
    'moved-saddle-as-minimum',
    'curvature',
    'A saddle for the moved targets is no minimum.',
    changed(bent, { claim: { kind: 'local-minimum-for-moved-targets' }, evidence: { frame: upright, negative: 0 } })
  ),
  reject(
    'moved-saddle-signs',
    'frame',
    'Evidence with a negative sign proves no minimum.',
    changed(bent, { claim: { kind: 'local-minimum-for-moved-targets' } })
  ),
  reject(
    'moved-minimum-as-saddle',
    'frame',
    'Without negative signs there is no saddle.',
    changed(curve, { claim: { kind: 'saddle-for-moved-targets' } })
  ),
  reject(
    'moved-minimum-turned',
    'curvature',
    'A minimum has no negative sign.',
    changed(curve, { claim: { kind: 'saddle-for-moved-targets' }, evidence: { negative: 1 } })
  ),
  reject('moved-all-negative', 'frame', 'All signs negative: no saddle.', changed(bent, { evidence: { negative: 2 } })),
  reject(
    'moved-critical-with-frame',
    'frame',
    'A critical point needs no frame.',
    changed(curve, { claim: { kind: 'critical-for-moved-targets' } })
  ),
  reject(
    'moved-minimum-without-frame',
    'frame',
    'A minimum needs a frame.',
    changed(line, { claim: { kind: 'local-minimum-for-moved-targets' } })
  ),
  reject(
    'moved-dependent',
    'factor',
    'The two parameters of a rectifier are one.',
    moved(
      'critical',
      fitted([dense(1, false), relu, dense(1, false)]),
      point([1], [1]),
      {},
      {
        factor: matrixOf([
          [45, 0],
          [0, 45]
        ])
      }
    )
  ),
  reject('moved-zero-factor', 'factor', 'A factor of zeros.', changed(line, { evidence: { factor: matrixOf([[0]]) } })),
  reject(
    'moved-long-factor',
    'factor',
    'A factor twice too long.',
    changed(line, { evidence: { factor: matrixOf([[90]]) } })
  ),
  reject(
    'moved-factor-shape',
    'factor',
    'A triangle.',
    changed(curve, { evidence: { factor: matrixOf([[169], [0, 133]]) } })
  ),
  reject(
    'moved-frame-shape',
    'frame',
    'A row is missing.',
    changed(curve, { evidence: { frame: matrixOf([[169, 0]]) } })
  ),
  reject(
    'moved-nothing-free',
    'factor',
    'Nothing is left to move.',
    changed(restful, { evidence: { idle: [1, 2, 3], factor: [], frame: [] } })
  ),
  reject(
    'moved-idle-felt',
    'idle',
    'The weight of an active unit.',
    changed(restful, { evidence: { idle: [1, 2, 3], scaled: [], factor: fifth } })
  ),
  reject(
    'moved-idle-once',
    'idle',
    'The second unit is active on one sample.',
    changed(restful, {
      problem: { data: { inputs: [['1'], ['-1/100']], targets: [['1'], ['0']] } },
      claim: { loss: '1', lower: '0', change: '1' }
    })
  ),
  reject(
    'moved-idle-sleeping',
    'idle',
    'Zero weights on both sides of a tanh: nothing at first order, but not idle.',
    moved(
      'local-minimum',
      three(['9/20', '39/50', '19/20'], [dense(2, false), smooth('tanh'), dense(1, false)]),
      point([1, 0], [1, 0]),
      bounds,
      { idle: [1, 3], factor: upright, frame: upright, negative: 0 }
    )
  ),
  reject('moved-idle-order', 'idle', 'Not ascending.', changed(restful, { evidence: { idle: [3, 1] } })),
  reject(
    'moved-idle-number',
    'idle',
    'There is no fifth parameter.',
    changed(restful, { evidence: { idle: [1, 3, 4] } })
  ),
  reject(
    'moved-idle-decay',
    'idle',
    'An idle weight that decays and is not 0.',
    moved(
      'critical',
      decaying(
        problemOf(
          [dense(1, false)],
          squared,
          [
            [1, 0],
            [2, 0]
          ],
          [[1], ['41/20']]
        ),
        '1/100'
      ),
      point([1, 7]),
      { loss: '1', lower: '0' },
      { idle: [1], factor: fifth }
    )
  ),
  reject(
    'moved-scaled-decay',
    'scaled',
    'With weight decay scaling changes the loss.',
    changed(
      moved(
        'critical',
        decaying(fitted([dense(1, false), relu, dense(1, false)]), '1/100'),
        point([1], [1]),
        { loss: '1', lower: '0' },
        { scaled: [0], factor: fifth }
      ),
      {}
    )
  ),
  reject(
    'moved-scaled-tanh',
    'scaled',
    'A tanh cannot be scaled.',
    moved('critical', three(['9/20', '39/50', '19/20']), point([1], [1]), bounds, {
      scaled: [0],
      factor: matrixOf([[76]])
    })
  ),
  reject(
    'moved-scaled-zero',
    'scaled',
    'A weight that is 0 fixes no scale.',
    moved(
      'critical',
      problemOf(
        [dense(1, false), relu, dense(1, false)],
        squared,
        [
          [1, 0],
          [2, 0]
        ],
        [[1], ['41/20']]
      ),
      point([1, 0], [1]),
      {},
      {
        scaled: [1],
        factor: matrixOf([
          [45, 0],
          [0, 45]
        ])
      }
    )
  ),
  reject(
    'moved-scaled-output',
    'scaled',
    'The weight of the output scales nothing.',
    changed(restful, { evidence: { scaled: [2] } })
  ),
  reject(
    'moved-scaled-twice',
    'scaled',
    'A unit has one scale.',
    moved(
      'critical',
      problemOf(
        [dense(1, false), relu, dense(1, false)],
        squared,
        [
          [1, 1],
          [2, 2]
        ],
        [[1], ['41/20']]
      ),
      point(['1/2', '1/2'], [1]),
      {},
      { scaled: [0, 1], factor: fifth }
    )
  ),
  reject('moved-scaled-idle', 'scaled', 'Idle and scaled at once.', changed(restful, { evidence: { scaled: [0, 1] } })),
  reject(
    'moved-kink',
    'twice-differentiable',
    'A sample on a kink.',
    changed(restful, { problem: { data: { inputs: [['1'], ['2'], ['0']], targets: [['1'], ['41/20'], ['0']] } } })
  ),
  reject(
    'moved-loss',
    'enclosure',
    'The loss for the own targets is 1/800.',
    changed(line, { claim: { loss: '1/801', lower: '0' } })
  ),
  reject(
    'moved-lower',
    'enclosure',
    'The loss for the own targets is 1/800.',
    changed(line, { claim: { lower: '1/799' } })
  ),
  reject('moved-shape', 'point', 'A parameter too many.', changed(line, { claim: { point: point([1, 1]) } })),
  reject(
    'moved-huber',
    'loss',
    'The rule is for the squared loss.',
    changed(line, { problem: { loss: { kind: 'huber', reduction: 'sum' } } })
  ),
  reject(
    'moved-logistic',
    'loss',
    'Labels are not moved.',
    changed(line, {
      problem: {
        loss: { kind: 'logistic', reduction: 'sum' },
        data: { inputs: [['1'], ['2']], targets: [['1'], ['1/2']] }
      }
    })
  ),
  reject(
    'moved-image',
    'network',
    'Pooling is not covered.',
    moved('critical', image, point([1]), {}, { factor: fifth })
  ),
  reject(
    'moved-as-minimum',
    'rule',
    'A minimum for other targets is none for these.',
    certificate(
      parts(lineMinimum).problem,
      { kind: 'local-minimum', point: point([1]), loss: '1/800' },
      evidence(lineMinimum)
    )
  ),
  reject(
    'moved-by-enclosure',
    'rule',
    'Bounds of the loss prove no critical point.',
    certificate(parts(line).problem, parts(line).claim, { rule: 'enclosure' })
  ),
  decline(
    'moved-without-change',
    'unreadable claim: expected a field "change"',
    'The bound is missing.',
    certificate(
      parts(line).problem,
      { kind: 'critical-for-moved-targets', point: point([1]), loss: '1', lower: '0' },
      evidence(line)
    )
  ),
  decline(
    'moved-half-second',
    'unreadable proof.evidence: expected a field "negative"',
    'A frame without the number of signs.',
    certificate(parts(lineMinimum).problem, parts(lineMinimum).claim, {
      rule: 'moved-targets',
      idle: [],
      scaled: [],
      factor: fifth,
      frame: fifth
    })
  )
]
