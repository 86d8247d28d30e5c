import { fromNumber, type Rational, rational } from '@nadir/arithmetic'
import {
  type ClaimKind,
  dataset,
  empiricalRisk,
  type Layer,
  leakyRelu,
  type Network,
  type Problem,
  parameterCount,
  relu,
  toExact,
  type Verdict
} from '@nadir/landscape'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { xmlFault } from './testing/well-formed.ts'
import { unitReport } from './unit-rows.ts'
import { verdictPage } from './verdict-page.ts'
import { verdictWords } from './verdict-words.ts'

const dense = (outputs: number, bias = true): Layer => ({ kind: 'dense', outputs, bias })
const float = (values: readonly number[]) => ({ kind: 'float', values: Float64Array.from(values) }) as const
const nothing: Verdict = {
  given: {
    claim: 'undecided',
    loss: undefined,
    approximateLoss: 0.5,
    reason: 'the network has 2 hidden layers',
    tryNext: 'train one'
  },
  settled: undefined,
  notSettled: { reason: 'the network has 2 hidden layers', tryNext: 'train one' },
  standing: { claim: 'open', witness: undefined, lowerBound: undefined },
  diagnosis: undefined,
  certificate: undefined,
  givenCertificate: undefined,
  milliseconds: { descent: 0, exact: 0, search: 0 }
}
const certificate = { format: 'nadir-certificate/1', problem: {}, claim: {}, proof: {} } as const

/** 1-1-1 ReLU on (3, 1), (5, 0): at w = 1/10, b = -3/10 the first sample is on the kink, which doubles do not see. */
const network: Network = { inputs: [1], layers: [dense(1), { kind: 'activation', activation: relu }, dense(1)] }
const problem = empiricalRisk({
  network,
  data: dataset([[rational(3n)], [rational(5n)]], [[rational(1n)], [rational(0n)]])
})
const exact = (...fractions: readonly Rational[]) =>
  ({
    kind: 'exact',
    tensors: fractions.map((f) => ({ denominator: f.denominator, numerators: [f.numerator] }))
  }) as const
const point = exact(rational(1n, 10n), rational(-3n, 10n), rational(0n), rational(1n, 2n))
const spurious: Verdict = {
  ...nothing,
  given: {
    ...nothing.given,
    claim: 'not-stationary',
    loss: rational(1n, 3n),
    approximateLoss: 1 / 3,
    reason: 'a step exists'
  },
  notSettled: undefined,
  settled: {
    claim: 'local-minimum',
    loss: rational(1n, 4n),
    reason: '',
    point,
    distance: 1e-9,
    drop: rational(1n, 12n),
    cell: 'boundary',
    kinks: 1,
    hops: 2,
    unknowns: 0,
    fixed: 0
  },
  standing: { claim: 'spurious', witness: { point, loss: rational(0n), source: 'search' }, lowerBound: rational(0n) },
  diagnosis: { dead: [], silent: [0], mergeable: [], samplesOnKinks: 1 },
  certificate,
  givenCertificate: certificate
}
const names = { title: 'm.onnx', data: 'd.csv', columns: { inputs: ['x'], targets: ['y'] } }

describe('the words of a verdict', () => {
  const lines = (verdict: Verdict) => {
    const { tone, headline, summary, panels } = verdictWords(problem, verdict)
    return [
      `[${tone}] ${headline}`,
      summary,
      ...panels.map((p) =>
        [p.title, p.claim, p.proved ? 'proved' : '-', p.loss?.value, ...(p.loss?.notes ?? []), ...p.lines].join(' | ')
      )
    ]
      .join('\n')
      .replaceAll('\u00a0', ' ')
  }

  it('spurious', () =>
    expect(lines(spurious)).toMatchInlineSnapshot(`
      "[bad] Training led to a spurious local minimum
      Proved: nothing near it is better, and yet the same network has parameters with loss 0 on the same data.
      Trained point: exactly as it is in the file | Not stationary | proved | 0.33333333 | exactly 1/3 | mean squared error 0.3333 | A step exists.
      Settled point: the exact point it leads to | Local minimum | proved | 0.25 | exactly 1/4 | mean squared error 0.25 | 0.08333 lower than the trained point (25 %). | How far: no parameter moves by more than 1 × 10⁻⁹; 2 times a sample changed sides on the way. | 1 pre-activation is exactly 0: the point lies on kinks, where a gradient alone decides nothing; the proof looks in all directions.
      Better point: can this network do better? | Yes: spurious | proved | 0 | exactly 0 | mean squared error 0 | 0.25 lower than the settled point (100 %). | Found by descent from other starting points."
    `))
  it('open', () =>
    expect(
      lines({
        ...spurious,
        standing: { claim: 'open', witness: undefined, lowerBound: rational(1n, 8n), wasSearched: true }
      })
    ).toMatchInlineSnapshot(`
      "[open] Training led to a local minimum
      Proved: nothing near it is better. Whether this network can do better elsewhere is open: the search found nothing, which proves nothing.
      Trained point: exactly as it is in the file | Not stationary | proved | 0.33333333 | exactly 1/3 | mean squared error 0.3333 | A step exists.
      Settled point: the exact point it leads to | Local minimum | proved | 0.25 | exactly 1/4 | mean squared error 0.25 | 0.08333 lower than the trained point (25 %). | How far: no parameter moves by more than 1 × 10⁻⁹; 2 times a sample changed sides on the way. | 1 pre-activation is exactly 0: the point lies on kinks, where a gradient alone decides nothing; the proof looks in all directions.
      Better point: can this network do better? | Open | - |  | Nothing better was found, which proves nothing. | No function at all gets below 0.125 (exactly 1/8): equal inputs have different targets."
    `))
  it('open, and nothing looked for', () =>
    expect(lines({ ...spurious, standing: { claim: 'open', witness: undefined, lowerBound: undefined } })).toMatch(
      /is open: nothing was looked for\.[\s\S]*Nothing better was looked for\./
    ))
  it('a global minimum that was given', () =>
    expect(
      lines({
        ...spurious,
        given: { ...spurious.given, claim: 'global-minimum', reason: 'the loss is 0' },
        settled: { ...spurious.settled!, claim: 'global-minimum', distance: 0, drop: rational(0n), kinks: 0 },
        standing: { claim: 'global-minimum', witness: undefined, lowerBound: undefined }
      })
    ).toMatchInlineSnapshot(`
      "[good] The trained point is a global minimum
      Proved: no parameters of this network have a smaller loss on these data.
      Trained point: exactly as it is in the file | Global minimum | proved | 0.33333333 | exactly 1/3 | mean squared error 0.3333 | The loss is 0.
      Settled point: the exact point it leads to | Global minimum | proved | 0.25 | exactly 1/4 | mean squared error 0.25 | It is the trained point itself. | No sample is on a kink of the network.
      Better point: can this network do better? | No: global minimum | proved |  | No parameters of this network have a smaller loss on these data."
    `))
  it('undecided', () =>
    expect(lines(nothing)).toMatchInlineSnapshot(`
    "[open] Nothing could be proved of this point
    What is missing: the network has 2 hidden layers. What to try: train one.
    Trained point: exactly as it is in the file | Undecided | - | 0.5 | in doubles, not proved | mean squared error 0.5
    Settled point: the exact point it leads to | Undecided | - |  | Not known, for the same reason.
    Better point: can this network do better? | Open | - |  | Asked only of a proved minimum, and there is none yet."
  `))
  it('proved only of the given point', () =>
    expect(
      lines({
        ...spurious,
        settled: undefined,
        notSettled: { reason: 'no way', tryNext: 'another' },
        standing: nothing.standing
      })
    ).toMatchInlineSnapshot(`
      "[bad] The trained point is not stationary
      Proved: a step exists. Where it leads is undecided: no way.
      Trained point: exactly as it is in the file | Not stationary | proved | 0.33333333 | exactly 1/3 | mean squared error 0.3333 | A step exists.
      Settled point: the exact point it leads to | Undecided | - |  | What is missing: no way. | What to try: another.
      Better point: can this network do better? | Open | - |  | Asked only of a proved minimum, and there is none yet."
    `))
})

describe('units', () => {
  it('samples on the kink are decided exactly', () => {
    expect(unitReport(problem, point, spurious.diagnosis)).toMatchObject({
      exact: true,
      rows: [{ active: 1, onKink: 1, distances: [expect.closeTo(2, 12)], remarks: ['silent: outgoing weight 0'] }]
    })
    // The same parameters rounded to doubles are another point, and it is not on the kink.
    expect(unitReport(problem, float([0.1, -0.3, 0, 0.5]), undefined).rows[0]!.onKink).toBe(0)
  })

  it('two hidden layers: by layer, in doubles', () => {
    const deep = empiricalRisk({
      network: {
        inputs: [1],
        layers: [
          dense(2),
          { kind: 'activation', activation: relu },
          dense(1),
          { kind: 'activation', activation: relu },
          dense(1)
        ]
      },
      data: problem.data
    })
    const report = unitReport(deep, float([1, -1, -4, 2, 1, 1, 0, 7, 0]), undefined)
    expect(report).toMatchObject({ exact: false, layers: 2 })
    expect(report.rows.map((r) => [r.layer, r.unit, r.active, r.remarks.length])).toEqual([
      [1, 0, 1, 0],
      [1, 1, 0, 1],
      [2, 0, 1, 0]
    ])
  })
})

/** Problems, points and verdicts of any shape: not true ones, the page must stand them all. */
const number = fc.oneof(
  fc.double({ min: -3, max: 3, noNaN: true }),
  fc.integer({ min: -2, max: 2 }),
  fc.constantFrom(0, 1e300, -1e-300)
)
const fraction = fc.tuple(fc.bigInt(-9n, 9n), fc.bigInt(1n, 9n)).map(([p, q]) => rational(p, q))
const layers = (m: number) =>
  fc
    .array(
      fc.record({
        units: fc.integer({ min: 1, max: 4 }),
        activation: fc.constantFrom(relu, leakyRelu(), { kind: 'smooth', name: 'tanh' } as const),
        bias: fc.boolean()
      }),
      { maxLength: 2 }
    )
    .map((hidden): Layer[] => [
      ...hidden.flatMap(({ units, activation, bias }): Layer[] => [
        dense(units, bias),
        { kind: 'activation', activation }
      ]),
      dense(m)
    ])
const problems: fc.Arbitrary<Problem> = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 5 }))
  .chain(([d, m, n]) => {
    const rows = (width: number) =>
      fc.array(fc.array(fraction, { minLength: width, maxLength: width }), { minLength: n, maxLength: n })
    return fc
      .record({
        layers: layers(m),
        X: rows(d),
        Y: rows(m),
        loss: fc.constantFrom('squared' as const, 'absolute' as const, 'logistic' as const)
      })
      .map(({ layers, X, Y, loss }) => empiricalRisk({ network: { inputs: [d], layers }, data: dataset(X, Y), loss }))
  })
const claim = fc.constantFrom<ClaimKind>(
  'global-minimum',
  'local-minimum',
  'saddle',
  'not-a-local-minimum',
  'not-stationary',
  'no-minimum',
  'nearly-global',
  'undecided'
)
const hostile = fc.string({
  unit: fc.constantFrom('<script>', '</title>', '"', "'", '&', ']]>', '--', '\u0000', '\u202e', 'é', ' ', '<', '/')
})

const parts = problems.chain((problem) => {
  const points = fc
    .array(number, { minLength: parameterCount(problem.network), maxLength: parameterCount(problem.network) })
    .map(float)
  const settled = fc.record({
    claim,
    loss: fraction,
    reason: hostile,
    point: points.map((p) => toExact(problem.network, p)),
    distance: number.map(Math.abs),
    drop: fraction,
    cell: fc.constantFrom('interior' as const, 'boundary' as const),
    kinks: fc.nat(3),
    hops: fc.nat(3),
    unknowns: fc.nat(3),
    fixed: fc.nat(3)
  })
  const maybe = <T>(a: fc.Arbitrary<T>) => fc.option(a, { nil: undefined })
  const verdict: fc.Arbitrary<Verdict> = fc.record({
    given: fc.record({
      claim,
      loss: maybe(fraction),
      approximateLoss: fc.oneof(number, fc.double()),
      reason: hostile,
      tryNext: hostile
    }),
    settled: maybe(settled),
    notSettled: maybe(fc.record({ reason: hostile, tryNext: hostile })),
    standing: fc.record({
      claim: fc.constantFrom('spurious' as const, 'global-minimum' as const, 'open' as const),
      witness: maybe(
        fc.record({
          point: points.map((p) => toExact(problem.network, p)),
          loss: fc.oneof(fraction, number.map(fromNumber)),
          source: hostile
        })
      ),
      lowerBound: maybe(fraction)
    }),
    diagnosis: maybe(fc.constant({ dead: [0], silent: [0], mergeable: [[0, 1] as const], samplesOnKinks: 1 })),
    certificate: maybe(fc.constant(certificate)),
    givenCertificate: maybe(fc.constant(certificate)),
    milliseconds: fc.constant(nothing.milliseconds)
  })
  return fc.record({
    problem: fc.constant(problem),
    verdict,
    title: hostile,
    data: hostile,
    columns: fc.record({ inputs: fc.array(hostile), targets: fc.array(hostile) }),
    trained: points
  })
})

describe('the page', () => {
  it('is well-formed, without NaN and without anything that runs or loads, whatever the verdict and the names', () => {
    fc.assert(
      fc.property(parts, fc.boolean(), (all, withTrained) => {
        const { trained, ...rest } = all
        const html = verdictPage(withTrained ? all : rest)
        expect(xmlFault(html)).toBeUndefined()
        expect(html).not.toMatch(/NaN|Infinity|undefined|<script|src=|url\(|@import|\son\w+=/i)
        for (const [, href] of html.matchAll(/href="([^"]*)"/g)) expect(href).toMatch(/^[a-z-]+\.(json|onnx)$/)
      }),
      { numRuns: 150 }
    )
  })

  it('shows hostile names as text', () => {
    const title = '"><img src=x onerror=alert(1)>.onnx'
    const html = verdictPage({
      problem,
      verdict: spurious,
      title,
      data: "a'; rm -rf ~ #.csv",
      columns: { inputs: ['</text><script>'], targets: ['<b>&amp;</b>'] }
    })
    expect(html).toContain('&quot;&gt;&lt;img src=x onerror=alert(1)&gt;.onnx: 1-1-1 relu')
    expect(html).not.toMatch(/<img|<script|<b>/)
    expect(html).toContain('--target &#39;&lt;b&gt;&amp;amp;&lt;/b&gt;&#39;')
  })

  it('names the files that were written, and no others', () => {
    const files = (verdict: Verdict) =>
      [...verdictPage({ problem, verdict, ...names }).matchAll(/href="([^"]*)"/g)].map((m) => m[1])
    expect(files(spurious)).toEqual([
      'certificate.json',
      'given-certificate.json',
      'model.onnx',
      'improved.onnx',
      'verdict.json'
    ])
    expect(files({ ...spurious, betterCertificate: spurious.certificate })).toContain('better-certificate.json')
    expect(files(nothing)).toEqual(['verdict.json'])
  })
})
