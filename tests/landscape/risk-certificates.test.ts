import { add, compare, divide, negate, parseExact, type Rational, rational, subtract, toText } from '@nadir/arithmetic'
import {
  affineCertificate,
  type ContinuousRisk,
  certificateText,
  criticalCertificate,
  criticalList,
  familyCertificate,
  familyParameters,
  type HingeUnit,
  infiniteFamily,
  judgeParameters,
  pointCertificate,
  riskDocument,
  riskFromExpression,
  riskFromJson
} from '@nadir/landscape'
import fc from 'fast-check'
import { checkDocument } from 'nadir-checker'
import { describe, expect, test } from 'vitest'
import { randomTargets, riskOf } from '../../packages/landscape/src/continuous-risk/testing/random-risks.ts'
import { certificate, type Value } from '../corpus/digests.ts'

const written = (target: string, a: bigint, b: bigint, density?: string) => {
  const risk = riskFromExpression(target, [rational(a), rational(b)], density)
  if (risk.kind === 'invalid') throw new Error(risk.message)
  return risk
}
const filed = (value: unknown) => {
  const risk = riskFromJson(value)
  if (risk.kind === 'invalid') throw new Error(risk.message)
  return risk
}

const special = [
  ['symmetric', written('abs(x)', -1n, 1n)],
  ['antisymmetric', written('x^3 - x', -1n, 1n)],
  ['kink on a breakpoint', written('max(x, 0)', -1n, 1n)],
  ['constant pieces', written('max(0, abs(x) - 1/2)', -1n, 1n)],
  ['constant', written('3', 0n, 1n)],
  ['affine', written('x', 0n, 1n)],
  ['a rational kink', written('x^2', 0n, 1n)],
  ['density', written('x^2', 0n, 1n, '1 + abs(x - 1/3)')],
  ['density with a zero', written('abs(x)', -1n, 1n, 'x^2')],
  // Mean zero, and beyond 1 the moments of order 0 and 1 vanish too: V = 0 for all right kinks before 1.
  [
    'identically flat',
    filed({ breakpoints: ['0', '1', '2'], pieces: ['0', '((x-3/2)^2 - 1/4) * ((x-3/2)^2 - 1/20)'] })
  ],
  // The mean is zero, and so are the moments of order 0 and 1 beyond 1/2: V and the kink equation vanish there together.
  ['flat kink inside a piece', written('240*x^3 - 408*x^2 + 198*x - 23', 0n, 1n)],
  // A symmetric target; its density has a breakpoint on one side only, so the tie is between different polynomials.
  [
    'tie across forms',
    filed({ breakpoints: ['-1', '0', '2/5', '1'], pieces: ['-x', 'x', 'x'], density: ['1', '1', '1'] })
  ],
  ['far from the origin', written('abs(x - 1000)', 999n, 1002n)]
] as const

type Fields = { readonly [field: string]: unknown }

const parse = (text: string) => JSON.parse(text) as { problem: Fields; claim: Fields; proof: { evidence: unknown } }

/** The certificate with another claim, and with the digests that belong to it. */
const claiming = (text: string, change: (claim: Fields) => Fields): string => {
  const { problem, claim, proof } = parse(text)
  return JSON.stringify(certificate(problem as Value, change(claim) as Value, proof.evidence as Value))
}

type Listed = { readonly [field: string]: unknown; readonly form: string; readonly risk: readonly [string, string] }

const withFunction = (text: string, index: number, change: (one: Listed) => Listed): string =>
  claiming(text, (claim) => ({
    ...claim,
    functions: (claim['functions'] as readonly Listed[]).map((one, i) => (i === index ? change(one) : one))
  }))

const shifted = ([lower, upper]: readonly [string, string], by: Rational): readonly [string, string] => {
  const move = (x: string) => toText(add(parseExact(x)!, by))
  return [move(lower), move(upper)]
}

/** Longer than the range: what was in it is outside now. */
const beyond = ([lower, upper]: readonly [string, string]): Rational =>
  add(subtract(parseExact(upper)!, parseExact(lower)!), rational(1n, 1000000n))

describe('critical lists', () => {
  test.each(special)('the certificate for a target that is %s is accepted', (_, risk) => {
    const outcome = checkDocument(certificateText(criticalCertificate(risk, 20)!))
    expect(outcome).toMatchObject({ outcome: 'accepted', claim: 'critical-functions' })
  })

  test('the certificates for random targets are accepted, and say what the list says', () => {
    fc.assert(
      fc.property(randomTargets(4, 4), fc.integer({ min: 1, max: 40 }), (target, digits) => {
        const risk = riskOf(target)
        const text = certificateText(criticalCertificate(risk, digits)!)
        expect(checkDocument(text)).toMatchObject({ outcome: 'accepted' })
        const list = criticalList(risk, digits)
        if (list.kind !== 'critical-list') throw new Error(list.reason)
        const functions = parse(text).claim['functions'] as readonly Listed[]
        expect(functions.map(({ form, type, global }) => ({ form, type, global }))).toEqual(
          list.realizations.map(({ form, type, global }) => ({ form, type, global }))
        )
        for (const [i, { risk: value, exact }] of list.realizations.entries()) {
          if (exact.risk === undefined) continue
          const [lower, upper] = functions[i]!.risk.map((x) => parseExact(x)!) as [Rational, Rational]
          const known = parseExact(exact.risk)!
          expect(compare(lower, known) <= 0 && compare(known, upper) <= 0, value).toBe(true)
        }
      }),
      { numRuns: 20 }
    )
  })

  test('no changed number, type or mark of a random list is accepted', () => {
    fc.assert(
      fc.property(randomTargets(3, 4), fc.nat(), (target, pick) => {
        const text = certificateText(criticalCertificate(riskOf(target), 12)!)
        const functions = parse(text).claim['functions'] as readonly Listed[]
        const index = pick % functions.length
        const one = functions[index]!
        const wrong: string[] = []
        for (const [name, value] of Object.entries(one)) {
          if (!Array.isArray(value)) continue
          const range = value as unknown as readonly [string, string]
          for (const by of [beyond(range), negate(beyond(range))]) {
            wrong.push(withFunction(text, index, (f) => ({ ...f, [name]: shifted(range, by) })))
          }
        }
        for (const type of ['local-minimum', 'saddle', 'degenerate']) {
          if (type !== one['type']) wrong.push(withFunction(text, index, (f) => ({ ...f, type })))
        }
        wrong.push(
          withFunction(text, index, (f) => ({ ...f, global: !f['global'] })),
          claiming(text, (claim) => ({ ...claim, functions: functions.filter((_, i) => i !== index) })),
          claiming(text, (claim) => ({
            ...claim,
            functions: functions.flatMap((f, i) => (i === index ? [f, f] : [f]))
          }))
        )
        for (const document of wrong) expect(checkDocument(document).outcome, document).toBe('rejected')
      }),
      { numRuns: 8 }
    )
  })

  test('are not certified for irrational breakpoints', () => {
    expect(criticalCertificate(written('abs(x^2 - 1/2)', 0n, 1n))).toBeUndefined()
  })

  test('one function has one problem text, however its pieces are cut', () => {
    const whole = riskDocument(written('abs(x)', -1n, 1n), 1)
    const cut = filed({ breakpoints: ['-1', '-1/3', '0', '2/5', '1'], pieces: ['-x', '-x', 'x', 'x'] })
    expect(riskDocument(cut, 1)).toEqual(whole)
  })
})

const rationals = (size: bigint) =>
  fc.tuple(fc.bigInt({ min: -size, max: size }), fc.bigInt({ min: 1n, max: 6n })).map(([p, q]) => rational(p, q))

describe('families', () => {
  test('of any interval, excess and width are accepted; another gap, bias or weight is not', () => {
    fc.assert(
      fc.property(
        rationals(20n),
        rationals(9n),
        rationals(2000n),
        fc.integer({ min: 2, max: 9 }),
        (a, length, delta, width) => {
          fc.pre(length.numerator !== 0n && delta.numerator !== 0n)
          const positive = (x: Rational): Rational => (x.numerator < 0n ? negate(x) : x)
          const family = infiniteFamily(a, add(a, positive(length)), positive(delta), width, familyParameters(3))
          const text = certificateText(familyCertificate(family))
          expect(checkDocument(text)).toMatchObject({ outcome: 'accepted', claim: 'equal-risk-minima' })
          const tiny = rational(1n, 1000000007n)
          const off = (x: unknown) => toText(add(parseExact(x as string)!, tiny))
          const inMember = (change: (one: { units: string[][]; c: string }) => unknown) =>
            claiming(text, (claim) => ({
              ...claim,
              minima: (claim['minima'] as { units: string[][]; c: string }[]).map((one, i) =>
                i === 1 ? change(one) : one
              )
            }))
          const wrong = [
            claiming(text, (claim) => ({ ...claim, gap: off(claim['gap']) })),
            claiming(text, (claim) => ({ ...claim, delta: claim['gap'] })),
            inMember((one) => ({ ...one, c: off(one.c) })),
            ...[0, 1, 2].map((k) =>
              inMember(({ units: [unit, ...dead], c }) => ({
                units: [unit!.map((x, i) => (i === k ? off(x) : x)), ...dead],
                c
              }))
            )
          ]
          for (const document of wrong) expect(checkDocument(document).outcome, document).toBe('rejected')
        }
      ),
      { numRuns: 20 }
    )
  })
})

describe('affine targets and parameters', () => {
  const lines = fc
    .tuple(rationals(8n), rationals(8n), rationals(5n), rationals(4n))
    .filter(([alpha, , , length]) => alpha.numerator !== 0n && length.numerator > 0n)
    .map(([alpha, beta, a, length]) => {
      const risk = riskFromExpression(`(${toText(alpha)})*x + (${toText(beta)})`, [a, add(a, length)])
      if (risk.kind === 'invalid') throw new Error(risk.message)
      return risk
    })

  test('the list of any affine target is accepted, with one more kink it is not', () => {
    fc.assert(
      fc.property(lines, fc.integer({ min: 1, max: 12 }), (risk, width) => {
        const text = certificateText(affineCertificate(risk, width)!)
        expect(checkDocument(text)).toMatchObject({ outcome: 'accepted', claim: 'affine-critical-functions' })
        const more = claiming(text, (claim) => ({
          ...claim,
          functions: [...(claim['functions'] as unknown[]), { form: 'zigzag', kinks: width + 2, risk: '1' }]
        }))
        expect(checkDocument(more).outcome).toBe('rejected')
      }),
      { numRuns: 30 }
    )
  })

  test('what is said of random parameters is accepted, and the opposite is not', () => {
    const unit = fc.tuple(rationals(3n), rationals(3n), rationals(3n)).map(([w, b, v]) => ({ w, b, v }))
    fc.assert(
      fc.property(
        fc.oneof(lines, randomTargets(2, 3).map(riskOf)),
        fc.array(unit, { minLength: 1, maxLength: 3 }),
        rationals(3n),
        fc.boolean(),
        (risk, units, c, centred) => {
          const network = { units, c: centred ? meanAround(risk, units) : c }
          const verdict = judgeParameters(risk, network)
          const made = pointCertificate(risk, network, verdict)
          expect(made).toBeDefined()
          const text = certificateText(made!)
          expect(checkDocument(text), text).toMatchObject({ outcome: 'accepted' })
          const other: Readonly<Record<string, string>> = {
            'local-minimum': 'saddle',
            saddle: 'local-minimum',
            'not-critical': 'value'
          }
          const kind = parse(text).claim['kind'] as string
          if (kind !== 'not-critical' && other[kind]) {
            const turned = claiming(text, (claim) => ({ ...claim, kind: other[kind] }))
            expect(checkDocument(turned).outcome).toBe('rejected')
          }
        }
      ),
      { numRuns: 60 }
    )
  })

  test('the types of units at an end, at the origin and dead are certified for any target', () => {
    fc.assert(
      fc.property(randomTargets(2, 3), rationals(3n), fc.nat(3), (target, v, shape) => {
        const [a, b] = [target.breakpoints[0]!.lower, target.breakpoints.at(-1)!.lower]
        const [one, zero] = [rational(1n), rational(0n)]
        const unit = [
          { w: one, b: negate(b), v },
          { w: negate(one), b: a, v },
          { w: zero, b: zero, v },
          { w: zero, b: negate(one), v }
        ][shape]!
        const risk = riskOf(target)
        const network = { units: [unit], c: meanAround(risk, [unit]) }
        const verdict = judgeParameters(risk, network)
        if (verdict.kind !== 'critical') throw new Error('not critical')
        const text = certificateText(pointCertificate(risk, network, verdict)!)
        expect(checkDocument(text), text).toMatchObject({ outcome: 'accepted' })
        const { claim } = parse(text)
        if (claim['kind'] === 'global-minimum') return
        expect(claim['kind']).toBe(verdict.type === 'saddle' ? 'saddle' : 'local-minimum')
        const kind = claim['kind'] === 'saddle' ? 'local-minimum' : 'saddle'
        expect(checkDocument(claiming(text, () => ({ ...claim, kind }))).outcome).toBe('rejected')
      }),
      { numRuns: 80 }
    )
  })

  /** With every unit dead, the best output bias; else some bias. */
  const meanAround = (risk: ContinuousRisk, units: readonly HingeUnit[]): Rational => {
    const at = judgeParameters(risk, { units, c: rational(0n) })
    if (at.kind !== 'not-critical' || at.gradient.c.exact === undefined) return rational(0n)
    // The derivative in c is 2 M (c - best c): linear, with slope 2 M.
    const one = judgeParameters(risk, { units, c: rational(1n) })
    const zero = parseExact(at.gradient.c.exact)!
    const there = one.kind === 'not-critical' ? parseExact(one.gradient.c.exact!)! : rational(0n)
    return divide(negate(zero), subtract(there, zero))
  }
})
