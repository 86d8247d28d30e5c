import { add, divide, multiply, negate, type Rational, rational, subtract, toNumber } from '@nadir/arithmetic'
import { describe, expect, it } from 'vitest'
import { randomStream } from '../random.ts'
import { degenerateParameters } from './degenerate-parameters.ts'
import { floatRisk } from './float-risk.ts'
import { type HingeNetwork, type HingeUnit, withRiskAndGradient } from './network-risk.ts'
import { interval } from './piecewise-polynomial.ts'
import { judgeParameters } from './point-verdict.ts'
import { type ContinuousRisk, riskFromExpression, riskFromJson } from './risk.ts'

const [zero, one] = [rational(0n), rational(1n)]

function written(target: string, a: Rational, b: Rational, density?: string): ContinuousRisk {
  const risk = riskFromExpression(target, [a, b], density)
  if (risk.kind === 'invalid') throw new Error(risk.message)
  return risk
}

function filed(value: unknown): ContinuousRisk {
  const risk = riskFromJson(value)
  if (risk.kind === 'invalid') throw new Error(risk.message)
  return risk
}

const risks: Readonly<Record<string, ContinuousRisk>> = {
  'absolute value': written('abs(x)', rational(-1n), one),
  parabola: written('x^2', zero, one),
  cubic: written('x^3 - x/2', rational(-1n), one),
  // The residual of the mean vanishes at b, where f' = 2/3: the size of V decides.
  'mean reached at b': written('(x - 1) * (x - 1/3)', zero, one),
  // The third-order coefficient of the change cancels, the fourth decides: a local minimum.
  'cancellation at a': written('2*x - 10*x^2 + 70*x^3/3 - 15*x^4', zero, one),
  // V = 0 for all right kinks before 1.
  'flat part': filed({ breakpoints: ['0', '1', '2'], pieces: ['0', '((x-3/2)^2 - 1/4) * ((x-3/2)^2 - 1/20)'] }),
  'density that vanishes at the ends': written('abs(x)', rational(-1n), one, '1 - x^2'),
  'uneven density': written('x^2', zero, one, 'max(1, 2*x)'),
  hat: written('max(0, 1 - 2*abs(x - 1/2))', zero, one),
  constant: written('2', zero, one)
}

/** The network of one unit with the best c. */
function withBestOffset(risk: ContinuousRisk, unit: HingeUnit): HingeNetwork {
  const offset = (network: HingeNetwork) =>
    withRiskAndGradient(risk, network, ({ pieces, c }) => pieces.rationalOf(c)!)!
  const dead = { ...unit, v: zero }
  // The slope in c is affine: from its values at 0 and 1 without the unit, and at 0 with it.
  const slope = subtract(offset({ units: [dead], c: one }), offset({ units: [dead], c: zero }))
  return { units: [unit], c: negate(divide(offset({ units: [unit], c: zero }), slope)) }
}

/** Units on every stratum of critical parameters with the constant or the best line. */
function units(risk: ContinuousRisk): readonly (readonly [string, HingeUnit])[] {
  const [a, b] = interval(risk.target)
  const q = (p: bigint, d: bigint = 1n) => rational(p, d)
  const values = [q(2n), q(1n), q(1n, 3n), q(0n), q(-1n, 3n), q(-2n, 3n), q(-1n), q(-2n)]
  return [
    ['dead', { w: one, b: negate(add(b, one)), v: one }],
    ...values.map((v): [string, HingeUnit] => ['kink at b', { w: one, b: negate(b), v }]),
    ...values.map((v): [string, HingeUnit] => ['kink at a', { w: q(-1n), b: a, v }]),
    ...[1n, -1n, 0n].map((v): [string, HingeUnit] => ['origin', { w: zero, b: zero, v: q(v) }]),
    ['constant unit', { w: zero, b: one, v: zero }],
    ['constant unit', { w: zero, b: one, v: one }],
    ['active, v = 0', { w: one, b: subtract(one, a), v: zero }],
    ['just active, v = 0', { w: one, b: negate(a), v: zero }],
    ['just active, v = 0', { w: q(-1n), b, v: zero }],
    ...[q(1n, 2n), q(1n)].map((x): [string, HingeUnit] => [
      'kink inside, v = 0',
      { w: one, b: negate(add(a, x)), v: zero }
    ])
  ]
}

/** The unit that makes the best line, active with its kink at the given distance outside a, or b for negative w. */
function lineUnits(risk: ContinuousRisk): readonly (readonly [string, HingeUnit])[] {
  const [a, b] = interval(risk.target)
  // Two gradients of c and v with an active unit give the normal equations of the line.
  const at = (v: Rational, c: Rational) =>
    withRiskAndGradient(risk, { units: [{ w: one, b: subtract(one, a), v }], c }, (g) => [
      g.pieces.rationalOf(g.c)!,
      g.pieces.rationalOf(g.units[0]!.v)!
    ])! as [Rational, Rational]
  const [c0, v0] = at(zero, zero)
  const [cc, vc] = at(zero, one).map((g, i) => subtract(g, [c0, v0][i]!)) as [Rational, Rational]
  const [cv, vv] = at(one, zero).map((g, i) => subtract(g, [c0, v0][i]!)) as [Rational, Rational]
  const determinant = subtract(multiply(cc, vv), multiply(cv, vc))
  const slope = divide(subtract(multiply(vc, c0), multiply(cc, v0)), determinant)
  if (slope.numerator === 0n) return []
  return [
    ['line, kink outside', { w: one, b: subtract(one, a), v: slope }],
    ['line, kink at a', { w: one, b: negate(a), v: slope }],
    ['line, kink at b', { w: rational(-1n), b, v: negate(slope) }]
  ]
}

/** The largest fall of the risk, relative to it, found by random small changes of (w, b, v), with the best c, at every scale. */
function deepestFall(risk: ContinuousRisk, network: HingeNetwork, scales: readonly number[]): number {
  const floats = floatRisk(risk)
  const [unit] = network.units as [HingeUnit]
  const start = Float64Array.of(...[unit.w, unit.b, unit.v, network.c].map(toNumber))
  const gradient = new Float64Array(4)
  const mass = (() => {
    floats.gradient(Float64Array.of(0, 0, 0, 1), gradient)
    const up = gradient[3]!
    floats.gradient(Float64Array.of(0, 0, 0, 0), gradient)
    return up - gradient[3]!
  })()
  const before = floats.value(start)
  const random = randomStream(17)
  let deepest = 0
  for (const scale of scales) {
    for (let trial = 0; trial < 300; trial++) {
      const theta = Float64Array.from(start)
      // Every coordinate with its own size, some not at all: narrow cones of descent are found too.
      for (let k = 0; k < 3; k++)
        theta[k]! += random() < 0.3 ? 0 : scale ** (1 + (trial % 2 === 0 ? 1.5 : 5) * random()) * (2 * random() - 1)
      floats.gradient(theta, gradient)
      theta[3]! -= gradient[3]! / mass
      deepest = Math.min(deepest, floats.value(theta) - before)
    }
  }
  return deepest / (before + 1e-9)
}

describe('critical parameters of width one', () => {
  for (const [name, risk] of Object.entries(risks)) {
    it(`types agree with what small changes do: ${name}`, () => {
      let judged = 0
      for (const [where, unit] of [...units(risk), ...lineUnits(risk)]) {
        const network = withBestOffset(risk, unit)
        const verdict = judgeParameters(risk, network)
        if (verdict.kind !== 'critical') continue
        judged++
        const label = `${name}, ${where}, v = ${toNumber(unit.v)}: ${verdict.type}`
        if (verdict.type === 'saddle') expect(deepestFall(risk, network, [0.3, 0.1, 0.03]), label).toBeLessThan(-1e-11)
        else expect(deepestFall(risk, network, [0.01, 0.001]), label).toBeGreaterThan(-1e-11)
      }
      expect(judged).toBeGreaterThan(15)
    })
  }

  it('the table of degenerate parameters says the same as the verdicts', () => {
    const samples: readonly (readonly [RegExp, (a: Rational, b: Rational) => HingeUnit])[] = [
      [/^max over/, (_, b) => ({ w: one, b: negate(add(b, one)), v: rational(3n) })],
      [/^w > 0, kink at b, v > 0$/, (_, b) => ({ w: one, b: negate(b), v: one })],
      [/^w > 0, kink at b, v < 0$/, (_, b) => ({ w: one, b: negate(b), v: rational(-1n) })],
      [/^w > 0, kink at b, v = 0$/, (_, b) => ({ w: one, b: negate(b), v: zero })],
      [/^w < 0, kink at a, v > 0$/, (a) => ({ w: rational(-1n), b: a, v: one })],
      [/^w < 0, kink at a, v < 0$/, (a) => ({ w: rational(-1n), b: a, v: rational(-1n) })],
      [/^w = b = 0, v > 0$/, () => ({ w: zero, b: zero, v: one })],
      [/^w = b = 0, v < 0$/, () => ({ w: zero, b: zero, v: rational(-1n) })],
      [/^w = b = 0, v = 0$/, () => ({ w: zero, b: zero, v: zero })],
      [/^w = 0, b > 0, v = 0$/, () => ({ w: zero, b: one, v: zero })],
      [/^w > 0, v = 0, kink at a$/, (a) => ({ w: one, b: negate(a), v: zero })],
      [/^w > 0, v = 0, kink strictly between/, (a) => ({ w: one, b: negate(add(a, rational(1n, 2n))), v: zero })]
    ]
    let compared = 0
    for (const [name, risk] of Object.entries(risks)) {
      if (name === 'constant') continue
      const table = degenerateParameters(risk)
      if (table.kind === 'undecided') throw new Error(table.reason)
      const [a, b] = interval(risk.target)
      for (const row of table.rows) {
        const sample = samples.find(([pattern]) => pattern.test(row.parameters))
        if (!sample) continue
        const verdict = judgeParameters(risk, withBestOffset(risk, sample[1](a, b)))
        expect([name, row.parameters, verdict.kind === 'critical' && verdict.type]).toEqual([
          name,
          row.parameters,
          row.type
        ])
        compared++
      }
    }
    expect(compared).toBeGreaterThan(60)
  })

  it('the size of V decides where the mean is reached at the end', () => {
    const table = degenerateParameters(risks['mean reached at b']!)
    if (table.kind === 'undecided') throw new Error(table.reason)
    const rows = table.rows.filter((row) => row.parameters.startsWith('w > 0, kink at b'))
    expect(rows).toEqual([
      {
        parameters: 'w > 0, kink at b, V between 0 and -0.66666666666666666667 or equal to one of them',
        realization: 'constant',
        type: 'saddle'
      },
      {
        parameters: 'w > 0, kink at b, V not between 0 and -0.66666666666666666667 and equal to neither',
        realization: 'constant',
        type: 'local-minimum'
      }
    ])
  })

  it('parameters that are not critical get their gradient, and several live units stay undecided', () => {
    const risk = risks.parabola!
    const off = judgeParameters(risk, { units: [{ w: one, b: zero, v: one }], c: zero })
    expect(off.kind === 'not-critical' && off.gradient.c.exact).toBe('1/3')
    const dead = { w: one, b: rational(-2n), v: one }
    const mean = judgeParameters(risk, { units: [dead, dead, dead], c: rational(1n, 3n) })
    expect(mean).toMatchObject({ kind: 'critical', type: 'local-minimum', risk: { exact: '4/45' } })
    const half = { w: zero, b: zero, v: one }
    expect(judgeParameters(risk, { units: [half, half], c: rational(1n, 3n) }).kind).toBe('undecided')
    const best = { w: one, b: rational(-1n, 3n), v: rational(4n, 3n) }
    expect(judgeParameters(risk, { units: [best], c: rational(1n, 27n) })).toMatchObject({
      kind: 'critical',
      type: 'global-minimum'
    })
    expect(judgeParameters(risk, { units: [best, dead], c: rational(1n, 27n) })).toMatchObject({
      kind: 'critical',
      type: 'local-minimum'
    })
  })
})
