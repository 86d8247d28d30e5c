import { rational, toNumber, zero } from '@nadir/arithmetic'
import { symmetricEigen } from '@nadir/kernels'
import {
  type Certificate,
  certificateText,
  certify,
  dataset,
  empiricalRisk,
  initialise,
  lbfgs,
  type Network,
  objective,
  type Problem,
  randomStream,
  toFloat,
  type Verdict
} from '@nadir/landscape'
import fc from 'fast-check'
import { checkDocument } from 'nadir-checker'
import { expect, test } from 'vitest'

/*
 * Where linear networks with a bottleneck, or with weight decay, are led to: global up to a proved gap, or the reason why not.
 */

const accepts = (certificate: Certificate) => checkDocument(certificateText(certificate)).outcome === 'accepted'

const linear = (sizes: readonly number[], bias: boolean): Network => ({
  inputs: [sizes[0]!],
  layers: sizes.slice(1).map((outputs) => ({ kind: 'dense', outputs, bias }))
})

interface Drawn {
  readonly sizes: readonly number[]
  readonly bias: boolean
  readonly seed: number
}

const drawn = (hidden: fc.Arbitrary<readonly number[]>): fc.Arbitrary<Drawn> =>
  fc.record({
    sizes: fc
      .tuple(fc.integer({ min: 2, max: 3 }), hidden, fc.integer({ min: 2, max: 3 }))
      .map(([d, widths, m]) => [d, ...widths, m]),
    bias: fc.boolean(),
    seed: fc.integer({ min: 1, max: 1e6 })
  })

/** Twelve samples of chance, in tenths. */
function problemOf({ sizes, bias, seed }: Drawn, decay: bigint): Problem {
  const random = randomStream(seed)
  const rows = (width: number) =>
    Array.from({ length: 12 }, () =>
      Array.from({ length: width }, () => rational(BigInt(Math.round(40 * random() - 20)), 10n))
    )
  const data = dataset(rows(sizes[0]!), rows(sizes.at(-1)!))
  const weightDecay = decay === 0n ? zero : rational(1n, decay)
  return empiricalRisk({ network: linear(sizes, bias), data, weightDecay })
}

function trained(problem: Problem, seed: number): Verdict {
  const theta = initialise(problem.network, randomStream(seed))
  lbfgs(objective(problem), theta, { iterations: 500 })
  const verdict = certify(
    problem,
    { kind: 'float', values: theta },
    { accepts, searchTime: 1, now: () => performance.now() }
  )
  for (const certificate of [verdict.certificate, verdict.givenCertificate])
    if (certificate) expect(accepts(certificate)).toBe(true)
  return verdict
}

/** The claim of the certificate, in doubles. */
function bounds({ certificate }: Verdict): { readonly loss: number; readonly bound: number } {
  const { kind, loss, bound } = certificate!.claim as { kind: string; loss: string; bound: string }
  expect(kind).toBe('lower-bound')
  const number = (text: string) => {
    const [n, d] = text.split('/')
    return toNumber(rational(BigInt(n!), BigInt(d ?? 1)))
  }
  return { loss: number(loss), bound: number(bound) }
}

/** The least loss of maps of rank 1, from the eigenvalues of the matrix of moments in doubles; a slow twin in other words: power iteration on S. */
function leastOfRankOne({ data, network }: Problem): number {
  const { samples: n, inputCount: d, targetCount: m } = data
  const withBias = network.layers.some((layer) => layer.kind === 'dense' && layer.bias)
  const column = (values: Float64Array, width: number, k: number) => {
    const all = Array.from({ length: n }, (_, i) => values[i * width + k]!)
    const mean = withBias ? all.reduce((sum, x) => sum + x, 0) / n : 0
    return all.map((x) => x - mean)
  }
  const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, k) => sum + x * b[k]!, 0)
  // An orthonormal basis of the inputs by Gram-Schmidt, twice.
  const basis: number[][] = []
  for (let k = 0; k < d; k++) {
    let v = column(data.approximateInputs, d, k)
    const size = Math.sqrt(dot(v, v))
    for (let again = 0; again < 2; again++)
      for (const b of basis) {
        const along = dot(v, b)
        v = v.map((x, i) => x - along * b[i]!)
      }
    const rest = Math.sqrt(dot(v, v))
    if (rest > 1e-9 * size) basis.push(v.map((x) => x / rest))
  }
  const targets = Array.from({ length: m }, (_, o) => column(data.approximateTargets, m, o))
  const seen = targets.map((y) => basis.map((b) => dot(y, b)))
  const { values } = symmetricEigen(Float64Array.from(seen.flatMap((a) => seen.map((b) => dot(a, b)))), m)
  return (targets.reduce((sum, y) => sum + dot(y, y), 0) - Math.max(...values)) / 2
}

test('with a bottleneck of one unit descent leads to the best map of rank 1, up to a proved gap', () => {
  let near = 0
  const hidden = fc.constantFrom([1], [2, 1], [1, 3])
  fc.assert(
    fc.property(drawn(hidden), (draw) => {
      const problem = problemOf(draw, 0n)
      const verdict = trained(problem, draw.seed)
      if (verdict.settled?.claim !== 'nearly-global') return
      near++
      const { loss, bound } = bounds(verdict)
      expect(bound).toBeLessThanOrEqual(loss)
      expect(loss - bound).toBeLessThan(2e-9 * loss)
      const least = leastOfRankOne(problem)
      expect(Math.abs(loss - least)).toBeLessThan(1e-7 * loss)
      expect(toNumber(verdict.settled.within!.lower)).toBeCloseTo(bound, 10)
    }),
    { numRuns: 15 }
  )
  expect(near).toBeGreaterThan(7)
})

test('two layers with weight decay lead to the least loss of any width, up to a proved gap', () => {
  let near = 0
  fc.assert(
    fc.property(drawn(fc.constantFrom([3], [4])), fc.constantFrom(1n, 10n, 100n), (draw, decay) => {
      const verdict = trained(problemOf(draw, decay), draw.seed)
      if (verdict.settled?.claim !== 'nearly-global') return
      near++
      const { loss, bound } = bounds(verdict)
      expect(bound).toBeLessThanOrEqual(loss)
      expect(loss - bound).toBeLessThan(2e-9 * loss)
    }),
    { numRuns: 12 }
  )
  expect(near).toBeGreaterThan(5)
})

const diagonal = (values: readonly number[], hidden: readonly number[], decay: bigint): Problem => {
  const rows = (entry: (i: number) => number) =>
    values.map((_, i) => values.map((__, k) => rational(BigInt(i === k ? entry(i) : 0))))
  const data = dataset(
    rows(() => 1),
    rows((i) => values[i]!)
  )
  const network = linear([values.length, ...hidden, values.length], false)
  return empiricalRisk({ network, data, weightDecay: decay === 0n ? zero : rational(1n, decay) })
}
const certified = (problem: Problem, values: readonly number[]): Verdict =>
  certify(problem, { kind: 'float', values: Float64Array.from(values) }, { accepts })

test('a saddle of a bottleneck is left for the best map', () => {
  const problem = diagonal([2, 1], [1], 0n)
  const { given, settled } = certified(problem, [0, 1, 0, 1])
  expect([given.claim, toNumber(given.loss!)]).toEqual(['saddle', 2])
  expect(settled?.claim).toBe('nearly-global')
  expect(toNumber(settled!.loss)).toBeCloseTo(0.5, 12)
})

test('a saddle where no layer alone reaches the best map is left for it all the same, exactly', () => {
  const { given, settled, standing } = certified(diagonal([2, 1], [2, 2], 0n), new Array<number>(12).fill(0))
  expect([given.claim, settled?.claim, standing.claim]).toEqual(['saddle', 'global-minimum', 'global-minimum'])
  expect(settled!.loss).toEqual(zero)
})

test('too few units with weight decay: a minimum nearby, though the units turn into each other', () => {
  const two = certified(diagonal([5, 4, 3], [2], 1n), [2, 0.1, 0, 0, 2, 0.1, 2, 0, 0.1, 2, 0, 0])
  expect([two.settled?.claim, two.settled?.within !== undefined]).toEqual(['local-minimum', true])
  // The singular values 5 and 4 lose 1 each and pay 1 for each that is left; 3 is lost.
  expect(toNumber(two.settled!.loss)).toBeCloseTo((1 + 1 + 9) / 2 + 4 + 3, 12)
})

test('three and more layers with weight decay lead to a minimum nearby, and nothing beside it is lower', () => {
  let proved = 0
  fc.assert(
    fc.property(drawn(fc.constantFrom([2, 2], [3, 1], [2, 3, 2])), (draw) => {
      const problem = problemOf(draw, 10n)
      const { settled } = trained(problem, draw.seed)
      if (settled?.claim !== 'local-minimum') return
      proved++
      const centre = toFloat(settled.point).values
      const risk = objective(problem)
      const random = randomStream(draw.seed)
      for (let k = 0; k < 50; k++) {
        const beside = centre.map((x) => x + 1e-5 * (random() - 0.5))
        const loss = risk.evaluate(beside, new Float64Array(beside.length))
        expect(loss).toBeGreaterThan(toNumber(settled.within!.lower) - 1e-13 * loss)
      }
    }),
    { numRuns: 12 }
  )
  expect(proved).toBeGreaterThan(5)
})
