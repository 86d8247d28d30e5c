import { certificate, type Value } from '../digests.ts'
import { add, fraction, text } from '../fraction.ts'
import { type DeepDesign, lastLayerMinimum, type PlantedDeep, plantDeep } from '../planted-last-layer.ts'
import {
  about,
  accept,
  type Case,
  changed,
  decaying,
  dense,
  type Fields,
  parts,
  point,
  problemOf,
  reject,
  relu
} from './case.ts'

const line = (from: number, to: number): readonly (readonly number[])[] =>
  Array.from({ length: to - from + 1 }, (_, i) => [from + i])

/** x + 10 on all samples and (x + 1/2)+; then a unit for x < -3 with a kink at -3, and one for x > 3 with a kink at 3. */
const fold = { weights: [[1], [1]], biases: [10, '1/2'] }
const tops = {
  weights: [
    [-1, 0],
    [0, 1]
  ],
  biases: [7, '-7/2']
}
const plain: DeepDesign = { xs: line(-7, 7), hidden: [fold, tops], outer: [[1, -1]], constants: [0] }
const leaky: DeepDesign = {
  xs: line(-7, 7),
  hidden: [
    { ...fold, slopes: [1, '1/2'] },
    { ...tops, slopes: [2, '-1/3'] }
  ],
  outer: [[1, -2]]
}
const twoOutputs = (second: readonly number[]): DeepDesign => ({
  xs: line(-8, 8),
  hidden: [fold, tops],
  outer: [[1, -1], second],
  constants: [0, 1]
})
const silent: DeepDesign = { xs: line(-7, 8), hidden: [fold, tops], outer: [[1, 0]] }
const three: DeepDesign = {
  xs: line(-8, 8),
  hidden: [
    fold,
    {
      weights: [
        [1, 0],
        [0, 2]
      ],
      biases: ['1/4', '1/4']
    },
    {
      weights: [
        [-1, 0],
        [0, 1]
      ],
      biases: ['29/4', '-29/4']
    }
  ],
  outer: [[1, 1]],
  constants: [0]
}
/** Both units of the first layer are shut on -3, ..., 0, where all arguments are the biases. */
const together: DeepDesign = {
  xs: line(-3, 9),
  hidden: [
    { weights: [[1], [1]], biases: ['-1/2', '-9/2'] },
    {
      weights: [
        [1, 1],
        [-1, 0]
      ],
      biases: [0, 4]
    }
  ],
  outer: [[1, -1]],
  constants: [0],
  wanted: (r) => r[0].n * r[1].n < 0n
}
/** No biases, one input: on either side all arguments are multiples of x. */
const multiples: DeepDesign = {
  xs: [...line(1, 5), ...line(-4, -1)],
  hidden: [
    { weights: [[1], [-1]], slopes: [1, '1/2'] },
    {
      weights: [
        [1, 2],
        [2, 1]
      ],
      slopes: [2, '-1/3']
    }
  ],
  outer: [[1, -2]],
  constants: [1],
  place: () => '1/7'
}
/** The unit of the second layer is on its kink for all x <= 4, at x = 2 a concave one. */
const concave: DeepDesign = {
  xs: line(0, 10),
  hidden: [
    { weights: [[1], [1]], biases: [5, '-9/2'] },
    { weights: [[0, 1]], biases: [0], slopes: [1, -1] }
  ],
  outer: [[1]],
  concave: [[2]],
  place: (_, row, sample) => (sample !== 1 && sample !== 3 ? '1/2' : row ? '3/4' : '1/4')
}
const shallow: DeepDesign = {
  xs: line(-4, 4),
  hidden: [{ weights: [[1], [-1]], biases: [1, 1] }],
  outer: [[1, 2]],
  constants: [0]
}

/** The certificate with the target of one sample moved, and the loss that it then has. */
const retargeted = ({ problem, point: at, evidence }: PlantedDeep, sample: number, by: number): Value => {
  const { data } = problem as unknown as {
    data: { readonly inputs: Value; readonly targets: readonly (readonly string[])[] }
  }
  const targets = data.targets.map((y, i) => (i === sample ? [text(add(fraction(y[0]), fraction(by)))] : y))
  return about({ ...problem, data: { ...data, targets } } as Value, 'local-minimum', at, evidence)
}

const withEvidence = (planted: PlantedDeep, evidence: Fields): Value => changed(lastLayerMinimum(planted), { evidence })

/** Losses with kinks: a first layer that carries the inputs, then a rectifier with a sample on its kink. */
const xs = [[-1], [0], [1], [2], [3]]
const carried = [dense(1), relu, dense(1), relu, dense(1)]
const carriedPoint = point([1], [5], [1], [-5], [1], [0])
const oneSpan = (pivot: number, denominator: number, ...entries: readonly number[]): Value => [
  { pivots: [pivot], functions: [{ denominator: `${denominator}`, numerators: entries.map(String) }] }
]
const chosen = (denominator: string, slope: string, spans: Value, ...subgradients: readonly string[]): Value => ({
  rule: 'last-layer',
  denominator,
  slopes: [[[[1, slope]]]],
  parallel: [],
  multiples: { denominator: '1', numerators: [] },
  spans,
  subgradients: { denominator, numerators: [...subgradients] }
})
const absolute = about(
  problemOf(carried, { kind: 'absolute', reduction: 'sum' }, xs, [[0], [-1], [3], [2], [3]]),
  'local-minimum',
  carriedPoint,
  chosen('6', '5', oneSpan(1, 5, 0, 5, -6, -3, 4), '-1', '-3', '4')
)
const hinge = about(
  problemOf(carried, { kind: 'hinge', reduction: 'mean' }, xs, [['2/3'], [-1], [1], [1], ['-1/6']]),
  'local-minimum',
  carriedPoint,
  chosen('6', '2', oneSpan(1, 2, 0, 2, -3, 0, 1), '-3')
)

/** A better point of the first problem, found by descent. */
const betterPoint = point([1, 0], [7, -2], ['-61/4', 1, -3, -2], ['137/4', 1], [1, '-165/4'], [-1])

/** A layer that carries both entries of an image of two places: a convolution of one tap. */
const overImage = (): { readonly document: Value; readonly without: Value } => {
  const image: DeepDesign = {
    xs: line(-7, 7).map(([x]) => [x, 0]),
    hidden: [
      {
        weights: [
          [1, 0],
          [0, 1]
        ],
        biases: [10, 10]
      },
      {
        weights: [
          [-1, 0],
          [1, 0]
        ],
        biases: [7, -13]
      }
    ],
    outer: [[1, -1]],
    constants: [0]
  }
  const { problem, evidence, point: at } = plantDeep(image)
  const { data, network } = problem as unknown as { data: Value; network: { readonly layers: readonly Value[] } }
  const tensors = at as unknown as readonly Value[]
  const spans = evidence['spans'] as unknown as readonly {
    readonly pivots: readonly number[]
    readonly functions: readonly { readonly denominator: string; readonly numerators: readonly string[] }[]
  }[]
  // Both places see every function by itself.
  const placed = [0, 1].flatMap((p) =>
    spans[0].functions.map(({ denominator, numerators }) => ({
      denominator,
      numerators: numerators.flatMap((entry) => (p === 0 ? [entry, '0'] : ['0', entry]))
    }))
  )
  const pivots = [0, 1].flatMap((p) => spans[0].pivots.map((pivot) => 2 * pivot + p))
  const conv: Value = {
    kind: 'conv',
    outputs: 1,
    size: [1, 1],
    stride: [1, 1],
    padding: [0, 0, 0, 0],
    bias: true
  }
  const layers = [conv, relu, { kind: 'flatten' }, ...network.layers.slice(2)]
  const convolved = { ...problem, network: { inputs: [1, 1, 2], layers }, data } as Value
  const where = [...(point([1], [10]) as unknown as readonly Value[]), ...tensors.slice(2)] as unknown as Value
  const claim = (functions: readonly Value[], places: readonly number[]): Value =>
    about(convolved, 'local-minimum', where, {
      ...evidence,
      spans: [{ pivots: [...places], functions: [...functions] }]
    })
  return {
    document: claim(placed, pivots),
    without: claim(placed.slice(0, placed.length / 2), pivots.slice(0, pivots.length / 2))
  }
}

export const lastLayerCases = (): readonly Case[] => {
  const kinks = plantDeep(plain)
  const minimum = lastLayerMinimum(kinks)
  const sloped = plantDeep(leaky)
  const row = (planted: PlantedDeep): Value => planted.evidence['slopes']
  const spans = kinks.evidence['spans'] as unknown as readonly {
    readonly pivots: readonly number[]
    readonly functions: readonly Value[]
  }[]
  const lifted = plantDeep(twoOutputs([2, 3]))
  const off = plantDeep(silent)
  const joined = plantDeep(together)
  const scaled = plantDeep(multiples)
  const bent = plantDeep(concave)
  const kinkBelow = plantDeep({
    ...plain,
    hidden: [
      { weights: [[1], [1], [1]], biases: [10, '1/2', 7] },
      {
        weights: [
          [-1, 0, 0],
          [0, 1, 0]
        ],
        biases: [7, '-7/2']
      }
    ]
  })
  const image = overImage()
  const { slopes } = bent.evidence as unknown as { slopes: readonly (readonly Value[])[] }
  const { problem } = kinks
  const layers = [dense(2), relu, dense(2), relu, dense(1)]
  const asLayers = (others: readonly Value[], at: Value = kinks.point): Value =>
    about({ ...problem, network: { inputs: 1, layers: others } } as Value, 'local-minimum', at, kinks.evidence)
  return [
    accept('last-layer', 'Two hidden layers: kinks in the second, one in each unit, with slopes between.', minimum),
    accept(
      'last-layer-spurious',
      'The same point is spurious: elsewhere the loss is lower.',
      certificate(
        problem,
        { kind: 'spurious', point: kinks.point, loss: kinks.loss, better: betterPoint, betterLoss: '2249/32' },
        { rule: 'better-point', minimum: kinks.evidence }
      )
    ),
    accept(
      'last-layer-ends',
      'Slopes at the ends of their intervals.',
      lastLayerMinimum(plantDeep({ ...plain, place: (unit) => unit }))
    ),
    accept('last-layer-leaky', 'Slopes 1, 1/2 and 2, -1/3, no output bias.', lastLayerMinimum(sloped)),
    accept('last-layer-two-outputs', 'Two outputs: lifted slopes.', lastLayerMinimum(lifted)),
    accept('last-layer-silent', 'A unit with v = 0, which may become anything.', lastLayerMinimum(off)),
    accept('last-layer-three', 'Three hidden layers, two spans.', lastLayerMinimum(plantDeep(three))),
    accept(
      'last-layer-together',
      'Samples that the first layer shuts off are one class; one of them by itself would be concave.',
      lastLayerMinimum(joined)
    ),
    accept('last-layer-multiples', 'Without biases arguments are multiples of one another.', lastLayerMinimum(scaled)),
    accept('last-layer-concave', 'A concave class: two rows.', lastLayerMinimum(bent)),
    accept(
      'last-layer-one-hidden',
      'One hidden layer: no spans, the inputs themselves.',
      lastLayerMinimum(plantDeep(shallow))
    ),
    accept('last-layer-mean', 'The reduction mean.', lastLayerMinimum(plantDeep({ ...plain, reduction: 'mean' }))),
    accept('last-layer-absolute', 'The absolute loss: chosen subgradients.', absolute),
    accept('last-layer-hinge', 'The hinge loss with a sample on its edge.', hinge),
    accept('last-layer-image', 'A convolution below, with a span on samples and places.', image.document),
    reject('last-layer-image-places', '\\(b\\)', 'The span has the functions of one place only.', image.without),
    reject(
      'last-layer-bias',
      '\\(a\\)',
      'The output bias is moved: the residuals do not add up to 0.',
      about(
        problem,
        'local-minimum',
        [...(kinks.point as Value[]).slice(0, -1), ...(point([1]) as Value[])],
        kinks.evidence
      )
    ),
    reject(
      'last-layer-falling',
      '\\(c\\)|\\(f\\)',
      'The residual on a kink is turned: a concave class, and the point is no minimum.',
      retargeted(plantDeep({ xs: line(-7, 7), hidden: [fold, tops], outer: [[1, -1]] }), 4, 100)
    ),
    reject(
      'last-layer-outside',
      '\\(c\\)|\\(f\\)',
      'A slope above its interval.',
      withEvidence(kinks, { slopes: [[[[4, '9']]], [[[10, '3']]]] })
    ),
    reject(
      'last-layer-other-slope',
      '\\(f\\)',
      'A slope in its interval, but not the one that balances.',
      withEvidence(kinks, { slopes: [[[[4, '5']]], [[[10, '3']]]] })
    ),
    reject(
      'last-layer-no-row',
      '\\(c\\)',
      'No row for a unit with a kink.',
      withEvidence(kinks, { slopes: [[], [[[10, '3']]]] })
    ),
    reject(
      'last-layer-other-sample',
      '\\(c\\)',
      'The row names a sample that is on no kink.',
      withEvidence(kinks, { slopes: [[[[3, '4']]], [[[10, '3']]]] })
    ),
    reject(
      'last-layer-unit-missing',
      'evidence',
      'Rows for one unit of two.',
      withEvidence(kinks, { slopes: [[[[4, '4']]]] })
    ),
    reject(
      'last-layer-concave-one-row',
      '\\(c\\)',
      'A concave class asks for two rows.',
      withEvidence(bent, { slopes: [[slopes[0][0]]] })
    ),
    reject(
      'last-layer-concave-same-row',
      '\\(c\\)|\\(f\\)',
      'The same row for both choices.',
      withEvidence(bent, { slopes: [[slopes[0][0], slopes[0][0]]] })
    ),
    reject(
      'last-layer-silent-kink',
      '\\(d\\)',
      'A unit with v = 0 and a sample with a residual on its kink.',
      retargeted(off, 10, 1)
    ),
    reject(
      'last-layer-silent-rows',
      '\\(c\\)|\\(d\\)|unit',
      'A row for a unit with v = 0.',
      withEvidence(off, { slopes: [(row(off) as Value[])[0], [[[10, '0']]]] })
    ),
    reject(
      'last-layer-lifted-ends',
      '\\(e\\)',
      'The combined slope is at an end of its interval and those of the outputs are not.',
      lastLayerMinimum(plantDeep(twoOutputs([2, 1])))
    ),
    reject(
      'last-layer-lifted-plain',
      '\\(e\\)',
      'Plain slopes where one for each output is asked for.',
      withEvidence(lifted, { slopes: [[[[5, '4']]], [[[11, '-3']]]] })
    ),
    accept(
      'last-layer-kink-below-idle',
      'A unit of the first layer is on its kink on a sample that does not count.',
      lastLayerMinimum(kinkBelow)
    ),
    reject(
      'last-layer-kink-below',
      '\\(a\\)',
      'A unit of the first layer is on its kink on a sample that counts; nothing reads it, but it may be read nearby.',
      about({ ...kinkBelow.problem, data: problem['data'] }, 'local-minimum', kinkBelow.point, kinks.evidence)
    ),
    reject(
      'last-layer-span',
      '\\(b\\)',
      'A function is missing in the span.',
      withEvidence(kinks, {
        spans: [{ pivots: spans[0].pivots.slice(1), functions: spans[0].functions.slice(1) }]
      })
    ),
    reject(
      'last-layer-bias-below',
      '\\(c\\)|\\(f\\)',
      'The layer below has biases that can move all arguments.',
      (() => {
        const { problem: given, point: at, evidence } = scaled
        const { network } = given as unknown as { network: { readonly layers: readonly Value[] } }
        const biased = [network.layers[0], network.layers[1], dense(2), ...network.layers.slice(3)]
        const tensors = at as unknown as readonly Value[]
        return about(
          { ...given, network: { inputs: 1, layers: biased } } as Value,
          'local-minimum',
          [...tensors.slice(0, 2), ...(point([0, 0]) as Value[]), ...tensors.slice(2)] as Value,
          evidence
        )
      })()
    ),
    reject(
      'last-layer-inputs',
      '\\(d\\)|\\(f\\)',
      'One more input that is 0 wherever the network looks at it now: the argument of a kink moves with it.',
      (() => {
        const { problem: given, point: at, evidence } = kinks
        const { data } = given as unknown as { data: { readonly inputs: readonly (readonly string[])[] } }
        const inputs = data.inputs.map((x, i) => [...x, i === 4 ? '1' : '0'])
        const tensors = at as unknown as readonly Value[]
        return about(
          { ...given, network: { inputs: 2, layers }, data: { ...data, inputs } } as unknown as Value,
          'local-minimum',
          [...(point([1, 0, 1, 0]) as Value[]), ...tensors.slice(1)] as Value,
          evidence
        )
      })()
    ),
    reject(
      'last-layer-apart',
      '\\(c\\)',
      'Without the pairs every sample is a class by itself, and some are concave.',
      withEvidence(joined, { parallel: [], multiples: { denominator: '1', numerators: [] } })
    ),
    reject(
      'last-layer-false-pair',
      '\\(f\\)',
      'Two samples whose arguments are equal now and not nearby.',
      withEvidence(bent, {
        parallel: [[2, 1]],
        multiples: { denominator: '1', numerators: ['1'] },
        slopes: [
          [
            [
              [0, '0'],
              [1, '0'],
              [3, '0'],
              [4, '0']
            ]
          ]
        ]
      })
    ),
    reject(
      'last-layer-false-multiple',
      '\\(c\\)|\\(f\\)',
      'Another multiple.',
      withEvidence(joined, { multiples: { denominator: '1', numerators: ['1', '2', '1'] } })
    ),
    reject(
      'last-layer-pair-order',
      'parallel',
      'A pair with the later sample second.',
      withEvidence(joined, {
        parallel: [
          [0, 1],
          [2, 0],
          [3, 0]
        ]
      })
    ),
    reject(
      'last-layer-pair-chain',
      'parallel',
      'A sample that is parallel to one that is parallel to another.',
      withEvidence(joined, {
        parallel: [
          [1, 0],
          [2, 1],
          [3, 0]
        ]
      })
    ),
    reject(
      'last-layer-pair-twice',
      'parallel',
      'A sample in two pairs.',
      withEvidence(joined, {
        parallel: [
          [1, 0],
          [1, 0],
          [3, 0]
        ]
      })
    ),
    reject(
      'last-layer-pair-zero',
      'parallel|multiples',
      'A multiple that is 0.',
      withEvidence(joined, { multiples: { denominator: '1', numerators: ['1', '0', '1'] } })
    ),
    reject(
      'last-layer-pair-missing',
      'parallel|multiples',
      'Two multiples for three pairs.',
      withEvidence(joined, { multiples: { denominator: '1', numerators: ['1', '1'] } })
    ),
    reject('last-layer-no-span', 'spans', 'No span for the first hidden layer.', withEvidence(kinks, { spans: [] })),
    reject(
      'last-layer-more-spans',
      'spans',
      'A span for the last hidden layer too.',
      withEvidence(kinks, { spans: [spans[0], spans[0]] as unknown as Value })
    ),
    reject(
      'last-layer-smooth',
      'network',
      'A quadratic layer below.',
      asLayers([dense(2), { kind: 'quadratic' }, dense(2), relu, dense(1)])
    ),
    reject(
      'last-layer-linear-end',
      'network',
      'The network ends with two dense layers.',
      asLayers([...layers, dense(1)], [...(kinks.point as Value[]), ...(point([1], [0]) as Value[])])
    ),
    reject(
      'last-layer-decay',
      'problem|rule|decay',
      'Weight decay moves what is balanced.',
      certificate(
        decaying(problem, '1/8'),
        { ...parts(about(decaying(problem, '1/8'), 'local-minimum', kinks.point, kinks.evidence)).claim },
        kinks.evidence
      )
    ),
    reject(
      'last-layer-as-global',
      'rule|claim|evidence',
      'The rule proves local minima only.',
      about(problem, 'global-minimum', kinks.point, kinks.evidence)
    )
  ]
}
