import { certificate, type Value } from '../digests.ts'
import { add, divide, type Fraction, fraction, multiply, subtract, text } from '../fraction.ts'
import { bestFor, constantFor, kinksBySampling, type RiskProblemJson, riskAt } from '../risk-naive.ts'
import { changed, type Fields, parts } from './case.ts'

/*
 * Certificates about the risk on an interval. Kinks and numbers come from dense sampling in doubles; ranges are as wide as
 * doubles ask for.
 */

export type Entries = readonly (number | string)[]

export const pieces = (breakpoints: Entries, polynomials: readonly Entries[]): Value => ({
  kind: 'pieces',
  breakpoints: breakpoints.map(String),
  pieces: polynomials.map((polynomial) => polynomial.map(String))
})

export const riskOf = (target: Value, density: Value, hidden = 1): Value => ({
  format: 'nadir-risk/1',
  hidden,
  target,
  density
})

export const uniform = (breakpoints: Entries, polynomials: readonly Entries[], hidden = 1): Value =>
  riskOf(pieces(breakpoints, polynomials), pieces([breakpoints[0], breakpoints[breakpoints.length - 1]], [[1]]), hidden)

/** Decimals around a double. */
export const around = (x: number, room = 1e-4, places = 1e7): Value => {
  const width = room * Math.max(1, Math.abs(x))
  return [Math.floor((x - width) * places), Math.ceil((x + width) * places)].map((n) =>
    text(fraction(`${n}/${places}`))
  )
}

export const point = (x: string): Value => [x, x]

export type Kink = number | string

/** The list for a problem; kinks that sampling cannot find, or that are rational, are given. */
export const listOf = (
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

export const listed = (problem: Value, functions: Value, tie?: Value): Value =>
  certificate(
    problem,
    { kind: 'critical-functions', functions },
    tie === undefined ? { rule: 'kink-equations' } : { rule: 'kink-equations', tie }
  )

export const functionsIn = (document: Value): readonly Fields[] =>
  parts(document).claim['functions'] as unknown as readonly Fields[]

/** The certificate with its list changed. */
export const withList = (document: Value, change: (functions: readonly Fields[]) => Value): Value =>
  changed(document, { claim: { functions: change(functionsIn(document)) } })

export const withFunction = (document: Value, index: number, fields: Fields): Value =>
  withList(document, (functions) => functions.map((one, i) => (i === index ? { ...one, ...fields } : one)))

export const absolute = uniform(
  [-1, 0, 1],
  [
    [0, -1],
    [0, 1]
  ]
)
export const absoluteList = listed(absolute, listOf(absolute))
export const rectifier = uniform([-1, 0, 1], [[], [0, 1]])
export const rectifierList = listed(rectifier, listOf(rectifier, { right: ['0'], left: [] }))
export const parabola = uniform([0, 1], [[0, 0, 1]])
export const parabolaList = listed(parabola, listOf(parabola, { right: ['1/3'] }))
export const zigzag = uniform(
  [0, 1, 2, 3, 4],
  [
    [0, 2],
    [4, -2],
    [-4, 2],
    [11, -3]
  ]
)
export const zigzagList = listed(zigzag, listOf(zigzag))
// The kink equation has a double root at 1/2, where V is not 0.
export const monotone = uniform([0, 1], [[0, 0, 129, -288, 191]])
export const monotoneList = listed(
  monotone,
  listOf(monotone, {
    right: [...kinksBySampling(monotone as unknown as RiskProblemJson, 'right').filter((q) => q < 0.4), '1/2']
  })
)
// Beyond 1/2 the moments of order 0 and 1 vanish, and so does the mean: kink equation and V have a common root.
export const flat = uniform([0, 1], [[-23, 198, -408, 240]])
export const flatList = listed(flat, listOf(flat))
export const twoPieces = riskOf(
  pieces([0, 1], [[0, 0, 1]]),
  pieces(
    [0, '1/3', 1],
    [
      ['4/3', -1],
      ['2/3', 1]
    ]
  )
)
export const twoPiecesList = listed(twoPieces, listOf(twoPieces))
export const vanishing = riskOf(
  pieces(
    [-1, 0, 1],
    [
      [0, -1],
      [0, 1]
    ]
  ),
  pieces([-1, 1], [[0, 0, 1]])
)
export const vanishingList = listed(vanishing, listOf(vanishing))
export const onePiece = uniform([0, 1], [[3]])
export const onePieceList = listed(onePiece, listOf(onePiece, { right: [], left: [] }))

// (1 - x)(x - 1/3): the mean is 0, which is also the value at 1; the balance is at the slope 2/3.
export const balanced = uniform([0, 1], [['-1/3', '4/3', -1]])
// Mean zero, and zero from 1 to 2.
export const flatEnd = uniform([0, 1, 2], [[0, 1, -3, 2], []])
/** The range of the left kink of the absolute value, another than the mirror image of that of the right kink. */
export const otherRange = withFunction(absoluteList, 2, {
  kink: ['-2071067813/5000000000', '-2071067811/5000000000']
})
/** The least risk is 2 - (4/3) sqrt 2, a root of 9 x^2 - 36 x + 4. */
export const tie: Value = { polynomial: ['4', '-36', '9'], between: ['1/9', '3/25'] }
export const tieFor = (document: Value, other: Value): Value => {
  const { problem, claim } = parts(document)
  return certificate(problem, claim, { rule: 'kink-equations', tie: other })
}

// Families.

export type Member = { readonly e: string }

export const interval = ['-1', '2']
export const lambda = '5'
export const baseGap = fraction('4393693319699/67112121850200')

export const square = (x: Fraction): Fraction => multiply(x, x)
export const one = fraction(1)

export const unit = (q: Fraction, u: Fraction): readonly string[] => {
  const length = subtract(fraction(interval[1]), fraction(interval[0]))
  const kink = multiply(length, q)
  return [
    '1',
    text(subtract(subtract(fraction(0), fraction(interval[0])), kink)),
    text(divide(multiply(u, fraction(lambda)), length))
  ]
}

export const dead = ['1', '-3', '7']

export const member = ({ e }: Member, hidden: number): Value => {
  const r = fraction(e)
  const q = divide(subtract(one, square(r)), add(one, multiply(fraction(3), square(r))))
  const u = divide(multiply(fraction(-2), r), square(subtract(one, q)))
  return {
    units: [unit(q, u), ...Array.from({ length: hidden - 1 }, () => dead)],
    c: text(multiply(fraction(lambda), r))
  }
}

export const family = (hidden: number): Value => ({
  format: 'nadir-risk/1',
  hidden,
  target: { kind: 'equal-risks', interval, scale: lambda },
  density: pieces(interval, [[1]])
})

export const better = (hidden: number): Value => ({
  units: [
    unit(fraction('15/211'), fraction('-62/45')),
    unit(fraction('5/6'), fraction('-43/5')),
    ...Array.from({ length: hidden - 2 }, () => dead)
  ],
  c: text(multiply(fraction(lambda), fraction('5/7')))
})

export const gap = text(multiply(multiply(square(fraction(lambda)), fraction(3)), baseGap))

export const familyOf = (hidden: number): Value =>
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

export const pair = familyOf(2)
export const minimaOf = (document: Value): readonly Fields[] =>
  parts(document).claim['minima'] as unknown as readonly Fields[]
export const withMember = (document: Value, fields: Fields): Value =>
  changed(document, { claim: { minima: minimaOf(document).map((one, i) => (i === 0 ? { ...one, ...fields } : one)) } })
export const unitsOf = (at: Fields): readonly (readonly string[])[] =>
  at['units'] as unknown as readonly (readonly string[])[]

// Affine targets and parameters.

export const line = uniform([0, 3], [[1, '2/3']], 5)
/** alpha^2 l^3 / 12 = 1 */
export const lineList = certificate(
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

export const at = (problem: Value, kind: string, units: readonly Entries[], c: string, rule: string): Value => {
  const parameters = { units: units.map((entry) => entry.map(String)), c }
  const risk = text(riskAt(problem as unknown as RiskProblemJson, parameters))
  return certificate(problem, { kind, parameters, risk }, { rule })
}

export const two = uniform([0, 3], [[1, '2/3']], 2)
/** Kinks at 1 and 2, sigma = 4/9; N = 1/3 + ... has the mean of the target on every third. */
export const zigzagUnits = [
  [1, -1, '4/9'],
  [-1, 2, '-4/9']
]
export const tilted = uniform([-1, 1], [[0, 1]], 1)
