import { certificate, type Value } from '../digests.ts'
import { add, divide, type Fraction, fraction, isLess, multiply, subtract, text } from '../fraction.ts'
import { bestFor, constantFor, kinksBySampling, type RiskProblemJson, riskAt } from '../risk-naive.ts'
import { accept, type Case, changed, decline, type Fields, parts, reject } from './case.ts'

/*
 * Certificates about the risk on an interval. Kinks and numbers come from dense sampling in doubles; ranges are as wide as
 * doubles ask for.
 */

type Entries = readonly (number | string)[]

const pieces = (breakpoints: Entries, polynomials: readonly Entries[]): Value => ({
  kind: 'pieces',
  breakpoints: breakpoints.map(String),
  pieces: polynomials.map((polynomial) => polynomial.map(String))
})

const riskOf = (target: Value, density: Value, hidden = 1): Value => ({
  format: 'nadir-risk/1',
  hidden,
  target,
  density
})

const uniform = (breakpoints: Entries, polynomials: readonly Entries[], hidden = 1): Value =>
  riskOf(pieces(breakpoints, polynomials), pieces([breakpoints[0], breakpoints[breakpoints.length - 1]], [[1]]), hidden)

/** Decimals around a double. */
const around = (x: number, room = 1e-4, places = 1e7): Value => {
  const width = room * Math.max(1, Math.abs(x))
  return [Math.floor((x - width) * places), Math.ceil((x + width) * places)].map((n) =>
    text(fraction(`${n}/${places}`))
  )
}

const point = (x: string): Value => [x, x]

type Kink = number | string

/** The list for a problem; kinks that sampling cannot find, or that are rational, are given. */
const listOf = (
  problem: Value,
  given: { readonly right?: readonly Kink[]; readonly left?: readonly Kink[] } = {}
): Value => {
  const risk = problem as unknown as RiskProblemJson
  const [a, b] = [risk.target.breakpoints[0], risk.target.breakpoints.at(-1) as string]
  const wide = Number(fraction(b).n) / Number(fraction(b).d) - Number(fraction(a).n) / Number(fraction(a).d)
  const found: { fields: Fields; value: number }[] = []
  const constant = constantFor(risk)
  const put = (fields: Fields, value: number): void => {
    found.push({ fields: { ...fields, risk: around(value) }, value })
  }
  put({ form: 'constant', type: 'local-minimum', c: around(constant.c) }, constant.risk)
  const line = bestFor(risk, 'right')(Number(fraction(a).n) / Number(fraction(a).d))
  if (Math.abs(line.slope) > 1e-9) {
    put({ form: 'affine', type: 'local-minimum', c: around(line.c), slope: around(line.slope) }, line.risk)
  }
  for (const orientation of ['right', 'left'] as const) {
    const at = bestFor(risk, orientation)
    for (const kink of given[orientation] ?? kinksBySampling(risk, orientation)) {
      const q = typeof kink === 'number' ? kink : Number(fraction(kink).n) / Number(fraction(kink).d)
      const best = at(q)
      const [before, after] = [at(q - 1e-3 * wide).risk < best.risk, at(q + 1e-3 * wide).risk < best.risk]
      const type = before !== after ? 'degenerate' : before ? 'saddle' : 'local-minimum'
      put(
        {
          form: `${orientation}-kink`,
          type,
          kink: typeof kink === 'number' ? around(q, 1e-11, 1e13) : point(kink),
          c: around(best.c),
          slope: around(best.slope)
        },
        best.risk
      )
    }
  }
  const least = Math.min(...found.map(({ value }) => value))
  return found.map(({ fields, value }) => ({ ...fields, global: value < least + 1e-9 }))
}

const listed = (problem: Value, functions: Value, tie?: Value): Value =>
  certificate(
    problem,
    { kind: 'critical-functions', functions },
    tie === undefined ? { rule: 'kink-equations' } : { rule: 'kink-equations', tie }
  )

const functionsIn = (document: Value): readonly Fields[] =>
  parts(document).claim['functions'] as unknown as readonly Fields[]

/** The certificate with its list changed. */
const withList = (document: Value, change: (functions: readonly Fields[]) => Value): Value =>
  changed(document, { claim: { functions: change(functionsIn(document)) } })

const withFunction = (document: Value, index: number, fields: Fields): Value =>
  withList(document, (functions) => functions.map((one, i) => (i === index ? { ...one, ...fields } : one)))

const absolute = uniform(
  [-1, 0, 1],
  [
    [0, -1],
    [0, 1]
  ]
)
const absoluteList = listed(absolute, listOf(absolute))
const rectifier = uniform([-1, 0, 1], [[], [0, 1]])
const rectifierList = listed(rectifier, listOf(rectifier, { right: ['0'], left: [] }))
const parabola = uniform([0, 1], [[0, 0, 1]])
const parabolaList = listed(parabola, listOf(parabola, { right: ['1/3'] }))
const zigzag = uniform(
  [0, 1, 2, 3, 4],
  [
    [0, 2],
    [4, -2],
    [-4, 2],
    [11, -3]
  ]
)
const zigzagList = listed(zigzag, listOf(zigzag))
// The kink equation has a double root at 1/2, where V is not 0.
const monotone = uniform([0, 1], [[0, 0, 129, -288, 191]])
const monotoneList = listed(
  monotone,
  listOf(monotone, {
    right: [...kinksBySampling(monotone as unknown as RiskProblemJson, 'right').filter((q) => q < 0.4), '1/2']
  })
)
// Beyond 1/2 the moments of order 0 and 1 vanish, and so does the mean: kink equation and V have a common root.
const flat = uniform([0, 1], [[-23, 198, -408, 240]])
const flatList = listed(flat, listOf(flat))
const twoPieces = riskOf(
  pieces([0, 1], [[0, 0, 1]]),
  pieces(
    [0, '1/3', 1],
    [
      ['4/3', -1],
      ['2/3', 1]
    ]
  )
)
const twoPiecesList = listed(twoPieces, listOf(twoPieces))
const vanishing = riskOf(
  pieces(
    [-1, 0, 1],
    [
      [0, -1],
      [0, 1]
    ]
  ),
  pieces([-1, 1], [[0, 0, 1]])
)
const vanishingList = listed(vanishing, listOf(vanishing))
const onePiece = uniform([0, 1], [[3]])
const onePieceList = listed(onePiece, listOf(onePiece, { right: [], left: [] }))

// (1 - x)(x - 1/3): the mean is 0, which is also the value at 1; the balance is at the slope 2/3.
const balanced = uniform([0, 1], [['-1/3', '4/3', -1]])
// Mean zero, and zero from 1 to 2.
const flatEnd = uniform([0, 1, 2], [[0, 1, -3, 2], []])
/** The range of the left kink of the absolute value, another than the mirror image of that of the right kink. */
const otherRange = withFunction(absoluteList, 2, {
  kink: ['-2071067813/5000000000', '-2071067811/5000000000']
})
/** The least risk is 2 - (4/3) sqrt 2, a root of 9 x^2 - 36 x + 4. */
const tie: Value = { polynomial: ['4', '-36', '9'], between: ['1/9', '3/25'] }
const tieFor = (document: Value, other: Value): Value => {
  const { problem, claim } = parts(document)
  return certificate(problem, claim, { rule: 'kink-equations', tie: other })
}

// Families.

type Member = { readonly e: string }

const interval = ['-1', '2']
const lambda = '5'
const baseGap = fraction('4393693319699/67112121850200')

const square = (x: Fraction): Fraction => multiply(x, x)
const one = fraction(1)

const unit = (q: Fraction, u: Fraction): readonly string[] => {
  const length = subtract(fraction(interval[1]), fraction(interval[0]))
  const kink = multiply(length, q)
  return [
    '1',
    text(subtract(subtract(fraction(0), fraction(interval[0])), kink)),
    text(divide(multiply(u, fraction(lambda)), length))
  ]
}

const dead = ['1', '-3', '7']

const member = ({ e }: Member, hidden: number): Value => {
  const r = fraction(e)
  const q = divide(subtract(one, square(r)), add(one, multiply(fraction(3), square(r))))
  const u = divide(multiply(fraction(-2), r), square(subtract(one, q)))
  return {
    units: [unit(q, u), ...Array.from({ length: hidden - 1 }, () => dead)],
    c: text(multiply(fraction(lambda), r))
  }
}

const family = (hidden: number): Value => ({
  format: 'nadir-risk/1',
  hidden,
  target: { kind: 'equal-risks', interval, scale: lambda },
  density: pieces(interval, [[1]])
})

const better = (hidden: number): Value => ({
  units: [
    unit(fraction('15/211'), fraction('-62/45')),
    unit(fraction('5/6'), fraction('-43/5')),
    ...Array.from({ length: hidden - 2 }, () => dead)
  ],
  c: text(multiply(fraction(lambda), fraction('5/7')))
})

const gap = text(multiply(multiply(square(fraction(lambda)), fraction(3)), baseGap))

const familyOf = (hidden: number): Value =>
  certificate(
    family(hidden),
    {
      kind: 'equal-risk-minima',
      minima: ['2/5', '1/2', '9/10'].map((e) => member({ e }, hidden)),
      better: better(hidden),
      gap,
      delta: '49/10'
    },
    { rule: 'equal-risks', roots: ['7/8'] }
  )

const pair = familyOf(2)
const minimaOf = (document: Value): readonly Fields[] => parts(document).claim['minima'] as unknown as readonly Fields[]
const withMember = (document: Value, fields: Fields): Value =>
  changed(document, { claim: { minima: minimaOf(document).map((one, i) => (i === 0 ? { ...one, ...fields } : one)) } })
const unitsOf = (at: Fields): readonly (readonly string[])[] => at['units'] as unknown as readonly (readonly string[])[]

// Affine targets and parameters.

const line = uniform([0, 3], [[1, '2/3']], 5)
/** alpha^2 l^3 / 12 = 1 */
const lineList = certificate(
  line,
  {
    kind: 'affine-critical-functions',
    functions: [
      { form: 'target', risk: '0' },
      { form: 'constant', risk: '1' },
      { form: 'zigzag', kinks: 2, risk: '1/81' },
      { form: 'zigzag', kinks: 4, risk: '1/625' }
    ]
  },
  { rule: 'affine-target' }
)

const at = (problem: Value, kind: string, units: readonly Entries[], c: string, rule: string): Value => {
  const parameters = { units: units.map((entry) => entry.map(String)), c }
  const risk = text(riskAt(problem as unknown as RiskProblemJson, parameters))
  return certificate(problem, { kind, parameters, risk }, { rule })
}

const two = uniform([0, 3], [[1, '2/3']], 2)
/** Kinks at 1 and 2, sigma = 4/9; N = 1/3 + ... has the mean of the target on every third. */
const zigzagUnits = [
  [1, -1, '4/9'],
  [-1, 2, '-4/9']
]
const tilted = uniform([-1, 1], [[0, 1]], 1)

export const riskCases = (): readonly Case[] => [
  accept(
    'risk-absolute-value',
    'The risk of one unit for |x|: the constant and two mirrored kinks, tied.',
    absoluteList
  ),
  accept('risk-rectifier', 'A target that one unit is: its kink is a breakpoint, the risk 0.', rectifierList),
  accept('risk-parabola', 'x^2 on [0, 1]: the kink is the rational number 1/3.', parabolaList),
  accept('risk-zigzag', 'A zigzag target with eight functions, two of them saddles.', zigzagList),
  accept(
    'risk-degenerate',
    'A double root of the kink equation: the least risk is monotone through the kink.',
    monotoneList
  ),
  accept('risk-flat-kink', 'A root of the kink equation at which V is 0: no function of its own.', flatList),
  accept('risk-density', 'x^2 with a density of two pieces.', twoPiecesList),
  accept('risk-density-zero', '|x| with the density x^2, which is 0 at one point.', vanishingList),
  accept('risk-constant-target', 'A constant target: one function.', onePieceList),
  accept(
    'risk-tie',
    'Ranges of tied kinks that are not mirror images: the common risk is a root of a polynomial.',
    tieFor(otherRange, tie)
  ),
  accept('risk-family', 'Three of uncountably many local minima with two units, and better parameters.', pair),
  accept('risk-family-wider', 'The same with four units, two more of them dead.', familyOf(4)),
  accept(
    'risk-affine-list',
    'An affine target and five units: target, mean, zigzags with two and four kinks.',
    lineList
  ),
  accept(
    'risk-value',
    'The risk of two units, one of them dead.',
    at(
      two,
      'value',
      [
        [1, -1, 2],
        [1, -4, 5]
      ],
      '1/2',
      'integrals'
    )
  ),
  accept(
    'risk-not-critical',
    'The output bias is not the mean.',
    at(tilted, 'not-critical', [[1, -2, 1]], '1', 'gradient')
  ),
  accept('risk-zero', 'The target itself.', at(rectifier, 'global-minimum', [[2, 0, '1/2']], '0', 'zero-risk')),
  accept(
    'risk-affine-zigzag',
    'A zigzag around an affine target is a saddle.',
    at(two, 'saddle', zigzagUnits, '2', 'affine-point')
  ),
  accept(
    'risk-affine-dead',
    'Both units dead, the mean: a local minimum.',
    at(
      two,
      'local-minimum',
      [
        [1, -4, 1],
        [-1, -1, 1]
      ],
      '2',
      'affine-point'
    )
  ),
  accept(
    'risk-affine-end',
    'A kink at the right end, against the slope: a local minimum.',
    at(tilted, 'local-minimum', [[1, -1, -1]], '0', 'affine-point')
  ),
  accept(
    'risk-affine-left-end',
    'A kink at the left end, along the slope: a local minimum.',
    at(tilted, 'local-minimum', [[-2, -2, 1]], '0', 'affine-point')
  ),
  accept(
    'risk-affine-origin',
    'A unit with w = b = 0: a saddle.',
    at(tilted, 'saddle', [[0, 0, 3]], '0', 'affine-point')
  ),
  accept(
    'risk-one-unit-kink',
    'The best kink for x^2, and a dead unit: a local minimum.',
    at(
      uniform([0, 1], [[0, 0, 1]], 2),
      'local-minimum',
      [
        [1, -2, 5],
        [3, -1, '4/9']
      ],
      '1/27',
      'one-live-unit'
    )
  ),
  accept(
    'risk-one-unit-degenerate',
    'The kink through which the least risk is monotone: a saddle.',
    at(monotone, 'saddle', [[2, -1, '81/4']], '331/80', 'one-live-unit')
  ),
  accept(
    'risk-one-unit-left',
    'The mirror image of the best kink for x^2.',
    at(uniform([-1, 0], [[0, 0, 1]]), 'local-minimum', [[-1, '-1/3', '4/3']], '1/27', 'one-live-unit')
  ),
  accept(
    'risk-one-unit-line',
    'The best line for x^2: the unit is active everywhere.',
    at(parabola, 'local-minimum', [[1, 1, 1]], '-7/6', 'one-live-unit')
  ),
  accept(
    'risk-one-unit-mean',
    'Dead units and the mean.',
    at(parabola, 'local-minimum', [[0, -1, 3]], '1/3', 'one-live-unit')
  ),
  accept(
    'risk-one-unit-tilt',
    'A constant unit with v = 0, and a line does better than the mean: a saddle.',
    at(parabola, 'saddle', [[0, 2, 0]], '1/3', 'one-live-unit')
  ),

  accept(
    'risk-one-unit-end',
    'A kink at the right end, with the wrong sign: a saddle.',
    at(parabola, 'saddle', [[1, -1, 1]], '1/3', 'one-live-unit')
  ),
  accept(
    'risk-one-unit-end-minimum',
    'A kink at the right end, against the residual: a local minimum.',
    at(parabola, 'local-minimum', [[1, -1, -1]], '1/3', 'one-live-unit')
  ),
  accept(
    'risk-one-unit-left-end',
    'A kink at the left end, against the residual: a local minimum.',
    at(parabola, 'local-minimum', [[-1, 0, 1]], '1/3', 'one-live-unit')
  ),
  accept(
    'risk-one-unit-end-silent',
    'A kink at the right end and v = 0: a saddle.',
    at(parabola, 'saddle', [[1, -1, 0]], '1/3', 'one-live-unit')
  ),
  accept(
    'risk-one-unit-end-balance',
    'The residual vanishes at the end, and the slope is beyond the balance: a local minimum.',
    at(balanced, 'local-minimum', [[2, -2, '1/2']], '0', 'one-live-unit')
  ),
  accept(
    'risk-one-unit-end-negative',
    'The same with a negative slope.',
    at(balanced, 'local-minimum', [[2, -2, '-1/2']], '0', 'one-live-unit')
  ),
  accept(
    'risk-one-unit-end-flat',
    'A target that is its mean around the end: a local minimum.',
    at(flatEnd, 'local-minimum', [[1, -2, 0]], '0', 'one-live-unit')
  ),
  accept(
    'risk-one-unit-active-end',
    'The kink of the best line at the left end: the risk falls when it moves inwards.',
    at(parabola, 'saddle', [[1, 0, 1]], '-1/6', 'one-live-unit')
  ),
  accept(
    'risk-one-unit-active-right-end',
    'The kink of the best line at the right end: the risk rises when it moves inwards.',
    at(parabola, 'local-minimum', [[-1, 1, -1]], '5/6', 'one-live-unit')
  ),
  accept(
    'risk-one-unit-active-silent',
    'A kink at the left end and v = 0, for |x|: a saddle.',
    at(absolute, 'saddle', [[1, 1, 0]], '1/2', 'one-live-unit')
  ),
  accept(
    'risk-one-unit-origin',
    'w = b = 0 and v < 0, for |x|: every hinge there does harm.',
    at(absolute, 'local-minimum', [[0, 0, -1]], '1/2', 'one-live-unit')
  ),
  accept(
    'risk-one-unit-origin-helps',
    'w = b = 0 and v > 0, for |x|: a small hinge helps.',
    at(absolute, 'saddle', [[0, 0, 1]], '1/2', 'one-live-unit')
  ),
  accept(
    'risk-one-unit-flat',
    'v = 0 and the kink where V is 0, but not around it: a saddle.',
    at(flat, 'saddle', [[2, -1, 0]], '0', 'one-live-unit')
  ),
  accept(
    'risk-one-unit-constant',
    'A constant target, v = 0: nothing helps.',
    at(onePiece, 'local-minimum', [[2, -1, 0]], '3', 'one-live-unit')
  ),
  reject('risk-hidden', 'rule', 'The list of one unit for two.', changed(absoluteList, { problem: { hidden: 2 } })),
  reject(
    'risk-no-constant',
    '\\(a\\)',
    'The constant is missing.',
    withList(absoluteList, (f) => f.slice(1))
  ),
  reject(
    'risk-constant-twice',
    '\\(a\\)',
    'The constant is listed twice.',
    withList(absoluteList, ([first, ...rest]) => [first, first, ...rest])
  ),
  reject(
    'risk-line-of-symmetric',
    '\\(a\\)',
    'A best line with slope 0 is the constant.',
    withList(absoluteList, ([first, ...rest]) => [first, { ...first, form: 'affine', slope: point('0') }, ...rest])
  ),
  reject(
    'risk-no-line',
    '\\(a\\)',
    'The best line is missing.',
    withList(parabolaList, (f) => f.filter((_, i) => i !== 1))
  ),
  reject(
    'risk-constant-mean',
    '\\(a\\)',
    'The constant is not the mean.',
    withFunction(absoluteList, 0, { c: ['2/5', '9/20'] })
  ),
  reject(
    'risk-constant-risk',
    '\\(a\\)',
    'The risk of the constant is another.',
    withFunction(absoluteList, 0, { risk: ['1/5', '1/4'] })
  ),
  reject(
    'risk-constant-type',
    '\\(a\\)',
    'The constant as a saddle.',
    withFunction(absoluteList, 0, { type: 'saddle' })
  ),
  reject(
    'risk-line-slope',
    '\\(a\\)',
    'The slope of the best line is another.',
    withFunction(parabolaList, 1, { slope: ['9/10', '99/100'] })
  ),
  reject(
    'risk-line-value',
    '\\(a\\)',
    'The value of the best line at the left end is another.',
    withFunction(parabolaList, 1, { c: ['-1/5', '-7/40'] })
  ),
  reject(
    'risk-order',
    'order',
    'A left kink before a right one.',
    withList(absoluteList, ([a, b, c]) => [a, c, b])
  ),
  reject(
    'risk-kink-missing',
    '\\(b\\)',
    'One of two tied kinks is missing.',
    withList(absoluteList, (f) => f.slice(0, 2))
  ),
  reject(
    'risk-left-missing-first',
    '\\(b\\)',
    'A left kink is missing in the middle of eight functions.',
    withList(zigzagList, (f) => f.filter((_, i) => i !== 6))
  ),
  reject(
    'risk-kink-twice',
    '\\(b\\)',
    'One kink listed twice.',
    withList(absoluteList, ([a, b, c]) => [a, b, b, c])
  ),
  reject(
    'risk-kinks-descend',
    '\\(b\\)',
    'Two kinks in descending order.',
    withList(zigzagList, (f) => f.map((one, i) => (i === 2 ? f[3] : i === 3 ? f[2] : one)))
  ),
  reject(
    'risk-kink-elsewhere',
    '\\(b\\)',
    'The kink equation has no root in the range.',
    withFunction(absoluteList, 1, { kink: ['1/2', '3/5'] })
  ),
  reject(
    'risk-kink-wide',
    '\\(b\\)',
    'Two roots in the range of one kink.',
    withList(zigzagList, (f) =>
      f.filter((_, i) => i !== 3).map((one, i) => (i === 2 ? { ...one, kink: ['11/10', '19/10'] } : one))
    )
  ),
  reject(
    'risk-kink-over-breakpoint',
    '\\(b\\)',
    'The range of a kink goes over a breakpoint.',
    withFunction(absoluteList, 1, { kink: ['-1/10', '1/2'] })
  ),
  reject(
    'risk-kink-around-breakpoint',
    '\\(b\\)',
    'A kink on a breakpoint in a range of positive length.',
    withFunction(rectifierList, 2, { kink: ['-1/100', '1/100'] })
  ),
  reject(
    'risk-kink-outside',
    '\\(b\\)',
    'A kink outside the interval.',
    withFunction(absoluteList, 1, { kink: ['2', '3'] })
  ),
  reject(
    'risk-kink-at-end',
    '\\(b\\)',
    'A kink at the end of the interval, where the kink equation is 0.',
    withFunction(absoluteList, 1, { kink: point('-1') })
  ),
  reject(
    'risk-breakpoint-missing',
    '\\(b\\)',
    'The kink on the breakpoint is missing.',
    withList(rectifierList, (f) => f.slice(0, 2).map((one, i) => ({ ...one, global: i === 1 })))
  ),
  reject(
    'risk-rational-not-root',
    '\\(b\\)',
    'A rational number that is not the kink.',
    withFunction(parabolaList, 2, { kink: point('1/2') })
  ),
  reject(
    'risk-flat-listed',
    '\\(b\\)',
    'A root of the kink equation at which V is 0, listed as a kink.',
    withList(flatList, (f) => {
      const listedKink: Fields = {
        ...f[f.length - 1],
        form: 'right-kink',
        kink: point('1/2'),
        c: point('0'),
        slope: point('0')
      }
      const isAfter = ({ form, kink }: Fields): boolean =>
        form === 'left-kink' || (form === 'right-kink' && isLess(fraction('1/2'), fraction((kink as string[])[0])))
      const place = f.findIndex(isAfter)
      return f.toSpliced(place < 0 ? f.length : place, 0, listedKink)
    })
  ),
  reject(
    'risk-constant-target-kink',
    '\\(b\\)',
    'A kink where the kink equation is zero.',
    withList(onePieceList, ([first]) => [
      first,
      { ...first, form: 'right-kink', kink: point('1/2'), slope: point('0') }
    ])
  ),
  reject(
    'risk-value-c',
    '\\(b\\)',
    'The value of the flat part is not in its range.',
    withFunction(absoluteList, 1, { c: ['1/5', '2/5'] })
  ),
  reject(
    'risk-value-slope',
    '\\(b\\)',
    'The slope of a left kink with the sign of a right one.',
    withFunction(absoluteList, 2, { slope: ['9/10', '11/10'] })
  ),
  reject(
    'risk-value-risk',
    '\\(b\\)',
    'The risk is not in its range.',
    withFunction(absoluteList, 1, { risk: ['1/10', '11/100'] })
  ),
  reject(
    'risk-type',
    '\\(b\\)',
    'A saddle as a local minimum.',
    withFunction(zigzagList, 3, { type: 'local-minimum' })
  ),
  reject(
    'risk-type-degenerate',
    '\\(b\\)',
    'A double root of the kink equation as a local minimum.',
    withFunction(
      monotoneList,
      functionsIn(monotoneList).findIndex((one) => one['type'] === 'degenerate'),
      { type: 'local-minimum' }
    )
  ),
  reject(
    'risk-none-global',
    '\\(e\\)',
    'No function is global.',
    withList(absoluteList, (f) => f.map((one) => ({ ...one, global: false })))
  ),
  reject(
    'risk-wrong-global',
    '\\(e\\)',
    'The constant is called global.',
    withList(absoluteList, (f) => f.map((one, i) => ({ ...one, global: i === 0 })))
  ),
  reject(
    'risk-half-tie',
    '\\(e\\)',
    'One of two tied functions is called global.',
    withFunction(absoluteList, 2, { global: false })
  ),
  reject(
    'risk-too-many-global',
    '\\(f\\)',
    'Two functions with different risks are called global.',
    withFunction(zigzagList, 2, { global: true })
  ),
  reject(
    'risk-tie-unproved',
    '\\(f\\)',
    'The ranges of two tied kinks are not mirror images, and nothing else says that their risks are equal.',
    otherRange
  ),
  reject(
    'risk-tie-other-root',
    '\\(f\\)',
    'A polynomial that is 0 elsewhere.',
    tieFor(otherRange, { polynomial: ['-1', '9'], between: ['1/10', '1/8'] })
  ),

  reject(
    'risk-tie-several',
    '\\(f\\)',
    'The polynomial has two roots in its interval.',
    tieFor(otherRange, { polynomial: ['4', '-36', '9'], between: ['1/9', '4'] })
  ),
  reject(
    'risk-tie-elsewhere',
    '\\(f\\)',
    'The interval of the polynomial does not hold the risks.',
    tieFor(otherRange, { polynomial: ['4', '-36', '9'], between: ['3', '4'] })
  ),
  reject(
    'risk-tie-end',
    '\\(f\\)',
    'The polynomial is 0 at an end of its interval.',
    tieFor(otherRange, { polynomial: ['-4', '72', '-333', '81'], between: ['1/9', '3/25'] })
  ),

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
  ),

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
