import { fromNumber, rational, toNumber, zero } from '@nadir/arithmetic'
import { parseNetwork } from '@nadir/formats'
import { symmetricEigenvalues } from '@nadir/kernels'
import {
  asLayered,
  type Certificate,
  certificateText,
  certify,
  dataset,
  denseCurvature,
  empiricalRisk,
  evaluate,
  initialise,
  type Problem,
  randomStream
} from '@nadir/landscape'
import fc from 'fast-check'
import { checkDocument } from 'nadir-checker'
import { expect, test } from 'vitest'

const accepts = (certificate: Certificate) => checkDocument(certificateText(certificate)).outcome === 'accepted'

/** What is left of errors when all that the outputs can make of small steps of the parameters is taken away, by differences. */
function orthogonal(errors: Float64Array, outputs: (theta: Float64Array) => Float64Array, theta: Float64Array) {
  const basis: Float64Array[] = []
  const without = (v: Float64Array): Float64Array =>
    basis.reduce((rest, b) => {
      const share = rest.reduce((sum, x, r) => sum + x * b[r]!, 0)
      return rest.map((x, r) => x - share * b[r]!)
    }, v)
  for (const k of theta.keys()) {
    const [up, down] = [1e-6, -1e-6].map((step) => outputs(theta.map((t, j) => (j === k ? t + step : t))))
    const column = up!.map((f, r) => (f - down![r]!) / 2e-6)
    const rest = without(without(column))
    const length = Math.hypot(...rest)
    if (length > 1e-6 * Math.hypot(...column)) basis.push(rest.map((x) => x / length))
  }
  return without(without(errors))
}

/** A network, parameters of chance, and targets that miss its outputs by errors of this size, all but orthogonal to what the outputs can make. */
function planted(shape: string, activation: string, decay: bigint, size: number, seed: number) {
  const random = randomStream(seed)
  const network = parseNetwork(`${shape} ${activation}`)
  const rows = Array.from({ length: 40 }, () => Float64Array.from([2 * random() - 1, 2 * random() - 1]))
  const theta = initialise(network, random).map((t) => t + 0.5 * (random() - 0.5))
  const outputs = (at: Float64Array) => Float64Array.from(rows.flatMap((row) => Array.from(evaluate(network, at, row))))
  const f = outputs(theta)
  const errors = orthogonal(
    f.map(() => 2 * size * (random() - 0.5)),
    outputs,
    theta
  )
  const m = f.length / rows.length
  const problem = empiricalRisk({
    network,
    data: dataset(
      rows.map((row) => Array.from(row, fromNumber)),
      rows.map((_, i) => Array.from({ length: m }, (_, o) => fromNumber(f[i * m + o]! - errors[i * m + o]!)))
    ),
    reduction: 'mean',
    weightDecay: decay === 0n ? zero : rational(1n, decay)
  })
  return { problem, theta }
}

/** Stopped at once, so that nothing is known of where the parameters lead. */
const movedAt = (problem: Problem, values: Float64Array) =>
  certify(problem, { kind: 'float', values }, { accepts, interrupted: () => true })

test('points with small errors are critical for moved targets; a minimum or a saddle as doubles see it', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.constantFrom('2-3-1 tanh', '2-2-2-1 relu', '2-2-2-1 leaky-relu:1/10', '2-2-2 softplus', '2-2-2-1 sine'),
      fc.constantFrom(1e-4, 5),
      (seed, shapeAndName, size) => {
        const [shape, name] = shapeAndName.split(' ') as [string, string]
        const { problem, theta } = planted(shape, name, 0n, size, seed)
        const { movedTargets, given, settled } = movedAt(problem, theta)
        if (!movedTargets) return
        expect(settled).toBeUndefined()
        expect(['undecided', 'not-stationary']).toContain(given.claim)
        const { claim, change, certificate } = movedTargets
        const outcome = checkDocument(certificateText(certificate))
        if (outcome.outcome !== 'accepted') throw new Error(outcome.outcome)
        expect(outcome.claim).toBe(`${claim}-for-moved-targets`)
        expect(outcome.statement).toMatch(/changed data/)
        expect(toNumber(change)).toBeLessThan(size)
        if (toNumber(change) > 1e-5) return
        const layered = asLayered(problem.network)
        if (layered.kind !== 'layered') throw new Error('dense')
        const hessian = denseCurvature(problem, layered, theta, 'hessian')
        const values = symmetricEigenvalues(hessian, theta.length)
        // Such small moves change the signs of small eigenvalues only.
        if (values[0]! < -1e-3) expect(claim).not.toBe('local-minimum')
        if (claim === 'saddle') expect(values[0]).toBeLessThan(1e-3)
      }
    ),
    { numRuns: 24 }
  )
})

test('small errors leave minima, large ones saddles', () => {
  const claims = (size: number) =>
    [1, 2, 3].map((seed) => {
      const { problem, theta } = planted('2-3-1', 'tanh', 0n, size, seed)
      return movedAt(problem, theta).movedTargets?.claim
    })
  expect(claims(1e-4)).toContain('local-minimum')
  expect(claims(5)).toContain('saddle')
})

test('with weight decay a smooth network has moved targets, rectifiers have none', () => {
  const smooth = planted('2-3-1', 'tanh', 10_000_000n, 0.1, 3)
  expect(movedAt(smooth.problem, smooth.theta).movedTargets).toBeDefined()
  const rectifiers = planted('2-3-1', 'relu', 10_000_000n, 0.1, 3)
  expect(movedAt(rectifiers.problem, rectifiers.theta).movedTargets).toBeUndefined()
})

test('nothing is said where something is proved of the own data, for other losses, or without a checker', () => {
  const { problem, theta } = planted('2-3-1', 'tanh', 100n, 0.1, 5)
  const values = theta
  const led = certify(problem, { kind: 'float', values }, { accepts })
  expect(led.settled?.claim).toBe('local-minimum')
  expect(led.movedTargets).toBeUndefined()
  expect(certify(problem, { kind: 'float', values }).movedTargets).toBeUndefined()
  expect(movedAt({ ...problem, loss: 'absolute' }, values).movedTargets).toBeUndefined()
})
