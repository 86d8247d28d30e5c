/**
 * Points of N(x) = c + sum_j v_j sigma(w_j . x + b_j), loss 1/2 sum r^2, whose rank, inertia and null space were derived on paper and computed
 * with 40 digits, independently of this code. Numbers are exact decimals or fractions. Inertia is (positive, negative, zero).
 */
/** The targets are the outputs of the network itself. */
export const zeroMisfitPoints = [
  {
    id: 'tanh-generic-n-p',
    activation: 'tanh',
    w: [['1'], ['-3/2']],
    b: ['1/2', '1'],
    v: ['1', '2'],
    c: '1/3',
    x: [['-2'], ['-7/5'], ['-3/4'], ['-1/5'], ['2/5'], ['1'], ['8/5'], ['12/5'], ['3']],
    nullity: 0,
    causes: {}
  },
  {
    id: 'tanh-too-few-data',
    activation: 'tanh',
    w: [['1'], ['-3/2']],
    b: ['1/2', '1'],
    v: ['1', '2'],
    c: '1/3',
    x: [['-2'], ['-7/5'], ['-3/4'], ['-1/5']],
    nullity: 3,
    causes: { 'too-few-data': 3 }
  },
  {
    id: 'tanh-duplicated-unit',
    activation: 'tanh',
    w: [['1'], ['1']],
    b: ['1/2', '1/2'],
    v: ['1', '2'],
    c: '1/3',
    x: [['-2'], ['-7/5'], ['-3/4'], ['-1/5'], ['2/5'], ['1'], ['8/5'], ['12/5'], ['3']],
    nullity: 3,
    causes: { duplicates: 3 }
  },
  {
    id: 'tanh-mirrored-unit',
    activation: 'tanh',
    w: [['1'], ['-1']],
    b: ['1/2', '-1/2'],
    v: ['1', '2'],
    c: '1/3',
    x: [['-2'], ['-7/5'], ['-3/4'], ['-1/5'], ['2/5'], ['1'], ['8/5'], ['12/5'], ['3']],
    nullity: 3,
    causes: { mirrored: 3 }
  },
  {
    id: 'tanh-zero-outgoing-weight',
    activation: 'tanh',
    w: [['1'], ['-3/2']],
    b: ['1/2', '1'],
    v: ['1', '0'],
    c: '1/3',
    x: [['-2'], ['-7/5'], ['-3/4'], ['-1/5'], ['2/5'], ['1'], ['8/5'], ['12/5'], ['3']],
    nullity: 2,
    causes: { 'zero-outgoing': 2 }
  },
  {
    id: 'tanh-unit-at-w-b-0',
    activation: 'tanh',
    w: [['1'], ['0']],
    b: ['1/2', '0'],
    v: ['1', '2'],
    c: '1/3',
    x: [['-2'], ['-7/5'], ['-3/4'], ['-1/5'], ['2/5'], ['1'], ['8/5'], ['12/5'], ['3']],
    nullity: 2,
    causes: { 'constant-units': 2 }
  },
  {
    id: 'sigmoid-mirrored-unit',
    activation: 'sigmoid',
    w: [['1'], ['-1']],
    b: ['1/2', '-1/2'],
    v: ['1', '2'],
    c: '1/3',
    x: [['-2'], ['-7/5'], ['-3/4'], ['-1/5'], ['2/5'], ['1'], ['8/5'], ['12/5'], ['3']],
    nullity: 3,
    causes: { mirrored: 3 }
  },
  {
    id: 'softplus-mirrored-unit',
    activation: 'softplus',
    w: [['1'], ['-1']],
    b: ['1/2', '-1/2'],
    v: ['1', '2'],
    c: '1/3',
    x: [['-2'], ['-7/5'], ['-3/4'], ['-1/5'], ['2/5'], ['1'], ['8/5'], ['12/5'], ['3']],
    nullity: 2,
    causes: { mirrored: 2 }
  },
  {
    id: 'silu-d-2-mirrored',
    activation: 'silu',
    w: [
      ['1', '1/2'],
      ['-1', '-1/2']
    ],
    b: ['1/3', '-1/3'],
    v: ['1', '-2'],
    c: '0',
    x: [
      ['1', '0'],
      ['0', '1'],
      ['1', '2'],
      ['-1', '1/2'],
      ['3/4', '-2'],
      ['-2', '-1/3'],
      ['1/2', '1/2'],
      ['2', '-1'],
      ['-1', '-1'],
      ['1/3', '3'],
      ['-3/2', '2']
    ],
    nullity: 2,
    causes: { mirrored: 2 }
  }
] as const

/** All incoming weights are 0. */
export const constantOutputPoints = [
  {
    id: 'tanh-constant-minimum',
    activation: 'tanh',
    x: ['-1', '0', '1'],
    y: ['0', '1', '0'],
    w: ['0', '0'],
    b: ['-1.0', '-1.0'],
    v: ['1', '1'],
    c: '1.85652164524486310957225',
    inertia: [3, 0, 4],
    type: 'localmin',
    causes: { 'constant-units': 4 }
  },
  {
    id: 'tanh-constant-wrong-sign',
    activation: 'tanh',
    x: ['-1', '0', '1'],
    y: ['0', '1', '0'],
    w: ['0', '0'],
    b: ['-1.0', '-1.0'],
    v: ['1', '-1/2'],
    c: '0.7141304113112157773930625',
    inertia: [2, 1, 4],
    type: 'saddle',
    causes: { 'constant-units': 4 }
  },
  {
    id: 'tanh-zero-unit-zero-weight',
    activation: 'tanh',
    x: ['-1', '0', '1'],
    y: ['0', '1', '3/2'],
    w: ['0'],
    b: ['0.0'],
    v: ['0'],
    c: '0.8333333333333333333333333',
    inertia: [2, 1, 1],
    type: 'saddle',
    causes: { 'zero-outgoing': 1 }
  },
  {
    id: 'silu-derivative-zero-saddle',
    activation: 'silu',
    x: ['-1', '0', '1'],
    y: ['0', '1', '1/2'],
    w: ['0', '0'],
    b: ['-1.278464542761073795109359', '-1.278464542761073795109359'],
    v: ['1', '1'],
    c: '1.056929085522147590218717',
    inertia: [3, 2, 2],
    type: 'saddle',
    causes: { 'constant-units': 2 }
  },
  {
    id: 'silu-derivative-zero-degenerate-minimum',
    activation: 'silu',
    x: ['-1', '0', '1'],
    y: ['0', '1', '0'],
    w: ['0', '0'],
    b: ['-1.278464542761073795109359', '-1.278464542761073795109359'],
    v: ['1', '1'],
    c: '0.8902624188554809235520508',
    inertia: [3, 0, 4],
    type: 'localmin',
    causes: { 'constant-units': 4 }
  }
] as const

/** Critical points of one tanh unit, replaced by two copies with outgoing weights share v and (1 - share) v. */
export const splittings = [
  {
    id: 'tanh-B-positive',
    x: ['-3.0', '-2.0', '-1.0', '0.0', '1.0', '2.0', '3.0', '4.0'],
    y: ['-697/1000', '-1387/1000', '-789/1000', '-97/200', '59/125', '911/1000', '883/1000', '1091/1000'],
    smallMinimum: {
      w: '1.000133885504035705162923',
      b: '-0.4999384068983443343142343',
      v: '0.9999990612373039134963357',
      c: '-0.0001570456348357515945755205'
    },
    splits: [
      { share: 0.5, inertia: [6, 0, 1] },
      { share: 1.5, inertia: [4, 2, 1] }
    ]
  },
  {
    id: 'tanh-B-indefinite',
    x: ['-3.0', '-2.0', '-1.0', '0.0', '1.0', '2.0', '3.0', '4.0'],
    y: ['-7/10', '-7/5', '-4/5', '-1/2', '9/20', '9/10', '9/10', '11/10'],
    smallMinimum: {
      w: '0.9768713818473331480773699',
      b: '-0.5137138094587583236973617',
      v: '1.010523507916841358580852',
      c: '0.0002719378498812778986925398'
    },
    splits: [
      { share: 0.5, inertia: [5, 1, 1] },
      { share: 1.5, inertia: [5, 1, 1] }
    ]
  }
] as const

/** r, m, number of critical subspaces, number of zero-loss subspaces. */
export const subspaceCounts: readonly (readonly [number, number, number, number])[] = [
  [1, 1, 1, 1],
  [1, 2, 1, 3],
  [1, 3, 1, 10],
  [2, 2, 2, 2],
  [2, 3, 6, 12],
  [2, 4, 14, 62],
  [3, 3, 6, 6],
  [3, 5, 150, 450],
  [4, 4, 24, 24],
  [4, 5, 240, 360],
  [4, 7, 8400, 33600]
]

/** Zeros of sigma' and sigma'' and minima, to 30 digits. */
export const activationZeros = {
  silu_dsigma_zero: '-1.27846454276107379510935873902',
  gelu_dsigma_zero: '-0.75179152469356445745790494678',
  silu_min: '-0.278464542761073795109358739023',
  gelu_min: '-0.169971207479903661693868470982',
  silu_d2_zero: '2.39935728051546766783273969728',
  gelu_d2_zero: '+-sqrt(2)'
}

/** tanh(2 units), one unit, sin: the last activation has slope 0 at both samples. Order w1, b1, w2, b2, W2, b2, v, c. */
export const sineAtExtrema = {
  x: ['-1', '2'],
  y: ['1.0', '1.5'],
  params: [
    '1.0',
    '0.5',
    '-0.3333333333333333333333333',
    '1.0',
    '0.5485489242110375310255082',
    '1.448731455411440047383595',
    '0.5638044987551807509303844',
    '1.5',
    '-0.25'
  ],
  inertia: [2, 1, 6]
}
